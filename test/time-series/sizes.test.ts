import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { NdArray, TSContinuous, TSEvent } from 'rockpool-node';

const periodicEvents = () => new TSEvent([0, 1, 2, 3], [0, 1, 0, 2], { tStop: 4, periodic: true });

describe('Sizes that nothing can hold', () => {
  it('are told before time is spent on them', () => {
    const events = periodicEvents();
    for (const tStop of [1e10, 1e15, 1e300]) {
      assert.throws(() => events.events({ tStop }), { code: 'ERR_VALUE', message: /time range/ });
      assert.throws(() => events.clip(0, tStop), { code: 'ERR_VALUE' });
      assert.throws(() => events.raster({ dt: tStop, tStop }), { code: 'ERR_VALUE' });
    }
    const series = new TSContinuous([0, 1, 2], [1, 2, 3], { tStop: 3, periodic: true });
    for (const tStop of [1e12, 1e300]) assert.throws(() => series.clip(0, tStop), { code: 'ERR_NOMEM' });
    assert.throws(() => NdArray.zeros(1e12), { code: 'ERR_NOMEM' });
    assert.throws(() => series.sample({ data: [1], shape: [1e12], stride: [0] }), { code: 'ERR_NOMEM' });
  });

  it('are errors, not the end of the process, where the memory runs out', function () {
    if (process.platform !== 'linux' || process.env.LD_PRELOAD?.includes('asan')) this.skip();
    this.timeout(60_000);
    const program = `
      const { TSEvent } = require('rockpool-node');
      const codes = [];
      const note = (error) => codes.push(error.code);
      const events = new TSEvent([0, 1, 2, 3], [0, 1, 0, 2], { tStop: 4 });
      try { TSEvent.fromRaster([2 ** 31]); } catch (error) { note(error); }
      events.rasterAsync({ dt: 1, tStop: 2 ** 30 }).catch(note).then(() => console.log(codes.join()));
    `;
    const output = execFileSync('/bin/sh', ['-c', 'ulimit -v 6000000; exec "$0" -e "$1"', process.execPath, program], {
      cwd: process.cwd(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    assert.equal(output.trim(), 'ERR_NOMEM,ERR_NOMEM');
  });
});
