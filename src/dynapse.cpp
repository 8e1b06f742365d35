// Boards: finding, opening, closing, configuring. See lib/devices/dynapse/native.ts for the meaning of the arguments.
#include "dynapse_board.h"
#include "errors.h"
#include "modules.h"
#include "run_results.h"

namespace glue {

namespace {

using namespace rockpool::dynapse;
using rockpool::RunControl;

/// Boards that are open, to be switched off when the process exits without any finalizer running.
class OpenBoards {
 public:
  void add(const std::shared_ptr<Driver>& driver) {
    const std::lock_guard lock(mutex_);
    std::erase_if(drivers_, [](const auto& weak) { return weak.expired(); });
    drivers_.push_back(driver);
  }
  ~OpenBoards() {
    std::vector<std::weak_ptr<Driver>> drivers;
    {
      const std::lock_guard lock(mutex_);
      drivers = std::move(drivers_);
    }
    for (const auto& weak : drivers)
      if (const auto driver = weak.lock()) driver->close();
    await_waiting_jobs(std::chrono::seconds(1));
  }

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<Driver>> drivers_;
};

OpenBoards open_boards;

std::chrono::milliseconds milliseconds(const Args& args, std::size_t i, const char* name) {
  const double ms = args.number(i, name);
  if (!(ms >= 0.0 && ms <= 3.6e6)) rockpool::throw_range(name, "0 to 3600000 ms", rockpool::to_text(ms));
  return std::chrono::milliseconds(static_cast<std::int64_t>(ms));
}

std::uint8_t byte(const Args& args, std::size_t i, const char* name) {
  const auto value = args.size(i, name);
  if (value > 255) rockpool::throw_range(name, "0 to 255", rockpool::to_text(value));
  return static_cast<std::uint8_t>(value);
}

std::size_t queue_size(const Args& args, std::size_t i) {
  const auto events = args.size(i, "queueEvents");
  if (events < 1 || events > (std::uint64_t{1} << 28))
    rockpool::throw_range("queueEvents", "1 to 2^28", rockpool::to_text(events));
  return static_cast<std::size_t>(events);
}

// dynapseUsbProblem(): ''
Napi::Value usb_problem(const Napi::CallbackInfo& info) {
  return js(info.Env(), libusb_problem());
}

// dynapseDevices(): job of an array of objects
Napi::Value devices(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto give = [](Napi::Env env, const std::vector<FoundBoard>& found) -> Napi::Value {
    auto list = Napi::Array::New(env, found.size());
    for (std::uint32_t i = 0; i < found.size(); ++i) {
      const auto& board = found[i];
      auto object = Napi::Object::New(env);
      object.Set("bus", js(env, unsigned{board.device.bus}));
      object.Set("address", js(env, unsigned{board.device.address}));
      object.Set("blank", js(env, board.device.vendor != kVendorId));
      object.Set("serial", js(env, board.serial));
      object.Set("firmware", js(env, board.firmware));
      object.Set("logic", js(env, unsigned{board.logic}));
      object.Set("problemCode", js(env, board.problem_code));
      object.Set("problem", js(env, board.problem));
      list.Set(i, object);
    }
    return list;
  };
  return dynapse_job(
      args, 0, [](RunControl&) { return find_boards(*open_libusb()); }, give);
}

// dynapseOpen(serial, bus, address, anyLogic, queueEvents, settleMs): job of a handle
Napi::Value open_board(const Napi::CallbackInfo& info) {
  const Args args(info);
  DriverOptions options;
  if (!args.missing(0)) options.serial = args.string(0, "serial");
  if (!args.missing(1)) options.bus = small(args, 1, "bus");
  if (!args.missing(2)) options.address = small(args, 2, "address");
  options.any_logic = args.boolean(3, "anyLogic");
  options.queue_events = queue_size(args, 4);
  options.settle_time = milliseconds(args, 5, "settleMs");
  return dynapse_job(
      args, args.count(),
      [options](RunControl&) {
        return DynapseBoard{Driver::open(open_libusb(), options), nullptr, nullptr};
      },
      give_dynapse_board);
}

// dynapseOpenModel(seed, mismatch, neuronStep, fifoWords, speed, serial, queueEvents, settleMs): job of a handle
Napi::Value open_model(const Napi::CallbackInfo& info) {
  const Args args(info);
  BoardOptions model;
  model.seed = args.size(0, "seed");
  model.mismatch = args.boolean(1, "mismatch");
  model.neuron_step = args.number(2, "neuronStep");
  model.fifo_words = static_cast<std::size_t>(args.size(3, "fifoWords"));
  const double speed = args.number(4, "speed");
  if (!(speed >= 0.0 && speed <= 1e6)) rockpool::throw_range("speed", "0 to 1000000", rockpool::to_text(speed));
  model.serial = args.string(5, "serial");
  DriverOptions options;
  options.queue_events = queue_size(args, 6);
  options.settle_time = milliseconds(args, 7, "settleMs");
  const auto work = [model, options, speed](RunControl&) {
    DynapseBoard board;
    board.model = std::make_shared<SharedModel>(model);
    board.model_bus = LocalTransport::create(speed);
    board.model_bus->plug(board_identity(), model.serial, board.model);
    board.driver = Driver::open(board.model_bus, options);
    return board;
  };
  return dynapse_job(args, args.count(), work, give_dynapse_board);
}

// dynapseInfo(board): an object
Napi::Value board_info(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto board = dynapse_board(args);
  const auto& what = board->driver->info();
  const Napi::Env env = info.Env();
  auto object = Napi::Object::New(env);
  object.Set("serial", js(env, what.serial));
  object.Set("bus", js(env, unsigned{what.device.bus}));
  object.Set("address", js(env, unsigned{what.device.address}));
  object.Set("firmware", js(env, what.firmware));
  object.Set("logic", js(env, unsigned{what.logic}));
  object.Set("chipIdentifier", js(env, unsigned{what.chip_identifier}));
  object.Set("logicClockMHz", js(env, unsigned{what.logic_clock_mhz}));
  object.Set("isMaster", js(env, what.is_master));
  object.Set("model", js(env, board->model != nullptr));
  object.Set("closed", js(env, board->driver->closed()));
  object.Set("lost", js(env, board->driver->lost()));
  object.Set("streaming", js(env, board->driver->streaming()));
  return object;
}

// dynapseClose(board)
Napi::Value close_board(const Napi::CallbackInfo& info) {
  return dynapse_command(Args(info), info.Length(), [](Driver& driver, RunControl&) { driver.close(); });
}

// dynapseConfigure(board, onProgress)
Napi::Value configure(const Napi::CallbackInfo& info) {
  return dynapse_command(Args(info), 1, [](Driver& driver, RunControl& control) { driver.configure(control); });
}

// dynapseWriteChip(board, chip, words, onProgress)
Napi::Value write_chip(const Napi::CallbackInfo& info) {
  const Args args(info);
  return dynapse_command(args, 3,
                         [chip = small(args, 1, "chip"), words = args.copy<std::uint32_t>(2, "words")](
                             Driver& driver, RunControl& control) { driver.write_chip(chip, words, control); });
}

// dynapseClearCams(board, chip, onProgress)
Napi::Value clear_cams(const Napi::CallbackInfo& info) {
  const Args args(info);
  return dynapse_command(
      args, 2, [chip = small(args, 1, "chip")](Driver& driver, RunControl& control) { driver.clear_cams(chip, control); });
}

// dynapseClearSrams(board, chip, monitor, onProgress)
Napi::Value clear_srams(const Napi::CallbackInfo& info) {
  const Args args(info);
  return dynapse_command(
      args, 3, [chip = small(args, 1, "chip"), monitor = args.boolean(2, "monitor")](Driver& driver, RunControl& control) {
        driver.clear_srams(chip, monitor, control);
      });
}

// dynapseChipKnown(board, chip)
Napi::Value chip_known(const Napi::CallbackInfo& info) {
  const Args args(info);
  return js(info.Env(), dynapse_board(args)->driver->chip_known(small(args, 1, "chip")));
}

// dynapseReadRegister(board, module, parameter)
Napi::Value read_register(const Napi::CallbackInfo& info) {
  const Args args(info);
  return dynapse_job(
      args, args.count(),
      [board = dynapse_board(args), module = byte(args, 1, "module"), parameter = byte(args, 2, "parameter")](RunControl&) {
        return board->driver->read_register(module, parameter);
      },
      [](Napi::Env env, std::uint32_t value) { return js(env, unsigned{value}); });
}

// dynapseWriteRegister(board, module, parameter, value)
Napi::Value write_register(const Napi::CallbackInfo& info) {
  const Args args(info);
  return dynapse_command(
      args, args.count(),
      [module = byte(args, 1, "module"), parameter = byte(args, 2, "parameter"), value = small(args, 3, "value")](
          Driver& driver, RunControl&) { driver.write_register(module, parameter, value); });
}

}  // namespace

Napi::Value give_dynapse_board(Napi::Env env, const DynapseBoard& board) {
  open_boards.add(board.driver);
  return wrap_handle(env, std::make_shared<DynapseBoard>(board), kDynapseTag);
}

void init_dynapse(Napi::Object exports) {
  define<usb_problem>(exports, "dynapseUsbProblem");
  define<devices>(exports, "dynapseDevices");
  define<open_board>(exports, "dynapseOpen");
  define<open_model>(exports, "dynapseOpenModel");
  define<board_info>(exports, "dynapseInfo");
  define<close_board>(exports, "dynapseClose");
  define<configure>(exports, "dynapseConfigure");
  define<write_chip>(exports, "dynapseWriteChip");
  define<clear_cams>(exports, "dynapseClearCams");
  define<clear_srams>(exports, "dynapseClearSrams");
  define<chip_known>(exports, "dynapseChipKnown");
  define<read_register>(exports, "dynapseReadRegister");
  define<write_register>(exports, "dynapseWriteRegister");
  init_dynapse_stream(exports);
  init_dynapse_model(exports);
  init_dynapse_events(exports);
  init_dynapse_capture(exports);
  init_dynapse_watch(exports);
}

}  // namespace glue
