// What pictures show of series, events and matrices.
#include "rockpool/plot.h"

#include <algorithm>

#include "args.h"
#include "csr_args.h"
#include "errors.h"
#include "modules.h"
#include "typed_arrays.h"

namespace glue {

namespace {

/// Most columns, rows, pixels of a picture.
constexpr std::uint64_t kMost = 16384;

std::size_t pixels(const Args& args, std::size_t i, const char* name) {
  const auto n = args.size(i, name);
  if (n < 1 || n > kMost) rockpool::throw_range(name, "from 1 to " + rockpool::to_text(kMost), rockpool::to_text(n));
  return static_cast<std::size_t>(n);
}

Napi::Value to_array(Napi::Env env, const std::vector<double>& values) {
  auto array = new_array<double>(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Value to_list(Napi::Env env, std::initializer_list<Napi::Value> values) {
  auto list = Napi::Array::New(env, values.size());
  std::uint32_t i = 0;
  for (const auto& value : values) list.Set(i++, value);
  return list;
}

// xFrom, xTo, yFrom, yTo, left, top, width, height
rockpool::PlotFrame read_frame(const Args& args, std::size_t i) {
  return {args.number(i, "xFrom"),    args.number(i + 1, "xTo"), args.number(i + 2, "yFrom"), args.number(i + 3, "yTo"),
          args.number(i + 4, "left"), args.number(i + 5, "top"), args.number(i + 6, "width"), args.number(i + 7, "height")};
}

// plotTrace(times, samples, channels, channel, offset, from, to, columns) -> [x, y]
Napi::Value plot_trace(const Napi::CallbackInfo& info) {
  const Args args(info);
  const rockpool::PlotSamples in{args.array<double>(0, "times"), args.array<double>(1, "samples"), args.size(2, "channels"),
                                 args.size(3, "channel"), args.number(4, "offset")};
  const auto trace = rockpool::reduce_trace(in, args.number(5, "from"), args.number(6, "to"), pixels(args, 7, "columns"));
  return to_list(info.Env(), {to_array(info.Env(), trace.x), to_array(info.Env(), trace.y)});
}

// plotEvents(times, channels, from, to, columns, numChannels, maxRows, maxMarks) -> [times, channels, counts, rows]
Napi::Value plot_events(const Napi::CallbackInfo& info) {
  const Args args(info);
  const rockpool::PlotEventGrid grid{args.number(2, "from"),      args.number(3, "to"),       pixels(args, 4, "columns"),
                                     args.size(5, "numChannels"), pixels(args, 6, "maxRows"), args.size(7, "maxMarks")};
  const auto events = rockpool::reduce_events(args.array<double>(0, "times"), args.array<std::int32_t>(1, "channels"), grid);
  return to_list(info.Env(),
                 {to_array(info.Env(), events.times), to_array(info.Env(), events.channels),
                  to_array(info.Env(), events.counts), Napi::Number::New(info.Env(), static_cast<double>(events.rows))});
}

// plotPoints(x, y, ...frame, columns, rows) -> [x, y]
Napi::Value plot_points(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto points = rockpool::reduce_points(args.array<double>(0, "x"), args.array<double>(1, "y"), read_frame(args, 2),
                                              pixels(args, 10, "columns"), pixels(args, 11, "rows"));
  return to_list(info.Env(), {to_array(info.Env(), points.x), to_array(info.Env(), points.y)});
}

// plotMarks(x, y, ...frame, size) -> the data of a path
Napi::Value plot_marks(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::String::New(info.Env(), rockpool::marks_path(args.array<double>(0, "x"), args.array<double>(1, "y"),
                                                            read_frame(args, 2), args.number(10, "size")));
}

// finiteLimits(values, out): out = [smallest, largest], 0 without a finite value; returns how many are finite
Napi::Value finite_limits(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto limits = rockpool::finite_limits(args.array<double>(0, "values"));
  const auto out = args.array<double>(1, "out", 2);
  out[0] = limits.smallest;
  out[1] = limits.largest;
  return Napi::Number::New(info.Env(), static_cast<double>(limits.count));
}

// histogram(values, lo, hi, counts) -> how many are outside
Napi::Value histogram(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(),
                           static_cast<double>(rockpool::histogram(args.array<double>(0, "values"), args.number(1, "lo"),
                                                                   args.number(2, "hi"), args.array<double>(3, "counts"))));
}

// plotMatrix(matrix, rows, columns, outRows, outColumns, out)
Napi::Value plot_matrix(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::reduce_matrix(args.array<double>(0, "matrix"), args.size(1, "rows"), args.size(2, "columns"),
                          args.size(3, "outRows"), args.size(4, "outColumns"), args.array<double>(5, "out"));
  return info.Env().Undefined();
}

// plotCsr(rows, columns, indptr, indices, data, outRows, outColumns, out)
Napi::Value plot_csr(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::reduce_csr(read_csr(args), args.size(5, "outRows"), args.size(6, "outColumns"), args.array<double>(7, "out"));
  return info.Env().Undefined();
}

// plotCells(cells, rows, columns, lo, hi, logarithmic, upwards, width, height, lines: Uint8Array)
Napi::Value plot_cells(const Napi::CallbackInfo& info) {
  const Args args(info);
  const rockpool::PlotPaint paint{args.number(3, "lo"),       args.number(4, "hi"),     args.boolean(5, "logarithmic"),
                                  args.boolean(6, "upwards"), pixels(args, 7, "width"), pixels(args, 8, "height")};
  rockpool::paint_cells(args.array<double>(0, "cells"), args.size(1, "rows"), args.size(2, "columns"), paint,
                        args.array<std::uint8_t>(9, "lines"));
  return info.Env().Undefined();
}

}  // namespace

void init_plot(Napi::Object exports) {
  define<plot_trace>(exports, "plotTrace");
  define<plot_events>(exports, "plotEvents");
  define<plot_points>(exports, "plotPoints");
  define<plot_marks>(exports, "plotMarks");
  define<finite_limits>(exports, "finiteLimits");
  define<histogram>(exports, "histogram");
  define<plot_matrix>(exports, "plotMatrix");
  define<plot_csr>(exports, "plotCsr");
  define<plot_cells>(exports, "plotCells");
}

}  // namespace glue
