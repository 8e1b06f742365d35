"""The CUBA network of Brette et al. (2007) in Brian2, with the connections and first potentials that the benchmark wrote."""

import brian2 as b2
import numpy as np

import brian
from serve import read_array, serve

EQUATIONS = """
dv/dt = (ge + gi - (v - El)) / tau_m : volt (unless refractory)
dge/dt = -ge / tau_e : volt
dgi/dt = -gi / tau_i : volt
"""


def describe(data):
    indptr, targets = read_array(data, "indptr").astype(int), read_array(data, "indices")
    sources = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    p = data["parameters"]
    namespace = {name: p[name] * b2.second for name in ("tau_m", "tau_e", "tau_i")}
    namespace.update((name, p[name] * b2.volt) for name in ("El", "Vt", "Vr", "we", "wi"))
    neurons = b2.NeuronGroup(
        len(indptr) - 1,
        EQUATIONS,
        threshold="v > Vt",
        reset="v = Vr",
        refractory=p["refractory"] * b2.second,
        method="exact",
        namespace=namespace,
    )
    neurons.v = read_array(data, "v") * b2.volt
    excitatory = sources < data["excitatory"]
    synapses = []
    for chosen, effect in ((excitatory, "ge += we"), (~excitatory, "gi += wi")):
        group = b2.Synapses(neurons, neurons, on_pre=effect, delay=p["delay"] * b2.second, namespace=namespace)
        group.connect(i=sources[chosen], j=targets[chosen])
        synapses.append(group)
    monitor = b2.SpikeMonitor(neurons)
    return b2.Network(neurons, *synapses, monitor), monitor


def prepare(data):
    brian.start()
    program = brian.Program(*describe(data), data["seconds"])

    def run():
        seconds, spikes = program.run()
        return spikes, seconds * 1e3

    return run


serve({"cuba": prepare})
