// Synapses, latches, encoders, dropout and soft-max of the module API.
#include "modules.h"
#include "operation.h"
#include "rockpool/signal_batch.h"
#include "signal_args.h"

namespace glue {

namespace {

// precision, onProgress, batch, steps, channels, firstStep, seed, input, out
template <typename T>
class Signal {
 public:
  Signal(const Args& args, bool own) : input_(args, 7, "input", own), out_(args, 8, "out", own) {
    read_signal_run(args, run_);
    run_.input = input_.view(), run_.out = out_.view();
  }
  const rockpool::SignalRun<T>& run() const { return run_; }

 private:
  In<T> input_;
  Out<T> out_;
  rockpool::SignalRun<T> run_;
};

// expFilter(...signal, decay, decayFirst, noiseStd, whiteNoise, state, newState)
template <typename T>
class ExpFilter {
 public:
  ExpFilter(const Args& args, bool own)
      : signal_(args, own),
        decay_(args, kSignalArgs, "decay", own),
        decay_first_(args.boolean(kSignalArgs + 1, "decayFirst")),
        noise_std_(args.number(kSignalArgs + 2, "noiseStd")),
        white_noise_(args.boolean(kSignalArgs + 3, "whiteNoise")),
        state_(args, kSignalArgs + 4, "state", own),
        new_state_(args, kSignalArgs + 5, "newState", own) {}
  void run(rockpool::RunControl& control) {
    rockpool::exp_filter(signal_.run(), decay_.view(), decay_first_, noise_std_, white_noise_, state_.view(), new_state_.view(),
                         control);
  }

 private:
  Signal<T> signal_;
  In<double> decay_;
  bool decay_first_;
  double noise_std_;
  bool white_noise_;
  In<double> state_;
  Out<double> new_state_;
};

// latch(...signal, threshold, state, newState)
template <typename T>
class Latch {
 public:
  Latch(const Args& args, bool own)
      : signal_(args, own),
        threshold_(args.number(kSignalArgs, "threshold")),
        state_(args, kSignalArgs + 1, "state", own),
        new_state_(args, kSignalArgs + 2, "newState", own) {}
  void run(rockpool::RunControl& control) {
    rockpool::latch(signal_.run(), threshold_, state_.view(), new_state_.view(), control);
  }

 private:
  Signal<T> signal_;
  double threshold_;
  In<double> state_;
  Out<double> new_state_;
};

// upDown(...signal, thrUp, thrDown, refractorySteps, repeatOutput, state, newState, record, smooth)
template <typename T>
class UpDown {
 public:
  UpDown(const Args& args, bool own)
      : signal_(args, own),
        thr_up_(args, kSignalArgs, "thrUp", own),
        thr_down_(args, kSignalArgs + 1, "thrDown", own),
        refractory_steps_(args.size(kSignalArgs + 2, "refractorySteps")),
        repeat_output_(args.number(kSignalArgs + 3, "repeatOutput")),
        state_(args, kSignalArgs + 4, "state", own),
        new_state_(args, kSignalArgs + 5, "newState", own),
        record_(args, kSignalArgs + 6, "record", own),
        smooth_(args.boolean(kSignalArgs + 7, "smooth")) {}
  void run(rockpool::RunControl& control) {
    rockpool::up_down(signal_.run(), {thr_up_.view(), thr_down_.view(), refractory_steps_, repeat_output_, smooth_},
                      state_.view(), new_state_.view(), record_.view(), control);
  }

 private:
  Signal<T> signal_;
  In<double> thr_up_, thr_down_;
  std::uint64_t refractory_steps_;
  double repeat_output_;
  In<double> state_;
  Out<double> new_state_;
  Out<T> record_;
  bool smooth_;
};

// dropout(...signal, p, whole, scale)
template <typename T>
class Dropout {
 public:
  Dropout(const Args& args, bool own)
      : signal_(args, own),
        p_(args.number(kSignalArgs, "p")),
        whole_(args.boolean(kSignalArgs + 1, "whole")),
        scale_(args.number(kSignalArgs + 2, "scale")) {}
  void run(rockpool::RunControl& control) { rockpool::dropout(signal_.run(), p_, whole_, scale_, control); }

 private:
  Signal<T> signal_;
  double p_;
  bool whole_;
  double scale_;
};

// softmax(...signal, logarithm)
template <typename T>
class Softmax {
 public:
  Softmax(const Args& args, bool own) : signal_(args, own), logarithm_(args.boolean(kSignalArgs, "logarithm")) {}
  void run(rockpool::RunControl& control) { rockpool::softmax(signal_.run(), logarithm_, control); }

 private:
  Signal<T> signal_;
  bool logarithm_;
};

// convertLeak(from, to, dt, in, out): 0 tau, 1 decay, 2 bit shift
Napi::Value convert_leak(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::convert_leak(choose<rockpool::Leak>(args, 0, "from", 3), choose<rockpool::Leak>(args, 1, "to", 3),
                         args.number(2, "dt"), args.array<double>(3, "in"), args.array<double>(4, "out"));
  return info.Env().Undefined();
}

// roundBitshift(dt, logRatio, least, tau, out)
Napi::Value round_bitshift(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::round_bitshift(args.number(0, "dt"), args.boolean(1, "logRatio"), args.number(2, "least"),
                           args.array<double>(3, "tau"), args.array<double>(4, "out"));
  return info.Env().Undefined();
}

// eulerLeak(dt, minSteps, tau, out)
Napi::Value euler_leak(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::euler_leak(args.number(0, "dt"), args.number(1, "minSteps"), args.array<double>(2, "tau"),
                       args.array<double>(3, "out"));
  return info.Env().Undefined();
}

// batchMean(in, n, out)
Napi::Value batch_mean(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::batch_mean(args.array<double>(0, "in"), args.size(1, "n"), args.array<double>(2, "out"));
  return info.Env().Undefined();
}

}  // namespace

void init_signal_modules(Napi::Object exports) {
  define<run_now<ExpFilter>>(exports, "expFilter");
  define<run_later<ExpFilter>>(exports, "expFilterAsync");
  define<run_now<Latch>>(exports, "latch");
  define<run_later<Latch>>(exports, "latchAsync");
  define<run_now<UpDown>>(exports, "upDown");
  define<run_later<UpDown>>(exports, "upDownAsync");
  define<run_now<Dropout>>(exports, "dropout");
  define<run_later<Dropout>>(exports, "dropoutAsync");
  define<run_now<Softmax>>(exports, "softmax");
  define<run_later<Softmax>>(exports, "softmaxAsync");
  define<convert_leak>(exports, "convertLeak");
  define<round_bitshift>(exports, "roundBitshift");
  define<euler_leak>(exports, "eulerLeak");
  define<batch_mean>(exports, "batchMean");
}

}  // namespace glue
