// The parameters of rate neurons of the module API, as their operations take them.
#pragma once

#include "operation.h"
#include "rockpool/rate_batch.h"

namespace glue {

/// Arguments 2 to 14: units, activation, leak, bias, threshold, wRec, noiseStd, noise, dt, batch, steps, firstStep, seed.
class RateParameters {
 public:
  RateParameters(const Args& args, bool own)
      : leak_(args, 4, "leak", own),
        bias_(args, 5, "bias", own),
        threshold_(args, 6, "threshold", own),
        w_rec_(args, 7, "wRec", own) {
    p_.units = args.size(2, "units");
    p_.activation = choose<rockpool::BatchActivation>(args, 3, "activation", 6);
    p_.leak = leak_.view(), p_.bias = bias_.view(), p_.threshold = threshold_.view(), p_.w_rec = w_rec_.view();
    p_.noise_std = args.number(8, "noiseStd");
    p_.noise = choose<rockpool::LifNoise>(args, 9, "noise", 2);
    p_.dt = args.number(10, "dt");
  }

  /// The sizes of a run, forward or back.
  template <typename Run>
  void read_run(const Args& args, Run& run) const {
    run.batch = args.size(11, "batch");
    run.steps = args.size(12, "steps");
    run.first_step = args.size(13, "firstStep");
    run.seed = args.size(14, "seed");
    check_product({run.batch, run.steps, p_.units});
    check_product({p_.units, p_.units});
  }

  const rockpool::RateBatchParameters& view() const { return p_; }

 private:
  In<double> leak_, bias_, threshold_, w_rec_;
  rockpool::RateBatchParameters p_;
};

}  // namespace glue
