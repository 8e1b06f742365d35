/** Native functions behind layers and weight generators. */
export interface NativeLayers {
  /** out[k] = t0 + k * dt. */
  timeTrace(t0: number, dt: number, out: Float64Array): void;
  /** Copies samples (rows x columns) to out (rows x sizeIn), one column replicated to all, NaN as 0. */
  prepareSamples(samples: Float64Array, columns: number, sizeIn: number, out: Float64Array): void;
  /** The largest element, -1 for none. */
  maxChannel(channels: Int32Array): number;
  /** The index of the first element that is infinite or NaN, or the number of elements. */
  firstNotFinite(array: Float64Array): number;
  /** state[i] += factor * |state[i]| * (standard normal). */
  randomizeState(seed: number, factor: number, state: Float64Array): void;
  /** Draws state[i] uniformly from [low[i], high[i]); one limit may stand for all. */
  randomizeBetween(seed: number, low: Float64Array, high: Float64Array, state: Float64Array): void;
  meanMagnitude(values: Float64Array): number;
  /** Potential at each time after a spike of weight 1 on an exponential synapse: times x neurons. */
  potentialKernel(times: Float64Array, tauSyn: Float64Array, tauMem: Float64Array, out: Float64Array): void;
  /** Independent normals in rows of `columns` elements; row i is the draw of time step i of the stream. */
  normalMatrix(seed: number, stream: number, columns: number, mean: number, deviation: number, out: Float64Array): void;
  /** Largest magnitude of the eigenvalues of an n x n matrix. */
  spectralRadius(matrix: Float64Array, n: number): number;
  /** Multiplies all elements by a factor. */
  scaleInPlace(array: Float64Array, factor: number): void;
}
