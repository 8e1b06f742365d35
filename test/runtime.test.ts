import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildInfo, concurrency, setConcurrency } from 'rockpool-node';

describe('runtime', () => {
  it('tells what the native library was built from', () => {
    const info = buildInfo();
    assert.match(info.version, /^\d+\.\d+\.\d+/);
    assert.ok(info.targets.includes(info.target));
    assert.ok(info.threads >= 1);
  });

  it('sets the concurrency and refuses nonsense', () => {
    const before = concurrency();
    setConcurrency(3);
    assert.equal(concurrency(), 3);
    setConcurrency(before);
    for (const bad of [0, -1, 1.5, NaN, 1025, Infinity, '2', null, undefined, true, {}]) {
      assert.throws(() => setConcurrency(bad as number), /expected n to be an integer from 1 to 1024/);
    }
  });

  it('a raised concurrency helps what waits already', () => {
    const program = `
      const { setConcurrency } = require('rockpool-node');
      const { RecRateEuler } = require('rockpool-node/layers');
      const weights = Array.from({ length: 100 }, (_, i) => Array.from({ length: 100 }, (_, j) => Number(i === j)));
      const controller = new AbortController();
      const events = [];
      const note = (event) => {
        if (!events.includes(event)) events.push(event);
        if (events.length === 2) controller.abort();
      };
      setConcurrency(1);
      const runs = [0, 1].map((i) =>
        new RecRateEuler(weights, { tau: 1, dt: 0.1 })
          .evolveAsync(null, { numTimesteps: 400_000, signal: controller.signal, onProgress: () => note('progress of ' + i) })
          .then(() => note('end of ' + i), () => undefined));
      setConcurrency(2);
      Promise.all(runs).then(() => console.log(events.slice(0, 2).sort().join(', ')));`;
    const cwd = join(__dirname, '..', '..');
    const output = execFileSync(process.execPath, ['-e', program], { cwd, encoding: 'utf8' });
    assert.equal(output.trim(), 'progress of 0, progress of 1');
  });
});
