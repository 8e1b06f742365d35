// A transport on which things go wrong by a schedule drawn from a seed.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "rockpool/dynapse/local_transport.h"

namespace rockpool::dynapse {

/// What is to go wrong, shared by everything on one faulty bus. Thread safe.
class Schedule {
 public:
  explicit Schedule(std::uint32_t seed) : random_(seed) {
    // One fault at a certain point of the protocol, or now and then one anywhere.
    first_ = random_() % 3 == 0 ? static_cast<int>(random_() % 400) : -1;
    one_in_ = first_ >= 0 ? 0 : 3U + static_cast<unsigned>(random_() % 40);
  }
  /// 0: nothing; otherwise 1..kinds.
  unsigned next(unsigned kinds) {
    const std::lock_guard lock(mutex_);
    if (!on_) return 0;
    const bool now = one_in_ == 0 ? first_-- == 0 : random_() % one_in_ == 0;
    if (!now) return 0;
    ++faults_;
    return 1 + static_cast<unsigned>(random_() % kinds);
  }
  void off() {
    const std::lock_guard lock(mutex_);
    on_ = false;
  }
  unsigned faults() {
    const std::lock_guard lock(mutex_);
    return faults_;
  }

 private:
  std::mutex mutex_;
  std::mt19937 random_;
  int first_ = -1;
  unsigned one_in_ = 0;
  unsigned faults_ = 0;
  bool on_ = true;
};

/// Boards that can be pulled out and come back at another address.
class Plugs {
 public:
  Plugs(std::shared_ptr<LocalTransport> bus, std::shared_ptr<BoardPort> board)
      : bus_(std::move(bus)), board_(std::move(board)) {
    in();
  }
  void in() {
    const std::lock_guard lock(mutex_);
    if (here_) return;
    device_ = board_identity(1, ++address_);
    bus_->plug(device_, "DYNAP001", board_);
    here_ = true;
  }
  void out() {
    const std::lock_guard lock(mutex_);
    if (here_) bus_->unplug(device_);
    here_ = false;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<LocalTransport> bus_;
  std::shared_ptr<BoardPort> board_;
  DeviceInfo device_;
  std::uint8_t address_ = 0;
  bool here_ = false;
};

class FaultyConnection final : public Connection {
 public:
  FaultyConnection(std::unique_ptr<Connection> inner, std::shared_ptr<Schedule> schedule, std::shared_ptr<Plugs> plugs)
      : inner_(std::move(inner)), schedule_(std::move(schedule)), plugs_(std::move(plugs)) {}
  ~FaultyConnection() override { close(); }

  Status string(std::uint8_t index, std::string& text) override {
    if (const auto fault = broken(4); fault != Status::kOk) return fault;
    return inner_->string(index, text);
  }
  Status claim() override {
    if (const auto fault = broken(4); fault != Status::kOk) return fault;
    return inner_->claim();
  }

  Moved control(const Setup& setup, std::span<std::uint8_t> data, std::chrono::milliseconds timeout) override {
    switch (schedule_->next(7)) {
      case 1: return {Status::kStall, 0};
      case 2: std::this_thread::sleep_for(timeout); return {Status::kTimeout, 0};
      case 3: plugs_->out(); break;
      case 4: plugs_->out(), plugs_->in(); break;  // comes back as another device
      case 5: return {Status::kIo, 0};
      case 6: {
        auto moved = inner_->control(setup, data, timeout);
        moved.length -= moved.length > 0 ? 1 : 0;
        return moved;
      }
      case 7: {
        const auto moved = inner_->control(setup, data, timeout);
        if (setup.in()) std::fill(data.begin(), data.end(), std::uint8_t{0xA5});
        return moved;
      }
      default: break;
    }
    return inner_->control(setup, data, timeout);
  }

  Status submit(BulkRead& read) override {
    if (schedule_->next(30) == 1) return Status::kNoMemory;
    BulkRead* inner = nullptr;
    {
      const std::lock_guard lock(mutex_);
      auto& shadow = shadows_[&read];
      if (!shadow) {
        shadow = std::make_unique<BulkRead>(read.buffer.size());
        shadow->done = [this, &read](BulkRead& ended) { completed(ended, read); };
      }
      inner = shadow.get();
    }
    return inner_->submit(*inner);
  }

  void cancel(BulkRead& read) override {
    BulkRead* inner = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = shadows_.find(&read); found != shadows_.end()) inner = found->second.get();
    }
    if (inner != nullptr) inner_->cancel(*inner);
  }

  Status clear_halt() override { return broken(3) == Status::kOk ? inner_->clear_halt() : Status::kStall; }

  void close() override {
    inner_->close();
    if (auto* read = std::exchange(held_, nullptr)) deliver(*read, Status::kCancelled);  // no handler runs any more
  }

 private:
  Status broken(unsigned kinds) {
    switch (schedule_->next(kinds)) {
      case 1: return Status::kStall;
      case 2: return Status::kTimeout;
      case 3: return Status::kIo;
      case 4: plugs_->out(); return Status::kOk;
      default: return Status::kOk;
    }
  }

  static void deliver(BulkRead& read, Status status) {
    read.status = status;
    read.done(read);
  }

  /// On the event thread.
  void completed(BulkRead& ended, BulkRead& read) {
    std::swap(read.buffer, ended.buffer);
    read.length = ended.length;
    Status status = ended.status;
    BulkRead* const late = std::exchange(held_, nullptr);
    bool hold = false;
    if (status == Status::kOk) {
      switch (schedule_->next(9)) {
        case 1: read.length = read.length / 2 | 1; break;  // short and odd
        case 2:
          status = Status::kOverflow;
          read.length = read.buffer.size();
          break;
        case 3: read.buffer = last_.empty() ? read.buffer : last_; break;  // the same again
        case 4: hold = late == nullptr; break;                             // comes after the next
        case 5:
          status = Status::kStall;
          read.length = 0;
          break;
        case 6:
          status = Status::kTimeout;
          read.length = 0;
          break;
        case 7:
          status = Status::kIo;
          read.length = 0;
          break;
        case 8: plugs_->out(); break;
        case 9: plugs_->out(), plugs_->in(); break;
        default: break;
      }
    }
    last_ = read.buffer;
    if (hold) {
      held_ = &read;
      return;
    }
    deliver(read, status);
    if (late != nullptr) deliver(*late, Status::kOk);
  }

  const std::unique_ptr<Connection> inner_;
  const std::shared_ptr<Schedule> schedule_;
  const std::shared_ptr<Plugs> plugs_;
  std::mutex mutex_;
  std::map<BulkRead*, std::unique_ptr<BulkRead>> shadows_;
  BulkRead* held_ = nullptr;
  std::vector<std::uint8_t> last_;
};

class FaultyTransport final : public Transport {
 public:
  FaultyTransport(std::shared_ptr<Transport> inner, std::shared_ptr<Schedule> schedule, std::shared_ptr<Plugs> plugs)
      : inner_(std::move(inner)), schedule_(std::move(schedule)), plugs_(std::move(plugs)) {}
  std::vector<DeviceInfo> devices() override { return inner_->devices(); }
  Opened open(const DeviceInfo& device) override {
    auto opened = inner_->open(device);
    if (opened.connection)
      opened.connection = std::make_unique<FaultyConnection>(std::move(opened.connection), schedule_, plugs_);
    return opened;
  }
  void on_hotplug(Hotplug handler) override { inner_->on_hotplug(std::move(handler)); }

 private:
  const std::shared_ptr<Transport> inner_;
  const std::shared_ptr<Schedule> schedule_;
  const std::shared_ptr<Plugs> plugs_;
};

}  // namespace rockpool::dynapse
