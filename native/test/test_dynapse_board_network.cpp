#include <algorithm>
#include <cmath>

#include "dynapse_host.h"
#include "rockpool/aeif.h"
#include "rockpool/dynapse/mismatch.h"

using namespace dynapse_test;

namespace {

/// A board with low-power biases and one strong synapse type, that streams.
struct Network {
  BoardModel board;
  Host host{board};

  explicit Network(bool mismatch = false, double step = 1e-4) : board(options(mismatch, step)) {
    host.start();
    for (unsigned chip = 0; chip < kChips; ++chip) {
      host.send(chip, bias_words(false));
      for (unsigned core = 0; core < kCores; ++core) {
        bias(chip, core, "PS_WEIGHT_EXC_F_N", 0, 64);  // 6 uA: 120 mV
        bias(chip, core, "PS_WEIGHT_INH_F_N", 0, 64);
      }
    }
  }
  static BoardOptions options(bool mismatch, double step) {
    BoardOptions options;
    options.mismatch = mismatch;
    options.neuron_step = step;
    return options;
  }
  void bias(unsigned chip, unsigned core, std::string_view name, std::uint8_t coarse, std::uint8_t fine) {
    const auto found = std::ranges::find(core_biases(), name, &Bias::name);
    REQUIRE(found != core_biases().end());
    BiasWord word;
    word.address = bias_address(*found, core);
    word.coarse = coarse, word.fine = fine, word.n_type = found->n_type;
    CHECK(host.send(chip, encode(word)) == 0);
  }
  void cam(unsigned neuron, std::uint8_t cell, unsigned source, Synapse type) {
    CHECK(host.send(neuron / kChipNeurons, encode(CamWord{static_cast<std::uint16_t>(source),
                                                          static_cast<std::uint16_t>(neuron % kChipNeurons), cell, type})) ==
          0);
  }
  /// From neuron to the cores of a chip, by its own name.
  void connect(unsigned neuron, std::uint8_t cell, unsigned to_chip, std::uint8_t cores) {
    const auto address = static_cast<std::uint16_t>(neuron % kChipNeurons);
    const unsigned chip = neuron / kChipNeurons;
    CHECK(host.send(chip, encode(route(chip, address, cell, static_cast<std::uint8_t>(address >> 8), to_chip, cores))) == 0);
  }
  void memory(std::uint32_t address, std::span<const std::uint16_t> words) {
    for (const std::uint16_t word : words) {
      host.write(module::kSram, sram::kCommand, 1);
      host.write(module::kSram, sram::kWriteData, word);
      host.write(module::kSram, sram::kAddress, address++);
    }
  }
  void train(std::uint32_t count, std::uint32_t base, bool variable, std::uint32_t isi, std::uint32_t isi_base, bool repeat) {
    host.write(module::kSpikeGen, spike_gen::kInterval, isi);
    host.write(module::kSpikeGen, spike_gen::kIntervalBase, isi_base);
    host.write(module::kSpikeGen, spike_gen::kVariable, variable);
    host.write(module::kSpikeGen, spike_gen::kBaseAddress, base);
    host.write(module::kSpikeGen, spike_gen::kCount, count - 1);
    host.write(module::kSpikeGen, spike_gen::kRepeat, repeat);
    host.write(module::kSpikeGen, spike_gen::kRun, 1);
  }
  std::vector<Spike> run(double microseconds) {
    board.advance(microseconds);
    return spikes_of(host.words());
  }
};

}  // namespace

TEST_CASE("dynapse board: an event goes to every synapse that holds its name, on the cores it is sent to") {
  Network net;
  // Source 3 of core 1; 300 on chip 0 fires by hand.
  const unsigned source = 256 + 3;
  for (const unsigned target : {5u, 600u, 2048u + 700, 1024u + 5, 3072u + 5}) {
    net.cam(target, 11, source, Synapse::kFastExc);
    net.host.monitor(target);
  }
  net.connect(source, 1, 0, 0b0001);  // own chip, core 0: reaches 5, not 600
  net.connect(source, 2, 2, 0b0100);  // chip 2, core 2
  net.connect(source, 3, 3, 0b1111);  // the opposite corner
  net.board.fire(source);
  auto spikes = net.run(20e3);
  std::ranges::sort(spikes, {}, &Spike::neuron);
  std::vector<unsigned> who;
  for (const Spike& s : spikes) who.push_back(s.neuron);
  who.erase(std::unique(who.begin(), who.end()), who.end());
  CHECK(who == std::vector<unsigned>{5, 2048 + 700, 3072 + 5});
  CHECK(net.board.counters().synaptic_events == 3);
}

TEST_CASE("dynapse board: a virtual core renames, equal names of two chips are one, a disabled route is none") {
  Network net;
  net.cam(5, 0, 2 * 256 + 9, Synapse::kFastExc);
  net.host.monitor(5);
  // Neuron 9 of core 0 on chip 3 claims to come from core 2.
  CHECK(net.host.send(3, encode(route(3, 9, 1, 2, 0, 0b0001))) == 0);
  net.board.fire(3072 + 9);
  CHECK(!net.run(20e3).empty());
  // 2 * 256 + 9 of chip 1 is not told from it.
  net.connect(1024 + 2 * 256 + 9, 1, 0, 0b0001);
  net.board.advance(2e6);
  net.host.words();
  net.board.fire(1024 + 2 * 256 + 9);
  CHECK(!net.run(20e3).empty());
  net.board.advance(2e6);
  net.host.words();
  SramWord none;
  none.neuron = 9, none.cell = 1;
  CHECK(net.host.send(3, encode(none)) == 0);
  net.board.fire(3072 + 9);
  CHECK(net.run(20e3).empty());
}

TEST_CASE("dynapse board: a route to where no chip is ends there, an empty CAM hears source 0") {
  Network net;
  SramWord lost;
  lost.neuron = 7, lost.cell = 2, lost.dx = 3, lost.cores = 15;
  CHECK(net.host.send(0, encode(lost)) == 0);
  net.board.fire(7);
  CHECK(net.board.counters().off_board == 1);
  net.connect(0, 1, 1, 0b0001);
  net.board.fire(0);
  CHECK(net.board.counters().synaptic_events == 256 * 64);
}

TEST_CASE("dynapse board: the spike generator keeps its intervals") {
  Network net;
  net.host.monitor(1);
  // Every event makes its target fire; 10 us apart, in units of 900 ticks.
  for (unsigned n = 1; n <= 4; ++n) {
    net.cam(n, 0, 512 + n, Synapse::kFastExc);
    net.host.monitor(n);
  }
  const auto word = [](unsigned n, unsigned cores) {
    return encode(StimulusWord{static_cast<std::uint8_t>(n), 2, static_cast<std::uint8_t>(cores), 0});
  };
  net.board.advance(1e6);
  SUBCASE("variable") {
    const std::vector<std::uint16_t> words{word(1, 1), 100, word(2, 1), 3000, word(3, 0), 60000, word(4, 1), 5};
    net.memory(0, words);
    net.train(4, 0, true, 0, 900, false);
    net.board.advance(1000);
    CHECK(net.board.counters().generator_events == 1);
    net.board.advance(29999);
    CHECK(net.board.counters().generator_events == 1);
    net.board.advance(1);
    CHECK(net.board.counters().generator_events == 2);
    net.board.advance(600000);
    CHECK(net.board.counters().generator_events == 3);
    net.board.advance(50);
    CHECK(net.board.counters().generator_events == 4);
    net.board.advance(1e6);
    CHECK(net.board.counters().generator_events == 4);
    std::array<std::uint64_t, 5> first{};
    for (const Spike& s : spikes_of(net.host.words()))
      if (first[s.neuron] == 0) first[s.neuron] = s.microsecond;
    CHECK(first[3] == 0);
    CHECK(first[2] - first[1] == 30000);
    CHECK(first[4] - first[2] == 600000);  // 600050, in the same neuron step
  }
  SUBCASE("fixed, repeated until it is stopped") {
    const std::vector<std::uint16_t> words{word(1, 1), word(2, 1)};
    net.memory(40, words);
    net.train(2, 40, false, 500, 90, true);
    net.board.advance(5000);
    CHECK(net.board.counters().generator_events == 10);
    net.host.write(module::kSpikeGen, spike_gen::kRun, 0);
    net.board.advance(1e4);
    CHECK(net.board.counters().generator_events == 12);  // the train that ran
  }
  SUBCASE("an interval of 0 does not hang, and several events share a microsecond") {
    const std::vector<std::uint16_t> words{word(1, 1), 1, word(2, 1), 0, word(3, 1), 0};
    net.memory(0, words);
    net.train(3, 0, true, 0, 90, false);
    net.board.advance(2);
    CHECK(net.board.counters().generator_events == 3);
    net.host.write(module::kSpikeGen, spike_gen::kRun, 0);
    net.train(1, 0, false, 0, 0, true);
    net.board.advance(100);
    CHECK(net.board.counters().generator_events > 3);
  }
}

TEST_CASE("dynapse board: bursts fill the memory from their start address, low halves first") {
  BoardModel board;
  Host host{board};
  host.write(module::kSram, sram::kCommand, 1);
  host.write(module::kSram, sram::kWriteData, 0);
  host.write(module::kSram, sram::kAddress, 1000);
  host.write(module::kSram, sram::kBurst, 1);
  std::vector<Record> records;
  for (std::uint32_t i = 0; i < 85; ++i) records.push_back({module::kSram, sram::kWriteData, (2 * i + 1) << 16 | (2 * i)});
  CHECK(host.write_many(records, false));
  host.write(module::kSram, sram::kBurst, 0);
  for (std::uint32_t i = 0; i < 170; ++i) REQUIRE(board.memory(1000 + i) == i);
  CHECK(board.memory(1170) == 0);
  host.write(module::kSram, sram::kCommand, 0);
  host.write(module::kSram, sram::kAddress, 1007);
  CHECK(host.read(module::kSram, sram::kReadData) == 7);
  host.write(module::kSram, sram::kCommand, 1);
  host.write(module::kSram, sram::kWriteData, 77);
  host.write(module::kSram, sram::kAddress, sram::kWords - 1);
  CHECK(board.memory(sram::kWords - 1) == 77);
}

TEST_CASE("dynapse board: Poisson sources have their rates") {
  const auto counts = [](std::uint64_t seed) {
    BoardOptions options;
    options.seed = seed;
    BoardModel board(options);
    Host host{board};
    host.write(module::kChip, chip::kRun, 1);
    host.write(module::kPoisson, poisson::kChipId, wire_chip(2));
    for (const auto& [source, rate] : {std::pair{5u, 100.0}, {700u, 400.0}}) {
      host.write(module::kPoisson, poisson::kWriteData, poisson_value(rate));
      host.write(module::kPoisson, poisson::kWriteAddress, source);
    }
    host.write(module::kPoisson, poisson::kRun, 1);
    board.advance(20e6);
    const std::uint64_t both = board.counters().generator_events;
    host.write(module::kPoisson, poisson::kWriteData, 0);
    host.write(module::kPoisson, poisson::kWriteAddress, 700);
    board.advance(20e6);
    const std::uint64_t one = board.counters().generator_events - both;
    host.write(module::kPoisson, poisson::kRun, 0);
    board.advance(20e6);
    CHECK(board.counters().generator_events == both + one);
    return std::pair{both, one};
  };
  const auto [both, one] = counts(1);
  CHECK(std::abs(static_cast<double>(both) - 10000.0) < 500.0);  // five standard deviations
  CHECK(std::abs(static_cast<double>(one) - 2000.0) < 224.0);
  CHECK(counts(1) == std::pair{both, one});
  CHECK(counts(2) != std::pair{both, one});
}

TEST_CASE("dynapse board: what passes in pieces is what passes at once") {
  const auto words = [](double piece) {
    Network net(true);
    net.host.monitor(5);
    net.host.monitor(6);
    net.cam(5, 0, 9, Synapse::kFastExc);
    net.cam(6, 0, 5, Synapse::kFastExc);
    net.connect(5, 1, 0, 1);
    net.host.write(module::kPoisson, poisson::kWriteData, poisson_value(300));
    net.host.write(module::kPoisson, poisson::kWriteAddress, 9);
    net.host.write(module::kPoisson, poisson::kRun, 1);
    for (double t = 0.0; t < 200e3; t += piece) net.board.advance(std::min(piece, 200e3 - t));
    return net.host.words();
  };
  const auto whole = words(200e3);
  CHECK(whole.size() > 100);
  CHECK(words(1234.5) == whole);
}

TEST_CASE("dynapse board: neurons without power rest") {
  Network net;
  net.cam(5, 0, 9, Synapse::kFastExc);
  net.host.monitor(5);
  net.connect(9, 1, 0, 1);
  net.board.fire(9);
  net.board.advance(300);
  CHECK(net.board.potential(5) > 1e-4);
  net.host.write(module::kChip, chip::kRun, 0);
  net.host.write(module::kAer, aer::kRun, 0);
  CHECK(net.board.potential(5) == 0.0);
  net.board.fire(9);
  net.board.advance(20e3);
  CHECK(net.board.potential(5) == 0.0);
  net.host.write(module::kAer, aer::kRun, 1);
  CHECK(net.run(20e3).empty());
}

TEST_CASE("dynapse board: its neurons are VirtualDynapse's") {
  // Source 9 excites 5; 5 excites 6 and inhibits itself. The same network as a plan of the layer's neurons.
  Network net;
  for (const unsigned n : {5u, 6u}) net.host.monitor(n);
  net.cam(5, 0, 512 + 9, Synapse::kFastExc);
  net.cam(5, 1, 5, Synapse::kFastInh);
  net.cam(6, 0, 5, Synapse::kFastExc);
  net.cam(6, 1, 5, Synapse::kFastExc);
  net.connect(5, 1, 0, 1);
  for (unsigned core = 0; core < 1; ++core) {
    net.bias(0, core, "PS_WEIGHT_EXC_F_N", 1, 96);  // 1.2 uA: 24 mV
    net.bias(0, core, "PS_WEIGHT_INH_F_N", 1, 40);  // 10 mV
  }
  const std::vector<std::uint16_t> stimulus{encode(StimulusWord{9, 2, 1, 0})};
  net.memory(0, stimulus);
  net.train(1, 0, false, 7777, 90, true);  // every 7.777 ms
  const auto board = net.run(400e3);

  rockpool::AeifParameters p;
  const std::vector<double> one{1.0}, zero{0.0}, tau{20e-3}, tau_syn{50e-3}, thresh{10e-3}, peak{20e-3}, delta{2e-3},
      held{10.0}, tau_adapt{0.1};
  const double exc = 20e-3 / 1e-6 * bias_current(1, 96), inh = 20e-3 / 1e-6 * bias_current(1, 40);
  const double tau_inh = 50e-3 * bias_current(7, 40) / bias_current(7, 40);
  const std::vector<double> w_in{exc, 0.0}, w_rec{-inh, 2.0 * exc, 0.0, 0.0}, tau_syn_inh{tau_inh};
  p.inputs = 1, p.units = 2, p.dt = 1e-4;
  p.capacity = tau, p.conductance = one, p.delta_t = delta, p.v_thresh = thresh, p.v_peak = peak, p.v_reset = zero;
  p.v_rest = zero, p.subthresh_adapt = zero, p.spike_adapt = zero, p.tau_adapt = tau_adapt, p.bias = zero;
  p.refractory_steps = held;
  p.tau_syn = {tau_syn, tau_syn_inh};
  for (const bool inhibits : {false, true}) {
    const auto part = inhibits ? rockpool::WeightPart::kNegative : rockpool::WeightPart::kPositive;
    p.in_route[inhibits] = rockpool::make_route(rockpool::make_dense_synapses(1, 2, w_in), part, {1});
    p.rec_route[inhibits] = rockpool::make_route(rockpool::make_dense_synapses(2, 2, w_rec), part, {2});
  }
  const auto plan = rockpool::make_aeif_plan(p);
  std::vector<double> times, v(2), i0(2), i1(2), w(2);
  std::vector<std::int32_t> channels, refractory(2);
  for (int k = 1; k * 7.777e-3 < 0.4; ++k) times.push_back(k * 7.777e-3), channels.push_back(0);
  std::vector<rockpool::PendingSpike> pending_spikes, pending_events;
  const rockpool::EventSpan events{times, channels, 0.0, 0.4};
  rockpool::SpikingRun run;
  run.steps = 4000, run.dt = 1e-4, run.events = &events;
  rockpool::SpikeList spikes;
  rockpool::RunControl control;
  plan->run({v, {i0, i1}, w, refractory, &pending_spikes, &pending_events}, run, spikes, control);
  std::vector<Spike> layer;
  for (std::size_t k = 0; k < spikes.steps.size(); ++k)
    layer.push_back({(spikes.steps[k] + 1) * 100, 5 + static_cast<unsigned>(spikes.neurons[k])});
  CHECK(layer.size() > 20);
  CHECK(board.size() == layer.size());
  CHECK(board == layer);
}

TEST_CASE("dynapse board: mismatch spreads what neurons do, by seed") {
  const auto counts = [](std::uint64_t seed, bool mismatch) {
    BoardOptions options;
    options.seed = seed;
    options.mismatch = mismatch;
    options.neuron_step = 1e-3;
    BoardModel board(options);
    Host host{board};
    host.start();
    host.send(0, bias_words(false));
    for (std::uint16_t n = 0; n < 64; ++n) host.monitor(n);
    BiasWord dc;
    dc.address = 36, dc.coarse = 1, dc.fine = 150, dc.n_type = false;  // 40 mV
    host.send(0, encode(dc));
    board.advance(1e6);
    std::vector<int> spikes(64);
    for (const Spike& s : spikes_of(host.words())) ++spikes[s.neuron];
    return spikes;
  };
  const auto exact = counts(1, false), spread = counts(1, true);
  CHECK(exact[0] > 20);
  CHECK(std::ranges::all_of(exact, [&](int n) { return n == exact[0]; }));
  CHECK(*std::ranges::max_element(spread) > exact[0] + 5);
  CHECK(*std::ranges::min_element(spread) < exact[0] - 5);
  CHECK(counts(1, true) == spread);
  CHECK(counts(2, true) != spread);
}

TEST_CASE("dynapse mismatch: normal around 1, cut at 0.1, the same however it is asked for") {
  std::vector<double> factors(4096);
  mismatch_factors(3, 12 + 77, 0, factors);
  double mean = 0.0, square = 0.0;
  for (const double x : factors) mean += x, square += x * x;
  mean /= 4096.0;
  CHECK(std::abs(mean - 1.0) < 0.02);
  CHECK(std::abs(std::sqrt(square / 4096.0 - mean * mean) - 0.2) < 0.015);
  CHECK(*std::ranges::min_element(factors) >= 0.1);
  for (const std::uint32_t n : {0u, 1u, 2u, 3u, 777u, 4095u}) CHECK(mismatch_factor(3, 12 + 77, n) == factors[n]);
}
