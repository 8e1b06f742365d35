import assert from 'node:assert/strict';
import { join } from 'node:path';
import { withBoard } from './with-board';

const dist = (...names: string[]): string => JSON.stringify(join(__dirname, '..', '..', '..', 'dist', ...names));

/** The same calls as on the board model, of a program that believes in a board: the real libusb is between them. */
const program = (body: string): string => `
  const { DynapseControl } = require(${dist('devices', 'dynapse', 'index.js')});
  const { RecDynapSE } = require(${dist('layers', 'index.js')});
  const { TSEvent } = require(${dist('index.js')});
  const biases = [0, 1, 2, 3].flatMap((core) => [
    { core, name: 'PS_WEIGHT_EXC_F_N', coarse: 1, fine: 160 },
    { core, name: 'NPDPIE_TAU_F_P', coarse: 6, fine: 40 },
  ]);
  const input = new TSEvent([0.001, 0.021], 0, { tStart: 0, tStop: 0.05 });
  (async () => { ${body} })().catch((error) => { console.log(error.code); process.exitCode = 1; });`;

describe('DynapseControl over libusb', () => {
  it('a layer evolves on a board, in both ways', async function () {
    this.timeout(120_000);
    const body = `
      const control = await DynapseControl.open({ settleMs: 0, biases });
      const layer = new RecDynapSE([[24, 0]], [[0, 24], [0, 0]], { controller: control });
      const spikes = await layer.evolveAsync(input);
      const waited = layer.evolve(null, { duration: 0.05 });
      await control.close();
      console.log(JSON.stringify({
        simulated: control.simulated, name: String(control), first: spikes.times[0], channels: [...new Set(spikes.channels)],
        count: spikes.length, from: waited.tStart, state: control.state,
      }));`;
    const { status, stdout, stderr } = await withBoard(this, [], [process.execPath, '-e', program(body)]);
    assert.equal(status, 0, stderr + stdout);
    const seen = JSON.parse(stdout.slice(stdout.indexOf('{'), stdout.indexOf('}') + 1)) as Record<string, unknown>;
    assert.deepEqual(
      [seen['simulated'], seen['name'], seen['state']],
      [false, "DynapseControl of board 'MODEL001' (closed)", 'closed'],
    );
    const first = seen['first'] as number;
    assert.ok(first > 0.001 && first < 0.01, `${first}`);
    assert.ok((seen['channels'] as number[]).includes(0) && (seen['count'] as number) > 2);
    assert.ok(Math.abs((seen['from'] as number) - 0.05) < 1e-9);
  });
});
