#include "dynapse/bias_map.h"

#include <algorithm>
#include <string_view>

#include "rockpool/error.h"

namespace rockpool::dynapse {

namespace {

constexpr double kLeastTau = 1e-4, kMostTau = 10.0, kMostRefractory = 1.0, kMostFactor = 100.0, kMostVolts = 1.0;
constexpr double kVoltsPerAmpere = 20e-3 / 1e-6;
constexpr double kThreshold = 10e-3;

const Bias& bias_of(std::string_view name) {
  const auto& all = core_biases();
  const auto found = std::ranges::find(all, name, &Bias::name);
  ROCKPOOL_INVARIANT(found != all.end());
  return *found;
}

/// The currents of a core, by name.
struct Currents {
  const ChipMemory& memory;
  unsigned core;

  double now(std::string_view name) const {
    const std::uint32_t word = memory.bias(bias_address(bias_of(name), core));
    if (word == 0) return 0.0;
    const ChipWord decoded = decode_chip_word(word);
    const auto& bias = std::get<BiasWord>(decoded);
    return bias.enabled ? bias_current(bias.coarse, bias.fine) : 0.0;
  }
  double low_power(std::string_view name) const {
    const Bias& bias = bias_of(name);
    return bias_current(bias.low_power_coarse, bias.low_power_fine);
  }
  /// `most` when nothing flows.
  double inverse(std::string_view name, double most) const { return ratio(low_power(name), now(name), most); }
  double proportion(std::string_view name, double most) const { return ratio(now(name), low_power(name), most); }
  /// A time constant that is `nominal` at the current `reference`.
  double tau(double nominal, double reference, double current) const {
    return std::clamp(nominal * ratio(reference, current, kMostTau / nominal), kLeastTau, kMostTau);
  }
  double synapse_tau(std::string_view fast, std::string_view slow, std::string_view reference) const {
    const double current = now(fast) > 0.0 ? now(fast) : now(slow);
    return tau(50e-3, low_power(reference), current);
  }
  static double ratio(double above, double below, double most) { return below > 0.0 ? std::min(above / below, most) : most; }
};

}  // namespace

CoreParameters core_parameters(const ChipMemory& memory, unsigned core) {
  const Currents i{memory, core};
  CoreParameters p;
  p.tau_mem = {i.tau(20e-3, i.low_power("IF_TAU1_N"), i.now("IF_TAU1_N")),
               i.tau(20e-3, i.low_power("IF_TAU2_N"), i.now("IF_TAU2_N"))};
  p.tau_syn_exc = i.synapse_tau("NPDPIE_TAU_F_P", "NPDPIE_TAU_S_P", "NPDPIE_TAU_F_P");
  p.tau_syn_inh = i.synapse_tau("NPDPII_TAU_F_P", "NPDPII_TAU_S_P", "NPDPII_TAU_S_P");
  const double gain = i.proportion("IF_THR_N", kMostFactor), pulse = i.inverse("PULSE_PWLK_P", kMostFactor);
  const auto weight = [&](std::string_view name, double sign) {
    return sign * std::min(kVoltsPerAmpere * i.now(name) * gain * pulse, kMostVolts);
  };
  p.weight = {weight("PS_WEIGHT_INH_S_N", -1.0), weight("PS_WEIGHT_INH_F_N", -1.0), weight("PS_WEIGHT_EXC_S_N", 1.0),
              weight("PS_WEIGHT_EXC_F_N", 1.0)};
  p.bias = std::clamp(kThreshold * (i.now("IF_DC_P") / i.low_power("IF_DC_P") - 1.0) * gain, 0.0, kMostVolts);
  p.refractory = 1e-3 * i.inverse("IF_RFR_N", kMostRefractory / 1e-3);
  p.v_thresh = kThreshold;
  p.spike_adapt = std::min(kVoltsPerAmpere * i.now("IF_AHW_P"), kMostVolts);
  p.tau_adapt = i.tau(100e-3, i.low_power("IF_AHTAU_N"), i.now("IF_AHTAU_N"));
  p.delta_t = 2e-3;
  return p;
}

}  // namespace rockpool::dynapse
