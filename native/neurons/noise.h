// How strong the noise of a leaky state is.
#pragma once

#include <algorithm>
#include <cmath>

#include "rockpool/rate.h"

namespace rockpool {

/// c / s of NoiseScaling: what a standard normal is multiplied by in the drive of x += a (drive - x), for noise_std = 1.
inline double noise_factor(NoiseScaling scaling, double a) {
  switch (scaling) {
    case NoiseScaling::kLegacy: return std::sqrt(2.0 / a);
    case NoiseScaling::kStationary: return std::sqrt(std::max(0.0, a * (2.0 - a))) / a;
    case NoiseScaling::kUnscaled: break;
  }
  return 1.0;
}

}  // namespace rockpool
