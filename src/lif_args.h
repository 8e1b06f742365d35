// The parameters of LIF neurons of the module API, as their operations take them.
#pragma once

#include "operation.h"
#include "rockpool/lif_batch.h"

namespace glue {

/// Arguments 2 to kEnd - 1: units, synapses, scheme, vFromV, iFromI, bias, threshold, wRec, aFromA, wAhp, maxSpikes, noiseStd,
/// noise, dt, outputMembrane, surrogate, window, masked, smooth.
class LifParameters {
 public:
  static constexpr std::size_t kEnd = 21;

  LifParameters(const Args& args, bool own)
      : v_from_v_(args, 5, "vFromV", own),
        i_from_i_(args, 6, "iFromI", own),
        bias_(args, 7, "bias", own),
        threshold_(args, 8, "threshold", own),
        w_rec_(args, 9, "wRec", own),
        a_from_a_(args, 10, "aFromA", own),
        w_ahp_(args, 11, "wAhp", own) {
    p_.units = args.size(2, "units");
    p_.synapses = args.size(3, "synapses");
    p_.scheme = choose<rockpool::LifScheme>(args, 4, "scheme", 3);
    p_.v_from_v = v_from_v_.view(), p_.i_from_i = i_from_i_.view();
    p_.bias = bias_.view(), p_.threshold = threshold_.view(), p_.w_rec = w_rec_.view();
    p_.a_from_a = a_from_a_.view(), p_.w_ahp = w_ahp_.view();
    p_.max_spikes = args.number(12, "maxSpikes");
    p_.noise_std = args.number(13, "noiseStd");
    p_.noise = choose<rockpool::LifNoise>(args, 14, "noise", 2);
    p_.dt = args.number(15, "dt");
    p_.output_membrane = args.boolean(16, "outputMembrane");
    p_.surrogate.kind = choose<rockpool::LifSurrogate::Kind>(args, 17, "surrogate", 2);
    p_.surrogate.window = args.number(18, "window");
    p_.surrogate.masked = args.boolean(19, "masked");
    p_.smooth = args.boolean(20, "smooth");
  }
  const rockpool::LifBatchParameters& get() const { return p_; }

  void check_products(std::uint64_t batch, std::uint64_t steps) const {
    check_product({batch, steps, p_.units, p_.synapses + 1});
    check_product({p_.units, p_.units, p_.synapses});
  }

 private:
  In<double> v_from_v_, i_from_i_, bias_, threshold_, w_rec_, a_from_a_, w_ahp_;
  rockpool::LifBatchParameters p_;
};

}  // namespace glue
