/** Values of options, checked as they are read: a wrong one is an error of usage that names the option. */
import { InvalidArgumentError } from 'commander';
import { checkInteger, checkNumber, type NumberBounds } from '../check.js';

function parsed<T>(text: string, parse: (value: number) => T): T {
  const value = text.trim() === '' ? NaN : Number(text);
  try {
    return parse(value);
  } catch (error) {
    throw new InvalidArgumentError(
      (error as Error).message.replace(/^expected .* to be /, 'Expected ').replace(/, received .*$/, '.'),
    );
  }
}

/** A number: `.option('--dt <seconds>', '…', number({ positive: true }))`. */
export function number(bounds: NumberBounds = {}): (text: string) => number {
  return (text) => parsed(text, (value) => checkNumber(value, 'value', bounds));
}

/** A whole number. */
export function integer(bounds: NumberBounds = {}): (text: string) => number {
  return (text) => parsed(text, (value) => checkInteger(value, 'value', bounds));
}

/** Numbers with commas between them. */
export function numbers(bounds: NumberBounds = {}): (text: string) => number[] {
  const one = number(bounds);
  return (text) => text.split(',').map(one);
}

/** Whole numbers and ranges with commas between them: `0,3,8-11`. */
export function indices(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const range = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part);
    if (!range) throw new InvalidArgumentError('Expected whole numbers and ranges, such as 0,3,8-11.');
    const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])];
    if (last < first) throw new InvalidArgumentError(`Expected a range from small to large, received ${part}.`);
    if (last - first > 1e6) throw new InvalidArgumentError(`Expected at most a million numbers, received ${part}.`);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
