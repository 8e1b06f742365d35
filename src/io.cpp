// Files in memory: .npz and .npy, WAV.
#include <optional>

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "rockpool/npz.h"
#include "rockpool/wav.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

using rockpool::Bytes;
using rockpool::NpyArray;
using rockpool::NpySource;

/// An array of any of our element types, with its length re-checked.
struct AnyArray {
  NpySource source;
  void* data;
  std::size_t length;
  std::size_t bytes;
};

AnyArray any_array(Napi::Env env, Napi::Value value, const char* name) {
  napi_typedarray_type type;
  std::size_t length = 0;
  void* data = nullptr;
  if (value.IsTypedArray() && napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) == napi_ok) {
    switch (type) {
      case napi_float64_array: return {NpySource::kFloat64, data, length, 8 * length};
      case napi_float32_array: return {NpySource::kFloat32, data, length, 4 * length};
      case napi_int32_array: return {NpySource::kInt32, data, length, 4 * length};
      case napi_uint32_array: return {NpySource::kUint32, data, length, 4 * length};
      case napi_uint8_array: return {NpySource::kUint8, data, length, length};
      default: break;
    }
  }
  rockpool::throw_type(name, "a typed array of doubles, floats, integers of 32 bits or bytes", "something else");
}

void read_npy_into(Bytes npy, const AnyArray& out, rockpool::RunControl& control) {
  const auto header = rockpool::read_npy_header(npy);
  if (header.count != out.length)
    rockpool::throw_shape("out", rockpool::to_text(header.count) + " elements long",
                          rockpool::to_text(out.length) + " elements");
  switch (out.source) {
    case NpySource::kFloat64: return rockpool::read_npy(npy, header, static_cast<double*>(out.data), control);
    case NpySource::kFloat32: return rockpool::read_npy(npy, header, static_cast<float*>(out.data), control);
    case NpySource::kInt32: return rockpool::read_npy(npy, header, static_cast<std::int32_t*>(out.data), control);
    case NpySource::kUint32: return rockpool::read_npy(npy, header, static_cast<std::uint32_t*>(out.data), control);
    case NpySource::kUint8: return rockpool::read_npy(npy, header, static_cast<std::uint8_t*>(out.data), control);
  }
}

// zipIndex(bytes, maxEntries) -> { names, table }
Napi::Value zip_index(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto entries = rockpool::read_zip_index(args.array<std::uint8_t>(0, "bytes"), args.size(1, "maxEntries"));
  auto names = Napi::Array::New(info.Env(), entries.size());
  auto table = new_array<double>(info.Env(), entries.size() * 5);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& e = entries[i];
    names.Set(static_cast<std::uint32_t>(i), Napi::String::New(info.Env(), e.name));
    double* row = table.Data() + 5 * i;
    row[0] = e.method;
    row[1] = static_cast<double>(e.offset);
    row[2] = static_cast<double>(e.packed);
    row[3] = static_cast<double>(e.size);
    row[4] = e.crc;
  }
  auto result = Napi::Object::New(info.Env());
  result.Set("names", names);
  result.Set("table", table);
  return result;
}

// crc32(bytes, previous): previous may be missing
Napi::Value crc32(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto previous = args.missing(1) ? 0 : static_cast<std::uint32_t>(args.size(1, "previous"));
  return Napi::Number::New(info.Env(), rockpool::crc32(args.array<std::uint8_t>(0, "bytes"), previous));
}

// npyHeader(npy) -> { descr, output, shape, count }
Napi::Value npy_header(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto env = info.Env();
  const auto header = rockpool::read_npy_header(args.array<std::uint8_t>(0, "npy"));
  auto shape = Napi::Array::New(env, header.shape.size());
  for (std::size_t d = 0; d < header.shape.size(); ++d)
    shape.Set(static_cast<std::uint32_t>(d), Napi::Number::New(env, static_cast<double>(header.shape[d])));
  const char* output = rockpool::npy_output(header);
  auto result = Napi::Object::New(env);
  result.Set("descr", header.descr);
  result.Set("output", output ? Napi::Value(Napi::String::New(env, output)) : env.Null());
  result.Set("shape", shape);
  result.Set("count", static_cast<double>(header.count));
  return result;
}

// npyRead(npy, out)
Napi::Value npy_read(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::RunControl control;
  read_npy_into(args.array<std::uint8_t>(0, "npy"), any_array(info.Env(), args.value(1), "out"), control);
  return info.Env().Undefined();
}

// npyText(npy) -> string[]
Napi::Value npy_text(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto npy = args.array<std::uint8_t>(0, "npy");
  const auto texts = rockpool::read_npy_text(npy, rockpool::read_npy_header(npy));
  auto result = Napi::Array::New(info.Env(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i)
    result.Set(static_cast<std::uint32_t>(i), Napi::String::New(info.Env(), texts[i]));
  return result;
}

/// Keeps arrays alive that a job reads and writes in place. The facade vouches that nobody else has them, so that they can
/// be neither changed nor transferred meanwhile.
class PrivateArrays {
 public:
  void hold(Napi::Value value) { references_.push_back(Napi::Persistent(value.As<Napi::Object>())); }
  Napi::Value get(std::size_t i) const { return references_[i].Value(); }

 private:
  std::vector<Napi::ObjectReference> references_;
};

class NpyReadJob final : public Job {
 public:
  NpyReadJob(const Napi::CallbackInfo& info, const Args& args)
      : npy_(args.array<std::uint8_t>(0, "npy")),
        crc_(static_cast<std::uint32_t>(args.size(1, "crc"))),
        out_(any_array(info.Env(), args.value(2), "out")) {
    arrays_.hold(args.value(0));
    arrays_.hold(args.value(2));
  }

  void execute(rockpool::RunControl& control) override {
    std::uint32_t crc = 0;
    constexpr std::size_t kPiece = 1 << 20;
    for (std::size_t at = 0; at < npy_.size(); at += kPiece) {
      crc = rockpool::crc32(npy_.subspan(at, std::min(kPiece, npy_.size() - at)), crc);
      control.advance(0);
    }
    if (crc != crc_) throw rockpool::Error(rockpool::ErrorKind::kState, "ERR_FILE", "its check sum is wrong (damaged)");
    read_npy_into(npy_, out_, control);
  }

  Napi::Value settle(Napi::Env env) override { return env.Undefined(); }

 private:
  Bytes npy_;
  std::uint32_t crc_;
  AnyArray out_;
  PrivateArrays arrays_;
};

// npyReadJob(npy, crc, out, progress) -> job
Napi::Value npy_read_job(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<NpyReadJob>(info, args), args.value(3));
}

/// Reads [name, dtype, shape, data] tuples; the data are borrowed.
std::vector<NpyArray> npy_arrays(const Napi::CallbackInfo& info, const Args& args) {
  const auto env = info.Env();
  const auto list = args.object(0, "arrays");
  if (!list.IsArray()) rockpool::throw_type("arrays", "an array", "an object");
  const auto items = list.As<Napi::Array>();
  std::vector<NpyArray> result(items.Length());
  for (std::uint32_t i = 0; i < items.Length(); ++i) {
    const Napi::Value item = items.Get(i);
    if (!item.IsArray()) rockpool::throw_type("an item of arrays", "an array", "something else");
    const auto tuple = item.As<Napi::Array>();
    const Napi::Value name = tuple.Get(0u), dtype = tuple.Get(1u);
    if (!name.IsString() || !dtype.IsString()) rockpool::throw_type("name and dtype", "strings", "something else");
    const auto shape = any_array(env, tuple.Get(2u), "shape");
    if (shape.source != NpySource::kFloat64) rockpool::throw_type("shape", "a Float64Array", "another array");
    const auto data = any_array(env, tuple.Get(3u), "data");
    NpyArray& array = result[i];
    array.name = name.As<Napi::String>().Utf8Value();
    array.dtype = dtype.As<Napi::String>().Utf8Value();
    for (std::size_t d = 0; d < shape.length; ++d) {
      const double n = static_cast<const double*>(shape.data)[d];
      if (!(n >= 0 && n <= 9007199254740992.0)) rockpool::throw_range("shape", "integers of 0 or more", rockpool::to_text(n));
      array.shape.push_back(static_cast<std::uint64_t>(n));
    }
    array.source = data.source;
    array.data = data.data;
    array.length = data.length;
  }
  return result;
}

std::size_t output_size(const std::vector<NpyArray>& arrays, bool bare) {
  if (bare && arrays.size() != 1) rockpool::throw_shape("arrays", "one", rockpool::to_text(arrays.size()));
  return bare ? rockpool::npy_size(arrays[0]) : rockpool::npz_size(arrays);
}

void write_arrays(const std::vector<NpyArray>& arrays, bool bare, std::uint8_t* out, rockpool::RunControl& control) {
  if (bare)
    rockpool::write_npy(arrays[0], out, control);
  else
    rockpool::write_npz(arrays, out, control);
}

// npzSize(arrays, bare)
Napi::Value npz_size(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), static_cast<double>(output_size(npy_arrays(info, args), args.boolean(1, "bare"))));
}

// npzWrite(arrays, bare, out)
Napi::Value npz_write(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto arrays = npy_arrays(info, args);
  const bool bare = args.boolean(1, "bare");
  const auto out = args.array<std::uint8_t>(2, "out", output_size(arrays, bare));
  rockpool::RunControl control;
  write_arrays(arrays, bare, out.data(), control);
  return info.Env().Undefined();
}

class NpzWriteJob final : public Job {
 public:
  NpzWriteJob(const Napi::CallbackInfo& info, const Args& args)
      : arrays_(npy_arrays(info, args)),
        bare_(args.boolean(1, "bare")),
        out_(args.array<std::uint8_t>(2, "out", output_size(arrays_, bare_))) {
    held_.hold(args.value(2));
    constexpr std::size_t item_sizes[] = {8, 4, 4, 4, 1};  // in the order of NpySource
    copies_.reserve(arrays_.size());
    for (NpyArray& array : arrays_) {
      const auto* data = static_cast<const std::uint8_t*>(array.data);
      copies_.emplace_back(data, data + array.length * item_sizes[static_cast<std::size_t>(array.source)]);
      array.data = copies_.back().data();
    }
  }

  void execute(rockpool::RunControl& control) override { write_arrays(arrays_, bare_, out_.data(), control); }
  Napi::Value settle(Napi::Env env) override { return env.Undefined(); }

 private:
  std::vector<NpyArray> arrays_;
  bool bare_;
  std::span<std::uint8_t> out_;
  std::vector<std::vector<std::uint8_t>> copies_;  // a vector's memory is aligned for every element type
  PrivateArrays held_;
};

// npzWriteJob(arrays, bare, out, progress) -> job
Napi::Value npz_write_job(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<NpzWriteJob>(info, args), args.value(3));
}

// wavHeader(bytes) -> { channels, rate, frames }
Napi::Value wav_header(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto header = rockpool::read_wav_header(args.array<std::uint8_t>(0, "bytes"));
  auto result = Napi::Object::New(info.Env());
  result.Set("channels", header.channels);
  result.Set("rate", header.rate);
  result.Set("frames", static_cast<double>(header.frames));
  return result;
}

void read_wav_into(Bytes file, std::span<double> out, rockpool::RunControl& control) {
  const auto header = rockpool::read_wav_header(file);
  if (out.size() != header.frames * header.channels)
    rockpool::throw_shape("out", rockpool::to_text(header.frames * header.channels) + " elements long",
                          rockpool::to_text(out.size()) + " elements");
  rockpool::read_wav(file, header, out.data(), control);
}

// wavRead(bytes, out)
Napi::Value wav_read(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::RunControl control;
  read_wav_into(args.array<std::uint8_t>(0, "bytes"), args.array<double>(1, "out"), control);
  return info.Env().Undefined();
}

class WavReadJob final : public Job {
 public:
  explicit WavReadJob(const Args& args) : file_(args.array<std::uint8_t>(0, "bytes")), out_(args.array<double>(1, "out")) {
    arrays_.hold(args.value(0));
    arrays_.hold(args.value(1));
  }
  void execute(rockpool::RunControl& control) override { read_wav_into(file_, out_, control); }
  Napi::Value settle(Napi::Env env) override { return env.Undefined(); }

 private:
  Bytes file_;
  std::span<double> out_;
  PrivateArrays arrays_;
};

// wavReadJob(bytes, out, progress) -> job
Napi::Value wav_read_job(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<WavReadJob>(args), args.value(2));
}

/// How a sound is to be written: the first arguments of wavSize and wavWrite.
struct WavForm {
  rockpool::WavEncoding encoding;
  std::uint32_t channels;

  explicit WavForm(const Args& args) {
    const auto encoding_number = args.size(0, "encoding");
    if (encoding_number > 5) rockpool::throw_range("encoding", "from 0 to 5", rockpool::to_text(encoding_number));
    encoding = static_cast<rockpool::WavEncoding>(encoding_number);
    const auto n = args.size(1, "channels");
    if (n < 1 || n > 65535) rockpool::throw_range("channels", "from 1 to 65535", rockpool::to_text(n));
    channels = static_cast<std::uint32_t>(n);
  }
};

// wavSize(encoding, channels, frames)
Napi::Value wav_size(const Napi::CallbackInfo& info) {
  const Args args(info);
  const WavForm form(args);
  return Napi::Number::New(info.Env(),
                           static_cast<double>(rockpool::wav_size(form.encoding, form.channels, args.size(2, "frames"))));
}

// wavWrite(encoding, channels, rate, samples, out) -> how many samples were clipped
Napi::Value wav_write(const Napi::CallbackInfo& info) {
  const Args args(info);
  const WavForm form(args);
  const auto rate = args.size(2, "rate");
  if (rate < 1 || rate > 0xffffffffu) rockpool::throw_range("rate", "from 1 to 4294967295", rockpool::to_text(rate));
  const auto samples = args.array<double>(3, "samples");
  if (samples.size() % form.channels != 0)
    rockpool::throw_shape("samples", "whole frames", rockpool::to_text(samples.size()) + " elements");
  const auto out =
      args.array<std::uint8_t>(4, "out", rockpool::wav_size(form.encoding, form.channels, samples.size() / form.channels));
  rockpool::RunControl control;
  const auto clipped =
      rockpool::write_wav(form.encoding, form.channels, static_cast<std::uint32_t>(rate), samples, out.data(), control);
  return Napi::Number::New(info.Env(), static_cast<double>(clipped));
}

// roundToHalf(value)
Napi::Value round_to_half(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), rockpool::double_from_half(rockpool::half_from_double(args.number(0, "value"))));
}

}  // namespace

void init_io(Napi::Object exports) {
  define<zip_index>(exports, "zipIndex");
  define<crc32>(exports, "crc32");
  define<npy_header>(exports, "npyHeader");
  define<npy_read>(exports, "npyRead");
  define<npy_text>(exports, "npyText");
  define<npy_read_job>(exports, "npyReadJob");
  define<npz_size>(exports, "npzSize");
  define<npz_write>(exports, "npzWrite");
  define<npz_write_job>(exports, "npzWriteJob");
  define<wav_header>(exports, "wavHeader");
  define<wav_read>(exports, "wavRead");
  define<wav_read_job>(exports, "wavReadJob");
  define<wav_size>(exports, "wavSize");
  define<wav_write>(exports, "wavWrite");
  define<round_to_half>(exports, "roundToHalf");
}

}  // namespace glue
