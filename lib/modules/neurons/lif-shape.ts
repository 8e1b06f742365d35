/** Shapes of LIF modules. */
import { rangeError, shapeError } from '../../check.js';
import type { LifVariant } from './lif-options.js';

/** `[inputs, neurons]` with a whole number of synapses for each neuron. */
export function lifShape(shape: unknown, { neuronOnly = false }: LifVariant): readonly number[] {
  if (typeof shape !== 'number' && !Array.isArray(shape)) return shape as readonly number[]; // the base class says what is wrong with it
  const dims = typeof shape === 'number' ? [shape] : (shape as readonly number[]);
  if (neuronOnly) {
    if (dims.length !== 1) throw shapeError('shape', 'of one entry, the number of neurons', `${dims.length} of them`);
    return dims;
  }
  if (dims.length !== 1 && dims.length !== 2)
    throw shapeError('shape', 'of one or two entries, inputs and neurons', `${dims.length} of them`);
  const [inputs, neurons] = dims.length === 1 ? [dims[0], dims[0]] : dims;
  if (!(neurons > 0) || inputs % neurons !== 0 || inputs === 0)
    throw rangeError(
      'shape',
      '[inputs, neurons] with the same number of synapses for each neuron',
      `[${inputs}, ${neurons}]`,
    );
  return [inputs, neurons];
}
