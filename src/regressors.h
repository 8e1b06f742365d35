// The matrix X of a regression: an array (borrowed, or copied for a job), or rows that are made as they are needed.
#pragma once

#include <variant>
#include <vector>

#include "args.h"
#include "rockpool/exp_synapse.h"
#include "rockpool/ridge.h"

namespace glue {

inline constexpr napi_type_tag kRegressorRowsTag = {0x5b92d40e7f1c4a86, 0xc3e70f5a91d82b64};

class Regressors {
 public:
  /// Argument `i`: an array of rows x columns, or a handle of as many rows and columns.
  Regressors(const Args& args, std::size_t i, std::size_t rows, std::size_t columns, bool own) {
    if (args.value(i).IsExternal()) {
      made_ = unwrap_handle<rockpool::FilteredEvents>(args, i, "X", kRegressorRowsTag);
      if (made_->rows() != rows || made_->channels() != columns)
        rockpool::throw_shape("X", rockpool::to_text(rows) + " x " + rockpool::to_text(columns),
                              rockpool::to_text(made_->rows()) + " x " + rockpool::to_text(made_->channels()));
      return;
    }
    array_ = args.array<double>(i, "X", rows * columns);
    if (!own) return;
    copy_.assign(array_.begin(), array_.end());
    array_ = copy_;
  }
  Regressors(Regressors&&) = default;  // moving a vector keeps its memory, which the span shows

  /// Calls fn with a pointer to the array or with the source of the rows.
  template <typename Fn>
  auto visit(rockpool::RunControl& control, Fn fn) const {
    if (made_ == nullptr) return fn(array_.data());
    made_->prepare(control);
    return fn(static_cast<const rockpool::InputSource&>(*made_));
  }

 private:
  std::span<const double> array_;
  std::vector<double> copy_;
  std::shared_ptr<rockpool::FilteredEvents> made_;
};

}  // namespace glue
