#include <doctest/doctest.h>

#include <vector>

#include "rockpool/dynapse/event_stream.h"

using namespace rockpool::dynapse;

namespace {

std::vector<std::uint8_t> bytes_of(std::initializer_list<unsigned> words) {
  std::vector<std::uint8_t> bytes;
  for (const auto w : words) {
    bytes.push_back(static_cast<std::uint8_t>(w));
    bytes.push_back(static_cast<std::uint8_t>(w >> 8));
  }
  return bytes;
}

struct Decoded {
  std::vector<double> times;
  std::vector<std::uint32_t> addresses;
  std::vector<EventDecoder::Reset> resets;
};

Decoded decode(EventDecoder& decoder, const std::vector<std::uint8_t>& bytes) {
  EventDecoder::Batch batch;
  decoder.decode(bytes, batch);
  const auto n = static_cast<std::ptrdiff_t>(batch.size);
  return {{batch.times.begin(), batch.times.begin() + n}, {batch.addresses.begin(), batch.addresses.begin() + n}, batch.resets};
}

EventDecoder::Batch batch_of(std::size_t n, double first) {
  EventDecoder::Batch batch;
  for (std::size_t i = 0; i < n; ++i) {
    batch.times.push_back(first + static_cast<double>(i));
    batch.addresses.push_back(static_cast<std::uint32_t>(i));
  }
  batch.size = n;
  return batch;
}

}  // namespace

TEST_CASE("dynapse stream: the golden words") {
  EventDecoder decoder;
  auto got = decode(decoder, bytes_of({0x0001, 0x8005, 0x1011, 0x2022, 0x5FF3, 0x67F4, 0x7001, 0x8003, 0x1011, 0x1010}));
  CHECK(got.times == std::vector<double>{5, 5, 5, 5, 32771});
  CHECK(got.addresses == std::vector<std::uint32_t>{1, 1024 + 256 + 2, 2048 + 512 + 255, 3072 + 768 + 127, 1});
  CHECK(decoder.counts().unroutable == 1);
  CHECK(decoder.counts().resets == 1);
  // Wraps totalling 65534 steps, past 31 bits of microseconds: time simply counts on.
  std::vector<std::uint8_t> wraps;
  for (unsigned left = 65534 - 1; left > 0;) {
    const unsigned step = left < 4095 ? left : 4095;
    const auto one = bytes_of({0x7000 | step});
    wraps.insert(wraps.end(), one.begin(), one.end());
    left -= step;
  }
  decode(decoder, wraps);
  got = decode(decoder, bytes_of({0x8001, 0x1011, 0x7001, 0x8010, 0x1011}));
  CHECK(got.times == std::vector<double>{2147418113.0, 2147450896.0});
  // After a reset the board counts from 0; our time goes on from the origin that is told.
  got = decode(decoder, bytes_of({0x0001, 0x8002, 0x1041, 0x7001, 0xFFFF, 0x1051}));
  REQUIRE(got.resets.size() == 1);
  CHECK(got.resets[0].position == 0);
  CHECK(got.resets[0].origin == 2147450896.0);
  CHECK(got.times == std::vector<double>{2147450898.0, 2147450896.0 + 65535.0});
}

TEST_CASE("dynapse stream: odd lengths, unknown words, steps back") {
  EventDecoder decoder;
  auto bytes = bytes_of({0x8009, 0x1011, 0x3000, 0x0000, 0x0002, 0x4FFF, 0x8003, 0x1021});
  bytes.push_back(0x55);
  const auto got = decode(decoder, bytes);
  CHECK(got.times == std::vector<double>{9, 3});
  CHECK(decoder.counts().unknown == 4);
  CHECK(decoder.counts().backwards == 1);
  CHECK(decoder.counts().odd_bytes == 1);
  CHECK(decode(decoder, {}).times.empty());
  CHECK(decode(decoder, {0x11}).times.empty());
}

TEST_CASE("dynapse stream: a full queue tells what was lost and where, and never loses a reset") {
  EventQueue queue(10);
  CHECK(queue.push(batch_of(7, 0)) == 0);
  auto batch = batch_of(6, 7);
  batch.resets.push_back({5, 100.0});
  batch.resets.push_back({6, 200.0});
  CHECK(queue.push(batch) == 3);
  CHECK(queue.available() == 10);
  std::vector<double> times(20);
  std::vector<std::uint32_t> addresses(20);
  auto taken = queue.take({times.data(), 4}, addresses);
  CHECK(taken.events == 4);
  CHECK(taken.lost == 0);
  CHECK(queue.push(batch_of(2, 50)) == 0);
  taken = queue.take(times, addresses);
  CHECK(taken.events == 6);
  CHECK(times[5] == 9.0);
  CHECK(taken.lost == 3);
  CHECK(taken.resets == 2);
  CHECK(taken.origin == 200.0);
  taken = queue.take(times, addresses);
  CHECK(taken.events == 2);
  CHECK(times[0] == 50.0);
  CHECK(taken.lost == 0);
  CHECK(queue.take(times, addresses).events == 0);
}

TEST_CASE("dynapse stream: a queue that nobody reads stays bounded whatever comes") {
  EventQueue queue(3);
  auto batch = batch_of(2, 0);
  for (int k = 0; k < 3; ++k) batch.resets.push_back({1, 1.0 * k});
  std::uint64_t lost = 0, resets = 0, told = 0;
  for (int i = 0; i < 1000; ++i) lost += queue.push(batch);
  CHECK(lost == 2000 - 3);
  std::vector<double> times(8);
  std::vector<std::uint32_t> addresses(8);
  for (int i = 0; i < 10; ++i) {
    const auto taken = queue.take(times, addresses);
    resets += taken.resets;
    told += taken.lost;
  }
  CHECK(resets == 3000);
  CHECK(told == lost);
  CHECK(!queue.has_notice());
}
