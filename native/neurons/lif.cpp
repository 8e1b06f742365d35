#include "rockpool/lif.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <utility>

#include "neurons/finite.h"
#include "neurons/lif_events.h"
#include "neurons/lif_kernels.h"
#include "neurons/noise.h"
#include "rockpool/aligned.h"
#include "rockpool/error.h"
#include "rockpool/random.h"
#include "simd/denormals.h"
#include "synapses/dense_kernels.h"
#include "synapses/packed_matrix.h"

namespace rockpool {

namespace {

constexpr double kMostSpikes = 134217728.0;  // of a run: 1.6 GB; runaway excitation gets there within a few steps

template <typename T>
const LifKernelsOf<T>& active_lif_kernels() {
  const LifKernels& kernels = ROCKPOOL_SELECT_KERNELS(lif_kernels);
  if constexpr (std::is_same_v<T, double>)
    return kernels.f64;
  else
    return kernels.f32;
}

double element(std::span<const double> v, std::size_t i, double otherwise) {
  return v.empty() ? otherwise : v.size() == 1 ? v[0] : v[i];
}

bool stop_requested(const void* control) {
  return static_cast<const RunControl*>(control)->stop_requested();
}

/// Scratch of one run; nothing else is allocated while steps are computed, but for what lists of events need to grow.
template <typename T>
struct LifBuffers {
  AlignedArray<T> v, i_syn, arrival, i_rec, drive, input, surrogate, projected, spike_value, out_value;
  AlignedArray<double> sampled, xi;
  AlignedArray<std::uint32_t> spike_index, out_step, out_neuron;
};

template <typename T>
class Plan final : public LifPlan {
 public:
  explicit Plan(const LifParameters& p)
      : kernels_(active_lif_kernels<T>()),
        dense_(active_dense_kernels<T>()),
        inputs_(p.inputs),
        units_(p.units),
        outputs_(p.w_out.empty() ? 0 : p.outputs),
        dt_(p.dt),
        noise_std_(p.noise_std),
        w_in_(dense_, p.w_in, inputs_, units_),
        w_rec_(dense_, p.w_rec, units_, units_),
        w_out_(dense_, p.w_out, units_, outputs_),
        v_from_drive_(padded(p.units)),
        i_from_i_(padded(p.units)),
        bias_(padded(p.units)) {
    if (noise_std_ > 0.0) drive_from_xi_ = AlignedArray<double>(units_);
    for (std::size_t j = 0; j < units_; ++j) {
      const double alpha = p.dt / element(p.tau_mem, j, 1.0);
      v_from_drive_[j] = static_cast<T>(alpha);
      i_from_i_[j] = decay(p, j);
      bias_[j] = static_cast<T>(element(p.bias, j, 0.0));
      if (noise_std_ > 0.0) drive_from_xi_[j] = noise_std_ * noise_factor(p.noise_scaling, alpha);
    }
    // (1 + tanh z) / 2 is the logistic function of 2 z.
    const double scale = p.surrogate == LifSurrogate::kTanh ? 2.0 : 1.0;
    surrogate_gain_ = static_cast<T>(scale * p.surrogate_gain);
    surrogate_shift_ = static_cast<T>(scale * p.surrogate_shift);
  }

  std::size_t inputs() const override { return inputs_; }
  std::size_t units() const override { return units_; }
  std::size_t columns() const override { return w_out_.empty() ? units_ : outputs_; }
  double dt() const override { return dt_; }

  void run(const LifState& state, const LifRun& run, RunControl& control) const override {
    check(state, run);
    const simd::FlushDenormals flush;
    const std::size_t block_steps = steps_per_block(run);
    auto buffers = make_buffers(run, block_steps);
    auto block = make_block(buffers, control);
    load(state, block, run.first_step);
    EventLists<T> events(run.events != nullptr ? inputs_ : 0);
    const std::size_t listed = run.spikes != nullptr ? run.spikes->steps.size() : 0;
    control.set_total(run.steps);
    for (std::uint64_t done = 0; done < run.steps;) {
      const auto steps = static_cast<std::size_t>(std::min<std::uint64_t>(block_steps, run.steps - done));
      prepare_drive(run, run.first_step + done, steps, buffers, block);
      if (run.events != nullptr) {
        events.read(run, dt_, run.first_step + done, steps);
        events.put(block);
      }
      point_records(run, done, buffers, block);
      for (block.steps = steps; block.steps > 0;) {
        block.out_count = 0;
        const auto progress = kernels_.run(block);
        control.advance(progress.steps);
        const std::uint64_t at = done + steps - block.steps;
        if (!progress.finite) check_finite("membrane potential", block.v, units_, run.first_step + at + progress.steps - 1);
        if (run.spikes != nullptr) list_spikes(block, at, listed, *run.spikes);
        skip(block, progress.steps);
      }
      finish_block(run, done, steps, buffers);
      done += steps;
    }
    store(block, state);
  }

  bool matches(const LifParameters& p) const override;

 private:
  static T decay(const LifParameters& p, std::size_t j) { return static_cast<T>(std::exp(-p.dt / element(p.tau_syn, j, 1.0))); }

  std::size_t padded(std::size_t columns) const { return (columns + dense_.panel - 1) / dense_.panel * dense_.panel; }

  bool drive_varies(const LifRun& run) const { return run.current != nullptr || noise_std_ > 0.0; }
  static bool wants_surrogate(const LifRun& run) { return !run.out.empty() || !run.record.surrogate.empty(); }

  void check(const LifState& state, const LifRun& run) const;
  std::size_t steps_per_block(const LifRun& run) const;
  LifBuffers<T> make_buffers(const LifRun& run, std::size_t block_steps) const;
  LifBlock<T> make_block(LifBuffers<T>& b, const RunControl& control) const;
  void load(const LifState& state, LifBlock<T>& block, std::uint64_t step) const;
  void store(const LifBlock<T>& block, const LifState& state) const;
  void prepare_drive(const LifRun& run, std::uint64_t first, std::size_t rows, LifBuffers<T>& b, LifBlock<T>& block) const;
  void point_records(const LifRun& run, std::uint64_t done, LifBuffers<T>& b, LifBlock<T>& block) const;
  void skip(LifBlock<T>& block, std::size_t steps) const;
  void finish_block(const LifRun& run, std::uint64_t done, std::size_t steps, LifBuffers<T>& b) const;
  static void list_spikes(const LifBlock<T>& block, std::uint64_t at, std::size_t listed, SpikeList& spikes);

  const LifKernelsOf<T>& kernels_;
  const DenseKernelsOf<T>& dense_;
  std::size_t inputs_, units_, outputs_;
  double dt_, noise_std_;
  PackedMatrix<T> w_in_, w_rec_, w_out_;
  T surrogate_gain_, surrogate_shift_;
  // Propagators, named after what they carry; zeros in the padding.
  AlignedArray<T> v_from_drive_, i_from_i_, bias_;
  AlignedArray<double> drive_from_xi_;
};

template <typename T>
void Plan<T>::check(const LifState& state, const LifRun& run) const {
  const auto need = [](std::size_t size, std::size_t rows, std::size_t columns, const char* name) {
    if (columns == 0 ? size == 0 : size % columns == 0 && size / columns == rows) return;
    throw_shape(name, to_text(rows) + " x " + to_text(columns), to_text(size) + " elements");
  };
  need(state.v_mem.size(), 1, units_, "vMem");
  need(state.i_syn.size(), 1, units_, "iSyn");
  need(state.spikes.size(), 1, units_, "spikes");
  const auto steps = static_cast<std::size_t>(run.steps);
  if (!run.out.empty()) need(run.out.size(), steps, columns(), "out");
  for (const auto& record : {run.record.v_mem, run.record.i_syn, run.record.i_rec, run.record.spikes, run.record.surrogate})
    if (!record.empty()) need(record.size(), steps, units_, "a record");
  if (run.current != nullptr) check_input_channels(*run.current, inputs_);
}

/// As many steps as keep the rows of a block within the second-level cache.
template <typename T>
std::size_t Plan<T>::steps_per_block(const LifRun& run) const {
  const std::size_t row = std::max<std::size_t>({units_, inputs_, 1});
  const std::size_t steps = std::clamp<std::size_t>(49152 / row, 1, 384);
  return static_cast<std::size_t>(std::min<std::uint64_t>(steps, std::max<std::uint64_t>(run.steps, 1)));
}

template <typename T>
LifBuffers<T> Plan<T>::make_buffers(const LifRun& run, std::size_t block_steps) const {
  LifBuffers<T> b;
  const std::size_t stride = padded(units_);
  b.v = AlignedArray<T>(stride);
  b.i_syn = AlignedArray<T>(stride);
  b.arrival = AlignedArray<T>(run.events != nullptr ? stride : 0);
  b.i_rec = AlignedArray<T>(w_rec_.empty() ? 0 : stride);
  b.spike_index = AlignedArray<std::uint32_t>(units_ + kPanelPrefetch);
  b.spike_value = AlignedArray<T>(units_ + kPanelPrefetch);
  if (drive_varies(run)) b.drive = AlignedArray<T>(block_steps * stride);
  if (run.current != nullptr) {
    b.sampled = AlignedArray<double>(block_steps * inputs_);
    if (!w_in_.empty()) b.input = AlignedArray<T>(block_steps * inputs_);
  }
  if (noise_std_ > 0.0) b.xi = AlignedArray<double>(units_);
  if (wants_surrogate(run)) b.surrogate = AlignedArray<T>(block_steps * units_);
  if (!run.out.empty() && !w_out_.empty()) b.projected = AlignedArray<T>(block_steps * padded(outputs_));
  if (run.spikes != nullptr) {
    const std::size_t room = units_ + std::max<std::size_t>(units_, 4096);
    b.out_step = AlignedArray<std::uint32_t>(room);
    b.out_neuron = AlignedArray<std::uint32_t>(room);
    b.out_value = AlignedArray<T>(room);
  }
  return b;
}

template <typename T>
LifBlock<T> Plan<T>::make_block(LifBuffers<T>& b, const RunControl& control) const {
  LifBlock<T> block{};
  block.units = units_;
  block.inputs = inputs_;
  block.v_from_drive = v_from_drive_.data();
  block.i_from_i = i_from_i_.data();
  block.w_in = w_in_.data();
  block.w_rec = w_rec_.data();
  block.v = b.v.data();
  block.i_syn = b.i_syn.data();
  block.arrival = b.arrival.data();
  block.i_rec = b.i_rec.data();
  block.spikes = {b.spike_index.data(), b.spike_value.data(), 0};
  block.out_step = b.out_step.data();
  block.out_neuron = b.out_neuron.data();
  block.out_value = b.out_value.data();
  block.out_capacity = b.out_step.size();
  block.surrogate_gain = surrogate_gain_;
  block.surrogate_shift = surrogate_shift_;
  block.stop = stop_requested;
  block.stop_context = &control;
  return block;
}

template <typename T>
void Plan<T>::load(const LifState& state, LifBlock<T>& block, std::uint64_t step) const {
  check_finite("membrane potential", state.v_mem.data(), units_, step);
  check_finite("synaptic current", state.i_syn.data(), units_, step);
  check_finite("number of spikes", state.spikes.data(), units_, step);
  std::fill(block.v + units_, block.v + padded(units_), T(-1));
  for (std::size_t j = 0; j < units_; ++j) {
    block.v[j] = static_cast<T>(state.v_mem[j]);
    block.i_syn[j] = static_cast<T>(state.i_syn[j]);
    if (state.spikes[j] == 0.0) continue;
    block.spikes.index[block.spikes.count] = static_cast<std::uint32_t>(j);
    block.spikes.value[block.spikes.count++] = static_cast<T>(state.spikes[j]);
  }
}

template <typename T>
void Plan<T>::store(const LifBlock<T>& block, const LifState& state) const {
  std::copy_n(block.v, units_, state.v_mem.begin());
  std::copy_n(block.i_syn, units_, state.i_syn.begin());
  std::ranges::fill(state.spikes, 0.0);
  for (std::size_t s = 0; s < block.spikes.count; ++s)
    state.spikes[block.spikes.index[s]] = static_cast<double>(block.spikes.value[s]);
}

/// drive = u W_in + b + c xi for the rows of a block; one row when it is the same in all steps.
template <typename T>
void Plan<T>::prepare_drive(const LifRun& run, std::uint64_t first, std::size_t rows, LifBuffers<T>& b,
                            LifBlock<T>& block) const {
  if (!drive_varies(run)) {
    block.drive = bias_.data();
    block.drive_stride = 0;
    return;
  }
  const std::size_t stride = padded(units_);
  T* drive = b.drive.data();
  block.drive = drive;
  block.drive_stride = stride;
  if (run.current == nullptr) {
    std::fill_n(drive, rows * stride, T(0));
  } else {
    read_input(*run.current, first, rows, inputs_, b.sampled.data());
    if (w_in_.empty()) {
      for (std::size_t k = 0; k < rows; ++k) std::copy_n(b.sampled.data() + k * units_, units_, drive + k * stride);
    } else {
      std::copy_n(b.sampled.data(), rows * inputs_, b.input.data());
      dense_.multiply(w_in_.data(), inputs_, stride / dense_.panel, b.input.data(), rows, drive, stride);
    }
  }
  for (std::size_t k = 0; k < rows; ++k, drive += stride) {
    for (std::size_t j = 0; j < units_; ++j) drive[j] += bias_[j];
    if (drive_from_xi_.empty()) continue;
    fill_normal({run.seed, 0}, first + k, 0, b.xi.data(), units_);
    for (std::size_t j = 0; j < units_; ++j) drive[j] += static_cast<T>(drive_from_xi_[j] * b.xi[j]);
  }
}

template <typename T>
void Plan<T>::point_records(const LifRun& run, std::uint64_t done, LifBuffers<T>& b, LifBlock<T>& block) const {
  const auto row = [&](std::span<double> record) {
    return record.empty() ? nullptr : record.data() + static_cast<std::size_t>(done) * units_;
  };
  block.v_out = row(run.record.v_mem);
  block.i_syn_out = row(run.record.i_syn);
  block.i_rec_out = row(run.record.i_rec);
  block.spikes_out = row(run.record.spikes);
  block.surrogate_out = b.surrogate.data();
}

/// Moves on to the steps that are left.
template <typename T>
void Plan<T>::skip(LifBlock<T>& block, std::size_t steps) const {
  block.steps -= steps;
  block.drive += steps * block.drive_stride;
  if (block.event_start != nullptr) block.event_start += steps;
  for (double** record : {&block.v_out, &block.i_syn_out, &block.i_rec_out, &block.spikes_out})
    if (*record != nullptr) *record += steps * units_;
  if (block.surrogate_out != nullptr) block.surrogate_out += steps * units_;
}

/// Output and surrogate of a block.
template <typename T>
void Plan<T>::finish_block(const LifRun& run, std::uint64_t done, std::size_t steps, LifBuffers<T>& b) const {
  const auto at = static_cast<std::size_t>(done);
  if (!run.record.surrogate.empty())
    std::copy_n(b.surrogate.data(), steps * units_, run.record.surrogate.begin() + static_cast<std::ptrdiff_t>(at * units_));
  if (run.out.empty()) return;
  double* out = run.out.data() + at * columns();
  if (w_out_.empty()) {
    std::copy_n(b.surrogate.data(), steps * units_, out);
    return;
  }
  const std::size_t stride = padded(outputs_);
  dense_.multiply(w_out_.data(), units_, stride / dense_.panel, b.surrogate.data(), steps, b.projected.data(), stride);
  for (std::size_t k = 0; k < steps; ++k) std::copy_n(b.projected.data() + k * stride, outputs_, out + k * outputs_);
}

/// Appends the spikes of a part of a block that begins with step `at` of the run. The list had `listed` entries before the run.
template <typename T>
void Plan<T>::list_spikes(const LifBlock<T>& block, std::uint64_t at, std::size_t listed, SpikeList& spikes) {
  for (std::size_t s = 0; s < block.out_count; ++s) {
    const auto count = static_cast<double>(block.out_value[s]);
    if (static_cast<double>(spikes.steps.size() - listed) + count > kMostSpikes)
      throw Error(ErrorKind::kState, "ERR_NOMEM",
                  "expected fewer than 2^27 spikes of one evolution, received more when neuron " +
                      to_text(block.out_neuron[s]) + " spiked at a membrane potential of about " + to_text(count));
    const auto n = static_cast<std::size_t>(count);
    spikes.steps.insert(spikes.steps.end(), n, at + block.out_step[s]);
    spikes.neurons.insert(spikes.neurons.end(), n, static_cast<std::int32_t>(block.out_neuron[s]));
  }
}

void check_parameters(const LifParameters& p) {
  const auto product = [](std::size_t a, std::size_t b) { return a != 0 && b > SIZE_MAX / a ? SIZE_MAX : a * b; };
  const auto length = [](std::span<const double> v, std::size_t n, const char* name, bool scalar_too) {
    if (!v.empty() && v.size() != n && !(scalar_too && v.size() == 1))
      throw_shape(name, to_text(n) + " elements long", to_text(v.size()) + " elements");
  };
  length(p.w_in, product(p.inputs, p.units), "wIn", false);
  length(p.w_rec, product(p.units, p.units), "wRecurrent", false);
  length(p.w_out, product(p.units, p.outputs), "wOut", false);
  length(p.tau_mem, p.units, "tauMem", true);
  length(p.tau_syn, p.units, "tauSyn", true);
  length(p.bias, p.units, "bias", true);
  for (const auto& [values, name] : {std::pair{p.tau_mem, "tauMem"}, std::pair{p.tau_syn, "tauSyn"}})
    for (const double tau : values)
      if (!(tau > 0 && std::isfinite(tau))) throw_range(name, "finite numbers greater than 0", to_text(tau));
  if (!(p.dt > 0)) throw_range("dt", "greater than 0", to_text(p.dt));
  if (p.units > 0x7fffffffu || p.inputs > 0x7fffffffu) throw_range("units", "less than 2^31", to_text(p.units));
  if (p.w_in.empty() && p.inputs != p.units)
    throw_shape("inputs", to_text(p.units) + " (one for each neuron)", to_text(p.inputs));
}

template <typename T>
bool Plan<T>::matches(const LifParameters& p) const {
  check_parameters(p);
  if (p.inputs != inputs_ || p.units != units_ || p.dt != dt_ || (!p.w_out.empty() && p.outputs != outputs_)) return false;
  for (std::size_t j = 0; j < units_; ++j)
    if (v_from_drive_[j] != static_cast<T>(p.dt / element(p.tau_mem, j, 1.0)) || i_from_i_[j] != decay(p, j) ||
        !same_number(element(p.bias, j, 0.0), bias_[j]))
      return false;
  return w_in_.holds(p.w_in, inputs_, units_) && w_rec_.holds(p.w_rec, units_, units_) &&
         w_out_.holds(p.w_out, units_, outputs_);
}

}  // namespace

std::shared_ptr<const LifPlan> make_lif_plan(const LifParameters& p) {
  check_parameters(p);
  if (p.precision == Precision::kFloat32) return std::make_shared<const Plan<float>>(p);
  return std::make_shared<const Plan<double>>(p);
}

}  // namespace rockpool
