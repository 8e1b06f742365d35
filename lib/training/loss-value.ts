/** What a loss returned, checked: losses may be functions of the user's. */
import { NdArray, shapeText, toNdArray } from '../array.js';
import { shapeError, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { inPrecision, type Signal } from '../modules/pass.js';
import type { Loss, LossContext, LossValue } from './types.js';

type Tree = Record<string, unknown>;

/** @internal A tree and not an array. @throws TypeError for anything else. */
export function checkTree(value: unknown, name: string): Tree {
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    isArray(value)
  )
    throw typeError(name, 'an object of numbers and arrays by name', value);
  return value as Tree;
}

const isArray = (value: object): boolean => value instanceof NdArray || ('data' in value && 'shape' in value);

/** @internal What `loss` makes of a module's output. @throws RockpoolError `ERR_NOT_FINITE`, TypeError or RangeError for what is no loss. */
export function readValue(loss: Loss, context: LossContext): LossValue {
  const value: unknown = loss.evaluate(context);
  const { module, output, recorded } = context;
  const by = (name: string): string => `${name} that the loss '${loss.name}' returned`;
  if (typeof value !== 'object' || value === null || typeof (value as LossValue).loss !== 'number')
    throw typeError(`what the loss '${loss.name}' returned`, 'an object with a number as loss', value);
  const given = value as LossValue;
  if (!Number.isFinite(given.loss))
    throw new RockpoolError('ERR_NOT_FINITE', `the loss '${loss.name}' of ${module.fullName} is ${given.loss}`);
  if (given.terms !== undefined) checkTerms(given.terms, by('terms'));
  if (given.parameters !== undefined) checkTree(given.parameters, by('the gradients by parameters'));
  if (given.recorded !== undefined) checkNames(given.recorded, recorded, by('the gradient by what was recorded'));
  if (given.output === undefined) return given;
  return { ...given, output: outputGradient(given.output, output, by('the gradient by the output')) };
}

function checkTerms(terms: unknown, name: string): void {
  for (const [key, term] of Object.entries(checkTree(terms, name)))
    if (typeof term !== 'number') throw typeError(`${key} in ${name}`, 'a number', term);
}

/** A misspelled name would be a derivative that is lost. */
function checkNames(tree: unknown, of: object, what: string): void {
  for (const [name, value] of Object.entries(checkTree(tree, what))) {
    const own = (of as Tree)[name];
    if (own === undefined) throw new RockpoolError('ERR_KEY', `${what}: nothing was recorded as '${name}'`);
    if (value !== undefined && typeof own === 'object' && own !== null && !isArray(own))
      checkNames(value, own, `${name} of ${what}`);
  }
}

function outputGradient(value: unknown, output: Signal, name: string): Signal {
  const floats = value instanceof NdArray && (value as NdArray).data instanceof Float32Array;
  const array = floats ? (value as Signal) : toNdArray(value, name, 'float64');
  if (String(array.shape) !== String(output.shape))
    throw shapeError(name, shapeText(output.shape), shapeText(array.shape));
  return inPrecision(array, output.data instanceof Float32Array ? 'float32' : 'float64');
}
