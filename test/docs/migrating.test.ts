import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as main from 'rockpool-node';
import * as devices from 'rockpool-node/devices/dynapse';
import * as io from 'rockpool-node/io';
import * as layers from 'rockpool-node/layers';
import * as combinators from 'rockpool-node/nn/combinators';
import * as nnModules from 'rockpool-node/nn/modules';
import * as networks from 'rockpool-node/nn/networks';
import * as plot from 'rockpool-node/plot';
import * as training from 'rockpool-node/training';
import * as weights from 'rockpool-node/weights';
import { root } from './blocks';

type Anything = Record<string, unknown>;
type Class = { prototype: object };

const exported = new Map(
  [main, devices, io, layers, combinators, nnModules, networks, plot, training, weights].flatMap((entry) =>
    Object.entries(entry as Anything),
  ),
);

/** What stands before the dot in the right column: classes that are not abstract. */
const receivers: Readonly<Record<string, Class>> = {
  series: main.TSContinuous,
  events: main.TSEvent,
  layer: layers.RecIAFTorch,
  net: main.Network,
  mod: nnModules.Linear,
  tmod: main.TimedModuleWrapper,
  control: devices.DynapseControl,
  demo: layers.RecDynapSEDemo,
};

const isClass = (value: unknown): value is Class => typeof value === 'function' && 'prototype' in value && value.prototype !== undefined; // prettier-ignore
const isMember = (name: string): boolean =>
  [...exported.values()].some((value) => isClass(value) && name in value.prototype);

/** What is wrong with a name of the right column, or undefined. */
function problemOf(code: string): string | undefined {
  const name = code.replace(/^(?:for await \(… of |await )/, '');
  const [, isNew, first, member] = /^(new )?([A-Za-z_]\w*)(?:\.(\w+))?/.exec(name) ?? [];
  if (first === undefined || code.startsWith('{')) return `${code}: no name`;
  if (/^ERR_[A-Z_]+$/.test(first) || ['TypeError', 'RangeError'].includes(first)) return undefined;
  const receiver = receivers[first];
  if (receiver && member !== undefined) return member in receiver.prototype || first === 'layer' && member === 'tauMem' ? undefined : `${code}: no such member`; // prettier-ignore
  const value = exported.get(first);
  if (value === undefined)
    return !isNew && member === undefined && isMember(first) ? undefined : `${code}: not exported`;
  if (isNew && !isClass(value)) return `${code}: no class`;
  return member === undefined || member in (value as object) ? undefined : `${code}: no such static member`;
}

describe('the tables of names for those who come from Python', () => {
  const page = readFileSync(join(root, 'docs/migrating.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (.*?) \| (.*?) \|$/gm)].filter(([, left]) => !/^(Python|-+)$/.test(left));

  it('name only what is there', () => {
    // Options, types, what JavaScript itself has, and methods that `addTrainOutput` adds.
    const plain = new Set([
      '{ regularize, isFirst, isLast }',
      '{ virtual: true }',
      '[output, newState, recorded]',
      'String(x)',
      'Map',
      'code',
      'trainAdam',
    ]);
    const names = rows.flatMap(([, , right]) => [...right.matchAll(/`([^`]+)`/g)].map((m) => m[1]));
    assert.ok(names.length > 200, `${names.length} names`);
    assert.deepEqual(
      names
        .filter((name) => !plain.has(name))
        .map(problemOf)
        .filter((problem) => problem !== undefined),
      [],
    );
  });

  it('have as many columns as their heads', () => {
    for (const line of page.split('\n').filter((text) => text.startsWith('|')))
      assert.equal(line.replace(/`[^`]*`/g, '').split('|').length, 4, line);
  });

  // Functions and classes that need no line of their own: those with the original's name are found by it.
  for (const [name, entry] of Object.entries({ weights, training }) as [string, Anything][]) {
    it(`name every generator and every function of ${name} that the original has`, () => {
      const ours = new Set([
        ...['eigenvalues'],
        ...[
          'SparseMatrix',
          'Optimiser',
          'TransformedModule',
          'spectralRadius',
          'scaled',
          'sumLosses',
          'fit',
          'BinaryPeakLoss',
        ],
        ...[
          'binaryPeakLoss',
          'peakLoss',
          'crossEntropy',
          'targetActivity',
          'activityBounds',
          'activityL2',
          'activityMean',
        ],
        ...[
          'boundsLoss',
          'l0Loss',
          'l2Loss',
          'logsoftmaxGradient',
          'softmaxGradient',
          'softmaxDivergence',
          'squaredMismatch',
        ],
        ...[
          'clipGradients',
          'gradientNorm',
          'constantSchedule',
          'cosineSchedule',
          'exponentialSchedule',
          'stepSchedule',
        ],
        ...['warmUp', 'gradientEvolution', 'lifLoss', 'rateLoss', 'reservoirTransfer'],
      ]);
      const missing = Object.keys(entry).filter((key) => !ours.has(key) && !page.includes(`\`${key}`));
      assert.deepEqual(missing, []);
    });
  }
});
