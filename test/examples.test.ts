import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NdArray, TSContinuous } from 'rockpool-node';
import { readNpzSync, writeWavSync } from 'rockpool-node/io';

const examples = join(__dirname, '..', 'examples');

function run(name: string, ...args: string[]) {
  return spawnSync(process.execPath, [join(examples, `${name}.js`), ...args], { encoding: 'utf8' });
}

function succeeds(name: string, ...args: string[]): string {
  const { status, stdout, stderr } = run(name, ...args);
  assert.equal(status, 0, stderr);
  return stdout;
}

const tutorials = join(__dirname, '../../docs/tutorials');

/** The pictures that the page of a tutorial shows, by the names of their files. */
function shown(name: string): string[] {
  const pages = readdirSync(tutorials).filter((file) => file.endsWith('.md'));
  const texts = pages.map((page) => readFileSync(join(tutorials, page), 'utf8'));
  const page = texts.find((text) => text.includes(`<!-- program: examples/${name}.ts -->`)) ?? '';
  return [...page.matchAll(/\]\(pictures\/([\w-]+)\/([\w-]+\.svg)\)/g)].map(([, folder, file]) => {
    assert.equal(folder, name);
    return file;
  });
}

/** Runs a tutorial in a folder of its own and checks that it draws what its page shows. */
function succeedsAndDraws(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-tutorial-'));
  try {
    const out = succeeds(name, folder);
    const drawn = readdirSync(folder).filter((file) => file.endsWith('.svg'));
    assert.deepEqual(drawn.sort(), shown(name).sort());
    for (const file of drawn) assert.match(readFileSync(join(folder, file), 'utf8'), /^<svg [^]*<\/svg>\s*$/);
    if (name === 'reservoir') areDrawn(folder, 'readout');
    return out;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An SVG document and a PNG image of one name. */
function areDrawn(folder: string, name: string): void {
  assert.match(readFileSync(join(folder, `${name}.svg`), 'utf8'), /^<svg [^]*<\/svg>\s*$/);
  assert.equal(readFileSync(join(folder, `${name}.png`)).toString('latin1', 1, 4), 'PNG');
}

describe('examples', () => {
  it('getting started', () => {
    const out = succeedsAndDraws('getting-started');
    assert.match(out, /Recurrent +non-periodic TSContinuous .* from t=0.0 to 200.0\. Samples: 2001\. Channels: 10/);
    assert.match(out, /the network is at t = 200 s/);
  });

  it('time series', () => {
    const out = succeedsAndDraws('time-series');
    assert.match(out, /periodic TSContinuous object `Beat` from t=0\.0 to 0\.8/);
    assert.match(out, /linear +\[ 1, 1\.5, 2 \]/);
    assert.match(out, /\[ 8, 20 \] 300/);
    assert.match(out, /non-periodic `TSEvent` object `Events` from t=0\.0 to 2\.0\. Channels: 20\. Events: 300\n$/);
  });

  it('spiking layers', () => {
    const out = succeedsAndDraws('spiking-layers');
    assert.match(out, /RecLIFJax object: "Recurrent" \[100 TSEvent in -> 100 internal -> 100 TSEvent out\]/);
    assert.match(out, /RecLIFCurrentInJax object: "Driven" \[100 TSContinuous in -> 100 internal -> 100 TSEvent out\]/);
    assert.match(out, /RecLIFJax_IO object: "Weighted" \[2 TSEvent in -> 100 internal -> 5 TSContinuous out\]/);
    const spikes = [...out.matchAll(/`(?:Spikes )?[^`]*` from [^\n]*Channels: 100\. Events: (\d+)/g)].map((m) =>
      Number(m[1]),
    );
    assert.ok(spikes.length >= 3 && spikes.every((n) => n > 50 && n < 10_000), `${spikes.join(' ')}`);
  });

  it('a layer of one’s own', () => {
    assert.match(succeedsAndDraws('custom-layer'), /Smoother object: "smooth"/);
  });

  it('the picture of the README', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rockpool-picture-'));
    try {
      succeeds('picture', join(folder, 'readme.svg'));
      assert.match(readFileSync(join(folder, 'readme.svg'), 'utf8'), /read from the spikes/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('timed modules: wrapped, nested in both ways, converted', () => {
    const out = succeedsAndDraws('timed-modules');
    const wrapped =
      "TimedModuleWrapper with shape (4, 4) {\n    RateJax '_module' with shape (4,)\n} with RateJax '_module' as module";
    for (const text of [
      "TimedModuleWrapper with shape (1, 5) {\n    ModSequential '_module' with shape (1, 5) {\n        Linear '0_Linear' with shape (1, 5)\n        Rate '1_Rate' with shape (5,)\n    }\n} with ModSequential '_module' as module",
      'non-periodic TSContinuous object `Output samples` from t=0.0 to 1.0. Samples: 1000. Channels: 5',
      "FfwdTmodNet with shape (3, 5, 7, 1) {\n    TimedModuleWrapper 'neurons1' with shape (5, 5) {\n        Rate '_module' with shape (5,)\n    }\n    TimedModuleWrapper 'neurons2' with shape (7, 7) {\n        Rate '_module' with shape (7,)\n    }\n}",
      'Input: periodic TSContinuous object `White noise` from t=0.0 to 1000.0. Samples: 1000. Channels: 3',
      "Output: non-periodic TSContinuous object `Output samples 'neurons2'` from t=0.0 to 1000.0. Samples: 1000. Channels: 1",
      "FfwdTmodNet2 with shape (3, 5, 7, 1) {\n    RateJax 'neurons0' with shape (5,)\n    RateJax 'neurons1' with shape (7,)\n}",
      'Output: non-periodic TSContinuous object `Output samples` from t=0.0 to 1000.0. Samples: 1000. Channels: 7',
      `${wrapped}\n${wrapped}`,
      'Time: 1\n',
    ])
      assert.ok(out.includes(text), text);
    const named = (name: string): string => out.slice(out.indexOf(name), out.indexOf('\n}', out.indexOf(name)));
    assert.match(
      named('Parameters:'),
      /_module: \{\s+'0_Linear': \{\s+weight: \[[^]*'1_Rate': \{\s+tau: .*\s+bias: .*\s+threshold:/,
    );
    assert.match(named('State:'), /'0_Linear': \{\},\s+'1_Rate': \{\s+x: \[/);
    assert.match(
      named('Simulation parameters:'),
      /dt: 0.001,\s+_module: \{ dt: 0.001, '0_Linear': \{\}, '1_Rate': \{ dt: 0.001/,
    );
    assert.match(named('Weights:'), /w0: [^]*w1: [^]*w2: /);
  });

  it('neurons of a board, here of the board model', function () {
    this.timeout(120_000);
    const out = succeeds('dynapse');
    assert.match(out, /board model 'MODEL001' \(open\): spikes are simulated/);
    assert.match(out, /Hardware neurons 1, 2, 3, 4, 5, 6, 7, 8, 9, virtual neurons 10, 11/);
    const counts = (line: string): number[] => {
      const found = new RegExp(`${line}.*: ([\\d ]+)`).exec(out);
      assert.ok(found, out);
      return found[1].trim().split(' ').map(Number);
    };
    const whole = counts('Spikes of each neuron');
    assert.ok(
      whole.slice(0, 5).every((n) => n > 0),
      out,
    );
    assert.ok(
      counts('In batches of 2500 time steps')
        .slice(0, 3)
        .every((n) => n > 0),
      out,
    );
    assert.ok(
      counts('Trial by trial')
        .slice(0, 3)
        .every((n) => n > 0),
      out,
    );
    assert.match(out, /expected connections with at most 64 synapses at each neuron/);
    // Channel 0 plays in parts 0 and 2, channel 1 in the others.
    const parts = [0, 1, 2, 3].map((k) => counts(`Part ${k}`));
    assert.ok(parts[0][0] > 0 && parts[1][1] > 0 && parts[2][0] > 0 && parts[3][1] > 0, out);
  });

  it('the reservoir learns sine and cosine', () => {
    const out = succeedsAndDraws('reservoir');
    const error = Number(/after training: +([\d.]+)/.exec(out)?.[1]);
    assert.ok(error < 0.05, out);
  });

  it('the reservoir answers a pulse with a chirp', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rockpool-chirp-'));
    try {
      const out = succeeds('pulse-to-chirp', '--quick', '--out', folder);
      for (const file of shown('pulse-to-chirp')) assert.ok(existsSync(join(folder, file)), file);
      const written = readNpzSync(join(folder, 'pulse-to-chirp.npz'));
      const data = (name: string): number[] => Array.from((written.get(name) as NdArray).data);
      const target = data('target');
      const error = (name: string): number =>
        data(name).reduce((sum, z, k) => sum + (z - target[k]) ** 2, 0) / target.length;
      assert.ok(error('output') < 0.1 * error('outputBefore'), out);
      // Silence would be an answer, too.
      const silence = target.reduce((sum, z) => sum + z * z, 0) / target.length;
      assert.ok(error('output') < 0.1 * silence, out);
      const units = data('tau').length;
      assert.ok(data('tau').every((tau) => tau >= 10e-3) && data('tau').some((tau) => Math.abs(tau - 20e-3) > 1e-3));
      assert.ok(data('bias').length === units && data('bias').some((b) => b !== 0));
      for (const name of ['eigenvaluesBefore', 'eigenvalues'])
        assert.deepEqual((written.get(name) as NdArray).shape, [units, 2]);
      // The sum of the eigenvalues is the trace: without recurrent weights to itself, a unit adds -1 / tau.
      const trace = data('eigenvaluesBefore').reduce((sum, x, i) => sum + (i % 2 === 0 ? x : 0), 0);
      assert.ok(Math.abs(trace / (-units / 20e-3) - 1) < 0.1, `${trace}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the demonstration', () => {
  let folder = '';
  const inside = (...names: string[]) => join(folder, ...names);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'rockpool-demo-'));
    writeWords();
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** "Words" are chirps: up and down, high and low. */
  function writeWords(): void {
    const rate = 16000;
    const tones: Record<string, [number, number]> = {
      Up: [300, 1500],
      Down: [1500, 300],
      High: [3000, 3500],
      Low: [200, 250],
    };
    mkdirSync(inside('wav'));
    for (const name of ['Up_High', 'Up_Low', 'Down_High', 'Down_Low']) {
      const samples: number[] = [];
      for (const word of name.split('_')) {
        const [from, to] = tones[word];
        let phase = 0;
        for (let i = 0; i < 0.3 * rate; i++) {
          phase += (2 * Math.PI * (from + ((to - from) * i) / (0.3 * rate))) / rate;
          samples.push(0.5 * Math.sin(phase));
        }
        samples.push(...new Array<number>(0.15 * rate).fill(0));
      }
      writeWavSync(inside('wav', `${name}.wav`), TSContinuous.fromClocked(samples, { dt: 1 / rate }), {
        format: 'pcm16',
      });
    }
  }

  for (const name of ['demo', 'demo-spikes']) {
    it(`learns words, and reproduces its figures from what it wrote: ${name}`, function () {
      this.timeout(120_000);
      learns(name);
    });
  }

  function learns(name: string): void {
    const out = inside(`out-${name}`);
    const first = succeeds(name, '--quick', '--wav', inside('wav'), '--out', out, '--plot', join(out, 'plots'));
    for (const figure of ['signals', 'weights', 'network']) areDrawn(join(out, 'plots'), figure);
    assert.match(first, /words: Down, High, Low, Up/);
    const best = /reservoir and readout +([\d.]+) %/.exec(first)?.[1];
    assert.ok(Number(best) > 80, first);
    for (const file of ['network.json', 'test-input.npz', 'test-answers.npz', 'demo.json'])
      assert.ok(existsSync(join(out, file)), file);
    const table = first.slice(first.indexOf('Versions never'), first.indexOf('Signals, network'));
    const again = succeeds(name, '--resume', out);
    assert.ok(again.includes(table), again);
    assert.match(again, /those of the first run, bit for bit/);
    if (name === 'demo-spikes') {
      assert.match(table, /FrontEnd, 200 neurons +\d+ +[\d.]+\n +Reservoir, 200 neurons +\d+ +[\d.]+\n/);
      assert.match(table, /[\d.]+ (thousand |million )?synaptic events a second/);
      for (const layer of ['FrontEnd', 'Reservoir'])
        assert.ok(existsSync(join(out, `test-spikes-${layer}.npz`)), layer);
      const { status, stderr } = run('demo', '--resume', out);
      assert.equal(status, 1);
      assert.match(stderr, /no run of this demonstration in .*, but one of: npm run demo:spikes/);
    }
  }

  it('learns words by gradients, and reproduces its figures from what it wrote', function () {
    this.timeout(120_000);
    const out = inside('out-train');
    const first = succeeds('demo-train', '--quick', '--wav', inside('wav'), '--out', out);
    const [, share] = /([\d.]+) % of (\d+) words of versions that training never saw/.exec(first) ?? [];
    assert.ok(Number(share) > 60, first); // 25 % by chance
    const table = first.slice(first.indexOf('said'), first.indexOf('Network and'));
    const again = succeeds('demo-train', '--wav', inside('wav'), '--resume', out);
    assert.ok(again.includes(table), again);
    assert.match(again, /These are the figures of the first run/);
  });

  it('explains what is wrong with its input, without a stack', () => {
    mkdirSync(inside('empty'));
    mkdirSync(inside('bad'));
    writeFileSync(inside('bad', 'One_Two.wav'), 'this is no sound');
    mkdirSync(inside('silent'));
    writeWavSync(inside('silent', 'One_Two.wav'), TSContinuous.fromClocked(new Float64Array(8000), { dt: 1 / 8000 }));
    const cases: [string[], RegExp][] = [
      [['--wav', inside('missing')], /the folder .*missing does not exist/],
      [['--wav', inside('empty')], /there are no WAV files in/],
      [['--wav', inside('bad')], /One_Two\.wav/],
      [['--wav', inside('silent')], /One_Two\.wav is silent/],
      [['--resume', inside('empty')], /there is no run of this demonstration in/],
      [['--colour'], /usage: npm run demo/],
    ];
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = run('demo', ...args);
      assert.equal(status, 1, `${args.join(' ')}: ${stdout}${stderr}`);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n +at /);
    }
  });
});
