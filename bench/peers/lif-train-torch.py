import contextlib
import os
import sys

for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np

with contextlib.redirect_stdout(sys.stderr):
    import snntorch
    import torch
    from rockpool.nn.combinators import Sequential
    from rockpool.nn.modules import LIFTorch, LinearTorch

from serve import read_array, serve

torch.set_num_threads(1)


def tensors(data):
    return [torch.tensor(np.array(read_array(data, name))) for name in ("weight", "input", "lossWeights")]


def rockpool(data):
    weight, x, loss_weights = tensors(data)
    inputs, neurons = weight.shape
    net = Sequential(
        LinearTorch((inputs, neurons), weight=weight, has_bias=False),
        LIFTorch((neurons, neurons), tau_mem=data["tauMem"], tau_syn=data["tauSyn"], dt=data["dt"]),
    )

    def run():
        net.reset_state()
        for p in net.parameters().astorch():
            p.grad = None
        (net(x)[0] * loss_weights).sum().backward()
        return net[0].weight.grad.numpy()

    return run


def snn(data):
    weight, x, loss_weights = tensors(data)
    inputs, neurons = weight.shape
    linear = torch.nn.Linear(inputs, neurons)
    with torch.no_grad():
        linear.weight.copy_(weight.T)
        linear.bias.zero_()
    alpha, beta = (torch.full((neurons,), float(np.exp(-data["dt"] / data[tau]))) for tau in ("tauSyn", "tauMem"))
    lif = snntorch.Synaptic(alpha=alpha, beta=beta, threshold=1.0, learn_alpha=True, learn_beta=True, learn_threshold=True)

    def run():
        for p in (*linear.parameters(), *lif.parameters()):
            p.grad = None
        syn, mem = lif.init_synaptic()
        current = linear(x)
        spikes = []
        for n in range(x.shape[1]):
            s, syn, mem = lif(current[:, n], syn, mem)
            spikes.append(s)
        (torch.stack(spikes, 1) * loss_weights).sum().backward()
        return linear.weight.grad.numpy().T

    return run


serve({"torch": rockpool, "snntorch": snn})
