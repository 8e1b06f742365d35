import contextlib
import os
import sys

for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np

with contextlib.redirect_stdout(sys.stderr):
    import snntorch
    import torch

from serve import read_array, serve

torch.set_num_threads(1)


def prepare(data):
    weight, x = (torch.tensor(np.array(read_array(data, name))) for name in ("weight", "input"))
    inputs, neurons = weight.shape
    linear = torch.nn.Linear(inputs, neurons, bias=False)
    with torch.no_grad():
        linear.weight.copy_(weight.T)
    alpha, beta = (torch.full((neurons,), float(np.exp(-data["dt"] / data[tau]))) for tau in ("tauSyn", "tauMem"))
    lif = snntorch.Synaptic(alpha=alpha, beta=beta, threshold=1.0)

    def run():
        with torch.no_grad():
            syn, mem = lif.init_synaptic()
            current = linear(x)
            spikes = []
            for n in range(x.shape[1]):
                s, syn, mem = lif(current[:, n], syn, mem)
                spikes.append(s)
            return torch.stack(spikes, 1).numpy()

    return run


serve({"snntorch": prepare})
