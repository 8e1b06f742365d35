import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TSContinuous } from 'rockpool-node';
import { writeWavSync } from 'rockpool-node/io';

const examples = join(__dirname, '..', 'examples');

function run(name: string, ...args: string[]) {
  return spawnSync(process.execPath, [join(examples, `${name}.js`), ...args], { encoding: 'utf8' });
}

function succeeds(name: string, ...args: string[]): string {
  const { status, stdout, stderr } = run(name, ...args);
  assert.equal(status, 0, stderr);
  return stdout;
}

describe('examples', () => {
  it('getting started', () => {
    assert.match(succeeds('getting-started'), /Sum +\d+ samples from/);
  });

  it('the reservoir learns sine and cosine', () => {
    const out = succeeds('reservoir');
    const error = Number(/after training: +([\d.]+)/.exec(out)?.[1]);
    assert.ok(error < 0.05, out);
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
    const first = succeeds(name, '--quick', '--wav', inside('wav'), '--out', out);
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
