#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

#include "dynapse/libusb_api.h"
#include "rockpool/dynapse/transport.h"

namespace rockpool::dynapse::libusb {

Status status_of_error(int error);

/// An open board. Every transfer under way is a Flight, which owns what libusb and the kernel write to for as long as they may.
class UsbConnection final : public Connection {
 public:
  /// `transport` is kept until the handle is closed: its thread completes transfers.
  UsbConnection(std::shared_ptr<void> transport, Handle* handle);
  ~UsbConnection() override;

  Status string(std::uint8_t index, std::string& text) override;
  Status claim() override;
  Moved control(const Setup& setup, std::span<std::uint8_t> data, std::chrono::milliseconds timeout) override;
  Status submit(BulkRead& read) override;
  void cancel(BulkRead& read) override;
  Status clear_halt() override;
  void close() override;

 private:
  struct Shared;
  struct Flight;
  static void ROCKPOOL_LIBUSB_CALL ended(Transfer* transfer);
  static Status launch(const std::shared_ptr<Flight>& flight);

  const std::shared_ptr<Shared> shared_;
};

}  // namespace rockpool::dynapse::libusb
