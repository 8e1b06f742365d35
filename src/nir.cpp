// Neurons of the exchange format NIR, and what reading its files needs.
#include "modules.h"
#include "operation.h"
#include "rockpool/nir_neurons.h"

namespace glue {

namespace {

// nirNeurons(precision, onProgress, units, dt, integration, reset, resetNext, reached, maxSpikes, tauMem, tauSyn, r, vLeak,
// wIn, threshold, vReset, wRec, recBias, batch, steps, vmem, isyn, spikes, newVmem, newIsyn, newSpikes, input, out, vmemRecord,
// isynRecord); in double precision whatever is asked for
template <typename>
class NirNeurons {
 public:
  NirNeurons(const Args& args, bool own)
      : tau_mem_(args, 9, "tauMem", own),
        tau_syn_(args, 10, "tauSyn", own),
        r_(args, 11, "r", own),
        v_leak_(args, 12, "vLeak", own),
        w_in_(args, 13, "wIn", own),
        v_threshold_(args, 14, "threshold", own),
        v_reset_(args, 15, "vReset", own),
        w_rec_(args, 16, "wRec", own),
        rec_bias_(args, 17, "recBias", own),
        v_mem_(args, 20, "vmem", own),
        i_syn_(args, 21, "isyn", own),
        spikes_(args, 22, "spikes", own),
        new_v_mem_(args, 23, "newVmem", own),
        new_i_syn_(args, 24, "newIsyn", own),
        new_spikes_(args, 25, "newSpikes", own),
        input_(args, 26, "input", own),
        out_(args, 27, "out", own),
        v_record_(args, 28, "vmemRecord", own),
        i_record_(args, 29, "isynRecord", own) {
    p_.units = args.size(2, "units");
    p_.dt = args.number(3, "dt");
    p_.integration = choose<rockpool::NirIntegration>(args, 4, "integration", 2);
    p_.reset = choose<rockpool::NirReset>(args, 5, "reset", 2);
    p_.reset_next = args.boolean(6, "resetNext");
    p_.reached = args.boolean(7, "reached");
    p_.max_spikes = args.number(8, "maxSpikes");
    p_.tau_mem = tau_mem_.view(), p_.tau_syn = tau_syn_.view(), p_.r = r_.view(), p_.v_leak = v_leak_.view();
    p_.w_in = w_in_.view(), p_.v_threshold = v_threshold_.view(), p_.v_reset = v_reset_.view();
    p_.w_rec = w_rec_.view(), p_.rec_bias = rec_bias_.view();
    run_.batch = args.size(18, "batch");
    run_.steps = args.size(19, "steps");
    check_product({run_.batch, run_.steps, p_.units});
    check_product({p_.units, p_.units});
    run_.input = input_.view(), run_.out = out_.view();
    run_.v_record = v_record_.view(), run_.i_record = i_record_.view();
  }

  void run(rockpool::RunControl& control) {
    rockpool::run_nir_neurons(p_, {v_mem_.view(), i_syn_.view(), spikes_.view()},
                              {new_v_mem_.view(), new_i_syn_.view(), new_spikes_.view()}, run_, control);
  }

 private:
  In<double> tau_mem_, tau_syn_, r_, v_leak_, w_in_, v_threshold_, v_reset_, w_rec_, rec_bias_;
  In<double> v_mem_, i_syn_, spikes_;
  Out<double> new_v_mem_, new_i_syn_, new_spikes_;
  In<double> input_;
  Out<double> out_, v_record_, i_record_;
  rockpool::NirNeuronParameters p_;
  rockpool::NirNeuronRun run_;
};

// firstOutside(x, bound, orEqual): index of the first element that is not finite or not above the bound, or the length
Napi::Value first_outside(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto at = rockpool::first_outside(args.array<double>(0, "x"), args.number(1, "bound"), args.boolean(2, "orEqual"));
  return Napi::Number::New(info.Env(), static_cast<double>(at));
}

// transpose(x, rows, columns, out)
Napi::Value transpose(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto rows = args.size(1, "rows"), columns = args.size(2, "columns");
  check_product({rows, columns});
  const auto size = static_cast<std::size_t>(rows * columns);
  rockpool::transpose(args.array<double>(0, "x", size), rows, columns, args.array<double>(3, "out", size));
  return info.Env().Undefined();
}

}  // namespace

void init_nir(Napi::Object exports) {
  define<run_now<NirNeurons>>(exports, "nirNeurons");
  define<run_later<NirNeurons>>(exports, "nirNeuronsAsync");
  define<first_outside>(exports, "firstOutside");
  define<transpose>(exports, "transpose");
}

}  // namespace glue
