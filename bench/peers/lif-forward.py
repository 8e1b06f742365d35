import contextlib
import os
import sys

# One thread, as ours: before Jax is loaded.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np

with contextlib.redirect_stdout(sys.stderr):
    import jax
    from rockpool.nn.combinators import Sequential
    from rockpool.nn.modules import LIFJax, LinearJax

from serve import read_array, serve


def prepare(data):
    weight = read_array(data, "weight")
    inputs, neurons = weight.shape
    net = Sequential(
        LinearJax((inputs, neurons), weight=weight),
        LIFJax((neurons, neurons), tau_mem=data["tauMem"], tau_syn=data["tauSyn"], dt=data["dt"]),
    )
    x = jax.device_put(read_array(data, "input"))

    @jax.jit
    def forward(parameters, x):
        return net.reset_state().set_attributes(parameters)(x)[0]

    parameters = net.parameters()

    def run():
        return np.asarray(forward(parameters, x).block_until_ready())

    return run


serve({name: prepare for name in ("dense", "spikes")})
