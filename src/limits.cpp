// What the machine allows spiking networks; for benchmarks.
#include "rockpool/limits.h"

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "run_args.h"

namespace glue {

namespace {

// neuronUpdateLimit(units, precision, seconds): seconds for one
Napi::Value neuron_update(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), rockpool::neuron_update_limit(static_cast<std::size_t>(args.size(0, "units")),
                                                                     choose<rockpool::Precision>(args, 1, "precision", 2),
                                                                     args.number(2, "seconds")));
}

// synapticEventLimit(units, synapses, rows, precision, seconds): seconds for one
Napi::Value synaptic_event(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), rockpool::synaptic_event_limit(
                                           static_cast<std::size_t>(args.size(0, "units")), args.size(1, "synapses"),
                                           static_cast<std::size_t>(args.size(2, "rows")),
                                           choose<rockpool::Precision>(args, 3, "precision", 2), args.number(4, "seconds")));
}

// poissonDrawLimit(units, precision, seconds): seconds for one
Napi::Value poisson_draw(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), rockpool::poisson_draw_limit(static_cast<std::size_t>(args.size(0, "units")),
                                                                    choose<rockpool::Precision>(args, 1, "precision", 2),
                                                                    args.number(2, "seconds")));
}

}  // namespace

void init_limits(Napi::Object exports) {
  define<neuron_update>(exports, "neuronUpdateLimit");
  define<synaptic_event>(exports, "synapticEventLimit");
  define<poisson_draw>(exports, "poissonDrawLimit");
}

}  // namespace glue
