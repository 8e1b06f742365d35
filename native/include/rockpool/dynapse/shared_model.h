// A board model that a transport drives from its threads while somebody looks inside.
#pragma once

#include <mutex>

#include "rockpool/dynapse/board_model.h"

namespace rockpool::dynapse {

class SharedModel final : public BoardPort {
 public:
  explicit SharedModel(const BoardOptions& options) : model_(options) {}

  int control(const Setup& setup, std::span<std::uint8_t> data) override {
    const std::lock_guard lock(mutex_);
    return model_.control(setup, data);
  }
  std::size_t bulk_in(std::span<std::uint8_t> buffer) override {
    const std::lock_guard lock(mutex_);
    return model_.bulk_in(buffer);
  }
  void advance(double microseconds) override {
    const std::lock_guard lock(mutex_);
    model_.advance(microseconds);
  }

  template <typename Body>
  auto with(Body body) {
    const std::lock_guard lock(mutex_);
    return body(model_);
  }

 private:
  std::mutex mutex_;
  BoardModel model_;
};

}  // namespace rockpool::dynapse
