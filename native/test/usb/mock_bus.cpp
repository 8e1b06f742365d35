#include "mock_bus.h"

#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace mock {

using rockpool::dynapse::Setup;

namespace {

std::string three(unsigned n) {
  char text[16];
  std::snprintf(text, sizeof text, "%03u", n);
  return text;
}

usbdevfs_urb& urb_of(UMockdevIoctlData* data) {
  return *reinterpret_cast<usbdevfs_urb*>(data->data);
}

}  // namespace

Board::Board(UMockdevTestbed* testbed, std::shared_ptr<rockpool::dynapse::BoardPort> port, unsigned address,
             std::vector<std::uint8_t> descriptors, const std::string& serial)
    : testbed_(testbed), port_(std::move(port)), address_(address), descriptors_(std::move(descriptors)), serial_(serial) {
  node_ = "/dev/bus/usb/001/" + three(address_);
  gchar* root = umockdev_testbed_get_root_dir(testbed_);
  file_ = std::string(root) + node_;
  g_free(root);
  std::filesystem::create_directories(std::filesystem::path(file_).parent_path());
  pump_ = std::thread([this] { pump(); });
}

Board::~Board() {
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
  }
  pump_.join();
  if (present_) unplug();
  std::this_thread::sleep_for(
      std::chrono::milliseconds(50));  // umockdev's thread has to see that the client has closed the node
  if (handler_ != nullptr) umockdev_testbed_detach_ioctl(testbed_, node_.c_str(), nullptr), g_object_unref(handler_);
  for (auto* list : {&waiting_, &silent_, &finished_})
    for (const auto& urb : *list) {
      umockdev_ioctl_data_unref(urb.data);
      if (urb.buffer != nullptr) umockdev_ioctl_data_unref(urb.buffer);
    }
  if (fifo_ >= 0) ::close(fifo_);
  ::unlink(file_.c_str());
}

void Board::plug() {
  ::mkfifo(file_.c_str(), 0666);
  {
    const std::lock_guard lock(mutex_);
    if (fifo_ < 0) fifo_ = ::open(file_.c_str(), O_RDWR | O_NONBLOCK);
    ::fcntl(fifo_, F_SETPIPE_SZ, 4096);
    gone_ = false;
    present_ = true;
    signal_writable();
  }
  const std::string name = "1-" + std::to_string(address_ - 1), devnum = std::to_string(address_);
  const char vendor[] = "152a\n", product[] = "841d\n";
  path_ = "/sys/devices/" + name;
  gchar* added = umockdev_testbed_add_device(
      testbed_, "usb", name.c_str(), nullptr, "busnum", "1\n", "devnum", (devnum + "\n").c_str(), "speed", "480\n",
      "bConfigurationValue", "1\n", "idVendor", vendor, "idProduct", product, "serial", (serial_ + "\n").c_str(), nullptr,
      "DEVTYPE", "usb_device", "DEVNAME", node_.c_str(), "BUSNUM", "001", "DEVNUM", three(address_).c_str(), nullptr);
  path_ = added;
  g_free(added);
  umockdev_testbed_set_attribute_binary(testbed_, path_.c_str(), "descriptors", const_cast<guint8*>(descriptors_.data()),
                                        static_cast<gint>(descriptors_.size()));
  if (handler_ == nullptr) {
    handler_ = umockdev_ioctl_base_new();
    g_signal_connect(handler_, "handle-ioctl", G_CALLBACK(&Board::on_ioctl), this);
    umockdev_testbed_attach_ioctl(testbed_, node_.c_str(), handler_, nullptr);
  }
  umockdev_testbed_uevent(testbed_, path_.c_str(), "add");
}

void Board::unplug() {
  {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    claimed_ = false;
    present_ = false;
    for (auto* list : {&waiting_, &silent_}) {
      const auto ended = *list;
      list->clear();
      for (const auto& urb : ended) finish(urb, -ESHUTDOWN, 0);
    }
    signal_writable();
  }
  umockdev_testbed_uevent(testbed_, path_.c_str(), "remove");
  umockdev_testbed_remove_device(testbed_, path_.c_str());
}

void Board::script(Scripted next) {
  const std::lock_guard lock(mutex_);
  script_.push_back(std::move(next));
}

std::size_t Board::controls() const {
  const std::lock_guard lock(mutex_);
  return controls_;
}

void Board::count_from_zero() {
  const std::lock_guard lock(mutex_);
  controls_ = 0;
}

bool Board::claimed() const {
  const std::lock_guard lock(mutex_);
  return claimed_;
}

std::size_t Board::pending() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

gboolean Board::on_ioctl(UMockdevIoctlBase*, UMockdevIoctlClient* client, gpointer self) {
  return static_cast<Board*>(self)->handle(client) ? TRUE : FALSE;
}

bool Board::handle(UMockdevIoctlClient* client) {
  const std::lock_guard lock(mutex_);
  const auto answer = [&](int error) {
    umockdev_ioctl_client_complete(client, error == 0 ? 0 : -1, error);
    return true;
  };
  const auto request = umockdev_ioctl_client_get_request(client);
  if (gone_ && request != USBDEVFS_REAPURBNDELAY && request != USBDEVFS_REAPURB) return answer(ENODEV);
  switch (request) {
    case USBDEVFS_GET_CAPABILITIES: {
      UMockdevIoctlData* caps = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(guint32), nullptr);
      const guint32 value = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                            USBDEVFS_CAP_BULK_SCATTER_GATHER | USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
      umockdev_ioctl_data_update(caps, 0, const_cast<guint8*>(reinterpret_cast<const guint8*>(&value)), sizeof value);
      answer(0);
      umockdev_ioctl_data_unref(caps);
      return true;
    }
    case USBDEVFS_CLAIMINTERFACE:
      if (faults_.claim_error != 0) return answer(-faults_.claim_error);
      if (claimed_) return answer(EBUSY);
      claimed_ = true;
      return answer(0);
    case USBDEVFS_RELEASEINTERFACE: claimed_ = false; return answer(0);
    case USBDEVFS_SETCONFIGURATION:
    case USBDEVFS_SETINTERFACE: return answer(-faults_.config_error);
    case USBDEVFS_CLEAR_HALT:
    case USBDEVFS_RESET: return answer(0);
    case USBDEVFS_GETDRIVER:
    case USBDEVFS_IOCTL: return answer(ENODATA);
    case USBDEVFS_SUBMITURB: submit(client); return true;
    case USBDEVFS_REAPURB:
    case USBDEVFS_REAPURBNDELAY: reap(client); return true;
    case USBDEVFS_DISCARDURB: discard(client); return true;
    default: return answer(ENOTTY);
  }
}

void Board::submit(UMockdevIoctlClient* client) {
  UMockdevIoctlData* data =
      umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(usbdevfs_urb), nullptr);
  auto& urb = urb_of(data);
  const bool bulk = urb.type == USBDEVFS_URB_TYPE_BULK;
  if (bulk && faults_.submit_error != 0) {
    umockdev_ioctl_client_complete(client, -1, -faults_.submit_error);
    umockdev_ioctl_data_unref(data);
    return;
  }
  UMockdevIoctlData* buffer =
      umockdev_ioctl_data_resolve(data, offsetof(usbdevfs_urb, buffer), static_cast<gsize>(urb.buffer_length), nullptr);
  umockdev_ioctl_client_complete(client, 0, 0);
  if (bulk)
    waiting_.push_back({data, buffer});
  else
    control({data, buffer});
}

void Board::control(const Urb& urb) {
  const guint8* bytes = urb.buffer->data;
  const Setup setup{bytes[0], bytes[1], static_cast<std::uint16_t>(bytes[2] | bytes[3] << 8),
                    static_cast<std::uint16_t>(bytes[4] | bytes[5] << 8), static_cast<std::uint16_t>(bytes[6] | bytes[7] << 8)};
  ++controls_;
  if (faults_.control_after > 0) {
    --faults_.control_after;
  } else if (faults_.control_count > 0) {
    --faults_.control_count;
    if (faults_.control_silent)
      silent_.push_back(urb);
    else if (faults_.control_status != 0)
      finish(urb, faults_.control_status, 0);
    if (faults_.control_silent || faults_.control_status != 0) return;
  }
  std::vector<std::uint8_t> data(bytes + 8, bytes + 8 + setup.length);
  int moved = port_->control(setup, data);
  if (moved < 0) return finish(urb, -EPIPE, 0);
  if (setup.in() && faults_.short_by > 0) moved = std::max(0, moved - faults_.short_by);
  if (setup.in() && moved > 0) umockdev_ioctl_data_update(urb.buffer, 8, data.data(), moved);
  finish(urb, 0, static_cast<std::size_t>(moved));
}

void Board::finish(const Urb& urb, int status, std::size_t length) {
  urb_of(urb.data).status = status;
  urb_of(urb.data).actual_length = static_cast<int>(length);
  finished_.push_back(urb);
  signal_writable();
}

void Board::signal_writable() {
  static const std::vector<char> kPage(4096, 'x');
  char sink[4096];
  const bool writable = !finished_.empty() || gone_;
  if (writable) {
    while (::read(fifo_, sink, sizeof sink) > 0) {
    }
  } else {
    while (::write(fifo_, kPage.data(), kPage.size()) > 0) {
    }
  }
}

void Board::reap(UMockdevIoctlClient* client) {
  if (finished_.empty()) {
    umockdev_ioctl_client_complete(client, -1, gone_ ? ENODEV : EAGAIN);
    return;
  }
  const Urb urb = finished_.front();
  finished_.pop_front();
  signal_writable();
  UMockdevIoctlData* slot = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(void*), nullptr);
  umockdev_ioctl_data_set_ptr(slot, 0, urb.data);
  umockdev_ioctl_client_complete(client, 0, 0);
  umockdev_ioctl_data_unref(slot);
  umockdev_ioctl_data_unref(urb.data);
  umockdev_ioctl_data_unref(urb.buffer);
}

void Board::discard(UMockdevIoctlClient* client) {
  gulong address = 0;
  std::memcpy(&address, umockdev_ioctl_client_get_arg(client)->data, sizeof address);
  for (auto* list : {&waiting_, &silent_}) {
    const auto found =
        std::find_if(list->begin(), list->end(), [&](const Urb& urb) { return urb.data->client_addr == address; });
    if (found == list->end()) continue;
    const Urb urb = *found;
    list->erase(found);
    finish(urb, -ENOENT, 0);
    umockdev_ioctl_client_complete(client, 0, 0);
    return;
  }
  umockdev_ioctl_client_complete(client, -1, EINVAL);
}

void Board::pump() {
  auto then = std::chrono::steady_clock::now();
  for (;;) {
    bool moved = false;
    {
      const std::lock_guard lock(mutex_);
      if (quit_) return;
      if (!waiting_.empty() && !gone_) {
        const Urb urb = waiting_.front();
        Scripted next;
        const auto size = static_cast<std::size_t>(urb_of(urb.data).buffer_length);
        if (!script_.empty()) {
          next = std::move(script_.front());
          script_.pop_front();
          moved = true;
        } else {
          const auto now = std::chrono::steady_clock::now();
          const double passed = std::chrono::duration<double, std::micro>(now - then).count();
          then = now;
          port_->advance(std::min(passed, 1000.0));  // board time passes while the stream is read
          next.bytes.resize(size);
          next.bytes.resize(port_->bulk_in(next.bytes));
          moved = !next.bytes.empty();
        }
        if (moved) {
          waiting_.pop_front();
          const auto length = std::min(next.bytes.size(), size);
          if (length > 0) umockdev_ioctl_data_update(urb.buffer, 0, next.bytes.data(), static_cast<gint>(length));
          finish(urb, next.status, length);
        }
      }
    }
    if (!moved) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

Bus::Bus() : testbed_(umockdev_testbed_new()) {}

Bus::~Bus() {
  boards_.clear();
  g_object_unref(testbed_);
}

std::shared_ptr<Board> Bus::add(std::shared_ptr<rockpool::dynapse::BoardPort> port, std::vector<std::uint8_t> descriptors,
                                const std::string& serial) {
  auto board = std::make_shared<Board>(testbed_, std::move(port), next_++, std::move(descriptors), serial);
  board->plug();
  boards_.push_back(board);
  return board;
}

std::string Bus::node(unsigned address) const {
  gchar* root = umockdev_testbed_get_root_dir(testbed_);
  const std::string path = std::string(root) + "/dev/bus/usb/001/" + three(address);
  g_free(root);
  return path;
}

}  // namespace mock
