/** How the program ends: exit codes, and errors as one line or one JSON object. */
import type { CommanderError } from 'commander';

/** What the exit status of the program means. */
export const exitCodes = {
  /** All went well. */
  ok: 0,
  /** The command could not do its work. */
  failed: 1,
  /** A wrong command, option or argument: nothing was done. */
  usage: 2,
  /** A file is missing, damaged, of another kind, or cannot be written. */
  file: 3,
  /** A board is missing, taken, or failed. */
  device: 4,
  /** SIGHUP: the terminal or the connection is gone. */
  hungUp: 129,
  /** SIGINT: Ctrl-C. */
  interrupted: 130,
  /** Who read the output has closed it, as `| head` does. */
  pipe: 141,
  /** SIGTERM. */
  terminated: 143,
} as const;

/** Wrong arguments that only the command itself can tell: exit code 2. */
export class UsageError extends Error {
  readonly code = 'ERR_USAGE';
  override readonly name = 'UsageError';
}

/** Why the program's AbortSignal aborts; `exitCode` is what it then ends with. */
export class Interruption extends Error {
  override readonly name = 'AbortError';

  constructor(
    message: string,
    readonly exitCode: number,
    readonly code = 'ERR_ABORTED',
  ) {
    super(message);
  }

  static interrupted(): Interruption {
    return new Interruption('interrupted', exitCodes.interrupted);
  }

  static hungUp(): Interruption {
    return new Interruption('the terminal is gone', exitCodes.hungUp);
  }

  static terminated(): Interruption {
    return new Interruption('terminated', exitCodes.terminated);
  }

  static pipeClosed(): Interruption {
    return new Interruption('the output was closed', exitCodes.pipe);
  }

  /** The output cannot be written, as on a full disk. */
  static outputFailed(cause: Error): Interruption {
    return new Interruption(`cannot write the output: ${cause.message}`, exitCodes.file, 'ERR_FILE');
  }
}

/** An error as a machine reads it. */
export interface ErrorReport {
  code: string;
  message: string;
  exitCode: number;
  /** The file that it is about. */
  path?: string;
  /** The argument that it is about. */
  argument?: string;
  /** Only for debugging. */
  stack?: string;
}

const isCommander = (error: unknown): error is CommanderError =>
  error instanceof Error && /^commander\./.test((error as { code?: string }).code ?? '');

function codeOf(error: unknown): string {
  if (isCommander(error)) return 'ERR_USAGE';
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'ERR_INTERNAL';
}

/** The exit code for an error; `signal` is the program's, which tells by what it was stopped. */
export function exitCodeOf(error: unknown, signal?: AbortSignal): number {
  const code = codeOf(error);
  const reason: unknown = signal?.reason;
  if (signal?.aborted && reason instanceof Interruption && (code === 'ERR_ABORTED' || error === reason))
    return reason.exitCode;
  if (isCommander(error)) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (code === 'ERR_USAGE') return exitCodes.usage;
  if (code === 'ERR_FILE') return exitCodes.file;
  if (/^ERR_(DEVICE_|NO_DEVICE$|NO_LIBUSB$)/.test(code)) return exitCodes.device;
  return exitCodes.failed;
}

/** On one line. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  const text = isCommander(error) ? message.replace(/^error: /, '') : message;
  return text.replace(/\s*\n\s*(?=\()/g, ' ').replace(/\s*\n\s*/g, '; ');
}

/** An error as data: code, message, exit code, and the file or argument that it is about. */
export function reportOf(error: unknown, signal?: AbortSignal, debug = false): ErrorReport {
  const exitCode = exitCodeOf(error, signal);
  const reason: unknown = signal?.reason;
  const stopped = reason instanceof Interruption && exitCode === reason.exitCode;
  const { path, argument } = (error ?? {}) as { path?: unknown; argument?: unknown };
  return {
    code: stopped ? reason.code : codeOf(error),
    message: stopped ? reason.message : messageOf(error),
    exitCode,
    ...(typeof path === 'string' && { path }),
    ...(typeof argument === 'string' && { argument }),
    ...(debug && error instanceof Error && error.stack !== undefined && { stack: error.stack }),
  };
}
