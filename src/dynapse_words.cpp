// Chip words and trains from arrays of their fields.
#include "args.h"
#include "errors.h"
#include "modules.h"
#include "rockpool/dynapse/protocol.h"
#include "rockpool/dynapse/train.h"
#include "run_results.h"

namespace glue {

namespace {

using namespace rockpool::dynapse;

/// Fields of words: one value for each word, or one for all.
class Field {
 public:
  Field(const Args& args, std::size_t i, const char* name, std::size_t words, std::uint32_t max)
      : values_(args.array<std::uint32_t>(i, name)) {
    if (values_.size() != words && values_.size() != 1)
      rockpool::throw_shape(name, rockpool::to_text(words) + " elements long or one for all",
                            rockpool::to_text(values_.size()) + " elements");
    for (const auto value : values_)
      if (value > max) rockpool::throw_range(name, "0 to " + rockpool::to_text(max), rockpool::to_text(value));
  }
  std::uint32_t operator[](std::size_t i) const { return values_.size() == 1 ? values_[0] : values_[i]; }

 private:
  std::span<const std::uint32_t> values_;
};

// dynapseCamWords(sources, neurons, cams, types, out)
Napi::Value cam_words(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto out = args.array<std::uint32_t>(4, "out");
  const Field sources(args, 0, "sources", out.size(), kChipNeurons - 1),
      neurons(args, 1, "neurons", out.size(), kChipNeurons - 1);
  const Field cams(args, 2, "cams", out.size(), kCams - 1), types(args, 3, "types", out.size(), 3);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = encode(CamWord{static_cast<std::uint16_t>(sources[i]), static_cast<std::uint16_t>(neurons[i]),
                            static_cast<std::uint8_t>(cams[i]), static_cast<Synapse>(types[i])});
  return info.Env().Undefined();
}

// dynapseRouteWords(fromChip, neurons, cells, virtualCores, toChips, cores, out)
Napi::Value route_words(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto chip = static_cast<unsigned>(std::min<std::uint64_t>(args.size(0, "fromChip"), kChips));
  const auto out = args.array<std::uint32_t>(6, "out");
  const Field neurons(args, 1, "neurons", out.size(), kChipNeurons - 1), cells(args, 2, "cells", out.size(), kSrams - 1);
  const Field virtual_cores(args, 3, "virtualCores", out.size(), kCores - 1), to(args, 4, "toChips", out.size(), kChips - 1);
  const Field cores(args, 5, "cores", out.size(), 15);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = encode(route(chip, static_cast<std::uint16_t>(neurons[i]), static_cast<std::uint8_t>(cells[i]),
                          static_cast<std::uint8_t>(virtual_cores[i]), to[i], static_cast<std::uint8_t>(cores[i])));
  return info.Env().Undefined();
}

// dynapseMonitorWords(chip, neurons, out)
Napi::Value monitor_words(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto chip = static_cast<unsigned>(std::min<std::uint64_t>(args.size(0, "chip"), kChips));
  const auto out = args.array<std::uint32_t>(2, "out");
  const Field neurons(args, 1, "neurons", out.size(), kChipNeurons - 1);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = encode(monitor_route(chip, static_cast<std::uint16_t>(neurons[i])));
  return info.Env().Undefined();
}

// dynapseBiasWords(addresses, coarse, fine, flags, out)
Napi::Value bias_word_list(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto out = args.array<std::uint32_t>(4, "out");
  const Field addresses(args, 0, "addresses", out.size(), 127), coarse(args, 1, "coarse", out.size(), 7);
  const Field fine(args, 2, "fine", out.size(), 255), flags(args, 3, "flags", out.size(), 15);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = encode(BiasWord{static_cast<std::uint8_t>(addresses[i]), static_cast<std::uint8_t>(coarse[i]),
                             static_cast<std::uint8_t>(fine[i]), (flags[i] & 8) != 0, (flags[i] & 4) != 0, (flags[i] & 2) != 0,
                             (flags[i] & 1) != 0});
  return info.Env().Undefined();
}

// dynapseControlWord(kind, core, neuron): number
Napi::Value control_word(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto kind = args.size(0, "kind"), core = args.size(1, "core"), neuron = args.size(2, "neuron");
  if (kind > 4) rockpool::throw_range("kind", "0 to 4", rockpool::to_text(kind));
  if (core >= kCores) rockpool::throw_range("core", "0 to 3", rockpool::to_text(core));
  if (neuron >= kCoreNeurons) rockpool::throw_range("neuron", "0 to 255", rockpool::to_text(neuron));
  return Napi::Number::New(info.Env(), encode(ControlWord{static_cast<ControlKind>(kind), static_cast<std::uint8_t>(core),
                                                          static_cast<std::uint8_t>(neuron)}));
}

// dynapseBiases(): an array of { name, address, nType, coarse, fine, high }
Napi::Value biases(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto list = Napi::Array::New(env, kBiasesPerCore);
  std::uint32_t i = 0;
  for (const auto& bias : core_biases()) {
    auto object = Napi::Object::New(env);
    object.Set("name", Napi::String::New(env, std::string(bias.name)));
    auto addresses = Napi::Array::New(env, kCores);
    for (unsigned core = 0; core < kCores; ++core) addresses.Set(core, Napi::Number::New(env, bias_address(bias, core)));
    object.Set("addresses", addresses);
    object.Set("nType", Napi::Boolean::New(env, bias.n_type));
    object.Set("coarse", Napi::Number::New(env, bias.low_power_coarse));
    object.Set("fine", Napi::Number::New(env, bias.low_power_fine));
    object.Set("high", Napi::Boolean::New(env, bias.low_power_high));
    list.Set(i++, object);
  }
  return list;
}

// dynapseTrainWords(intervals, sources, cores, chips): Uint16Array
Napi::Value train(const Napi::CallbackInfo& info) {
  const Args args(info);
  return give(info.Env(), train_words({args.array<double>(0, "intervals"), args.array<std::uint32_t>(1, "sources"),
                                       args.array<std::uint32_t>(2, "cores"), args.array<std::uint32_t>(3, "chips")}));
}

}  // namespace

void init_dynapse_words(Napi::Object exports) {
  define<cam_words>(exports, "dynapseCamWords");
  define<route_words>(exports, "dynapseRouteWords");
  define<monitor_words>(exports, "dynapseMonitorWords");
  define<bias_word_list>(exports, "dynapseBiasWords");
  define<control_word>(exports, "dynapseControlWord");
  define<biases>(exports, "dynapseBiases");
  define<train>(exports, "dynapseTrainWords");
}

}  // namespace glue
