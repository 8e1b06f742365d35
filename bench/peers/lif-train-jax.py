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
    loss_weights = jax.device_put(read_array(data, "lossWeights"))

    def loss(parameters, x):
        return (net.reset_state().set_attributes(parameters)(x)[0] * loss_weights).sum()

    step = jax.jit(jax.value_and_grad(loss))
    parameters = net.parameters()

    def run():
        _, gradients = jax.block_until_ready(step(parameters, x))
        return np.asarray(gradients["0_LinearJax"]["weight"])

    return run


serve({"train": prepare})
