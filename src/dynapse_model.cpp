// The board model behind a handle: what a board does not let one do.
#include "dynapse_board.h"
#include "errors.h"

namespace glue {

namespace {

using namespace rockpool::dynapse;

std::shared_ptr<DynapseBoard> modelled(const Args& args) {
  auto board = dynapse_board(args);
  if (board->model == nullptr)
    throw rockpool::Error(rockpool::ErrorKind::kState, "ERR_STATE", "this is a board: only the board model can do that");
  return board;
}

unsigned neuron_of(const Args& args, std::size_t i) {
  const auto neuron = args.size(i, "neuron");
  if (neuron >= kBoardNeurons) rockpool::throw_range("neuron", "0 to 4095", rockpool::to_text(neuron));
  return static_cast<unsigned>(neuron);
}

// dynapseModelFire(board, neuron)
Napi::Value fire(const Napi::CallbackInfo& info) {
  const Args args(info);
  modelled(args)->model->with([neuron = neuron_of(args, 1)](BoardModel& model) { model.fire(neuron); });
  return info.Env().Undefined();
}

// dynapseModelFailHandshakes(board, words)
Napi::Value fail_handshakes(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto words = args.size(1, "words");
  modelled(args)->model->with([words](BoardModel& model) { model.fail_handshakes(static_cast<std::uint32_t>(words)); });
  return info.Env().Undefined();
}

// dynapseModelTestStream(board, perMicrosecond, microseconds)
Napi::Value test_stream(const Napi::CallbackInfo& info) {
  const Args args(info);
  TestStream stream;
  const auto rate = args.size(1, "perMicrosecond");
  if (rate < 1 || rate > 1000) rockpool::throw_range("perMicrosecond", "1 to 1000", rockpool::to_text(rate));
  stream.per_microsecond = static_cast<std::uint32_t>(rate);
  stream.microseconds = args.size(2, "microseconds");
  modelled(args)->model->with([stream](BoardModel& model) { model.start_test_stream(stream); });
  return info.Env().Undefined();
}

// dynapseModelAdvance(board, microseconds)
Napi::Value advance(const Napi::CallbackInfo& info) {
  const Args args(info);
  const double microseconds = args.number(1, "microseconds");
  if (!(microseconds >= 0.0 && microseconds <= 1e12))
    rockpool::throw_range("microseconds", "0 to 1e12", rockpool::to_text(microseconds));
  return dynapse_job(
      args, args.count(),
      [board = modelled(args), microseconds](rockpool::RunControl& control) {
        board->model_bus->pass(microseconds, [&] {
          control.advance(0);
          return board->driver->streaming();
        });
        return true;
      },
      [](Napi::Env env, bool) -> Napi::Value { return env.Undefined(); });
}

// dynapseModelPlug(board, plugged)
Napi::Value plug(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto board = modelled(args);
  if (args.boolean(1, "plugged"))
    board->model_bus->plug(board_identity(), board->model->with([](BoardModel& model) { return model.options().serial; }),
                           board->model);
  else
    board->model_bus->unplug(board_identity());
  return info.Env().Undefined();
}

// dynapseModelReopen(board): job of a handle
Napi::Value reopen(const Napi::CallbackInfo& info) {
  const Args args(info);
  return dynapse_job(
      args, args.count(),
      [board = modelled(args)](rockpool::RunControl&) {
        DynapseBoard again = *board;
        again.driver = Driver::open(board->model_bus, board->driver->options());
        return again;
      },
      [](Napi::Env env, const DynapseBoard& board) { return give_dynapse_board(env, board); });
}

// dynapseModelCounters(board): an object
Napi::Value counters(const Napi::CallbackInfo& info) {
  const Args args(info);
  const Napi::Env env = info.Env();
  const auto board = modelled(args);
  const auto counters = board->model->with([](BoardModel& model) { return model.counters(); });
  auto object = Napi::Object::New(env);
  object.Set("chipWords", js(env, counters.chip_words));
  object.Set("lostChipWords", js(env, counters.lost_chip_words));
  object.Set("neuronSpikes", js(env, counters.neuron_spikes));
  object.Set("generatorEvents", js(env, counters.generator_events));
  object.Set("synapticEvents", js(env, counters.synaptic_events));
  object.Set("offBoard", js(env, counters.off_board));
  object.Set("usbSpikes", js(env, counters.usb_spikes));
  object.Set("microseconds", js(env, board->model->with([](BoardModel& model) { return model.microseconds(); })));
  return object;
}

// dynapseModelWords(board, neuron, cams, srams): the chip words that a neuron's memory holds
Napi::Value words(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto cams = args.array<std::uint32_t>(2, "cams", kCams);
  const auto srams = args.array<std::uint32_t>(3, "srams", kSrams);
  modelled(args)->model->with([&, neuron = neuron_of(args, 1)](BoardModel& model) {
    for (unsigned i = 0; i < kCams; ++i) cams[i] = encode(model.cam(neuron, i));
    for (unsigned i = 0; i < kSrams; ++i) srams[i] = encode(model.sram(neuron, i));
  });
  return info.Env().Undefined();
}

}  // namespace

void init_dynapse_model(Napi::Object exports) {
  define<fire>(exports, "dynapseModelFire");
  define<fail_handshakes>(exports, "dynapseModelFailHandshakes");
  define<test_stream>(exports, "dynapseModelTestStream");
  define<advance>(exports, "dynapseModelAdvance");
  define<plug>(exports, "dynapseModelPlug");
  define<reopen>(exports, "dynapseModelReopen");
  define<counters>(exports, "dynapseModelCounters");
  define<words>(exports, "dynapseModelWords");
}

}  // namespace glue
