import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { Network, NdArray, TSContinuous } from 'rockpool-node';
import { mse } from 'rockpool-node/training';
import { loadTsFromFileSync } from 'rockpool-node/io';
import { useFolder } from '../io/helpers';
import { call, callJson, ended, load, start } from './helpers';
import { writeModule, writeTones, writeWaves } from './sounds';
import type * as Evolve from '../../dist/cli/evolve.js';
import type * as Models from '../../dist/cli/model.js';

interface Trained {
  method: string;
  mse: number[];
  classes?: string[];
  losses: number[];
}

interface Ran {
  steps: number;
  answer: string;
  output: { channels: number; length: number; tStop: number };
}

const low = ['low', 300] as const;
const high = ['high', 1700] as const;

describe('rockpool-node train and run', () => {
  const folder = useFolder();
  const { path } = folder;

  it('a WAV in, a trained network out, predictions from another WAV', async () => {
    const given = writeTones(path('given.wav'), [low, high, low, high, high, low]);
    const net = path('net.json');
    const labels = path('given.txt');
    const trained = await ended(
      start(['train', '-i', given, '--labels', labels, '--mel', '16', '--size', '60', '-o', net, '--json']),
    );
    assert.equal(trained.code, 0, trained.stderr);
    const { method, mse: errors, classes } = JSON.parse(trained.stdout) as Trained;
    assert.deepEqual([method, classes], ['ridge', ['low', 'high']]);
    for (const error of errors) assert.ok(error < 0.05, `${error}`);

    for (const tone of [low, high]) {
      const heard = writeTones(path('heard.wav'), [tone, tone]);
      const ran = await ended(start(['run', net, '-i', heard, '-o', path('out.npz'), '--json']));
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal((JSON.parse(ran.stdout) as Ran).answer, tone[0]);
      const answers = loadTsFromFileSync(path('out.npz')) as TSContinuous;
      assert.equal(answers.numChannels, 2);
      const wanted = tone === low ? [1, 0] : [0, 1];
      answers.at(0.4).forEach((value, c) => assert.ok(Math.abs(value - wanted[c]) < 0.35, `${tone[0]} ${c}: ${value}`));
    }
    const { data } = await callJson<{ preprocessing: { mel: { bands: number; fMax: number } } }>(['info', net]);
    assert.deepEqual([data.preprocessing.mel.bands, data.preprocessing.mel.fMax], [16, 4000]);
    await call(['convert', path('heard.wav'), path('dull.wav'), '--rate', '4000']);
    const dull = await call(['run', net, '-i', path('dull.wav')]);
    assert.equal(dull.code, 1);
    assert.match(dull.stderr, /hears frequencies up to 4000 Hz, and 'dull' has samples for 2000 Hz only/);
    assert.deepEqual(await Network.load(net).then((n) => n.sizeOut), 2);
  });

  it('a series and its target: what is written is what was trained, and runs the same in pieces', async () => {
    const [x, y, net] = [path('x.npz'), path('y.npz'), path('net.json')];
    writeWaves(x, y);
    const train = ['train', '-i', x, '-t', y, '--size', '40', '--tau', '0.01,0.1', '--dt', '0.001', '-o', net];
    const { data, code, stderr } = await callJson<Trained>(train);
    assert.equal(code, 0, stderr);
    assert.ok(data.mse[0] < 1e-3, `${data.mse[0]}`);
    const first = readFileSync(net);
    await call(train);
    assert.deepEqual(readFileSync(net), first, 'the same seed gives the same file');

    await call(['run', net, '-i', x, '-o', path('whole.npz')]);
    const state = ['--save-state', path('state.npz')];
    await call(['run', net, '-i', x, '-o', path('a.npz'), '--duration', '0.4', ...state]);
    await call(['run', net, '-i', x, '-o', path('b.npz'), '--state', path('state.npz')]);
    const [whole, a, b] = ['whole', 'a', 'b'].map((name) => loadTsFromFileSync(path(`${name}.npz`)) as TSContinuous);
    assert.deepEqual([...a.samples.data, ...b.samples.data], [...whole.samples.data]);
    const target = loadTsFromFileSync(y) as TSContinuous;
    const wanted = target.sample(whole.times);
    assert.ok(mse().value(whole.samples, new NdArray(wanted.data, [1, ...wanted.shape])) < 2e-3);
  });

  it('blocks of any size give the same bits, of layers that tell their state at the end as well', async () => {
    const [x, y, net] = [path('x.npz'), path('y.npz'), path('net.json')];
    writeWaves(x, y, 300);
    await call(['train', '-i', x, '-t', y, '--size', '20', '--dt', '0.001', '-o', net]);
    const { inBlocks, join } = load<typeof Evolve>('evolve');
    const { readModel, runnerOf } = load<typeof Models>('model');
    const input = loadTsFromFileSync(x);
    const signal = new AbortController().signal;
    const stage = { onProgress: () => {}, update: () => {}, end: () => {} };
    const outputs = async (layer: string, bytes?: number) => {
      const runner = runnerOf(await readModel(net));
      const pieces = [];
      for await (const block of inBlocks(runner, input, 300, { signal, stage, bytes }))
        pieces.push(block.outputs[layer]);
      return { series: join(pieces) as TSContinuous, count: pieces.length };
    };
    for (const layer of ['Input', 'Reservoir', 'Readout']) {
      const whole = await outputs(layer);
      const cut = await outputs(layer, 30_000);
      assert.deepEqual([whole.count, cut.count > 3], [1, true]);
      assert.deepEqual(cut.series.samples, whole.series.samples);
      assert.deepEqual(cut.series.times, whole.series.times);
      assert.deepEqual([cut.series.tStart, cut.series.tStop], [whole.series.tStart, whole.series.tStop]);
    }
  });

  it('several inputs with their targets, a delay, a layer that is named', async () => {
    const [x, y, net] = [path('x.npz'), path('y.npz'), path('net.json')];
    writeWaves(x, y);
    const { code, data, stderr } = await callJson<Trained & { steps: number }>(
      ['train', '-i', x, '-i', x, '-t', y, '-t', y, '--delay', '0.01', '--size', '30', '-o', net], // prettier-ignore
    );
    assert.equal(code, 0, stderr);
    assert.equal(data.steps, 800);
    writeTones(path('tone.wav'), [['a', 200]]);
    const raw = ['train', '-i', path('tone.wav'), '-l', path('tone.txt'), '--size', '5', '-o', path('raw.json')];
    assert.match((await call(raw)).stderr, /takes one sample in 20 of the input .* train --mel/);
    const again = ['train', net, '-i', x, '-t', y, '--layer', 'Readout', '--regularize', '1', '-o', path('again.json')];
    assert.equal((await call(again)).code, 0);
    const text = (await call([...again.slice(0, 7), 'Nope', ...again.slice(8)])).stderr;
    assert.match(text, /--layer 'Nope' is none of the network's layers: Input, Reservoir, Readout/);
  });

  it('a module learns by gradients, and goes on from its checkpoint as if it had not stopped', async () => {
    const [x, y, module] = [path('x.npz'), path('y.npz'), path('module.json')];
    writeWaves(x, y);
    writeModule(module);
    const common = [
      'train',
      module,
      '-i',
      x,
      '-t',
      y,
      '--sequence',
      '0.1',
      '--batch-size',
      '5',
      '--learning-rate',
      '0.01',
    ];
    const whole = await callJson<Trained>([...common, '--epochs', '6', '-o', path('whole.json')]);
    assert.equal(whole.code, 0, whole.stderr);
    assert.equal(whole.data.losses.length, 6);
    assert.ok(whole.data.losses[5] < 0.7 * whole.data.losses[0], String(whole.data.losses));
    const kept = ['--checkpoint', path('kept.npz')];
    await call([...common, '--epochs', '2', ...kept, '-o', path('part.json')]);
    const rest = await callJson<Trained>([...common, '--epochs', '6', ...kept, '--resume', '-o', path('rest.json')]);
    assert.deepEqual(rest.data.losses, whole.data.losses);
    assert.equal(readFileSync(path('rest.json'), 'utf8'), readFileSync(path('whole.json'), 'utf8'));
    const { data } = await callJson<{ kind: string; training: boolean }>(['info', path('kept.npz')]);
    assert.deepEqual([data.kind, data.training], ['snapshot', true]);
    const ran = await callJson<Ran>(['run', path('whole.json'), '-i', x, '-o', path('out.csv')]);
    assert.deepEqual([ran.code, ran.data.steps], [0, 1000], ran.stderr);
  });

  it('runs that cannot be are told of before anything is computed or written', async () => {
    const [x, y, net, module] = [path('x.npz'), path('y.npz'), path('net.json'), path('module.json')];
    writeWaves(x, y, 200);
    writeModule(module);
    await call(['train', '-i', x, '-t', y, '--size', '5', '-o', net]);
    const before = folder.names();
    const out = path('out.npz');
    const cases: [string[], number, RegExp][] = [
      [['run'], 2, /missing required argument 'net'/],
      [['run', net], 2, /--duration/],
      [['run', net, '-i', x, '-o', path('out.xyz')], 2, /should end with one of .npz/],
      [['run', net, '-i', x, '-o', path('no/out.npz')], 3, /there is no folder/],
      [['run', net, '-i', x, '--plot', path('out.pdf')], 2, /--plot .* \.svg/],
      [['run', net, '-i', path('none.npz'), '-o', out], 3, /none\.npz': there is no such file/],
      [['run', path('none.json'), '-i', x], 3, /none\.json': there is no such file/],
      [['run', x, '-i', x], 3, /it holds a time series and no network/],
      [['run', net, '-i', net, '-o', out], 3, /it holds a network and no time series/],
      [['run', net, '-i', x, '--layer', 'Nope'], 2, /none of the network's layers/],
      [['run', net, '-i', x, '--duration', '-1'], 2, /--duration <seconds>' argument '-1' is invalid.*greater than 0/],
      [['run', net, '-i', x, '--duration', '1e-9'], 2, /less than a time step/],
      [['run', net, '-i', x, '--state', x], 3, /it holds no snapshot/],
      [['run', net, '-i', y, '--wav-format', 'mp3'], 2, /Allowed choices are/],
      [['train', '-t', y, '-o', out], 2, /--input/],
      [['train', '-i', x, '-t', y, '-o', out], 2, /should end with one of .json/],
      [['train', '-i', x, '-o', net], 2, /either --target or --labels/],
      [['train', '-i', x, '-t', y, '-t', y, '-o', net], 2, /1 inputs and 2 targets/],
      [['train', '-i', x, '-t', y, '-o', net, '--tau', '1,0.1'], 2, /--tau/],
      [['train', '-i', x, '-t', y, '-o', net, '--epochs', '3'], 2, /--epochs is for modules/],
      [['train', '-i', x, '-t', y, '-o', net, '--hop', '1'], 2, /--hop is for --mel/],
      [['train', '-i', x, '-t', y, '-o', net, '--size', '0'], 2, /--size <n>' argument '0'/],
      [['train', '-i', x, '--labels', y, '-o', net], 3, /line 1 should be 'start stop name'/],
      [['train', net, '-i', x, '-t', x, '-o', net], 2, /has 2 channels, and the layer 'Readout' puts out 1/],
      [['train', net, '-i', x, '-t', y, '-o', net, '--size', '4'], 2, /--size is for new networks/],
      [['train', module, '-i', y, '-t', y, '-o', net], 2, /1 channels, and the module takes 2/],
      [['train', module, '-i', x, '-t', y, '-o', net, '--regularize', '1'], 2, /for networks of layers/],
      [['train', module, '-i', x, '-t', y, '-o', net, '--sequence', '100'], 2, /as long as a sequence/],
      [['train', module, '-i', x, '-t', y, '-o', net, '--resume'], 2, /--resume needs --checkpoint/],
    ];
    const kept = readFileSync(net, 'utf8');
    for (const [args, wanted, message] of cases) {
      const { code, stdout, stderr } = await call(args);
      assert.match(stderr, message, args.join(' '));
      assert.deepEqual(
        [code, stdout, stderr.trimEnd().split('\n').length],
        [wanted, '', 1],
        `${args.join(' ')}: ${stderr}`,
      );
    }
    assert.deepEqual(folder.names(), before);
    assert.equal(readFileSync(net, 'utf8'), kept);
    assert.ok(!existsSync(out));
  });
});
