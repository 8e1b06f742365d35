// Runs a test with every instruction set that this machine has.
#pragma once

#include <doctest/doctest.h>

#include "rockpool/simd.h"

template <typename Body>
void for_each_target(Body body) {
  const auto active = rockpool::simd::active_target();
  for (const auto target : rockpool::simd::available_targets()) {
    CAPTURE(rockpool::simd::target_name(target));
    rockpool::simd::set_target(target);
    body();
  }
  rockpool::simd::set_target(active);
}
