#include <algorithm>
#include <map>

#include "dynapse_host.h"
#include "rockpool/dynapse/routing.h"
#include "rockpool/error.h"

using namespace dynapse_test;
using rockpool::CsrSpan;

namespace {

struct Connection {
  std::size_t pre, post;
  double count;
};

struct Sparse {
  std::size_t rows;
  std::vector<double> indptr, data;
  std::vector<std::int32_t> indices;

  Sparse(std::size_t size, std::vector<Connection> list) : rows(size) {
    std::ranges::sort(list, [](const auto& a, const auto& b) { return std::pair{a.pre, a.post} < std::pair{b.pre, b.post}; });
    indptr.assign(rows + 1, 0.0);
    for (const auto& [pre, post, count] : list) {
      for (std::size_t i = pre + 1; i <= rows; ++i) indptr[i] += 1.0;
      indices.push_back(static_cast<std::int32_t>(post));
      data.push_back(count);
    }
  }
  CsrSpan span() const { return {rows, kBoardNeurons, indptr, indices, data}; }
};

const std::vector<std::uint8_t> kFast{3}, kSlow{2}, kShunt{1};

BoardImage place(const BoardImage& before, const Sparse& rec, const std::optional<CsrSpan>& ext = {},
                 const std::vector<std::uint8_t>& exc = kSlow) {
  return place_connections(before, {rec.span(), ext, exc, kShunt, Synapse::kFastExc, Synapse::kFastInh});
}

std::map<unsigned, int> cells_of(const BoardImage& image, unsigned neuron) {
  std::map<unsigned, int> count;
  for (unsigned k = 0; k < kCams; ++k)
    if (const auto entry = image.cams[neuron * kCams + k]; entry != 0) ++count[entry];
  return count;
}

std::string code_of(const Sparse& rec, const std::vector<std::uint8_t>& exc = kSlow) {
  try {
    place(cleared_image(), rec, {}, exc);
  } catch (const rockpool::Error& error) {
    return error.code();
  }
  return "";
}

}  // namespace

TEST_CASE("dynapse routing: connections become synapses and routes") {
  const Sparse rec(4096, {{5, 9, 3}, {5, 10, -2}, {5, 1024 + 300, 1}, {5, 1024 + 600, 1}, {2048 + 7, 9, 1}});
  const Sparse ext(1024, {{600, 9, -4}});
  const auto image = place(cleared_image(), rec, ext.span());
  CHECK(cells_of(image, 9) == std::map<unsigned, int>{{5 | 2 << 10, 3}, {7 | 2 << 10, 1}, {600 | 1 << 10, 4}});
  CHECK(cells_of(image, 10) == std::map<unsigned, int>{{5 | 1 << 10, 2}});
  CHECK(image.srams[5 * 4] == monitor_route(0, 5));
  CHECK(image.srams[5 * 4 + 1] == route(0, 5, 1, 0, 0, 0b0001));
  CHECK(image.srams[5 * 4 + 2] == route(0, 5, 2, 0, 1, 0b0110));
  CHECK(image.srams[5 * 4 + 3].cores == 0);
  CHECK(image.srams[(2048 + 7) * 4 + 1] == route(2, 7, 1, 0, 0, 0b0001));
}

TEST_CASE("dynapse routing: only what differs is sent, and what stays keeps its place") {
  const auto first = place(cleared_image(), {4096, {{5, 9, 2}, {6, 9, 1}, {7, 9, 1}}});
  CHECK(image_words(cleared_image(), first, 0).size() == 4 + 3);
  CHECK(image_words(cleared_image(), first, 1).empty());
  CHECK(image_words(first, first, 0).empty());
  const auto second = place(first, {4096, {{5, 9, 2}, {7, 9, 1}, {8, 9, 1}}});
  const auto words = image_words(first, second, 0);
  CHECK(words.size() == 3);  // one cell from 6 to 8, a route less and a route more
  CHECK(second.cams[9 * 64] == first.cams[9 * 64]);
  const auto none = place(second, {4096, {}});
  CHECK(none.cams == cleared_image().cams);
  CHECK(none.srams == cleared_image().srams);
}

TEST_CASE("dynapse routing: the limits of the hardware") {
  CHECK(code_of({4096, {{5, 9, 64}}}).empty());
  CHECK(code_of({4096, {{5, 9, 65}}}) == "ERR_FAN_IN");
  CHECK(code_of({4096, {{5, 1, 1}, {5, 1025, 1}, {5, 2049, 1}, {5, 3073, 1}}}) == "ERR_FAN_OUT");
  CHECK(code_of({4096, {{5, 1, 1}, {1029, 2, 1}}}) == "ERR_ALIASING");
  CHECK(code_of({4096, {{1024, 1, 1}}}) == "ERR_VALUE");
  CHECK(code_of({4096, {{5, 1, 0.5}}}) == "ERR_VALUE");
  CHECK(code_of({4096, {{5, 1, 1}}}, {1}) == "ERR_VALUE");
  CHECK(code_of({4096, {{5, 1, 1}}}, {2, 3}) == "ERR_SHAPE");
}

TEST_CASE("dynapse routing: the board delivers what was connected") {
  BoardModel board;
  Host host{board};
  host.start();
  const Sparse rec(4096, {{5, 9, 3}, {5, 1024 + 300, 1}, {5, 3072 + 600, 2}, {1024 + 700, 9, -5}});
  const auto image = place(cleared_image(), rec, {}, kFast);
  // The model starts from memories of zeros, so the monitor routes are sent as well.
  BoardImage zero = cleared_image();
  for (SramWord& word : zero.srams) {
    const SramWord old = word;
    word = SramWord{};
    word.neuron = old.neuron, word.cell = old.cell;
  }
  for (unsigned chip = 0; chip < kChips; ++chip) CHECK(host.send(chip, image_words(zero, image, chip)) == 0);
  for (unsigned neuron = 0; neuron < kBoardNeurons; ++neuron)
    for (unsigned cell = 0; cell < kSrams; ++cell) REQUIRE(board.sram(neuron, cell) == image.srams[neuron * kSrams + cell]);
  board.fire(5);
  CHECK(board.counters().synaptic_events == 3 + 1 + 2);
  board.fire(1024 + 700);
  CHECK(board.counters().synaptic_events == 3 + 1 + 2 + 5);
  board.advance(10);
  CHECK(spikes_of(host.words()) == std::vector<Spike>{{0, 5}, {0, 1024 + 700}});
}
