/** Loads the native library, and explains what to do when that is not possible. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import load from 'node-gyp-build';
import { RockpoolError } from './errors.js';
import type { Native } from './native.js';

/** The package's own folder: `dist/` lies in it. */
const root = join(__dirname, '..');
const platform = `${process.platform}-${process.arch}`;
/** Releases put the libraries of each platform into a package of its own. */
const platformPackage = `rockpool-node-${platform}`;

/** The C library that Node itself runs on. Only asked when something went wrong: it takes milliseconds. */
function libc(): string {
  if (process.platform !== 'linux') return '';
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const glibc = report.header?.glibcVersionRuntime;
  return glibc ? ` (glibc ${glibc})` : ' (musl)';
}

function contents(folder: string): string {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.length > 0 ? names.join(', ') : 'nothing';
}

function isOurs(folder: string): boolean {
  try {
    return (
      (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string }).name === 'rockpool-node'
    );
  } catch {
    return false;
  }
}

function lookedIn(): string[] {
  const redirected = process.env.ROCKPOOL_NODE_PREBUILD;
  const folder = redirected ? redirected : root;
  const prebuilds = join(folder, 'prebuilds');
  const here = join(prebuilds, platform);
  return [
    ...(redirected ? [`ROCKPOOL_NODE_PREBUILD names ${redirected}`] : []),
    process.env.PREBUILDS_ONLY
      ? 'PREBUILDS_ONLY is set: nothing that was built here counts'
      : `${join(folder, 'build', 'Release')}: ${contents(join(folder, 'build', 'Release'))}`,
    existsSync(here) ? `${here}: ${contents(here)}` : `${prebuilds}: ${contents(prebuilds)}`,
    `the package ${platformPackage}: ${platformFolder() ?? 'not installed'}`,
  ];
}

/** What makes it work again, the likeliest first. */
function remedies(reason: string): string[] {
  const build = existsSync(join(root, 'node_modules', 'cmake-js'))
    ? 'npm run build:native'
    : `node ${JSON.stringify(join(root, 'scripts', 'build-here.mjs'))}`;
  const needs = 'needs a C++20 compiler, CMake and Eigen 3.4';
  if (!isOurs(root))
    return [
      'rockpool-node was put into a bundle, away from its libraries: keep it external (esbuild: --external:rockpool-node)',
      'then install it beside the bundle: npm install rockpool-node',
    ];
  return [
    ...(/GLIBC/.test(reason) ? ['prebuilt libraries need glibc 2.34 or newer (Debian 12, Ubuntu 22.04, RHEL 9)'] : []),
    `to build it here: ${build} (${needs}${build.startsWith('npm') ? '; npm run setup installs them' : ''})`,
    'in Electron: load it in the main process or a utility process, and unpack it (asarUnpack: "**/*.node")',
  ];
}

function advice(error: unknown): RockpoolError {
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return new RockpoolError(
    'ERR_NATIVE_LOAD',
    [
      `the native library of rockpool-node could not be loaded on ${platform}${libc()}, Node ${process.versions.node}: ${reason}`,
      ...lookedIn().map((line) => `  looked in: ${line}`),
      ...remedies(reason).map((line) => `  ${line}`),
    ].join('\n'),
    { cause: error },
  );
}

function platformFolder(): string | undefined {
  try {
    return dirname(createRequire(__filename).resolve(`${platformPackage}/package.json`));
  } catch {
    return undefined;
  }
}

/** From this package where it holds a library for this platform, else from the platform's package. */
function find(): Native {
  try {
    load.resolve(root);
  } catch (error) {
    const other = process.env.ROCKPOOL_NODE_PREBUILD ? undefined : platformFolder();
    if (other === undefined) throw error;
    return load(other) as Native;
  }
  return load(root) as Native;
}

function loadNative(): Native {
  let library: Native;
  try {
    library = find();
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
