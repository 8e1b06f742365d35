// Inside of the neurons of rockpool/fast_slow.h: prepared parameters, and one run over them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "neurons/fast_slow_kernels.h"
#include "rockpool/aligned.h"
#include "rockpool/fast_slow.h"

namespace rockpool {

/// Prepared parameters. Rows and vectors of neurons are padded; a row of a matrix of synapses is what one neuron sends.
struct FastSlowModel {
  explicit FastSlowModel(const FastSlowParameters& parameters);

  std::size_t units, outputs, stride;
  double dt, refractory_steps, noise_std, rate_from_rate;
  AlignedArray<double> fast_rows, slow_rows, teacher_rows;  // [units x stride], [units x stride], [outputs x stride]
  AlignedArray<double> output_rows, out_from_out;           // [units x outputs], [outputs]
  AlignedArray<double> v_from_drive, fast_from_fast, slow_from_slow, threshold, reset;
  AlignedArray<double> constant_drive;  // rest and bias
  AlignedArray<double> drive_from_xi;   // empty without noise
  const FastSlowKernels& kernels;

  bool adaptive() const { return outputs > 0; }
};

/// One run: the clock, the present and the last state of all neurons, and what drives them.
class FastSlowRunner {
 public:
  FastSlowRunner(const FastSlowModel& model, const FastSlowState& state, const FastSlowRun& run, FastSlowSpikes& spikes,
                 RunControl& control);
  void operator()();

 private:
  struct Neurons {
    explicit Neurons(const FastSlowModel& m);
    AlignedArray<double> v, fast, slow, v_last, fast_last, slow_last, held, rate, rate_last, out, out_last;
  };
  /// A time: step + fraction, below 1.
  struct Time {
    std::uint64_t step;
    double fraction;
  };
  struct Part {
    std::span<double> state;
    AlignedArray<double>* now;
    AlignedArray<double>* last;
  };

  void check() const;
  std::vector<Part> parts();
  void load();
  bool resume();
  FastSlowCrossing scan() const;
  bool take_back();
  void iterate(bool spike);
  void advance_outputs(bool spike);
  void prepare_block(std::uint64_t k);
  void teach(std::size_t row);
  void learn();
  void record_row(const double* drive);
  void record_end();
  void list_spike();
  void look_up_suppression();
  void progress();
  void finish();
  double value_at_end(double now, double last) const { return last_.fraction == 0.0 ? now : last + (now - last) * rest_; }
  double seconds(const Time& time) const;

  const FastSlowModel& m_;
  const FastSlowState& state_;
  const FastSlowRun& run_;
  FastSlowSpikes& spikes_;
  RunControl& control_;
  const std::uint64_t end_;
  Neurons n_;
  FastSlowArrays arrays_;
  // The present time, and that before it, from which the present one is `span_` steps: 1, or 0 at the very beginning.
  Time now_, last_;
  double span_ = 0.0;
  bool resumed_ = false, begun_ = false;
  FastSlowCrossing crossing_{};
  std::size_t spiking_ = 0;  // the neuron
  double share_ = 1.0;       // of the last step, that is taken
  double rest_ = 1.0;        // steps from the last time to the end of the run
  std::size_t suppressed_ = 0;
  // Rows of a block of time steps.
  std::uint64_t block_first_ = 0, block_end_ = 0;
  std::size_t block_rows_;
  AlignedArray<double> drive_, sampled_, xi_, target_, error_, teacher_, gathered_;
  std::uint64_t reported_ = 0;
  double work_ = 0.0;
};

}  // namespace rockpool
