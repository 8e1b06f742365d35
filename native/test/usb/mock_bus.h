// A USB bus of board models below the real libusb and libudev: umockdev redirects their files and system calls to us.
//
// The node of a board is a FIFO: libusb waits for it to become writable to learn that a transfer has ended. We keep it full
// while there is nothing to fetch. Run everything under `umockdev-wrapper`.
#pragma once

#include <umockdev.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "rockpool/dynapse/board_port.h"

namespace mock {

/// What goes wrong at a board. Negative errno as the kernel reports it; guarded by the board's mutex.
struct Faults {
  int claim_error = 0;   // of claiming the interface
  int submit_error = 0;  // of submitting a bulk read
  int config_error = 0;
  int control_status = 0;  // of the next control transfers, `control_count` of them
  unsigned control_count = 0;
  unsigned control_after = 0;   // transfers that go well before
  bool control_silent = false;  // never answered
  int short_by = 0;             // bytes that answers lack
};

/// What a bulk read ends with before the model's own data.
struct Scripted {
  std::vector<std::uint8_t> bytes;
  int status = 0;
};

class Board {
 public:
  Board(UMockdevTestbed* testbed, std::shared_ptr<rockpool::dynapse::BoardPort> port, unsigned address,
        std::vector<std::uint8_t> descriptors, const std::string& serial);
  ~Board();
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  void plug();
  void unplug();
  void script(Scripted next);
  template <typename Body>
  void set(Body body) {
    const std::lock_guard lock(mutex_);
    body(faults_);
  }
  std::size_t controls() const;
  void count_from_zero();
  bool claimed() const;
  std::size_t pending() const;

 private:
  struct Urb {
    UMockdevIoctlData* data;
    UMockdevIoctlData* buffer;
  };
  static gboolean on_ioctl(UMockdevIoctlBase*, UMockdevIoctlClient* client, gpointer self);
  bool handle(UMockdevIoctlClient* client);
  void submit(UMockdevIoctlClient* client);
  void reap(UMockdevIoctlClient* client);
  void discard(UMockdevIoctlClient* client);
  void control(const Urb& urb);
  void finish(const Urb& urb, int status, std::size_t length);
  void signal_writable();
  void pump();

  UMockdevTestbed* testbed_;
  const std::shared_ptr<rockpool::dynapse::BoardPort> port_;
  const unsigned address_;
  const std::vector<std::uint8_t> descriptors_;
  const std::string serial_;
  std::string node_, file_, path_;
  UMockdevIoctlBase* handler_ = nullptr;
  int fifo_ = -1;

  mutable std::mutex mutex_;
  Faults faults_;
  std::deque<Scripted> script_;
  std::deque<Urb> waiting_;  // bulk reads
  std::deque<Urb> silent_;   // control transfers that are never answered
  std::deque<Urb> finished_;
  std::size_t controls_ = 0;
  bool claimed_ = false, gone_ = false, quit_ = false, present_ = false;
  std::thread pump_;
};

class Bus {
 public:
  Bus();
  ~Bus();
  /// Descriptors: device and configuration, one after the other.
  std::shared_ptr<Board> add(std::shared_ptr<rockpool::dynapse::BoardPort> port, std::vector<std::uint8_t> descriptors,
                             const std::string& serial);
  std::string node(unsigned address) const;

 private:
  UMockdevTestbed* testbed_;
  unsigned next_ = 2;
  std::vector<std::shared_ptr<Board>> boards_;
};

}  // namespace mock
