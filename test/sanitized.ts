/** Whether the native library is built with a sanitizer. */
export const sanitized = Boolean(process.env['ROCKPOOL_TEST_SANITIZED']);

/** `it` for tests of statistics, memory and files, in which a sanitizer finds nothing and takes ten times as long. */
export function itUnsanitized(title: string, fn: (this: Mocha.Context) => void | Promise<void>): void {
  (sanitized ? it.skip : it)(title, fn as Mocha.AsyncFunc);
}
