#include "rockpool/filter_adjoint.h"

#include <algorithm>
#include <vector>

#include "base/batch_tasks.h"
#include "neurons/batch_arrays.h"

namespace rockpool {

namespace {

constexpr std::size_t kCoefficients = 6;
constexpr std::size_t kStepsPerLook = 8192;  // at cancellation: below a millisecond

struct Section {
  double b0, b1, b2, a1, a2;

  explicit Section(const double* c) : b0(c[0]), b1(c[1]), b2(c[2]), a1(c[4]), a2(c[5]) {}
  double forth(double x, double* z) const {
    const double y = b0 * x + z[0];
    z[0] = b1 * x + z[1] - a1 * y;
    z[1] = b2 * x - a2 * y;
    return y;
  }
  double back(double g, double* s) const {
    g = g - a1 * s[0] - a2 * s[1];
    const double dx = b0 * g + b1 * s[0] + b2 * s[1];
    s[1] = s[0], s[0] = g;
    return dx;
  }
};

template <typename T>
class FilterAdjoint {
 public:
  FilterAdjoint(const FilterBankParameters& p, const FilterAdjointRun<T>& run)
      : run_(run), filters_(p.filters), rectify_(p.rectify) {
    if (filters_ == 0) throw_range("filters", "greater than 0", "0");
    bands_ = p.bandpass.size() / filters_ / kCoefficients;
    check_size("bandpass", p.bandpass.size(), {bands_ * filters_ * kCoefficients});
    check_size("lowpass", p.lowpass.size(), {p.lowpass.size() / kCoefficients * kCoefficients});
    sections_ = bands_ + p.lowpass.size() / kCoefficients;
    for (std::size_t j = 0; j < filters_; ++j)
      for (std::size_t s = 0; s < sections_; ++s)
        all_.emplace_back(s < bands_ ? p.bandpass.data() + (j * bands_ + s) * kCoefficients
                                     : p.lowpass.data() + (s - bands_) * kCoefficients);
    const std::size_t rows = run.batch * run.steps, states = state_size();
    check_size("input", run.input.size(), {rows});
    check_size("the gradient of the input", run.g_input.size(), {rows});
    check_size("the gradient of the output", run.g_out.size(), {rows * filters_});
    check_size("the state", run.state.size(), {states, run.batch * states});
    check_size("the gradient of the new state", run.g_after.size(), {0, run.batch * states});
    check_size("the gradient of the state", run.g_state.size(), {run.batch * states});
  }

  void element(std::size_t b, SharedControl& control) const {
    const std::size_t states = state_size();
    std::vector<double> z(states), sum(run_.steps);
    std::vector<signed char> sign(rectify_ ? run_.steps : 0);
    load(run_.state, b, states, z.data());
    double* s = run_.g_state.data() + b * states;
    if (run_.g_after.empty())
      std::fill_n(s, states, 0.0);
    else
      std::copy_n(run_.g_after.data() + b * states, states, s);
    for (std::size_t j = 0; j < filters_; ++j)
      filter(b, j, z.data() + j * sections_ * 2, s + j * sections_ * 2, sign.data(), sum.data(), control);
    for (std::size_t n = 0; n < run_.steps; ++n) run_.g_input[b * run_.steps + n] = static_cast<T>(sum[n]);
    control.advance(run_.steps);
  }

 private:
  std::size_t state_size() const { return filters_ * sections_ * 2; }

  void filter(std::size_t b, std::size_t j, double* z, double* s, signed char* sign, double* sum,
              SharedControl& control) const {
    const Section* sections = all_.data() + j * sections_;
    if (rectify_)
      for (std::size_t n = 0; n < run_.steps; ++n) {
        auto y = static_cast<double>(run_.input[b * run_.steps + n]);
        for (std::size_t k = 0; k < bands_; ++k) y = sections[k].forth(y, z + 2 * k);
        sign[n] = static_cast<signed char>((y > 0.0) - (y < 0.0));
        if (n % kStepsPerLook == kStepsPerLook - 1) control.advance(0);
      }
    for (std::size_t n = run_.steps; n-- > 0;) {
      auto g = static_cast<double>(run_.g_out[(b * run_.steps + n) * filters_ + j]);
      for (std::size_t k = sections_; k-- > 0;) {
        if (rectify_ && k == bands_ - 1) g *= sign[n];
        g = sections[k].back(g, s + 2 * k);
      }
      sum[n] += g;
      if (n % kStepsPerLook == 0) control.advance(0);
    }
  }

  const FilterAdjointRun<T>& run_;
  std::size_t filters_, bands_ = 0, sections_ = 0;
  bool rectify_;
  std::vector<Section> all_;
};

template <typename T>
void run_adjoint(const FilterBankParameters& p, const FilterAdjointRun<T>& run, RunControl& control) {
  const FilterAdjoint<T> adjoint(p, run);
  run_tasks(run.batch, std::uint64_t{run.batch} * run.steps, control,
            [&](std::size_t b, SharedControl& shared) { adjoint.element(b, shared); });
}

}  // namespace

void filter_bank_adjoint(const FilterBankParameters& p, const FilterAdjointRun<double>& run, RunControl& control) {
  run_adjoint(p, run, control);
}

void filter_bank_adjoint(const FilterBankParameters& p, const FilterAdjointRun<float>& run, RunControl& control) {
  run_adjoint(p, run, control);
}

}  // namespace rockpool
