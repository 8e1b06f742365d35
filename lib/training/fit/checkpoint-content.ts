/** What a file of a training holds, checked before anything is changed by it. */
import { checkInteger, checkNumber, checkString, typeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import type { FlatParameters, TrainingState } from './checkpoint.js';

type Fields = Record<string, unknown>;

function checkRecord(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    throw typeError(name, 'an object', value);
  return value as Fields;
}

const count = (value: unknown, name: string): number => checkInteger(value, name, { min: 0 });

function checkNumbers(value: unknown, name: string): void {
  for (const [key, number] of Object.entries(checkRecord(value, name)))
    if (typeof number !== 'number') throw typeError(`${name}.${key}`, 'a number', number);
}

function checkFlat(value: unknown, name: string): FlatParameters {
  for (const [key, data] of Object.entries(checkRecord(value, name)))
    if (!(data instanceof Float64Array)) throw typeError(`${name}.${key}`, 'an array of doubles', data);
  return value as FlatParameters;
}

function checkSums(value: unknown): void {
  const { samples, values } = checkRecord(value, 'sums');
  checkNumber(samples, 'sums.samples', { min: 0 });
  checkNumbers(values, 'sums.values');
}

function checkHistory(value: unknown, epochs: number): void {
  if (!Array.isArray(value) || value.length !== epochs)
    throw typeError('history', `a list of ${epochs} epochs, as many as are over`, value);
  value.forEach((epoch: unknown, i) => {
    const record = checkRecord(epoch, `history[${i}]`);
    checkNumber(record['loss'], `history[${i}].loss`);
    for (const name of ['terms', 'metrics']) checkNumbers(record[name], `history[${i}].${name}`);
  });
}

function checkBest(value: unknown): void {
  const { epoch, value: number, waited } = checkRecord(value, 'best');
  count(epoch, 'best.epoch');
  checkNumber(number, 'best.value', { infinite: true });
  count(waited, 'best.waited');
}

function checkSameSizes(best: FlatParameters, parameters: FlatParameters): void {
  const sizes = (tree: FlatParameters): string[] =>
    Object.entries(tree)
      .map(([name, { length }]) => `${name}: ${length}`)
      .sort();
  if (String(sizes(best)) !== String(sizes(parameters)))
    throw typeError('bestParameters', 'of the names and sizes of parameters', best);
}

function check(content: Fields): void {
  checkString(content['form'], 'form');
  for (const name of ['seed', 'epoch', 'batch', 'iteration']) count(content[name], name);
  const parameters = checkFlat(content['parameters'], 'parameters');
  for (const name of ['module', 'optimiser']) checkRecord(content[name], name);
  checkSums(content['sums']);
  checkHistory(content['history'], content['epoch'] as number);
  if (content['best'] !== null) checkBest(content['best']);
  if (content['bestParameters'] !== null)
    checkSameSizes(checkFlat(content['bestParameters'], 'bestParameters'), parameters);
}

/** The content of a file as the state of a training. @throws RockpoolError `ERR_FILE` for anything else. */
export function checkState(content: object, path: string): TrainingState {
  try {
    check(content as Fields);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RockpoolError('ERR_FILE', `'${path}' cannot be read: ${why}`, { cause: error });
  }
  return content as TrainingState;
}
