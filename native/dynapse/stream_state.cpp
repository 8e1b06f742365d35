#include "dynapse/stream_state.h"

#include <utility>

#include "rockpool/error.h"

namespace rockpool::dynapse {

StreamState::StreamState(Connection& connection, std::size_t transfers, std::size_t transfer_bytes, std::size_t queue_events)
    : connection_(connection), transfer_bytes_(transfer_bytes), queue_(queue_events) {
  for (std::size_t i = 0; i < transfers; ++i) {
    reads_.push_back(std::make_unique<BulkRead>(transfer_bytes_));
    // SAFETY: the owner closes the connection, after which no handler runs, before this object goes.
    reads_.back()->done = [this](BulkRead& read) { completed(read); };
  }
}

StreamState::~StreamState() {
  shut_down();
}

void StreamState::begin_keeper() {
  keeper_ = std::thread([self = shared_from_this()] { self->keep(); });
}

void StreamState::begin() {
  const std::lock_guard lock(mutex_);
  ROCKPOOL_INVARIANT(flying_ == 0);
  if (lost_) throw Error(ErrorKind::kState, "ERR_DEVICE_LOST", why_);
  queue_.clear();
  decoder_ = EventDecoder();
  published_ = {};
  failures_ = 0;
  why_.clear();
  running_ = true;
  ended_ = false;
  Status status = Status::kOk;
  for (auto& read : reads_) {
    const Status one = connection_.submit(*read);
    if (one == Status::kOk)
      ++flying_;
    else
      status = one;
  }
  if (flying_ > 0) return;
  running_ = false;
  ended_ = true;
  why_ = std::string("no read of the board's data could be started: ") + status_name(status);
  if (status == Status::kNoDevice) lost_ = true;
  throw Error(ErrorKind::kState, status == Status::kNoDevice ? "ERR_DEVICE_LOST" : "ERR_DEVICE_IO", why_);
}

void StreamState::end(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  running_ = false;
  for (auto& read : reads_) connection_.cancel(*read);
  changed_.notify_all();
  changed_.wait_until(lock, Clock::now() + limit, [this] { return flying_ == 0; });
}

void StreamState::lose(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (lost_) return;
  lost_ = true;
  running_ = false;
  if (why_.empty()) why_ = why;
  for (auto& read : reads_) connection_.cancel(*read);
  changed_.notify_all();
}

void StreamState::shut_down() {
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
    running_ = false;
    ended_ = true;
  }
  changed_.notify_all();
  if (!keeper_.joinable()) return;
  if (keeper_.get_id() == std::this_thread::get_id())
    keeper_.detach();  // closed by a reader's callback; the thread holds this object until it ends
  else
    keeper_.join();
}

bool StreamState::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

bool StreamState::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

StreamCounts StreamState::counts() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

bool StreamState::ended(std::string& why) const {
  const std::lock_guard lock(mutex_);
  why = why_;
  return ended_;
}

void StreamState::decode(const BulkRead& read) {
  decoder_.decode({read.buffer.data(), std::min(read.length, read.buffer.size())}, batch_);
  decoder_.counts().lost += queue_.push(batch_);
}

void StreamState::retire(BulkRead&, const char* why) {
  --flying_;
  if (why != nullptr && why_.empty()) why_ = std::string("the stream of the board's data broke: ") + why;
  if (flying_ > 0) return;
  running_ = false;
  ended_ = true;
}

void StreamState::completed(BulkRead& read) {
  if (read.length > 0) decode(read);
  const std::lock_guard lock(mutex_);
  const bool good = read.status == Status::kOk || read.status == Status::kTimeout;
  if (!good && read.status != Status::kCancelled) ++decoder_.counts().failed_transfers;
  published_ = decoder_.counts();
  if (good) failures_ = 0;
  if (read.status == Status::kNoDevice) {
    lost_ = true;
    running_ = false;
    if (why_.empty()) why_ = "the board was unplugged";
  }
  if (!running_ || read.status == Status::kCancelled) {
    retire(read, nullptr);
  } else if (!good && ++failures_ > kRetries) {
    retire(read, status_name(read.status));
  } else if (read.status == Status::kStall) {
    halted_.push_back(&read);
  } else if (const Status status = connection_.submit(read); status != Status::kOk) {
    if (status == Status::kNoDevice) lost_ = true;
    retire(read, status_name(status));
  }
  changed_.notify_all();
}

void StreamState::heal(std::unique_lock<std::mutex>& lock) {
  const auto halted = std::exchange(halted_, {});
  if (running_) {
    lock.unlock();
    const Status status = connection_.clear_halt();
    lock.lock();
    if (status == Status::kNoDevice) lost_ = true, running_ = false;
  }
  for (auto* read : halted) {
    const Status status = running_ ? connection_.submit(*read) : Status::kCancelled;
    if (status != Status::kOk) retire(*read, running_ ? status_name(status) : nullptr);
  }
  changed_.notify_all();
}

void StreamState::when_ready(std::size_t events, std::chrono::milliseconds latency, std::function<void()> ready) {
  {
    const std::lock_guard lock(mutex_);
    std::swap(ready_, ready);
    wanted_ = events;
    latency_ = latency;
    deadline_.reset();
  }
  changed_.notify_all();
  if (ready) ready();  // whoever waited before: nobody waits for ever
}

bool StreamState::ready_now() {
  if (!ready_) return false;
  const std::size_t available = queue_.available();
  if (ended_ || quit_ || available >= wanted_ || queue_.has_notice()) return true;
  if (available == 0) return false;
  const auto now = Clock::now();
  if (!deadline_) deadline_ = now + latency_;
  return now >= *deadline_;
}

void StreamState::keep() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!halted_.empty()) heal(lock);
    if (ready_now()) {
      const auto ready = std::exchange(ready_, nullptr);
      deadline_.reset();
      const bool last = quit_;
      lock.unlock();
      ready();
      if (last) return;
      lock.lock();
      continue;
    }
    if (quit_) return;
    if (deadline_)
      changed_.wait_until(lock, *deadline_);
    else
      changed_.wait(lock);
  }
}

}  // namespace rockpool::dynapse
