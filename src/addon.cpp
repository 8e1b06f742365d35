#include "environment.h"
#include "errors.h"
#include "modules.h"
#include "napi_setup.h"
#include "rockpool/simd.h"
#include "task.h"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new glue::Environment());
  try {
    rockpool::simd::active_target();  // a wrong ROCKPOOL_SIMD is an error of loading, not of the first call
  } catch (...) {
    napi_throw(env, glue::to_js_error(env, std::current_exception()));
    return exports;
  }
  glue::init_tasks(env);
  glue::init_base(exports);
  glue::init_rate(exports);
  glue::init_spiking(exports);
  glue::init_iaf(exports);
  glue::init_aeif(exports);
  glue::init_limits(exports);
  glue::init_io(exports);
  glue::init_csv(exports);
  glue::init_aedat(exports);
  glue::init_mel(exports);
  glue::init_ridge(exports);
  glue::init_events(exports);
  glue::init_continuous(exports);
  glue::init_times(exports);
  glue::init_layers(exports);
  glue::init_lif(exports);
  glue::init_exp_synapse(exports);
  glue::init_logistic(exports);
  glue::init_sparse(exports);
  glue::init_matrices(exports);
  glue::init_adjoints(exports);
  glue::init_lif_adjoint(exports);
  glue::init_nir(exports);
  glue::init_neuron_modules(exports);
  glue::init_signal_modules(exports);
  glue::init_rate_adjoint(exports);
  glue::init_signal_adjoint(exports);
  glue::init_filter_adjoint(exports);
  glue::init_up_down(exports);
  glue::init_filters(exports);
  glue::init_fast_slow(exports);
  glue::init_tempotron(exports);
  glue::init_balanced(exports);
  glue::init_constant_leak(exports);
  glue::init_digital(exports);
  glue::init_losses(exports);
  glue::init_optimisers(exports);
  glue::init_parameter_transforms(exports);
  glue::init_plot(exports);
  glue::init_weights(exports);
  glue::init_weights_hardware(exports);
  glue::init_virtual_dynapse(exports);
  glue::init_dynapse(exports);
  glue::init_dynapse_words(exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(rockpool, init)
