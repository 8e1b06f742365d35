/** The commands of `rockpool-node`, and running them. */
import { Command } from 'commander';
import { setSurroundings, type Surroundings } from './context.js';
import { exitCodeOf, exitCodes, Interruption, reportOf, UsageError } from './exit.js';
import { jsonLine, printable } from './output.js';
import { register as run } from './commands/run.js';
import { register as train } from './commands/train.js';
import { register as convert } from './commands/convert.js';
import { register as info } from './commands/info.js';
import { register as plot } from './commands/plot.js';
import { register as bench } from './commands/bench.js';
import { register as buildInfo } from './commands/build-info.js';
import { register as devices } from './commands/devices.js';
import { register as doctor } from './commands/doctor.js';
import { register as monitor } from './commands/monitor.js';
import { register as stimulate } from './commands/stimulate.js';

/** In the order of `--help`. Loading what they work with is up to their actions: `--help` must not wait for it. */
const commands = [run, train, convert, info, plot, bench, devices, doctor, monitor, stimulate, buildInfo];

const epilogue = `
Exit codes:
  ${exitCodes.ok}    all went well
  ${exitCodes.failed}    the command could not do its work
  ${exitCodes.usage}    a wrong command, option or argument
  ${exitCodes.file}    a file is missing, damaged, of another kind, or cannot be written
  ${exitCodes.device}    a board is missing, taken, or failed
  ${exitCodes.hungUp}  the terminal is gone (SIGHUP)
  ${exitCodes.interrupted}  interrupted (Ctrl-C)
  ${exitCodes.pipe}  the reader of the output has closed it
  ${exitCodes.terminated}  terminated

Files are written whole or not at all. ROCKPOOL_DEBUG=1 adds stacks to errors.`;

function version(): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- lies beside dist/
  return (require('../../package.json') as { version: string }).version;
}

/** The program with all its commands; it writes to its surroundings and throws instead of ending the process. */
export function createProgram(where: Surroundings): Command {
  const program = new Command('rockpool-node')
    .description('Dynamical and spiking neural networks: run, train, convert and look at them.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .option('--json', 'results as JSON, one object a line; errors as JSON on stderr')
    .option('-q, --quiet', 'no progress and no remarks on stderr')
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .configureOutput({
      writeOut: (text) => where.stdout.write(text),
      writeErr: (text) => where.stderr.write(text),
      outputError: () => {}, // told of by runProgram, in the form that is asked for
    })
    .showSuggestionAfterError()
    .addHelpText('after', epilogue)
    .exitOverride();
  setSurroundings(program, where);
  for (const register of commands) register(program);
  return program;
}

/** Options that every command has: alone they are no command. */
const globalOptions = ['--json', '-q', '--quiet'];

const wantsJson = (args: readonly string[]): boolean => {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
};

/** Runs a command line (without the program's name) and resolves to its exit code; errors have been told of by then. */
export async function runProgram(args: readonly string[], where: Surroundings): Promise<number> {
  try {
    const program = createProgram(where);
    if (args.every((arg) => globalOptions.includes(arg))) {
      if (wantsJson(args)) throw new UsageError('there is no command: rockpool-node --help lists them');
      where.stderr.write(program.helpInformation());
      return exitCodes.usage;
    }
    await program.parseAsync(args, { from: 'user' });
    const reason: unknown = where.signal.reason;
    // A command that ends well when it is stopped has told what it did; that its output is not whole is told here.
    if (reason instanceof Interruption && reason.exitCode === exitCodes.file) throw reason;
    return where.signal.aborted ? exitCodeOf(reason, where.signal) : exitCodes.ok;
  } catch (error) {
    const debug = /^[^0]/.test(process.env.ROCKPOOL_DEBUG ?? '');
    const report = reportOf(error, where.signal, debug);
    if (report.exitCode === exitCodes.ok || report.exitCode === exitCodes.pipe) return report.exitCode;
    const { message, code, stack } = report;
    const text = wantsJson(args)
      ? jsonLine({ error: report })
      : `rockpool-node: ${printable(message)} (${code})${stack ? `\n${stack}` : ''}`;
    where.stderr.write(`${text}\n`);
    return report.exitCode;
  }
}
