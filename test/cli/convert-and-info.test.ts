import assert from 'node:assert/strict';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { NdArray, TSContinuous, TSEvent } from 'rockpool-node';
import { loadTsFromFileSync, readNpySync, writeNpzSync } from 'rockpool-node/io';
import { Sequential } from 'rockpool-node/nn/combinators';
import { LIF, Linear } from 'rockpool-node/nn/modules';
import { fixture, useFolder } from '../io/helpers';
import { call, callJson } from './helpers';
import { writeEvents, writeModule, writeTones, writeWaves } from './sounds';

interface Info {
  kind: string;
  format: string;
  class: string;
  channels: number;
  length: number;
  tStop: number;
  dt: number;
  minimum: number;
  maximum: number;
  rate: number;
  arrays: { name: string; dtype: string; shape: number[] }[];
  layers: { name: string; from: string }[];
  numParameters: number;
  nodes: { name: string; type: string }[];
}

describe('rockpool-node convert', () => {
  const { path, names } = useFolder();

  const convert = async (from: string, to: string, ...options: string[]) => {
    const { code, stderr } = await call(['convert', path(from), path(to), ...options]);
    assert.equal(code, 0, stderr);
  };

  it('carries samples from form to form without changing a bit', async () => {
    writeWaves(path('x.npz'), path('y.npz'), 100);
    const x = loadTsFromFileSync(path('x.npz')) as TSContinuous;
    await convert('x.npz', 'x.json');
    await convert('x.json', 'x.csv');
    await convert('x.csv', 'x.wav', '--wav-format', 'float64', '--rate', '1000');
    await convert('x.wav', 'x.npy');
    await convert('x.npy', 'again.npz', '--input-dt', '0.001');
    const again = loadTsFromFileSync(path('again.npz')) as TSContinuous;
    assert.deepEqual(again.samples, x.samples);
    assert.deepEqual(Array.from(readNpySync(path('x.npy')).shape), [100, 2]);
    again.times.forEach((t, i) => assert.ok(Math.abs(t - x.times[i]) < 1e-12, `${t}`));
  });

  it('carries events, with --csv-metadata also their extent', async () => {
    const events = writeEvents(path('e.npz'));
    await convert('e.npz', 'e.json');
    await convert('e.json', 'e.csv', '--csv-metadata');
    await convert('e.csv', 'again.npz');
    const again = loadTsFromFileSync(path('again.npz')) as TSEvent;
    assert.deepEqual([again.times, again.channels], [events.times, events.channels]);
    assert.deepEqual([again.numChannels, again.tStart, again.tStop, again.name], [6, 0, 1.5, 'events']);
  });

  it('reads AEDAT files', async () => {
    const { data, code, stderr } = await callJson<Info & { source: string }>(['info', fixture('aedat/dv-lz4.aedat4')]);
    assert.deepEqual([code, data.class, data.format], [0, 'TSEvent', 'aedat'], stderr);
    assert.ok(data.length > 0);
    const all = await call(['convert', fixture('aedat/dv-lz4.aedat4'), path('all.npz')]);
    assert.equal(all.code, 0, all.stderr);
    assert.equal(loadTsFromFileSync(path('all.npz')).length, data.length);
  });

  it('takes parts: times, channels, samples at an interval', async () => {
    writeWaves(path('x.npz'), path('y.npz'), 1000);
    await convert('x.npz', 'part.npz', '--channels', '1', '--start', '0.2', '--stop', '0.5', '--resample', '0.01');
    const x = loadTsFromFileSync(path('x.npz')) as TSContinuous;
    const part = loadTsFromFileSync(path('part.npz')) as TSContinuous;
    assert.deepEqual([part.numChannels, part.length, part.tStart, part.tStop], [1, 31, 0.2, 0.5]);
    assert.equal(part.samples.data[10], x.sample([0.3]).data[1]);
    writeEvents(path('e.npz'));
    await convert('e.npz', 'some.npz', '--channels', '1,3-4', '--start', '0.5');
    const some = loadTsFromFileSync(path('some.npz')) as TSEvent;
    assert.deepEqual([some.numChannels, Array.from(new Set(some.channels))], [3, [0, 1, 2]]);
    assert.ok(some.times[0] >= 0.5);
  });

  it('carries modules to NIR and back', async function () {
    this.timeout(60_000);
    const net = new Sequential(new Linear([2, 3], { seed: 1 }), new LIF(3, { tauMem: 0.02, tauSyn: 0.01 }));
    net.saveSync(path('net.json'));
    await convert('net.json', 'net.nir');
    const info = await callJson<Info>(['info', path('net.nir')]);
    assert.deepEqual([info.data.kind, info.data.nodes.length], ['graph', 4]);
    await convert('net.nir', 'again.json');
    const wave = new TSContinuous([0, 0.5], [[3, 1], [2, 5]]); // prettier-ignore
    wave.saveSync(path('in.npz'));
    for (const name of ['net', 'again'])
      assert.equal(
        (await call(['run', path(`${name}.json`), '-i', path('in.npz'), '-o', path(`${name}.npz`)])).code,
        0,
      );
    const spikes = ['net', 'again'].map((name) => loadTsFromFileSync(path(`${name}.npz`)).times);
    assert.ok(spikes[0].length > 0);
    assert.deepEqual(spikes[1], spikes[0]);
  });

  it('what cannot be converted is an error that says why, and nothing is written', async () => {
    writeWaves(path('x.npz'), path('y.npz'), 50);
    writeEvents(path('e.npz'));
    writeModule(path('m.json'));
    const before = names();
    const cases: [string[], number, RegExp][] = [
      [['x.npz'], 2, /missing required argument 'to'/],
      [['x.npz', 'x.mp3'], 2, /should end with one of/],
      [['e.npz', 'e.wav'], 2, /hold samples, and these are events/],
      [['x.npz', 'x.nir'], 2, /holds no network/],
      [['m.json', 'm.npz'], 2, /should end with .json or .nir/],
      [['m.json', 'm.nir'], 1, /Rate have no counterpart/],
      [['x.npz', 'z.npz', '--start', '2', '--stop', '1'], 2, /before --stop/],
      [['x.npz', 'z.npz', '--channels', '7'], 2, /asks for channel 7, and there are 2/],
      [['x.npz', 'z.npz', '--channels', 'a'], 2, /whole numbers and ranges/],
      [['e.npz', 'z.npz', '--resample', '1'], 2, /for samples, and these are events/],
      [['x.npz', '.'], 2, /should end with/],
    ];
    for (const [[from, to, ...options], wanted, message] of cases) {
      const args = ['convert', path(from), ...(to === undefined ? [] : [path(to)]), ...options];
      const { code, stdout, stderr } = await call(args);
      assert.match(stderr, message, args.join(' '));
      assert.deepEqual([code, stdout], [wanted, ''], stderr);
    }
    assert.deepEqual(names(), before);
  });
});

describe('rockpool-node info', () => {
  const { path } = useFolder();

  it('tells of series, arrays, networks, modules, several at once', async () => {
    writeWaves(path('x.npz'), path('y.npz'), 100);
    writeEvents(path('e.npz'));
    writeModule(path('m.json'));
    writeTones(path('tone.wav'), [['a', 200]]);
    writeNpzSync(path('arrays.npz'), { a: NdArray.zeros([2, 3]), b: Int32Array.of(1, 2), c: 'text' });
    const files = ['x.npz', 'e.npz', 'm.json', 'tone.wav', 'arrays.npz'].map((name) => path(name));
    const { code, lines } = await callJson<Info>(['info', ...files]);
    const [x, e, m, tone, arrays] = lines;
    assert.deepEqual([code, lines.length], [0, 5]);
    assert.deepEqual([x.class, x.channels, x.length, Math.round(1 / x.dt)], ['TSContinuous', 2, 100, 1000]);
    assert.deepEqual([e.class, e.channels, e.length, e.tStop], ['TSEvent', 6, 50, 1.5]);
    assert.deepEqual([m.kind, m.class, m.numParameters], ['module', 'ModSequential', 12 + 6 + 6 + 1 + 6]);
    assert.deepEqual([tone.format, tone.length, tone.tStop], ['wav', 4800, 0.6]);
    assert.deepEqual(arrays.arrays, [
      { name: 'a', dtype: 'float64', shape: [2, 3] },
      { name: 'b', dtype: 'int32', shape: [2] },
      { name: 'c', dtype: 'text', shape: [], text: 'text' },
    ]);
    const text = await call(['info', ...files]);
    assert.match(text.stdout, /time series +TSEvent 'events'/);
    assert.match(text.stdout, /a {6}float64 +2 x 3/);
  });

  it('tells the nodes of NIR files of other toolkits', async () => {
    const { data, stdout } = await callJson<Info>(['info', fixture('nir/nir-cuba-lif.nir')]);
    assert.ok(
      data.nodes.some(({ type }) => type === 'CubaLIF'),
      stdout,
    );
  });

  it('goes on after a file that cannot be read, and ends with its exit code', async () => {
    writeEvents(path('e.npz'));
    const { code, lines, stderr } = await callJson<Info>(['info', path('none.npz'), path('e.npz'), path('no.json')]);
    assert.deepEqual([code, lines.length], [3, 1]);
    const errors = stderr.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, { message: string }>); // prettier-ignore
    assert.match(errors[0].warning.message, /none\.npz/);
    assert.match(errors[1].error.message, /no\.json/);
  });

  it('bad files: each an error on one line that names the file, exit code 3', async () => {
    writeWaves(path('x.npz'), path('y.npz'), 100);
    writeTones(path('t.wav'), [['a', 200]]);
    const write = (name: string, data: string | Uint8Array): string => {
      writeFileSync(path(name), data);
      return path(name);
    };
    const npz = readFileSync(path('x.npz'));
    const wav = readFileSync(path('t.wav'));
    const flipped = Buffer.from(npz);
    for (let i = 200; i < 400; i++) flipped[i] ^= 0x5a;
    mkdirSync(path('folder.json'));
    symlinkSync(path('nowhere'), path('link.npz'));
    const huge = openSync(path('huge.wav'), 'w');
    writeSync(huge, wav.subarray(0, 44));
    ftruncateSync(huge, 3 * 2 ** 30);
    closeSync(huge);
    const cases: [string, RegExp][] = [
      [write('empty.npz', ''), /it is empty/],
      [write('cut.npz', npz.subarray(0, npz.length / 2)), /cut\.npz/],
      [write('flipped.npz', flipped), /flipped\.npz/],
      [write('text.npz', 'hello'), /its first bytes are not those of an npz file/],
      [write('cut.wav', wav.subarray(0, 30)), /cut\.wav/],
      [write('half.json', '{"class_name": "Network", "layers": ['), /half\.json': expected it to be JSON, received text that is not, at its end/],
      [write('other.json', '{"a": 1}'), /neither layers nor a class_name/],
      [write('list.json', '[1, 2]'), /list\.json/],
      [write('class.json', '{"class_name": "Nope", "weights": [[1]]}'), /no layer or module of class 'Nope'/],
      [write('layer.json', '{"class_name": "PassThrough", "weights": "x"}'), /layer\.json/],
      [write('series.json', '{"class_name": "TSContinuous", "times": [0, 1], "samples": [1]}'), /series\.json/],
      [write('order.json', '{"class_name": "TSEvent", "times": [1, 0], "channels": "x"}'), /no list 'channels'/],
      [write('hear.json', '{"class_name": "Network", "layers": [], "preprocessing": {"mel": {"bands": -1}}}'), /preprocessing\.mel\.bands/],
      [write('bad.nir', Buffer.concat([Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), Buffer.alloc(100)])), /bad\.nir/],
      [write('noise.csv', Buffer.from([0, 1, 2, 3, 255])), /it is no text/],
      [write('what.bin', Buffer.from([7, 8, 9])), /neither its first bytes nor its ending/],
      [path('huge.wav'), /huge\.wav/],
      [path('folder.json'), /it is a folder|it is no file/],
      [path('link.npz'), /no such file/],
      ['/dev/null', /it is no file/],
    ]; // prettier-ignore
    for (const [file, message] of cases) {
      const { code, stdout, stderr } = await call(['info', file]);
      assert.match(stderr, message, file);
      assert.ok(stderr.includes(`'${file}'`), stderr);
      assert.deepEqual([code, stdout, stderr.trimEnd().split('\n').length], [3, '', 1], `${file}: ${stderr}`);
    }
  });

  it('names in files cannot steer the terminal', async () => {
    const name = 'x\u001b[31m\u0007';
    new TSContinuous([0, 1], [1, 2], { name }).saveSync(path('name.npz'));
    const { stdout } = await call(['info', path('name.npz')]);
    assert.ok(stdout.includes('x\\x1b[31m\\x07'), stdout);
    const { data } = await callJson<{ name: string }>(['info', path('name.npz')]);
    assert.equal(data.name, name);
  });
});
