/** Runs commands on a machine that seems to have a board: the board model below the real libusb, through umockdev. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..', '..');
const harness = ['build/native', 'out/test/native']
  .map((folder) => join(root, folder, 'rockpool_with_board'))
  .find((file) => existsSync(file));
const wrapper = spawnSync('umockdev-wrapper', ['true']).status === 0;

/** What is missing for {@link withBoard}; '' where nothing is. */
export const boardProblem = process.env['ROCKPOOL_TEST_SANITIZED']
  ? 'a sanitizer and umockdev do not go together'
  : !wrapper
    ? 'umockdev is missing (Debian: umockdev)'
    : harness === undefined
      ? 'rockpool_with_board is not built (npm run test:native)'
      : '';

/**
 * Runs a command with a board plugged in; `options` are those of native/test/usb/harness/with_board.cpp. Where it can't be, the test is
 * skipped, and says why.
 */
export async function withBoard(
  test: Mocha.Context,
  options: string[],
  command: string[],
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  if (boardProblem !== '') {
    if (test.test) test.test.title += ` (skipped: ${boardProblem})`;
    test.skip();
  }
  const child = spawn('umockdev-wrapper', [harness ?? '', ...options, ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  // The command must not outlive the test: it would hold the pipes, and the run of all tests would never end.
  const tooLong = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 50_000);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(tooLong);
  return { status, stdout, stderr };
}
