#include "rockpool/constant_leak.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <string>

#include "neurons/event_filter.h"
#include "rockpool/error.h"
#include "rockpool/time_grid.h"

namespace rockpool {

namespace {

constexpr std::uint64_t kMostSpikes = std::uint64_t{1} << 27;  // of a run: 1.6 GB

[[noreturn]] void throw_too_many(std::size_t unit) {
  throw Error(ErrorKind::kState, "ERR_NOMEM",
              "expected fewer than 2^27 spikes of one evolution, received more when unit " + to_text(unit) + " spiked");
}
constexpr std::uint64_t kManySubtractions = 1024;

void check_length(const char* name, std::size_t length, std::size_t expected) {
  if (length != expected) throw_shape(name, to_text(expected) + " elements long", to_text(length) + " elements");
}

std::vector<double> finite(const char* name, std::span<const double> from, std::size_t expected) {
  check_length(name, from.size(), expected);
  for (std::size_t i = 0; i < from.size(); ++i)
    if (!std::isfinite(from[i])) throw_range(std::string(name) + "[" + to_text(i) + "]", "finite", to_text(from[i]));
  return {from.begin(), from.end()};
}

std::vector<std::int32_t> step_counts(std::span<const double> from, std::size_t units) {
  if (from.empty()) return {};
  check_length("refractory", from.size(), units);
  std::vector<std::int32_t> steps;
  for (const double n : from) {
    if (!(n >= 0 && n < 2147483648.0)) throw_range("refractory", "from 0 to 2^31 time steps", to_text(n));
    steps.push_back(static_cast<std::int32_t>(n));
  }
  if (std::all_of(steps.begin(), steps.end(), [](std::int32_t n) { return n == 0; })) steps.clear();
  return steps;
}

void add_row(const double* row, double value, double* sums, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) sums[j] += value * row[j];
}

}  // namespace

ConstantLeakPlan::ConstantLeakPlan(const ConstantLeakParameters& p)
    : inputs_(p.inputs),
      units_(p.units),
      delay_(p.delay),
      bias_every_(p.bias_every),
      cast_(p.state_type),
      soft_max_(p.soft_max),
      convolution_(p.convolution) {
  if (units_ == 0 || units_ > 0x7fffffffu) throw_range("units", "from 1 to 2^31 - 1", to_text(units_));
  if (inputs_ == 0 || inputs_ > 0x7fffffffu) throw_range("inputs", "from 1 to 2^31 - 1", to_text(inputs_));
  if (delay_ == 0 || delay_ > 0xffffffffu) throw_range("delay", "from 1 to 2^32 time steps", to_text(delay_));
  if (bias_every_ == 0) throw_range("bias_every", "1 time step or more", "0");
  if (convolution_ && (convolution_->inputs() != inputs_ || convolution_->units() != units_))
    throw_shape("weights", to_text(inputs_) + " x " + to_text(units_),
                to_text(convolution_->inputs()) + " x " + to_text(convolution_->units()));
  if (!p.weights_in.empty()) {
    if (convolution_) throw_shape("weights", "either a matrix or a convolution", "both");
    weights_in_ = finite("weights_in", p.weights_in, inputs_ * units_);
  }
  if (!p.weights_rec.empty()) weights_rec_ = finite("weights_rec", p.weights_rec, units_ * units_);
  bias_ = finite("bias", p.bias, units_);
  v_thresh_ = finite("v_thresh", p.v_thresh, units_);
  v_reset_ = finite("v_reset", p.v_reset, units_);
  if (!p.v_subtract.empty()) v_subtract_ = finite("v_subtract", p.v_subtract, units_);
  for (const double v : v_subtract_)
    if (!(v > 0)) throw_range("v_subtract", "greater than 0", to_text(v));
  refractory_ = step_counts(p.refractory, units_);
}

// One run: buffers, and the step.
class ConstantLeakRunner {
 public:
  ConstantLeakRunner(const ConstantLeakPlan& plan, const ConstantLeakState& state, const ConstantLeakRun& run,
                     SpikeList& spikes, RunControl& control)
      : p_(plan),
        s_(state),
        run_(run),
        spikes_(spikes),
        control_(control),
        input_(plan.units_),
        recurrent_(plan.recurrent() ? plan.units_ : 0) {
    check();
    if (p_.recurrent()) queue_ = std::move(*s_.pending);
  }

  void run() {
    control_.set_total(run_.steps);
    record(0);
    const std::uint64_t most = std::clamp<std::uint64_t>(65536 / p_.units_, 1, 1024);
    EventFilter filter(p_.inputs_, run_.count_events);
    BinnedEvents events;
    for (std::uint64_t first = 0; first < run_.steps; first += most) {
      const std::uint64_t steps = std::min(most, run_.steps - first);
      events.clear();
      if (run_.events != nullptr) {
        auto quiet = control_.quiet();
        bin_events(*run_.events, {0.0, run_.dt, run_.first_step + first, steps}, events, quiet);
        filter.apply(events);
      }
      block(first, steps, events);
      control_.advance(steps);
    }
    if (p_.recurrent()) keep_pending();
  }

 private:
  void check() const {
    check_length("v", s_.v.size(), p_.units_);
    if (p_.refractory()) check_length("refractory", s_.refractory.size(), p_.units_);
    for (const double v : s_.v)
      if (std::isnan(v)) throw_range("the state", "a number", "NaN");
    for (const auto id : run_.monitor)
      if (id < 0 || static_cast<std::size_t>(id) >= p_.units_) throw_range("monitor", "ids of neurons", to_text(id));
    if (!run_.record.empty()) check_length("record", run_.record.size(), (2 * run_.steps + 1) * run_.monitor.size());
    if (!run_.drive.empty()) check_length("drive", run_.drive.size(), run_.steps * p_.units_);
    if (p_.soft_max_) check_length("out", run_.out.size(), run_.steps * p_.units_);
    if (run_.events != nullptr && p_.weights_in_.empty() && !p_.convolution_)
      throw_shape("weights", "there for events", "none");
    if (!p_.recurrent()) return;
    ROCKPOOL_INVARIANT(s_.pending != nullptr);
    std::uint64_t before = 0;
    for (const auto& spikes : *s_.pending) {
      if (spikes.neuron >= p_.units_) throw_range("a pending spike's neuron", "one of the layer's", to_text(spikes.neuron));
      if (spikes.steps < before || spikes.steps >= p_.delay_)
        throw_range("the steps of pending spikes", "ascending, and below the delay", to_text(spikes.steps));
      before = spikes.steps;
    }
  }

  void block(std::uint64_t first, std::uint64_t steps, const BinnedEvents& events) {
    std::size_t e = 0;
    for (std::uint64_t k = 0; k < steps; ++k) {
      const std::size_t begin = e;
      while (e < events.size() && events.steps[e] == k) ++e;
      gather_input(first + k, events, begin, e);
      gather_recurrent(first + k);
      integrate(first + k);
      record(2 * (first + k) + 1);
      if (p_.soft_max_)
        soft_max(first + k);
      else
        fire(first + k);
      record(2 * (first + k) + 2);
    }
  }

  // Asks whether to stop after so much work.
  void spend(std::uint64_t work) {
    constexpr std::uint64_t kQuantum = std::uint64_t{1} << 20;
    spent_ += work;
    if (spent_ < kQuantum) return;
    spent_ = 0;
    control_.advance(0);
  }

  void gather_input(std::uint64_t step, const BinnedEvents& events, std::size_t begin, std::size_t end) {
    if (!run_.drive.empty()) {
      std::copy_n(run_.drive.data() + step * p_.units_, p_.units_, input_.data());
      return;
    }
    std::fill(input_.begin(), input_.end(), 0.0);
    // By channel, so that the order in which simultaneous events are listed does not show.
    channels_.assign(events.channels.begin() + static_cast<std::ptrdiff_t>(begin),
                     events.channels.begin() + static_cast<std::ptrdiff_t>(end));
    std::sort(channels_.begin(), channels_.end());
    for (std::size_t i = 0, next = 0; i < channels_.size(); i = next) {
      while (next < channels_.size() && channels_[next] == channels_[i]) ++next;
      const auto channel = static_cast<std::size_t>(channels_[i]);
      const auto count = static_cast<double>(next - i);
      if (p_.convolution_)
        p_.convolution_->add(channel, count, input_.data());
      else
        add_row(p_.weights_in_.data() + channel * p_.units_, count, input_.data(), p_.units_);
      spend(p_.units_);
    }
  }

  void gather_recurrent(std::uint64_t step) {
    if (!p_.recurrent()) return;
    std::fill(recurrent_.begin(), recurrent_.end(), 0.0);
    for (; head_ < queue_.size() && queue_[head_].steps <= step; ++head_) {
      const auto& [steps, neuron, count] = queue_[head_];
      add_row(p_.weights_rec_.data() + neuron * p_.units_, static_cast<double>(count), recurrent_.data(), p_.units_);
      spend(p_.units_);
    }
    if (head_ < 4096 || head_ < queue_.size() / 2) return;
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }

  void integrate(std::uint64_t step) {
    const double bias = (run_.first_step + step + 1) % p_.bias_every_ == 0 ? 1.0 : 0.0;
    double* const v = s_.v.data();
    const std::size_t n = p_.units_;
    if (!p_.recurrent()) {
      for (std::size_t j = 0; j < n; ++j) v[j] = v[j] + input_[j] + bias * p_.bias_[j];
    } else if (!p_.refractory()) {
      for (std::size_t j = 0; j < n; ++j) v[j] += input_[j] + recurrent_[j] + bias * p_.bias_[j];
    } else {
      for (std::size_t j = 0; j < n; ++j) v[j] += s_.refractory[j] > 0 ? 0.0 : input_[j] + recurrent_[j] + bias * p_.bias_[j];
    }
    const auto& cast = p_.cast_;
    const auto [low, high, integer] = cast.range();
    if (integer)
      for (std::size_t j = 0; j < n; ++j) v[j] = std::trunc(std::min(std::max(v[j], low), high)) + 0.0;
    else if (cast.type() == StateType::kFloat64)
      for (std::size_t j = 0; j < n; ++j) v[j] = std::min(std::max(v[j], low), high);
    else
      for (std::size_t j = 0; j < n; ++j) v[j] = cast(v[j]);
  }

  // Threshold, reset, and the countdown of refractory neurons.
  void fire(std::uint64_t step) {
    const bool several = !p_.v_subtract_.empty() && !p_.refractory();
    for (std::size_t j = 0; j < p_.units_; ++j) {
      const bool free = !p_.refractory() || s_.refractory[j] == 0;
      if (!free) --s_.refractory[j];
      double& v = s_.v[j];
      if (!free || !(v >= p_.v_thresh_[j])) continue;
      std::uint64_t count = 1;
      if (several)
        count = subtract(j, v);
      else
        v = p_.cast_(p_.v_subtract_.empty() ? p_.v_reset_[j] : v - p_.v_subtract_[j]);
      if (p_.refractory()) s_.refractory[j] = p_.refractory_[j];
      emit(step, j, count);
    }
  }

  // As many spikes as it takes to get below the threshold.
  std::uint64_t subtract(std::size_t j, double& v) const {
    const double threshold = p_.v_thresh_[j], step = p_.v_subtract_[j];
    std::uint64_t count = 0;
    const double times = std::floor((v - threshold) / step);
    if (p_.cast_.type() == StateType::kFloat64 && times > static_cast<double>(kManySubtractions)) {
      if (times > static_cast<double>(kMostSpikes)) throw_too_many(j);
      count = static_cast<std::uint64_t>(times);
      v -= times * step;
    }
    do {
      const double next = p_.cast_(v - step);
      if (!(next < v))
        throw Error(ErrorKind::kState, "ERR_STATE",
                    "expected v_subtract[" + to_text(j) + "] to be large enough to lower a state of " + to_text(v) +
                        ", received " + to_text(step));
      v = next;
      if (++count > kMostSpikes) throw_too_many(j);
    } while (v >= threshold);
    return count;
  }

  void emit(std::uint64_t step, std::size_t j, std::uint64_t count) {
    if (count > kMostSpikes - std::min<std::uint64_t>(kMostSpikes, spikes_.steps.size())) throw_too_many(j);
    spikes_.steps.insert(spikes_.steps.end(), count, step);
    spikes_.neurons.insert(spikes_.neurons.end(), count, static_cast<std::int32_t>(j));
    if (p_.recurrent()) queue_.push_back({step + p_.delay_, static_cast<std::uint32_t>(j), count});
    spend(count);
  }

  void soft_max(std::uint64_t step) {
    const auto v = s_.v;
    for (std::size_t j = 0; j < v.size(); ++j)
      if (v[j] >= p_.v_thresh_[j])
        throw Error(ErrorKind::kState, "ERR_STATE",
                    "expected the state of unit " + to_text(j) + " to stay below the threshold " + to_text(p_.v_thresh_[j]) +
                        ", received " + to_text(v[j]));
    const double largest = *std::max_element(v.begin(), v.end());
    double* const out = run_.out.data() + step * p_.units_;
    double sum = 0.0;
    for (std::size_t j = 0; j < v.size(); ++j) sum += out[j] = std::exp(v[j] - largest);
    for (std::size_t j = 0; j < v.size(); ++j) out[j] /= sum;
  }

  void record(std::uint64_t row) {
    if (run_.record.empty()) return;
    double* const to = run_.record.data() + row * run_.monitor.size();
    for (std::size_t i = 0; i < run_.monitor.size(); ++i) to[i] = s_.v[static_cast<std::size_t>(run_.monitor[i])];
  }

  void keep_pending() {
    s_.pending->clear();
    for (std::size_t i = head_; i < queue_.size(); ++i) {
      const auto& [steps, neuron, count] = queue_[i];
      s_.pending->push_back({steps - run_.steps, neuron, count});
    }
  }

  const ConstantLeakPlan& p_;
  const ConstantLeakState& s_;
  const ConstantLeakRun& run_;
  SpikeList& spikes_;
  RunControl& control_;
  std::vector<double> input_, recurrent_;
  std::vector<std::int32_t> channels_;
  std::vector<DelayedSpikes> queue_;  // by the step, from that of the run on, in which they arrive
  std::size_t head_ = 0;
  std::uint64_t spent_ = 0;
};

void ConstantLeakPlan::run(const ConstantLeakState& state, const ConstantLeakRun& run, SpikeList& spikes,
                           RunControl& control) const {
  ConstantLeakRunner(*this, state, run, spikes, control).run();
}

std::uint64_t shift_pending(std::vector<DelayedSpikes>& pending, std::int64_t steps) {
  std::uint64_t lost = 0;
  std::erase_if(pending, [&](DelayedSpikes& spikes) {
    const auto moved = static_cast<std::int64_t>(spikes.steps) + steps;
    spikes.steps = static_cast<std::uint64_t>(std::max<std::int64_t>(moved, 0));
    if (moved < 0) lost += spikes.count;
    return moved < 0;
  });
  return lost;
}

namespace {

// One row at the start, then two at the end of each step.
double record_time(std::uint64_t first_step, double dt, std::size_t row) {
  const std::uint64_t step = first_step + (row + 1) / 2;
  return time_of(static_cast<double>(step), 0.0, dt);
}

}  // namespace

void list_constant_leak_record(std::span<const double> record, std::span<const std::int32_t> monitor, std::uint64_t first_step,
                               double dt, std::span<double> out) {
  check_length("out", out.size(), 3 * record.size());
  double* to = out.data();
  for (std::size_t row = 0; !monitor.empty() && row < record.size() / monitor.size(); ++row) {
    const double time = record_time(first_step, dt, row);
    for (std::size_t i = 0; i < monitor.size(); ++i, to += 3) {
      to[0] = time;
      to[1] = monitor[i];
      to[2] = record[row * monitor.size() + i];
    }
  }
}

void constant_leak_record_times(std::uint64_t first_step, double dt, std::span<double> out) {
  for (std::size_t row = 0; row < out.size(); ++row) out[row] = record_time(first_step, dt, row);
}

}  // namespace rockpool
