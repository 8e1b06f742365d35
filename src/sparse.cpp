// Sparse matrices in compressed rows, and delays in steps.
#include "args.h"
#include "errors.h"
#include "modules.h"
#include "rockpool/csr.h"

namespace glue {

namespace {

// rows, columns, indptr, indices, data
rockpool::CsrSpan read_csr(const Args& args) {
  return {static_cast<std::size_t>(args.size(0, "rows")), static_cast<std::size_t>(args.size(1, "columns")),
          args.array<double>(2, "indptr"), args.array<std::int32_t>(3, "indices"), args.array<double>(4, "data")};
}

// csrCheck(rows, columns, indptr, indices, data)
Napi::Value csr_check(const Napi::CallbackInfo& info) {
  rockpool::check_csr(read_csr(Args(info)));
  return info.Env().Undefined();
}

// csrColumns(values, columns, out)
Napi::Value csr_columns(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::read_columns(args.array<double>(0, "indices"), static_cast<std::size_t>(args.size(1, "columns")),
                         args.array<std::int32_t>(2, "out"));
  return info.Env().Undefined();
}

// csrToDense(rows, columns, indptr, indices, data, dense)
Napi::Value csr_to_dense(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::csr_to_dense(read_csr(args), args.array<double>(5, "dense"));
  return info.Env().Undefined();
}

// csrGather(rows, columns, indptr, indices, data, dense, values)
Napi::Value csr_gather(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::csr_gather(read_csr(args), args.array<double>(5, "dense"), args.array<double>(6, "values"));
  return info.Env().Undefined();
}

// delaySteps(seconds, dt, extra, name, steps)
Napi::Value delay_steps(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::delay_steps(args.array<double>(0, "seconds"), args.number(1, "dt"), args.size(2, "extra"), args.string(3, "name"),
                        args.array<double>(4, "steps"));
  return info.Env().Undefined();
}

}  // namespace

void init_sparse(Napi::Object exports) {
  define<csr_check>(exports, "csrCheck");
  define<csr_columns>(exports, "csrColumns");
  define<csr_to_dense>(exports, "csrToDense");
  define<csr_gather>(exports, "csrGather");
  define<delay_steps>(exports, "delaySteps");
}

}  // namespace glue
