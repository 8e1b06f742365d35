/** What every command gets beside its arguments. */
import type { Command } from 'commander';
import { Output, type Streams } from './output.js';
import { ProgressReporter } from './progress.js';

/** The program's surroundings; tests bring their own. */
export interface Surroundings extends Streams {
  /** Aborts on Ctrl-C, on SIGTERM and when the reader of the output is gone. Commands hand it to everything that takes time. */
  signal: AbortSignal;
}

export interface Context {
  readonly signal: AbortSignal;
  readonly output: Output;
  readonly progress: ProgressReporter;
}

const surroundings = new WeakMap<Command, Surroundings>();

function rootOf(command: Command): Command {
  let root = command;
  while (root.parent) root = root.parent;
  return root;
}

/** Ties a program to its surroundings. */
export function setSurroundings(program: Command, where: Surroundings): void {
  surroundings.set(program, where);
}

function contextOf(command: Command): Context {
  const { signal, ...streams } = surroundings.get(rootOf(command)) as Surroundings;
  const output = new Output(streams, command.optsWithGlobals());
  return { signal, output, progress: new ProgressReporter(output) };
}

/**
 * The action of a command: `run` gets the context, then the command's arguments and options as commander gives them. Warnings of the
 * library go to stderr meanwhile, and a progress bar is gone when it ends, however it ends.
 *
 * @example
 * program.command('info <file>').action(action(async ({ output }, file: string, options: InfoOptions) => { … }));
 */
export function action<A extends unknown[]>(
  run: (context: Context, ...args: A) => void | Promise<void>,
): (...args: [...A, Command]) => Promise<void> {
  return async (...all) => {
    const command = all.at(-1) as Command;
    const context = contextOf(command);
    const { setWarningHandler } = await import('../warnings.js');
    setWarningHandler((warning) => context.output.warning(warning));
    try {
      context.signal.throwIfAborted();
      await run(context, ...(all.slice(0, -1) as unknown as A));
    } finally {
      context.progress.end();
      setWarningHandler(null);
    }
  };
}
