// Runs of fast_slow.h.
#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "neurons/fast_slow.h"
#include "neurons/finite.h"
#include "rockpool/error.h"
#include "rockpool/random.h"
#include "rockpool/time_grid.h"
#include "simd/denormals.h"

namespace rockpool {

namespace {

constexpr std::size_t kMostSpikes = std::size_t{1} << 27;  // of a run: 1.6 GB
constexpr double kWork = 4e6;                              // neuron updates between two reports: a few milliseconds
constexpr double kOverhead = 64.0;                         // of an iteration, in neuron updates

std::size_t rows_per_block(std::size_t stride, std::uint64_t steps) {
  const std::size_t rows = std::clamp<std::size_t>(49152 / stride, 1, 384);
  return static_cast<std::size_t>(std::min<std::uint64_t>(rows, std::max<std::uint64_t>(steps, 1)));
}

void need(std::size_t size, std::size_t expected, const char* name) {
  if (size != expected) throw_shape(name, to_text(expected) + " elements long", to_text(size) + " elements");
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

}  // namespace

FastSlowRunner::Neurons::Neurons(const FastSlowModel& m)
    : v(m.stride),
      fast(m.stride),
      slow(m.stride),
      v_last(m.stride),
      fast_last(m.stride),
      slow_last(m.stride),
      held(m.stride),
      rate(m.adaptive() ? m.stride : 0),
      rate_last(m.adaptive() ? m.stride : 0),
      out(m.outputs),
      out_last(m.outputs) {}

FastSlowRunner::FastSlowRunner(const FastSlowModel& model, const FastSlowState& state, const FastSlowRun& run,
                               FastSlowSpikes& spikes, RunControl& control)
    : m_(model),
      state_(state),
      run_(run),
      spikes_(spikes),
      control_(control),
      end_(run.first_step + run.steps),
      n_(model),
      arrays_{model.stride,
              model.v_from_drive.data(),
              model.fast_from_fast.data(),
              model.slow_from_slow.data(),
              model.threshold.data(),
              model.reset.data(),
              model.rate_from_rate,
              n_.v.data(),
              n_.fast.data(),
              n_.slow.data(),
              n_.rate.data(),
              n_.v_last.data(),
              n_.fast_last.data(),
              n_.slow_last.data(),
              n_.rate_last.data(),
              n_.held.data()},
      now_{run.first_step, 0.0},
      last_(now_),
      block_rows_(rows_per_block(model.stride, run.steps)),
      teacher_(model.adaptive() ? model.stride : 0) {
  check();
  const bool varies = run.current != nullptr || model.noise_std > 0.0;
  if (varies) drive_ = AlignedArray<double>(block_rows_ * model.stride);
  if (run.current != nullptr) sampled_ = AlignedArray<double>(block_rows_ * model.units);
  if (model.noise_std > 0.0) xi_ = AlignedArray<double>(model.units);
  if (run.target == nullptr) return;
  target_ = AlignedArray<double>(block_rows_ * model.outputs);
  error_ = AlignedArray<double>(model.outputs);
  gathered_ = AlignedArray<double>(model.outputs * model.stride);
}

void FastSlowRunner::check() const {
  const std::size_t n = m_.units;
  need(state_.v.size(), n, "v");
  need(state_.fast.size(), n, "fast");
  need(state_.slow.size(), n, "slow");
  need(state_.held.size(), n, "held");
  need(state_.out.size(), m_.outputs, "out");
  need(state_.rate.size(), m_.adaptive() ? n : 0, "rate");
  if (!(run_.min_delta >= 1e-9 && run_.min_delta < 1.0))
    throw_range("minDelta", "at least 1e-9 time steps and less than one", to_text(run_.min_delta));
  if (run_.suppressed > n) throw_range("suppressed", "at most the number of units", to_text(run_.suppressed));
  if (run_.current != nullptr) check_input_channels(*run_.current, n);
  if (run_.target == nullptr) return;
  if (!m_.adaptive()) throw_range("target", "absent: the layer is not adaptive", "one");
  check_input_channels(*run_.target, m_.outputs);
  if (!run_.learned.empty()) need(run_.learned.size(), n * n, "learned");
}

/// What a continuation holds, in this order, after the fraction of the last time; refractory times come last.
std::vector<FastSlowRunner::Part> FastSlowRunner::parts() {
  std::vector<Part> all{
      {state_.v, &n_.v, &n_.v_last}, {state_.fast, &n_.fast, &n_.fast_last}, {state_.slow, &n_.slow, &n_.slow_last}};
  if (m_.adaptive()) {
    all.push_back({state_.out, &n_.out, &n_.out_last});
    all.push_back({state_.rate, &n_.rate, &n_.rate_last});
  }
  return all;
}

/// Starts from where the last run ended, when the state is still what that run made of it.
bool FastSlowRunner::resume() {
  if (state_.pending == nullptr || state_.pending->empty()) return false;
  const auto& pending = *state_.pending;
  const auto all = parts();
  std::size_t size = 1 + m_.units;
  for (const auto& part : all) size += 2 * part.state.size();
  if (pending.size() != size || run_.first_step == 0 || !(pending[0] >= 0.0 && pending[0] < 1.0)) return false;
  last_ = {run_.first_step - 1, pending[0]};
  rest_ = 1.0 - last_.fraction;
  const double* from = pending.data() + 1;
  for (const auto& [present, now, last] : all) {
    const double* before = from + present.size();
    for (std::size_t i = 0; i < present.size(); ++i)
      if (!same_bits(value_at_end(from[i], before[i]), present[i])) return false;
    from = before + present.size();
  }
  from = pending.data() + 1;
  for (const auto& [present, now, last] : all) {
    std::copy_n(from, present.size(), now->data());
    std::copy_n(from + present.size(), present.size(), last->data());
    from += 2 * present.size();
  }
  std::copy_n(from, m_.units, n_.held.data());
  now_ = {run_.first_step, last_.fraction};
  span_ = 1.0;
  return true;
}

void FastSlowRunner::load() {
  check_finite("membrane potential", state_.v.data(), m_.units, run_.first_step);
  check_finite("fast synaptic current", state_.fast.data(), m_.units, run_.first_step);
  check_finite("slow synaptic current", state_.slow.data(), m_.units, run_.first_step);
  resumed_ = resume();
  if (!resumed_) {
    last_ = now_;
    for (const auto& [present, now, last] : parts())
      for (auto* array : {now, last}) std::ranges::copy(present, array->data());
    std::ranges::copy(state_.held, n_.held.data());
  }
  look_up_suppression();
  crossing_ = scan();
}

/// The first crossing between the last and the present time.
FastSlowCrossing FastSlowRunner::scan() const {
  FastSlowCrossing first{std::numeric_limits<double>::infinity(), m_.stride};
  for (std::size_t j = suppressed_; j < m_.units; ++j) {
    if (n_.held[j] > kHeldTolerance || !(n_.v[j] > m_.threshold[j])) continue;
    const double at = (m_.threshold[j] - n_.v_last[j]) / (n_.v[j] - n_.v_last[j]);
    if (at < first.at) first = {at, j};
  }
  return first;
}

/// Takes the present time back to the crossing, if there is one before the end of the run.
bool FastSlowRunner::take_back() {
  if (crossing_.unit == m_.stride) return false;
  share_ = std::min(crossing_.at, span_);
  if (share_ < run_.min_delta) share_ = run_.min_delta;
  Time spike{last_.step, last_.fraction + share_};
  if (share_ == 1.0) {
    spike = now_;
  } else if (spike.fraction >= 1.0) {
    ++spike.step;
    spike.fraction -= 1.0;
  }
  if (spike.step < run_.first_step) {  // parameters changed between two runs, so that it would have been seen earlier
    spike = {run_.first_step, 0.0};
    share_ = rest_;
  }
  if (spike.step >= end_) return false;
  now_ = spike;
  spiking_ = crossing_.unit;
  return true;
}

double FastSlowRunner::seconds(const Time& time) const {
  const double t = time_of(static_cast<double>(time.step) + time.fraction, 0.0, m_.dt);
  const double next = time_of(static_cast<double>(time.step + 1), 0.0, m_.dt);
  return t < next ? t : std::nextafter(next, 0.0);
}

void FastSlowRunner::look_up_suppression() {
  const double t = run_.suppressed > 0 ? seconds(now_) : 0.0;
  suppressed_ = run_.suppressed > 0 && t > run_.suppress_from && t < run_.suppress_to ? run_.suppressed : 0;
}

void FastSlowRunner::prepare_block(std::uint64_t k) {
  const std::uint64_t rows_left = run_.steps - k;
  const auto rows = static_cast<std::size_t>(std::min<std::uint64_t>(block_rows_, rows_left));
  block_first_ = k;
  block_end_ = k + rows;
  const std::uint64_t first = run_.first_step + k;
  if (run_.target != nullptr) read_input(*run_.target, first, rows, m_.outputs, target_.data());
  if (run_.current != nullptr) read_input(*run_.current, first, rows, m_.units, sampled_.data());
  auto* record = run_.record != nullptr && !run_.record->static_input.empty() ? run_.record->static_input.data() : nullptr;
  for (std::size_t row = 0; row < rows && !drive_.empty(); ++row) {
    double* drive = drive_.data() + row * m_.stride;
    std::fill_n(drive, m_.stride, 0.0);
    if (run_.current != nullptr) std::copy_n(sampled_.data() + row * m_.units, m_.units, drive);
    if (!xi_.empty()) {
      fill_normal({run_.seed, 0}, first + row, 0, xi_.data(), m_.units);
      for (std::size_t j = 0; j < m_.units; ++j) drive[j] += m_.drive_from_xi[j] * xi_[j];
    }
    if (record != nullptr) std::copy_n(drive, m_.units, record + (static_cast<std::size_t>(k) + row) * m_.units);
    for (std::size_t j = 0; j < m_.units; ++j) drive[j] += m_.constant_drive[j];
  }
}

/// Outputs on by one step, from where a spike takes them back to.
void FastSlowRunner::advance_outputs(bool spike) {
  const double* kick = m_.output_rows.data() + spiking_ * m_.outputs;
  for (std::size_t c = 0; c < m_.outputs; ++c) {
    const double jump = spike ? kick[c] : 0.0;
    const double now = spike ? n_.out_last[c] + (n_.out[c] - n_.out_last[c]) * share_ : n_.out[c];
    n_.out_last[c] = now + jump;
    n_.out[c] = now - now * m_.out_from_out[c] + jump;
  }
}

/// The error of the outputs in a row of the block, and what it tells the neurons.
void FastSlowRunner::teach(std::size_t row) {
  std::fill_n(teacher_.data(), m_.stride, 0.0);
  for (std::size_t c = 0; c < m_.outputs; ++c) {
    error_[c] = target_[row * m_.outputs + c] - n_.out[c];
    m_.kernels.add_scaled(m_.stride, run_.k * error_[c], m_.teacher_rows.data() + c * m_.stride, teacher_.data());
  }
}

void FastSlowRunner::iterate(bool spike) {
  const std::uint64_t k = now_.step - run_.first_step;
  if (k >= block_end_) prepare_block(k);
  const auto row = static_cast<std::size_t>(k - block_first_);
  const double* drive = drive_.empty() ? m_.constant_drive.data() : drive_.data() + row * m_.stride;
  for (std::size_t j = 0; j < suppressed_; ++j) n_.v[j] = m_.reset[j];
  FastSlowStep step{drive, teacher_.data(), nullptr, nullptr, share_, 0.0, 0};
  if (spike) {
    step.fast_kick = m_.fast_rows.data() + spiking_ * m_.stride;
    step.slow_kick = m_.slow_rows.data() + spiking_ * m_.stride;
    step.taken_back = span_ - share_;
    n_.v[spiking_] = n_.v_last[spiking_] = m_.reset[spiking_];  // a line at this level
    n_.held[spiking_] = m_.refractory_steps - step.taken_back;
    list_spike();
  }
  if (m_.adaptive()) {
    advance_outputs(spike);
    if (run_.target != nullptr) teach(row);
  }
  const Time present = now_;
  ++now_.step;
  look_up_suppression();
  step.suppressed = suppressed_;
  const auto progress = (m_.adaptive() ? m_.kernels.adaptive_step : m_.kernels.step)(arrays_, step);
  if (!progress.finite) check_finite("membrane potential", n_.v.data(), m_.units, present.step);
  if (m_.adaptive() && spike) {
    n_.rate[spiking_] += 1.0;
    n_.rate_last[spiking_] += 1.0;
  }
  if (run_.target != nullptr && !run_.learned.empty())
    for (std::size_t c = 0; c < m_.outputs; ++c)
      m_.kernels.add_scaled(m_.stride, error_[c], n_.rate.data(), gathered_.data() + c * m_.stride);
  crossing_ = progress.crossing;
  last_ = present;
  span_ = 1.0;
  if (run_.record != nullptr) record_row(drive);
}

void FastSlowRunner::list_spike() {
  if (spikes_.times.size() >= kMostSpikes)
    throw Error(ErrorKind::kState, "ERR_NOMEM",
                "expected fewer than 2^27 spikes of one evolution, received more at time step " + to_text(now_.step));
  spikes_.times.push_back(seconds(now_));
  spikes_.units.push_back(static_cast<std::int32_t>(spiking_));
}

void FastSlowRunner::progress() {
  work_ += static_cast<double>(m_.units) * static_cast<double>(1 + m_.outputs) + kOverhead;
  if (work_ < kWork) return;
  work_ = 0.0;
  const std::uint64_t done = std::min(now_.step, end_) - run_.first_step;
  control_.advance(done - reported_);
  reported_ = done;
}

/// dW = sum r (w_in^T e)^T without its diagonal, scaled to a mean magnitude of eta.
void FastSlowRunner::learn() {
  const std::size_t n = m_.units;
  std::vector<double> change(n * m_.stride, 0.0);
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    double* row = change.data() + i * m_.stride;
    for (std::size_t c = 0; c < m_.outputs; ++c)
      m_.kernels.add_scaled(m_.stride, gathered_[c * m_.stride + i], m_.teacher_rows.data() + c * m_.stride, row);
    row[i] = 0.0;
    for (std::size_t j = 0; j < n; ++j) sum += std::fabs(row[j]);
    if (control_.stop_requested()) control_.advance(0);
  }
  if (!(sum > 0.0) || !std::isfinite(sum)) return;
  const double factor = run_.eta * (static_cast<double>(n) * static_cast<double>(n) / sum);
  for (std::size_t i = 0; i < n; ++i)
    m_.kernels.add_scaled(n, factor, change.data() + i * m_.stride, run_.learned.data() + i * n);
  for (const double w : run_.learned)
    if (!std::isfinite(w))
      throw Error(ErrorKind::kState, "ERR_NOT_FINITE",
                  "expected the slow weights to stay finite while they learn with eta " + to_text(run_.eta) + ", received " +
                      to_text(w));
}

/// Writes the state at the end of the run, and what the next one goes on from.
void FastSlowRunner::finish() {
  check_finite("fast synaptic current", n_.fast.data(), m_.units, end_);
  check_finite("slow synaptic current", n_.slow.data(), m_.units, end_);
  check_finite("output", n_.out.data(), m_.outputs, end_);
  ROCKPOOL_INVARIANT(last_.step + 1 == end_);
  rest_ = 1.0 - last_.fraction;
  std::vector<double> pending{last_.fraction};
  const auto all = parts();
  for (const auto& [present, now, last] : all) {
    pending.insert(pending.end(), now->data(), now->data() + present.size());
    pending.insert(pending.end(), last->data(), last->data() + present.size());
  }
  pending.insert(pending.end(), n_.held.data(), n_.held.data() + m_.units);
  if (run_.target != nullptr && !run_.learned.empty()) learn();
  for (const auto& [present, now, last] : all)
    for (std::size_t i = 0; i < present.size(); ++i) present[i] = value_at_end((*now)[i], (*last)[i]);
  for (std::size_t j = 0; j < m_.units; ++j) state_.held[j] = std::max(0.0, n_.held[j] + last_.fraction);
  if (run_.record != nullptr) record_end();
  if (state_.pending != nullptr) state_.pending->swap(pending);
}

void FastSlowRunner::operator()() {
  if (run_.steps == 0) return;
  const simd::FlushDenormals flush;
  control_.set_total(run_.steps);
  load();
  for (;;) {
    const bool spike = take_back();
    if (!spike && now_.step >= end_) break;
    iterate(spike);
    progress();
  }
  control_.advance(run_.steps - reported_);  // the last chance to stop: from here on the state is written
  finish();
}

}  // namespace rockpool
