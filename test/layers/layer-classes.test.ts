import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setWarningHandler, TSContinuous, TSEvent, type TimeSeries } from 'rockpool-node';
import * as layers from 'rockpool-node/layers';
import type { Layer } from 'rockpool-node/layers';
import { events } from './iaf/helpers';
import { makers } from './layer-classes';
import { inputSeries } from './rate-helpers';

const page = readFileSync(join(__dirname, '../../../docs/layer-classes.md'), 'utf8');

/** Rows of the table: the original's name, and ours. */
const rows = [...page.matchAll(/^\| `(\w+)` \| [^|]* \| (?:`(\w+)`|—) \|/gm)].map(([, original, here]) => ({
  original,
  here: here,
}));
const here = rows.flatMap((row) => (row.here === undefined ? [] : [row.here]));

/** Those of which no layer can be made. */
const abstract = ['Layer', 'CLIAF', 'FilterBank'];
/** These need a board, or the board model, which are opened first: see dynapse/rec-dynapse.test.ts. */
const onBoards = ['RecDynapSE', 'RecDynapSEDemo'];
const steps = 60;

/** Computed from other attributes, and documented as new arrays. */
const derived: Readonly<Record<string, readonly string[]>> = {
  FFRateEuler: ['alpha'],
  RecIAFSpkInNest: ['tauSyn'],
  RecAEIFSpkInNest: ['tauMem', 'tauSyn'],
  VirtualDynapse: ['tauMem', 'tauSyn', 'capacity', 'conductance', 'subthreshAdapt', 'vReset', 'vRest'],
};

const inputFor = (layer: Layer, n: number): TimeSeries =>
  layer.inputType === TSEvent ? events(layer.sizeIn, n * layer.dt) : inputSeries(n, layer.sizeIn, layer.dt);

function assertSameSeries(a: TimeSeries, b: TimeSeries): void {
  assert.deepEqual(Array.from(a.times), Array.from(b.times));
  if (a instanceof TSEvent) assert.deepEqual(Array.from(a.channels), Array.from((b as TSEvent).channels));
  else assert.deepEqual(Array.from((a as TSContinuous).samples.data), Array.from((b as TSContinuous).samples.data));
}

/** Numeric attributes that can be read as arrays and set. */
function arrayAttributes(layer: Layer): string[] {
  const names = new Set<string>();
  for (let proto: object = layer; proto !== Object.prototype; proto = Object.getPrototypeOf(proto) as object) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(proto))) {
      if (!descriptor.get || !descriptor.set || name.startsWith('_') || name.endsWith('LastEvolution')) continue;
      if ((layer as unknown as Record<string, unknown>)[name] instanceof Float64Array) names.add(name);
    }
  }
  return [...names].sort();
}

describe('Every layer class of the original', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-classes-'));
  before(() => setWarningHandler(() => undefined));
  after(() => {
    setWarningHandler(null);
    rmSync(folder, { recursive: true, force: true });
  });

  it('has a row, and every row a class', () => {
    assert.ok(rows.length >= 50, `the table has ${rows.length} rows`);
    assert.deepEqual([...new Set(here)].sort(), [...Object.keys(makers), ...abstract, ...onBoards].sort());
    for (const name of here) assert.equal(typeof (layers as Record<string, unknown>)[name], 'function', name);
  });

  for (const [name, make] of Object.entries(makers)) {
    describe(name, () => {
      it('evolves', () => {
        const layer = make();
        assert.equal(layer.className, name);
        const output = layer.evolve(inputFor(layer, steps), { numTimesteps: steps });
        assert.ok(output instanceof layer.outputType);
        assert.equal(output.numChannels, layer.sizeOut);
        assert.equal(layer.timestep, steps);
      });

      it('is the same after saving and loading, as a dictionary and as a file', async () => {
        const layer = make();
        const file = join(folder, `${name}.json`);
        await layer.saveLayer(file);
        const input = inputFor(layer, steps);
        const output = layer.evolve(input, { numTimesteps: steps });
        for (const loaded of [
          layers.Layer.loadFromDict(JSON.parse(JSON.stringify(make().toDict())) as never),
          await layers.Layer.loadFromFile(file),
        ]) {
          assert.equal(loaded.constructor, layer.constructor);
          assert.deepEqual(loaded.toDict(), layer.toDict());
          assertSameSeries(loaded.evolve(input, { numTimesteps: steps }), output);
        }
      });

      it('goes on from a snapshot, and off the event loop, bit for bit', async () => {
        const whole = make();
        const input = inputFor(whole, 2 * steps);
        whole.evolve(input, { numTimesteps: steps });
        const snapshot = whole.snapshot();
        const rest = whole.evolve(input, { numTimesteps: steps });
        const other = make();
        other.restore(snapshot);
        assertSameSeries(await other.evolveAsync(input, { numTimesteps: steps }), rest);
        assert.deepEqual(other.snapshot(), whole.snapshot());
      });

      it('takes elements that are written into its attributes', () => {
        const layer = make();
        const values = layer as unknown as Record<string, Float64Array>;
        for (const attribute of arrayAttributes(layer)) {
          if (derived[name]?.includes(attribute)) continue;
          const array = values[attribute];
          if (array.length === 0) continue;
          const value = array[0] * 1.01;
          array[0] = value;
          assert.equal(values[attribute][0], value, attribute);
        }
      });
    });
  }
});
