/** The command line of the demonstrations. */
import { parseArgs } from 'node:util';

/** An error whose message is all that the user needs. */
export class DemoError extends Error {}

export const alsaSounds = '/usr/share/sounds/alsa';

export interface DemoOptions {
  /** Folder of the recordings. */
  wav: string;
  /** Folder for signals, networks and figures. */
  out: string;
  /** Folder of an earlier run whose figures are to be reproduced. */
  resume: string | undefined;
  /** A small network and few versions. */
  quick: boolean;
  /** Folder for pictures of signals, weights and the network. */
  plot: string | undefined;
}

/** How to call a demonstration: the name of its npm script, and the folder that it writes to unless told otherwise. */
export interface CommandLine {
  script: string;
  out: string;
}

export const usage = ({
  script,
  out,
}: CommandLine) => `usage: npm run ${script} -- [--wav DIR] [--out DIR] [--quick] [--plot DIR] [--resume DIR]
  --wav DIR     folder of WAV files; their names are the words that are spoken, joined by _ (default ${alsaSounds})
  --out DIR     where to write signals, networks and figures (default ./${out})
  --quick       a smaller network and fewer versions of the recordings
  --plot DIR    draw signals, weights and the network, as SVG and PNG
  --resume DIR  read what an earlier run wrote and reproduce its figures`;

export function readOptions(args: string[], line: CommandLine): DemoOptions | 'help' {
  try {
    const { values } = parseArgs({
      args,
      options: {
        wav: { type: 'string', default: alsaSounds },
        out: { type: 'string', default: line.out },
        resume: { type: 'string' },
        plot: { type: 'string' },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values.help
      ? 'help'
      : { wav: values.wav, out: values.out, resume: values.resume, quick: values.quick, plot: values.plot };
  } catch (error) {
    throw new DemoError(`${(error as Error).message}\n${usage(line)}`);
  }
}
