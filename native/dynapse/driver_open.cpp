// Finding and opening boards.
#include <algorithm>
#include <cstdio>

#include "dynapse/driver_errors.h"
#include "rockpool/dynapse/driver.h"

namespace rockpool::dynapse {

namespace {

constexpr std::chrono::milliseconds kLookTimeout{300};  // of a list of what is there

bool is_board(const DeviceInfo& device) {
  return device.vendor == kVendorId && device.product == kProductId;
}

std::string at(const DeviceInfo& device) {
  return "bus " + to_text(static_cast<unsigned>(device.bus)) + ", address " + to_text(static_cast<unsigned>(device.address));
}

[[noreturn]] void fail_open(Status status, const DeviceInfo& device, const char* doing) {
  const std::string where = "the DYNAP-SE1 board at " + at(device);
  switch (status) {
    case Status::kAccess:
      throw device_error("ERR_DEVICE_ACCESS",
                         "no permission to open " + where +
                             "; on Linux a udev rule gives it: SUBSYSTEM==\"usb\", ATTR{idVendor}==\"152a\", "
                             "ATTR{idProduct}==\"84[0-1]?\", MODE=\"0666\", GROUP=\"video\", TAG+=\"uaccess\", in a file of "
                             "/etc/udev/rules.d whose name begins with 65 (then plug the board in again)");
    case Status::kBusy: throw device_error("ERR_DEVICE_BUSY", "another program uses " + where + "; end it first");
    case Status::kNoDevice: throw device_error("ERR_DEVICE_LOST", where + " was unplugged while it was opened");
    case Status::kTimeout: throw device_error("ERR_DEVICE_TIMEOUT", where + " did not answer in time while " + doing);
    default: throw device_error("ERR_DEVICE_IO", std::string(doing) + " failed on " + where + ": " + status_name(status));
  }
}

std::string serial_of(Connection& connection, const DeviceInfo& device) {
  if (device.serial_index == 0) {
    char text[16];
    std::snprintf(text, sizeof text, "TMP%05u", static_cast<unsigned>(device.bus) * 256U + device.address);
    return text;
  }
  std::string serial;
  const Status status = connection.string(device.serial_index, serial);
  if (status != Status::kOk) fail_open(status, device, "reading the serial number");
  if (serial.size() > kSerialLength)
    throw device_error("ERR_DEVICE_IO", "the board at " + at(device) + " has a serial number of " + to_text(serial.size()) +
                                            " characters; at most 8 are known");
  return serial;
}

std::uint32_t read_info(Connection& connection, const DeviceInfo& device, std::uint8_t module, std::uint8_t parameter,
                        std::chrono::milliseconds timeout) {
  std::array<std::uint8_t, 4> data{};
  const auto moved = connection.control(read_register_setup(module, parameter), data, timeout);
  if (moved.status != Status::kOk) fail_open(moved.status, device, "reading what the board is");
  if (moved.length != data.size())
    throw device_error("ERR_DEVICE_IO", "the board at " + at(device) + " answered a register with " + to_text(moved.length) +
                                            " bytes instead of 4");
  return decode_value(data);
}

void check_firmware(const BoardInfo& info) {
  if (info.firmware >= kFirmwareVersion) return;
  throw device_error("ERR_DEVICE_FIRMWARE", "the board at " + at(info.device) + " has firmware " + to_text(info.firmware) +
                                                "; at least " + to_text(kFirmwareVersion) + " is needed");
}

void check_logic(const BoardInfo& info, bool any_newer) {
  if (info.logic == kLogicVersion || (any_newer && info.logic > kLogicVersion)) return;
  throw device_error(
      "ERR_DEVICE_LOGIC",
      "the board at " + at(info.device) + " has logic " + to_text(info.logic) + "; " + to_text(kLogicVersion) +
          (info.logic > kLogicVersion ? " is what this library knows (anyLogic tries all the same)" : " is needed"));
}

struct Opened {
  std::unique_ptr<Connection> connection;
  BoardInfo info;
};

Opened open_one(Transport& transport, const DeviceInfo& device, const DriverOptions& options, bool& other) {
  Opened opened;
  opened.info.device = device;
  opened.info.firmware = device.bcd_device & 0xFF;
  auto got = transport.open(device);
  if (got.status != Status::kOk) fail_open(got.status, device, "opening");
  opened.connection = std::move(got.connection);
  auto& connection = *opened.connection;
  opened.info.serial = serial_of(connection, device);
  other = options.serial && opened.info.serial != options.serial->substr(0, kSerialLength);
  if (other) return opened;
  if (const Status status = connection.claim(); status != Status::kOk) fail_open(status, device, "claiming the interface");
  check_firmware(opened.info);
  const auto read = [&](std::uint8_t module, std::uint8_t parameter) {
    return read_info(connection, device, module, parameter, options.control_timeout);
  };
  opened.info.logic = read(module::kSysinfo, sysinfo::kLogicVersion);
  check_logic(opened.info, options.any_logic);
  opened.info.is_master = read(module::kSysinfo, sysinfo::kIsMaster) != 0;
  opened.info.logic_clock_mhz = read(module::kSysinfo, sysinfo::kLogicClock);
  opened.info.chip_identifier = read(module::kSysinfo, sysinfo::kChipIdentifier);
  opened.info.has_aer_statistics = read(module::kAer, aer::kHasStatistics) != 0;
  opened.info.has_mux_statistics = read(module::kMux, mux::kHasStatistics) != 0;
  return opened;
}

[[noreturn]] void none_found(const DriverOptions& options, std::size_t blank, const std::string& seen) {
  std::string text = "no DYNAP-SE1 board ";
  if (options.serial) text += "with serial number " + *options.serial + " ";
  if (options.bus) text += "on bus " + to_text(*options.bus) + " ";
  if (options.address) text += "at address " + to_text(*options.address) + " ";
  text += "is plugged in";
  if (!seen.empty()) text += " (there is: " + seen + ")";
  if (blank > 0) text += "; a Cypress controller without firmware is (04b4:8613): it may be a board that has lost its firmware";
  throw device_error("ERR_NO_DEVICE", text);
}

}  // namespace

std::vector<FoundBoard> find_boards(Transport& transport) {
  std::vector<FoundBoard> found;
  for (const auto& device : transport.devices()) {
    FoundBoard board;
    board.device = device;
    board.firmware = device.bcd_device & 0xFF;
    try {
      if (!is_board(device))
        throw device_error("ERR_DEVICE_FIRMWARE", "a controller without firmware at " + at(device) + "; it may be a board");
      auto opened = transport.open(device);
      if (opened.status != Status::kOk) fail_open(opened.status, device, "opening");
      board.serial = serial_of(*opened.connection, device);
      if (const Status status = opened.connection->claim(); status != Status::kOk)
        fail_open(status, device, "claiming the interface");
      BoardInfo info;
      info.device = device;
      info.firmware = board.firmware;
      check_firmware(info);
      info.logic = board.logic = read_info(*opened.connection, device, module::kSysinfo, sysinfo::kLogicVersion, kLookTimeout);
      check_logic(info, false);
    } catch (const Error& error) {
      board.problem_code = error.code();
      board.problem = error.what();
    }
    found.push_back(std::move(board));
  }
  return found;
}

std::shared_ptr<Driver> Driver::open(std::shared_ptr<Transport> transport, const DriverOptions& options) {
  std::size_t blank = 0;
  std::string seen;
  std::optional<Error> error;
  for (const auto& device : transport->devices()) {
    if (!is_board(device)) {
      ++blank;
      continue;
    }
    if ((options.bus && *options.bus != device.bus) || (options.address && *options.address != device.address)) {
      seen += (seen.empty() ? "" : "; ") + at(device);
      continue;
    }
    try {
      bool other = false;
      auto opened = open_one(*transport, device, options, other);
      if (other) {
        seen += (seen.empty() ? "" : "; ") + opened.info.serial;
        continue;
      }
      auto driver = std::shared_ptr<Driver>(
          new Driver(std::move(transport), std::move(opened.connection), options, std::move(opened.info)));
      return driver;
    } catch (const Error& e) {
      error = e;  // the next candidate may do
    }
  }
  if (error) throw Error(*error);
  none_found(options, blank, seen);
}

}  // namespace rockpool::dynapse
