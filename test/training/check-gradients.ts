/** Gradients against central differences of the loss, and the dot test of linear modules. */
import assert from 'node:assert/strict';
import { type Matrix, NdArray } from 'rockpool-node';
import type { Module } from 'rockpool-node';
import { type GradientTree, type Loss, type LossFunction, valueAndGrad } from 'rockpool-node/training';
import { uniform } from './random.js';

type AnyModule = Module<object>;

/** A loss that weighs each output and each recorded number differently, and bends: `sum of w (o + o^2 / 2)`. */
export function probeLoss(seed = 1, records: readonly string[] = []): LossFunction {
  return ({ output, recorded }) => {
    const next = uniform(seed);
    let loss = 0;
    const probe = (array: NdArray): Matrix => {
      const g = NdArray.zeros(array.shape);
      for (let i = 0; i < array.size; i++) {
        const [w, o] = [next() - 0.5, array.data[i]];
        loss += w * (o + (o * o) / 2);
        g.data[i] = w * (1 + o);
      }
      return g;
    };
    const g = probe(output);
    const inner = Object.fromEntries(records.map((name) => [name, probe(recorded[name] as NdArray)]));
    return { loss, output: g, recorded: inner };
  };
}

export interface CheckOptions {
  loss?: Loss | LossFunction;
  target?: unknown;
  /** Size of the differences. Default 1e-6. */
  step?: number;
  /** Default 1e-6, relative to the sum of the sizes of the products. */
  tolerance?: number;
  /** Directions for each parameter. Default 5. */
  directions?: number;
  smooth?: boolean;
  /** Names of parameters to check. Default: all. */
  only?: readonly string[];
  iteration?: number;
}

function leaves(tree: GradientTree, path: string[] = []): { path: string[]; value: number | Matrix }[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'number' || value instanceof NdArray
      ? [{ path: [...path, name], value }]
      : leaves(value, [...path, name]),
  );
}

const nested = (path: readonly string[], value: unknown): Record<string, unknown> =>
  path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Record<string, unknown>;

/** Every parameter's gradient and the input's, in random directions. */
export function checkGradients(module: AnyModule, input: Matrix, options: CheckOptions = {}): void {
  const { loss = probeLoss(), target, step = 1e-6, tolerance = 1e-6, directions = 5, smooth = true, only } = options;
  const evaluate = valueAndGrad(module, loss, { smooth, inputGradient: true });
  const { iteration = 0 } = options;
  const at = (x: Matrix): number => evaluate(x, target, { iteration }).loss;
  const { gradients, inputGradient } = evaluate(input, target, { iteration });
  const random = uniform(7);
  const direction = (n: number): Float64Array => Float64Array.from({ length: n }, () => random() * 2 - 1);
  const compare = (name: string, got: number, differences: (h: number) => number, scale: number): void => {
    const difference = (differences(step) - differences(-step)) / (2 * step);
    const error = Math.abs(got - difference) / Math.max(Math.abs(difference), scale * 1e-3, 1e-6);
    assert.ok(
      error <= tolerance,
      `${name} of ${module.fullName}: ${got}, by differences ${difference} (error ${error})`,
    );
  };
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0);
  const size = (a: ArrayLike<number>): number => Array.from(a).reduce((sum, x) => sum + Math.abs(x), 0);
  const found = leaves(gradients).filter(({ path }) => !only || only.includes(path[path.length - 1]));
  if (!only) assert.deepEqual(leaves(module.parameters() as GradientTree).length, found.length);
  for (const { path, value } of found)
    for (let k = 0; k < directions; k++) {
      const before = path.reduce<unknown>((tree, name) => (tree as Record<string, unknown>)[name], module.parameters());
      if (typeof before === 'number') {
        compare(path.join('.'), value as number, (h) => moved(path, before + h, before), Math.abs(value as number));
        continue;
      }
      const kept = (before as Matrix).copy();
      const d = direction(kept.size);
      const g = (value as Matrix).data;
      assert.deepEqual((value as Matrix).shape, kept.shape);
      const along = (h: number): number =>
        moved(
          path,
          new NdArray(
            Float64Array.from(kept.data, (x, i) => x + h * d[i]),
            kept.shape,
          ),
          kept,
        );
      compare(path.join('.'), dot(g, d), along, size(g));
    }
  for (let k = 0; k < directions && !only; k++) {
    const d = direction(input.size);
    const along = (h: number): number =>
      at(
        new NdArray(
          Float64Array.from(input.data, (x, i) => x + h * d[i]),
          input.shape,
        ),
      );
    compare('the input', dot(inputGradient!.data, d), along, size(inputGradient!.data));
  }

  function moved(path: readonly string[], there: unknown, back: unknown): number {
    module.setAttributes(nested(path, there));
    try {
      return at(input);
    } finally {
      module.setAttributes(nested(path, back));
    }
  }
}

/** Gradients, output and input gradient are the same bit for bit in pieces of `steps`. */
export function checkPieces(module: AnyModule, input: Matrix, steps: number, loss: LossFunction = probeLoss()): void {
  const options = { inputGradient: true, smooth: false };
  const whole = valueAndGrad(module, loss, options)(input, undefined);
  const pieces = valueAndGrad(module, loss, { ...options, checkpoint: steps })(input, undefined);
  assert.deepEqual(pieces.gradients, whole.gradients);
  assert.deepEqual(pieces.output, whole.output);
  assert.deepEqual(pieces.inputGradient, whole.inputGradient);
  assert.deepEqual(pieces.stateGradients, whole.stateGradients);
  assert.deepEqual(pieces.state, whole.state);
}

/** A random array of numbers in [-scale, scale). */
export function randomArray(shape: number[], scale = 1, seed = 3): Matrix {
  const next = uniform(seed);
  const array = NdArray.zeros(shape);
  for (let i = 0; i < array.size; i++) array.data[i] = (next() * 2 - 1) * scale;
  return array;
}
