#include "rockpool/dynapse/local_transport.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace rockpool::dynapse {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick{1};   // between looks at a board that has nothing to send
constexpr std::chrono::milliseconds kLook{10};  // of who lets time pass, whether to go on
constexpr double kLongestStep = 2000.0;         // us: a board that computes slower than its time passes falls behind
constexpr double kFreeStep = 1000.0;            // us, of a board that runs as fast as it is read

/// A board on the bus. Locks: `board_mutex` for the board itself; everything else belongs to the transport's mutex.
struct Plugged {
  Plugged(const DeviceInfo& i, std::string s, std::shared_ptr<BoardPort> b)
      : info(i), serial(std::move(s)), board(std::move(b)) {}
  const DeviceInfo info;
  const std::string serial;
  std::mutex board_mutex, turn;
  const std::shared_ptr<BoardPort> board;
  Clock::time_point then = Clock::now();  // board time has passed until here
  bool gone = false;
  bool claimed = false;

  /// Holds board_mutex, in turn: a stream that is filled without a pause does not keep requests waiting.
  std::unique_lock<std::mutex> hold() {
    const std::lock_guard in_turn(turn);
    return std::unique_lock(board_mutex);
  }

  /// board_mutex held.
  void catch_up(double speed) {
    const auto now = Clock::now();
    const double passed = std::chrono::duration<double, std::micro>(now - then).count() * speed;
    then = now;
    if (passed > 0.0) board->advance(std::min(passed, kLongestStep));
  }
};

class LocalConnection;

struct Finished {
  BulkRead* read;
  Status status;
  std::size_t length;
};

class Local final : public LocalTransport, public std::enable_shared_from_this<Local> {
 public:
  explicit Local(double speed) : speed_(speed), thread_([this] { run(); }) {}
  ~Local() override {
    {
      const std::lock_guard lock(mutex_);
      quit_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  std::vector<DeviceInfo> devices() override {
    const std::lock_guard lock(mutex_);
    std::vector<DeviceInfo> list;
    for (const auto& board : boards_) list.push_back(board->info);
    return list;
  }
  Opened open(const DeviceInfo& device) override;
  void on_hotplug(Hotplug handler) override;
  void plug(const DeviceInfo& device, std::string serial, std::shared_ptr<BoardPort> board) override;
  void unplug(const DeviceInfo& device) override;
  void pass(double microseconds, const std::function<bool()>& go_on) override;

 private:
  friend class LocalConnection;
  void run();
  bool tell_hotplug(std::unique_lock<std::mutex>& lock);
  bool serve(std::unique_lock<std::mutex>& lock, LocalConnection& connection);
  void fill(std::unique_lock<std::mutex>& lock, LocalConnection& connection);
  bool has_work() const;

  const double speed_;
  std::mutex mutex_;
  std::condition_variable wake_;     // of the thread
  std::condition_variable settled_;  // after a handler
  std::condition_variable passed_;   // all time that was given
  std::vector<std::shared_ptr<Plugged>> boards_;
  std::vector<LocalConnection*> connections_;
  Hotplug hotplug_;
  std::deque<std::pair<DeviceInfo, bool>> changes_;
  bool in_hotplug_ = false;
  bool quit_ = false;
  std::optional<double> given_;  // us that may still pass at speed 0; as much as there is to read where empty
  std::thread thread_;
};

class LocalConnection final : public Connection {
 public:
  LocalConnection(std::shared_ptr<Local> transport, std::shared_ptr<Plugged> board)
      : transport_(std::move(transport)), board_(std::move(board)) {
    const std::lock_guard lock(transport_->mutex_);
    transport_->connections_.push_back(this);
  }
  ~LocalConnection() override { close(); }

  Status string(std::uint8_t index, std::string& text) override {
    const std::lock_guard lock(transport_->mutex_);
    if (closed_ || board_->gone) return Status::kNoDevice;
    if (index == 0 || index != board_->info.serial_index) return Status::kStall;
    text = board_->serial;
    return Status::kOk;
  }

  Status claim() override {
    const std::lock_guard lock(transport_->mutex_);
    if (closed_ || board_->gone) return Status::kNoDevice;
    if (board_->claimed && !claimed_) return Status::kBusy;
    board_->claimed = claimed_ = true;
    return Status::kOk;
  }

  Moved control(const Setup& setup, std::span<std::uint8_t> data, std::chrono::milliseconds) override {
    bool idle = true;  // while the stream is read, time passes there: a request need not wait for it
    {
      const std::lock_guard lock(transport_->mutex_);
      if (closed_ || board_->gone) return {Status::kNoDevice, 0};
      idle = waiting_.empty() && filling_ == nullptr;
    }
    const auto lock = board_->hold();
    if (idle && transport_->speed_ > 0.0) board_->catch_up(transport_->speed_);
    const int moved = board_->board->control(setup, data);
    if (moved < 0) return {Status::kStall, 0};
    return {Status::kOk, static_cast<std::size_t>(moved)};
  }

  Status submit(BulkRead& read) override {
    {
      const std::lock_guard lock(transport_->mutex_);
      if (closed_ || board_->gone) return Status::kNoDevice;
      waiting_.push_back(&read);
    }
    transport_->wake_.notify_all();
    return Status::kOk;
  }

  void cancel(BulkRead& read) override {
    {
      const std::lock_guard lock(transport_->mutex_);
      if (filling_ == &read) filling_cancelled_ = true;
      const auto found = std::find(waiting_.begin(), waiting_.end(), &read);
      if (found == waiting_.end()) return;
      waiting_.erase(found);
      finished_.push_back({&read, Status::kCancelled, 0});
    }
    transport_->wake_.notify_all();
  }

  Status clear_halt() override {
    const std::lock_guard lock(transport_->mutex_);
    return closed_ || board_->gone ? Status::kNoDevice : Status::kOk;
  }

  void close() override {
    std::unique_lock lock(transport_->mutex_);
    if (closed_) return;
    closed_ = true;
    end_reads(Status::kCancelled);
    transport_->wake_.notify_all();
    const bool inside = std::this_thread::get_id() == transport_->thread_.get_id();
    transport_->settled_.wait(lock, [&] { return inside || (finished_.empty() && !in_handler_ && filling_ == nullptr); });
    if (claimed_) board_->claimed = false;
    std::erase(transport_->connections_, this);
  }

 private:
  friend class Local;

  /// mutex held
  void end_reads(Status status) {
    for (auto* read : waiting_) finished_.push_back({read, status, 0});
    waiting_.clear();
  }

  const std::shared_ptr<Local> transport_;
  const std::shared_ptr<Plugged> board_;
  std::deque<BulkRead*> waiting_;
  std::deque<Finished> finished_;
  bool claimed_ = false;
  bool closed_ = false;
  bool in_handler_ = false;
  BulkRead* filling_ = nullptr;  // by the board, without the mutex
  bool filling_cancelled_ = false;
};

Transport::Opened Local::open(const DeviceInfo& device) {
  std::shared_ptr<Plugged> found;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& board : boards_)
      if (board->info == device) found = board;
  }
  if (!found) return {Status::kNoDevice, nullptr};
  return {Status::kOk, std::make_unique<LocalConnection>(shared_from_this(), std::move(found))};
}

void Local::on_hotplug(Hotplug handler) {
  std::unique_lock lock(mutex_);
  hotplug_ = std::move(handler);
  if (std::this_thread::get_id() != thread_.get_id()) settled_.wait(lock, [this] { return !in_hotplug_; });
}

void Local::plug(const DeviceInfo& device, std::string serial, std::shared_ptr<BoardPort> board) {
  {
    const std::lock_guard lock(mutex_);
    boards_.push_back(std::make_shared<Plugged>(device, std::move(serial), std::move(board)));
    changes_.emplace_back(device, true);
  }
  wake_.notify_all();
}

void Local::unplug(const DeviceInfo& device) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(boards_.begin(), boards_.end(), [&](const auto& board) { return board->info == device; });
    if (found == boards_.end()) return;
    (*found)->gone = true;
    for (auto* connection : connections_)
      if (connection->board_ == *found) connection->end_reads(Status::kNoDevice);
    boards_.erase(found);
    changes_.emplace_back(device, false);
  }
  wake_.notify_all();
}

void Local::pass(double microseconds, const std::function<bool()>& go_on) {
  std::unique_lock lock(mutex_);
  given_ = given_.value_or(0.0) + microseconds;
  const auto halt = [&] {
    lock.lock();
    given_ = 0.0;
  };
  wake_.notify_all();
  while (*given_ > 0.0) {
    if (passed_.wait_for(lock, kLook, [this] { return given_ == 0.0; })) break;
    lock.unlock();
    try {
      if (!go_on()) return halt();
    } catch (...) {
      halt();
      throw;
    }
    lock.lock();
  }
}

bool Local::tell_hotplug(std::unique_lock<std::mutex>& lock) {
  if (changes_.empty()) return false;
  const auto change = changes_.front();
  changes_.pop_front();
  const auto handler = hotplug_;
  if (!handler) return true;
  in_hotplug_ = true;
  lock.unlock();
  handler(change.first, change.second);
  lock.lock();
  in_hotplug_ = false;
  settled_.notify_all();
  return true;
}

bool Local::has_work() const {
  return !changes_.empty() || std::any_of(connections_.begin(), connections_.end(), [](const LocalConnection* connection) {
    return !connection->waiting_.empty() || !connection->finished_.empty();
  });
}

void Local::fill(std::unique_lock<std::mutex>& lock, LocalConnection& connection) {
  BulkRead* read = connection.waiting_.front();
  connection.waiting_.pop_front();
  connection.filling_ = read;  // close() waits for this
  connection.filling_cancelled_ = false;
  auto& board = *connection.board_;
  const double step = std::min(given_.value_or(kFreeStep), kFreeStep);
  bool passed = false;
  lock.unlock();
  std::size_t length = 0;
  {
    const auto board_lock = board.hold();
    if (speed_ > 0.0) board.catch_up(speed_);
    length = board.board->bulk_in(read->buffer);
    if (length == 0 && speed_ == 0.0 && step > 0.0) {
      board.board->advance(step);
      passed = true;
      length = board.board->bulk_in(read->buffer);
    }
  }
  lock.lock();
  if (passed && given_) given_ = std::max(*given_ - step, 0.0);
  if (given_ == 0.0) passed_.notify_all();
  connection.filling_ = nullptr;
  if (connection.closed_ || connection.filling_cancelled_)
    connection.finished_.push_back({read, Status::kCancelled, length});
  else if (length > 0)
    connection.finished_.push_back({read, Status::kOk, length});
  else if (board.gone)
    connection.finished_.push_back({read, Status::kNoDevice, 0});
  else
    connection.waiting_.push_front(read);
  settled_.notify_all();
}

/// Fills and completes a read of a connection; true when one was completed.
bool Local::serve(std::unique_lock<std::mutex>& lock, LocalConnection& connection) {
  if (connection.finished_.empty() && !connection.waiting_.empty()) fill(lock, connection);
  if (connection.finished_.empty()) return false;
  const Finished finished = connection.finished_.front();
  connection.finished_.pop_front();
  connection.in_handler_ = true;
  lock.unlock();
  finished.read->status = finished.status;
  finished.read->length = finished.length;
  finished.read->done(*finished.read);
  lock.lock();
  connection.in_handler_ = false;
  settled_.notify_all();
  return true;
}

void Local::run() {
  std::unique_lock lock(mutex_);
  while (!quit_) {
    bool busy = tell_hotplug(lock);
    bool waiting = false;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      auto* connection = connections_[i];
      busy = serve(lock, *connection) || busy;
      if (i < connections_.size() && connections_[i] == connection) waiting = waiting || !connection->waiting_.empty();
    }
    if (busy || quit_) continue;
    if (!waiting)
      wake_.wait(lock, [this] { return quit_ || has_work(); });
    else if (speed_ > 0.0 || given_ == 0.0)
      wake_.wait_for(lock, kTick);
    else
      lock.unlock(), std::this_thread::yield(), lock.lock();
  }
}

}  // namespace

std::shared_ptr<LocalTransport> LocalTransport::create(double speed) {
  return std::make_shared<Local>(speed);
}

}  // namespace rockpool::dynapse
