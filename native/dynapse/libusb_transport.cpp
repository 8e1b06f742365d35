#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "dynapse/driver_errors.h"
#include "dynapse/libusb_api.h"
#include "dynapse/libusb_connection.h"
#include "rockpool/dynapse/transport.h"

namespace rockpool::dynapse {

namespace libusb {
namespace {

constexpr long kEventSlice = 200000;             // us between looks at whether to end; what happens wakes the thread at once
constexpr std::chrono::milliseconds kLook{500};  // between lists of what is there, where libusb tells of nothing

bool interesting(const DeviceInfo& info) {
  return (info.vendor == kVendorId && info.product == kProductId) ||
         (info.vendor == kBlankVendorId && info.product == kBlankProductId);
}

std::optional<DeviceInfo> info_of(Device* device) {
  DeviceDescriptor descriptor{};
  if (api().get_device_descriptor(device, &descriptor) != 0) return std::nullopt;
  return DeviceInfo{descriptor.vendor,       descriptor.product,           descriptor.version,
                    descriptor.serial_index, api().get_bus_number(device), api().get_device_address(device)};
}

class UsbTransport final : public Transport, public std::enable_shared_from_this<UsbTransport> {
 public:
  explicit UsbTransport(bool looks) {
    if (!api().problem.empty()) throw device_error("ERR_NO_LIBUSB", api().problem);
    if (const int error = api().init(&context_); error != 0)
      throw device_error("ERR_NO_LIBUSB", std::string("libusb does not start here: ") + api().error_name(error));
    if (!looks && api().has_capability(kHasHotplug) != 0)
      watching_ = api().hotplug_register_callback(context_, kArrived | kLeft, 0, kVendorId, kProductId, kMatchAny, changed,
                                                  this, &watch_) == 0;
    thread_ = std::thread([this] { run(); });
  }

  ~UsbTransport() override {
    if (watching_) api().hotplug_deregister_callback(context_, watch_);
    quit_ = true;
    api().interrupt_event_handler(context_);
    thread_.join();
    api().exit(context_);
  }

  std::vector<DeviceInfo> devices() override {
    std::vector<DeviceInfo> found;
    for_each_device([&](Device*, const DeviceInfo& info) { found.push_back(info); });
    std::sort(found.begin(), found.end(),
              [](const DeviceInfo& a, const DeviceInfo& b) { return a.bus != b.bus ? a.bus < b.bus : a.address < b.address; });
    return found;
  }

  Opened open(const DeviceInfo& device) override {
    Opened opened;
    opened.status = Status::kNoDevice;
    for_each_device([&](Device* candidate, const DeviceInfo& info) {
      if (info != device || opened.connection) return;
      Handle* handle = nullptr;
      opened.status = status_of_error(api().open(candidate, &handle));
      if (opened.status == Status::kOk) opened.connection = std::make_unique<UsbConnection>(shared_from_this(), handle);
    });
    return opened;
  }

  void on_hotplug(Hotplug handler) override {
    auto seen = watching_ || !handler ? std::vector<DeviceInfo>() : devices();
    std::unique_lock lock(mutex_);
    hotplug_ = std::move(handler);
    seen_ = std::move(seen);
    if (std::this_thread::get_id() != thread_.get_id()) told_.wait(lock, [this] { return !telling_; });
  }

 private:
  template <typename Body>
  void for_each_device(Body body) {
    Device** list = nullptr;
    const auto count = api().get_device_list(context_, &list);
    if (count < 0) return;
    for (std::intptr_t i = 0; i < count; ++i)
      if (const auto info = info_of(list[i]); info && interesting(*info)) body(list[i], *info);
    api().free_device_list(list, 1);
  }

  static int ROCKPOOL_LIBUSB_CALL changed(Context*, Device* device, int event, void* user) {
    if (const auto info = info_of(device)) static_cast<UsbTransport*>(user)->tell(*info, event == kArrived);
    return 0;
  }

  void tell(const DeviceInfo& info, bool arrived) {
    std::unique_lock lock(mutex_);
    const auto handler = hotplug_;
    if (!handler) return;
    telling_ = true;
    lock.unlock();
    handler(info, arrived);
    lock.lock();
    telling_ = false;
    lock.unlock();
    told_.notify_all();
  }

  /// Tells what has changed since the last look. Windows' libusb has no other way.
  void look() {
    const auto now = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    if (watching_ || !hotplug_ || now < next_look_) return;
    next_look_ = now + kLook;
    const auto before = seen_;
    lock.unlock();
    const auto after = devices();
    lock.lock();
    seen_ = after;
    lock.unlock();
    const auto difference = [this](const auto& these, const auto& those, bool arrived) {
      for (const auto& info : these)
        if (std::find(those.begin(), those.end(), info) == those.end()) tell(info, arrived);
    };
    difference(before, after, false);
    difference(after, before, true);
  }

  void run() {
    while (!quit_) {
      look();
      timeval slice{0, kEventSlice};
      if (api().handle_events_timeout_completed(context_, &slice, nullptr) != 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  Context* context_ = nullptr;
  std::atomic<bool> quit_{false};
  std::mutex mutex_;
  std::condition_variable told_;
  Hotplug hotplug_;
  bool telling_ = false;
  std::vector<DeviceInfo> seen_;  // at the last look
  std::chrono::steady_clock::time_point next_look_;
  bool watching_ = false;
  int watch_ = 0;
  std::thread thread_;
};

}  // namespace
}  // namespace libusb

std::shared_ptr<Transport> open_libusb(bool looks) {
  return std::make_shared<libusb::UsbTransport>(looks);
}

std::string libusb_problem() {
  return libusb::api().problem;
}

}  // namespace rockpool::dynapse
