import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DynapseBoard, NativeDynapse } from '../../dist/devices/dynapse/native.js';
import type { NativeBase } from '../../dist/native.js';

const root = join(__dirname, '..', '..', '..');

/** The native functions themselves: what stands on them has tests of its own. */
async function load(): Promise<NativeDynapse & NativeBase> {
  const { native } = (await import(join(root, 'dist', 'binding.js'))) as { native: NativeDynapse & NativeBase };
  return native;
}

describe('boards, native functions', () => {
  let native: NativeDynapse & NativeBase;
  const boards: DynapseBoard[] = [];
  const open = async (speed = 0, queue = 1 << 16) => {
    const board = await native.dynapseOpenModel(1, false, 1e-4, 65536, speed, 'MODEL001', queue, 0).promise;
    boards.push(board);
    return board;
  };
  const code = (expected: string) => (error: Error & { code?: string }) => error.code === expected;
  before(async () => {
    native = await load();
  });
  afterEach(async () => {
    for (const board of boards.splice(0)) await native.dynapseClose(board).promise;
  });

  it('without libusb the library loads, and says what is missing', () => {
    const program = `
      const { native } = require(${JSON.stringify(join(root, 'dist', 'binding.js'))});
      native.dynapseDevices().promise.catch((error) =>
        console.log(error.code + ' | ' + error.message + ' | ' + native.dynapseUsbProblem()));`;
    const env = { ...process.env, ROCKPOOL_LIBUSB: '/nonexistent/libusb.so' };
    const text = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', env });
    assert.match(text, /^ERR_NO_LIBUSB \| the library libusb 1\.0 is not there .* \| the library libusb/);
  });

  it('configures a model, which holds the monitor routes then', async () => {
    const board = await open();
    assert.equal(native.dynapseChipKnown(board, 0), false);
    await native.dynapseConfigure(board, undefined).promise;
    assert.equal(native.dynapseChipKnown(board, 0), true);
    assert.equal(native.dynapseModelCounters(board).chipWords, 33616);
    const cams = new Uint32Array(64);
    const srams = new Uint32Array(4);
    native.dynapseModelWords(board, 5, cams, srams);
    assert.equal(srams[0], 0x0c060290);
    const info = native.dynapseInfo(board);
    assert.deepEqual([info.serial, info.logic, info.model, info.closed], ['MODEL001', 5, true, false]);
  });

  it('makes chip words from arrays', () => {
    const out = new Uint32Array(2);
    native.dynapseCamWords(
      Uint32Array.of(0x1a5, 1),
      Uint32Array.of(0x2c7, 0),
      Uint32Array.of(37, 0),
      Uint32Array.of(3, 2),
      out,
    );
    assert.deepEqual([...out], [0x3a5764a7, 0x20120000]);
    native.dynapseMonitorWords(3, Uint32Array.of(1023), out.subarray(0, 1));
    assert.equal(out[0], 0x3b53ff90);
    native.dynapseBiasWords(
      Uint32Array.of(12),
      Uint32Array.of(7),
      Uint32Array.of(5),
      Uint32Array.of(7),
      out.subarray(0, 1),
    );
    assert.equal(out[0], 0x00317057);
    assert.equal(native.dynapseControlWord(0, 3, 0), 0x1300);
    assert.equal(native.dynapseBiases().length, 25);
    const one = Uint32Array.of(1);
    assert.deepEqual([...native.dynapseTrainWords(Float64Array.of(65536), one, one, Uint32Array.of(0))].slice(-1), [1]);
    assert.throws(() => native.dynapseCamWords(Uint32Array.of(1024), one, one, one, new Uint32Array(1)), RangeError);
    assert.throws(() => native.dynapseCamWords(new Uint32Array(3), one, one, one, new Uint32Array(2)), RangeError);
    assert.throws(() => native.dynapseControlWord(5, 0, 0), RangeError);
  });

  it('streams what neurons do, and every event of a fast stream', async () => {
    const board = await open(0, 1 << 21); // the model does not wait for who reads: all of it fits
    await native.dynapseConfigure(board, undefined).promise;
    await native.dynapseStart(board).promise;
    const times = new Float64Array(1 << 16);
    const addresses = new Uint32Array(1 << 16);
    native.dynapseModelFire(board, 1030);
    // The first one may only tell that the clock was reset.
    let first = await native.dynapseRead(board, times, addresses, 1, 5).promise;
    while (first.events === 0) first = await native.dynapseRead(board, times, addresses, 1, 5).promise;
    assert.equal(addresses[0], 1030);
    native.dynapseModelTestStream(board, 20, 100_000);
    let events = 0;
    let last = -1;
    while (events < 2_000_000) {
      const read = await native.dynapseRead(board, times, addresses, 1 << 16, 20).promise;
      assert.equal(read.lost, 0);
      events += read.events;
      if (read.events > 0) {
        assert.ok((times[0] ?? 0) >= last || read.resets > 0 || last === -1);
        last = times[read.events - 1] ?? 0;
      }
    }
    assert.equal(events, 2_000_000);
    assert.equal(native.dynapseCounts(board).lost, 0);
  });

  it('a read that waits ends at a stop, at a close, and when it is cancelled', async () => {
    const board = await open(1);
    const times = new Float64Array(16);
    const addresses = new Uint32Array(16);
    const wait = () => native.dynapseRead(board, times, addresses, 16, 60_000);
    // The board tells that its clock was reset when it starts: a read may return with that first.
    const untilEnded = async (job: ReturnType<typeof wait>): Promise<boolean> => {
      for (let result = await job.promise; !result.ended; result = await wait().promise);
      return true;
    };
    await native.dynapseStart(board).promise;
    const stopped = untilEnded(wait());
    await native.dynapseStop(board).promise;
    assert.equal(await stopped, true);
    await native.dynapseStart(board).promise;
    for (let cancelled = false; !cancelled;) {
      const read = wait();
      read.cancel();
      await read.promise.catch((error: unknown) => {
        assert.equal((error as { code?: string }).code, 'ERR_ABORTED');
        cancelled = true;
      });
    }
    const read = wait();
    const second = wait();
    const closed = untilEnded(second).catch((error: unknown) => (error as { code?: string }).code === 'ERR_CLOSED');
    await native.dynapseClose(board).promise;
    assert.equal((await read.promise).events, 0);
    assert.equal(await closed, true);
    await assert.rejects(native.dynapseStart(board).promise, code('ERR_CLOSED'));
    await native.dynapseClose(board).promise;
  });

  it('an unplugged model ends the stream with a reason, and opens again', async () => {
    const board = await open(1);
    const times = new Float64Array(16);
    const addresses = new Uint32Array(16);
    await native.dynapseStart(board).promise;
    const read = native.dynapseRead(board, times, addresses, 16, 60_000);
    native.dynapseModelPlug(board, false);
    let last = await read.promise;
    while (!last.ended) last = await native.dynapseRead(board, times, addresses, 16, 60_000).promise;
    assert.equal(last.why, 'the board was unplugged');
    await assert.rejects(native.dynapseReadRegister(board, 6, 0).promise, code('ERR_DEVICE_LOST'));
    await native.dynapseClose(board).promise;
    native.dynapseModelPlug(board, true);
    const again = await native.dynapseModelReopen(board).promise;
    boards.push(again);
    assert.equal(await native.dynapseReadRegister(again, 6, 0).promise, 5);
  });

  it('a chip that does not acknowledge is an error, and a configuration can be cancelled', async () => {
    const board = await open();
    native.dynapseModelFailHandshakes(board, 1);
    await assert.rejects(
      native.dynapseWriteChip(board, 1, new Uint32Array(3), undefined).promise,
      code('ERR_DEVICE_CHIP'),
    );
    await native.dynapseWriteChip(board, 1, new Uint32Array(3), undefined).promise;
    const job = native.dynapseClearCams(board, 2, undefined);
    job.cancel();
    await assert.rejects(job.promise, code('ERR_ABORTED'));
  });

  it('refuses wrong arguments', async () => {
    const board = await open();
    await assert.rejects(native.dynapseWriteChip(board, 4, new Uint32Array(1), undefined).promise, RangeError);
    await assert.rejects(
      native.dynapseSetPoisson(board, 0, Uint32Array.of(0), Float64Array.of(5000), undefined).promise,
      RangeError,
    );
    await assert.rejects(native.dynapseStartTrain(board, 0, 0, true, 1, 90, false).promise, RangeError);
    assert.throws(() => native.dynapseInfo({} as DynapseBoard), TypeError);
    assert.throws(() => native.dynapseRead(board, new Float64Array(2), new Uint32Array(3), 1, 1), RangeError);
    assert.throws(() => native.dynapseOpenModel(1, true, 1e-4, 65536, NaN, 'x', 1, 0), RangeError);
    assert.throws(() => native.dynapseOpenModel(1, true, 1e-4, 65536, 1, 'x', 0, 0), RangeError);
    await assert.rejects(native.dynapseOpenModel(1, true, -1, 65536, 1, 'x', 1, 0).promise);
  });

  it('a process and a worker may end with a board open', async () => {
    const program = `
      const { native } = require(${JSON.stringify(join(root, 'dist', 'binding.js'))});
      native.dynapseOpenModel(1, false, 1e-4, 65536, 1, 'MODEL001', 1024, 60000).promise.then(async (board) => {
        await native.dynapseStart(board).promise;
        native.dynapseRead(board, new Float64Array(8), new Uint32Array(8), 8, 60000);
        native.dynapseConfigure(board, undefined);
        setTimeout(() => process.exit(0), 20);
      });`;
    execFileSync(process.execPath, ['-e', program], { timeout: 30_000 });
    const worker = new Worker(
      program.replace('process.exit(0)', "require('worker_threads').parentPort.postMessage(1)"),
      {
        eval: true,
      },
    );
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
  });
});
