/** The command line, in this process or as a program of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { runProgram as Run } from '../../dist/cli/program.js';

export const root = join(__dirname, '../../..');
export const main = join(root, 'dist/cli/main.js');
const require_ = createRequire(__filename);

/** A module of the program, which the package does not export. */
export const load = <M>(name: string): M => require_(join(root, `dist/cli/${name}.js`)) as M;
const { runProgram } = load<{ runProgram: typeof Run }>('program');

class Collector extends Writable {
  text = '';
  isTTY?: boolean;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** As on a terminal: stderr shows bars. */
  terminal?: boolean;
}

/** Runs a command line in this process: quick, and enough for all but signals and pipes. */
export async function call(args: readonly string[], { signal, terminal }: CallOptions = {}): Promise<Result> {
  const stdout = new Collector();
  const stderr = new Collector();
  if (terminal) stderr.isTTY = true;
  const code = await runProgram(args, { stdout, stderr, signal: signal ?? new AbortController().signal });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** {@link call} with `--json`: the objects on stdout, and what errors say. */
export async function callJson<T = Record<string, never>>(
  args: readonly string[],
): Promise<Result & { data: T; lines: T[] }> {
  const result = await call([...args, '--json']);
  const lines = result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
  return { ...result, lines, data: lines[0] };
}

/** Starts the program as a child process. */
export function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
}

/** What a child process wrote and how it ended. */
export function ended(child: ChildProcess): Promise<Result & { signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.setEncoding('utf8').on('data', (chunk: string) => (text[name] += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? -1, signal, ...text }));
  });
}
