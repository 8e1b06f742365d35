// Mel spectrogram of an evenly sampled signal.
#include "rockpool/mel.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

struct MelCall {
  rockpool::MelSpec spec;
  std::size_t num_samples;
  std::size_t channels;
};

// samples, numChannels, sampleRate, bands, window, hop, fMin, fMax, decibel, floor
MelCall read_call(const Args& args) {
  MelCall call;
  const std::size_t length = args.array<double>(0, "samples").size();
  call.channels = args.size(1, "numChannels");
  if (call.channels == 0 || length % call.channels != 0)
    rockpool::throw_shape("samples", "a multiple of numChannels long", rockpool::to_text(length) + " elements");
  call.num_samples = length / call.channels;
  call.spec.sample_rate_hz = args.number(2, "sampleRate");
  call.spec.bands = args.size(3, "bands");
  call.spec.window = args.size(4, "window");
  call.spec.hop = args.number(5, "hop");
  call.spec.f_min_hz = args.number(6, "fMin");
  call.spec.f_max_hz = args.number(7, "fMax");
  call.spec.decibel = args.boolean(8, "decibel");
  call.spec.floor_db = args.number(9, "floor");
  return call;
}

std::size_t output_size(const MelCall& call, const rockpool::MelSpectrogram& mel) {
  constexpr std::size_t largest = std::size_t{1} << 50;
  const std::size_t frames = mel.frames(call.num_samples);
  if (call.channels > largest / call.spec.bands || frames > largest / (call.channels * call.spec.bands))
    rockpool::throw_range("hop", "long enough for the memory", rockpool::to_text(call.spec.hop) + " samples");
  return frames * call.channels * call.spec.bands;
}

// melSpectrogram(...): Float64Array
Napi::Value mel_spectrogram(const Napi::CallbackInfo& info) {
  const Args args(info);
  const MelCall call = read_call(args);
  const rockpool::MelSpectrogram mel(call.spec);
  auto out = new_array<double>(info.Env(), output_size(call, mel));
  rockpool::RunControl control;
  mel.compute(args.array<double>(0, "samples").data(), call.num_samples, call.channels, out.Data(), control);
  return out;
}

class MelJob : public Job {
 public:
  MelJob(const MelCall& call, std::vector<double> samples)
      : call_(call), mel_(call.spec), samples_(std::move(samples)), out_(output_size(call, mel_)) {}

  void execute(rockpool::RunControl& control) override {
    mel_.compute(samples_.data(), call_.num_samples, call_.channels, out_.data(), control);
  }

  Napi::Value settle(Napi::Env env) override {
    auto out = new_array<double>(env, out_.size());
    std::copy(out_.begin(), out_.end(), out.Data());
    return out;
  }

 private:
  MelCall call_;
  rockpool::MelSpectrogram mel_;
  std::vector<double> samples_;
  std::vector<double> out_;
};

// melSpectrogramAsync(..., onProgress): { promise, cancel() }
Napi::Value mel_spectrogram_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<MelJob>(read_call(args), args.copy<double>(0, "samples")), args.value(10));
}

// evenSampleRate(times): number
Napi::Value even_sample_rate(const Napi::CallbackInfo& info) {
  const auto times = Args(info).array<double>(0, "times");
  return Napi::Number::New(info.Env(), rockpool::even_sample_rate(times.data(), times.size()));
}

}  // namespace

void init_mel(Napi::Object exports) {
  define<mel_spectrogram>(exports, "melSpectrogram");
  define<mel_spectrogram_async>(exports, "melSpectrogramAsync");
  define<even_sample_rate>(exports, "evenSampleRate");
}

}  // namespace glue
