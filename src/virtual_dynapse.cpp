// Connections and mismatch of VirtualDynapse; what boards are told of connections and long stimuli.
#include "args.h"
#include "csr_args.h"
#include "errors.h"
#include "modules.h"
#include "rockpool/dynapse/connectivity.h"
#include "rockpool/dynapse/mismatch.h"
#include "rockpool/dynapse/routing.h"
#include "rockpool/dynapse/stimulus_batches.h"
#include "weights_result.h"

namespace glue {

namespace {

namespace dynapse = rockpool::dynapse;

// seed | undefined (no mismatch), factors | undefined (by the seed)
dynapse::Mismatch read_mismatch(const Args& args, std::size_t at) {
  dynapse::Mismatch mismatch;
  if (args.missing(at)) return mismatch;
  mismatch.on = true;
  mismatch.seed = args.size(at, "seed");
  if (!args.missing(at + 1))
    mismatch.factors = args.array<double>(at + 1, "mismatch", std::size_t{dynapse::kMismatchRows} * 4096);
  return mismatch;
}

// dynapseConnect(base CSR (5), block CSR (5), rows, columns: Int32Array, add): { indptr, indices, data, truncated }
Napi::Value dynapse_connect(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto env = info.Env();
  const auto made = dynapse::connect(read_csr(args), read_csr(args, 5), args.array<std::int32_t>(10, "idsPre"),
                                     args.array<std::int32_t>(11, "idsPost"), args.boolean(12, "add"));
  auto result = Napi::Object::New(env);
  result.Set("indptr", to_js_array(env, made.indptr));
  result.Set("indices", to_js_array(env, made.indices));
  result.Set("data", to_js_array(env, made.data));
  result.Set("truncated", made.truncated);
  return result;
}

// dynapseBlock(matrix CSR (5), rows, columns: Int32Array, out)
Napi::Value dynapse_block(const Napi::CallbackInfo& info) {
  const Args args(info);
  dynapse::read_block(read_csr(args), args.array<std::int32_t>(5, "idsPre"), args.array<std::int32_t>(6, "idsPost"),
                      args.array<double>(7, "out"));
  return info.Env().Undefined();
}

// dynapseCheckConnections(resolution, recurrent CSR (5), external CSR (5) | nothing): { fanIn, fanOut, aliases: Int32Array }
Napi::Value dynapse_check_connections(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto env = info.Env();
  std::optional<rockpool::CsrSpan> external;
  if (!args.missing(6)) external = read_csr(args, 6);
  const auto report = dynapse::check_connectivity(read_csr(args, 1), external, args.number(0, "weightResolution"));
  std::vector<std::int32_t> aliases;
  for (const auto& [core, name, chips] : report.aliases) aliases.insert(aliases.end(), {core, name, chips});
  auto result = Napi::Object::New(env);
  result.Set("fanIn", to_js_array(env, report.fan_in));
  result.Set("fanOut", to_js_array(env, report.fan_out));
  result.Set("aliases", to_js_array(env, aliases));
  return result;
}

// dynapseSpread(cores, row, seed | undefined, factors | undefined, out)
Napi::Value dynapse_spread(const Napi::CallbackInfo& info) {
  const Args args(info);
  dynapse::spread(args.array<double>(0, "cores"), read_mismatch(args, 2), static_cast<std::uint32_t>(args.size(1, "row")),
                  args.array<double>(4, "out"));
  return info.Env().Undefined();
}

// dynapseWeights(connections CSR (5), baseExc, baseInh, seed | undefined, factors | undefined, out)
Napi::Value dynapse_weights(const Napi::CallbackInfo& info) {
  const Args args(info);
  dynapse::connection_weights(read_csr(args), args.array<double>(5, "baseweightE"), args.array<double>(6, "baseweightI"),
                              read_mismatch(args, 7), args.array<double>(9, "out"));
  return info.Env().Undefined();
}

// dynapseMismatch(seed, firstRow, out): rows of 4096 factors
Napi::Value dynapse_mismatch(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto out = args.array<double>(2, "out");
  auto row = static_cast<std::uint32_t>(args.size(1, "row"));
  for (std::size_t at = 0; at + 4096 <= out.size(); at += 4096)
    dynapse::mismatch_factors(args.size(0, "seed"), row++, 0, out.subspan(at, 4096));
  return info.Env().Undefined();
}

// cams: Uint16Array, srams: Uint32Array (chip words)
dynapse::BoardImage read_image(const Args& args, std::size_t at) {
  dynapse::BoardImage image;
  image.cams = args.copy<std::uint16_t>(at, "cams");
  for (const std::uint32_t word : args.array<std::uint32_t>(at + 1, "srams")) {
    const dynapse::ChipWord decoded = dynapse::decode_chip_word(word);
    const auto* route = std::get_if<dynapse::SramWord>(&decoded);
    if (route == nullptr) rockpool::throw_range("srams", "words of routes", rockpool::to_text(word));
    image.srams.push_back(*route);
  }
  return image;
}

void write_image(const Args& args, std::size_t at, const dynapse::BoardImage& image) {
  std::ranges::copy(image.cams, args.array<std::uint16_t>(at, "cams", image.cams.size()).begin());
  const auto srams = args.array<std::uint32_t>(at + 1, "srams", image.srams.size());
  for (std::size_t k = 0; k < srams.size(); ++k) srams[k] = dynapse::encode(image.srams[k]);
}

// dynapseClearedImage(cams: Uint16Array, srams: Uint32Array)
Napi::Value dynapse_cleared_image(const Napi::CallbackInfo& info) {
  const Args args(info);
  write_image(args, 0, dynapse::cleared_image());
  return info.Env().Undefined();
}

// dynapsePlaceConnections(cams, srams, recurrent CSR (5), external CSR (5), excitatory, inhibitory: Uint8Array,
//                         externalExc, externalInh, camsOut, sramsOut)
Napi::Value dynapse_place_connections(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto type = [&](std::size_t i, const char* name) {
    const auto code = args.size(i, name);
    if (code > 3) rockpool::throw_range(name, "a synapse type from 0 to 3", rockpool::to_text(code));
    return static_cast<dynapse::Synapse>(code);
  };
  const dynapse::BoardConnections connections{read_csr(args, 2),
                                              read_csr(args, 7),
                                              args.array<std::uint8_t>(12, "excitatory"),
                                              args.array<std::uint8_t>(13, "inhibitory"),
                                              type(14, "externalExc"),
                                              type(15, "externalInh")};
  write_image(args, 16, dynapse::place_connections(read_image(args, 0), connections));
  return info.Env().Undefined();
}

// dynapseImageWords(camsBefore, sramsBefore, camsAfter, sramsAfter, chip): Uint32Array
Napi::Value dynapse_image_words(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto words =
      dynapse::image_words(read_image(args, 0), read_image(args, 2), static_cast<unsigned>(args.size(4, "chip")));
  return to_js_array(info.Env(), words);
}

// dynapsePlanBatches(steps, total, trials, maxSteps, maxEvents, maxTrials): Float64Array of first and end step, first and end
// event, for each batch
Napi::Value dynapse_plan_batches(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto batches =
      dynapse::plan_batches(args.array<double>(0, "steps"), args.size(1, "total"), args.array<double>(2, "trials"),
                            {args.size(3, "maxNumTimesteps"), args.size(4, "maxNumEventsBatch"), args.size(5, "maxNumTrials")});
  std::vector<double> numbers;
  for (const auto& [first_step, end_step, first_event, end_event] : batches)
    for (const auto number : {first_step, end_step, std::uint64_t{first_event}, std::uint64_t{end_event}})
      numbers.push_back(static_cast<double>(number));
  return to_js_array(info.Env(), numbers);
}

}  // namespace

void init_virtual_dynapse(Napi::Object exports) {
  define<dynapse_connect>(exports, "dynapseConnect");
  define<dynapse_check_connections>(exports, "dynapseCheckConnections");
  define<dynapse_block>(exports, "dynapseBlock");
  define<dynapse_spread>(exports, "dynapseSpread");
  define<dynapse_weights>(exports, "dynapseWeights");
  define<dynapse_mismatch>(exports, "dynapseMismatch");
  define<dynapse_cleared_image>(exports, "dynapseClearedImage");
  define<dynapse_place_connections>(exports, "dynapsePlaceConnections");
  define<dynapse_image_words>(exports, "dynapseImageWords");
  define<dynapse_plan_batches>(exports, "dynapsePlanBatches");
}

}  // namespace glue
