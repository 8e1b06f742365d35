#include <doctest/doctest.h>

#include <vector>

#include "neurons/limits_kernels.h"
#include "rockpool/error.h"
#include "rockpool/limits.h"
#include "targets.h"

using namespace rockpool;

namespace {

const LimitKernels& active() {
  return ROCKPOOL_SELECT_KERNELS(limit_kernels);
}

}  // namespace

TEST_CASE("the loops that measure a limit do the work that they stand for") {
  for_each_target([] {
    const auto& kernels = active().f64;
    std::vector<double> v(80, 0.5), i0(80, 2.0), i1(80, 3.0), ready(80, 1.0);
    ready[3] = 2.0;  // refractory
    UpdateLoop<double> loop{7, v.data(), {i0.data(), i1.data()}, ready.data(), 1.0, 0.5, {0.25, 0.125}, {0.5, 0.25}, 1.0, 3.0};
    CHECK_FALSE(kernels.update(loop));
    for (std::size_t j = 0; j < 7; ++j) CHECK(v[j] == (j == 3 ? 0.5 : 0.25 + 0.5 + 0.375 + 1.0));
    CHECK(i0[6] == 1.0);
    CHECK(i1[6] == 0.75);
    loop.threshold = 1.0;
    CHECK(kernels.update(loop));

    const std::uint16_t narrow[] = {0, 2, 2};
    const std::uint32_t wide[] = {1, 2};
    std::vector<double> y(3);
    kernels.deliver16(narrow, 3, 0.5, y.data());
    kernels.deliver32(wide, 2, 2.0, y.data());
    CHECK(y == std::vector<double>{0.5, 2.0, 3.0});

    std::uint32_t levels[kLimitLevels];
    for (std::uint32_t& level : levels) level = 0xffffffffu;
    levels[0] = 0x80000000u;  // one event, half of the time
    std::vector<double> counts(100'000);
    kernels.draw(0, levels, counts.data(), counts.size());
    double sum = 0.0;
    for (const double count : counts) sum += count;
    CHECK(sum / 100'000 == doctest::Approx(0.5).epsilon(0.02));
  });
}

TEST_CASE("a limit is the time of one element") {
  for_each_target([] {
    for (const auto precision : {Precision::kFloat64, Precision::kFloat32}) {
      for (const double seconds :
           {neuron_update_limit(1000, precision, 0.0), synaptic_event_limit(1000, 20'000, 100, precision, 0.0),
            synaptic_event_limit(70'000, 20'000, 100, precision, 0.0), poisson_draw_limit(1000, precision, 0.0)}) {
        CHECK(seconds > 1e-12);
        CHECK(seconds < 1e-6);
      }
    }
  });
  CHECK_THROWS_AS(neuron_update_limit(0, Precision::kFloat64, 0.0), Error);
  CHECK_THROWS_AS(synaptic_event_limit(10, 5, 6, Precision::kFloat64, 0.0), Error);
}
