/** The LIF neurons of the Jax-named layers in plain loops, as the reference states them. */

/** What of a layer of ours matters here. */
export interface LifNeurons {
  dt: number;
  tauMem: ArrayLike<number>;
  tauSyn: ArrayLike<number>;
  bias: ArrayLike<number>;
  wIn: { data: ArrayLike<number>; shape: readonly number[] } | null;
  wRecurrent: { data: ArrayLike<number> } | null;
}

export interface LifState {
  Vmem: number[];
  Isyn: number[];
  spikes: number[];
}

/** A current, `steps` x inputs, and where it goes. */
export interface LifCurrent {
  into: 'membrane' | 'synapse';
  samples: ArrayLike<number>;
}

/** Rows of membrane potentials, synaptic currents, numbers of spikes and surrogates, and the state at the end. */
export function simulateLif(p: LifNeurons, start: LifState, current: LifCurrent | null, steps: number) {
  const n = p.bias.length;
  const inputs = p.wIn ? p.wIn.shape[0] : n;
  const state: LifState = { Vmem: [...start.Vmem], Isyn: [...start.Isyn], spikes: [...start.spikes] };
  const rows: Record<'v' | 'i' | 'spikes' | 'u', number[][]> = { v: [], i: [], spikes: [], u: [] };
  for (let k = 0; k < steps; k++) {
    const before = [...state.spikes];
    for (let j = 0; j < n; j++) {
      let drive = 0;
      for (let a = 0; a < inputs && current; a++)
        drive += current.samples[k * inputs + a] * (p.wIn ? p.wIn.data[a * n + j] : Number(a === j));
      let synapse = Math.exp(-p.dt / p.tauSyn[j]) * state.Isyn[j] + (current?.into === 'synapse' ? drive : 0);
      for (let a = 0; a < n && p.wRecurrent; a++) synapse += before[a] * p.wRecurrent.data[a * n + j];
      const membrane = current?.into === 'membrane' ? drive : 0;
      let v = state.Vmem[j] - before[j];
      v += (p.dt / p.tauMem[j]) * (synapse + membrane + p.bias[j] - v);
      state.Isyn[j] = synapse;
      state.Vmem[j] = v;
      state.spikes[j] = Math.max(0, Math.floor(v + 1));
    }
    rows.v.push([...state.Vmem]);
    rows.i.push([...state.Isyn]);
    rows.spikes.push([...state.spikes]);
    rows.u.push(state.Vmem.map((v) => 0.5 + 0.5 * Math.tanh(20 * v + 1)));
  }
  return { ...rows, state };
}
