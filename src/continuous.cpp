// Continuous time series: sampling, and the operations on times and samples behind the facade's methods.
#include "args.h"
#include "errors.h"
#include "modules.h"
#include "rockpool/sampler.h"
#include "sampler_args.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

/// report[0..2] = queries outside, the first of them, queries moved into the window
void write_report(const rockpool::SampleReport& report, std::span<double> out) {
  out[0] = static_cast<double>(report.outside);
  out[1] = report.first_outside;
  out[2] = static_cast<double>(report.snapped);
}

std::size_t rows_of(std::span<double> out, std::size_t channels, std::size_t rows) {
  if (channels != 0 && rows > SIZE_MAX / channels)
    rockpool::throw_shape("out", "an array that memory can hold", rockpool::to_text(rows) + " rows");
  if (out.size() != rows * channels)
    rockpool::throw_shape("out", rockpool::to_text(rows * channels) + " elements long",
                          rockpool::to_text(out.size()) + " elements");
  return rows;
}

// sample(...sampler, times, out, report)
Napi::Value sample(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto spec = read_sampler(args, 0);
  const auto times = args.array<double>(kSamplerArgs, "times");
  const auto out = args.output<double>(kSamplerArgs + 1, "out");
  const auto report = args.array<double>(kSamplerArgs + 2, "report", 3);
  rows_of(out, spec.channels, times.size());
  write_report(rockpool::Sampler(spec).sample(times.data(), times.size(), out.data()), report);
  return info.Env().Undefined();
}

// sampleClocked(...sampler, t0, dt, first, n, out, report)
Napi::Value sample_clocked(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto spec = read_sampler(args, 0);
  const auto n = args.size(kSamplerArgs + 3, "n");
  const auto out = args.output<double>(kSamplerArgs + 4, "out");
  const auto report = args.array<double>(kSamplerArgs + 5, "report", 3);
  rows_of(out, spec.channels, n);
  write_report(rockpool::Sampler(spec).sample_clocked(args.number(kSamplerArgs, "t0"), args.number(kSamplerArgs + 1, "dt"),
                                                      args.size(kSamplerArgs + 2, "first"), n, out.data()),
               report);
  return info.Env().Undefined();
}

class SampleJob final : public Job {
 public:
  SampleJob(const rockpool::SamplerSpec& spec, std::vector<double> times) : data_(spec), times_(std::move(times)) {}

  void execute(rockpool::RunControl& control) override {
    const rockpool::Sampler sampler(data_.spec());
    const std::size_t n = times_.size(), columns = sampler.channels();
    control.set_total(n);
    out_.resize(n * columns);
    const std::size_t piece = std::max<std::size_t>(1, (std::size_t{1} << 19) / std::max<std::size_t>(columns, 1));
    for (std::size_t at = 0; at < n; at += piece) {
      const std::size_t rows = std::min(piece, n - at);
      const auto part = sampler.sample(times_.data() + at, rows, out_.data() + at * columns);
      if (report_.outside == 0) report_.first_outside = part.first_outside;
      report_.outside += part.outside;
      report_.snapped += part.snapped;
      control.advance(rows);
    }
  }

  Napi::Value settle(Napi::Env env) override {
    auto out = new_array<double>(env, out_.size());
    std::copy(out_.begin(), out_.end(), out.Data());
    auto report = Napi::Float64Array::New(env, 3);
    write_report(report_, {report.Data(), 3});
    auto result = Napi::Object::New(env);
    result.Set("out", out);
    result.Set("report", report);
    return result;
  }

 private:
  rockpool::SamplerData data_;
  std::vector<double> times_, out_;
  rockpool::SampleReport report_;
};

// sampleAsync(...sampler, times, onProgress) -> job of { out, report }
Napi::Value sample_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  auto job = std::make_unique<SampleJob>(read_sampler(args, 0), args.copy<double>(kSamplerArgs, "times"));
  return start_job(info.Env(), std::move(job), args.value(kSamplerArgs + 1));
}

// prepareSpline(...sampler) -> Float64Array for the sampler's `spline`
Napi::Value prepare_spline(const Napi::CallbackInfo& info) {
  const auto spline = rockpool::prepare_spline(read_sampler(Args(info), 0));
  auto out = new_array<double>(info.Env(), spline.size());
  std::copy(spline.begin(), spline.end(), out.Data());
  return out;
}

}  // namespace

void init_continuous(Napi::Object exports) {
  define<sample>(exports, "sample");
  define<sample_clocked>(exports, "sampleClocked");
  define<sample_async>(exports, "sampleAsync");
  define<prepare_spline>(exports, "prepareSpline");
}

}  // namespace glue
