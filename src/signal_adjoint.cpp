// The ways back through synapses, soft-max and delta modulation.
#include "rockpool/signal_adjoint.h"

#include "modules.h"
#include "operation.h"
#include "signal_args.h"

namespace glue {

namespace {

// precision, onProgress, batch, steps, channels, firstStep, seed, gOut, gInput
template <typename T>
class SignalBack {
 public:
  SignalBack(const Args& args, bool own) : g_out_(args, 7, "gOut", own), g_input_(args, 8, "gInput", own) {
    read_signal_run(args, run_);
    run_.g_out = g_out_.view(), run_.g_input = g_input_.view();
  }
  const rockpool::SignalAdjointRun<T>& run() const { return run_; }

 private:
  Tape<T> g_out_;
  Out<T> g_input_;
  rockpool::SignalAdjointRun<T> run_;
};

// expFilterAdjoint(...signal, decay, decayFirst, noiseStd, whiteNoise, state, currents, gAfter, gState, logDecaySums)
template <typename T>
class ExpFilterAdjoint {
 public:
  ExpFilterAdjoint(const Args& args, bool own)
      : signal_(args, own),
        decay_(args, kSignalArgs, "decay", own),
        decay_first_(args.boolean(kSignalArgs + 1, "decayFirst")),
        noise_std_(args.number(kSignalArgs + 2, "noiseStd")),
        white_noise_(args.boolean(kSignalArgs + 3, "whiteNoise")),
        state_(args, kSignalArgs + 4, "state", own),
        currents_(args, kSignalArgs + 5, "currents", own),
        g_after_(args, kSignalArgs + 6, "gAfter", own),
        g_state_(args, kSignalArgs + 7, "gState", own),
        log_decay_(args, kSignalArgs + 8, "logDecaySums", own) {}
  void run(rockpool::RunControl& control) {
    rockpool::exp_filter_adjoint<T>(signal_.run(), decay_.view(), decay_first_, noise_std_, white_noise_, state_.view(),
                                    currents_.view(), g_after_.view(), g_state_.view(), log_decay_.view(), control);
  }

 private:
  SignalBack<T> signal_;
  In<double> decay_;
  bool decay_first_;
  double noise_std_;
  bool white_noise_;
  In<double> state_;
  Tape<T> currents_;
  In<double> g_after_;
  Out<double> g_state_, log_decay_;
};

// softmaxAdjoint(...signal, logarithm, out)
template <typename T>
class SoftmaxAdjoint {
 public:
  SoftmaxAdjoint(const Args& args, bool own)
      : signal_(args, own), logarithm_(args.boolean(kSignalArgs, "logarithm")), out_(args, kSignalArgs + 1, "out", own) {}
  void run(rockpool::RunControl& control) { rockpool::softmax_adjoint<T>(signal_.run(), logarithm_, out_.view(), control); }

 private:
  SignalBack<T> signal_;
  bool logarithm_;
  Tape<T> out_;
};

// upDownAdjoint(...signal, thrUp, thrDown, refractorySteps, repeatOutput, smooth, input, state, gRecord, gAfter, gState,
// thrUpSums, thrDownSums)
template <typename T>
class UpDownAdjoint {
 public:
  UpDownAdjoint(const Args& args, bool own)
      : signal_(args, own),
        thr_up_(args, kSignalArgs, "thrUp", own),
        thr_down_(args, kSignalArgs + 1, "thrDown", own),
        refractory_steps_(args.size(kSignalArgs + 2, "refractorySteps")),
        repeat_output_(args.number(kSignalArgs + 3, "repeatOutput")),
        smooth_(args.boolean(kSignalArgs + 4, "smooth")),
        input_(args, kSignalArgs + 5, "input", own),
        state_(args, kSignalArgs + 6, "state", own),
        g_record_(args, kSignalArgs + 7, "gRecord", own),
        g_after_(args, kSignalArgs + 8, "gAfter", own),
        g_state_(args, kSignalArgs + 9, "gState", own),
        up_sums_(args, kSignalArgs + 10, "thrUpSums", own),
        down_sums_(args, kSignalArgs + 11, "thrDownSums", own) {}
  void run(rockpool::RunControl& control) {
    rockpool::up_down_adjoint<T>(signal_.run(), {thr_up_.view(), thr_down_.view(), refractory_steps_, repeat_output_, smooth_},
                                 input_.view(), state_.view(), g_record_.view(), g_after_.view(), g_state_.view(),
                                 up_sums_.view(), down_sums_.view(), control);
  }

 private:
  SignalBack<T> signal_;
  In<double> thr_up_, thr_down_;
  std::uint64_t refractory_steps_;
  double repeat_output_;
  bool smooth_;
  Tape<T> input_;
  In<double> state_;
  Tape<T> g_record_;
  In<double> g_after_;
  Out<double> g_state_, up_sums_, down_sums_;
};

// decayAdjoint(dt, tau, logDecay, out)
Napi::Value decay_adjoint(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::decay_adjoint(args.number(0, "dt"), args.array<double>(1, "tau"), args.array<double>(2, "logDecay"),
                          args.array<double>(3, "out"));
  return info.Env().Undefined();
}

}  // namespace

void init_signal_adjoint(Napi::Object exports) {
  define<run_now<ExpFilterAdjoint>>(exports, "expFilterAdjoint");
  define<run_later<ExpFilterAdjoint>>(exports, "expFilterAdjointAsync");
  define<run_now<SoftmaxAdjoint>>(exports, "softmaxAdjoint");
  define<run_later<SoftmaxAdjoint>>(exports, "softmaxAdjointAsync");
  define<run_now<UpDownAdjoint>>(exports, "upDownAdjoint");
  define<run_later<UpDownAdjoint>>(exports, "upDownAdjointAsync");
  define<decay_adjoint>(exports, "decayAdjoint");
}

}  // namespace glue
