import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layerClass, Layer, RecRateEuler, registerLayerClass } from 'rockpool-node/layers';
import { main } from '../../examples/custom-layer.js';
import { Accumulator, codeOf, ones } from './helpers.js';

registerLayerClass('Accumulator', Accumulator);

describe('Layer: dictionaries and files', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'layers-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('has the fields of the original', () => {
    const layer = new Accumulator([[1, 2]], { dt: 0.1, noiseStd: 0.5, name: 'L', gain: 3 });
    assert.deepEqual(layer.toDict(), {
      weights: [[1, 2]],
      dt: 0.1,
      noise_std: 0.5,
      name: 'L',
      class_name: 'Accumulator',
      gain: 3,
    });
    assert.deepEqual(JSON.parse(JSON.stringify(layer)), layer.toDict());
  });

  it('comes back equal, by its class or by its class name, with overrides of either spelling', () => {
    const layer = new Accumulator([[1, 2]], { dt: 0.1, noiseStd: 0.5, name: 'L', gain: 3 });
    for (const cls of [Accumulator, Layer]) assert.deepEqual(cls.loadFromDict(layer.toDict()).toDict(), layer.toDict());
    const other = Accumulator.loadFromDict(layer.toDict(), { noiseStd: 2, name: 'M' });
    assert.deepEqual([other.noiseStd, other.name, other.gain], [2, 'M', 3]);
    assert.equal(Accumulator.loadFromDict(layer.toDict(), { noise_std: 4 }).noiseStd, 4);
    const rate = new RecRateEuler(
      [
        [0.1, 0.2],
        [0.3, 0.4],
      ],
      { tau: [20, 30], bias: 0.1 },
    );
    assert.deepEqual(Layer.loadFromDict(rate.toDict()).toDict(), rate.toDict());
  });

  it('stores state, time and seed on request', () => {
    const layer = new Accumulator([[1, 2]], { dt: 0.1, seed: 11 });
    layer.evolve(ones(1));
    const dict = layer.toDict({ includeState: true });
    assert.deepEqual([dict['timestep'], dict['seed'], dict['state']], [10, 11, [...layer.state]]);
    const twin = Accumulator.loadFromDict(JSON.parse(JSON.stringify(dict)) as never);
    assert.deepEqual([twin.timestep, twin.seed, [...twin.state]], [10, 11, [...layer.state]]);
    assert.equal(Accumulator.loadFromDict(layer.toDict()).timestep, 0);
  });

  it('checks the class', () => {
    const dict = new Accumulator(1).toDict();
    assert.equal(
      codeOf(() => RecRateEuler.loadFromDict(dict)),
      'ERR_CLASS',
    );
    assert.equal(
      codeOf(() => Layer.loadFromDict({ ...dict, class_name: 'Nonsense' })),
      'ERR_CLASS',
    );
    assert.equal(
      Accumulator.loadFromDict({ ...dict, class_name: 'Other' }, { className: 'Accumulator' }).className,
      'Accumulator',
    );
    const without: Record<string, unknown> = { ...dict };
    delete without['class_name'];
    assert.equal(
      codeOf(() => Accumulator.loadFromDict(without)),
      'ERR_KEY',
    );
    assert.equal(
      codeOf(() => Accumulator.loadFromDict({ ...dict, nonsense: 1 })),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => Accumulator.loadFromDict(null as never)),
      'ERR_TYPE',
    );
    assert.equal(layerClass('Accumulator'), Accumulator);
    assert.equal(
      codeOf(() => layerClass('Nonsense')),
      'ERR_CLASS',
    );
    assert.equal(
      codeOf(() => registerLayerClass('X', {} as never)),
      'ERR_TYPE',
    );
  });

  it('is saved and loaded, with promises and without', async () => {
    const layer = new Accumulator([[1, 2]], { name: 'NaN', gain: 2 });
    layer.weights.set(0, 0, NaN);
    layer.weights.set(0, 1, -Infinity);
    const file = join(folder, 'layer.json');
    await layer.saveLayer(file);
    assert.deepEqual((JSON.parse(readFileSync(file, 'utf8')) as { weights: unknown }).weights, [['NaN', '-Infinity']]);
    for (const twin of [await Accumulator.loadFromFile(file), Layer.loadFromFileSync(file) as Accumulator]) {
      assert.deepEqual(twin.weights.toArray(), [[NaN, -Infinity]]);
      assert.equal(twin.name, 'NaN');
    }
    layer.saveLayerSync(file);
    assert.equal(((await Layer.loadFromFile(file, { gain: 5 })) as Accumulator).gain, 5);
    await layer.save({ a: Float64Array.of(1, Infinity) }, file);
    assert.equal(readFileSync(file, 'utf8'), '{"a":[1,"Infinity"]}');
    await assert.rejects(layer.save({ f: () => 1 }, file), { code: 'ERR_TYPE' });
    assert.equal(readFileSync(file, 'utf8'), '{"a":[1,"Infinity"]}');
  });

  it('reads the bare words that Python writes, and says what is wrong with a file', async () => {
    const file = join(folder, 'python.json');
    writeFileSync(
      file,
      '{"weights": [[NaN, -Infinity, Infinity]], "dt": 0.1, "noise_std": 0.0, "name": "a NaN \\" Infinity", "class_name": "Accumulator"}',
    );
    const layer = await Accumulator.loadFromFile(file);
    assert.deepEqual(layer.weights.toArray(), [[NaN, -Infinity, Infinity]]);
    assert.equal(layer.name, 'a NaN " Infinity');
    writeFileSync(file, '{"weights": [[1');
    await assert.rejects(Accumulator.loadFromFile(file), { code: 'ERR_FILE' });
    assert.equal(
      codeOf(() => Accumulator.loadFromFileSync(join(folder, 'none.json'))),
      'ERR_FILE',
    );
    writeFileSync(file, '[1]');
    await assert.rejects(Accumulator.loadFromFile(file), { code: 'ERR_FILE' });
  });

  it('runs the example of a layer of one’s own', async () => {
    const lines: string[] = [];
    await main((line) => lines.push(line));
    assert.match(
      lines.join('\n'),
      /Smoother object: "smooth" \[1 TSContinuous in -> 2 internal -> 2 TSContinuous out\]\n50 and 50 samples, t = 1, state 0.97.*\nSmoother object: "twin".* at t = 1/,
    );
  });
});
