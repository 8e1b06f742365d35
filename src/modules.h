// One init function per file of the glue.
#pragma once

#include "napi_setup.h"

namespace glue {

void init_base(Napi::Object exports);
void init_rate(Napi::Object exports);
void init_rate_adjoint(Napi::Object exports);
void init_spiking(Napi::Object exports);
void init_iaf(Napi::Object exports);
void init_aeif(Napi::Object exports);
void init_limits(Napi::Object exports);
void init_io(Napi::Object exports);
void init_csv(Napi::Object exports);
void init_aedat(Napi::Object exports);
void init_mel(Napi::Object exports);
void init_ridge(Napi::Object exports);
void init_events(Napi::Object exports);
void init_continuous(Napi::Object exports);
void init_times(Napi::Object exports);
void init_layers(Napi::Object exports);
void init_lif(Napi::Object exports);
void init_exp_synapse(Napi::Object exports);
void init_logistic(Napi::Object exports);
void init_sparse(Napi::Object exports);
void init_matrices(Napi::Object exports);
void init_adjoints(Napi::Object exports);
void init_lif_adjoint(Napi::Object exports);
void init_nir(Napi::Object exports);
void init_neuron_modules(Napi::Object exports);
void init_signal_adjoint(Napi::Object exports);
void init_signal_modules(Napi::Object exports);
void init_up_down(Napi::Object exports);
void init_filter_adjoint(Napi::Object exports);
void init_filters(Napi::Object exports);
void init_fast_slow(Napi::Object exports);
void init_tempotron(Napi::Object exports);
void init_balanced(Napi::Object exports);
void init_constant_leak(Napi::Object exports);
void init_digital(Napi::Object exports);
void init_losses(Napi::Object exports);
void init_optimisers(Napi::Object exports);
void init_parameter_transforms(Napi::Object exports);
void init_plot(Napi::Object exports);
void init_weights(Napi::Object exports);
void init_weights_hardware(Napi::Object exports);
void init_virtual_dynapse(Napi::Object exports);
void init_dynapse(Napi::Object exports);
void init_dynapse_words(Napi::Object exports);

}  // namespace glue
