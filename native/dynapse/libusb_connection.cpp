#include "dynapse/libusb_connection.h"

#include <algorithm>
#include <cstring>

namespace rockpool::dynapse::libusb {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kStringTimeout{1000};
constexpr std::chrono::milliseconds kGrace{500};  // in which a transfer that timed out or was cancelled has to come back
constexpr std::size_t kSetupBytes = 8;

Status status_of_transfer(int status) {
  switch (status) {
    case kCompleted: return Status::kOk;
    case kTimedOut: return Status::kTimeout;
    case kCancelled: return Status::kCancelled;
    case kStall: return Status::kStall;
    case kNoDevice: return Status::kNoDevice;
    case kOverflow: return Status::kOverflow;
    default: return Status::kIo;
  }
}

}  // namespace

Status status_of_error(int error) {
  switch (error) {
    case 0: return Status::kOk;
    case kErrorAccess: return Status::kAccess;
    case kErrorNoDevice: return Status::kNoDevice;
    case kErrorNotFound: return Status::kNotFound;
    case kErrorBusy: return Status::kBusy;
    case kErrorTimeout: return Status::kTimeout;
    case kErrorOverflow: return Status::kOverflow;
    case kErrorPipe: return Status::kStall;
    case kErrorNoMemory: return Status::kNoMemory;
    default: return Status::kIo;
  }
}

struct UsbConnection::Shared {
  std::mutex mutex;
  std::condition_variable landed;
  std::set<std::shared_ptr<Flight>> flying;  // until their handler has returned
  bool closed = false;
  bool claimed = false;
  std::size_t calling = 0;  // blocking calls that use the handle outside of the mutex
  Handle* handle = nullptr;
  std::shared_ptr<void> transport;
};

/// SAFETY: libusb writes to `transfer` and the buffer until it has called back. A flight lives in `flying` until then, and one
/// that never comes back stays there for good, with the shared part, the handle and the transport.
struct UsbConnection::Flight : std::enable_shared_from_this<UsbConnection::Flight> {
  explicit Flight(std::shared_ptr<Shared> s) : shared(std::move(s)), transfer(api().alloc_transfer(0)) {}
  ~Flight() {
    if (transfer != nullptr) api().free_transfer(transfer);
  }
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

  std::shared_ptr<Shared> shared;
  Transfer* transfer;
  BulkRead* read = nullptr;          // of a bulk read; null when it was given up
  std::vector<std::uint8_t> buffer;  // of a control transfer, or of a read that was given up
  bool done = false;                 // of a control transfer
};

UsbConnection::UsbConnection(std::shared_ptr<void> transport, Handle* handle) : shared_(std::make_shared<Shared>()) {
  shared_->handle = handle;
  shared_->transport = std::move(transport);
}

UsbConnection::~UsbConnection() {
  close();
}

/// mutex held
Status UsbConnection::launch(const std::shared_ptr<Flight>& flight) {
  if (flight->transfer == nullptr) return Status::kNoMemory;
  auto& shared = *flight->shared;
  if (shared.closed) return Status::kNoDevice;
  flight->transfer->handle = shared.handle;
  flight->transfer->callback = ended;
  flight->transfer->user = flight.get();
  shared.flying.insert(flight);
  const Status status = status_of_error(api().submit_transfer(flight->transfer));
  if (status != Status::kOk) shared.flying.erase(flight);
  return status;
}

void ROCKPOOL_LIBUSB_CALL UsbConnection::ended(Transfer* transfer) {
  auto* self = static_cast<Flight*>(transfer->user);
  const auto shared = self->shared;
  std::unique_lock lock(shared->mutex);
  const auto found = std::find_if(shared->flying.begin(), shared->flying.end(), [&](const auto& f) { return f.get() == self; });
  if (found == shared->flying.end()) return;
  const auto flight = self->shared_from_this();
  if (BulkRead* read = flight->read; read != nullptr) {
    read->status = status_of_transfer(transfer->status);
    read->length = static_cast<std::size_t>(std::max(transfer->actual_length, 0));
    flight->done = true;
    lock.unlock();
    read->done(*read);  // may submit it again: then the flight is still under way
    lock.lock();
  } else {
    flight->done = true;
  }
  if (flight->done) shared->flying.erase(flight);
  lock.unlock();
  shared->landed.notify_all();
}

Connection::Moved UsbConnection::control(const Setup& setup, std::span<std::uint8_t> data, std::chrono::milliseconds timeout) {
  const auto flight = std::make_shared<Flight>(shared_);
  if (flight->transfer == nullptr) return {Status::kNoMemory, 0};
  flight->buffer.resize(kSetupBytes + data.size());
  const std::uint8_t head[kSetupBytes] = {setup.request_type,
                                          setup.request,
                                          static_cast<std::uint8_t>(setup.value),
                                          static_cast<std::uint8_t>(setup.value >> 8),
                                          static_cast<std::uint8_t>(setup.index),
                                          static_cast<std::uint8_t>(setup.index >> 8),
                                          static_cast<std::uint8_t>(data.size()),
                                          static_cast<std::uint8_t>(data.size() >> 8)};
  std::memcpy(flight->buffer.data(), head, kSetupBytes);
  if (!setup.in() && !data.empty()) std::memcpy(flight->buffer.data() + kSetupBytes, data.data(), data.size());
  auto& transfer = *flight->transfer;
  transfer.type = kControl;
  transfer.endpoint = 0;
  transfer.timeout = static_cast<unsigned>(std::max<std::int64_t>(timeout.count(), 1));
  transfer.buffer = flight->buffer.data();
  transfer.length = static_cast<int>(flight->buffer.size());

  std::unique_lock lock(shared_->mutex);
  if (const Status status = launch(flight); status != Status::kOk) return {status, 0};
  const auto landed = [&] { return flight->done; };
  if (!shared_->landed.wait_until(lock, Clock::now() + timeout + kGrace, landed)) {
    api().cancel_transfer(&transfer);
    if (!shared_->landed.wait_until(lock, Clock::now() + kGrace, landed)) return {Status::kTimeout, 0};
  }
  const auto moved = std::min(static_cast<std::size_t>(std::max(transfer.actual_length, 0)), data.size());
  if (setup.in() && moved > 0) std::memcpy(data.data(), flight->buffer.data() + kSetupBytes, moved);
  return {status_of_transfer(transfer.status), moved};
}

Status UsbConnection::submit(BulkRead& read) {
  const std::lock_guard lock(shared_->mutex);
  auto flight = std::static_pointer_cast<Flight>(read.native);
  if (!flight || flight->shared != shared_) {
    flight = std::make_shared<Flight>(shared_);
    read.native = flight;
  }
  if (flight->transfer == nullptr) return Status::kNoMemory;
  flight->read = &read;
  const bool was_done = flight->done;
  flight->done = false;
  auto& transfer = *flight->transfer;
  transfer.type = kBulk;
  transfer.endpoint = kDataEndpoint;
  transfer.timeout = 0;
  transfer.buffer = read.buffer.data();
  transfer.length = static_cast<int>(read.buffer.size());
  const Status status = launch(flight);
  if (status != Status::kOk) flight->done = was_done;
  return status;
}

void UsbConnection::cancel(BulkRead& read) {
  const std::lock_guard lock(shared_->mutex);
  const auto flight = std::static_pointer_cast<Flight>(read.native);
  if (flight && flight->shared == shared_ && !flight->done && shared_->flying.count(flight) > 0)
    api().cancel_transfer(flight->transfer);
}

Status UsbConnection::string(std::uint8_t index, std::string& text) {
  const auto get = [&](std::uint8_t which, std::uint16_t language, std::vector<std::uint8_t>& bytes) {
    bytes.assign(255, 0);
    constexpr std::uint8_t kStandardIn = 0x80, kGetDescriptor = 6, kString = 3;
    const Setup setup{kStandardIn, kGetDescriptor, static_cast<std::uint16_t>(kString << 8 | which), language, 255};
    const Moved moved = control(setup, bytes, kStringTimeout);
    if (moved.status != Status::kOk) return moved.status;
    if (moved.length < 2 || bytes[1] != kString || bytes[0] > moved.length) return Status::kIo;
    bytes.resize(bytes[0]);
    return Status::kOk;
  };
  std::vector<std::uint8_t> bytes;
  if (const Status status = get(0, 0, bytes); status != Status::kOk) return status;
  if (bytes.size() < 4) return Status::kIo;
  const auto language = static_cast<std::uint16_t>(bytes[2] | bytes[3] << 8);
  if (const Status status = get(index, language, bytes); status != Status::kOk) return status;
  text.clear();
  for (std::size_t i = 2; i + 1 < bytes.size(); i += 2)
    text += bytes[i + 1] == 0 && bytes[i] < 0x80 ? static_cast<char>(bytes[i]) : '?';
  return Status::kOk;
}

Status UsbConnection::claim() {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->closed) return Status::kNoDevice;
  // Rejected while another program holds the interface, hence only where it is needed. No handler needs the mutex for these
  // calls to return: nothing is under way yet.
  int configuration = 0;
  int error = api().get_configuration(shared_->handle, &configuration);
  if (error == 0 && configuration != 1) error = api().set_configuration(shared_->handle, 1);
  if (error == 0) error = api().claim_interface(shared_->handle, 0);
  shared_->claimed = error == 0;
  return status_of_error(error);
}

Status UsbConnection::clear_halt() {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->closed) return Status::kNoDevice;
    ++shared_->calling;
  }
  const Status status = status_of_error(api().clear_halt(shared_->handle, kDataEndpoint));
  {
    const std::lock_guard lock(shared_->mutex);
    --shared_->calling;
  }
  shared_->landed.notify_all();
  return status;
}

void UsbConnection::close() {
  std::unique_lock lock(shared_->mutex);
  if (shared_->closed) return;
  shared_->closed = true;
  for (const auto& flight : shared_->flying) api().cancel_transfer(flight->transfer);
  const auto idle = [this] { return shared_->flying.empty() && shared_->calling == 0; };
  if (!shared_->landed.wait_until(lock, Clock::now() + 2 * kGrace, idle)) {
    for (const auto& flight : shared_->flying) {
      if (flight->read == nullptr) continue;
      flight->buffer = std::move(flight->read->buffer);  // the bytes stay where they are
      flight->read = nullptr;
    }
    return;  // leaks the handle: closing it while transfers are under way is not allowed
  }
  lock.unlock();  // libusb waits for its event thread: nothing of ours is held, and nobody uses the handle any more
  if (shared_->claimed) api().release_interface(shared_->handle, 0);
  api().close(shared_->handle);
  shared_->transport.reset();
}

}  // namespace rockpool::dynapse::libusb
