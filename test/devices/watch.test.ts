import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { watchBoards, type BoardWatcher, type WatchBoardsOptions } from 'rockpool-node/devices/dynapse';
import type { DynapseBoard, NativeDynapse } from '../../dist/devices/dynapse/native.js';
import { withBoard } from './with-board';

const root = join(__dirname, '..', '..', '..');
const watchPath = JSON.stringify(join(root, 'dist', 'devices', 'dynapse', 'watch.js'));
const bindingPath = JSON.stringify(join(root, 'dist', 'binding.js'));

/** A watch of the bus that a board model is plugged into. */
async function watchModel(board: DynapseBoard, options: WatchBoardsOptions = {}): Promise<BoardWatcher> {
  const { BoardWatcher } = (await import(join(root, 'dist', 'devices', 'dynapse', 'watch.js'))) as {
    BoardWatcher: new (options: WatchBoardsOptions, board: DynapseBoard) => BoardWatcher;
  };
  return new BoardWatcher(options, board);
}

describe('watchBoards', () => {
  let native: NativeDynapse;
  let board: DynapseBoard;
  const watchers: BoardWatcher[] = [];
  const watch = async (options?: WatchBoardsOptions) => {
    const watcher = await watchModel(board, options);
    watchers.push(watcher);
    return watcher;
  };
  before(async () => {
    ({ native } = (await import(join(root, 'dist', 'binding.js'))) as { native: NativeDynapse });
  });
  beforeEach(async () => {
    board = await native.dynapseOpenModel(1, false, 1e-4, 65536, 1, 'MODEL001', 1024, 0).promise;
  });
  afterEach(async () => {
    for (const watcher of watchers.splice(0)) watcher.close();
    await native.dynapseClose(board).promise;
  });

  it('tells what is there, then what comes and goes, in order', async () => {
    const watcher = await watch();
    const told: string[] = [];
    watcher.on('arrive', ({ bus, address, firmware }) => told.push(`arrive ${bus}.${address} ${firmware}`));
    watcher.on('leave', ({ bus, address }) => told.push(`leave ${bus}.${address}`));
    watcher.on('ready', () => told.push('ready'));
    watcher.on('close', () => told.push('close'));
    await once(watcher, 'ready');
    assert.deepEqual(watcher.boards, [{ bus: 1, address: 1, firmware: 3 }]);
    native.dynapseModelPlug(board, false);
    await once(watcher, 'leave');
    assert.deepEqual(watcher.boards, []);
    native.dynapseModelPlug(board, true);
    await once(watcher, 'arrive');
    watcher.close();
    watcher.close();
    assert.ok(watcher.closed);
    native.dynapseModelPlug(board, false);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.deepEqual(told, ['arrive 1.1 3', 'ready', 'leave 1.1', 'arrive 1.1 3', 'close']);
  });

  it('leaves out what is there where that is asked for', async () => {
    const watcher = await watch({ initial: false });
    let arrived = 0;
    watcher.on('arrive', () => arrived++);
    await once(watcher, 'ready');
    assert.equal(watcher.boards.length, 1);
    assert.equal(arrived, 0);
  });

  it('is an async iterable that ends with the watch, and ends it when the loop is left', async () => {
    const controller = new AbortController();
    const types: string[] = [];
    for await (const { type } of await watch({ signal: controller.signal })) {
      types.push(type);
      if (types.length === 1) native.dynapseModelPlug(board, false);
      if (types.length === 2) setTimeout(() => controller.abort(), 5);
    }
    assert.deepEqual(types, ['arrive', 'leave']);
    native.dynapseModelPlug(board, true);
    const watcher = await watch();
    for await (const change of watcher) if (change.type === 'arrive') break;
    assert.ok(watcher.closed);
  });

  it('a signal ends it, also one that was aborted before', async () => {
    const controller = new AbortController();
    const watcher = await watch({ signal: controller.signal });
    await once(watcher, 'ready');
    controller.abort();
    assert.ok(watcher.closed);
    const late = await watch({ signal: controller.signal });
    await once(late, 'close');
  });

  it('refuses wrong options', () => {
    assert.throws(() => watchBoards({ signal: 1 as never }), /expected signal to be an AbortSignal/);
    assert.throws(() => watchBoards({ persistent: 1 as never }), /expected persistent to be true or false/);
    assert.throws(() => watchBoards({ persist: true } as never), /options signal, persistent, initial/);
  });

  it('without libusb it emits an error, which an iteration throws', () => {
    const program = `
      const { watchBoards } = require(${watchPath});
      const watcher = watchBoards().on('error', (error) => console.log(error.code)).on('close', () => console.log('closed'));
      (async () => { for await (const change of watchBoards()) console.log(change); })().catch((error) => console.log('thrown', error.code));`;
    const env = { ...process.env, ROCKPOOL_LIBUSB: '/nonexistent/libusb.so' };
    const text = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', env });
    assert.deepEqual(text.trim().split('\n').sort(), ['ERR_NO_LIBUSB', 'closed', 'thrown ERR_NO_LIBUSB']);
  });

  const program = (after: string) => `
    const { native } = require(${bindingPath});
    const { BoardWatcher } = require(${watchPath});
    native.dynapseOpenModel(1, false, 1e-4, 65536, 1, 'MODEL001', 1024, 0).promise.then((board) => {
      const watcher = new BoardWatcher({}, board);
      watcher.once('ready', () => { ${after} });
    });`;

  it('does not keep a process alive, unless it is asked to or waited for', async () => {
    const run = promisify(execFile);
    await run(process.execPath, ['-e', program('')], { timeout: 20_000 });
    const kept = run(process.execPath, ['-e', program('watcher.ref();')], { timeout: 700 });
    await assert.rejects(kept, (error: Error & { killed?: boolean }) => error.killed === true);
    const waits = program('(async () => { for await (const { type } of watcher) console.log(type); })();');
    await assert.rejects(
      run(process.execPath, ['-e', waits], { timeout: 700 }),
      (error: Error & { killed?: boolean }) => Boolean(error.killed),
    );
  });

  it('a process and a worker may end while boards are watched', async () => {
    execFileSync(process.execPath, ['-e', program('watcher.ref(); setTimeout(() => process.exit(0), 10);')], {
      timeout: 20_000,
    });
    const worker = new Worker(program("watcher.ref(); require('worker_threads').parentPort.postMessage(1);"), {
      eval: true,
    });
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
  });

  describe('over libusb', () => {
    it('tells of a board that is pulled out and plugged in again', async function () {
      const program = `const { watchBoards } = require(${watchPath});
        (async () => {
          let seen = 0;
          for await (const { type, board } of watchBoards()) {
            console.log(type, board.bus, board.address, board.firmware);
            if (++seen === 3) break;
            process.kill(process.ppid, 'SIGUSR1');
          }
        })();`;
      const { status, stdout } = await withBoard(this, [], [process.execPath, '-e', program]);
      assert.equal(stdout, 'arrive 1 2 3\nleave 1 2 3\narrive 1 3 3\n');
      assert.equal(status, 0);
    });

    it('ends while a board is watched', async function () {
      const program = `const { watchBoards } = require(${watchPath});
        watchBoards().on('ready', function () { this.ref(); setTimeout(() => process.exit(7), 50); });`;
      assert.equal((await withBoard(this, [], [process.execPath, '-e', program])).status, 7);
      const unheld = `require(${watchPath}).watchBoards().on('ready', () => console.log('ready'));`;
      const { status, stdout } = await withBoard(this, [], [process.execPath, '-e', unheld]);
      assert.deepEqual([status, stdout], [0, 'ready\n']);
    });
  });
});
