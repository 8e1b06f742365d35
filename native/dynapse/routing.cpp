#include "rockpool/dynapse/routing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "rockpool/dynapse/connectivity.h"
#include "rockpool/error.h"

namespace rockpool::dynapse {

namespace {

constexpr unsigned kTypeShift = 10;

/// A synapse that a neuron should have.
struct Wanted {
  std::uint32_t post;
  std::uint16_t entry;
  auto operator<=>(const Wanted&) const = default;
};

[[noreturn]] void refuse(const char* code, const std::string& what, const std::string& got) {
  throw Error(ErrorKind::kRange, code, "expected connections with " + what + ", received " + got);
}

void check_limits(const BoardConnections& c) {
  const ConnectivityReport found = check_connectivity(c.recurrent, c.external, 1.0);
  if (!found.fan_in.empty())
    refuse("ERR_FAN_IN", "at most 64 synapses at each neuron", "more at neuron " + to_text(found.fan_in[0]));
  if (!found.fan_out.empty())
    refuse("ERR_FAN_OUT", "targets of each neuron on at most 3 chips", "more from neuron " + to_text(found.fan_out[0]));
  if (!found.aliases.empty())
    refuse("ERR_ALIASING", "one source for each number within a chip at each core",
           "several of number " + to_text(found.aliases[0].name) + " at core " + to_text(found.aliases[0].core));
}

bool excites(unsigned type) {
  return type == static_cast<unsigned>(Synapse::kFastExc) || type == static_cast<unsigned>(Synapse::kSlowExc);
}

void check_type(unsigned type, bool excitatory) {
  if (type > 3 || excites(type) != excitatory)
    throw_range(excitatory ? "excitatory" : "inhibitory", excitatory ? "2 (slow) or 3 (fast)" : "0 (slow) or 1 (fast)",
                to_text(type));
}

template <typename TypeOf>
void collect(const CsrSpan& m, const std::string& what, TypeOf type_of, std::vector<Wanted>& wanted) {
  for (std::size_t i = 0; i < m.rows; ++i)
    for (auto k = static_cast<std::size_t>(m.indptr[i]); k < static_cast<std::size_t>(m.indptr[i + 1]); ++k) {
      const double count = m.data.size() == 1 ? m.data[0] : m.data[k];
      if (count == 0.0) continue;
      if (count != std::trunc(count)) throw_range(what, "whole numbers of synapses", to_text(count));
      const std::size_t source = i % kChipNeurons;
      if (source == 0)
        throw_range(what, "none from number 0 of a chip, to which empty cells listen", "some from " + to_text(i));
      const unsigned type = type_of(i, count > 0.0);
      check_type(type, count > 0.0);
      const auto entry = static_cast<std::uint16_t>(source | type << kTypeShift);
      wanted.insert(wanted.end(), static_cast<std::size_t>(std::abs(count)), {static_cast<std::uint32_t>(m.indices[k]), entry});
    }
}

/// Fills the cells of one neuron; both lists are sorted or small.
void place_cams(std::span<std::uint16_t> cells, std::span<const Wanted> wanted) {
  std::vector<bool> placed(wanted.size(), false);
  for (std::uint16_t& cell : cells) {
    auto at = std::ranges::lower_bound(wanted, cell, {}, &Wanted::entry);
    while (at != wanted.end() && at->entry == cell && placed[static_cast<std::size_t>(at - wanted.begin())]) ++at;
    if (cell != 0 && at != wanted.end() && at->entry == cell)
      placed[static_cast<std::size_t>(at - wanted.begin())] = true;
    else
      cell = 0;
  }
  auto free = cells.begin();
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    if (placed[k]) continue;
    free = std::find(free, cells.end(), std::uint16_t{0});
    ROCKPOOL_INVARIANT(free != cells.end());
    *free = wanted[k].entry;
  }
}

/// Routes of one neuron to the cores of chips, in cells 1 to 3.
void place_routes(unsigned neuron, std::span<SramWord> cells, std::array<std::uint8_t, kChips> cores) {
  const unsigned chip = neuron / kChipNeurons;
  const auto address = static_cast<std::uint16_t>(neuron % kChipNeurons);
  const auto core = static_cast<std::uint8_t>(address / kCoreNeurons);
  const auto make = [&](std::size_t cell, unsigned to) {
    cells[cell] = route(chip, address, static_cast<std::uint8_t>(cell), core, to, cores[to]);
    cores[to] = 0;
  };
  std::array<bool, kSrams> used{true};
  for (std::size_t cell = 1; cell < kSrams; ++cell) {
    const RouteEnd end = cells[cell].cores != 0 ? route_end(chip, cells[cell]) : RouteEnd{};
    if (!end.chip || cores[*end.chip] == 0) continue;
    make(cell, *end.chip);
    used[cell] = true;
  }
  for (std::size_t cell = 1; cell < kSrams; ++cell) {
    if (used[cell]) continue;
    const auto next = static_cast<unsigned>(std::ranges::find_if(cores, [](std::uint8_t c) { return c != 0; }) - cores.begin());
    if (next < kChips) {
      make(cell, next);
    } else {
      cells[cell] = SramWord{};
      cells[cell].neuron = address;
      cells[cell].cell = static_cast<std::uint8_t>(cell);
    }
  }
}

void check_image(const BoardImage& image) {
  if (image.cams.size() != std::size_t{kBoardNeurons} * kCams || image.srams.size() != std::size_t{kBoardNeurons} * kSrams)
    throw_shape("image", "64 input synapses and 4 routes for each of 4096 neurons", to_text(image.cams.size()) + " synapses");
}

}  // namespace

BoardImage cleared_image() {
  BoardImage image{std::vector<std::uint16_t>(std::size_t{kBoardNeurons} * kCams),
                   std::vector<SramWord>(std::size_t{kBoardNeurons} * kSrams)};
  for (unsigned neuron = 0; neuron < kBoardNeurons; ++neuron) {
    const auto address = static_cast<std::uint16_t>(neuron % kChipNeurons);
    for (unsigned cell = 0; cell < kSrams; ++cell) {
      SramWord& word = image.srams[std::size_t{neuron} * kSrams + cell];
      word.neuron = address;
      word.cell = static_cast<std::uint8_t>(cell);
    }
    image.srams[std::size_t{neuron} * kSrams] = monitor_route(neuron / kChipNeurons, address);
  }
  return image;
}

BoardImage place_connections(const BoardImage& before, const BoardConnections& c) {
  check_image(before);
  check_limits(c);
  for (const auto& types : {c.excitatory, c.inhibitory})
    if (types.size() != 1 && types.size() != kBoardNeurons)
      throw_shape("types", "one or 4096 synapse types", to_text(types.size()) + " of them");
  std::vector<Wanted> wanted;
  const auto type_of = [](std::span<const std::uint8_t> types, std::size_t i) {
    return unsigned{types.size() == 1 ? types[0] : types[i]};
  };
  collect(
      c.recurrent, "connectionsRec", [&](std::size_t i, bool exc) { return type_of(exc ? c.excitatory : c.inhibitory, i); },
      wanted);
  if (c.external)
    collect(
        *c.external, "connectionsExt",
        [&](std::size_t, bool exc) { return static_cast<unsigned>(exc ? c.external_excitatory : c.external_inhibitory); },
        wanted);
  std::ranges::sort(wanted);

  BoardImage after = before;
  for (unsigned neuron = 0; neuron < kBoardNeurons; ++neuron) {
    const auto first = std::ranges::lower_bound(wanted, neuron, {}, &Wanted::post);
    const auto end = std::ranges::upper_bound(first, wanted.end(), neuron, {}, &Wanted::post);
    place_cams(std::span(after.cams).subspan(std::size_t{neuron} * kCams, kCams), std::span<const Wanted>(first, end));
    std::array<std::uint8_t, kChips> cores{};
    for (auto k = static_cast<std::size_t>(c.recurrent.indptr[neuron]);
         k < static_cast<std::size_t>(c.recurrent.indptr[neuron + 1]); ++k) {
      if ((c.recurrent.data.size() == 1 ? c.recurrent.data[0] : c.recurrent.data[k]) == 0.0) continue;
      const auto post = static_cast<unsigned>(c.recurrent.indices[k]);
      cores[post / kChipNeurons] |= static_cast<std::uint8_t>(1U << post / kCoreNeurons % kCores);
    }
    place_routes(neuron, std::span(after.srams).subspan(std::size_t{neuron} * kSrams, kSrams), cores);
  }
  return after;
}

std::vector<std::uint32_t> image_words(const BoardImage& before, const BoardImage& after, unsigned chip) {
  check_image(before);
  check_image(after);
  if (chip >= kChips) throw_range("chip", "an integer from 0 to 3", to_text(chip));
  std::vector<std::uint32_t> words;
  const unsigned first = chip * kChipNeurons, end = first + kChipNeurons;
  for (std::size_t k = std::size_t{first} * kSrams; k < std::size_t{end} * kSrams; ++k)
    if (!(before.srams[k] == after.srams[k])) words.push_back(encode(after.srams[k]));
  for (std::size_t k = std::size_t{first} * kCams; k < std::size_t{end} * kCams; ++k) {
    if (before.cams[k] == after.cams[k]) continue;
    const std::uint16_t entry = after.cams[k];
    words.push_back(
        encode(CamWord{static_cast<std::uint16_t>(entry % kChipNeurons), static_cast<std::uint16_t>(k / kCams % kChipNeurons),
                       static_cast<std::uint8_t>(k % kCams), static_cast<Synapse>(entry / kChipNeurons)}));
  }
  return words;
}

}  // namespace rockpool::dynapse
