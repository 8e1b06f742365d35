#include "neurons/spiking_runner.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "neurons/finite.h"
#include "rockpool/error.h"
#include "rockpool/random.h"
#include "simd/denormals.h"

namespace rockpool {

namespace {

// Streams of random numbers of a layer.
constexpr std::uint32_t kNoiseStream = 0;
constexpr std::uint32_t kBackgroundStream = 1;

constexpr std::size_t kLaneRoom = 64;       // elements behind a block that whole vectors may touch
constexpr double kRebaseSteps = 4194304.0;  // steps are counted exactly in single precision
constexpr std::size_t kMostReserved = std::size_t{1} << 22;

std::size_t rows_per_pass(std::size_t widest, bool drives, std::uint64_t steps) {
  const double row = static_cast<double>(std::max<std::size_t>(widest, 1));
  const double rows = std::clamp(std::floor((drives ? 49152.0 : 4e6) / row), 1.0, 384.0);
  return static_cast<std::size_t>(std::min(rows, static_cast<double>(std::max<std::uint64_t>(steps, 1))));
}

}  // namespace

template <typename T>
SpikingRunner<T>::SpikingRunner(const SpikingPlanOf<T>& plan, const SpikingState& state, const SpikingRun& run,
                                SpikeList& spikes, RunControl& control)
    : plan_(plan), state_(state), run_(run), out_(spikes), control_(control) {
  drives_ = run.current != nullptr || !plan.drive_from_xi_.empty();
  pending_events_ = *state.events;
  std::ranges::stable_sort(pending_events_, {}, &PendingSpike::step);
  std::size_t widest = plan.inputs_;
  for (const auto& b : plan.blocks_) widest = std::max(widest, b.stride);
  rows_per_pass_ = rows_per_pass(widest * plan.membrane_->cost(), drives_, run.steps);
  refractory_ = plan.any_refractory_ || std::ranges::any_of(state.refractory, [](std::int32_t r) { return r > 0; });
  blocks_.resize(plan.blocks_.size());
  work_.resize(plan.blocks_.size());
  for (std::size_t b = 0; b < blocks_.size(); ++b) prepare_work(work_[b], plan.blocks_[b]);
  if (!run.count_events && run.events != nullptr) last_seen_.assign(plan.inputs_, UINT64_MAX);
  ring_.resize(plan.most_delay_rec_ + 1);
  for (auto& slot : ring_) {
    slot.resize(blocks_.size());
    for (std::size_t b = 0; b < slot.size(); ++b)
      if (plan.blocks_[b].n * ring_.size() <= kMostReserved) slot[b].reserve(plan.blocks_[b].n);
  }
  load_state();
}

template <typename T>
void SpikingRunner<T>::prepare_work(Work& w, const PlannedBlock<T>& b) {
  if (run_.current != nullptr) {
    w.sampled = AlignedArray<double>((rows_per_pass_ + 1) * plan_.inputs_);
    w.external = AlignedArray<T>((rows_per_pass_ + 1) * b.stride);
    if (plan_.weighted_) w.input = AlignedArray<T>((rows_per_pass_ + 1) * plan_.inputs_);
  }
  if (drives_) w.drive = AlignedArray<T>(rows_per_pass_ * b.stride + kLaneRoom);
  if (!plan_.drive_from_xi_.empty() || plan_.noise_on_synapse_) w.xi = AlignedArray<double>(b.n);
  if (!plan_.drive_from_xi_.empty() && !run_.record.total.empty()) w.noise = AlignedArray<double>(rows_per_pass_ * b.n);
  std::size_t sums = 0;
  for (std::size_t x = 0; x < kMaxCurrents; ++x)
    for (const auto* rows : {b.in[x].get(), b.rec[x].get()})
      if (rows != nullptr) sums = std::max(sums, rows->sums());
  w.delivery.sums = AlignedArray<T>(sums);
  if (sums > 0) {
    const std::size_t most = std::max(plan_.units_, plan_.inputs_);
    w.delivery.indices.resize(most + kPanelPrefetch);
    w.delivery.ones = AlignedArray<T>(most);
    std::fill_n(w.delivery.ones.data(), most, T(1));
  }
  if (blocks_.size() > 1) w.merged.reserve(std::min(plan_.units_, kMostReserved));
  const auto& record = run_.record;
  if (record.every == 0) return;
  const std::size_t columns = record.all_channels ? plan_.units_ : record.channels.size();
  for (std::size_t c = 0; c < columns; ++c) {
    const auto neuron = record.all_channels ? c : static_cast<std::size_t>(record.channels[c]);
    if (neuron >= b.first && neuron < b.first + b.n) w.recorded.emplace_back(c, neuron - b.first);
  }
}

template <typename T>
void SpikingRunner<T>::load_state() {
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    const auto& planned = plan_.blocks_[b];
    auto& block = blocks_[b];
    const std::size_t room = planned.n + kLaneRoom;
    block.first = planned.first;
    block.n = planned.n;
    work_[b].base = run_.first_step;
    const auto take = [&](std::span<const double> from) {
      AlignedArray<T> to(room);
      for (std::size_t j = 0; j < planned.n; ++j) to[j] = static_cast<T>(from[planned.first + j]);
      return to;
    };
    block.v = take(state_.v);
    for (int x = 0; x < plan_.currents_; ++x) block.current[x] = take(state_.currents[x]);
    if (plan_.adapts_) block.adaptation = take(state_.adaptation);
    block.ready = AlignedArray<T>(room);
    for (std::size_t j = 0; j < planned.n; ++j)
      block.ready[j] = static_cast<T>(std::max(state_.refractory[planned.first + j], 0));
    const std::size_t spikes = room + plan_.membrane_->spike_room();
    block.control = &control_;
    block.peak = AlignedArray<T>(spikes);
    block.spikes = AlignedArray<std::uint32_t>(spikes);
  }
  for (const auto& p : *state_.spikes) {
    if (p.step >= run_.first_step || p.step + plan_.most_delay_rec_ <= run_.first_step) continue;
    std::size_t b = 0;
    while (p.channel >= plan_.blocks_[b].first + plan_.blocks_[b].n) ++b;
    ring_[p.step % ring_.size()][b].push_back(p.channel);
  }
}

template <typename T>
void SpikingRunner<T>::store_state() {
  const std::uint64_t end = run_.first_step + run_.steps;
  // Everything that may fail comes before the first write.
  check_finite_state();
  std::vector<PendingSpike> spikes, events;
  for (std::uint64_t back = plan_.most_delay_rec_ - 1; back > 0; --back) {
    if (end < back) continue;
    for (const auto& list : ring_[(end - back) % ring_.size()])
      for (const auto neuron : list) spikes.push_back({end - back, neuron});
  }
  if (plan_.most_delay_in_ > 1) {
    prepare_events(end, 0);
    for (std::uint64_t n = events_first_; n < end; ++n)
      for (const auto channel : events_of(n)) events.push_back({n, channel});
  }
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    const auto& block = blocks_[b];
    const T now = static_cast<T>(static_cast<double>(end - work_[b].base));
    const auto give = [&](const AlignedArray<T>& from, std::span<double> to) {
      for (std::size_t j = 0; j < block.n; ++j) to[block.first + j] = static_cast<double>(from[j]);
    };
    give(block.v, state_.v);
    for (int x = 0; x < plan_.currents_; ++x) give(block.current[x], state_.currents[x]);
    if (plan_.adapts_) give(block.adaptation, state_.adaptation);
    for (std::size_t j = 0; j < block.n; ++j)
      state_.refractory[block.first + j] = block.ready[j] > now ? static_cast<std::int32_t>(block.ready[j] - now) : 0;
  }
  *state_.spikes = std::move(spikes);
  *state_.events = std::move(events);
}

/// NaN is found in its step. An infinity that stays can wait until the end: a potential of infinity fires and is reset.
template <typename T>
void SpikingRunner<T>::check_finite_state() const {
  const std::uint64_t last = run_.first_step + run_.steps;
  for (const auto& block : blocks_) {
    const auto check = [&](const char* what, const AlignedArray<T>& x) {
      check_finite(what, x.data(), block.n, last > 0 ? last - 1 : 0, block.first);
    };
    check("membrane potential", block.v);
    for (int x = 0; x < plan_.currents_; ++x) check("synaptic current", block.current[x]);
    if (plan_.adapts_) check("adaptation", block.adaptation);
  }
}

template <typename T>
void SpikingRunner<T>::run() {
  const auto team_size = static_cast<unsigned>(std::max<std::size_t>(blocks_.size(), 1));
  if (team_size == 1 || run_.steps < 4) {
    TeamBarrier alone(1);
    barrier_ = &alone;
    work(0, 1);
  } else {
    std::optional<TeamBarrier> barrier;
    std::once_flag made;
    ThreadPool::instance().run_team(team_size, [&](unsigned rank, unsigned size) {
      std::call_once(made, [&] { barrier_ = &barrier.emplace(size); });
      work(rank, size);
    });
  }
  if (error_) std::rethrow_exception(error_);
  store_state();
}

template <typename T>
void SpikingRunner<T>::work(unsigned rank, unsigned size) {
  const simd::FlushDenormals flush;
  const auto for_blocks = [&](auto body) {
    for (std::size_t b = rank; b < blocks_.size(); b += size) body(b);
  };
  const auto meet = [&] {
    if (size > 1) barrier_->wait();
  };
  const std::uint64_t end = run_.first_step + run_.steps;
  const bool events = run_.events != nullptr || !state_.events->empty();
  for (std::uint64_t from = run_.first_step; from < end; from += rows_per_pass_) {
    const auto rows = static_cast<std::size_t>(std::min<std::uint64_t>(rows_per_pass_, end - from));
    if (events) meet();  // nobody reads the events of the pass before any more
    guard(from, [&] {
      if (rank == 0 && events) prepare_events(from, rows);
      for_blocks([&](std::size_t b) { prepare_drive(b, from, rows); });
    });
    if (events) meet();
    for (std::size_t k = 0; k < rows; ++k) {
      const std::uint64_t n = from + k;
      // Whoever fails says from which step on; all leave behind the same meeting.
      if (!events || !stops_at(from)) guard(n, [&] { for_blocks([&](std::size_t b) { step(b, n, k); }); });
      meet();
      if (stops_at(n)) return;
      guard(n + 1, [&] {
        if (rank == 0) collect(n);
        for_blocks([&](std::size_t b) {
          deliver_input(b, n, false);
          deliver_spikes(b, n);
        });
      });
    }
    for_blocks([&](std::size_t b) { rebase(b, from + rows); });
    if (rank == 0) guard(from + rows, [&] { control_.advance(rows); });
  }
}

/// Runs a part of the loop; an error of it stops all threads at `step`.
template <typename T>
template <typename Body>
void SpikingRunner<T>::guard(std::uint64_t step, Body body) {
  try {
    body();
  } catch (...) {
    fail(step, std::current_exception());
  }
}

template <typename T>
void SpikingRunner<T>::fail(std::uint64_t step, std::exception_ptr error) {
  const std::lock_guard lock(error_mutex_);
  if (!error_) error_ = std::move(error);
  if (step < stop_at_.load(std::memory_order_relaxed)) stop_at_.store(step, std::memory_order_release);
}

template <typename T>
void SpikingRunner<T>::fail_neuron(std::uint64_t step, std::size_t neuron, bool unsolved) {
  const std::lock_guard lock(error_mutex_);
  // The lowest neuron of the step, whichever thread finds it.
  if (error_ && (error_neuron_ == SIZE_MAX || neuron > error_neuron_)) return;
  error_neuron_ = neuron;
  const std::string where = " at time step " + to_text(step), who = "neuron " + to_text(neuron);
  error_ = std::make_exception_ptr(
      unsolved ? Error(ErrorKind::kState, "ERR_STATE",
                       "expected " + who + " to change slowly enough for dt, received too many spikes or sub-steps" + where)
               : Error(ErrorKind::kState, "ERR_NOT_FINITE",
                       "expected the membrane potential of " + who + " to be a number, received NaN" + where));
  if (step < stop_at_.load(std::memory_order_relaxed)) stop_at_.store(step, std::memory_order_release);
}

template <typename T>
void SpikingRunner<T>::prepare_events(std::uint64_t first, std::size_t rows) {
  const std::uint64_t back = std::max<std::uint64_t>(plan_.most_delay_in_, 1) - 1;
  events_first_ = first > back ? first - back : 0;
  const std::uint64_t end = first + rows;
  event_channels_.clear();
  event_starts_.clear();
  if (back > 0) std::ranges::fill(last_seen_, UINT64_MAX);
  const auto open = [&](std::uint64_t n) {
    while (events_first_ + event_starts_.size() <= n) event_starts_.push_back(event_channels_.size());
  };
  for (const auto& p : pending_events_)
    if (p.step >= events_first_ && p.step < std::min(run_.first_step, end)) open(p.step), event_channels_.push_back(p.channel);
  const std::uint64_t from = std::max(events_first_, run_.first_step);
  if (run_.events != nullptr && from < end) {
    binned_.clear();
    RunControl quiet;
    bin_events(*run_.events, {0.0, run_.dt, from, end - from, kNoEnd, true}, binned_, quiet);
    for (std::size_t k = 0; k < binned_.size(); ++k) {
      const std::uint64_t n = from + binned_.steps[k];
      const auto channel = static_cast<std::uint32_t>(binned_.channels[k]);
      if (channel >= plan_.inputs_)
        throw Error(ErrorKind::kRange, "ERR_INDEX",
                    "expected channels of the input to be below " + to_text(plan_.inputs_) + ", received " +
                        to_text(binned_.channels[k]));
      if (!last_seen_.empty() && std::exchange(last_seen_[channel], n) == n) continue;
      open(n);
      event_channels_.push_back(channel);
    }
  }
  open(end);
}

template <typename T>
std::span<const std::uint32_t> SpikingRunner<T>::events_of(std::uint64_t n) const {
  if (n < events_first_ || n - events_first_ + 1 >= event_starts_.size()) return {};
  const auto k = static_cast<std::size_t>(n - events_first_);
  return std::span(event_channels_).subspan(event_starts_[k], event_starts_[k + 1] - event_starts_[k]);
}

template <typename T>
std::span<const std::uint32_t> SpikingRunner<T>::spikes_of(std::uint64_t n, std::vector<std::uint32_t>& merged) const {
  const auto& lists = ring_[n % ring_.size()];
  if (lists.size() == 1) return lists[0];
  merged.clear();
  for (const auto& list : lists) merged.insert(merged.end(), list.begin(), list.end());
  return merged;
}

template <typename T>
void SpikingRunner<T>::deliver_input(std::size_t b, std::uint64_t n, bool undelayed) {
  for (int x = 0; x < plan_.currents_; ++x) {
    const auto* rows = plan_.blocks_[b].in[x].get();
    if (rows == nullptr) continue;
    const auto delays = rows->delays();
    for (std::size_t slot = 0; slot < delays.size(); ++slot) {
      const std::uint32_t d = delays[slot];
      if ((d == 0) != undelayed || n + 1 < d) continue;
      rows->deliver(events_of(d == 0 ? n : n + 1 - d), slot, blocks_[b].current[x].data(), work_[b].delivery);
    }
  }
}

template <typename T>
void SpikingRunner<T>::deliver_spikes(std::size_t b, std::uint64_t n) {
  std::uint64_t merged_step = UINT64_MAX;
  std::span<const std::uint32_t> spikes;
  for (int x = 0; x < plan_.currents_; ++x) {
    const auto* rows = plan_.blocks_[b].rec[x].get();
    if (rows == nullptr) continue;
    const auto delays = rows->delays();
    for (std::size_t slot = 0; slot < delays.size(); ++slot) {
      if (n + 1 < delays[slot]) continue;
      const std::uint64_t fired = n + 1 - delays[slot];
      if (fired != merged_step) spikes = spikes_of(fired, work_[b].merged), merged_step = fired;
      if (!spikes.empty()) rows->deliver(spikes, slot, blocks_[b].current[x].data(), work_[b].delivery);
    }
  }
}

template <typename T>
void SpikingRunner<T>::collect(std::uint64_t n) {
  for (const auto& list : ring_[n % ring_.size()])
    for (const auto neuron : list) {
      out_.steps.push_back(n - run_.first_step);
      out_.neurons.push_back(static_cast<std::int32_t>(neuron));
    }
  if (control_.stop_requested()) control_.advance(0);
}

template <typename T>
void SpikingRunner<T>::prepare_drive(std::size_t b, std::uint64_t first, std::size_t rows) {
  if (!drives_) return;
  const auto& planned = plan_.blocks_[b];
  Work& w = work_[b];
  const std::size_t n = planned.n, stride = planned.stride, inputs = plan_.inputs_;
  T* drive = w.drive.data();
  if (run_.current == nullptr) {
    for (std::size_t k = 0; k < rows; ++k) std::copy_n(planned.constant.data(), n, drive + k * stride);
  } else {
    const bool last = first + rows == run_.first_step + run_.steps;
    const std::size_t count = rows + (plan_.blend_ && !last ? 1 : 0);
    read_input(*run_.current, first, count, inputs, w.sampled.data());
    T* u = w.external.data();
    if (plan_.weighted_) {
      std::copy_n(w.sampled.data(), count * inputs, w.input.data());
      plan_.dense_.multiply(planned.w_in.data(), inputs, stride / plan_.dense_.panel, w.input.data(), count, u, stride);
    } else {
      for (std::size_t k = 0; k < count; ++k) std::copy_n(w.sampled.data() + k * inputs + planned.first, n, u + k * stride);
    }
    const T *gain = planned.from_input.data(), *next = planned.from_next.data(), *constant = planned.constant.data();
    for (std::size_t k = 0; k < rows; ++k) {
      const T *now = u + k * stride, *after = u + std::min(k + 1, count - 1) * stride;
      T* row = drive + k * stride;
      if (plan_.blend_)
        for (std::size_t j = 0; j < n; ++j) row[j] = gain[j] * now[j] + next[j] * after[j] + constant[j];
      else
        for (std::size_t j = 0; j < n; ++j) row[j] = gain[j] * now[j] + constant[j];
    }
  }
  if (!plan_.drive_from_xi_.empty()) add_noise(b, first, rows);
}

template <typename T>
void SpikingRunner<T>::add_noise(std::size_t b, std::uint64_t first, std::size_t rows) {
  const auto& planned = plan_.blocks_[b];
  Work& w = work_[b];
  for (std::size_t k = 0; k < rows; ++k) {
    fill_normal({run_.seed, kNoiseStream}, first + k, static_cast<std::uint32_t>(planned.first), w.xi.data(), planned.n);
    T* row = w.drive.data() + k * planned.stride;
    const double *gain = plan_.drive_from_xi_.data() + planned.first, *current = plan_.current_from_xi_.data() + planned.first;
    for (std::size_t j = 0; j < planned.n; ++j) row[j] += static_cast<T>(gain[j] * w.xi[j]);
    if (w.noise.empty()) continue;
    for (std::size_t j = 0; j < planned.n; ++j) w.noise[k * planned.n + j] = current[j] * w.xi[j];
  }
}

template <typename T>
void SpikingRunner<T>::step(std::size_t b, std::uint64_t n, std::size_t row) {
  const auto& planned = plan_.blocks_[b];
  auto& block = blocks_[b];
  Work& w = work_[b];
  deliver_input(b, n, true);
  if (plan_.noise_on_synapse_) {
    fill_normal({run_.seed, kNoiseStream}, n, static_cast<std::uint32_t>(planned.first), w.xi.data(), planned.n);
    const double* gain = plan_.current_from_xi_.data() + planned.first;
    for (std::size_t j = 0; j < planned.n; ++j) block.current[0][j] += static_cast<T>(gain[j] * w.xi[j]);
  }
  if (!plan_.background_.empty())
    plan_.background_.add(RandomStream{run_.seed, kBackgroundStream}, n, planned.first,
                          std::span<T>(block.current[0].data(), planned.n));
  if (records(n)) record_before(b, n, row);
  const T* drive = drives_ ? w.drive.data() + row * planned.stride : planned.constant.data();
  const auto found = plan_.membrane_->step(block, drive, !drives_ && plan_.constant_uniform_,
                                           static_cast<T>(static_cast<double>(n - w.base)), refractory_);
  if (found.not_a_number < planned.n) return fail_neuron(n, planned.first + found.not_a_number, found.unsolved);
  auto& list = ring_[n % ring_.size()][b];
  list.resize(found.count);
  const auto offset = static_cast<std::uint32_t>(planned.first);
  for (std::size_t k = 0; k < found.count; ++k) list[k] = block.spikes[k] + offset;
  if (records(n)) record_after(b, n, found.count);
}

template <typename T>
std::size_t SpikingRunner<T>::record_row(std::uint64_t n) const {
  const auto& r = run_.record;
  const std::size_t columns = r.all_channels ? plan_.units_ : r.channels.size();
  return static_cast<std::size_t>(n / r.every - (run_.first_step + r.every - 1) / r.every) * columns;
}

template <typename T>
void SpikingRunner<T>::record_before(std::size_t b, std::uint64_t n, std::size_t row) {
  const auto& r = run_.record;
  const auto& planned = plan_.blocks_[b];
  const auto& block = blocks_[b];
  Work& w = work_[b];
  const std::size_t at = record_row(n);
  for (int x = 0; x < plan_.currents_; ++x)
    if (!r.currents[x].empty())
      for (const auto& [column, j] : w.recorded) r.currents[x][at + column] = static_cast<double>(block.current[x][j]);
  if (r.total.empty()) return;
  for (const auto& [column, j] : w.recorded) {
    double sum = run_.current != nullptr ? static_cast<double>(w.external[row * planned.stride + j]) : 0.0;
    for (int x = 0; x < plan_.currents_; ++x) sum += static_cast<double>(block.current[x][j]);
    if (!w.noise.empty()) sum += w.noise[row * planned.n + j];
    r.total[at + column] = sum;
  }
}

template <typename T>
void SpikingRunner<T>::record_after(std::size_t b, std::uint64_t n, std::size_t count) {
  const auto& r = run_.record;
  const auto& block = blocks_[b];
  const Work& w = work_[b];
  const std::size_t at = record_row(n);
  for (const auto& [column, j] : w.recorded) {
    const double v = static_cast<double>(block.v[j]);
    if (!r.v_after.empty()) r.v_after[at + column] = v;
    if (r.v_before.empty()) continue;
    const auto* end = block.spikes.data() + count;
    const auto* spike = std::lower_bound(block.spikes.data(), end, static_cast<std::uint32_t>(j));
    r.v_before[at + column] = spike != end && *spike == j ? static_cast<double>(block.peak[spike - block.spikes.data()]) : v;
  }
}

/// Keeps the numbers of steps so small that single precision counts them exactly.
template <typename T>
void SpikingRunner<T>::rebase(std::size_t b, std::uint64_t n) {
  Work& w = work_[b];
  const double past = static_cast<double>(n - w.base);
  if (past < kRebaseSteps) return;
  auto& block = blocks_[b];
  for (std::size_t j = 0; j < block.n; ++j) block.ready[j] = std::max(block.ready[j] - static_cast<T>(past), T(0));
  w.base = n;
}

template class SpikingRunner<double>;
template class SpikingRunner<float>;

}  // namespace rockpool
