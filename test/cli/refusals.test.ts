/** What the program refuses before it computes or writes anything. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { NdArray, TSEvent } from 'rockpool-node';
import { writeNpySync } from 'rockpool-node/io';
import { fixture, useFolder } from '../io/helpers';
import { call, callJson, ended, load, start } from './helpers';
import { writeModule, writeWaves } from './sounds';
import type * as Packages from '../../dist/plot/render/packages.js';

describe('what rockpool-node refuses', () => {
  const folder = useFolder();
  const { path } = folder;

  const refuses = async (args: string[], wanted: number, message: RegExp): Promise<void> => {
    const { code, stdout, stderr } = await call(args);
    assert.match(stderr, message, args.join(' '));
    assert.deepEqual([code, stdout], [wanted, ''], args.join(' '));
  };

  const network = async (): Promise<{ x: string; y: string; net: string }> => {
    const [x, y, net] = [path('x.npz'), path('y.npz'), path('net.json')];
    writeWaves(x, y, 200);
    const { code, stderr } = await call(['train', '-i', x, '-t', y, '--size', '5', '-o', net]);
    assert.equal(code, 0, stderr);
    return { x, y, net };
  };

  it('a pipe that nobody writes to, whatever kind of file its name says', async function () {
    if (process.platform === 'win32') this.skip();
    for (const name of ['f.wav', 'f.json', 'f.csv']) {
      execFileSync('mkfifo', [path(name)]);
      const child = start(['convert', path(name), path('out.csv')]);
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      const { code, stderr } = await ended(child);
      clearTimeout(timer);
      assert.equal(code, 3, stderr);
      assert.match(stderr, /cannot read '.*': it is no file but a pipe \(ERR_FILE\)/);
    }
  });

  it('outputs that would replace one another, the network or what is read', async () => {
    const { x, y, net } = await network();
    const [out, link] = [path('same.npz'), path('link.npz')];
    symlinkSync(x, link);
    const state = path('state.npz');
    assert.equal((await call(['run', net, '-i', x, '--duration', '0.1', '--save-state', state])).code, 0);
    const module = path('module.json');
    writeModule(module);
    const json = path('x.json');
    assert.equal((await call(['convert', x, json])).code, 0);
    const before = folder.names().map((name) => [name, readFileSync(path(name))] as const);
    const cases: [string[], RegExp][] = [
      [['run', net, '-i', x, '-o', out, '--save-state', out], /--save-state '.*' is the same file as --output/],
      [['run', net, '-i', x, '-o', out, '--save-state', path('./same.npz')], /--save-state .* same file as --output/],
      [['run', net, '-i', x, '-o', net], /--output '.*' is the same file as NET/],
      [['run', net, '-i', x, '-o', x], /--output '.*' is the same file as --input/],
      [['run', net, '-i', x, '-o', link], /--output '.*link.npz' is the same file as --input/],
      [['run', net, '-i', x, '-o', state, '--state', state], /--output '.*' is the same file as --state/],
      [['run', net, '-i', x, '--save-state', x], /--save-state '.*' is the same file as --input/],
      [['train', net, '-i', json, '-t', y, '-o', json], /--output '.*' is the same file as --input/],
      [['train', module, '-i', x, '-t', y, '-o', net, '--checkpoint', x], /--checkpoint '.*' is the same file as --input/],
      [['train', module, '-i', x, '-t', y, '-o', net, '--checkpoint', y], /--checkpoint '.*' is the same file as --target/],
    ]; // prettier-ignore
    for (const [args, message] of cases) await refuses(args, 2, message);
    assert.deepEqual(folder.names(), before.map(([name]) => name)); // prettier-ignore
    for (const [name, bytes] of before) assert.deepEqual(readFileSync(path(name)), bytes, name);
  });

  it('but a network gives way to the trained one, a state to the next, and links of their own are files of their own', async () => {
    const { x, y, net } = await network();
    assert.equal((await call(['train', net, '-i', x, '-t', y, '-o', net])).code, 0);
    const state = ['--save-state', path('state.npz')];
    assert.equal((await call(['run', net, '-i', x, '--duration', '0.1', ...state])).code, 0);
    const { code, stderr } = await call(['run', net, '-i', x, '--state', path('state.npz'), ...state]);
    assert.equal(code, 0, stderr);
    linkSync(x, path('hard.npz')); // a rename takes one of the two names
    assert.equal((await call(['run', net, '-i', x, '-o', path('hard.npz')])).code, 0);
    assert.equal((await callJson<{ channels: number }>(['info', x])).data.channels, 2);
  });

  it('plots without the packages that draw them, before the network runs', async () => {
    const { x, net } = await network();
    const { loader } = load<typeof Packages>('../plot/render/packages');
    const { load: loads } = loader;
    const missing = new Set<string>();
    loader.load = (name) => {
      if (!missing.has(name)) return loads(name);
      throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
    };
    const out = path('out.npz');
    try {
      for (const name of ['@resvg/resvg-js', 'sharp']) missing.add(name);
      await refuses(['run', net, '-i', x, '-o', out, '--plot', path('p.png')], 1, /PNG images .*ERR_BACKEND/);
      await refuses(['plot', path('none.npz'), '-o', path('p.png')], 1, /PNG images .*ERR_BACKEND/);
      missing.add('echarts');
      await refuses(['run', net, '-i', x, '-o', out, '--plot', path('p.svg')], 1, /npm install echarts/);
    } finally {
      loader.load = loads;
    }
    assert.ok(!folder.names().includes('out.npz'));
  });

  it('what cannot fit in memory', async () => {
    const { x, net } = await network();
    const out = path('out.npz');
    await refuses(['run', net, '--duration', '1e15'], 2, /more steps of .* than can be counted/);
    await refuses(['run', net, '--duration', '1e10', '-o', out], 2, /takes .* GiB of memory, and .* are free/);
    for (const step of ['1e-300', '1e-12'])
      await refuses(['convert', x, out, '--resample', step], 2, /--resample .* takes .* GiB of memory/);
  });

  it('options of networks that do not fit', async () => {
    const { x, net } = await network();
    const run = (...options: string[]) => ['run', net, '-i', x, '-o', path('o.npz'), ...options];
    await refuses(run('--integration', 'euler'), 2, /--integration is for NIR files/);
    await refuses(run('--reset', 'value'), 2, /--reset is for NIR files/);
    await refuses(run('--dt', '5'), 2, /--dt is for networks whose files have no time step/);
    assert.ok(!folder.names().includes('o.npz'));
  });

  it('options of plot that do not fit', async () => {
    const { x, net } = await network();
    writeNpySync(path('z.npy'), NdArray.zeros([10, 60]));
    const plot = (file: string, ...options: string[]): string[] => ['plot', file, '-o', path('p.svg'), ...options];
    for (const options of [
      ['--channels', '1'],
      ['--stagger', '3'],
      ['--heat-map'],
      ['--start', '1'],
      ['--stop', '0'],
      ['--input-dt', '1'],
    ])
      await refuses(plot(net, ...options), 2, new RegExp(`holds a network: ${options[0]} is for time series`));
    await refuses(plot(x, '--dt', '1'), 2, /--dt is for networks/);
    await refuses(plot(x, '--heat-map', '--stagger', '2'), 2, /--stagger is for lines/);
    await refuses(plot(net, '--weights', '--spectrum'), 2, /one at a time/);
    assert.ok(!folder.names().includes('p.svg'));
    const lines = await call(plot(path('z.npy'), '--input-dt', '0.1', '--stagger', '2', '--channels', '0-59'));
    assert.equal(lines.code, 0, lines.stderr);
    assert.doesNotMatch(readFileSync(path('p.svg'), 'utf8'), /Channel/, 'lines, not colours');
  });

  it('--json without a command is an error as JSON', async () => {
    for (const args of [['--json'], ['--json', '-q']]) {
      const { code, stdout, stderr } = await call(args);
      assert.deepEqual([code, stdout], [2, '']);
      const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
      assert.equal(error.code, 'ERR_USAGE');
      assert.match(error.message, /no command/);
    }
    assert.match((await call(['-q'])).stderr, /^Usage: rockpool-node/);
  });

  it('damaged files, saying where and each thing once', async () => {
    const write = (name: string, text: string): string => {
      writeFileSync(path(name), text);
      return path(name);
    };
    const npy = path('z.npy');
    writeNpySync(npy, NdArray.zeros([10]));
    const bytes = readFileSync(npy);
    writeFileSync(npy, bytes.subarray(0, bytes.length - 8));
    copyFileSync(fixture('aedat/dv-lz4.aedat4'), path('e.aedat4'));
    writeFileSync(path('e.aedat4'), Buffer.concat([Buffer.from('no'), readFileSync(path('e.aedat4'))]));
    const cases: [string, RegExp][] = [
      [write('comma.json', '{\n "a": [1, 2,, 3]}'), /expected it to be JSON, .* at line 2, column 13 \(/],
      [write('word.json', '{"a": tru}'), /at line 1, column 7 \(/],
      [write('comma2.json', '{"a": [NaN, -Infinity, 1e5, "\\u00e4", {}, [] ],\n\n}'), /at line 3, column 1 \(/],
      [write('more.json', '{"a": true} {'), /at line 1, column 13 \(/],
      [write('deep.json', '['.repeat(200_000)), /expected it to be JSON, received text that is not, at its end/],
      [write('null.json', 'null'), /expected it to hold a dictionary, received null/],
      [path('e.aedat4'), /those of an aedat file/],
      [npy, /^rockpool-node: cannot read '[^']*z\.npy': (?!.*cannot read)/],
    ];
    for (const [file, message] of cases) await refuses(['info', file], 3, message);
  });
});

describe('rockpool-node info and plot without more being said', () => {
  const { path } = useFolder();

  it('info takes --input-dt, as the others', async () => {
    writeNpySync(path('z.npy'), NdArray.zeros([10, 2]));
    interface Info {
      kind: string;
      class: string;
      duration: number;
      rate?: number | null;
      tStop: number;
    }
    const { data, code, stderr } = await callJson<Info>(['info', path('z.npy'), '--input-dt', '0.01']);
    assert.deepEqual([code, data.kind, data.class, data.duration], [0, 'series', 'TSContinuous', 0.1], stderr);
    assert.equal((await callJson<Info>(['info', path('z.npy')])).data.kind, 'arrays');
  });

  it('info of events at one moment: no duration and no rate', async () => {
    for (const time of [0, 1]) {
      const file = path(`at-${time}.npz`);
      new TSEvent([time, time], [0, 1], { tStart: time, tStop: time + (time === 0 ? Number.MIN_VALUE : Number.EPSILON) }).saveSync(file); // prettier-ignore
      const { stdout } = await call(['info', file]);
      assert.doesNotMatch(stdout, /e-324|Infinity|mean rate/);
      assert.match(stdout, new RegExp(`time +${time} s to ${time} s \\(0 s\\)`));
      const { data } = await callJson<{ duration: number; rate?: number; tStop: number }>(['info', file]);
      assert.deepEqual([data.duration, data.rate, data.tStop], [0, undefined, time]);
    }
  });

  it('plot --spectrum takes the only recurrent layer, and asks where there are several', async () => {
    const [x, y, net, svg] = [path('x.npz'), path('y.npz'), path('net.json'), path('p.svg')];
    writeWaves(x, y, 100);
    await call(['train', '-i', x, '-t', y, '--size', '5', '-o', net]);
    for (const what of ['--spectrum', '--weights']) {
      const { code, stderr } = await call(['plot', net, '-o', svg, what]);
      assert.equal(code, 0, stderr);
      assert.match(readFileSync(svg, 'utf8'), />Reservoir</);
    }
    interface Dictionary {
      layers: { name: string; class_name: string }[];
    }
    const dictionary = JSON.parse(readFileSync(net, 'utf8')) as Dictionary;
    const [input, reservoir, readout] = dictionary.layers;
    const other = { ...reservoir, name: 'Other', pre_layer_name: 'Reservoir' };
    writeFileSync(net, JSON.stringify({ ...dictionary, layers: [input, reservoir, other, readout] }));
    assert.match(
      (await call(['plot', net, '-o', svg, '--spectrum'])).stderr,
      /--layer says which: Input, Reservoir, Other/,
    );
  });
});
