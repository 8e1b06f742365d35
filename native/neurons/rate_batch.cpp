#include "rockpool/rate_batch.h"

#include <algorithm>
#include <cmath>

#include "base/batch_tasks.h"
#include "neurons/batch_arrays.h"
#include "neurons/finite.h"
#include "neurons/rate_batch_kernels.h"
#include "rockpool/random.h"
#include "synapses/packed_matrix.h"

namespace rockpool {

const RateBatchKernels& active_rate_batch_kernels_all() {
  return ROCKPOOL_SELECT_KERNELS(rate_batch_kernels);
}

namespace {

template <typename T>
void check(const RateBatchParameters& p, std::span<const double> x, std::span<double> new_x, const RateBatchRun<T>& run) {
  const std::size_t n = p.units, rows = run.batch * run.steps;
  const bool given = p.activation == BatchActivation::kGiven;
  if (n == 0) throw_range("units", "greater than 0", "0");
  if (given && run.steps != 1) throw_range("steps", "1 with a given activity", to_text(run.steps));
  check_size("leak", p.leak.size(), {1, n});
  check_size("bias", p.bias.size(), {1, n});
  check_size("threshold", p.threshold.size(), {1, n});
  check_size("w_rec", p.w_rec.size(), {0, n * n});
  check_size("x", x.size(), {n, run.batch * n});
  check_size("the new x", new_x.size(), {run.batch * n});
  check_size("input", run.input.size(), {rows * n});
  check_size("activity", run.activity.size(), {given ? run.batch * n : 0});
  check_size("out", run.out.size(), {given ? 0 : rows * n});
  for (const auto size : {run.x_record.size(), run.i_rec_record.size()}) check_size("a record", size, {0, rows * n});
}

template <typename T>
class RateNeurons {
 public:
  explicit RateNeurons(const RateBatchParameters& p)
      : p_(p),
        dense_(active_dense_kernels<T>()),
        w_rec_(dense_, p.w_rec, p.units, p.units),
        leak_(expand<T>(p.leak, p.units)),
        bias_(expand<T>(p.bias, p.units)),
        threshold_(expand<T>(p.threshold, p.units)) {
    if (!(p.noise_std > 0.0)) return;
    drive_from_xi_ = AlignedArray<double>(p.units);
    for (std::size_t j = 0; j < p.units; ++j) {
      const auto a = static_cast<double>(leak_[j]);
      drive_from_xi_[j] =
          p.noise_std * (p.noise == LifNoise::kSqrtDt ? std::sqrt(p.dt) : std::sqrt(std::max(0.0, a * (2.0 - a))) / a);
    }
  }

  void run(std::size_t element, std::span<const double> x0, std::span<double> new_x, const RateBatchRun<T>& run,
           SharedControl& control) const {
    const std::size_t n = p_.units;
    AlignedArray<T> x(n), r(n), i_rec(w_rec_.empty() ? 0 : (n + dense_.panel - 1) / dense_.panel * dense_.panel);
    AlignedArray<std::uint32_t> index(n + kPanelPrefetch);
    AlignedArray<T> value(n + kPanelPrefetch);
    load(x0, element, n, x.data());
    if (run.activity.empty())
      kernels_.activate(p_.activation, x.data(), threshold_.data(), n, r.data());
    else
      std::copy_n(run.activity.data() + element * n, n, r.data());
    const double work =
        60.0 * static_cast<double>(n) + static_cast<double>(w_rec_.size()) + 200.0 * static_cast<double>(drive_from_xi_.size());
    const auto most = static_cast<std::size_t>(std::clamp(2e7 / work, 1.0, 4096.0));
    AlignedArray<T> noise(drive_from_xi_.empty() ? 0 : std::min(most, std::max<std::size_t>(run.steps, 1)) * n);
    RateBatchBlock<T> b{};
    b.units = n, b.activation = p_.activation;
    b.leak = leak_.data(), b.bias = bias_.data(), b.threshold = threshold_.data(), b.w_rec = w_rec_.data();
    b.x = x.data(), b.r = r.data(), b.i_rec = i_rec.data(), b.index = index.data(), b.value = value.data();
    b.noise = noise.data();
    b.stop = stop_requested, b.stop_context = &control;
    for (std::size_t done = 0; done < run.steps; done += b.steps) {
      b.steps = std::min(most, run.steps - done);
      if (!noise.empty()) draw(run, element, run.first_step + done, b.steps, noise.data());
      const std::size_t at = (element * run.steps + done) * n;
      b.input = run.input.data() + at;
      b.out = run.out.empty() ? nullptr : run.out.data() + at;
      b.x_out = run.x_record.empty() ? nullptr : run.x_record.data() + at;
      b.i_rec_out = run.i_rec_record.empty() ? nullptr : run.i_rec_record.data() + at;
      const bool whole = kernels_.run(b);
      control.advance(b.steps);
      if (!whole) throw_cancelled();
      check_finite("state", b.x, n, run.first_step + done + b.steps - 1);
    }
    store(x.data(), element, n, new_x);
  }

 private:
  void draw(const RateBatchRun<T>& run, std::size_t element, std::uint64_t first, std::size_t steps, T* noise) const {
    AlignedArray<double> xi(p_.units);
    for (std::size_t k = 0; k < steps; ++k) {
      fill_normal({run.seed, kNoiseStream + static_cast<std::uint32_t>(element)}, first + k, 0, xi.data(), p_.units);
      for (std::size_t j = 0; j < p_.units; ++j) noise[k * p_.units + j] = static_cast<T>(drive_from_xi_[j] * xi[j]);
    }
  }

  const RateBatchParameters& p_;
  const RateBatchKernelsOf<T>& kernels_ = active_rate_batch_kernels<T>();
  const DenseKernelsOf<T>& dense_;
  PackedMatrix<T> w_rec_;
  AlignedArray<T> leak_, bias_, threshold_;
  AlignedArray<double> drive_from_xi_;
};

template <typename T>
void run_batch(const RateBatchParameters& p, std::span<const double> x, std::span<double> new_x, const RateBatchRun<T>& run,
               RunControl& control) {
  check(p, x, new_x, run);
  const RateNeurons<T> neurons(p);
  run_tasks(run.batch, std::uint64_t{run.batch} * run.steps, control,
            [&](std::size_t element, SharedControl& shared) { neurons.run(element, x, new_x, run, shared); });
}

template <typename T>
void activate_all(BatchActivation activation, std::span<const T> x, std::span<T> out, RunControl& control) {
  constexpr std::size_t kPart = std::size_t{1} << 16;
  check_size("out", out.size(), {x.size()});
  const auto& kernels = active_rate_batch_kernels<T>();
  run_tasks((x.size() + kPart - 1) / kPart, x.size(), control, [&](std::size_t i, SharedControl& shared) {
    const std::size_t first = i * kPart, n = std::min(kPart, x.size() - first);
    kernels.activate(activation, x.data() + first, nullptr, n, out.data() + first);
    shared.advance(n);
  });
}

}  // namespace

void run_rate_batch(const RateBatchParameters& p, std::span<const double> x, std::span<double> new_x,
                    const RateBatchRun<double>& run, RunControl& control) {
  run_batch(p, x, new_x, run, control);
}

void run_rate_batch(const RateBatchParameters& p, std::span<const double> x, std::span<double> new_x,
                    const RateBatchRun<float>& run, RunControl& control) {
  run_batch(p, x, new_x, run, control);
}

void activate(BatchActivation activation, std::span<const double> x, std::span<double> out, RunControl& control) {
  activate_all(activation, x, out, control);
}

void activate(BatchActivation activation, std::span<const float> x, std::span<float> out, RunControl& control) {
  activate_all(activation, x, out, control);
}

}  // namespace rockpool
