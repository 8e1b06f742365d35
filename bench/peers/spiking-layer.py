import contextlib
import os
import sys
import time

# One thread, as ours: before numpy is loaded.
for library in ("OPENBLAS", "OMP", "MKL", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np
import torch

with contextlib.redirect_stdout(sys.stderr):  # it prints what it does not find
    from rockpool import TSContinuous, TSEvent
    from rockpool.layers import FFIAFBrian, RecIAFSpkInTorch

from serve import read_array, serve

torch.set_num_threads(1)


def evolving(layer, series, data):
    """From series to series; what puts the layer back to its beginning is not counted."""

    def run():
        layer.reset_all()
        begin = time.perf_counter()
        output = layer.evolve(series, num_timesteps=data["steps"])
        seconds = time.perf_counter() - begin
        return np.stack([output.times, output.channels]).astype(float), seconds * 1e3

    return run


def recurrent(data):
    layer = RecIAFSpkInTorch(
        read_array(data, "weights_in"), read_array(data, "weights_rec"), bias=data["bias"], dt=data["dt"]
    )
    series = TSEvent(
        read_array(data, "times"),
        read_array(data, "channels"),
        t_start=0.0,
        t_stop=data["steps"] * data["dt"],
        num_channels=layer.size_in,
    )
    return evolving(layer, series, data)


def feed_forward(data):
    layer = FFIAFBrian(read_array(data, "weights"), bias=data["bias"], dt=data["dt"])
    series = TSContinuous(read_array(data, "times"), read_array(data, "samples"), interp_kind="previous")
    return evolving(layer, series, data)


serve({"rec-80hz": recurrent, "rec-10hz": recurrent, "ff": feed_forward})
