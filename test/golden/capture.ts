/** What a call writes to the standard output. */

/** Runs `fn` and returns the text that it wrote to `process.stdout`. */
export function captureStdout(fn: () => unknown): string {
  const stdout = process.stdout;
  const original = stdout.write.bind(stdout);
  let text = '';
  process.stdout.write = (chunk: string | Uint8Array) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    return true;
  };
  try {
    fn();
  } finally {
    stdout.write = original;
  }
  return text;
}
