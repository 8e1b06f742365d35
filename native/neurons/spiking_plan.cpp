#include "neurons/spiking_plan.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "neurons/spiking_runner.h"
#include "rockpool/error.h"

namespace rockpool {

namespace {

// Blocks begin at multiples of this, so that threads share no line of memory.
constexpr std::size_t kBlockAlign = 64;

template <typename T>
AlignedArray<T> slice(const std::vector<T>& all, std::size_t first, std::size_t n, std::size_t room) {
  AlignedArray<T> part(room);
  std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(first), n, part.data());
  return part;
}

void check_route(const SynapseRoute* route, std::size_t rows, std::size_t columns, const char* name, std::uint32_t least) {
  if (route == nullptr) return;
  const auto& m = *route->matrix;
  if (m.rows != rows || m.columns != columns)
    throw_shape(name, to_text(rows) + " x " + to_text(columns), to_text(m.rows) + " x " + to_text(m.columns));
  for (const auto d : route->delays)
    if (d < least) throw_range(std::string("the delays of ") + name, to_text(least) + " time steps or more", to_text(d));
}

}  // namespace

template <typename T>
SpikingPlanOf<T>::SpikingPlanOf(SpikingSetup<T> s)
    : dense_(active_dense_kernels<T>()),
      inputs_(s.inputs),
      units_(s.units),
      currents_(s.currents),
      adapts_(s.adapts),
      any_refractory_(s.any_refractory),
      membrane_(std::move(s.membrane)),
      weighted_(!s.w_in.empty()),
      blend_(std::ranges::any_of(s.from_next, [](T x) { return x != T(0); })),
      constant_uniform_(std::ranges::all_of(s.constant, [&](T x) { return x == s.constant[0]; })),
      drive_from_xi_(std::move(s.drive_from_xi)),
      current_from_xi_(std::move(s.current_from_xi)),
      noise_on_synapse_(s.noise_on_synapse),
      background_(s.background_rate, s.background_weight) {
  if (!background_.empty() && currents_ == 0) throw_shape("backgroundRate", "absent without a synaptic current", "present");
  for (std::size_t x = static_cast<std::size_t>(currents_); x < kMaxCurrents; ++x)
    if (s.in_route[x] || s.rec_route[x])
      throw_shape("routes", "onto a synaptic current that there is", "current " + to_text(x));
  if (s.synapses_of)
    share_synapses(s, *s.synapses_of);
  else
    connect(s);
}

template <typename T>
void SpikingPlanOf<T>::connect(const SpikingSetup<T>& s) {
  const auto longest = [](const SynapseRoute& r) { return r.delays.empty() ? 1u : *std::ranges::max_element(r.delays); };
  std::array<bool, kMaxCurrents> dense_in{}, dense_rec{};
  for (std::size_t x = 0; x < kMaxCurrents; ++x) {
    check_route(s.in_route[x].get(), inputs_, units_, "the input weights", 0);
    check_route(s.rec_route[x].get(), units_, units_, "the recurrent weights", 1);
    if (s.in_route[x])
      dense_in[x] = is_dense(*s.in_route[x]), most_delay_in_ = std::max(most_delay_in_, longest(*s.in_route[x]));
    if (s.rec_route[x])
      dense_rec[x] = is_dense(*s.rec_route[x]), most_delay_rec_ = std::max(most_delay_rec_, longest(*s.rec_route[x]));
  }
  const std::size_t wanted = std::max<std::size_t>(s.threads, 1);
  const std::size_t share = (units_ + wanted - 1) / wanted;
  const std::size_t size = std::max<std::size_t>((share + kBlockAlign - 1) / kBlockAlign * kBlockAlign, kBlockAlign);
  for (std::size_t first = 0; first < units_; first += size) {
    auto b = plan_block(s, first, std::min(size, units_ - first));
    for (std::size_t x = 0; x < kMaxCurrents; ++x) {
      if (s.in_route[x]) b.in[x] = make_block_rows<T>(*s.in_route[x], dense_in[x], first, first + b.n);
      if (s.rec_route[x]) b.rec[x] = make_block_rows<T>(*s.rec_route[x], dense_rec[x], first, first + b.n);
    }
    blocks_.push_back(std::move(b));
  }
}

template <typename T>
void SpikingPlanOf<T>::share_synapses(const SpikingSetup<T>& s, const SpikingPlan& plan) {
  const auto* other = dynamic_cast<const SpikingPlanOf<T>*>(&plan);
  if (other == nullptr || other->inputs_ != inputs_ || other->units_ != units_ || other->currents_ != currents_)
    throw_shape("synapsesOf", "a plan of the same size, currents and precision", "another");
  for (std::size_t x = 0; x < kMaxCurrents; ++x)
    if (s.in_route[x] || s.rec_route[x]) throw_shape("routes", "absent with synapsesOf", "present");
  most_delay_in_ = other->most_delay_in_;
  most_delay_rec_ = other->most_delay_rec_;
  for (const auto& theirs : other->blocks_) {
    auto b = plan_block(s, theirs.first, theirs.n);
    b.in = theirs.in;
    b.rec = theirs.rec;
    blocks_.push_back(std::move(b));
  }
}

template <typename T>
PlannedBlock<T> SpikingPlanOf<T>::plan_block(const SpikingSetup<T>& s, std::size_t first, std::size_t n) const {
  PlannedBlock<T> b;
  b.first = first;
  b.n = n;
  b.stride = (n + dense_.panel - 1) / dense_.panel * dense_.panel;
  for (std::size_t j = 0; j < n; ++j)
    if (!std::isfinite(s.constant[first + j]))
      throw_range("bias", "so small that its effect is finite in this precision",
                  to_text(s.constant[first + j]) + " for neuron " + to_text(first + j));
  if (weighted_) {
    for (const double w : s.w_in)
      if (!std::isfinite(static_cast<T>(w))) throw_range("weights", "numbers that single precision holds", to_text(w));
    std::vector<double> columns(inputs_ * n);
    for (std::size_t i = 0; i < inputs_; ++i)
      std::copy_n(s.w_in.begin() + static_cast<std::ptrdiff_t>(i * units_ + first), n,
                  columns.begin() + static_cast<std::ptrdiff_t>(i * n));
    b.w_in = AlignedArray<T>(inputs_ * b.stride);
    dense_.pack(columns.data(), inputs_, n, b.w_in.data());
  }
  b.from_input = slice(s.from_input, first, n, b.stride);
  b.from_next = slice(s.from_next, first, n, b.stride);
  b.constant = slice(s.constant, first, n, b.stride);
  return b;
}

template <typename T>
std::uint64_t SpikingPlanOf<T>::synapse_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& b : blocks_)
    for (std::size_t x = 0; x < kMaxCurrents; ++x) sum += (b.in[x] ? b.in[x]->bytes() : 0) + (b.rec[x] ? b.rec[x]->bytes() : 0);
  return sum;
}

template <typename T>
std::uint64_t SpikingPlanOf<T>::synapses() const {
  std::uint64_t sum = 0;
  for (const auto& b : blocks_)
    for (std::size_t x = 0; x < kMaxCurrents; ++x)
      sum += (b.in[x] ? b.in[x]->synapses() : 0) + (b.rec[x] ? b.rec[x]->synapses() : 0);
  return sum;
}

template <typename T>
std::uint64_t SpikingPlanOf<T>::synaptic_events(std::span<const std::int32_t> neurons, bool of_input) const {
  const std::size_t rows = of_input ? inputs_ : units_;
  std::uint64_t sum = 0;
  for (const auto& b : blocks_)
    for (std::size_t x = 0; x < kMaxCurrents; ++x) {
      const auto* route = of_input ? b.in[x].get() : b.rec[x].get();
      if (route == nullptr) continue;
      for (const auto i : neurons)
        if (i >= 0 && static_cast<std::size_t>(i) < rows) sum += route->fan_out(static_cast<std::size_t>(i));
    }
  return sum;
}

template <typename T>
void SpikingPlanOf<T>::check(const SpikingState& state, const SpikingRun& run) const {
  const auto length = [](std::size_t is, std::size_t should, const char* name) {
    if (is != should) throw_shape(name, to_text(should) + " elements long", to_text(is) + " elements");
  };
  length(state.v.size(), units_, "the membrane potentials");
  for (std::size_t x = 0; x < kMaxCurrents; ++x)
    length(state.currents[x].size(), static_cast<int>(x) < currents_ ? units_ : 0, "a synaptic current");
  length(state.adaptation.size(), adapts_ ? units_ : 0, "the adaptation");
  length(state.refractory.size(), units_, "the refractory counters");
  for (const auto& p : *state.spikes)
    if (p.channel >= units_) throw_range("a pending spike", "of a neuron below " + to_text(units_), to_text(p.channel));
  for (const auto& p : *state.events)
    if (p.channel >= inputs_) throw_range("a pending event", "of a channel below " + to_text(inputs_), to_text(p.channel));
  if (run.current != nullptr) check_input_channels(*run.current, inputs_);
  const auto& r = run.record;
  if (r.every == 0) return;
  for (const auto c : r.channels)
    if (c < 0 || static_cast<std::size_t>(c) >= units_)
      throw Error(ErrorKind::kRange, "ERR_INDEX",
                  "expected channels to record to be below " + to_text(units_) + ", received " + to_text(c));
  const std::size_t size =
      static_cast<std::size_t>(r.rows(run.first_step, run.steps)) * (r.all_channels ? units_ : r.channels.size());
  for (const auto& array : {r.v_before, r.v_after, r.currents[0], r.currents[1], r.total})
    if (!array.empty()) length(array.size(), size, "a record");
  for (std::size_t x = 0; x < kMaxCurrents; ++x)
    if (!r.currents[x].empty() && static_cast<int>(x) >= currents_)
      throw_shape("a record", "of a current that there is", "another");
}

template <typename T>
void SpikingPlanOf<T>::run(const SpikingState& state, const SpikingRun& run, SpikeList& spikes, RunControl& control) const {
  check(state, run);
  control.set_total(run.steps);
  SpikingRunner<T>(*this, state, run, spikes, control).run();
}

template <typename T>
std::shared_ptr<const SpikingPlan> make_spiking_plan(SpikingSetup<T> setup) {
  return std::make_shared<const SpikingPlanOf<T>>(std::move(setup));
}

template std::shared_ptr<const SpikingPlan> make_spiking_plan(SpikingSetup<double> setup);
template std::shared_ptr<const SpikingPlan> make_spiking_plan(SpikingSetup<float> setup);

}  // namespace rockpool
