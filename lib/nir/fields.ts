/** The fields of every type of node, and what they may hold. */
import type { NirType } from './types.js';

/**
 * `population`: one number for each neuron, or one for all. `weight`: an array of at least `least` dimensions. `bias`: one number for each
 * output. `shape`: a list of sizes. `sizes`: one integer of at least `least`, or one for each of `dimensions`. `integer`: any.
 */
export interface Field {
  kind: 'population' | 'weight' | 'bias' | 'shape' | 'sizes' | 'integer';
  /** The value of a missing field; without one it must be there. */
  standard?: 'zeros' | 'ones';
  /** It may be missing. */
  optional?: boolean;
  positive?: boolean;
  notNegative?: boolean;
  least?: number;
  dimensions?: number;
  /** It may be `'same'` or `'valid'`. */
  padding?: boolean;
}

const population: Field = { kind: 'population' };
const tau: Field = { kind: 'population', positive: true };
const zeros: Field = { kind: 'population', standard: 'zeros' };
const ones: Field = { kind: 'population', standard: 'ones' };
const shape: Field = { kind: 'shape' };
const sizes = (dimensions: number, least: number): Field => ({ kind: 'sizes', dimensions, least });

const convolution = (dimensions: number): Record<string, Field> => ({
  input_shape: { kind: 'shape', optional: true },
  weight: { kind: 'weight', least: dimensions + 2 },
  bias: { kind: 'bias' },
  stride: sizes(dimensions, 1),
  padding: { ...sizes(dimensions, 0), padding: true },
  dilation: sizes(dimensions, 1),
  groups: { kind: 'sizes', least: 1 },
});
const pooling: Record<string, Field> = { kernel_size: sizes(2, 1), stride: sizes(2, 1), padding: sizes(2, 0) };

/** Fields by type of node; graphs have nodes and edges instead. */
export const nodeFields: Record<Exclude<NirType, 'NIRGraph'>, Record<string, Field>> = {
  Input: { shape },
  Output: { shape },
  Linear: { weight: { kind: 'weight', least: 2 } },
  Affine: { weight: { kind: 'weight', least: 2 }, bias: { kind: 'bias' } },
  Scale: { scale: population },
  Threshold: { threshold: population },
  Delay: { delay: { kind: 'population', notNegative: true } },
  I: { r: population },
  IF: { r: population, v_threshold: population, v_reset: zeros },
  LI: { tau, r: population, v_leak: population },
  LIF: { tau, r: population, v_leak: population, v_threshold: population, v_reset: zeros },
  CubaLI: { tau_syn: tau, tau_mem: tau, r: population, v_leak: population, w_in: ones },
  CubaLIF: {
    tau_syn: tau,
    tau_mem: tau,
    r: population,
    v_leak: population,
    v_threshold: population,
    v_reset: zeros,
    w_in: ones,
  },
  Flatten: {
    input_type: { kind: 'shape', optional: true },
    start_dim: { kind: 'integer' },
    end_dim: { kind: 'integer' },
  },
  Conv1d: convolution(1),
  Conv2d: convolution(2),
  SumPool2d: pooling,
  AvgPool2d: pooling,
};

/** Types whose output has the shape of their input, one element for each. */
export const elementwise: ReadonlySet<string> = new Set(
  Object.entries(nodeFields)
    .filter(([, fields]) => Object.values(fields).some((f) => f.kind === 'population'))
    .map(([type]) => type),
);
