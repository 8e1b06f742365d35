/** Native functions that measure what the machine allows spiking networks, in seconds for one element; for benchmarks. */
export interface NativeLimits {
  /** Updating one of so many neurons. `precision` is 0 for float64, 1 for float32; measures for about `seconds`. */
  neuronUpdateLimit(units: number, precision: number, seconds: number): number;
  /** One synaptic event onto one of so many neurons, when rows of synapses are delivered one after another. */
  synapticEventLimit(units: number, synapses: number, rows: number, precision: number, seconds: number): number;
  /** One Poisson number of mean 2, added to one of so many values. */
  poissonDrawLimit(units: number, precision: number, seconds: number): number;
}
