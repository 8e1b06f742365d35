"""What the peers that run Brian2's C++ standalone have in common: building the program, running it, reading its spikes."""

import os
import subprocess
import tempfile

import brian2 as b2
import numpy as np

# Brian2's own defaults, named here so that no preference file changes them.
FLAGS = ["-w", "-O3", "-ffast-math", "-fno-finite-math-only", "-march=native", "-std=c++11"]


def start():
    """Comes before a model is described; nothing is compiled until `Program`."""
    b2.prefs.codegen.cpp.extra_compile_args_gcc = FLAGS
    b2.prefs.devices.cpp_standalone.openmp_threads = 0  # no threads at all
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.device.reinit()
    b2.device.activate(build_on_run=False)
    b2.defaultclock.dt = 0.1 * b2.ms


class Program:
    """A network as a compiled program in a folder of its own, which goes with this object."""

    def __init__(self, network, monitor, seconds):
        network.run(seconds * b2.second)
        self._folder = tempfile.TemporaryDirectory(prefix="rockpool-bench-brian-")
        b2.device.build(directory=self._folder.name, compile=True, run=False)
        variables = [monitor.variables[name] for name in ("t", "i")]
        self._arrays = [(b2.device.get_array_filename(v), v.dtype) for v in variables]
        self._dt = float(b2.defaultclock.dt)

    def run(self):
        """Seconds that the loop over time steps took, set-up not counted; and the spikes: their steps, then their neurons."""
        folder = self._folder.name
        subprocess.run(["./main", "--results_dir", "results/"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, "results", "last_run_info.txt")) as info:
            seconds = float(info.read().split()[0])
        times, neurons = (np.fromfile(os.path.join(folder, "results", name), dtype) for name, dtype in self._arrays)
        return seconds, np.stack([np.rint(times / self._dt), neurons.astype(float)])
