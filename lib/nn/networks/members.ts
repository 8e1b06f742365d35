/** What the spiking networks are made of. */
import { type Matrix, NdArray, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkFunction } from '../../check.js';
import { kaiming } from '../../modules/kernels/initial-weights.js';
import type { Precision } from '../../layers/rate-options.js';
import type { Module } from '../../modules/module.js';
import { LIFBase } from '../../modules/neurons/lif-base.js';
import type { LIFTorchOptions } from '../../modules/neurons/lif-options.js';
import { Linear } from '../../modules/neurons/linear.js';
import { typeError } from '../../check.js';

/** A class of LIF modules. */
export type NeuronModel = new (options: LIFTorchOptions) => Module<object>;

/** @throws TypeError for what is no class of LIF modules. */
export function checkNeuronModel(value: unknown, name: string): NeuronModel {
  const model = checkFunction<NeuronModel>(value, name);
  if (!(model.prototype instanceof LIFBase)) throw typeError(name, 'a class of LIF modules', model.name, true);
  return model;
}

/** Projections without bias whose weights are scaled by dt / tau of the synapses that they end at: one number, or one for each column. */
export function scaledLinear(
  shape: [number, number],
  { dt, precision }: { dt: number; precision: Precision },
  tau: number | Matrix,
  seed: number,
): Linear {
  const draw = kaiming(0, seed);
  const weightInitFunc = (dims: number[]): Matrix => {
    const weights = toNdArray(draw(dims), 'the weights', 'float64');
    const [rows, columns] = dims;
    const constants = typeof tau === 'number' ? Float64Array.of(tau) : tau.data;
    const factors = new Float64Array(constants.length);
    native.eulerLeak(dt, 0, constants, factors);
    const out = new Float64Array(rows * columns);
    native.combine(2, weights.data, rows, columns, factors, 1, factors.length, rows, columns, out);
    return new NdArray(out, dims);
  };
  return new Linear({ shape, weightInitFunc, seed, precision });
}
