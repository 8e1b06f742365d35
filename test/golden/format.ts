/** The format of recorded cases (see the README of the data): types, and the checks of a file that is read. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** One thing to do, and what the original answered. */
export interface Step {
  new?: string;
  class?: string;
  target?: string;
  call?: string;
  set?: string;
  get?: string[];
  value?: Json;
  args?: Json[];
  kwargs?: JsonObject;
  store?: string;
  expected?: Json;
  expected_float64?: Json;
  expected_if_fixed?: Json;
  after?: JsonObject;
  after_float64?: JsonObject;
  raises?: { type: string; message: string };
  returns_self?: boolean;
  stdout?: string;
  statistics?: JsonObject;
  repeats?: number;
}

export interface Case {
  id: string;
  topic: string;
  class: string;
  rockpool_version: string;
  kind?: string;
  note?: string;
  steps: Step[];
}

/** A description that a step holds where others hold any value. */
export function textValue(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A file of cases that cannot be read: says which file and what is wrong with it. */
export class CaseFileError extends Error {}

const stepKeys: Record<string, (value: unknown) => boolean> = {
  new: isText,
  class: isText,
  target: isText,
  call: isText,
  set: isText,
  get: (v) => Array.isArray(v) && v.every(isText),
  value: () => true,
  args: Array.isArray,
  kwargs: isPlainObject,
  store: isText,
  expected: () => true,
  expected_float64: () => true,
  expected_if_fixed: () => true,
  after: isPlainObject,
  after_float64: isPlainObject,
  raises: (v) => isPlainObject(v) && isText((v as JsonObject)['type']),
  returns_self: (v) => typeof v === 'boolean',
  stdout: (v) => typeof v === 'string',
  statistics: isPlainObject,
  repeats: (v) => typeof v === 'number',
  warnings: Array.isArray,
  spikes: () => true,
  comment: isText,
};

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkStep(step: unknown, where: string): void {
  if (!isPlainObject(step)) throw new CaseFileError(`${where}: expected a step to be an object`);
  const s = step as Record<string, unknown>;
  for (const [key, value] of Object.entries(s)) {
    const check = stepKeys[key];
    // An unknown key could hold a result; passing over it would report a pass that was not checked.
    if (check === undefined) throw new CaseFileError(`${where}: unknown key "${key}"`);
    if (!check(value)) throw new CaseFileError(`${where}: "${key}" has the wrong form`);
  }
  const kinds = [
    'new' in s && 'class' in s,
    'target' in s && 'call' in s,
    'target' in s && 'set' in s && 'value' in s,
    'target' in s && 'get' in s,
    !('target' in s) && !('new' in s) && 'value' in s && 'expected' in s,
    !('target' in s) && !('new' in s) && !('value' in s) && 'after' in s,
  ].filter(Boolean).length;
  if (kinds !== 1) {
    throw new CaseFileError(
      `${where}: expected exactly one of new + class, target + call, set + value, get, value + expected or after`,
    );
  }
}

/** Checks the content of one file and returns its cases. */
export function checkCaseFile(content: unknown, file: string): Case[] {
  if (!isPlainObject(content)) throw new CaseFileError(`${file}: expected an object`);
  const { format, cases } = content as Record<string, unknown>;
  if (format !== 1) throw new CaseFileError(`${file}: expected "format" to be 1, received ${JSON.stringify(format)}`);
  if (!Array.isArray(cases)) throw new CaseFileError(`${file}: expected "cases" to be a list`);
  const ids = new Set<string>();
  for (const [i, entry] of (cases as unknown[]).entries()) {
    const where = `${file}: case ${i}`;
    if (!isPlainObject(entry)) throw new CaseFileError(`${where}: expected an object`);
    const c = entry as Record<string, unknown>;
    for (const key of ['id', 'topic', 'class', 'rockpool_version']) {
      if (!isText(c[key])) throw new CaseFileError(`${where}: expected "${key}" to be a text`);
    }
    if (!Array.isArray(c['steps']) || c['steps'].length === 0) {
      throw new CaseFileError(`${where} (${String(c['id'])}): expected "steps" to be a list of at least one step`);
    }
    if (ids.has(c['id'] as string)) throw new CaseFileError(`${where}: the id ${String(c['id'])} occurs twice`);
    ids.add(c['id'] as string);
    (c['steps'] as unknown[]).forEach((step, k) => checkStep(step, `${where} (${String(c['id'])}), step ${k}`));
  }
  return cases as Case[];
}
