// Boards in this process: anything that is a BoardPort, plugged in and unplugged by calls. The driver can't tell it from a bus.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "rockpool/dynapse/board_port.h"
#include "rockpool/dynapse/transport.h"

namespace rockpool::dynapse {

class LocalTransport : public Transport {
 public:
  /// The last reference must not be dropped by a handler. `speed`: board time that passes in a second, in seconds. 0: as fast
  /// as the stream is read, and only while it is.
  static std::shared_ptr<LocalTransport> create(double speed = 1.0);

  /// Bus and address tell boards apart. `serial` is that of string descriptor `device.serial_index`.
  virtual void plug(const DeviceInfo& device, std::string serial, std::shared_ptr<BoardPort> board) = 0;
  virtual void unplug(const DeviceInfo& device) = 0;

  /// Lets board time pass at speed 0, while the stream is read; from the first call on it passes by these calls alone. Waits
  /// until it has passed, or `go_on`, which is asked again and again, is false or throws.
  virtual void pass(double microseconds, const std::function<bool()>& go_on) = 0;
};

/// The identity of a board as it leaves the factory.
inline DeviceInfo board_identity(std::uint8_t bus = 1, std::uint8_t address = 1) {
  return {kVendorId, kProductId, kFirmwareVersion, 3, bus, address};
}

}  // namespace rockpool::dynapse
