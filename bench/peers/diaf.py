import contextlib
import os
import sys
import time

# One thread, as ours: before numpy is loaded.
for library in ("OPENBLAS", "OMP", "MKL", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np

with contextlib.redirect_stdout(sys.stderr):  # it prints what it does not find
    from rockpool import TSEvent
    from rockpool.layers import RecDIAF

from serve import read_array, serve


def prepare(data):
    layer = RecDIAF(
        read_array(data, "weights_in"),
        read_array(data, "weights_rec"),
        dt=data["dt"],
        delay=1e-4,
        refractory=data["refractory"],
        v_subtract=data["v_subtract"],
        v_rest=data["v_rest"],
    )
    series = TSEvent(
        read_array(data, "times"),
        read_array(data, "channels"),
        t_start=0.0,
        t_stop=data["steps"] * data["dt"],
        num_channels=layer.size_in,
    )

    def run():
        layer.reset_all()
        begin = time.perf_counter()
        output = layer.evolve(series, num_timesteps=data["steps"])
        seconds = time.perf_counter() - begin
        return np.stack([output.times, output.channels]).astype(float), seconds * 1e3

    return run


serve({name: prepare for name in ("reset-256", "reset-1000", "subtract-256")})
