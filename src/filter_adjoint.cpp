// The way back through filter banks.
#include "rockpool/filter_adjoint.h"

#include "modules.h"
#include "operation.h"

namespace glue {

namespace {

// filterAdjoint(precision, onProgress, filters, bandpass, lowpass, rectify, batch, steps, input, state, gOut, gAfter, gInput,
// gState)
template <typename T>
class FilterAdjoint {
 public:
  FilterAdjoint(const Args& args, bool own)
      : bandpass_(args, 3, "bandpass", own),
        lowpass_(args, 4, "lowpass", own),
        input_(args, 8, "input", own),
        state_(args, 9, "state", own),
        g_out_(args, 10, "gOut", own),
        g_after_(args, 11, "gAfter", own),
        g_input_(args, 12, "gInput", own),
        g_state_(args, 13, "gState", own) {
    p_ = {args.size(2, "filters"), bandpass_.view(), lowpass_.view(), args.boolean(5, "rectify")};
    run_.batch = args.size(6, "batch"), run_.steps = args.size(7, "steps");
    check_product({run_.batch, run_.steps, p_.filters});
    check_product({p_.filters, p_.bandpass.size() + p_.lowpass.size() + 1});
    run_.input = input_.view(), run_.state = state_.view(), run_.g_out = g_out_.view(), run_.g_after = g_after_.view();
    run_.g_input = g_input_.view(), run_.g_state = g_state_.view();
  }
  void run(rockpool::RunControl& control) { rockpool::filter_bank_adjoint(p_, run_, control); }

 private:
  In<double> bandpass_, lowpass_;
  Tape<T> input_;
  In<double> state_;
  Tape<T> g_out_;
  In<double> g_after_;
  Out<T> g_input_;
  Out<double> g_state_;
  rockpool::FilterBankParameters p_;
  rockpool::FilterAdjointRun<T> run_;
};

}  // namespace

void init_filter_adjoint(Napi::Object exports) {
  define<run_now<FilterAdjoint>>(exports, "filterAdjoint");
  define<run_later<FilterAdjoint>>(exports, "filterAdjointAsync");
}

}  // namespace glue
