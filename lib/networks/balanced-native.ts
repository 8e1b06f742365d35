/** Native functions of balanced networks: see `native/include/rockpool/balanced.h`. */
export interface NativeBalanced {
  /** Writes the last five arrays. */
  balancedWeights(
    dimensions: number,
    units: number,
    a: Float64Array,
    gamma: Float64Array,
    vThresh: Float64Array,
    vRest: Float64Array,
    mu: number,
    nu: number,
    tauMem: number,
    tauFast: number,
    tauSlow: number,
    fast: Float64Array,
    slow: Float64Array,
    weightsIn: Float64Array,
    weightsOut: Float64Array,
    vReset: Float64Array,
  ): void;
  /** Scales each column so that its magnitudes add up to `sum`. */
  scaleColumns(matrix: Float64Array, columns: number, sum: number): void;
}
