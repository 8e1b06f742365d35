// The ways back through rate neurons and activations.
#include "rockpool/rate_adjoint.h"

#include "modules.h"
#include "operation.h"
#include "rate_args.h"
#include "rockpool/linear_adjoint.h"
#include "rockpool/signal_adjoint.h"

namespace glue {

namespace {

// rateAdjoint(precision, onProgress, units, activation, leak, bias, threshold, wRec, noiseStd, noise, dt, batch, steps,
// firstStep, seed, x, xRecord, activity, slopeStart, thetaSlopeStart, slope, thetaSlope, gOut, gX, gRecInput, gXAfter,
// gInput, gRec, gXStart, activityStart, logLeakSums, biasSums, thresholdSums, wRecSums)
template <typename T>
class RateAdjoint {
 public:
  RateAdjoint(const Args& args, bool own)
      : parameters_(args, own),
        x_(args, 15, "x", own),
        x_record_(args, 16, "xRecord", own),
        activity_(args, 17, "activity", own),
        slope_start_(args, 18, "slopeStart", own),
        theta_slope_start_(args, 19, "thetaSlopeStart", own),
        slope_(args, 20, "slope", own),
        theta_slope_(args, 21, "thetaSlope", own),
        g_out_(args, 22, "gOut", own),
        g_x_(args, 23, "gX", own),
        g_rec_input_(args, 24, "gRecInput", own),
        g_x_after_(args, 25, "gXAfter", own),
        g_input_(args, 26, "gInput", own),
        g_rec_(args, 27, "gRec", own),
        g_x_start_(args, 28, "gXStart", own),
        activity_start_(args, 29, "activityStart", own),
        log_leak_(args, 30, "logLeakSums", own),
        bias_sums_(args, 31, "biasSums", own),
        threshold_sums_(args, 32, "thresholdSums", own),
        w_rec_sums_(args, 33, "wRecSums", own) {
    parameters_.read_run(args, run_);
    read_arrays();
  }

  void run(rockpool::RunControl& control) {
    const auto& p = parameters_.view();
    std::vector<double> start;
    const bool given = p.activation == rockpool::BatchActivation::kGiven, weights = !w_rec_sums_.view().empty();
    if (weights && !given) start.resize(run_.batch * p.units);
    auto run = run_;
    run.activity_start = start;
    if (given) run.activity = {};
    rockpool::run_rate_adjoint(p, run, control);
    if (!weights) return;
    rockpool::OuterProducts<T> products{run_.batch, run_.steps, p.units, p.units};
    products.x = run_.activity, products.first = given ? activity_start_.view() : std::span<const double>(start);
    products.g = run_.g_rec.empty() ? std::span<const T>(run_.g_input) : std::span<const T>(run_.g_rec);
    products.sums = w_rec_sums_.view();
    rockpool::add_outer_products(products, control);
  }

 private:
  void read_arrays() {
    run_.x_start = x_.view(), run_.x = x_record_.view(), run_.activity = activity_.view();
    run_.slope_start = slope_start_.view(), run_.theta_slope_start = theta_slope_start_.view();
    run_.slope = slope_.view(), run_.theta_slope = theta_slope_.view();
    run_.g_out = g_out_.view(), run_.g_x = g_x_.view(), run_.g_i_rec = g_rec_input_.view(), run_.g_x_after = g_x_after_.view();
    run_.g_input = g_input_.view(), run_.g_rec = g_rec_.view();
    run_.g_x_start = g_x_start_.view();
    run_.log_leak = log_leak_.view(), run_.bias = bias_sums_.view(), run_.threshold = threshold_sums_.view();
  }

  RateParameters parameters_;
  In<double> x_;
  Tape<T> x_record_, activity_, slope_start_, theta_slope_start_, slope_, theta_slope_, g_out_, g_x_, g_rec_input_;
  In<double> g_x_after_;
  Out<T> g_input_, g_rec_;
  Out<double> g_x_start_;
  In<double> activity_start_;
  Out<double> log_leak_, bias_sums_, threshold_sums_, w_rec_sums_;
  rockpool::RateAdjointRun<T> run_;
};

// activationAdjoint(precision, onProgress, activation, out, gOut, gInput)
template <typename T>
class ActivationAdjoint {
 public:
  ActivationAdjoint(const Args& args, bool own)
      : activation_(choose<rockpool::BatchActivation>(args, 2, "activation", 5)),
        out_(args, 3, "out", own),
        g_out_(args, 4, "gOut", own),
        g_input_(args, 5, "gInput", own) {}
  void run(rockpool::RunControl& control) {
    rockpool::activate_adjoint(activation_, out_.view(), g_out_.view(), g_input_.view(), control);
  }

 private:
  rockpool::BatchActivation activation_;
  Tape<T> out_, g_out_;
  Out<T> g_input_;
};

// eulerLeakAdjoint(dt, minSteps, tau, logLeak, out)
Napi::Value euler_leak_adjoint(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::euler_leak_adjoint(args.number(0, "dt"), args.number(1, "minSteps"), args.array<double>(2, "tau"),
                               args.array<double>(3, "logLeak"), args.array<double>(4, "out"));
  return info.Env().Undefined();
}

}  // namespace

void init_rate_adjoint(Napi::Object exports) {
  define<run_now<RateAdjoint>>(exports, "rateAdjoint");
  define<run_later<RateAdjoint>>(exports, "rateAdjointAsync");
  define<run_now<ActivationAdjoint>>(exports, "activationAdjoint");
  define<run_later<ActivationAdjoint>>(exports, "activationAdjointAsync");
  define<euler_leak_adjoint>(exports, "eulerLeakAdjoint");
}

}  // namespace glue
