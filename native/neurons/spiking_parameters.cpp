#include "neurons/spiking_parameters.h"

#include <cmath>
#include <cstdint>
#include <string>

#include "rockpool/error.h"

namespace rockpool {

void check_values(std::span<const double> v, std::size_t n, const char* name, double least, bool required) {
  if (v.empty() && required) throw_shape(name, "one number or " + to_text(n), "none");
  if (!v.empty() && v.size() != 1 && v.size() != n)
    throw_shape(name, "one number or " + to_text(n), to_text(v.size()) + " numbers");
  for (const double x : v)
    if (!(x >= least && std::isfinite(x)))
      throw_range(name, std::isfinite(least) ? "finite numbers of " + to_text(least) + " or more" : "finite", to_text(x));
}

void check_population(std::size_t inputs, std::size_t units, double dt, std::span<const double> refractory_steps,
                      const std::array<std::span<const double>, 2>& tau_syn, std::span<const double> w_in) {
  if (units > 0xfffffff0u) throw_range("units", "less than 2^32", to_text(units));
  if (!(dt > 0.0 && std::isfinite(dt))) throw_range("dt", "a finite number greater than 0", to_text(dt));
  check_values(refractory_steps, units, "refractory", 0.0, false);
  for (const double r : refractory_steps)
    if (r > 1e6) throw_range("refractory", "at most a million time steps", to_text(r));
  if (tau_syn[0].empty() && !tau_syn[1].empty()) throw_shape("tauSyn", "given for current 0 as well", "current 1 alone");
  const std::size_t entries = units != 0 && inputs > SIZE_MAX / units ? SIZE_MAX : inputs * units;
  if (!w_in.empty() && w_in.size() != entries)
    throw_shape("weights", to_text(inputs) + " x " + to_text(units), to_text(w_in.size()) + " numbers");
  for (const double w : w_in)
    if (!std::isfinite(w)) throw_range("weights", "finite", to_text(w));
}

}  // namespace rockpool
