#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "rockpool/dynapse/protocol.h"
#include "rockpool/dynapse/train.h"
#include "rockpool/error.h"

using namespace rockpool;
using namespace rockpool::dynapse;

TEST_CASE("dynapse protocol: golden words of a chip") {
  CHECK(encode(CamWord{0x1A5, 0x2C7, 37, Synapse::kFastExc}) == 0x3A5764A7);
  CHECK(encode(CamWord{0, 1023, 63, Synapse::kSlowInh}) == 0x0003FFEF);
  CHECK(encode(CamWord{1, 0, 0, Synapse::kSlowExc}) == 0x20120000);
  CHECK(encode(SramWord{0x2C7, 1, 2, true, 1, true, 2, 4}) == 0x2D5363B0);
  CHECK(encode(SramWord{}) == 0x00020010);
  CHECK(encode(monitor_route(0, 5)) == 0x0C060290);
  CHECK(encode(monitor_route(3, 1023)) == 0x3B53FF90);
}

TEST_CASE("dynapse protocol: golden words of biases") {
  const auto bias = [](std::string_view name, unsigned core) {
    for (const auto& b : core_biases())
      if (b.name == name)
        return BiasWord{bias_address(b, core), b.low_power_coarse, b.low_power_fine, b.low_power_high, true, b.n_type};
    FAIL("no such bias");
    return BiasWord{};
  };
  CHECK(encode(bias("IF_TAU1_N", 0)) == 0x00317057);
  CHECK(encode(bias("IF_BUF_P", 0)) == 0x0051650D);
  CHECK(encode(bias("IF_DC_P", 1)) == 0x009541ED);
  CHECK(encode(bias("IF_THR_N", 2)) == 0x0161178F);
  CHECK(encode(bias("R2R_P", 3)) == 0x01C5155D);
  const auto words = bias_words(false);
  CHECK(words[0] == 0x0051650D);
  CHECK(words[4] == 0x00317057);
  CHECK(words[101] == 0x01CDFC70);
  CHECK(words[102] == 0x01D1FCF0);
  CHECK(words[103] == 0x00C94020);
  // Silent: TAU1 of core 0 is 7, 0 and a high bias as the others are.
  CHECK(bias_words(true)[4] == encode(BiasWord{12, 7, 0, true, true, true, true}));
  CHECK(coarse_from_ascending(4) == 3);
  CHECK(coarse_to_ascending(4) == 3);
  CHECK(bias_current(0, 255) == doctest::Approx(24e-6));
}

TEST_CASE("dynapse protocol: chip words are decoded as they were encoded") {
  const std::vector<ChipWord> words{CamWord{0x3FF, 0x155, 42, Synapse::kFastInh},   SramWord{0x2AA, 3, 1, false, 2, true, 3, 9},
                                    BiasWord{77, 6, 201, false, true, false, true}, ControlWord{ControlKind::kTau1All, 3},
                                    ControlWord{ControlKind::kTau2All, 1},          ControlWord{ControlKind::kTau2, 2, 250},
                                    ControlWord{ControlKind::kMonitorReset, 2},     ControlWord{ControlKind::kMonitor, 1, 17}};
  for (const auto& word : words) {
    const auto bits = std::visit([](const auto& w) { return encode(w); }, word);
    CHECK(bits < 1U << 30);
    CHECK(decode_chip_word(bits) == word);
  }
  CHECK(encode(ControlWord{ControlKind::kTau1All, 3}) == (1U << 12 | 3U << 8));
  CHECK(encode(ControlWord{ControlKind::kTau2All, 1}) == (1U << 12 | 1U << 11 | 1U << 8));
  CHECK(encode(ControlWord{ControlKind::kTau2, 2, 250}) == (1U << 10 | 2U << 8 | 250));
  CHECK(encode(ControlWord{ControlKind::kMonitorReset, 2}) == (1U << 11 | 2U << 8));
  CHECK(encode(ControlWord{ControlKind::kMonitor, 1, 17}) == (1U << 8 | 17));
  for (const auto bits : bias_words(false)) CHECK(encode(std::get<BiasWord>(decode_chip_word(bits))) == bits);
}

TEST_CASE("dynapse protocol: fields out of range are refused") {
  CHECK_THROWS_AS(encode(CamWord{1024}), Error);
  CHECK_THROWS_AS(encode(CamWord{0, 1024}), Error);
  CHECK_THROWS_AS(encode(CamWord{0, 0, 64}), Error);
  CHECK_THROWS_AS(encode(SramWord{0, 4}), Error);
  CHECK_THROWS_AS(encode(SramWord{0, 0, 0, false, 4}), Error);
  CHECK_THROWS_AS(encode(BiasWord{0, 8}), Error);
  CHECK_THROWS_AS(encode(BiasWord{51, 0, 64}), Error);
  CHECK_THROWS_AS(encode(ControlWord{ControlKind::kTau2, 4}), Error);
  CHECK_THROWS_AS(monitor_route(4, 0), Error);
  CHECK_THROWS_AS(encode(StimulusWord{0, 0, 16}), Error);
  CHECK_THROWS_AS(poisson_value(-1.0), Error);
  CHECK_THROWS_AS(poisson_value(4300.1), Error);
}

TEST_CASE("dynapse protocol: routes end where they should") {
  for (unsigned from = 0; from < kChips; ++from) {
    CHECK(route_end(from, monitor_route(from, 9)).fpga);
    for (unsigned to = 0; to < kChips; ++to) {
      const auto end = route_end(from, route(from, 9, 1, 2, to, 5));
      CHECK(!end.fpga);
      CHECK(end.chip == to);
    }
  }
  SramWord away = route(1, 0, 1, 0, 1, 1);
  away.dx = 1;
  CHECK(!route_end(1, away).chip);
  CHECK(!route_end(1, away).fpga);
}

TEST_CASE("dynapse protocol: requests and records") {
  CHECK(write_register_setup(5, 2) == Setup{0x40, 0xBF, 5, 2, 4});
  CHECK(read_register_setup(6, 0) == Setup{0xC0, 0xBF, 6, 0, 4});
  CHECK(write_many_setup(85, true) == Setup{0x40, 0xC6, 85, 0, 510});
  CHECK(write_many_setup(1, false) == Setup{0x40, 0xC2, 1, 0, 6});
  CHECK(verify_setup() == Setup{0xC0, 0xC6, 0, 0, 2});
  std::array<std::uint8_t, kRecordBytes> bytes{};
  encode_record({5, 2, 0x3A5764A7}, bytes);
  CHECK(bytes == std::array<std::uint8_t, kRecordBytes>{5, 2, 0x3A, 0x57, 0x64, 0xA7});
  CHECK(decode_record(bytes) == Record{5, 2, 0x3A5764A7});
  for (unsigned host = 0; host < kChips; ++host) CHECK(host_chip(wire_chip(host)) == host);
  CHECK(wire_chip(1) == 8);
  CHECK(wire_chip(2) == 4);
  CHECK(wire_chip(9) == 0);
  CHECK(host_chip(3) == 0);
}

TEST_CASE("dynapse protocol: generators") {
  CHECK(decode_stimulus(79) == StimulusWord{1, 0, 15});
  CHECK(encode(StimulusWord{1, 0, 15}) == 79);
  CHECK(encode(StimulusWord{2, 0, 14}) == 142);
  CHECK(decode_stimulus(encode(StimulusWord{200, 3, 5, 2})) == StimulusWord{200, 3, 5, 2});
  CHECK(poisson_value(0.0) == 0);
  CHECK(poisson_value(100.0) == 1491);
  CHECK(poisson_value(4300.0) == 64121);
}

TEST_CASE("dynapse protocol: event words") {
  CHECK(decode_event(0x0001).kind == EventKind::kReset);
  CHECK(decode_event(0x0000).kind == EventKind::kUnknown);
  CHECK(decode_event(0x0002).kind == EventKind::kUnknown);
  CHECK(decode_event(0x3011).kind == EventKind::kUnknown);
  CHECK(decode_event(0x8005).value == 5);
  CHECK(decode_event(0x7FFF).value == 4095);
  const unsigned codes[4] = {0x1FF3, 0x2FF3, 0x5FF3, 0x6FF3};
  for (unsigned core = 0; core < 4; ++core) {
    CHECK(spike_word(core, 255, 3) == codes[core]);
    const auto event = decode_event(static_cast<std::uint16_t>(codes[core]));
    CHECK(event.kind == EventKind::kSpike);
    CHECK(event.core == core);
    CHECK(event.neuron == 255);
    CHECK(event.value == 3);
  }
  CHECK(timestamp_word(32769) == 0x8001);
  CHECK(wrap_word(2) == 0x7002);
}

TEST_CASE("dynapse protocol: places on the board's picture") {
  CHECK(neuron_at({40, 20}) == 1024 + 512 + 72);
  for (unsigned neuron = 0; neuron < kBoardNeurons; ++neuron) CHECK(neuron_at(place_of(neuron)) == neuron);
}

TEST_CASE("dynapse train: silences are filled before the event that ends them") {
  const std::vector<double> intervals{5, 0, 65535, 65536, 131071};
  const std::vector<std::uint32_t> sources{1, 258, 3, 4, 5}, cores{15}, chips{2};
  const auto words = train_words({intervals, sources, cores, chips});
  REQUIRE(words.size() == 2 * 8);
  double time = 0.0;
  std::vector<std::pair<double, unsigned>> got;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    time += words[i + 1];
    const auto word = decode_stimulus(words[i]);
    CHECK(word.chip == 2);
    if (word.cores != 0) got.emplace_back(time, word.virtual_core * 256U + word.neuron);
  }
  const std::vector<std::pair<double, unsigned>> expected{{5, 1}, {5, 258}, {65540, 3}, {131076, 4}, {262147, 5}};
  CHECK(got == expected);
  CHECK(train_words({{}, cores, cores, cores}).empty());
  CHECK_THROWS_AS(train_words({{}, sources, cores, chips}), Error);
  const std::vector<double> endless{1e300}, part{0.5}, back{-1.0}, nan{std::nan("")};
  for (const auto& wrong : {endless, part, back, nan}) CHECK_THROWS_AS(train_words({wrong, cores, cores, chips}), Error);
  const std::vector<double> many(65536, 1.0);
  CHECK_THROWS_AS(train_words({many, cores, cores, chips}), Error);
}
