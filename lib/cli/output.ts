/** What commands write: results on stdout as text or JSON, everything else on stderr. */

/** Where the program reads from and writes to. */
export interface Streams {
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

export interface OutputOptions {
  /** JSON instead of text. */
  json?: boolean;
  /** Only results and errors. */
  quiet?: boolean;
}

/** Control characters, which may come out of files, as escapes: they must not reach a terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, (c) =>
    c === '\t' ? c : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** JSON on one line: typed arrays become lists, what is not finite null. */
export function jsonLine(data: unknown): string {
  return JSON.stringify(data, (_key, value: unknown) => {
    if (ArrayBuffer.isView(value) && !(value instanceof DataView))
      return Array.from(value as unknown as ArrayLike<number>);
    return typeof value === 'bigint' ? Number(value) : value;
  });
}

/** Names and values in two columns; undefined values are left out. */
export function fields(values: Record<string, unknown>, indent = ''): string {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${indent}${name.padEnd(width)}  ${String(value)}`).join('\n');
}

/** Columns, aligned; numbers to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | boolean | undefined)[])[],
): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => (cell === undefined ? '' : String(cell))));
  const widths = head.map((_, c) => Math.max(...cells.map((row) => (row[c] ?? '').length)));
  const right = head.map((_, c) => rows.length > 0 && rows.every((row) => typeof row[c] === 'number'));
  return cells
    .map((row) =>
      row
        .map((cell, c) => (right[c] ? cell.padStart(widths[c]) : cell.padEnd(widths[c])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Writes text and waits where the reader is slower. Returns at once when the stream is gone. */
function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  if (!stream.writable || stream.write(text)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'error', 'close']) stream.removeListener(event, done);
      resolve();
    };
    for (const event of ['drain', 'error', 'close']) stream.once(event, done);
  });
}

/** A command's output: text for people, or with `--json` one JSON object a line; nothing else is ever on stdout. */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Called before something is written to stderr: a progress bar gives way. */
  beforeNote: () => void = () => {};

  constructor(
    readonly streams: Streams,
    options: OutputOptions = {},
  ) {
    this.json = options.json ?? false;
    this.quiet = options.quiet ?? false;
  }

  /**
   * Writes a result, or one of many: `data` as JSON, or the text. Await it where there are many, so that memory does not grow when the
   * reader is slow.
   */
  result(data: object, text: string | (() => string)): Promise<void> {
    if (!this.json) this.beforeNote();
    const line = this.json ? jsonLine(data) : printable(typeof text === 'string' ? text : text());
    return write(this.streams.stdout, `${line}\n`);
  }

  /** A remark on stderr: what was decided, what was written. Not with `--quiet` or `--json`. */
  note(text: string): void {
    if (this.quiet || this.json) return;
    this.beforeNote();
    this.streams.stderr.write(`${printable(text)}\n`);
  }

  /** A warning on stderr, also with `--quiet`: with `--json` the object `{ warning: { code, message } }`. */
  warning(warning: { code: string; message: string }): void {
    this.beforeNote();
    const { code, message } = warning;
    const line = this.json
      ? jsonLine({ warning: { code, message } })
      : `rockpool-node: warning: ${printable(message)} (${code})`;
    this.streams.stderr.write(`${line}\n`);
  }
}
