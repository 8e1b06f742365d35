// Matrices of samples: arithmetic with broadcasting, comparison, selection, joining and merging.
#include "args.h"
#include "errors.h"
#include "modules.h"
#include "rockpool/elementwise.h"
#include "rockpool/rows.h"
#include "rockpool/time_grid.h"

namespace glue {

namespace {

std::size_t product(std::size_t rows, std::size_t columns) {
  if (columns != 0 && rows > SIZE_MAX / columns)
    rockpool::throw_shape("shape", "one that memory can hold", std::to_string(rows) + " rows");
  return rows * columns;
}

// data, rows, columns
rockpool::Operand operand(const Args& args, std::size_t at) {
  rockpool::Operand x;
  x.rows = args.size(at + 1, "rows");
  x.columns = args.size(at + 2, "columns");
  x.data = args.array<double>(at, "operand", product(x.rows, x.columns));
  return x;
}

// combine(op, a, aRows, aColumns, b, bRows, bColumns, rows, columns, out)
Napi::Value combine(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto op = args.size(0, "op");
  if (op > static_cast<std::uint64_t>(rockpool::BinaryOp::kPow))
    rockpool::throw_range("op", "a known operation", std::to_string(op));
  const auto rows = args.size(7, "rows"), columns = args.size(8, "columns");
  const auto out = args.array<double>(9, "out", product(rows, columns));
  rockpool::combine(static_cast<rockpool::BinaryOp>(op), operand(args, 1), operand(args, 4), rows, columns, out.data());
  return info.Env().Undefined();
}

// compare(op, a, aRows, aColumns, b, bRows, bColumns, rows, columns, out: Uint8Array)
Napi::Value compare(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto op = args.size(0, "op");
  if (op > static_cast<std::uint64_t>(rockpool::CompareOp::kGe))
    rockpool::throw_range("op", "a known comparison", std::to_string(op));
  const auto rows = args.size(7, "rows"), columns = args.size(8, "columns");
  const auto out = args.array<std::uint8_t>(9, "out", product(rows, columns));
  rockpool::compare(static_cast<rockpool::CompareOp>(op), operand(args, 1), operand(args, 4), rows, columns, out.data());
  return info.Env().Undefined();
}

// negate(x, out)
Napi::Value negate(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto x = args.array<double>(0, "x");
  rockpool::negate(x, args.array<double>(1, "out", x.size()).data());
  return info.Env().Undefined();
}

// absolute(x, out)
Napi::Value absolute(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto x = args.array<double>(0, "x");
  rockpool::absolute(x, args.array<double>(1, "out", x.size()).data());
  return info.Env().Undefined();
}

// valueLimits(x, out): out = [smallest, largest], NaN left out
Napi::Value value_limits(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto limits = rockpool::limits(args.array<double>(0, "x"));
  const auto out = args.array<double>(1, "out", 2);
  out[0] = limits.smallest;
  out[1] = limits.largest;
  return info.Env().Undefined();
}

// multiply(a, rows, inner, b, columns, out)
Napi::Value multiply(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto rows = args.size(1, "rows"), inner = args.size(2, "inner"), columns = args.size(4, "columns");
  const auto a = args.array<double>(0, "a", product(rows, inner));
  const auto b = args.array<double>(3, "b", product(inner, columns));
  rockpool::multiply(a.data(), rows, inner, b.data(), columns, args.array<double>(5, "out", product(rows, columns)).data());
  return info.Env().Undefined();
}

// takeColumns(in, rows, columns, channels: Int32Array, out)
Napi::Value take_columns(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto rows = args.size(1, "rows"), columns = args.size(2, "columns");
  const auto in = args.array<double>(0, "in", product(rows, columns));
  const auto channels = args.array<std::int32_t>(3, "channels");
  rockpool::take_columns(in, columns, channels, args.array<double>(4, "out", product(rows, channels.size())).data());
  return info.Env().Undefined();
}

// joinColumns(a, aColumns, b, bColumns, rows, out)
Napi::Value join_columns(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto a_columns = args.size(1, "aColumns"), b_columns = args.size(3, "bColumns"), rows = args.size(4, "rows");
  const auto a = args.array<double>(0, "a", product(rows, a_columns));
  const auto b = args.array<double>(2, "b", product(rows, b_columns));
  const auto out = args.array<double>(5, "out", product(rows, a_columns + b_columns));
  rockpool::join_columns(a, a_columns, b, b_columns, rows, out.data());
  return info.Env().Undefined();
}

// repeatArray(in, out)
Napi::Value repeat_array(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::repeat(args.array<double>(0, "in"), args.array<double>(1, "out"));
  return info.Env().Undefined();
}

// repeatRows(in, width, times, out)
Napi::Value repeat_rows(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::repeat_rows(args.array<double>(0, "in"), args.size(1, "width"), args.size(2, "times"),
                        args.array<double>(3, "out"));
  return info.Env().Undefined();
}

// addArrays(a, b, out)
Napi::Value add_arrays(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::add(args.array<double>(0, "a"), args.array<double>(1, "b"), args.array<double>(2, "out"));
  return info.Env().Undefined();
}

// mergeSeries(times, samples, channels, lengths: Float64Array, removeDuplicates, outTimes, outSamples) -> rows
Napi::Value merge_series(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto times = args.array<double>(0, "times");
  const auto channels = args.size(2, "channels");
  const auto samples = args.array<double>(1, "samples", product(times.size(), channels));
  const auto lengths = args.array<double>(3, "lengths");
  double total = 0;
  for (const double n : lengths) {
    if (!(n >= 0) || n != std::floor(n)) rockpool::throw_range("lengths", "integers of 0 or more", std::to_string(n));
    total += n;
  }
  if (total != static_cast<double>(times.size()))
    rockpool::throw_shape("lengths", "as many rows as times", std::to_string(total));
  const auto out_times = args.array<double>(5, "outTimes", times.size());
  const auto out_samples = args.array<double>(6, "outSamples", samples.size());
  return Napi::Number::New(
      info.Env(), static_cast<double>(rockpool::merge_series(times, samples, channels, lengths,
                                                             args.boolean(4, "removeDuplicates"), out_times, out_samples)));
}

// stepCeil(t, t0, dt) -> the first step at or after t
Napi::Value step_ceil(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), rockpool::step_ceil(args.number(0, "t"), args.number(1, "t0"), args.number(2, "dt")));
}

}  // namespace

void init_matrices(Napi::Object exports) {
  define<combine>(exports, "combine");
  define<compare>(exports, "compare");
  define<negate>(exports, "negate");
  define<absolute>(exports, "absolute");
  define<value_limits>(exports, "valueLimits");
  define<multiply>(exports, "multiply");
  define<take_columns>(exports, "takeColumns");
  define<join_columns>(exports, "joinColumns");
  define<repeat_array>(exports, "repeatArray");
  define<repeat_rows>(exports, "repeatRows");
  define<add_arrays>(exports, "addArrays");
  define<merge_series>(exports, "mergeSeries");
  define<step_ceil>(exports, "stepCeil");
}

}  // namespace glue
