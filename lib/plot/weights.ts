/** Plots of weight matrices: heat maps and eigenspectra. */
import { type ArrayLike_ as ArrayInput, allocate, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkNumber, checkOptions, rangeError, shapeError } from '../check.js';
import { SparseMatrix } from '../synapses/sparse-matrix.js';
import { eigenvalues } from '../weights/eigenvalues.js';
import { plotScatter, type PlotScatterOptions } from './arrays.js';
import { maxCells } from './defaults.js';
import { finish, type PlotOptions, plotOptionNames, readLabel } from './options.js';
import type { Plot } from './plot.js';
import type { CellsTrace } from './types.js';

/** Options of {@link plotWeights}. */
export interface PlotWeightsOptions extends Omit<PlotOptions, 'color'> {
  /** The values of the first and the last colour. Default: both ends as far from 0 as the largest weight, or the least and the largest. */
  limits?: readonly [number, number] | null;
  /** Colours of both signs, white at 0. Default: when there are negative weights. */
  diverging?: boolean;
}

/** The matrix, reduced to as many cells as a picture shows. */
function reduce(matrix: ArrayInput | SparseMatrix): { values: Float64Array; shape: number[]; of: readonly number[] } {
  const dense = matrix instanceof SparseMatrix ? null : toNdArray(matrix, 'matrix', 'float64');
  const of = matrix instanceof SparseMatrix ? matrix.shape : (dense?.shape ?? []);
  if (of.length !== 2) throw shapeError('matrix', 'a matrix', shapeText(of));
  const shape = of.map((n) => Math.min(n, maxCells));
  const values = allocate(shape, 'the cells');
  if (matrix instanceof SparseMatrix) native.plotCsr(...matrix.csrArgs(), shape[0], shape[1], values);
  else if (dense) native.plotMatrix(dense.data, of[0], of[1], shape[0], shape[1], values);
  return { values, shape, of };
}

function limitsOf(values: Float64Array, given: PlotWeightsOptions): { limits: [number, number]; diverging: boolean } {
  const found = new Float64Array(2);
  native.finiteLimits(values, found);
  const [lo, hi] = found;
  const diverging = checkBoolean(given.diverging ?? lo < 0, 'diverging');
  if (given.limits !== undefined && given.limits !== null) {
    const { data } = toNdArray(given.limits, 'limits', 'float64');
    if (data.length !== 2) throw shapeError('limits', 'two numbers', `${data.length}`);
    const [a, b] = [checkNumber(data[0], 'limits[0]'), checkNumber(data[1], 'limits[1]')];
    if (!(a < b)) throw rangeError('limits', 'two numbers in ascending order', [a, b]);
    return { limits: [a, b], diverging };
  }
  const most = Math.max(Math.abs(lo), Math.abs(hi)) || 1;
  return { limits: diverging ? [-most, most] : [Math.min(0, lo), hi > Math.min(0, lo) ? hi : 1], diverging };
}

/**
 * A matrix of weights as a heat map, row 0 at the top: rows are the sources, columns the targets. Of a matrix with more than 1000 rows
 * or columns, neighbours share a cell, which shows the weight of largest magnitude.
 */
export function plotWeights(matrix: ArrayInput | SparseMatrix, options: PlotWeightsOptions = {}): Plot {
  const names = [...plotOptionNames.filter((name) => name !== 'color'), 'limits', 'diverging'];
  const given = checkOptions<PlotWeightsOptions>(options, 'options', names);
  const { values, shape, of } = reduce(matrix);
  const { limits, diverging } = limitsOf(values, given);
  const [rows, columns] = shape;
  const trace: CellsTrace = {
    type: 'cells',
    values,
    rows,
    columns,
    extent: [-0.5, Math.max(of[1], 1) - 0.5, Math.max(of[0], 1) - 0.5, -0.5],
    upwards: false,
    limits,
    colors: diverging ? 'diverging' : 'sequential',
    label: readLabel(given.label, 'Weight'),
  };
  const defaults = { xLabel: 'Target', yLabel: 'Source', width: 560, height: 480 };
  return finish('heatmap', [trace], given, defaults);
}

/** Options of {@link plotEigenspectrum}. */
export interface PlotEigenspectrumOptions extends PlotScatterOptions {
  /** Radius of a dashed circle around 0; null for none. Default 1. */
  circle?: number | null;
}

/** The eigenvalues of a square matrix in the complex plane, with the unit circle. */
export function plotEigenspectrum(matrix: ArrayInput | SparseMatrix, options: PlotEigenspectrumOptions = {}): Plot {
  const { circle = 1, ...rest } = checkOptions<PlotEigenspectrumOptions>(options, 'options', [
    ...plotOptionNames,
    'marker',
    'size',
    'circle',
  ]);
  const radius = circle === null ? null : checkNumber(circle, 'circle', { positive: true });
  const { real, imaginary } = eigenvalues(matrix);
  const defaults = { xLabel: 'Re(λ)', yLabel: 'Im(λ)', aspect: 'equal' as const, width: 520, height: 480 };
  const plot = plotScatter(real, imaginary, rest.target ? rest : { ...defaults, ...rest });
  if (radius !== null && !rest.target) {
    const angles = Float64Array.from({ length: 181 }, (_, i) => (i * Math.PI) / 90);
    plot.traces.unshift({
      type: 'line',
      x: angles.map((a) => radius * Math.cos(a)),
      y: angles.map((a) => radius * Math.sin(a)),
      label: null,
      color: '#888888',
      lineStyle: 'dashed',
      lineWidth: 1,
    });
  }
  return plot;
}
