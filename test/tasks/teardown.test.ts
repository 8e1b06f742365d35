import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { reservoir } from './reservoir.js';

const program = (name: string) => join(__dirname, 'programs', `${name}.js`);

/** Runs a program to its end; resolves to how it ended. */
function run(
  name: string,
  ...args: string[]
): Promise<{ status: number | null; signal: string | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program(name), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (c) => (out += c));
    child.stderr.on('data', (c) => (err += c));
    child.on('close', (status, signal) => resolve({ status, signal, out, err }));
  });
}

function started(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
}

describe('tasks: workers and the end of the process', () => {
  it('process.exit() during runs ends cleanly', async () => {
    for (let i = 0; i < 5; i++) assert.equal((await run('exit', 'exit')).status, 0);
  });

  it('an uncaught error during runs ends the process with its own message', async () => {
    const { status, err } = await run('exit', 'throw');
    assert.equal(status, 1);
    assert.match(err, /uncaught/);
  });

  it('a signal during runs ends the process by that signal', async () => {
    assert.equal((await run('exit', 'signal')).signal, 'SIGTERM');
  });

  it('a run keeps the process alive until it is done, and not longer', async () => {
    const { status, out } = await run('exit', 'natural');
    assert.equal(status, 0);
    assert.equal(out.trim(), '501 501 501');
  });

  it('worker.terminate() during a run, at any moment', async () => {
    for (let i = 0; i < 12; i++) {
      const worker = new Worker(program('worker'), { workerData: {} });
      if (i % 3 !== 0) await started(worker);
      await sleep((i * 7) % 40);
      await worker.terminate();
    }
  });

  it('several workers at once, terminated together', async () => {
    const workers = Array.from({ length: 6 }, () => new Worker(program('worker'), { workerData: {} }));
    await Promise.all(workers.map(started));
    await Promise.all(workers.map((w) => w.terminate()));
  });

  it('workers compute what the main thread computes, and end by themselves', async () => {
    const expected = reservoir(100).evolve(null, { numTimesteps: 300 }).samples.data.at(-1);
    const results = await Promise.all(
      Array.from({ length: 4 }, () => {
        const worker = new Worker(program('worker'), { workerData: { steps: 300, wait: true } });
        return new Promise((resolve, reject) => {
          let value: unknown;
          worker.on('message', (m) => (value = m));
          worker.on('error', reject);
          worker.on('exit', () => resolve(value));
        });
      }),
    );
    for (const r of results) assert.equal(r, expected);
  });
});
