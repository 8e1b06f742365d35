import assert from 'node:assert/strict';
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
    for (const bad of [0, -1, 1.5, NaN, '2', null]) {
      assert.throws(() => setConcurrency(bad as number), /expected n to be an integer from 1 to 1024/);
    }
  });
});
