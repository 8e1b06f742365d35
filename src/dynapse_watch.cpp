// Boards that come and go, told to JavaScript. See lib/devices/dynapse/native.ts.
#include <mutex>

#include "dynapse_board.h"
#include "errors.h"

namespace glue {

namespace {

using namespace rockpool::dynapse;

constexpr napi_type_tag kWatchTag = {0x31f0c4a87be25d69, 0xa27d5b08f4c6e913};

struct Change {
  DeviceInfo device;
  bool arrived;
};

Napi::Object to_js(Napi::Env env, const DeviceInfo& device) {
  auto object = Napi::Object::New(env);
  object.Set("bus", js(env, unsigned{device.bus}));
  object.Set("address", js(env, unsigned{device.address}));
  object.Set("firmware", js(env, unsigned{device.bcd_device} & 0xFFU));
  return object;
}

/// From the transport's event thread to JavaScript, until it is closed.
class Relay {
 public:
  Relay(Napi::Env env, const Napi::Function& on_change) : env_(env) {
    wake_ = Napi::ThreadSafeFunction::New(env, on_change, "rockpool boards", 0, 1);
    wake_.Unref(env);
  }

  void tell(const Change& change) {
    const std::lock_guard lock(mutex_);
    if (closed_ || change.device.vendor != kVendorId) return;
    auto* data = new Change(change);
    const auto give = [](Napi::Env env, Napi::Function on_change, Change* told) {
      const std::unique_ptr<Change> owner(told);
      if (env == nullptr) return;
      const Napi::HandleScope scope(env);
      on_change.Call({to_js(env, told->device), js(env, told->arrived)});
    };
    if (wake_.NonBlockingCall(data, give) != napi_ok) delete data;
  }

  void keep_alive(bool on) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    if (on)
      wake_.Ref(env_);
    else
      wake_.Unref(env_);
  }

  void close() {
    const std::lock_guard lock(mutex_);
    if (!closed_) wake_.Abort();
    closed_ = true;
  }

 private:
  const Napi::Env env_;
  Napi::ThreadSafeFunction wake_;
  std::mutex mutex_;
  bool closed_ = false;
};

/// A transport that is watched. Made, closed and destroyed on the JavaScript thread.
class Watch {
 public:
  Watch(Napi::Env env, const Napi::Function& on_change) : env_(env), relay_(std::make_shared<Relay>(env, on_change)) {
    napi_add_env_cleanup_hook(env_, ended, this);  // called before the thread-safe function's own
  }
  ~Watch() { close(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// On a thread of its own. What was plugged in then; every later change is told.
  std::vector<DeviceInfo> open(const std::shared_ptr<Transport>& transport) {
    transport->on_hotplug([relay = relay_](const DeviceInfo& device, bool arrived) { relay->tell({device, arrived}); });
    auto found = transport->devices();
    std::erase_if(found, [](const DeviceInfo& device) { return device.vendor != kVendorId; });
    const std::lock_guard lock(mutex_);
    if (closed_)
      transport->on_hotplug({});
    else
      transport_ = transport;
    return found;
  }

  void keep_alive(bool on) { relay_->keep_alive(on); }

  void close() {
    std::shared_ptr<Transport> transport;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      closed_ = true;
      transport = std::move(transport_);
    }
    relay_->close();
    napi_remove_env_cleanup_hook(env_, ended, this);
    if (transport) transport->on_hotplug({});
  }

 private:
  static void ended(void* self) { static_cast<Watch*>(self)->close(); }

  const Napi::Env env_;
  const std::shared_ptr<Relay> relay_;
  std::mutex mutex_;
  std::shared_ptr<Transport> transport_;
  bool closed_ = false;
};

struct Opened {
  std::shared_ptr<Watch> watch;
  std::vector<DeviceInfo> found;
};

// dynapseWatch(board | undefined, onChange): job of { watch, boards }
Napi::Value watch(const Napi::CallbackInfo& info) {
  const Args args(info);
  std::shared_ptr<Transport> bus;
  if (!args.missing(0)) {
    bus = dynapse_board(args)->model_bus;
    if (!bus)
      throw rockpool::Error(rockpool::ErrorKind::kState, "ERR_STATE", "this is a board: only the board model has a bus");
  }
  auto made = std::make_shared<Watch>(info.Env(), args.function(1, "onChange"));
  return dynapse_job(
      args, args.count(),
      [made, bus](rockpool::RunControl&) {
        auto found = made->open(bus ? bus : open_libusb());
        return Opened{made, std::move(found)};
      },
      [](Napi::Env env, const Opened& opened) -> Napi::Value {
        auto list = Napi::Array::New(env, opened.found.size());
        for (std::uint32_t i = 0; i < opened.found.size(); ++i) list.Set(i, to_js(env, opened.found[i]));
        auto object = Napi::Object::New(env);
        object.Set("watch", wrap_handle(env, opened.watch, kWatchTag));
        object.Set("boards", list);
        return object;
      });
}

// dynapseWatchKeepsAlive(watch, on)
Napi::Value keep_alive(const Napi::CallbackInfo& info) {
  const Args args(info);
  unwrap_handle<Watch>(args, 0, "watch", kWatchTag)->keep_alive(args.boolean(1, "on"));
  return info.Env().Undefined();
}

// dynapseWatchEnd(watch)
Napi::Value end(const Napi::CallbackInfo& info) {
  unwrap_handle<Watch>(Args(info), 0, "watch", kWatchTag)->close();
  return info.Env().Undefined();
}

}  // namespace

void init_dynapse_watch(Napi::Object exports) {
  define<watch>(exports, "dynapseWatch");
  define<keep_alive>(exports, "dynapseWatchKeepsAlive");
  define<end>(exports, "dynapseWatchEnd");
}

}  // namespace glue
