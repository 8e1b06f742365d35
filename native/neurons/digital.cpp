#include "rockpool/digital.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "neurons/digital_arrays.h"
#include "neurons/digital_queue.h"
#include "rockpool/error.h"

namespace rockpool {

namespace {

/// Behind the end of a refractory time, so that rounding cannot put a wake-up before it.
constexpr double kWakeUpMargin = 1e-10;

void check(const char* name, std::span<const double> values, std::size_t expected) {
  if (values.size() != expected)
    throw_shape(name, std::to_string(expected) + " elements long", std::to_string(values.size()) + " elements");
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw_range(std::string(name) + "[" + std::to_string(i) + "]", "finite", std::to_string(values[i]));
}

void check_all(const DigitalParameters& p) {
  if (p.inputs == 0 || p.units == 0 || p.inputs > 0x3fffffffu || p.units > 0x3fffffffu)
    throw_range("inputs and units", "from 1 to 2^30 - 1", std::to_string(p.inputs) + " and " + std::to_string(p.units));
  check("weights_in", p.weights_in, p.inputs * p.units);
  check("weights_rec", p.weights_rec, p.units * p.units);
  check("v_thresh", p.v_thresh, p.units);
  check("v_reset", p.v_reset, p.units);
  check("leak", p.leak, p.units);
  check("refractory", p.refractory, p.units);
  if (!p.v_rest.empty()) check("v_rest", p.v_rest, p.units);
  if (!p.v_subtract.empty()) check("v_subtract", p.v_subtract, p.units);
  for (const double v : p.v_subtract)
    if (!(v > 0)) throw_range("v_subtract", "greater than 0", std::to_string(v));
  for (const double v : p.refractory)
    if (!(v >= 0)) throw_range("refractory", "0 or more", std::to_string(v));
  if (!(p.delay > 0) || std::isinf(p.delay)) throw_range("delay", "greater than 0, and finite", std::to_string(p.delay));
  if (!(p.tau_leak > 0) || std::isinf(p.tau_leak))
    throw_range("tau_leak", "greater than 0, and finite", std::to_string(p.tau_leak));
}

std::vector<double> copied(std::span<const double> from) {
  return {from.begin(), from.end()};
}

/// What the plans of all number types hold.
struct DigitalUnits {
  std::size_t inputs, units;
  double delay, tau_leak;
  StateCast cast;
  bool rests, subtracts;
  std::vector<double> v_thresh, v_reset, v_subtract, refractory;

  explicit DigitalUnits(const DigitalParameters& p)
      : inputs(p.inputs),
        units(p.units),
        delay(p.delay),
        tau_leak(p.tau_leak),
        cast(p.state_type),
        rests(!p.v_rest.empty()),
        subtracts(!p.v_subtract.empty()),
        v_thresh(copied(p.v_thresh)),
        v_reset(copied(p.v_reset)),
        v_subtract(copied(p.v_subtract)),
        refractory(copied(p.refractory)) {
    for (auto& v : v_reset) v = cast(v);
  }
};

template <typename T, typename States>
class DigitalRunner {
 public:
  DigitalRunner(const DigitalUnits& units, const DigitalArrays<T>& arrays, const DigitalState& state, const DigitalRun& run,
                DigitalOutput& out, RunControl& control)
      : p_(units),
        a_(arrays),
        s_(state),
        run_(run),
        out_(out),
        control_(control),
        states_(arrays, units.cast),
        events_(units.inputs, units.units, units.delay, units.tau_leak),
        crossed_(arrays.stride / kDigitalBlock) {
    check_run();
    for (std::size_t j = 0; j < p_.units; ++j) states_.data()[j] = static_cast<T>(p_.cast(s_.v[j]));
    for (std::size_t j = 0; j < p_.units; ++j)
      if (s_.refractory[j] > run_.t_start) held_.push_back(static_cast<std::uint32_t>(j));
    events_.begin(run_, *s_.queue);
  }

  void run() {
    control_.set_total(run_.steps);
    if (!run_.monitor.empty()) record(run_.t_start, std::numeric_limits<double>::quiet_NaN());
    DigitalEvent event{};
    while (events_.next(event)) {
      if (run_.monitor.empty())
        process(event);
      else
        process_recorded(event);
      spend(event.time);
    }
    for (std::size_t j = 0; j < p_.units; ++j) s_.v[j] = static_cast<double>(states_.data()[j]);
    events_.end(*s_.queue);
    control_.advance(run_.steps - reported_);
  }

 private:
  void check_run() const {
    ROCKPOOL_INVARIANT(s_.queue != nullptr);
    check("v", s_.v, p_.units);
    check("the ends of refractory times", s_.refractory, p_.units);
    for (const auto id : run_.monitor)
      if (id < 0 || static_cast<std::size_t>(id) >= p_.units) throw_range("monitor", "ids of neurons", std::to_string(id));
    if (!(run_.t_start <= run_.t_stop) || std::isinf(run_.t_stop))
      throw_range("t_stop", "at or after " + std::to_string(run_.t_start), std::to_string(run_.t_stop));
    // Otherwise a spike could cause another one at the same time, and so on for ever.
    if (!(run_.t_stop + p_.delay > run_.t_stop))
      throw_range("delay", "large enough to be told from 0 at the time " + std::to_string(run_.t_stop),
                  std::to_string(p_.delay));
  }

  void process(const DigitalEvent& event) {
    if (update(event)) fire(event.time);
  }

  void process_recorded(const DigitalEvent& event) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    record(event.time, event.channel);
    const bool crossed = update(event);
    record(event.time, kNone);
    if (crossed) fire(event.time);
    record(event.time, kNone);
  }

  // All neurons, of which the refractory ones then get back what they had.
  bool update(const DigitalEvent& event) {
    T* const v = states_.data();
    std::size_t kept = 0;
    for (const auto j : held_)
      if (s_.refractory[j] > event.time) held_[kept++] = j;
    held_.resize(kept);
    before_.resize(kept);
    for (std::size_t i = 0; i < kept; ++i) before_[i] = v[held_[i]];
    bool crossed = false;
    if (event.channel == kWakeUp)
      return states_.compare(crossed_.data());
    else if (event.channel == events_.leak_channel())
      crossed = p_.rests ? states_.lead(crossed_.data()) : states_.add(a_.down.data(), crossed_.data());
    else
      crossed = states_.add(a_.weights.data() + static_cast<std::size_t>(event.channel) * a_.stride, crossed_.data());
    for (std::size_t i = 0; i < kept; ++i) v[held_[i]] = before_[i];
    return crossed;
  }

  // Spikes and resets of the free neurons above threshold, in the blocks that have crossed it.
  void fire(double time) {
    for (std::size_t b = 0; b < crossed_.size(); ++b) {
      if (crossed_[b] == 0) continue;
      const std::size_t first = b * kDigitalBlock;
      for (std::uint64_t above = states_.bits(first); above != 0; above &= above - 1) {
        const std::size_t j = first + static_cast<std::size_t>(std::countr_zero(above));
        if (s_.refractory[j] > time) continue;
        reset(j, time, states_.data()[j]);
        s_.refractory[j] = time + p_.refractory[j];
        held_.push_back(static_cast<std::uint32_t>(j));
        out_.times.push_back(time);
        out_.neurons.push_back(static_cast<std::int32_t>(j));
        events_.spike(time, j);
      }
    }
  }

  void reset(std::size_t j, double time, T& v) {
    if (!p_.subtracts) {
      v = static_cast<T>(p_.v_reset[j]);
      return;
    }
    const auto before = static_cast<double>(v);
    const double after = p_.cast(before - p_.v_subtract[j]);
    v = static_cast<T>(after);
    if (after < p_.v_thresh[j]) return;
    if (!(after < before))
      throw Error(ErrorKind::kState, "ERR_STATE",
                  "expected v_subtract[" + std::to_string(j) + "] to be large enough to lower a state of " +
                      std::to_string(before) + ", received " + std::to_string(p_.v_subtract[j]));
    events_.wake_up(time + p_.refractory[j] + kWakeUpMargin);
  }

  void record(double time, double channel) {
    out_.record_times.push_back(time);
    for (const auto id : run_.monitor) out_.record.push_back(static_cast<double>(states_.data()[id]));
    out_.record.push_back(channel);
  }

  // Tells how far the run has come, and asks whether to stop.
  void spend(double time) {
    constexpr std::size_t kQuantum = std::size_t{1} << 20;
    spent_ += a_.stride + 8 * held_.size();
    if (spent_ < kQuantum) return;
    spent_ = 0;
    const double share = (time - run_.t_start) / (run_.t_stop - run_.t_start);
    const auto done = std::min(static_cast<std::uint64_t>(share * static_cast<double>(run_.steps)), run_.steps);
    control_.advance(done - std::min(done, reported_));
    reported_ = std::max(done, reported_);
  }

  const DigitalUnits& p_;
  const DigitalArrays<T>& a_;
  const DigitalState& s_;
  const DigitalRun& run_;
  DigitalOutput& out_;
  RunControl& control_;
  States states_;
  DigitalEvents events_;
  std::vector<std::uint8_t> crossed_;
  std::vector<std::uint32_t> held_;  // the neurons that may be refractory
  std::vector<T> before_;
  std::size_t spent_ = 0;
  std::uint64_t reported_ = 0;
};

template <typename T, typename States>
class PackedDigitalPlan final : public DigitalPlan {
 public:
  explicit PackedDigitalPlan(const DigitalParameters& p) : units_(p), arrays_(p) {}
  std::size_t inputs() const override { return units_.inputs; }
  std::size_t units() const override { return units_.units; }
  int weight_bits() const override { return 8 * static_cast<int>(sizeof(T)); }
  void run(const DigitalState& state, const DigitalRun& run, DigitalOutput& out, RunControl& control) const override {
    DigitalRunner<T, States>(units_, arrays_, state, run, out, control).run();
  }

 private:
  DigitalUnits units_;
  DigitalArrays<T> arrays_;
};

template <typename T>
std::shared_ptr<const DigitalPlan> packed(const DigitalParameters& p) {
  if (DigitalArrays<T>::fits(p)) return std::make_shared<PackedDigitalPlan<T, OwnStates<T>>>(p);
  return std::make_shared<PackedDigitalPlan<double, CastStates>>(p);
}

}  // namespace

std::shared_ptr<const DigitalPlan> make_digital_plan(const DigitalParameters& p) {
  check_all(p);
  switch (p.state_type) {
    case StateType::kInt8: return packed<std::int8_t>(p);
    case StateType::kInt16: return packed<std::int16_t>(p);
    case StateType::kInt32: return packed<std::int32_t>(p);
    case StateType::kFloat32: return packed<float>(p);
    case StateType::kFloat64: return packed<double>(p);
    default: return std::make_shared<PackedDigitalPlan<double, CastStates>>(p);
  }
}

void cast_states(StateType type, std::span<double> v) {
  const StateCast cast(type);
  for (std::size_t i = 0; i < v.size(); ++i)
    if (std::isnan(v[i])) throw_range("state[" + std::to_string(i) + "]", "a number", "NaN");
  for (double& x : v) x = cast(x);
}

bool all_integers(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double x) { return x == std::trunc(x); });
}

}  // namespace rockpool
