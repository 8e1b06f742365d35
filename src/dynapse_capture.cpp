// Recordings that the caller waits for, where JavaScript may not go on meanwhile.
#include <chrono>
#include <thread>

#include "dynapse_board.h"
#include "errors.h"
#include "rockpool/dynapse/capture.h"
#include "weights_result.h"

namespace glue {

namespace {

using namespace rockpool::dynapse;

/// Waits while board time passes.
void pass(const DynapseBoard& board, double speed, double microseconds) {
  if (board.model && speed == 0.0)
    board.model_bus->pass(microseconds, [&] { return board.driver->streaming(); });
  else
    std::this_thread::sleep_for(std::chrono::duration<double, std::micro>(microseconds / speed));
}

// dynapseCaptureNow(board, words, intervalBase, microseconds, resetsRead, speed): { times, addresses, origin, lost, resetsRead
// }
Napi::Value capture_now(const Napi::CallbackInfo& info) {
  const Args args(info);
  const Napi::Env env = info.Env();
  const auto board = dynapse_board(args);
  const auto words = args.array<std::uint16_t>(1, "words");
  CaptureOptions options;
  options.events = static_cast<std::uint32_t>(words.size() / 2);
  options.interval_base = small(args, 2, "intervalBase");
  options.microseconds = args.number(3, "microseconds");
  options.resets_read = args.size(4, "resetsRead");
  const double speed = args.number(5, "speed");
  if (!(speed >= 0.0) || (speed == 0.0 && !board->model))
    rockpool::throw_range("speed", "greater than 0", rockpool::to_text(speed));
  rockpool::RunControl control;
  board->driver->write_memory(0, words, control);
  const Captured captured = capture(*board->driver, options, [&](double us) { pass(*board, speed, us); });
  auto object = Napi::Object::New(env);
  object.Set("times", to_js_array(env, captured.times));
  object.Set("addresses", to_js_array(env, captured.addresses));
  object.Set("origin", js(env, captured.origin));
  object.Set("lost", js(env, captured.lost));
  object.Set("resetsRead", js(env, captured.resets_read));
  return object;
}

}  // namespace

void init_dynapse_capture(Napi::Object exports) {
  define<capture_now>(exports, "dynapseCaptureNow");
}

}  // namespace glue
