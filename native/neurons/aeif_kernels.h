// The step of adaptive exponential integrate-and-fire neurons, one copy per instruction set and precision of the state.
//
// Most neurons are done with one Runge-Kutta-Fehlberg step over the whole time step; `attempt` tries that for all of them.
// Those which are near a spike need several: `finish` takes them one by one. Nothing is fused or reordered: every instruction
// set gives the same bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rockpool/simd.h"

namespace rockpool {

/// The stages of a Runge-Kutta-Fehlberg step behind its first, at 1/4, 3/8, 12/13, 1 and 1/2 of it.
inline constexpr std::size_t kAeifStages = 5;
inline constexpr double kAeifStageTimes[kAeifStages] = {0.25, 0.375, 12.0 / 13.0, 1.0, 0.5};
inline constexpr double kAeifTolerance = 1e-9;  // of V in volts and w in nA, per sub-step
inline constexpr std::size_t kAeifMostSpikes = 1000;
inline constexpr std::size_t kAeifMostSubSteps = 100000;

/// What a neuron is made of: [n] each, or one value for all when uniform.
struct AeifFactors {
  const double* inverse_capacity;
  const double* conductance;
  const double* spike_gain;     // g Delta_T
  const double* inverse_slope;  // 1 / Delta_T, or 0
  const double* threshold;
  const double* peak;
  const double* rest;
  const double* reset;
  const double* adapt_gain;  // a
  const double* adapt_jump;  // b
  const double* adapt_rate;  // 1 / tau_adapt
  const double* adapt_kept;  // exp(-dt / tau_adapt)
  /// Of synaptic current x: what is left of it at each stage of a whole step, and 1 / tau_syn. Null where there is no current.
  const double* current_at[2][kAeifStages];
  const double* current_rate[2];
};

/// One step of a block of neurons.
template <typename T>
struct AeifStep {
  std::size_t n;
  double dt;
  bool uniform;
  bool drive_uniform;
  bool refractory;  // some neuron has a refractory time or is still refractory
  T now;            // number of the step, counted like `ready`
  T* v;
  T* w;
  T* i[2];  // null where there is no such current
  T* ready;
  const T* hold;   // [n]
  const T* drive;  // external current and bias: [n], or one value
  AeifFactors factors;
};

inline constexpr std::size_t kAeifStrip = 64;

/// Neurons of a strip that one Runge-Kutta step was not enough for, ascending, and the errors of that step in tolerances.
struct AeifUnfinished {
  std::size_t count;
  std::uint32_t neuron[kAeifStrip];
  double error[kAeifStrip];
};

enum class AeifOutcome { kDone, kNotFinite, kTooMuch };

struct AeifFinish {
  AeifOutcome outcome;
  std::size_t spikes;  // at most kAeifMostSpikes
};

template <typename T>
struct AeifKernelsOf {
  /// Steps those of the neurons first ... first + kAeifStrip - 1 that one Runge-Kutta step is enough for.
  void (*attempt)(const AeifStep<T>& step, std::size_t first, AeifUnfinished& left);
  /// Steps neuron j, whose attempt had this error. `peak` gets its V before the reset, for each spike.
  AeifFinish (*finish)(const AeifStep<T>& step, std::size_t j, double error, T* peak);
  /// The currents at the end of the step.
  void (*decay)(const AeifStep<T>& step);
};

struct AeifKernels {
  AeifKernelsOf<double> f64;
  AeifKernelsOf<float> f32;
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(AeifKernels, aeif_kernels)
