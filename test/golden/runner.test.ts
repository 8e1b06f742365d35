import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setWarningHandler } from 'rockpool-node';
import './bind-digital.js';
import './bind-iaf.js';
import './bind-layers.js';
import './bind-exp-syn.js';
import './bind-filters.js';
import './bind-filter-modules.js';
import './bind-jax.js';
import './bind-fast-slow.js';
import './bind-weights.js';
import './bind-series.js';
import { classBinding } from './bindings.js';
import { missing } from './coverage.js';
import { deviations } from './deviations.js';
import { checkCaseFile, type Case, type Json, type JsonObject, type Step } from './format.js';
import { loadCases } from './load.js';
import { runCases } from './report.js';
import { main } from './run.js';
import { runCase } from './run-case.js';
import { itUnsanitized } from '../sanitized';

const folder = path.join(__dirname, '../../../test/golden/cases');

const times = { shape: [3], dtype: 'float64', data: [0, 1, 2] };
const samples = { shape: [3, 1], dtype: 'float64', data: [1, 2, 4] };

function makeCase(steps: Step[], changes: Partial<Case> = {}): Case {
  return { id: 'x/0', topic: 'x', class: 'TSContinuous', rockpool_version: '3.0.3', steps, ...changes };
}

const series: Step = { new: 'ts', class: 'TSContinuous', kwargs: { times, samples } };

function failures(steps: Step[]): string {
  return runCase(makeCase(steps)).failures.join('\n');
}

/** A copy with one number, shape, text or flag of an expected result changed; null when there is nothing to change. */
function corrupt(value: Json): Json | null {
  if (typeof value === 'number') return value + 1 + Math.abs(value) * 1e-2;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return `${value} and more`;
  if (Array.isArray(value)) {
    const i = value.findIndex((item) => corrupt(item) !== null);
    return i < 0 ? [...value, 1] : value.map((item, k) => (k === i ? corrupt(item) : item));
  }
  if (value === null) return 1;
  if (Array.isArray(value['data']) && Array.isArray(value['shape'])) {
    const data = value['data'];
    const i = data.findIndex((x) => typeof x === 'number');
    if (i < 0) return data.length > 0 ? { ...value, data: data.map(() => 1) } : { ...value, shape: [1], data: [1] };
    return {
      ...value,
      data: data.map((x, k) => (k === i ? (value['dtype'] === 'bool' ? 1 - (x as number) : (x as number) + 1) : x)),
    };
  }
  for (const key of Object.keys(value)) {
    if (key === 'type' || key === 'ref' || key === 'repr') continue;
    return { ...value, [key]: corrupt(value[key]) };
  }
  return null;
}

/** A step with only those of its results that are compared. */
function compared(step: Step): Step {
  const { expected_if_fixed, expected_float64, after_float64, ...rest } = step;
  const expected = expected_if_fixed ?? expected_float64 ?? rest.expected;
  const after = after_float64 ?? rest.after;
  return { ...rest, ...(expected !== undefined && { expected }), ...(after !== undefined && { after }) };
}

/** Corruptions of each part of a step's result, by what they change. */
function* corruptions(step: Step): Generator<[string, Step]> {
  if (step.raises !== undefined) {
    const rest = Object.fromEntries(Object.entries(step).filter(([key]) => key !== 'raises')) as Step;
    yield ['error expected no more', { ...rest, expected: 'a result' }];
    return;
  }
  if (step.expected !== undefined) {
    const value = corrupt(step.expected);
    if (value !== null) yield ['result', { ...step, expected: value }];
    if (step.statistics === undefined) yield ['error expected', { ...step, raises: { type: 'OSError', message: '' } }];
    const object = step.expected as JsonObject | null;
    if (typeof object === 'object' && Array.isArray(object?.['shape']) && (object['data'] as Json[]).length > 1) {
      yield ['shape', { ...step, expected: { ...object, shape: [...(object['shape'] as number[]), 1] } }];
    }
    if (typeof object === 'object' && typeof object?.['repr'] === 'string') {
      yield ['repr', { ...step, expected: { ...object, repr: `${object['repr']}.` } }];
    }
  }
  for (const key of Object.keys(step.after ?? {})) {
    const value = corrupt(step.after?.[key] ?? null);
    yield [`after ${key}`, { ...step, after: { ...step.after, [key]: value } }];
  }
  if (step.stdout !== undefined) yield ['stdout', { ...step, stdout: `${step.stdout}more\n` }];
}

describe('golden runner', () => {
  let cases: Case[];

  before(() => {
    setWarningHandler(() => undefined);
    cases = loadCases(folder);
  });

  after(() => setWarningHandler(null));

  it('passes what is right', () => {
    assert.equal(
      failures([
        series,
        {
          target: 'ts',
          call: '__call__',
          args: [[0, 1.5]],
          expected: { shape: [2, 1], dtype: 'float64', data: [1, 2] },
        },
      ]),
      '',
    );
  });

  it('fails for a wrong number, and names the element', () => {
    const wrong: Step = {
      target: 'ts',
      call: '__call__',
      args: [[0, 1.5]],
      expected: { shape: [2, 1], dtype: 'float64', data: [1, 2.0001] },
    };
    assert.match(
      failures([series, wrong]),
      /step 1 \(ts\.__call__\(\.\.\.\)\): result\[1, 0\]: expected 2\.0001, received 2 \(off by 1\.00e-4/,
    );
  });

  it('fails for a wrong shape, a missing error, an unexpected error and an error of another sort', () => {
    const call = { target: 'ts', call: '__call__', args: [[0, 1.5]] };
    assert.match(
      failures([series, { ...call, expected: { shape: [1, 2], dtype: 'float64', data: [1, 2] } }]),
      /expected shape \[1, 2\], received shape \[2, 1\]/,
    );
    assert.match(
      failures([series, { ...call, raises: { type: 'ValueError', message: '' } }]),
      /expected an error \(ValueError\), received a result/,
    );
    assert.match(failures([series, { ...call, args: [[7]], expected: 1 }]), /threw RangeError ERR_TIME_RANGE/);
    // A method that we lack is no error that we throw on purpose.
    assert.match(
      failures([series, { target: 'ts', call: 'no_such_method', raises: { type: 'TypeError', message: '' } }]),
      /no binding/,
    );
  });

  it('says where a file of cases is malformed', () => {
    const good = { format: 1, topic: 'x', cases: [makeCase([series])] };
    const bad: [unknown, RegExp][] = [
      [[], /f\.json: expected an object/],
      [{ ...good, format: 2 }, /expected "format" to be 1, received 2/],
      [{ ...good, cases: 3 }, /expected "cases" to be a list/],
      [{ ...good, cases: [3] }, /case 0: expected an object/],
      [{ ...good, cases: [{ ...good.cases[0], id: 3 }] }, /case 0: expected "id" to be a text/],
      [{ ...good, cases: [makeCase([])] }, /expected "steps" to be a list of at least one step/],
      [{ ...good, cases: [makeCase([series]), makeCase([series])] }, /the id x\/0 occurs twice/],
      [{ ...good, cases: [makeCase([{ ...series, expect: 1 } as Step])] }, /step 0: unknown key "expect"/],
      [
        { ...good, cases: [makeCase([{ ...series, args: 3 } as unknown as Step])] },
        /step 0: "args" has the wrong form/,
      ],
      [{ ...good, cases: [makeCase([{ target: 'ts' }])] }, /expected exactly one of/],
    ];
    for (const [content, pattern] of bad) assert.throws(() => checkCaseFile(content, 'f.json'), pattern);
    const broken = { ...series, kwargs: { times: { shape: [3], dtype: 'float64', data: [1] } } };
    assert.throws(() => runCase(makeCase([broken])), /step 0.*an array of shape \[3\] has 1 elements/);
  });

  it('exits with 2 and a clear text when there is nothing to run', () => {
    const empty = fs.mkdtempSync(path.join(os.tmpdir(), 'rockpool-golden-'));
    const run = (...argv: string[]): [number, string] => {
      let text = '';
      const status = main(
        argv,
        (t) => (text += t),
        (t) => (text += t),
      );
      return [status, text];
    };
    try {
      const [noFolder, noFolderText] = run(path.join(empty, 'nowhere'));
      assert.equal(noFolder, 2);
      assert.match(noFolderText, /cannot read the folder/);
      const [none, noneText] = run(empty);
      assert.equal(none, 2);
      assert.match(noneText, /holds no cases/);
      fs.writeFileSync(path.join(empty, 'a.json'), '{');
      assert.match(run(empty)[1], /a\.json: not readable as JSON/);
      fs.writeFileSync(
        path.join(empty, 'a.json'),
        JSON.stringify({ format: 1, cases: [makeCase([{ ...series, after: { 'ts.t_stop': 9 } }])] }),
      );
      const [failed, failedText] = run(empty, '--class', 'TSContinuous');
      assert.equal(failed, 1);
      assert.match(failedText, /0 passed, 1 failed, 0 not covered$/);
      assert.equal(run(empty, '--class', 'TSEvent')[0], 2);
      assert.equal(run('--colour')[0], 2);
      assert.equal(run('--class')[0], 2);
    } finally {
      fs.rmSync(empty, { recursive: true });
      setWarningHandler(() => undefined);
    }
  });

  it('counts a class without binding as not covered, whichever part of a case uses it', () => {
    const foreign: Step = { new: 'f', class: 'NoSuchLayer', kwargs: { weights: 1 } };
    assert.deepEqual(missing(makeCase([series, foreign])), ['NoSuchLayer']);
    const outcome = runCases([makeCase([series, foreign])]);
    assert.deepEqual([outcome.passed, outcome.failed, outcome.notCovered], [0, 0, 1]);
    // The names of the layers meant something else since 2.0.
    assert.ok(classBinding('FFRateEuler', [1, 1]));
    assert.notEqual(classBinding('FFRateEuler', [2, 0]), classBinding('FFRateEuler', [1, 1]));
    assert.equal(classBinding('Sequential', [1, 1]), undefined);
  });

  it('covers what we have', () => {
    const outcome = runCases(cases, [
      'TSContinuous',
      'TSEvent',
      'Network',
      'PassThrough',
      'FFRateEuler',
      'RecRateEuler',
      'RidgeRegrTrainer',
      'PassThroughEvents',
      'FFExpSyn',
      'FFExpSynTorch',
      'FFExpSynJax',
      'FFExpSynCurrentInJax',
      'TimedModuleWrapper',
      'combinators',
      'Instant',
      ...Array.from(cases, (c) => c.class).filter((name) => /^(FF|Rec)IAF/.test(name)),
    ]);
    const own =
      /^(TSContinuous|TSEvent|analysis|PassThrough$|PassThrough\.|FFRateEuler$|RecRateEuler$|Network\.(rate|build|time|train)|RidgeRegr|train_rr\.|PassThroughEvents$|FFExpSyn|v\d\.(LayerToTimedModule|Sequential|combinators|Instant)|(FF|Rec)IAF)/;
    assert.deepEqual(
      outcome.cases.filter((c) => own.test(c.topic) && c.status !== 'passed').map((c) => c.id),
      [],
    );
  });

  it('has a rule, with its row of the reference, for every deviation', () => {
    for (const rule of deviations) {
      assert.match(
        rule.row,
        /^(timeseries|layer-network|layers|training|weights|modules)\.md ([A-Z]-\d+m?|D\d|E\d|\d+(\.\d+)*)/,
      );
      assert.ok(rule.reason.length > 30 && rule.classes.length > 0 && rule.members.length > 0, rule.row);
    }
  });

  itUnsanitized('fails when any recorded result is corrupted', function () {
    this.timeout(120000);
    const survivors: string[] = [];
    let tried = 0;
    for (const c of cases.filter((k) => missing(k).length === 0 && k.kind === undefined)) {
      const { refused } = runCase(c);
      for (const [i, step] of c.steps.entries()) {
        if (refused.includes(i)) continue;
        // Every step of the small cases, every seventh of the others: the same calls recur with other numbers.
        if (c.steps.length > 12 && i % 7 !== 0) continue;
        for (const [what, changed] of corruptions(compared(step))) {
          tried++;
          const steps = c.steps.map((s, k) => (k === i ? changed : s)).slice(0, i + 1);
          if (runCase({ ...c, steps }).failures.length === 0)
            survivors.push(`${c.id} step ${i} ${step.call ?? step.class ?? step.set ?? ''}: ${what}`);
        }
      }
    }
    assert.ok(tried > 500, `${tried} corruptions`);
    assert.deepEqual(survivors, []);
  });
});
