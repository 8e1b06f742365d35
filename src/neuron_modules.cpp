// Neurons and projections of the module API.
#include "lif_args.h"
#include "modules.h"
#include "operation.h"
#include "rate_args.h"
#include "rockpool/linear.h"
#include "rockpool/rate_batch.h"

namespace glue {

namespace {

// linear(precision, onProgress, inputs, outputs, weight, bias, x, out)
template <typename T>
class Linear {
 public:
  Linear(const Args& args, bool own)
      : inputs_(args.size(2, "inputs")),
        outputs_(args.size(3, "outputs")),
        weight_(args, 4, "weight", own),
        bias_(args, 5, "bias", own),
        x_(args, 6, "x", own),
        out_(args, 7, "out", own) {
    check_product({inputs_, outputs_});
  }
  void run(rockpool::RunControl& control) {
    rockpool::linear({inputs_, outputs_, weight_.view(), bias_.view()}, x_.view(), out_.view(), control);
  }

 private:
  std::uint64_t inputs_, outputs_;
  In<double> weight_, bias_;
  In<T> x_;
  Out<T> out_;
};

// lifBatch(precision, onProgress, ...parameters, batch, steps, firstStep, seed, vmem, isyn, spikes, iahp, newVmem, newIsyn,
// newSpikes, newIahp, input, out, ...records): vmem, vmem before the reset, isyn, irec, iahp
template <typename T>
class LifBatch {
  static constexpr std::size_t kRun = LifParameters::kEnd;

 public:
  LifBatch(const Args& args, bool own)
      : parameters_(args, own),
        v_mem_(args, kRun + 4, "vmem", own),
        i_syn_(args, kRun + 5, "isyn", own),
        spikes_(args, kRun + 6, "spikes", own),
        i_ahp_(args, kRun + 7, "iahp", own),
        new_v_mem_(args, kRun + 8, "newVmem", own),
        new_i_syn_(args, kRun + 9, "newIsyn", own),
        new_spikes_(args, kRun + 10, "newSpikes", own),
        new_i_ahp_(args, kRun + 11, "newIahp", own),
        input_(args, kRun + 12, "input", own),
        out_(args, kRun + 13, "out", own),
        v_mem_record_(args, kRun + 14, "vmemRecord", own),
        before_record_(args, kRun + 15, "vmemBeforeRecord", own),
        i_syn_record_(args, kRun + 16, "isynRecord", own),
        i_rec_record_(args, kRun + 17, "irecRecord", own),
        i_ahp_record_(args, kRun + 18, "iahpRecord", own) {
    run_.batch = args.size(kRun, "batch");
    run_.steps = args.size(kRun + 1, "steps");
    run_.first_step = args.size(kRun + 2, "firstStep");
    run_.seed = args.size(kRun + 3, "seed");
    parameters_.check_products(run_.batch, run_.steps);
    run_.input = input_.view(), run_.out = out_.view();
    run_.record = {v_mem_record_.view(), before_record_.view(), i_syn_record_.view(),
                   i_rec_record_.view(), i_ahp_record_.view(),  {}};
  }

  void run(rockpool::RunControl& control) {
    rockpool::run_lif_batch(parameters_.get(), {v_mem_.view(), i_syn_.view(), spikes_.view(), i_ahp_.view()},
                            {new_v_mem_.view(), new_i_syn_.view(), new_spikes_.view(), new_i_ahp_.view()}, run_, control);
  }

 private:
  LifParameters parameters_;
  In<double> v_mem_, i_syn_, spikes_, i_ahp_;
  Out<double> new_v_mem_, new_i_syn_, new_spikes_, new_i_ahp_;
  In<T> input_;
  Out<T> out_, v_mem_record_, before_record_, i_syn_record_, i_rec_record_, i_ahp_record_;
  rockpool::LifBatchRun<T> run_;
};

// rateBatch(precision, onProgress, units, activation, leak, bias, threshold, wRec, noiseStd, noise, dt, batch, steps,
// firstStep, seed, x, newX, input, activity, out, xRecord, recRecord)
template <typename T>
class RateBatch {
 public:
  RateBatch(const Args& args, bool own)
      : parameters_(args, own),
        x_(args, 15, "x", own),
        new_x_(args, 16, "newX", own),
        input_(args, 17, "input", own),
        activity_(args, 18, "activity", own),
        out_(args, 19, "out", own),
        x_record_(args, 20, "xRecord", own),
        rec_record_(args, 21, "recRecord", own) {
    parameters_.read_run(args, run_);
    run_.input = input_.view(), run_.activity = activity_.view(), run_.out = out_.view();
    run_.x_record = x_record_.view(), run_.i_rec_record = rec_record_.view();
  }

  void run(rockpool::RunControl& control) {
    rockpool::run_rate_batch(parameters_.view(), x_.view(), new_x_.view(), run_, control);
  }

 private:
  RateParameters parameters_;
  In<double> x_;
  Out<double> new_x_;
  In<T> input_, activity_;
  Out<T> out_, x_record_, rec_record_;
  rockpool::RateBatchRun<T> run_;
};

// activation(precision, onProgress, activation, x, out)
template <typename T>
class Activation {
 public:
  Activation(const Args& args, bool own)
      : activation_(choose<rockpool::BatchActivation>(args, 2, "activation", 5)),
        x_(args, 3, "x", own),
        out_(args, 4, "out", own) {}
  void run(rockpool::RunControl& control) { rockpool::activate(activation_, x_.view(), out_.view(), control); }

 private:
  rockpool::BatchActivation activation_;
  In<T> x_;
  Out<T> out_;
};

}  // namespace

void init_neuron_modules(Napi::Object exports) {
  define<run_now<Linear>>(exports, "linear");
  define<run_later<Linear>>(exports, "linearAsync");
  define<run_now<LifBatch>>(exports, "lifBatch");
  define<run_later<LifBatch>>(exports, "lifBatchAsync");
  define<run_now<RateBatch>>(exports, "rateBatch");
  define<run_later<RateBatch>>(exports, "rateBatchAsync");
  define<run_now<Activation>>(exports, "activation");
  define<run_later<Activation>>(exports, "activationAsync");
}

}  // namespace glue
