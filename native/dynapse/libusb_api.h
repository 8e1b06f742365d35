// The part of libusb 1.0's binary interface that is used, declared here because the library is loaded at run time: neither its
// headers nor the library are needed to build, and the addon loads where it is missing.
#pragma once

#include <cstdint>
#include <string>

#if defined(_WIN32)
#include <winsock2.h>
#define ROCKPOOL_LIBUSB_CALL __stdcall
#else
#include <sys/time.h>
#define ROCKPOOL_LIBUSB_CALL
#endif

namespace rockpool::dynapse::libusb {

struct Context;
struct Device;
struct Handle;

struct DeviceDescriptor {
  std::uint8_t length, type;
  std::uint16_t usb_version;
  std::uint8_t device_class, sub_class, protocol, packet_size;
  std::uint16_t vendor, product, version;
  std::uint8_t manufacturer_index, product_index, serial_index, configurations;
};
static_assert(sizeof(DeviceDescriptor) == 18);

struct Transfer {
  Handle* handle;
  std::uint8_t flags;
  unsigned char endpoint;
  unsigned char type;
  unsigned int timeout;
  int status;
  int length;
  int actual_length;
  void(ROCKPOOL_LIBUSB_CALL* callback)(Transfer*);
  void* user;
  unsigned char* buffer;
  int packets;
};

using HotplugCallback = int(ROCKPOOL_LIBUSB_CALL*)(Context*, Device*, int event, void* user);

enum TransferType : unsigned char { kControl = 0, kBulk = 2 };
enum TransferStatus : int { kCompleted, kError, kTimedOut, kCancelled, kStall, kNoDevice, kOverflow };
enum ErrorNumber : int {
  kErrorIo = -1,
  kErrorAccess = -3,
  kErrorNoDevice = -4,
  kErrorNotFound = -5,
  kErrorBusy = -6,
  kErrorTimeout = -7,
  kErrorOverflow = -8,
  kErrorPipe = -9,
  kErrorNoMemory = -11
};
enum HotplugEvent : int { kArrived = 1, kLeft = 2 };
inline constexpr std::uint32_t kHasHotplug = 1;
inline constexpr int kMatchAny = -1;

#define ROCKPOOL_LIBUSB_FUNCTIONS(F)                                                                   \
  F(int, init, (Context**))                                                                            \
  F(void, exit, (Context*))                                                                            \
  F(std::intptr_t, get_device_list, (Context*, Device***))                                             \
  F(void, free_device_list, (Device**, int))                                                           \
  F(int, get_device_descriptor, (Device*, DeviceDescriptor*))                                          \
  F(std::uint8_t, get_bus_number, (Device*))                                                           \
  F(std::uint8_t, get_device_address, (Device*))                                                       \
  F(int, open, (Device*, Handle**))                                                                    \
  F(void, close, (Handle*))                                                                            \
  F(int, get_configuration, (Handle*, int*))                                                           \
  F(int, set_configuration, (Handle*, int))                                                            \
  F(int, claim_interface, (Handle*, int))                                                              \
  F(int, release_interface, (Handle*, int))                                                            \
  F(int, clear_halt, (Handle*, unsigned char))                                                         \
  F(Transfer*, alloc_transfer, (int))                                                                  \
  F(void, free_transfer, (Transfer*))                                                                  \
  F(int, submit_transfer, (Transfer*))                                                                 \
  F(int, cancel_transfer, (Transfer*))                                                                 \
  F(int, handle_events_timeout_completed, (Context*, timeval*, int*))                                  \
  F(void, interrupt_event_handler, (Context*))                                                         \
  F(int, has_capability, (std::uint32_t))                                                              \
  F(int, hotplug_register_callback, (Context*, int, int, int, int, int, HotplugCallback, void*, int*)) \
  F(void, hotplug_deregister_callback, (Context*, int))                                                \
  F(const char*, error_name, (int))

struct Api {
// NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration
#define ROCKPOOL_LIBUSB_DECLARE(result, name, arguments) result(ROCKPOOL_LIBUSB_CALL* name) arguments = nullptr;
  ROCKPOOL_LIBUSB_FUNCTIONS(ROCKPOOL_LIBUSB_DECLARE)
#undef ROCKPOOL_LIBUSB_DECLARE
  std::string problem;  // empty when everything above is there
};

/// Loads the library on first use and keeps it. ROCKPOOL_LIBUSB names another file.
const Api& api();

}  // namespace rockpool::dynapse::libusb
