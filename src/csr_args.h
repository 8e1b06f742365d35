// A sparse matrix among the arguments of a native call.
#pragma once

#include "args.h"
#include "rockpool/csr.h"

namespace glue {

/// rows, columns, indptr, indices, data, from argument number `first` on.
inline rockpool::CsrSpan read_csr(const Args& args, std::size_t first = 0) {
  return {static_cast<std::size_t>(args.size(first, "rows")), static_cast<std::size_t>(args.size(first + 1, "columns")),
          args.array<double>(first + 2, "indptr"), args.array<std::int32_t>(first + 3, "indices"),
          args.array<double>(first + 4, "data")};
}

}  // namespace glue
