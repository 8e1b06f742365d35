// How words travel to a board: a small interface that libusb and the board model in this process implement.
//
// A Transport has an event thread of its own. It runs completion handlers and hotplug handlers, one at a time; a handler must
// not block and may submit and cancel, but not call control() or close() (both wait for that thread).
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rockpool/dynapse/protocol.h"
#include "rockpool/error.h"

namespace rockpool::dynapse {

enum class Status : std::uint8_t {
  kOk,
  kStall,  // the endpoint refused
  kTimeout,
  kCancelled,  // by cancel() or close()
  kNoDevice,   // unplugged
  kOverflow,   // the device sent more than was asked for
  kAccess,     // no permission
  kBusy,       // claimed by another program
  kNoMemory,
  kNotFound,
  kIo,  // anything else
};
const char* status_name(Status status);

/// A board on the bus, by what can be known without opening it.
struct DeviceInfo {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::uint16_t bcd_device = 0;
  std::uint8_t serial_index = 0;  // of the string descriptor; 0: none
  std::uint8_t bus = 0;
  std::uint8_t address = 0;
  bool operator==(const DeviceInfo&) const = default;
};

/// A read of the bulk IN pipe. It belongs to whoever submits it, who keeps it until `done` has been called.
struct BulkRead {
  explicit BulkRead(std::size_t bytes) : buffer(bytes) {}
  BulkRead(const BulkRead&) = delete;
  BulkRead& operator=(const BulkRead&) = delete;

  std::vector<std::uint8_t> buffer;
  std::function<void(BulkRead&)> done;  // on the event thread, once for each submit that succeeded
  Status status = Status::kOk;
  std::size_t length = 0;        // bytes that came; also with a status that is not kOk
  std::shared_ptr<void> native;  // the transport's own
};

/// A board that is open. Methods may be called from any thread.
class Connection {
 public:
  struct Moved {
    Status status = Status::kOk;
    std::size_t length = 0;
  };

  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  /// The ASCII string descriptor of that index.
  virtual Status string(std::uint8_t index, std::string& text) = 0;
  /// Configuration 1 (set only when another one is active) and interface 0.
  virtual Status claim() = 0;
  /// Blocks until the transfer has ended, at most `timeout`. Several threads' transfers take turns.
  virtual Moved control(const Setup& setup, std::span<std::uint8_t> data, std::chrono::milliseconds timeout) = 0;
  virtual Status submit(BulkRead& read) = 0;
  /// Asks for the end of a read: `done` follows with kCancelled, or with what happened before. Fine for one that has ended.
  virtual void cancel(BulkRead& read) = 0;
  /// Takes a halt off the bulk pipe. Blocks shortly.
  virtual Status clear_halt() = 0;
  /// Cancels whatever is under way, waits for the handlers, releases the interface. Idempotent; later calls answer kNoDevice.
  virtual void close() = 0;
};

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// What is plugged in and may be a board: boards, and controllers without firmware.
  virtual std::vector<DeviceInfo> devices() = 0;
  struct Opened {
    Status status = Status::kOk;
    std::unique_ptr<Connection> connection;
  };
  virtual Opened open(const DeviceInfo& device) = 0;

  /// Called for every board that comes (true) or goes, on the event thread. An empty function ends it; when this returns, the
  /// handler before is not running (unless this is called from it).
  using Hotplug = std::function<void(const DeviceInfo&, bool arrived)>;
  virtual void on_hotplug(Hotplug handler) = 0;
};

/// Boards through libusb. @throws Error ERR_NO_LIBUSB where the library is missing or does not start; the message says what to
/// do. `looks`: hotplug by looking at what is there every half a second, as where libusb does not tell by itself.
std::shared_ptr<Transport> open_libusb(bool looks = false);
/// Empty when libusb can be used, otherwise what is missing.
std::string libusb_problem();

}  // namespace rockpool::dynapse
