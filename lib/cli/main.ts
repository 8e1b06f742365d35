#!/usr/bin/env node
/** The program `rockpool-node`: signals, pipes and the exit status around {@link runProgram}. */
import { Interruption } from './exit.js';
import { runProgram } from './program.js';

/** Milliseconds after which the process ends although something still keeps it alive. */
const patience = 2000;

/** Everything written has reached the system, or cannot. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (!stream.writable) resolve();
    else stream.write('', () => resolve());
  });

async function main(): Promise<void> {
  const stop = new AbortController();
  const onSignal = (reason: Interruption) => () => {
    if (stop.signal.aborted) process.exit(reason.exitCode); // the second one does not wait
    stop.abort(reason);
  };
  process.on('SIGINT', onSignal(Interruption.interrupted()));
  process.on('SIGTERM', onSignal(Interruption.terminated()));
  process.on('SIGHUP', onSignal(Interruption.hungUp()));
  if (process.platform === 'win32') process.on('SIGBREAK', onSignal(Interruption.interrupted()));
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const closed = error.code === 'EPIPE' || error.code === 'EOF';
      if (closed) stop.abort(Interruption.pipeClosed());
      else if (stream === process.stdout) stop.abort(Interruption.outputFailed(error));
      // Remarks that nobody can read are no reason to stop: the terminal may be gone.
    });
  }
  const { stdout, stderr } = process;
  const code = await runProgram(process.argv.slice(2), { stdout, stderr, signal: stop.signal });
  await flushed(stdout);
  await flushed(stderr);
  const reason: unknown = stop.signal.reason;
  process.exitCode = code === 0 && reason instanceof Interruption ? reason.exitCode : code;
  setTimeout(() => process.exit(), patience).unref();
}

void main();
