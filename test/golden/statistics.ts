/** Cases that record statistics only: ours must lie within 5 standard errors, those of both samples combined. */
import { compareNumbers, isSeries, Mismatch, toFlat } from './compare.js';
import type { StepContext } from './expectation.js';
import type { JsonObject } from './format.js';
import { isModuleNoise, moduleNoise } from './module-values.js';

const limit = 5;

type Flat = ReturnType<typeof toFlat>;

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function standardDeviation(values: readonly number[], ddof = 0): number {
  const m = mean(values);
  return Math.sqrt(values.reduce((a, b) => a + (b - m) ** 2, 0) / (values.length - ddof));
}

function compareWithin(recorded: number, theirError: number, ours: number, ourError: number, what: string): void {
  const allowed = limit * Math.hypot(theirError, ourError);
  if (!(Math.abs(recorded - ours) <= allowed)) {
    throw new Mismatch(
      `${what}: expected ${recorded}, received ${ours} (allowed ${limit} standard errors, ${allowed.toExponential(2)})`,
    );
  }
}

/** Checks the statistics of one step. */
export function checkStatistics(
  s: JsonObject,
  context: StepContext,
  run: () => unknown,
  repeats: number | undefined,
): void {
  if (isModuleNoise(s)) return checkNoise({ ...s, quantity: 'output' }, context, moduleNoise(s, context.target));
  if (typeof s['quantity'] === 'string') return checkNoise(s, context, run());
  if (repeats !== undefined) return checkMatrices(s, run, repeats);
  throw new Error(`no binding for these statistics: ${Object.keys(s).join(', ')}`);
}

/** `units` columns of noise: mean and standard deviation over units and time, their errors from the spread between the units. */
function checkNoise(s: JsonObject, context: StepContext, result: unknown): void {
  const flat =
    s['quantity'] === 'v - v_rest' ? potentials(context) : isSeries(result) ? toFlat(result['samples']) : null;
  if (flat === null) throw new Error('the statistics are not those of a continuous series');
  const bias = quantityOffset(s['quantity'] as string, context);
  const [rows, units] = flat.shape as [number, number];
  const discarded = s['discarded_steps'] as number;
  compareNumbers(
    [s['steps'] as number, s['units'] as number],
    [rows - discarded, units],
    {},
    'number of steps and units',
  );
  const columns = Array.from({ length: units }, (_, j) =>
    Array.from({ length: rows - discarded }, (_, i) => flat.data[(i + discarded) * units + j] - bias),
  );
  const means = columns.map(mean);
  const deviations = columns.map((column) => standardDeviation(column));
  const error = (values: readonly number[]): number => standardDeviation(values, 1) / Math.sqrt(units);
  const overall = standardDeviation(columns.flat());
  compareWithin(s['mean'] as number, s['mean_standard_error'] as number, mean(means), error(means), 'mean');
  compareWithin(
    s['std'] as number,
    s['std_standard_error'] as number,
    overall,
    error(deviations),
    'standard deviation',
  );
}

/** The recorded membrane potentials, one row for each step. */
function potentials(context: StepContext): Flat {
  const layer = context.target as {
    stateMonitor?: { v: { samples: unknown } } | null;
    tsRecStates?: { samples: unknown } | null;
  };
  if (layer.stateMonitor) return toFlat(layer.stateMonitor.v.samples);
  // At the start, then before and after the reset of each step.
  const flat = layer.tsRecStates ? toFlat(layer.tsRecStates.samples) : null;
  if (flat === null) return null;
  const [rows, units] = flat.shape;
  const steps = (rows - 1) / 2;
  const data = Array.from({ length: steps * units }, (_, i) => flat.data[units + i + Math.floor(i / units) * units]);
  return { shape: [steps, units], data };
}

/** The quantity is the output, or the output less the bias that the layer was made with. */
function quantityOffset(quantity: string, context: StepContext): number {
  if (quantity === 'output') return 0;
  if (quantity === 'output - bias') {
    const bias = toFlat((context.target as { bias?: unknown }).bias);
    return bias?.data[0] ?? 0;
  }
  if (quantity === 'v - v_rest') return toFlat((context.target as { vRest?: unknown }).vRest)?.data[0] ?? 0;
  throw new Error(`no binding for the quantity "${quantity}"`);
}

type Matrix = number[][];

function transpose(m: Matrix): Matrix {
  return m[0].map((_, j) => m.map((row) => row[j]));
}

/** From the growth of the powers of the matrix: || A^(2^k) || ^ (1 / 2^k). */
function spectralRadius(matrix: Matrix): number {
  let m = matrix;
  let log = 0;
  const squarings = 12;
  for (let k = 0; k < squarings; k++) {
    const columns = transpose(m);
    const squared = m.map((row) => columns.map((c) => row.reduce((sum, x, i) => sum + x * c[i], 0)));
    const norm = Math.sqrt(squared.flat().reduce((sum, x) => sum + x * x, 0));
    if (norm === 0) return 0;
    log = 2 * log + Math.log(norm);
    m = squared.map((row) => row.map((x) => x / norm));
  }
  return Math.exp(log / 2 ** squarings);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const nonzero = (values: readonly number[]): number => values.filter((x) => x !== 0).length;

const matrixStatistics: Record<string, (m: Matrix) => number> = {
  mean: (m) => mean(m.flat()),
  std: (m) => standardDeviation(m.flat()),
  min: (m) => Math.min(...m.flat()),
  max: (m) => Math.max(...m.flat()),
  fraction_zero: (m) => m.flat().filter((x) => x === 0).length / m.flat().length,
  fraction_positive: (m) => m.flat().filter((x) => x > 0).length / m.flat().length,
  fraction_negative: (m) => m.flat().filter((x) => x < 0).length / m.flat().length,
  row_sum_mean: (m) => mean(m.map(sum)),
  row_sum_std: (m) => standardDeviation(m.map(sum)),
  col_sum_mean: (m) => mean(transpose(m).map(sum)),
  col_sum_std: (m) => standardDeviation(transpose(m).map(sum)),
  nonzero_per_row_mean: (m) => mean(m.map(nonzero)),
  nonzero_per_row_max: (m) => Math.max(...m.map(nonzero)),
  nonzero_per_col_mean: (m) => mean(transpose(m).map(nonzero)),
  nonzero_per_col_max: (m) => Math.max(...transpose(m).map(nonzero)),
  trace: (m) => sum(m.map((row, i) => row[i])),
  spectral_radius: spectralRadius,
};

/** Matrices drawn `repeats` times: mean and spread of each of their statistics over the draws. */
function checkMatrices(s: JsonObject, run: () => unknown, repeats: number): void {
  const matrices = Array.from({ length: repeats }, () => {
    const flat = toFlat(run());
    if (flat === null || JSON.stringify(flat.shape) !== JSON.stringify(s['shape'])) {
      throw new Mismatch(`shape: expected ${JSON.stringify(s['shape'])}, received ${JSON.stringify(flat?.shape)}`);
    }
    const [rows, columns] = flat.shape as [number, number];
    return Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_, j) => flat.data[i * columns + j]),
    );
  });
  for (const [name, recorded] of Object.entries(s)) {
    if (name === 'shape') continue;
    const compute = matrixStatistics[name];
    if (compute === undefined) throw new Error(`no binding for the statistic "${name}"`);
    const values = matrices.map(compute);
    const theirs = recorded as { mean: number; std: number };
    const ours = { mean: mean(values), std: standardDeviation(values) };
    const root = Math.sqrt(repeats);
    compareWithin(theirs.mean, theirs.std / root, ours.mean, ours.std / root, `${name}, mean of ${repeats} draws`);
    // The error of a standard deviation of n normal draws is sd / sqrt(2 n).
    compareWithin(
      theirs.std,
      theirs.std / root / Math.SQRT2,
      ours.std,
      ours.std / root / Math.SQRT2,
      `${name}, spread`,
    );
  }
}
