"""Brunel's sparsely connected network (2000) in Brian2, with the connections that the benchmark wrote."""

import brian2 as b2
import numpy as np

import brian
from serve import read_array, serve


def describe(data):
    indptr, targets = read_array(data, "indptr").astype(int), read_array(data, "indices")
    out_degree = np.diff(indptr)
    sources = np.repeat(np.arange(len(out_degree), dtype=np.int32), out_degree)
    p = data["parameters"]
    namespace = {
        "tau_m": p["tau_m"] * b2.second,
        "theta": p["theta"] * b2.volt,
        "Vr": p["Vr"] * b2.volt,
        "Je": p["Je"] * b2.volt,
        "Ji": p["Ji"] * b2.volt,
    }
    neurons = b2.NeuronGroup(
        len(out_degree),
        "dv/dt = -v / tau_m : volt (unless refractory)",
        threshold="v > theta",
        reset="v = Vr",
        refractory=p["refractory"] * b2.second,
        method="exact",
        namespace=namespace,
    )
    # What arrives at a refractory neuron is lost: put right once per step, which costs less than to ask at every event.
    neurons.run_regularly("v = Vr + (v - Vr) * int(not_refractory)", when="after_groups")
    synapses = []
    excitatory = indptr[data["excitatory"]]
    for part, effect in ((slice(0, excitatory), "v_post += Je"), (slice(excitatory, None), "v_post += Ji")):
        group = b2.Synapses(neurons, neurons, on_pre=effect, delay=p["delay"] * b2.second, namespace=namespace)
        group.connect(i=sources[part], j=targets[part])
        synapses.append(group)
    # A thousand sources of the same rate: one random number for each neuron and step.
    background = b2.PoissonInput(neurons, "v", 1000, p["background"] / 1000 * b2.Hz, "Je")
    monitor = b2.SpikeMonitor(neurons)
    return b2.Network(neurons, *synapses, background, monitor), monitor, out_degree


def prepare(data):
    brian.start()
    network, monitor, out_degree = describe(data)
    program = brian.Program(network, monitor, data["seconds"])

    def run():
        seconds, spikes = program.run()
        events = out_degree[spikes[1].astype(int)].sum()
        return spikes, seconds * 1e9 / events

    return run


serve({"brunel": prepare})
