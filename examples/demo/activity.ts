/** How much the spiking layers of a network do. */
import { TSEvent, TimeSeries, type Network, type NetworkOutputs } from 'rockpool-node';
import { IAFLayer } from 'rockpool-node/layers';
import { isDeepStrictEqual } from 'node:util';

/** Figures that are the same in every run. */
export interface ActivityFigures {
  /** Duration of what the network heard. */
  seconds: number;
  layers: { name: string; neurons: number; spikes: number }[];
  /** Synapses that spikes reached, those of the readouts not counted. */
  synapticEvents: number;
}

/** Collects the spikes of a network, piece by piece. */
export class Activity {
  readonly #layers: { layer: IAFLayer; spikes: TSEvent[] }[];
  #seconds = 0;
  #computing = 0;
  #synapticEvents = 0;

  constructor(net: Network) {
    this.#layers = net.evolOrder.filter((layer) => layer instanceof IAFLayer).map((layer) => ({ layer, spikes: [] }));
  }

  /** Adds what the network put out in a piece, and the seconds that this took. */
  add(signals: NetworkOutputs, computing: number): void {
    this.#computing += computing;
    let input = signals.external;
    this.#seconds += signals.Readout.duration;
    for (const { layer, spikes } of this.#layers) {
      const output = signals[layer.name] as TSEvent;
      if (input instanceof TSEvent) this.#synapticEvents += layer.synapticEvents(input, 'input');
      this.#synapticEvents += layer.synapticEvents(output, 'recurrent');
      spikes.push(output);
      input = output;
    }
  }

  get figures(): ActivityFigures {
    const layers = this.#layers.map(({ layer, spikes }) => ({
      name: layer.name,
      neurons: layer.size,
      spikes: spikes.reduce((sum, { length }) => sum + length, 0),
    }));
    return { seconds: this.#seconds, layers, synapticEvents: this.#synapticEvents };
  }

  /** Seconds that the network took. */
  get computing(): number {
    return this.#computing;
  }

  /** All spikes, by the name of the layer. */
  spikes(): Map<string, TSEvent> {
    return new Map(
      this.#layers.map(({ layer, spikes }) => [layer.name, TimeSeries.concatenateT(spikes, { offset: 0 })]),
    );
  }

  /** Whether another run's spikes are the same, bit for bit. */
  isLike(others: Map<string, TSEvent>): boolean {
    return [...this.spikes()].every(([name, { times, channels }]) => {
      const other = others.get(name);
      return isDeepStrictEqual([times, channels], [other?.times, other?.channels]);
    });
  }
}

const count = (n: number): string => {
  if (n >= 1e6) return `${(n / 1e6).toPrecision(3)} million`;
  return n >= 1000 ? `${(n / 1000).toPrecision(3)} thousand` : n.toFixed(0);
};

/** Lines about the spikes of a network; none for one without spikes. */
export function activityTable({ seconds, layers, synapticEvents }: ActivityFigures): string {
  if (layers.length === 0) return '';
  const columns = (cells: string[]) => cells.map((cell) => cell.padStart(12)).join('');
  const lines = layers.map(({ name, neurons, spikes }) => {
    const rates = [(spikes / seconds).toFixed(0), (spikes / seconds / neurons).toFixed(1)];
    return `  ${`${name}, ${neurons} neurons`.padEnd(38)}${columns(rates)}`;
  });
  const head = `${'Activity while the versions were heard'.padEnd(40)}${columns(['spikes/s', 'per neuron'])}`;
  return ['', '', head, ...lines, `  ${count(synapticEvents / seconds)} synaptic events a second`].join('\n');
}

/** What a second of computing was worth. */
export function speedLine({ figures, computing }: Activity): string {
  const { seconds, layers, synapticEvents } = figures;
  const sound = `In a second the network alone computed ${(seconds / computing).toFixed(0)} s`;
  return layers.length === 0 ? sound : `${sound} and ${count(synapticEvents / computing)} synaptic events`;
}

/** The most memory that the process had so far. */
export function peakMemory(): string {
  return `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`;
}
