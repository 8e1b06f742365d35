// What a board is, seen from the USB side: two pipes and the passing of time. The board model implements it; it knows nothing
// of USB itself. Whoever drives it (the in-process transport, a test harness) calls it from one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "rockpool/dynapse/protocol.h"

namespace rockpool::dynapse {

class BoardPort {
 public:
  BoardPort() = default;
  BoardPort(const BoardPort&) = delete;
  BoardPort& operator=(const BoardPort&) = delete;
  virtual ~BoardPort() = default;

  static constexpr int kStalled = -1;

  /// A control transfer on endpoint 0. `data` is what comes with an OUT request, or takes the answer to an IN request; its size
  /// is setup.length. Returns the bytes moved, or kStalled for a request that the board does not know. Never throws for its
  /// input.
  virtual int control(const Setup& setup, std::span<std::uint8_t> data) = 0;

  /// Takes what the bulk IN pipe holds, at most buffer.size() bytes (a multiple of 512); 0: nothing to send yet.
  /// A board commits what does not fill a buffer after its early packet delay.
  virtual std::size_t bulk_in(std::span<std::uint8_t> buffer) = 0;

  /// Lets `microseconds` of board time pass.
  virtual void advance(double microseconds) = 0;
};

}  // namespace rockpool::dynapse
