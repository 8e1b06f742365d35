// Arguments that the runs of layers share.
#pragma once

#include <optional>

#include "args.h"
#include "rockpool/sampler_source.h"
#include "sampler_args.h"

namespace glue {

/// An empty array is refused: the core takes it for a parameter that there is not, and it may be one whose memory was
/// transferred.
inline std::span<const double> optional_array(const Args& args, std::size_t i, const char* name) {
  if (args.missing(i)) return {};
  const auto array = args.array<double>(i, name);
  if (array.empty()) rockpool::throw_shape(name, "an array of one element or more", "0 elements");
  return array;
}

/// A series as samplerArgs() gives it from argument `first` on, sampled at k * dt; none when its samples are missing. Borrowed,
/// or owned by a job.
class SeriesInput {
 public:
  SeriesInput(const Args& args, std::size_t first, double dt, bool own) {
    constexpr std::size_t kSamples = 1;
    if (args.missing(first + kSamples)) return;
    if (!(dt > 0)) rockpool::throw_range("dt", "greater than 0", rockpool::to_text(dt));
    auto spec = read_sampler(args, first);
    if (own) {
      data_.emplace(spec);
      spec = data_->spec();
    }
    source_.emplace(spec, dt);
  }
  const rockpool::InputSource* source() const { return source_ ? &*source_ : nullptr; }

 private:
  std::optional<rockpool::SamplerData> data_;
  std::optional<rockpool::SamplerSource> source_;
};

/// The input arguments from `first` on: dt and what samplerArgs() gives, or nothing.
class ContinuousInput {
 public:
  ContinuousInput(const Args& args, std::size_t first, bool own)
      : dt_(args.missing(first) ? 0.0 : args.number(first, "dt")), series_(args, first + 1, dt_, own) {}
  double dt() const { return dt_; }
  const rockpool::InputSource* source() const { return series_.source(); }

 private:
  double dt_;
  SeriesInput series_;
};

/// An integer argument below `count` as an enumeration.
template <typename T>
T choose(const Args& args, std::size_t i, const char* name, std::uint64_t count) {
  const auto value = args.size(i, name);
  if (value >= count) rockpool::throw_range(name, "less than " + rockpool::to_text(count), rockpool::to_text(value));
  return static_cast<T>(value);
}

/// Writes into arrays that JavaScript made for this job and has shown to nobody.
class OutputArray {
 public:
  OutputArray(const Args& args, std::size_t i, const char* name)
      : view_(args.array<double>(i, name)), held_(Napi::Persistent(args.object(i, name))) {}
  std::span<double> view() const { return view_; }

 private:
  // SAFETY: the reference keeps the array, and so its memory, alive until the job ends on the JavaScript thread; nobody but
  // this job knows the array before that, so nobody can transfer or resize its memory.
  std::span<double> view_;
  Napi::ObjectReference held_;
};

}  // namespace glue
