// Adaptive exponential integrate-and-fire neurons.
#include "rockpool/aeif.h"

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "run_args.h"
#include "spiking_args.h"

namespace glue {

namespace {

// aeifPlan(inputs, units, dt, precision, capacity, conductance, deltaT, vThresh, vPeak, vReset, vRest, subthreshAdapt,
// spikeAdapt, tauAdapt, bias, refractorySteps, tauSyn0, tauSyn1, wIn, inRoute0, inRoute1, recRoute0, recRoute1, synapsesOf)
Napi::Value aeif_plan(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::AeifParameters p;
  p.inputs = static_cast<std::size_t>(args.size(0, "inputs"));
  p.units = static_cast<std::size_t>(args.size(1, "units"));
  p.dt = args.number(2, "dt");
  p.precision = choose<rockpool::Precision>(args, 3, "precision", 2);
  p.capacity = optional_array(args, 4, "capacity");
  p.conductance = optional_array(args, 5, "conductance");
  p.delta_t = optional_array(args, 6, "deltaT");
  p.v_thresh = optional_array(args, 7, "vThresh");
  p.v_peak = optional_array(args, 8, "vPeak");
  p.v_reset = optional_array(args, 9, "vReset");
  p.v_rest = optional_array(args, 10, "vRest");
  p.subthresh_adapt = optional_array(args, 11, "subthreshAdapt");
  p.spike_adapt = optional_array(args, 12, "spikeAdapt");
  p.tau_adapt = optional_array(args, 13, "tauAdapt");
  p.bias = optional_array(args, 14, "bias");
  p.refractory_steps = optional_array(args, 15, "refractory");
  p.tau_syn = {optional_array(args, 16, "tauSyn0"), optional_array(args, 17, "tauSyn1")};
  p.w_in = optional_array(args, 18, "weights");
  p.in_route = {route_of(args, 19, "inRoute0"), route_of(args, 20, "inRoute1")};
  p.rec_route = {route_of(args, 21, "recRoute0"), route_of(args, 22, "recRoute1")};
  p.synapses_of = synapses_of(args, 23);
  // A neuron costs about eight times as much as one that integrates linearly.
  p.threads = threads_for(8 * p.units, p.in_route, p.rec_route);
  return wrap_plan(info.Env(), rockpool::make_aeif_plan(p));
}

}  // namespace

void init_aeif(Napi::Object exports) {
  define<aeif_plan>(exports, "aeifPlan");
}

}  // namespace glue
