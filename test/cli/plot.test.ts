import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TSContinuous } from 'rockpool-node';
import { useFolder } from '../io/helpers';
import { call, ended, root, start } from './helpers';
import { writeEvents, writeModule, writeTones, writeWaves } from './sounds';

describe('rockpool-node plot', () => {
  const folder = useFolder();
  const { path } = folder;

  const plot = async (args: string[]): Promise<string> => {
    const out = args[args.length - 1];
    const { code, stdout, stderr } = await call(['plot', ...args.slice(0, -1), '--output', out]);
    assert.deepEqual([code, stderr, stdout], [0, '', `written: ${out}\n`]);
    return readFileSync(out, 'latin1');
  };

  it('of samples, parts of them, staggered, as colours; of events', async () => {
    writeWaves(path('x.npz'), path('y.npz'), 500);
    writeEvents(path('e.npz'));
    const lines = await plot([path('x.npz'), '--title', 'Two waves', path('x.svg')]);
    assert.match(lines, /^<svg/);
    assert.match(lines, /Two waves/);
    assert.match(lines, /Time \(s\)/);
    const part = await plot([path('x.npz'), '--channels', '1', '--start', '0.1', '--stop', '0.2', path('p.svg')]);
    assert.notEqual(part, lines);
    assert.notEqual(await plot([path('x.npz'), '--stagger', '2', path('s.svg')]), lines);
    assert.match(await plot([path('x.npz'), '--heat-map', path('h.html')]), /^<!doctype html>/);
    assert.match(await plot([path('e.npz'), '--start', '0.2', path('e.svg')]), /Channels/);
    assert.equal((await plot([path('e.npz'), '--width', '200', '--height', '100', path('e.png')])).slice(1, 4), 'PNG');
  });

  it('as colours, of samples at unequal distances', async () => {
    const ramp = (times: number[]) => new TSContinuous(times, times, { name: 'Ramp' });
    ramp([0, 0.25, 1]).saveSync(path('uneven.npz'));
    ramp([0, 0.5, 1]).saveSync(path('even.npz'));
    const drawn = (name: string) => plot([path(`${name}.npz`), '--heat-map', path(`${name}.svg`)]);
    assert.equal(await drawn('uneven'), await drawn('even'));
  });

  it('of networks: a diagram, weights, eigenvalues; of modules', async () => {
    writeWaves(path('x.npz'), path('y.npz'), 200);
    writeModule(path('m.json'));
    const net = path('net.json');
    await call(['train', '-i', path('x.npz'), '-t', path('y.npz'), '--size', '20', '-o', net]);
    assert.match(await plot([net, path('n.svg')]), /Reservoir/);
    assert.match(await plot([path('m.json'), path('m.svg')]), /Linear/);
    assert.match(await plot([net, '--weights', '--layer', 'Input', path('w.svg')]), /Target/);
    assert.match(await plot([net, '--spectrum', '--layer', 'Reservoir', path('s.svg')]), /Re\(/);
    assert.match(await plot([path('m.json'), '--weights', '--layer', '0_Linear', path('l.svg')]), /Source/);
  });

  it('what cannot be plotted is an error that says why, and nothing is written', async () => {
    writeWaves(path('x.npz'), path('y.npz'), 100);
    writeEvents(path('e.npz'));
    writeModule(path('m.json'));
    const net = path('net.json');
    await call(['train', '-i', path('x.npz'), '-t', path('y.npz'), '--size', '20', '-o', net]);
    const [before, out] = [folder.names(), path('out.svg')];
    const cases: [string[], number, RegExp][] = [
      [[path('x.npz')], 2, /--output/],
      [[path('x.npz'), '-o', path('out.pdf')], 2, /should end with one of .svg/],
      [[path('none.npz'), '-o', out], 3, /no such file/],
      [[path('x.npz'), '-o', out, '--spectrum'], 2, /holds no network/],
      [[path('x.npz'), '-o', out, '--channels', '2'], 2, /asks for channel 2, and there are 2/],
      [[path('x.npz'), '-o', out, '--start', '1', '--stop', '0'], 2, /before --stop/],
      [[path('x.npz'), '-o', out, '--width', '0'], 2, /--width/],
      [[path('e.npz'), '-o', out, '--stagger', '1'], 2, /for samples/],
      [[path('m.json'), '-o', out, '--weights'], 2, /--layer says which: 0_Linear, 1_Rate, 2_Linear/],
      [[net, '-o', out, '--layer', 'Nope'], 2, /none of Input/],
      [[net, '-o', out, '--spectrum', '--layer', 'Readout'], 2, /are 20 x 1: --spectrum takes square ones/],
    ];
    for (const [args, wanted, message] of cases) {
      const { code, stdout, stderr } = await call(['plot', ...args]);
      assert.match(stderr, message, args.join(' '));
      assert.deepEqual([code, stdout], [wanted, ''], stderr);
    }
    assert.deepEqual(folder.names(), before);
  });

  it('run --plot draws the output with the names that were learnt', async () => {
    const given = writeTones(path('given.wav'), [['low', 300], ['high', 1700]]); // prettier-ignore
    await call(['train', '-i', given, '-l', path('given.txt'), '--mel', '8', '--size', '20', '-o', path('net.json')]);
    const { code, stderr } = await call(['run', path('net.json'), '-i', given, '--plot', path('out.svg'), '--quiet']);
    assert.deepEqual([code, stderr], [0, '']);
    const svg = readFileSync(path('out.svg'), 'utf8');
    for (const text of ['low', 'high', 'Readout']) assert.ok(svg.includes(text), text);
  });
});

describe('docs/command-line.md', () => {
  const { path } = useFolder();

  it('its commands run, in order', async () => {
    writeTones(path('given.wav'), [['low', 300], ['high', 1700], ['low', 300]]); // prettier-ignore
    writeTones(path('heard.wav'), [['high', 1700]]);
    const page = readFileSync(join(root, 'docs/command-line.md'), 'utf8');
    const lines = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => block.trim().split('\n'));
    assert.ok(lines.length >= 5);
    const before = process.cwd();
    process.chdir(path());
    try {
      for (const line of lines) {
        const [program, ...args] = line.replace(/^npx /, '').split(/\s+/);
        assert.equal(program, 'rockpool-node');
        const { code, stderr } = await call(args);
        assert.equal(code, 0, `${line}: ${stderr}`);
      }
    } finally {
      process.chdir(before);
    }
    assert.match(readFileSync(path('answers.csv'), 'utf8'), /^time,channel0,channel1\n/);
  });

  it('tells of every command and every exit code', async () => {
    const page = readFileSync(join(root, 'docs/command-line.md'), 'utf8');
    const { stdout } = await ended(start(['--help']));
    for (const [, name] of stdout.matchAll(/^ {2}([a-z-]+) [[<a-z ]/gm))
      if (name !== 'help') assert.ok(page.includes(`\`${name}`), name);
    for (const [, code] of stdout.matchAll(/^ {2}(\d+) +\w/gm)) assert.ok(page.includes(`| ${code} |`), code);
  });
});
