import contextlib
import os
import sys

# One thread, as ours: before numpy is loaded.
for library in ("OPENBLAS", "OMP", "MKL", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np
from numba import njit

with contextlib.redirect_stdout(sys.stderr):  # it prints what it does not find
    from rockpool import TSContinuous
    from rockpool.layers import RecRateEuler

from serve import read_array, serve


@njit
def tanh(x):
    return np.tanh(x)


def prepare(data):
    options = {"activation_func": tanh} if data["activation"] == "tanh" else {}
    layer = RecRateEuler(
        read_array(data, "weights"), bias=read_array(data, "bias"), tau=1.0, dt=0.1, **options
    )
    series = TSContinuous(read_array(data, "times"), read_array(data, "samples"), interp_kind="previous")

    def run():
        layer.reset_all()
        return layer.evolve(series, num_timesteps=data["steps"]).samples

    return run


serve({name: prepare for name in ("relu-1000", "tanh-1000", "relu-100", "tanh-100")})
