import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { useFolder } from '../io/helpers';
import { call, callJson, ended, load, start } from './helpers';
import { writeModule, writeWaves } from './sounds';
import type * as Exit from '../../dist/cli/exit.js';

const { Interruption } = load<typeof Exit>('exit');

/** Waits until the program has said something on stderr: it is at work then. */
const atWork = (child: ChildProcess, what: RegExp): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk: string) => {
      text += chunk;
      if (what.test(text)) resolve();
    });
    child.on('exit', () => reject(new Error(`it ended: ${text}`)));
  });

describe('rockpool-node, stopped', () => {
  const folder = useFolder();
  const { path } = folder;

  const network = async (): Promise<string> => {
    writeWaves(path('x.npz'), path('y.npz'), 200);
    await call(['train', '-i', path('x.npz'), '-t', path('y.npz'), '--size', '100', '-o', path('net.json')]);
    return path('net.json');
  };

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`${signal} during a run: exit code ${code}, and what was there before`, async () => {
      const net = await network();
      const out = path('y.npz'); // is there already
      const [before, names] = [readFileSync(out), folder.names()];
      const child = start(['run', net, '--duration', '1e6', '-o', out]);
      const result = ended(child);
      await atWork(child, /running/);
      child.kill(signal);
      const { code: status, stdout, stderr } = await result;
      assert.deepEqual([status, stdout], [code, ''], stderr);
      assert.match(stderr, signal === 'SIGINT' ? /rockpool-node: interrupted/ : /rockpool-node: terminated/);
      assert.deepEqual(folder.names(), names);
      assert.deepEqual(readFileSync(out), before);
    });
  }

  it('a training leaves nothing but its checkpoint, which goes on', async () => {
    writeWaves(path('x.npz'), path('y.npz'), 500);
    writeModule(path('m.json'));
    const args = [
      'train',
      path('m.json'),
      '-i',
      path('x.npz'),
      '-t',
      path('y.npz'),
      '--sequence',
      '0.1',
      '-o',
      path('out.json'),
    ];
    const kept = ['--checkpoint', path('kept.npz')];
    const names = folder.names();
    const child = start([...args, ...kept, '--epochs', '1000000']);
    const result = ended(child);
    await atWork(child, /epoch 3:/);
    child.kill('SIGINT');
    const { code, stderr } = await result;
    assert.equal(code, 130, stderr);
    assert.deepEqual(folder.names(), [...names, 'kept.npz'].sort());
    const done = stderr.match(/epoch \d+/g)?.length ?? 0;
    const epochs = String(done + 5);
    const { data, ...rest } = await callJson<{ losses: number[] }>([...args, ...kept, '--resume', '--epochs', epochs]);
    assert.equal(rest.code, 0, rest.stderr);
    assert.equal(data.losses.length, done + 5);
  }).timeout(60_000);

  it('every command that works for long stops by the signal, before and meanwhile', async () => {
    const net = await network();
    const names = folder.names();
    const [x, y] = [path('x.npz'), path('y.npz')];
    for (const args of [
      ['run', net, '--duration', '1e6', '-o', path('out.npz')],
      ['train', '-i', x, '-t', y, '--size', '2000', '--dt', '1e-5', '-o', path('out.json')],
      ['bench', 'raster', '--runs', '1000'],
    ]) {
      for (const delay of [0, 300]) {
        const stop = new AbortController();
        if (delay === 0) stop.abort(Interruption.interrupted());
        else setTimeout(() => stop.abort(Interruption.interrupted()), delay);
        const { code, stdout } = await call(args, { signal: stop.signal });
        assert.deepEqual([code, stdout], [130, ''], args.join(' '));
      }
    }
    assert.deepEqual(folder.names(), names);
  });

  it('a reader that goes away ends it quietly', async () => {
    const child = start(['info', ...Array.from({ length: 50 }, () => path('none'))]);
    child.stderr?.destroy();
    child.stdout?.destroy();
    const code = await new Promise((resolve) => child.on('exit', resolve));
    assert.ok(code === 141 || code === 3, String(code));
    writeWaves(path('x.npz'), path('y.npz'), 100);
    const other = start(['info', ...Array.from({ length: 50 }, () => path('x.npz')), '--json']);
    other.stdout?.destroy();
    const { code: status, stderr } = await ended(other);
    assert.deepEqual([status, stderr], [141, '']);
  });

  it('shows a bar with the time left on a terminal, which is gone in the end; none with --quiet', async () => {
    const net = await network();
    const run = ['run', net, '--duration', '200', '-o', path('out.npz')];
    const { code, stdout, stderr } = await call(run, { terminal: true });
    assert.equal(code, 0);
    assert.match(stderr, /running +\S+ +\d+ % +(\d+ s|\?) left/);
    assert.match(stdout, /^ran 80000 steps/);
    assert.ok(existsSync(path('out.npz')));
    assert.deepEqual((await call([...run, '--quiet'], { terminal: true })).stderr, '');
    assert.deepEqual((await call([...run, '--json'])).stderr, '');
  });
});

describe('rockpool-node bench', () => {
  it('measures what is asked for', async () => {
    const { code, data } = await callJson<{ name: string; seconds: number; perSecond: number; threads: number }>([
      ...['bench', 'raster', '--runs', '2', '--threads', '1'],
    ]);
    assert.deepEqual([code, data.name, data.threads], [0, 'raster', 1]);
    assert.ok(data.seconds > 0 && Math.abs(data.perSecond - 1e6 / data.seconds) < 1);
    const { stdout } = await call(['bench', 'rate-small', '--runs', '1']);
    assert.match(stdout, /rate-small +\S+ \S*s +\S+ \S?steps\/s +\d+ %/);
    const wrong = await call(['bench', 'nope']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /there are rate-small, rate, lif, ridge, raster/);
  });
});

describe('--help', () => {
  it('of every command: arguments, options and examples that exist', async () => {
    const { stdout } = await call(['--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z-]+)[ [<]/gm)].map((m) => m[1]).filter((name) => name !== 'help');
    assert.ok(names.length >= 7, names.join());
    for (const name of names) {
      const { code, stdout: help } = await call([name, '--help']);
      assert.equal(code, 0, name);
      assert.match(help, /^Usage: rockpool-node/);
      assert.match(help, /--json/);
      // examples use options that there are
      for (const [line] of help.matchAll(/^ {2}rockpool-node .*$/gm))
        for (const [option] of line.matchAll(/--[a-z-]+/g)) assert.ok(help.includes(`${option} `) || help.includes(`${option}\n`), `${name}: ${option}`); // prettier-ignore
    }
  });
});
