// Gradients of LIF neurons.
#include "rockpool/lif_adjoint.h"

#include "lif_args.h"
#include "modules.h"

namespace glue {

namespace {

// lifBackward(precision, onProgress, ...parameters, batch, steps, vmem, isyn, spikes, iahp, ...state gradients,
// ...new state gradients, ...tape, ...gradients, inputGradient, arrivalGradient, ...sums)
//   tape: vmem before the reset, spikes, isyn, iahp, input, irec
//   gradients: out, vmem, isyn, irec, iahp, spikes
//   sums: vFromV, iFromI, bias, threshold, aFromA, wAhp, wRec
template <typename T>
class LifBackward {
  static constexpr std::size_t kRun = LifParameters::kEnd, kTape = kRun + 14, kGradients = kTape + 6, kSums = kGradients + 8;

 public:
  LifBackward(const Args& args, bool own)
      : parameters_(args, own),
        state_(args, kRun + 2, own),
        g_state_(args, kRun + 6, own),
        new_g_state_(args, kRun + 10, own),
        before_(args, kTape, "vmemBefore", own),
        spikes_(args, kTape + 1, "spikes", own),
        i_syn_(args, kTape + 2, "isyn", own),
        i_ahp_(args, kTape + 3, "iahp", own),
        input_(args, kTape + 4, "input", own),
        i_rec_(args, kTape + 5, "irec", own),
        g_out_(args, kGradients, "outGradient", own),
        g_v_mem_(args, kGradients + 1, "vmemGradient", own),
        g_i_syn_(args, kGradients + 2, "isynGradient", own),
        g_i_rec_(args, kGradients + 3, "irecGradient", own),
        g_i_ahp_(args, kGradients + 4, "iahpGradient", own),
        g_spikes_(args, kGradients + 5, "spikesGradient", own),
        g_input_(args, kGradients + 6, "inputGradient", own),
        g_arrival_(args, kGradients + 7, "arrivalGradient", own),
        v_from_v_(args, kSums, "the sum of vFromV", own),
        i_from_i_(args, kSums + 1, "the sum of iFromI", own),
        bias_(args, kSums + 2, "the sum of bias", own),
        threshold_(args, kSums + 3, "the sum of threshold", own),
        a_from_a_(args, kSums + 4, "the sum of aFromA", own),
        w_ahp_(args, kSums + 5, "the sum of wAhp", own),
        w_rec_(args, kSums + 6, "the sum of wRec", own) {
    run_.batch = args.size(kRun, "batch");
    run_.steps = args.size(kRun + 1, "steps");
    parameters_.check_products(run_.batch, run_.steps);
    run_.v_mem_before = before_.view(), run_.spikes = spikes_.view(), run_.i_syn = i_syn_.view(), run_.i_ahp = i_ahp_.view();
    run_.input = input_.view(), run_.i_rec = i_rec_.view();
    run_.g_out = g_out_.view(), run_.g_v_mem = g_v_mem_.view(), run_.g_i_syn = g_i_syn_.view();
    run_.g_i_rec = g_i_rec_.view(), run_.g_i_ahp = g_i_ahp_.view(), run_.g_spikes = g_spikes_.view();
    run_.g_input = g_input_.view(), run_.g_arrival = g_arrival_.view();
  }

  void run(rockpool::RunControl& control) {
    const rockpool::LifAdjointSums sums{v_from_v_.view(), i_from_i_.view(), bias_.view(), threshold_.view(),
                                        a_from_a_.view(), w_ahp_.view(),    w_rec_.view()};
    rockpool::run_lif_adjoint(parameters_.get(), state_.view(), g_state_.view(), new_g_state_.view(), sums, run_, control);
  }

 private:
  // Potentials, currents, spikes and hyperpolarisations.
  struct State {
    State(const Args& args, std::size_t i, bool own)
        : v_mem(args, i, "vmem", own),
          i_syn(args, i + 1, "isyn", own),
          spikes(args, i + 2, "spikes", own),
          i_ahp(args, i + 3, "iahp", own) {}
    rockpool::LifBatchState view() const { return {v_mem.view(), i_syn.view(), spikes.view(), i_ahp.view()}; }
    In<double> v_mem, i_syn, spikes, i_ahp;
  };
  struct NewState {
    NewState(const Args& args, std::size_t i, bool own)
        : v_mem(args, i, "vmem", own),
          i_syn(args, i + 1, "isyn", own),
          spikes(args, i + 2, "spikes", own),
          i_ahp(args, i + 3, "iahp", own) {}
    rockpool::LifBatchNewState view() const { return {v_mem.view(), i_syn.view(), spikes.view(), i_ahp.view()}; }
    Out<double> v_mem, i_syn, spikes, i_ahp;
  };

  LifParameters parameters_;
  State state_, g_state_;
  NewState new_g_state_;
  Tape<T> before_, spikes_, i_syn_, i_ahp_, input_, i_rec_;
  Tape<T> g_out_, g_v_mem_, g_i_syn_, g_i_rec_, g_i_ahp_, g_spikes_;
  Out<T> g_input_, g_arrival_;
  Out<double> v_from_v_, i_from_i_, bias_, threshold_, a_from_a_, w_ahp_, w_rec_;
  rockpool::LifAdjointRun<T> run_;
};

// chainLeak(form, euler, dt, values, gradients): 0 tau, 1 decay, 2 bit shift
Napi::Value chain_leak(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::chain_leak(choose<rockpool::Leak>(args, 0, "form", 3), args.boolean(1, "euler"), args.number(2, "dt"),
                       args.array<double>(3, "values"), args.array<double>(4, "gradients"));
  return info.Env().Undefined();
}

}  // namespace

void init_lif_adjoint(Napi::Object exports) {
  define<run_now<LifBackward>>(exports, "lifBackward");
  define<run_later<LifBackward>>(exports, "lifBackwardAsync");
  define<chain_leak>(exports, "chainLeak");
}

}  // namespace glue
