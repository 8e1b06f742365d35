/** Dictionaries and JSON text of layers and networks: snake_case keys, numbers that JSON does not know as strings. */
import { promises, readFileSync } from 'node:fs';
import { NdArray } from '../array.js';
import { typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { regularFile, regularFileSync } from '../io/regular-file.js';
import { jsonErrorPlace } from './json-position.js';

/** `tauSyn` -> `tau_syn`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
}

/** `tau_syn` -> `tauSyn`; a leading underscore stays. */
export function camelCase(name: string): string {
  return name.replace(/(?<=[^_])_+([a-z0-9])/gi, (_, c: string) => c.toUpperCase());
}

/** The same entries under camelCase names, as constructors take them. */
export function camelCaseKeys(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [camelCase(key), value]));
}

const words: Record<string, number> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity };

/** Stands for -0 until the text is made: JSON knows it, `JSON.stringify` does not write it. */
const minusZero = '\0-0';

/** Arrays become nested lists; functions and class instances are refused, since JSON would lose them. */
function plain(key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return minusZero;
  if (value instanceof NdArray) return value.toArray();
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
    throw typeError(key || 'config', 'data that JSON can hold', value);
  }
  return value;
}

/** JSON text of a dictionary; NaN and infinities are written as the strings `"NaN"`, `"Infinity"`, `"-Infinity"`. */
export function toText(config: object): string {
  return JSON.stringify(config, plain).replaceAll(JSON.stringify(minusZero), '-0.0');
}

/** What {@link toText} writes, as an object. */
export function toPlain(config: object): unknown {
  return JSON.parse(toText(config));
}

/** Parses JSON text. Numbers that JSON does not know are read as strings and as the bare words that Python writes. */
export function fromText(text: string, filename = 'text'): Record<string, unknown> {
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
  let value: unknown;
  try {
    value = JSON.parse(quoted, (key, v: unknown) =>
      typeof v === 'string' && Object.hasOwn(words, v) && !/(^|_)name$/.test(key) ? words[v] : v,
    );
  } catch (cause) {
    throw new RockpoolError(
      'ERR_FILE',
      `expected ${filename} to be JSON, received text that is not, at ${jsonErrorPlace(text)}`,
      {
        cause,
        details: { filename },
      },
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RockpoolError(
      'ERR_FILE',
      `expected ${filename} to hold a dictionary, received ${Array.isArray(value) ? 'a list' : String(value)}`,
      { details: { filename } },
    );
  }
  return value as Record<string, unknown>;
}

function unreadable(filename: string, cause: unknown): RockpoolError {
  return new RockpoolError(
    'ERR_FILE',
    `expected ${filename} to be a readable file, received ${(cause as Error).message}`,
    { cause, details: { filename } },
  );
}

/** Reads a dictionary from a JSON file. @throws RockpoolError `ERR_FILE` when the file cannot be read or is no dictionary. */
export async function readConfig(filename: string): Promise<Record<string, unknown>> {
  const text = await regularFile(filename)
    .then((path) => promises.readFile(path, 'utf8'))
    .catch((cause: unknown) => Promise.reject(unreadable(filename, cause)));
  return fromText(text, filename);
}

/** The same, waiting for the disk. */
export function readConfigSync(filename: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(regularFileSync(filename), 'utf8');
  } catch (cause) {
    throw unreadable(filename, cause);
  }
  return fromText(text, filename);
}
