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
    from rockpool.nn.modules import LinearJax, RateJax

from serve import read_array, serve


def prepare(data):
    w_in, w_rec, w_out = (read_array(data, name) for name in ("wIn", "wRecurrent", "wOut"))
    units = w_rec.shape[0]
    net = Sequential(
        LinearJax(w_in.shape, weight=w_in, has_bias=False),
        RateJax(
            (units,),
            tau=np.full(units, data["tau"], np.float32),
            bias=np.full(units, data["bias"], np.float32),
            threshold=np.zeros(units, np.float32),
            w_rec=w_rec,
            has_rec=True,
            activation_func="ReLU",
            dt=data["dt"],
        ),
        LinearJax(w_out.shape, weight=w_out, has_bias=False),
    )
    x = jax.device_put(read_array(data, "input"))
    target = jax.device_put(read_array(data, "target"))

    def loss(parameters, x, target):
        output = net.reset_state().set_attributes(parameters)(x)[0]
        return ((output - target) ** 2).mean()

    step = jax.jit(jax.value_and_grad(loss))
    parameters = net.parameters()

    def run():
        _, gradients = jax.block_until_ready(step(parameters, x, target))
        return np.asarray(gradients["1_RateJax"]["w_rec"])

    return run


serve({"step": prepare})
