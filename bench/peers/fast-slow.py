import contextlib
import os
import sys
import time

# One thread, as ours: before numpy is loaded.
for library in ("OPENBLAS", "OMP", "MKL", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np

with contextlib.redirect_stdout(sys.stderr):  # it prints what it does not find
    from rockpool import TSContinuous
    from rockpool.layers import RecFSSpikeEulerBT

from serve import read_array, serve


def prepare(data):
    layer = RecFSSpikeEulerBT(
        weights_fast=read_array(data, "weights_fast"),
        weights_slow=read_array(data, "weights_slow"),
        v_reset=read_array(data, "v_reset"),
        dt=data["dt"],
    )
    times, samples = read_array(data, "times"), read_array(data, "samples")
    series = TSContinuous(times, samples, t_stop=data["steps"] * data["dt"], interp_kind="previous")

    def run():
        layer.reset_all()
        begin = time.perf_counter()
        with contextlib.redirect_stdout(sys.stderr):  # it prints when it needs more room
            output = layer.evolve(series, num_timesteps=data["steps"])
        seconds = time.perf_counter() - begin
        spikes = output.channels >= 0  # it lists iterations without a spike too
        return np.stack([output.times[spikes], output.channels[spikes]]).astype(float), seconds * 1e3

    return run


serve({"deneve-100": prepare, "deneve-400": prepare})
