import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TSEvent } from 'rockpool-node';
import {
  type CoreBias,
  DynapseControl,
  type DynapseControlOptions,
  lowPowerBiases,
} from 'rockpool-node/devices/dynapse';
import type { NativeDynapse } from '../../dist/devices/dynapse/native.js';

const coded = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

/** Synapses of which 16 make a neuron spike, with time constants of 7 ms. */
const strong: CoreBias[] = [...Array(16).keys()].flatMap((core) => [
  { core, name: 'PS_WEIGHT_EXC_F_N', coarse: 1, fine: 160 },
  { core, name: 'PS_WEIGHT_INH_F_N', coarse: 1, fine: 160 },
  { core, name: 'NPDPIE_TAU_F_P', coarse: 6, fine: 40 },
]);
const model: DynapseControlOptions = { controller: 'model', model: { mismatch: false }, biases: strong };

const stimulus = new TSEvent([0.001, 0.02, 0.04], [0, 0, 0], { tStart: 0, tStop: 0.06 });

describe('DynapseControl', () => {
  const opened: DynapseControl[] = [];
  const open = async (options: DynapseControlOptions = model): Promise<DynapseControl> => {
    const control = await DynapseControl.open(options);
    opened.push(control);
    return control;
  };
  afterEach(async () => {
    for (const control of opened.splice(0)) await control.close();
  });

  it('asks for a board unless told otherwise, and says what helps where there is none', async () => {
    await assert.rejects(DynapseControl.open({ serial: 'NO SUCH1' }), (error: Error & { code?: string }) => {
      assert.match(error.code ?? '', /^ERR_NO_(DEVICE|LIBUSB)$/);
      assert.match(error.message, /rockpool-node doctor/);
      assert.match(error.message, /controller: 'model'/);
      return true;
    });
    const control = await open();
    assert.deepEqual([control.controller, control.simulated, control.info.model], ['model', true, true]);
    assert.match(String(control), /^DynapseControl of the board model 'MODEL001' \(open\)$/);
  });

  it('gives out neurons, and empties the chips that they need', async () => {
    const control = await open();
    assert.equal(control.numFreeNeurons, 0);
    assert.deepEqual(await control.allocateNeurons(2), [1, 2]);
    assert.deepEqual(control.initializedChips, [0]);
    assert.deepEqual(await control.allocateNeurons([2050, 5]), [2050, 5]);
    assert.deepEqual(control.initializedChips, [0, 2]);
    assert.deepEqual(control.allocateVirtualNeurons(3), [3, 4, 6]);
    await assert.rejects(control.allocateNeurons([5]), coded('ERR_VALUE'));
    assert.throws(() => control.allocateVirtualNeurons([2]), coded('ERR_VALUE'));
    control.clearNeuronAssignments();
    assert.equal(control.numFreeNeurons, 2 * 1023);
  });

  it('tells the chips exactly what connections need, after all limits', async () => {
    const control = await open();
    const native = (await import(join(__dirname, '../../../dist/binding.js'))).native as NativeDynapse;
    const words = (): number => native.dynapseModelCounters(control._board).chipWords;
    const [a, b] = await control.allocateNeurons(2);
    const [input] = control.allocateVirtualNeurons(1);
    let before = words();
    await control.setConnections([[3, -2]], [input], [a, b], { virtual: true });
    assert.equal(words() - before, 5);
    before = words();
    await control.setConnections([[0, 4]], [a], [a, b], { excitatory: 'slowExc' });
    assert.equal(words() - before, 4 + 1);
    await control.addConnections([[1]], [a], [b], { excitatory: 'slowExc' });
    assert.deepEqual(control.getConnections([a, b], [a, b]).toArray(), [
      [0, 5],
      [0, 0],
    ]);
    assert.deepEqual(control.getConnections([input], [a, b], { virtual: true }).toArray(), [[3, -2]]);
    assert.equal(control.image.synapsesOf(b).filter(({ type }) => type === 'slowExc').length, 5);
    before = words();
    await assert.rejects(control.setConnections([[65]], [a], [b]), coded('ERR_FAN_IN'));
    await assert.rejects(control.addConnections([[58]], [a], [b], { excitatory: 'slowExc' }), coded('ERR_FAN_IN'));
    await assert.rejects(control.setConnections([[1]], [input], [1024 + 3], { virtual: true }), coded('ERR_STATE'));
    await assert.rejects(control.setConnections([[0.5]], [a], [b]), coded('ERR_VALUE'));
    await assert.rejects(control.addConnections([[1]], [a], [a]), coded('ERR_VALUE')); // fast beside slow
    assert.equal(words(), before);
    await control.removeConnectionsTo([b]);
    assert.deepEqual(control.getConnections([input], [a, b], { virtual: true }).toArray(), [[3, 0]]);
    await control.removeConnectionsFrom([input], { virtual: true });
    assert.equal(control.image.synapsesOf(a).length, 0);
    // The chip itself holds nothing either.
    const cams = new Uint32Array(64);
    native.dynapseModelWords(control._board, a, cams, new Uint32Array(4));
    assert.ok(cams.every((word) => (word >>> 18) % 1024 === 0 && word >>> 28 === 0));
  });

  it('removes core bits and routes to chip 0, which the original leaves behind', async () => {
    const control = await open();
    await control.initChips([0, 1]);
    const [from, near, far] = await control.allocateNeurons([1030, 10, 300]);
    await control.setConnections([[1, 1]], [from], [near, far]);
    const native = (await import(join(__dirname, '../../../dist/binding.js'))).native as NativeDynapse;
    const cores = (): number[] => {
      const routes = new Uint32Array(4);
      native.dynapseModelWords(control._board, from, new Uint32Array(64), routes);
      return [...routes.subarray(1)].map((word) => (word >>> 18) & 15).filter((bits) => bits !== 0);
    };
    assert.deepEqual(cores(), [3]);
    await control.removeConnectionsTo([far]);
    assert.deepEqual(cores(), [1]);
    await control.removeConnectionsFrom([from]);
    assert.deepEqual(cores(), []);
  });

  it('plays events and records what follows, the same each time', async () => {
    const run = async (): Promise<TSEvent> => {
      const control = await open();
      const neurons = await control.allocateNeurons([1, 300]);
      const [input] = control.allocateVirtualNeurons([7]);
      await control.setConnections([[16, 0]], [input], neurons, { virtual: true });
      await control.setConnections([[32]], [neurons[0]], [neurons[1]]);
      const out = await control.sendEvents(stimulus, { virtualNeuronIds: [input], record: neurons, tRecord: 0.1 });
      await control.close();
      return out;
    };
    const first = await run();
    assert.deepEqual([first.tStart, first.tStop, first.numChannels], [0, 0.1, 2]);
    assert.ok(first.length >= 6, String(first));
    assert.ok([...first.times].every((t, i) => i === 0 || t >= first.times[i - 1]));
    assert.equal(first.channels[0], 0);
    assert.ok(first.channels.includes(1));
    assert.ok(first.times[0] >= 0.001 && first.times[0] < 0.01, `${first.times[0]}`);
    const second = await run();
    assert.deepEqual([...second.times], [...first.times]);
    assert.deepEqual([...second.channels], [...first.channels]);
  });

  it('puts the real event behind the fillers of a long silence', async () => {
    const control = await open({ ...model, fpgaIsiBase: 1e-6 });
    const [neuron] = await control.allocateNeurons([1]);
    await control.setConnections([[32]], [7], [neuron], { virtual: true });
    const late = new TSEvent([0.15], [0], { tStart: 0, tStop: 0.17 });
    const out = await control.sendEvents(late, { virtualNeuronIds: [7], record: [neuron] });
    assert.ok(out.length > 0 && out.times[0] >= 0.15, `${out.times[0]}`);
  });

  it('pulses, repeats, and makes Poisson trains, which are read as they come', async () => {
    const control = await open();
    const [neuron] = await control.allocateNeurons([1]);
    await control.setConnections([[16]], [7], [neuron], { virtual: true });
    const pulse = await control.sendPulse(7, { width: 0.05, frequency: 200, record: [neuron], tRecord: 0.1 });
    assert.ok(pulse && pulse.length >= 8 && pulse.times.every((t) => t >= 0.005 && t < 0.09), String(pulse));
    await control.startContStim(100, [7]);
    const repeated = await control.record(0.1, { neuronIds: [neuron] });
    assert.ok(repeated.length >= 9, String(repeated));
    await control.stopStim();
    await control.record(0.05); // what was under way
    assert.equal((await control.record(0.05)).length, 0);
    await control.startPoisson(500, [7]);
    const seen: number[] = [];
    for await (const batch of control.spikes({ neuronIds: [neuron] })) {
      assert.deepEqual([...new Set(batch.neurons)], [0]);
      seen.push(...batch.times);
      if (seen.length > 20) break;
    }
    assert.ok(seen.every((t, i) => i === 0 || t >= seen[i - 1]));
    await control.resetPoissonRates();
    await control.record(0.05);
    assert.equal((await control.record(0.05)).length, 0);
  });

  it('sets, saves, loads and copies biases', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rockpool-control-'));
    try {
      const control = await open({ controller: 'model' });
      assert.deepEqual(control.biases, lowPowerBiases());
      await control.setBiases([{ core: 10, name: 'IF_DC_P', coarse: 2, fine: 77 }]);
      const file = await control.saveBiases(join(folder, 'all.py'));
      const some = await control.saveBiases(join(folder, 'all.py'), { coreIds: [10], coarse: 'descending' });
      const other = await open({ controller: 'model' });
      assert.equal((await other.loadBiases(some, { coarse: 'descending', coreIds: [10] })).length, 25);
      assert.deepEqual(other.biases, control.biases);
      await other.copyBiases(10, [3]);
      assert.deepEqual(other.biases.find(({ core, name }) => core === 3 && name === 'IF_DC_P')?.fine, 77);
      await other.loadBiases(file);
      assert.deepEqual(other.biases, control.biases);
      await assert.rejects(control.setBiases([{ core: 0, name: 'NONE', coarse: 1, fine: 1 }]), coded('ERR_VALUE'));
      await assert.rejects(control.setBiases([{ core: 16, name: 'IF_DC_P', coarse: 1, fine: 1 }]), coded('ERR_VALUE'));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('stops when it is told to, and goes on afterwards', async () => {
    const control = await open();
    const abort = new AbortController();
    const seen: number[] = [];
    const recording = control.record(1000, {
      signal: abort.signal,
      onProgress: ({ done }) => {
        seen.push(done);
        if (done > 0.05) abort.abort();
      },
    });
    await assert.rejects(recording, coded('ERR_ABORTED'));
    assert.ok(seen.length > 0);
    const none = AbortSignal.abort();
    await assert.rejects(control.initChips([0], { signal: none }), coded('ERR_ABORTED'));
    await assert.rejects(control.sendEvents(stimulus, { virtualNeuronIds: [7], signal: none }), coded('ERR_ABORTED'));
    await assert.rejects(DynapseControl.open({ ...model, signal: none }), coded('ERR_ABORTED'));
    assert.equal((await control.record(0.01)).length, 0);
  });

  it('no longer trusts a chip that did not take a word', async () => {
    const control = await open();
    const native = (await import(join(__dirname, '../../../dist/binding.js'))).native as NativeDynapse;
    const neurons = await control.allocateNeurons(2);
    native.dynapseModelFailHandshakes(control._board, 1);
    await assert.rejects(control.setConnections([[1]], [neurons[0]], [neurons[1]]), coded('ERR_DEVICE_CHIP'));
    assert.deepEqual(control.initializedChips, []);
    await assert.rejects(control.setConnections([[1]], [neurons[0]], [neurons[1]]), /initChips\(\[0\]\)/);
    await control.initChips([0]);
    await control.setConnections([[1]], [neurons[0]], [neurons[1]]);
    await control.reset();
    assert.deepEqual(control.getConnections(neurons, neurons).toArray(), [
      [0, 0],
      [0, 0],
    ]);
  });

  it('refuses wrong arguments before anything is sent', async () => {
    await assert.rejects(DynapseControl.open({ controller: 'silicon' as never }), coded('ERR_VALUE'));
    await assert.rejects(DynapseControl.open({ ...model, fpgaIsiBase: 1.05e-8 }), coded('ERR_VALUE'));
    await assert.rejects(DynapseControl.open({ ...model, wrong: 1 } as never), coded('ERR_TYPE'));
    await assert.rejects(DynapseControl.open({ ...model, initChips: [4] }), coded('ERR_VALUE'));
    const control = await open();
    await assert.rejects(control.sendEvents(stimulus, { coreMask: 16 }), coded('ERR_VALUE'));
    await assert.rejects(control.sendEvents(stimulus, { chip: 4 }), coded('ERR_VALUE'));
    await assert.rejects(control.sendEvents(stimulus, { virtualNeuronIds: [1, 2] }), coded('ERR_SHAPE'));
    await assert.rejects(control.sendEvents({ timesteps: [3, 1], channels: 0 }), coded('ERR_VALUE'));
    await assert.rejects(control.record(0), coded('ERR_VALUE'));
    await assert.rejects(control.record(0.1, { neuronIds: [4096] }), coded('ERR_VALUE'));
    await assert.rejects(control.record(0.1, { neuronIds: [1, 1] }), coded('ERR_VALUE'));
    await assert.rejects(control.startPoisson(5000, [1]), RangeError);
    await assert.rejects(control.sendPulse(1, { frequency: 1e6 }), RangeError);
  });
});
