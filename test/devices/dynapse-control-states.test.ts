import assert from 'node:assert/strict';
import { join } from 'node:path';
import { TSEvent } from 'rockpool-node';
import { DynapseControl } from 'rockpool-node/devices/dynapse';
import type { NativeDynapse } from '../../dist/devices/dynapse/native.js';

const stimulus = new TSEvent([0.001], [7], { tStart: 0, tStop: 0.005, numChannels: 8 });

/** Every method, with what it uses: it is refused while another one has that. */
const methods: Record<string, { uses: ('command' | 'stream')[]; call: (c: DynapseControl) => unknown }> = {
  initChips: { uses: ['command'], call: (c) => c.initChips([3]) },
  allocateNeurons: { uses: ['command'], call: (c) => c.allocateNeurons(1) },
  allocateVirtualNeurons: { uses: [], call: (c) => c.allocateVirtualNeurons(1) },
  clearNeuronAssignments: { uses: [], call: (c) => c.clearNeuronAssignments() },
  setConnections: { uses: ['command'], call: (c) => c.setConnections([[0]], [1], [2]) },
  addConnections: { uses: ['command'], call: (c) => c.addConnections([[0]], [1], [2]) },
  removeConnectionsTo: { uses: ['command'], call: (c) => c.removeConnectionsTo([1]) },
  removeConnectionsFrom: { uses: ['command'], call: (c) => c.removeConnectionsFrom([1]) },
  clearConnections: { uses: ['command'], call: (c) => c.clearConnections() },
  setBiases: { uses: ['command'], call: (c) => c.setBiases([{ core: 0, name: 'IF_DC_P', coarse: 7, fine: 0 }]) },
  copyBiases: { uses: ['command'], call: (c) => c.copyBiases(0, [1]) },
  sendEvents: { uses: ['command', 'stream'], call: (c) => c.sendEvents(stimulus) },
  sendPulse: { uses: ['command', 'stream'], call: (c) => c.sendPulse(7, { width: 0.001, tRecord: 0.002 }) },
  startContStim: { uses: ['command'], call: (c) => c.startContStim(10, [7]) },
  stopStim: { uses: ['command'], call: (c) => c.stopStim() },
  startPoisson: { uses: ['command'], call: (c) => c.startPoisson(10, [7]) },
  stopPoisson: { uses: ['command'], call: (c) => c.stopPoisson() },
  resetPoissonRates: { uses: ['command'], call: (c) => c.resetPoissonRates() },
  record: { uses: ['stream'], call: (c) => c.record(0.002) },
  spikes: { uses: ['stream'], call: (c) => c.spikes({ signal: AbortSignal.timeout(10) }).next() },
  reset: { uses: ['command'], call: (c) => c.reset() },
};

/** What can always be asked. */
type Read = (c: DynapseControl) => unknown;
const reads: Record<string, Read> = {
  controller: (c) => c.controller,
  info: (c) => c.info,
  initializedChips: (c) => c.initializedChips,
  numFreeNeurons: (c) => c.numFreeNeurons,
  numFreeVirtualNeurons: (c) => c.numFreeVirtualNeurons,
  getConnections: (c) => c.getConnections([1], [1]),
  image: (c) => c.image,
  biases: (c) => c.biases,
  fpgaIsiBase: (c) => c.fpgaIsiBase,
  toString: (c: DynapseControl) => String(c),
};

/** The code of the error that a call gives, or `'done'`. */
async function answer(call: () => unknown): Promise<string> {
  try {
    await call();
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

describe('DynapseControl, every method in every state', () => {
  let native: NativeDynapse;
  const opened: DynapseControl[] = [];
  const open = async (): Promise<DynapseControl> => {
    const control = await DynapseControl.open({ controller: 'model', model: { mismatch: false } });
    opened.push(control);
    return control;
  };
  before(async () => {
    native = (await import(join(__dirname, '../../../dist/binding.js'))).native as NativeDynapse;
  });
  afterEach(async () => {
    for (const control of opened.splice(0)) await control.close();
  });

  it('has no method that is not here', () => {
    const names = new Set<string>();
    for (
      let proto = DynapseControl.prototype as object;
      proto !== Object.prototype;
      proto = Object.getPrototypeOf(proto) as object
    )
      for (const name of Object.getOwnPropertyNames(proto)) if (!name.startsWith('_')) names.add(name);
    const known = [...Object.keys(methods), ...Object.keys(reads), 'constructor', 'close', 'state', 'simulated'];
    assert.deepEqual([...names].filter((name) => !known.includes(name)).sort(), ['loadBiases', 'saveBiases']);
  });

  it('open', async () => {
    const control = await open();
    assert.equal(control.state, 'open');
    for (const [name, { call }] of Object.entries(methods))
      assert.equal(await answer(() => call(control)), name === 'spikes' ? 'ERR_ABORTED' : 'done', name);
    for (const [name, read] of Object.entries(reads)) assert.equal(await answer(() => read(control)), 'done', name);
  });

  it('busy with a command, and with a recording', async () => {
    const control = await open();
    for (const [used, start] of [
      ['command', (signal: AbortSignal) => control.initChips([0, 1, 2, 3], { signal })],
      ['stream', (signal: AbortSignal) => control.record(3600, { signal })],
    ] as const) {
      const abort = new AbortController();
      const running = answer(() => start(abort.signal));
      for (const [name, { uses, call }] of Object.entries(methods)) {
        if (!uses.includes(used)) continue;
        assert.equal(await answer(() => call(control)), 'ERR_BUSY', `${name} while ${used}`);
      }
      if (used === 'command') assert.equal(control.state, 'busy');
      for (const [name, read] of Object.entries(reads)) assert.equal(await answer(() => read(control)), 'done', name);
      abort.abort();
      assert.equal(await running, 'ERR_ABORTED');
    }
    assert.equal(control.state, 'open');
  });

  it('closed, while something was under way', async () => {
    const control = await open();
    const running = answer(() => control.record(3600));
    const configuring = answer(() => control.initChips([0, 1, 2, 3]));
    await control.close();
    assert.equal(await running, 'ERR_CLOSED');
    assert.equal(await configuring, 'ERR_CLOSED');
    await control.close();
    assert.equal(control.state, 'closed');
    for (const [name, { call }] of Object.entries(methods))
      assert.equal(await answer(() => call(control)), 'ERR_CLOSED', name);
    for (const [name, read] of Object.entries(reads)) assert.equal(await answer(() => read(control)), 'done', name);
  });

  it('unplugged, while something was under way', async () => {
    const control = await open();
    const running = answer(() => control.record(3600));
    await new Promise((resolve) => setTimeout(resolve, 20));
    native.dynapseModelPlug(control._board, false);
    assert.equal(await running, 'ERR_DEVICE_LOST');
    assert.equal(control.state, 'lost');
    for (const [name, { call }] of Object.entries(methods))
      assert.equal(await answer(() => call(control)), 'ERR_DEVICE_LOST', name);
    for (const [name, read] of Object.entries(reads)) assert.equal(await answer(() => read(control)), 'done', name);
    await control.close();
    assert.equal(control.state, 'closed');
  });
});
