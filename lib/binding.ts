/** Loads the native library, and explains what to do when that is not possible. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import load from 'node-gyp-build';
import { RockpoolError } from './errors.js';
import type { Native } from './native.js';

/** The package's own folder: `dist/` lies in it. */
const root = join(__dirname, '..');

function advice(error: unknown): RockpoolError {
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  const platform = `${process.platform}-${process.arch}`;
  const prebuilds = join(root, 'prebuilds');
  const found = existsSync(prebuilds) ? readdirSync(prebuilds).join(', ') : 'none';
  return new RockpoolError(
    'ERR_NATIVE_LOAD',
    [
      `the native library of rockpool-node could not be loaded on ${platform}, Node ${process.versions.node}: ${reason}`,
      `looked in: ${join(root, 'build', 'Release')}, ${join(prebuilds, platform)} (prebuilt platforms here: ${found})`,
      'to build it here: npm run build:native (needs a C++20 compiler, CMake and Eigen; npm run setup installs them)',
      'in Electron: load it in the main process or a utility process, and unpack it (asarUnpack: "**/*.node")',
    ].join('\n  '),
    { cause: error },
  );
}

function loadNative(): Native {
  let library: Native;
  try {
    library = load(root) as Native;
  } catch (error) {
    if (error instanceof Error && (error as { code?: unknown }).code === 'ERR_SIMD_TARGET') {
      throw new RockpoolError('ERR_SIMD_TARGET', error.message);
    }
    throw advice(error);
  }
  library.setErrorClass(RockpoolError);
  return library;
}

/** The native functions. Typed arrays, numbers, strings and handles only: everything is checked and flattened before. */
export const native = loadNative();
