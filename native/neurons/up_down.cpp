#include "rockpool/up_down.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <string>

#include "rockpool/aligned.h"
#include "rockpool/error.h"
#include "rockpool/random.h"

namespace rockpool {

namespace {

constexpr std::uint64_t kMostEvents = std::uint64_t{1} << 27;  // of a run: 1.6 GB
constexpr double kMostAtOnce = 2147483648.0;
constexpr double kEndMargin = 1e-2;    // a share of a step: events at the end of a run would belong to the next one
constexpr std::size_t kBlock = 65536;  // inputs of a block of steps
constexpr std::size_t kBetweenQuestions = std::size_t{1} << 20;    // events
constexpr std::uint64_t kStepsPerWindow = std::uint64_t{1} << 16;  // whose events are binned at once

std::size_t steps_per_block(std::size_t inputs, std::uint64_t steps) {
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(kBlock / inputs, 1, std::max<std::uint64_t>(steps, 1)));
}

void check(const UpDownParameters& p, std::span<const double> reference, bool positive) {
  const std::size_t n = p.inputs();
  if (n == 0 || n > (0x7fffffffu / 2 - 1) / std::max<std::uint32_t>(p.spread, 1))
    throw_range("the number of output channels", "from 1 to 2^31 - 1", to_text(n) + " inputs");
  if (p.thr_down.size() != n || p.tau.size() != n || reference.size() != n)
    throw_shape("thrDown, tauDecay and the state", to_text(n) + " elements long", "another length");
  if (!(p.dt > 0) || !std::isfinite(p.dt)) throw_range("dt", "a finite number greater than 0", to_text(p.dt));
  if (p.repeat == 0 || p.repeat > 0x7fffffffu) throw_range("repeatOutput", "from 1 to 2^31 - 1", to_text(p.repeat));
  if (p.spread == 0) throw_range("the number of channels of a direction", "1 or more", "0");
  for (const auto& [thresholds, name] : {std::pair{p.thr_up, "thrUp"}, std::pair{p.thr_down, "thrDown"}})
    for (std::size_t i = 0; i < n; ++i)
      if (!(thresholds[i] >= 0) || !std::isfinite(thresholds[i]) || (positive && thresholds[i] == 0))
        throw_range(std::string(name) + "[" + to_text(i) + "]",
                    positive ? "a finite number greater than 0" : "a finite number of 0 or more", to_text(thresholds[i]));
  for (std::size_t i = 0; i < n; ++i)
    if (!(p.tau[i] >= p.dt))
      throw_range("tauDecay[" + to_text(i) + "]", "at least a time step, " + to_text(p.dt), to_text(p.tau[i]));
}

std::vector<double> decay_factors(const UpDownParameters& p) {
  std::vector<double> decay(p.inputs());
  for (std::size_t i = 0; i < decay.size(); ++i) decay[i] = 1.0 - p.dt / p.tau[i];
  return decay;
}

/// How often `distance` holds `threshold`; 0 for less than once. It rarely does, so there is rarely a division.
double times_held(double distance, double threshold) {
  return distance >= threshold ? std::floor(distance / threshold) : 0.0;
}

}  // namespace

UpDownEvents::UpDownEvents(const UpDownParameters& p, const UpDownRun& run, std::span<double> reference, RunControl& control)
    : parameters_(p), run_(run) {
  check(p, reference, p.multiplex);
  const std::size_t n = p.inputs();
  if (run.input != nullptr) check_input_channels(*run.input, n);
  const auto decay = decay_factors(p);
  const std::size_t block = steps_per_block(n, run.steps);
  AlignedArray<double> input(block * n), xi(p.noise_std > 0 ? n : 0);
  control.set_total(run.steps);
  for (std::uint64_t done = 0; done < run.steps;) {
    const auto rows = static_cast<std::size_t>(std::min<std::uint64_t>(block, run.steps - done));
    const std::uint64_t first = run.first_step + done;
    if (run.input != nullptr)
      read_input(*run.input, first, rows, n, input.data());
    else
      std::fill_n(input.data(), rows * n, 0.0);
    for (std::size_t k = 0; k < rows; ++k) {
      double* u = input.data() + k * n;
      if (!xi.empty()) {
        fill_normal({run.seed, 0}, first + k, 0, xi.data(), n);
        for (std::size_t i = 0; i < n; ++i) u[i] += p.noise_std * xi[i];
      }
      this->step(done + k, u, decay, reference);
    }
    control.advance(rows);
    done += rows;
  }
}

void UpDownEvents::step(std::uint64_t at, const double* u, std::span<const double> decay, std::span<double> reference) {
  const auto& p = parameters_;
  for (std::size_t i = 0; i < p.inputs(); ++i) {
    if (!std::isfinite(u[i]))
      throw Error(ErrorKind::kState, "ERR_NOT_FINITE",
                  "expected the input of neuron " + to_text(i) + " to be finite, received Infinity at time step " +
                      to_text(run_.first_step + at));
    const double s = (std::isnan(reference[i]) ? u[i] : reference[i]) * decay[i];
    const double up_by = p.thr_up[i], down_by = p.thr_down[i];
    const double up = p.multiplex ? times_held(u[i] - s, up_by) : u[i] > s + up_by ? 1.0 : 0.0;
    const double down = p.multiplex ? times_held(s - u[i], down_by) : u[i] < s - down_by ? 1.0 : 0.0;
    if (up > 0) add(at, 2 * i, up);
    if (down > 0) add(at, 2 * i + 1, down);
    const double raised = s + up_by * up;
    reference[i] = raised - down_by * down;
  }
}

void UpDownEvents::add(std::uint64_t step, std::size_t direction, double count) {
  if (!(count < kMostAtOnce))
    throw Error(ErrorKind::kRange, "ERR_VALUE",
                std::string("expected the input of channel ") + to_text(direction / 2) +
                    " to be less than 2^31 thresholds away from its reference, received " + to_text(count) + " at time step " +
                    to_text(run_.first_step + step));
  spikes_.push_back({step, static_cast<std::uint32_t>(direction), static_cast<std::uint32_t>(count)});
  count_ += static_cast<std::uint64_t>(count) * parameters_.repeat;
  if (count_ > kMostEvents)
    throw Error(
        ErrorKind::kState, "ERR_NOMEM",
        "expected fewer than 2^27 events of one evolution, received more at time step " + to_text(run_.first_step + step));
}

void UpDownEvents::fill(double* times, std::int32_t* channels, std::span<double> turns, RunControl& control) const {
  const std::uint64_t spread = parameters_.spread;
  if (parameters_.own_turns && turns.size() != 2 * parameters_.inputs())
    throw_shape("turns", to_text(2 * parameters_.inputs()) + " elements long", to_text(turns.size()) + " elements");
  const double dt = parameters_.dt;
  const double start = static_cast<double>(run_.first_step) * dt;
  const double last = static_cast<double>(run_.first_step + run_.steps) * dt - kEndMargin * dt;
  std::uint64_t at = 0, reported = 0, shared = 0;
  for (const auto& [step, direction, count] : spikes_) {
    const double time = (static_cast<double>(run_.first_step + step) + run_.spike_offset) * dt;
    const auto first = static_cast<std::uint64_t>(direction) * spread;
    std::uint64_t turn = parameters_.own_turns ? static_cast<std::uint64_t>(turns[direction]) % spread : shared;
    for (std::uint64_t left = count * parameters_.repeat; left > 0;) {
      const std::uint64_t some = std::min<std::uint64_t>(left, kBetweenQuestions);
      std::fill_n(times + at, some, std::max(start, std::min(time, last)));
      for (std::uint64_t i = 0; i < some; ++i) {
        channels[at + i] = static_cast<std::int32_t>(first + turn);
        turn = turn + 1 == spread ? 0 : turn + 1;
      }
      at += some;
      left -= some;
      if (at - reported < kBetweenQuestions) continue;
      control.advance(0);
      reported = at;
    }
    if (parameters_.own_turns)
      turns[direction] = static_cast<double>(turn);
    else
      shared = turn;
  }
}

void decode_up_down(const UpDownParameters& p, const EventSpan& events, std::uint64_t first_step, std::uint64_t steps,
                    std::span<double> reference, std::span<double> out, RunControl& control) {
  check(p, reference, false);
  const std::size_t n = p.inputs(), channels = 2 * n * p.spread;
  if (out.size() % n != 0 || out.size() / n != steps)
    throw_shape("out", to_text(steps) + " x " + to_text(n), to_text(out.size()) + " elements");
  const auto decay = decay_factors(p);
  const auto repeat = static_cast<double>(p.repeat);
  std::vector<double> counts(2 * n);
  BinnedEvents binned;
  RunControl quiet = control.quiet();
  control.set_total(steps);
  const std::uint64_t window = events.periodic ? steps : kStepsPerWindow;
  for (std::uint64_t done = 0; done < steps;) {
    const std::uint64_t rows = std::min(window, steps - done);
    binned.clear();
    bin_events(events, {0.0, p.dt, first_step + done, rows}, binned, quiet);
    std::size_t event = 0;
    for (std::uint64_t k = 0, since = 0; k < rows; ++k) {
      for (; event < binned.size() && binned.steps[event] == k; ++event) {
        const auto channel = static_cast<std::size_t>(binned.channels[event]);
        if (channel >= channels)
          throw Error(ErrorKind::kRange, "ERR_INDEX",
                      "expected channels to be less than " + to_text(channels) + ", received " + to_text(channel));
        counts[channel / p.spread] += 1.0;
      }
      double* row = out.data() + static_cast<std::size_t>(done + k) * n;
      for (std::size_t i = 0; i < n; ++i) {
        const double raised = reference[i] * decay[i] + p.thr_up[i] * (counts[2 * i] / repeat);
        row[i] = reference[i] = raised - p.thr_down[i] * (counts[2 * i + 1] / repeat);
      }
      std::ranges::fill(counts, 0.0);
      since += n;
      if (since < kBlock * 8 && k + 1 < rows) continue;
      control.advance(since / n);
      since = 0;
    }
    done += rows;
  }
}

}  // namespace rockpool
