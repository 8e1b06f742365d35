#include "rockpool/dynapse/driver.h"

#include <algorithm>
#include <utility>

#include "dynapse/driver_errors.h"
#include "dynapse/driver_turn.h"
#include "dynapse/stream_state.h"

namespace rockpool::dynapse {

namespace {

constexpr std::chrono::milliseconds kPatience{100};     // of close() for a call that is under way
constexpr std::chrono::milliseconds kStopTimeout{100};  // of each write that switches a board off when it is closed
constexpr std::chrono::milliseconds kDrain{1000};

std::string register_name(const Setup& setup) {
  return "register " + to_text(static_cast<unsigned>(setup.value)) + "." + to_text(static_cast<unsigned>(setup.index));
}

}  // namespace

Driver::Driver(std::shared_ptr<Transport> transport, std::unique_ptr<Connection> connection, const DriverOptions& options,
               BoardInfo info)
    : transport_(std::move(transport)),
      connection_(std::move(connection)),
      options_(options),
      info_(std::move(info)),
      stream_(std::make_shared<StreamState>(*connection_, std::max<std::size_t>(options.transfers, 1),
                                            std::max<std::size_t>(options.transfer_bytes / 512 * 512, 512),
                                            std::max<std::size_t>(options.queue_events, 1))) {
  for (auto& known : known_) known = false;
  stream_->begin_keeper();
}

Driver::~Driver() {
  close();
}

bool Driver::lost() const {
  return stream_->lost();
}

void Driver::check_open() const {
  if (closing_) throw device_error("ERR_CLOSED", "the board is closed");
  if (!stream_->lost()) return;
  std::string why;
  stream_->ended(why);
  throw device_error("ERR_DEVICE_LOST", why.empty() ? "the board was unplugged" : why);
}

void Driver::transfer(const Setup& setup, std::span<std::uint8_t> data, std::chrono::milliseconds timeout, const char* what) {
  check_open();
  const auto moved = connection_->control(setup, data, timeout);
  if (moved.status == Status::kOk && moved.length == data.size()) return;
  const std::string subject = std::string(what) + (setup.request == 0xBF ? " " + register_name(setup) : "");
  if (moved.status == Status::kNoDevice && !closing_) {
    stream_->lose("the board was unplugged");
    throw device_error("ERR_DEVICE_LOST", "the board was unplugged while " + subject);
  }
  if (closing_) throw device_error("ERR_CLOSED", "the board was closed while " + subject);
  if (moved.status == Status::kTimeout)
    throw device_error("ERR_DEVICE_TIMEOUT", "the board did not answer in time while " + subject);
  if (moved.status == Status::kOk)
    throw device_error("ERR_DEVICE_IO",
                       "the board moved " + to_text(moved.length) + " of " + to_text(data.size()) + " bytes while " + subject);
  throw device_error("ERR_DEVICE_IO", subject + " failed: " + status_name(moved.status));
}

std::uint32_t Driver::read_register(std::uint8_t module, std::uint8_t parameter) {
  if (module == module::kMux && parameter == mux::kTimestampReset) return 0;  // a pulse: there is nothing to read
  std::array<std::uint8_t, 4> data{};
  transfer(read_register_setup(module, parameter), data, options_.control_timeout, "reading");
  return decode_value(data);
}

std::uint64_t Driver::read_counter(std::uint8_t module, std::uint8_t parameter) {
  const auto low_parameter = static_cast<std::uint8_t>(parameter + 1);
  for (std::uint64_t high = read_register(module, parameter);;) {
    const std::uint64_t low = read_register(module, low_parameter);
    const std::uint64_t again = read_register(module, parameter);
    if (again == high) return high << 32 | low;
    high = again;  // it counted over in between
  }
}

BoardStatistics Driver::statistics() {
  BoardStatistics statistics;
  if (info_.has_aer_statistics) {
    statistics.events = read_counter(module::kAer, aer::kEvents);
    statistics.events_dropped = read_counter(module::kAer, aer::kEventsDropped);
  }
  if (info_.has_mux_statistics) statistics.mux_dropped = read_counter(module::kMux, mux::kAerDropped);
  return statistics;
}

void Driver::put(std::uint8_t module, std::uint8_t parameter, std::uint32_t value) {
  auto data = encode_value(value);
  transfer(write_register_setup(module, parameter), data, options_.control_timeout, "writing");
}

void Driver::put_many(std::span<const Record> records) {
  std::array<std::uint8_t, kMaxRecords * kRecordBytes> data;
  for (std::size_t from = 0; from < records.size(); from += kMaxRecords) {
    const std::size_t count = std::min(kMaxRecords, records.size() - from);
    for (std::size_t i = 0; i < count; ++i)
      encode_record(records[from + i], std::span<std::uint8_t, kRecordBytes>(data.data() + i * kRecordBytes, kRecordBytes));
    transfer(write_many_setup(count, false), {data.data(), count * kRecordBytes}, options_.control_timeout,
             "writing registers");
  }
}

void Driver::write_register(std::uint8_t module, std::uint8_t parameter, std::uint32_t value) {
  if (module == module::kSysinfo) throw_range("module", "one that can be written", "SYSINFO");
  if (module == module::kChip && (parameter == chip::kContent || parameter == chip::kChipId))
    throw_range("parameter", "one that writeChip does not look after", to_text(static_cast<unsigned>(parameter)));
  if (module == module::kMux && parameter == mux::kTimestampReset) {
    if (value != 0) reset_timestamps();
    return;
  }
  const Turn turn(*this);
  put(module, parameter, value);
  if (module == module::kChip && parameter == chip::kRun) chip_bus_ = value != 0;
}

void Driver::reset_timestamps() {
  const Turn turn(*this);
  const Record pulse[2] = {{module::kMux, mux::kTimestampReset, 1}, {module::kMux, mux::kTimestampReset, 0}};
  put_many(pulse);
}

void Driver::start() {
  const Turn turn(*this);
  if (stream_->running()) return;
  stream_->end(kDrain);  // of a stream that broke
  stream_->begin();
  try {
    put(module::kUsb, usb::kRun, 1);
    put(module::kMux, mux::kRun, 1);
    put(module::kMux, mux::kTimestampRun, 1);
    put(module::kChip, chip::kRun, 1);
    chip_bus_ = true;
    put(module::kAer, aer::kRun, 1);
  } catch (...) {
    send_stop(kStopTimeout);
    stream_->end(kDrain);
    throw;
  }
}

void Driver::send_stop(std::chrono::milliseconds timeout) {
  constexpr std::pair<std::uint8_t, std::uint8_t> kOff[] = {
      {module::kChip, chip::kRun},        {module::kAer, aer::kRun}, {module::kMux, mux::kForceChipBias},
      {module::kMux, mux::kTimestampRun}, {module::kMux, mux::kRun}, {module::kUsb, usb::kRun}};
  chip_bus_ = false;
  for (const auto& [module, parameter] : kOff) {
    auto data = encode_value(0);
    const auto status = connection_->control(write_register_setup(module, parameter), data, timeout).status;
    if (status == Status::kNoDevice || status == Status::kTimeout) return;  // it will not answer the next either
  }
}

void Driver::stop() {
  const Turn turn(*this);
  send_stop(options_.control_timeout);
  stream_->end(kDrain);
}

bool Driver::streaming() const {
  return stream_->running();
}

Driver::Read Driver::read(std::span<double> times, std::span<std::uint32_t> addresses) {
  Read read;
  std::string why;
  const bool ended = stream_->ended(why);  // before taking: what came until then is in the queue
  read.taken = stream_->queue().take(times, addresses);
  read.ended = ended && stream_->queue().available() == 0 && !stream_->queue().has_notice();
  if (read.ended) read.why = why;
  return read;
}

void Driver::when_ready(std::size_t events, std::chrono::milliseconds latency, std::function<void()> ready) {
  stream_->when_ready(events, latency, std::move(ready));
}

StreamCounts Driver::counts() const {
  return stream_->counts();
}

void Driver::wait(std::chrono::milliseconds time, RunControl& control) {
  constexpr std::chrono::milliseconds kSlice{5};
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    control.advance(0);
    std::unique_lock lock(turn_mutex_);
    turn_free_.wait_for(lock, kSlice, [this] { return closing_.load(); });
    lock.unlock();
    check_open();
  }
}

void Driver::close() {
  std::unique_lock lock(turn_mutex_);
  if (closing_.exchange(true)) {
    turn_free_.wait(lock, [this] { return done_; });
    return;
  }
  turn_free_.notify_all();
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  const bool free = turn_free_.wait_until(lock, patience, [this] { return !taken_; });
  lock.unlock();
  if (free && !stream_->lost()) send_stop(kStopTimeout);
  if (!stream_->lost()) stream_->end(kPatience);
  connection_->close();
  stream_->shut_down();
  lock.lock();
  turn_free_.wait(lock, [this] { return !taken_; });  // transfers end at once now
  done_ = true;
  lock.unlock();
  turn_free_.notify_all();
}

}  // namespace rockpool::dynapse
