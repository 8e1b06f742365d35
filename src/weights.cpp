// Generators of weights: dense, sparse and topographic ones. An argument `out` is a zeroed array, or nothing for compressed
// rows.
#include "rockpool/weights.h"

#include "args.h"
#include "csr_args.h"
#include "errors.h"
#include "modules.h"
#include "weights_result.h"

namespace glue {

namespace {

std::size_t count(const Args& args, std::size_t i, const char* name) {
  return static_cast<std::size_t>(args.size(i, name));
}

double product(std::size_t a, std::size_t b) {
  return static_cast<double>(a) * static_cast<double>(b);
}

// uniformArray(seed, stream, low, high, out)
Napi::Value uniform_array(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::uniform_array(args.size(0, "seed"), static_cast<std::uint32_t>(args.size(1, "stream")), args.number(2, "low"),
                          args.number(3, "high"), args.output<double>(4, "out"));
  return info.Env().Undefined();
}

// balanceEi(matrix, numExc, numInh, ratio, redraw, seed): number of columns left zero
Napi::Value balance_ei(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto empty = rockpool::balance_ei(args.array<double>(0, "matrix"), count(args, 1, "numExc"), count(args, 2, "numInh"),
                                          args.number(3, "ratio"), args.boolean(4, "redraw"), args.size(5, "seed"));
  return Napi::Number::New(info.Env(), static_cast<double>(empty));
}

// wilsonCowan(nodes, selfExc, selfInh, excSigma, inhSigma, draws, out): number of rows left zero
Napi::Value wilson_cowan(const Napi::CallbackInfo& info) {
  const Args args(info);
  const rockpool::WilsonCowan model{count(args, 0, "nodes"), args.number(1, "selfExc"), args.number(2, "selfInh"),
                                    args.number(3, "excSigma"), args.number(4, "inhSigma")};
  const auto empty = rockpool::wilson_cowan(model, args.array<double>(5, "draws"), args.output<double>(6, "out"));
  return Napi::Number::New(info.Env(), static_cast<double>(empty));
}

// combineFfRec(ff, rec, m, n, out)
Napi::Value combine_ff_rec(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::combine_ff_rec(args.array<double>(0, "ff"), args.array<double>(1, "rec"), count(args, 2, "m"), count(args, 3, "n"),
                           args.output<double>(4, "out"));
  return info.Env().Undefined();
}

// combineFfRecSparse(ff: rows, columns, indptr, indices, data, rec: the same)
Napi::Value combine_ff_rec_sparse(const Napi::CallbackInfo& info) {
  const Args args(info);
  return to_js_sparse(info.Env(), rockpool::combine_ff_rec(read_csr(args, 0), read_csr(args, 5)));
}

// discretiseWeights(weights, columns, connections, inputs, outputs, out, counts: Int32Array)
Napi::Value discretise(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::discretise(args.array<double>(0, "weights"), count(args, 1, "columns"),
                       {args.number(2, "connections"), args.number(3, "inputs"), args.number(4, "outputs")},
                       args.output<double>(5, "out"), args.array<std::int32_t>(6, "counts"));
  return info.Env().Undefined();
}

// sparseEi(seed, size, entries, negative, firstInhibitoryRow, scaleInh, values | undefined, out | undefined)
Napi::Value sparse_ei(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::SparseEi o{args.size(0, "seed"),
                       count(args, 1, "size"),
                       args.size(2, "entries"),
                       args.size(3, "negative"),
                       count(args, 4, "row"),
                       args.number(5, "scaleInh"),
                       {}};
  if (!args.missing(6)) o.values = args.array<double>(6, "values");
  return deliver(args, 7, o.size, o.size, static_cast<double>(o.entries),
                 [&](rockpool::WeightSink& sink) { rockpool::sparse_ei(o, sink); });
}

// normalRows(seed, size, connections, mean, deviation, out | undefined)
Napi::Value normal_rows(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto seed = args.size(0, "seed");
  const auto size = count(args, 1, "size"), connections = count(args, 2, "connections");
  return deliver(args, 5, size, size, product(size, connections), [&](rockpool::WeightSink& sink) {
    rockpool::normal_rows(seed, size, connections, args.number(3, "mean"), args.number(4, "deviation"), sink);
  });
}

// partitionNetwork(seed, sizes: Int32Array, size, inside, between, allowSelf, out | undefined): { weights, indptr, sources }
Napi::Value partition_network(const Napi::CallbackInfo& info) {
  const Args args(info);
  const rockpool::Partitions o{args.size(0, "seed"), args.array<std::int32_t>(1, "sizes"), count(args, 3, "inside"),
                               count(args, 4, "between"), args.boolean(5, "allowSelf")};
  const auto size = count(args, 2, "size");
  std::size_t total = 0;
  for (const std::int32_t n : o.sizes) total += static_cast<std::size_t>(std::max(n, 0));
  if (total != size) rockpool::throw_shape("sizes", rockpool::to_text(size) + " neurons", rockpool::to_text(total));
  rockpool::PartitionSources sources;
  auto result = Napi::Object::New(info.Env());
  result.Set("weights", deliver(args, 6, size, size, 0,
                                [&](rockpool::WeightSink& sink) { sources = rockpool::partition_network(o, sink); }));
  result.Set("indptr", to_js_array(info.Env(), sources.indptr));
  result.Set("sources", to_js_array(info.Env(), sources.sources));
  return result;
}

// neighbours1d(size, reach, diagonal, out | undefined)
Napi::Value neighbours_1d(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto size = count(args, 0, "size"), reach = count(args, 1, "reach");
  const bool diagonal = args.boolean(2, "diagonal");
  return deliver(args, 3, size, size, 0,
                 [&](rockpool::WeightSink& sink) { rockpool::neighbours_1d(size, reach, diagonal, sink); });
}

// size, rows, columns, neighbours, widthRows, widthColumns, multiple, torus
rockpool::Sheet read_sheet(const Args& args, std::size_t at) {
  return {count(args, at, "size"),           count(args, at + 1, "rows"),      count(args, at + 2, "columns"),
          count(args, at + 3, "neighbours"), args.number(at + 4, "widthRows"), args.number(at + 5, "widthColumns"),
          args.boolean(at + 6, "multiple"),  args.boolean(at + 7, "torus")};
}

// neighbours2d(seed, sheet: 8 arguments, out | undefined)
Napi::Value neighbours_2d(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto seed = args.size(0, "seed");
  const auto sheet = read_sheet(args, 1);
  return deliver(args, 9, sheet.size, sheet.size, product(sheet.size, sheet.neighbours),
                 [&](rockpool::WeightSink& sink) { rockpool::neighbours_2d(seed, 0, sheet, 0, sink); });
}

// longRange(seed, size, number, avoid, multiple, matrix): adds to a dense matrix
Napi::Value long_range(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto matrix = args.array<double>(5, "matrix");
  rockpool::LongRange o{
      .size = count(args, 1, "size"), .number = count(args, 2, "number"), .multiple = args.boolean(4, "multiple")};
  if (args.boolean(3, "avoid")) o.taken_dense = matrix;
  rockpool::DenseSink sink(o.size, o.size, matrix);
  rockpool::long_range(args.size(0, "seed"), 0, o, sink);
  return info.Env().Undefined();
}

// longRangeSparse(seed, number, avoid, multiple, rows, columns, indptr, indices, data)
Napi::Value long_range_sparse(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto matrix = read_csr(args, 4);
  rockpool::check_csr(matrix);
  rockpool::LongRange o{.size = matrix.columns, .number = count(args, 1, "number"), .multiple = args.boolean(3, "multiple")};
  if (args.boolean(2, "avoid")) o.taken_sparse = &matrix;
  rockpool::ConnectionList list(matrix.rows, matrix.columns,
                                static_cast<double>(matrix.indices.size()) + product(o.size, o.number));
  rockpool::add_entries(matrix, list);
  rockpool::long_range(args.size(0, "seed"), 0, o, list);
  return to_js_sparse(info.Env(), list.compress());
}

// inputProjection(seed, sources, receivers, number, multiple, chosen, random, out | undefined): to the first or to random
// receivers
Napi::Value input_projection(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto seed = args.size(0, "seed");
  rockpool::Projection p{.sources = count(args, 1, "sources"),
                         .receivers = count(args, 2, "receivers"),
                         .number = count(args, 3, "number"),
                         .multiple = args.boolean(4, "multiple")};
  const auto chosen = count(args, 5, "chosen");
  const auto columns = p.receivers;
  std::vector<std::int32_t> receivers;
  if (args.boolean(6, "random")) receivers = rockpool::choose(seed, 1, columns, chosen);
  p.receivers = std::min(chosen, columns);
  return deliver(args, 7, p.sources, columns, product(p.receivers, p.number),
                 [&](rockpool::WeightSink& sink) { rockpool::project(seed, 0, p, receivers, sink); });
}

// ringReservoir(seed, sizeIn, sizeRec, number, out | undefined)
Napi::Value ring_reservoir(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto seed = args.size(0, "seed");
  const auto in = count(args, 1, "sizeIn"), rec = count(args, 2, "sizeRec");
  const rockpool::Projection p{
      .sources = in, .receivers = rec, .number = count(args, 3, "number"), .receiver_offset = in, .random_sign = true};
  return deliver(
      args, 4, in + rec, in + rec, product(rec, p.number + 1),
      [&](rockpool::WeightSink& sink) {
        rockpool::project(seed, 0, p, {}, sink);
        rockpool::ring(rec, in, sink);
      },
      /*drop_zeros=*/true);
}

// partitionedSheet(seed, inputs, inhibitory, inputNumber, inputReceivers, randomReceivers, longNumber, toPoolNumber,
// fromPoolNumber,
//                  sheet: 8 arguments, out | undefined)
Napi::Value partitioned_sheet(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::PartitionedSheet o{.seed = args.size(0, "seed"),
                               .inputs = count(args, 1, "inputs"),
                               .inhibitory = count(args, 2, "inhibitory"),
                               .sheet = read_sheet(args, 9),
                               .input_receivers = count(args, 4, "inputReceivers"),
                               .random_receivers = args.boolean(5, "randomReceivers"),
                               .input_number = count(args, 3, "inputNumber"),
                               .long_number = count(args, 6, "longNumber"),
                               .to_pool_number = count(args, 7, "toPoolNumber"),
                               .from_pool_number = count(args, 8, "fromPoolNumber")};
  const std::size_t size = o.inputs + o.sheet.size + o.inhibitory;
  return deliver(args, 17, size, size, 0, [&](rockpool::WeightSink& sink) { rockpool::partitioned_sheet(o, sink); });
}

}  // namespace

void init_weights(Napi::Object exports) {
  define<uniform_array>(exports, "uniformArray");
  define<balance_ei>(exports, "balanceEi");
  define<wilson_cowan>(exports, "wilsonCowan");
  define<combine_ff_rec>(exports, "combineFfRec");
  define<combine_ff_rec_sparse>(exports, "combineFfRecSparse");
  define<discretise>(exports, "discretiseWeights");
  define<sparse_ei>(exports, "sparseEi");
  define<normal_rows>(exports, "normalRows");
  define<partition_network>(exports, "partitionNetwork");
  define<neighbours_1d>(exports, "neighbours1d");
  define<neighbours_2d>(exports, "neighbours2d");
  define<long_range>(exports, "longRange");
  define<long_range_sparse>(exports, "longRangeSparse");
  define<input_projection>(exports, "inputProjection");
  define<ring_reservoir>(exports, "ringReservoir");
  define<partitioned_sheet>(exports, "partitionedSheet");
}

}  // namespace glue
