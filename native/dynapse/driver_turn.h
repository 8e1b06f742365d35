#pragma once

#include "rockpool/dynapse/driver.h"

namespace rockpool::dynapse {

/// One configures at a time: what goes to a chip depends on the chip that was selected.
class Driver::Turn {
 public:
  explicit Turn(Driver& driver) : driver_(driver) {
    std::unique_lock lock(driver_.turn_mutex_);
    driver_.turn_free_.wait(lock, [this] { return !driver_.taken_ || driver_.closing_; });
    driver_.check_open();
    driver_.taken_ = true;
  }
  ~Turn() {
    {
      const std::lock_guard lock(driver_.turn_mutex_);
      driver_.taken_ = false;
    }
    driver_.turn_free_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Driver& driver_;
};

}  // namespace rockpool::dynapse
