// Sets up everything that a fresh machine lacks, then builds what is stale. Plain Node, no dependencies: it runs before `npm ci`.
//
//   node scripts/setup.mjs            what building needs
//   node scripts/setup.mjs --demo     also the recordings that the demo listens to
//   node scripts/setup.mjs --test     also what the tests need
//   node scripts/setup.mjs --all      also what the full check needs (linters, fuzzers)
//
// ROCKPOOL_NO_APT=1 forbids installing system packages. A no-op in well under a second when all is there.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const deps = join(root, '.deps');
const flags = new Set(process.argv.slice(2));
const all = flags.has('--all');
const forTest = flags.has('--test') || all;
const forDemo = flags.has('--demo') || forTest;

const say = (text) => console.log(`setup: ${text}`);
function fail(text) {
  console.error(`setup: ${text}`);
  process.exit(1);
}

function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(':');
  return names.some((name) => folders.some((folder) => existsSync(join(folder, name))));
}

/** A file below the system's or our own unpacked /usr. */
const inUsr = (...paths) =>
  paths.some(
    (p) => existsSync(join('/usr', p)) || existsSync(join('/usr/local', p)) || existsSync(join(deps, 'usr', p)),
  );
const hasVcpkg = () =>
  Boolean(process.env.VCPKG_ROOT && existsSync(join(process.env.VCPKG_ROOT, 'scripts/buildsystems/vcpkg.cmake')));
const clangRuntime = () =>
  [
    '/usr/lib/llvm-14',
    '/usr/lib/llvm-15',
    '/usr/lib/llvm-16',
    '/usr/lib/llvm-17',
    '/usr/lib/llvm-18',
    '/usr/lib/llvm-19',
  ].some((llvm) => {
    const clang = join(llvm, 'lib/clang');
    return (
      existsSync(clang) &&
      readdirSync(clang).some(
        (v) =>
          existsSync(join(clang, v, 'lib/linux')) &&
          readdirSync(join(clang, v, 'lib/linux')).some((f) => f.startsWith('libclang_rt.fuzzer')),
      )
    );
  });

const hasPackages = (...names) => names.every((name) => spawnSync('pkg-config', ['--exists', name]).status === 0);

/** What is needed: how to see that it is there, the Debian packages that bring it, and whether unpacking them is enough. */
const needs = [
  { what: 'a C++20 compiler', there: () => onPath('g++', 'clang++', 'c++') || Boolean(process.env.CXX), apt: ['g++'] },
  { what: 'CMake', there: () => onPath('cmake'), apt: ['cmake'] },
  { what: 'make or ninja', there: () => onPath('make', 'ninja'), apt: ['ninja-build'] },
  {
    what: 'Eigen 3.4',
    there: () => hasVcpkg() || inUsr('include/eigen3/Eigen/Core') || Boolean(process.env.Eigen3_DIR),
    apt: ['libeigen3-dev'],
    unpack: true,
  },
  ...(forDemo
    ? [
        {
          what: 'the recordings of alsa-utils',
          there: () => inUsr('share/sounds/alsa/Front_Center.wav'),
          apt: ['alsa-utils'],
          unpack: true,
          optional: true,
        },
      ]
    : []),
  ...(forTest
    ? [
        {
          what: 'doctest',
          there: () => hasVcpkg() || inUsr('include/doctest/doctest.h'),
          apt: ['doctest-dev'],
          unpack: true,
        },
      ]
    : []),
  ...(all
    ? [
        { what: 'git', there: () => onPath('git'), apt: ['git'] },
        {
          what: 'umockdev and libusb (they stand for a USB bus; without them the tests of the boards driver over libusb are skipped)',
          there: () => process.platform !== 'linux' || hasPackages('umockdev-1.0', 'libusb-1.0'),
          apt: ['umockdev', 'libumockdev-dev', 'libusb-1.0-0-dev', 'pkg-config'],
          optional: true,
        },
        { what: 'clang-format', there: () => onPath('clang-format', 'clang-format-14'), apt: ['clang-format'] },
        {
          what: 'clang with libFuzzer',
          there: () => onPath('clang++', 'clang++-14') && clangRuntime(),
          apt: ['clang', 'libclang-rt-14-dev'],
        },
      ]
    : []),
];

const installHelp = (packages) =>
  [
    `  Debian/Ubuntu : sudo apt-get install ${packages.join(' ')}`,
    '  Fedora        : sudo dnf install gcc-c++ cmake ninja-build eigen3-devel doctest-devel',
    '  macOS         : xcode-select --install; brew install cmake ninja eigen doctest',
    '  vcpkg         : set VCPKG_ROOT (Eigen, doctest)',
  ].join('\n');

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  return result.status === 0;
}

/** How apt may be used: directly as root, through sudo without a password, or not at all. */
function aptPrefix() {
  if (process.env.ROCKPOOL_NO_APT || process.platform !== 'linux' || !onPath('apt-get')) return null;
  if (process.getuid?.() === 0) return [];
  return onPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : null;
}

function aptInstall(prefix, packages) {
  const [first, ...rest] = [...prefix, 'apt-get'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  say(`installing system packages with apt: ${packages.join(' ')}`);
  return (
    run(first, [...rest, '-qq', 'update'], { env, stdio: ['ignore', 'ignore', 'inherit'] }) &&
    run(first, [...rest, '-qq', 'install', '-y', '--no-install-recommends', ...packages], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  );
}

/** Without root: fetches packages that only hold files and unpacks them into .deps/. */
function unpackDebs(packages) {
  if (process.env.ROCKPOOL_NO_APT || !onPath('apt-get') || !onPath('dpkg-deb')) return false;
  const state = join(deps, 'apt');
  for (const folder of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(state, folder), { recursive: true });
  const options = [
    '-o',
    `Dir::State=${state}`,
    '-o',
    'Dir::State::status=/var/lib/dpkg/status',
    '-o',
    `Dir::State::lists=${join(state, 'lists')}`,
    '-o',
    `Dir::Cache=${join(state, 'cache')}`,
  ];
  say(`no right to install system packages; unpacking ${packages.join(' ')} into .deps/`);
  const quiet = { cwd: state, stdio: ['ignore', 'ignore', 'inherit'] };
  if (
    !run('apt-get', [...options, '-qq', 'update'], quiet) ||
    !run('apt-get', [...options, '-qq', 'download', ...packages], quiet)
  )
    return false;
  return readdirSync(state)
    .filter((f) => f.endsWith('.deb'))
    .every((f) => run('dpkg-deb', ['-x', join(state, f), deps], quiet));
}

function ensureSystem() {
  const missing = () => needs.filter((n) => !n.there());
  let lacking = missing();
  if (lacking.length === 0) return;
  const prefix = aptPrefix();
  if (prefix) {
    if (
      !aptInstall(
        prefix,
        lacking.flatMap((n) => n.apt),
      )
    )
      say('apt-get did not succeed');
  } else {
    const unpackable = lacking.filter((n) => n.unpack);
    if (process.env.ROCKPOOL_NO_APT) say('ROCKPOOL_NO_APT is set: installing no system packages');
    else if (unpackable.length > 0 && !unpackDebs(unpackable.flatMap((n) => n.apt)))
      say('could not fetch the packages');
  }
  lacking = missing();
  for (const n of lacking.filter((l) => l.optional))
    say(`still missing: ${n.what} (${n.apt.join(', ')}); going on without`);
  const needed = lacking.filter((n) => !n.optional);
  if (needed.length > 0)
    fail(`missing: ${needed.map((n) => n.what).join(', ')}\n${installHelp(needed.flatMap((n) => n.apt))}`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(
      `Node ${process.versions.node} is too old to build and test with: Node 20.19 or newer is needed (the built package runs on every Node 20)`,
    );
  }
}

/** A digest over names, sizes and times of files: changes whenever one of them does. */
function digest(paths) {
  const hash = createHash('sha256').update(process.version + process.arch);
  const visit = (path) => {
    const info = statSync(path, { throwIfNoEntry: false });
    if (!info) return;
    if (info.isDirectory()) {
      for (const name of readdirSync(path).sort()) visit(join(path, name));
    } else {
      hash.update(`${path}\0${info.size}\0${info.mtimeMs}\n`);
    }
  };
  for (const path of paths) visit(join(root, path));
  return hash.digest('hex');
}

/** Runs `action` unless the stamp file says that nothing has changed since it last succeeded. */
function unlessFresh(stamp, inputs, outputs, action) {
  const path = join(root, stamp);
  const current = digest(inputs);
  if (outputs.every((o) => existsSync(join(root, o))) && existsSync(path) && readFileSync(path, 'utf8') === current)
    return;
  rmSync(path, { force: true });
  action();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, current);
}

checkNode();
ensureSystem();

unlessFresh(
  'node_modules/.rockpool-setup',
  ['package-lock.json', 'package.json'],
  ['node_modules/.package-lock.json'],
  () => {
    say('installing Node packages (npm ci)');
    if (!run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])) fail('npm ci failed');
  },
);

unlessFresh(
  'build/.rockpool-setup',
  ['native', 'src', 'cmake', 'CMakeLists.txt', 'package.json'],
  ['build/Release/rockpool.node'],
  () => {
    say('building the native library (cmake-js)');
    const args = [join(root, 'node_modules/cmake-js/bin/cmake-js'), 'build', '--log-level', 'error'];
    const env = { ...process.env, CMAKE_BUILD_PARALLEL_LEVEL: process.env.CMAKE_BUILD_PARALLEL_LEVEL ?? '2' };
    const result = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 28 });
    if (result.status !== 0) fail(`the native build failed\n${result.stdout}\n${result.stderr}`);
  },
);

unlessFresh(
  'dist-test/.rockpool-setup',
  ['lib', 'test', 'examples', 'bench', 'tsconfig.json', 'tsconfig.test.json', 'package-lock.json'],
  ['dist/index.js', 'dist-test'],
  () => {
    say('compiling TypeScript');
    for (const folder of ['dist', 'dist-test']) rmSync(join(root, folder), { recursive: true, force: true }); // no leftovers of renamed files
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    for (const project of ['tsconfig.json', 'tsconfig.test.json']) {
      try {
        execFileSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' });
      } catch {
        fail(`TypeScript found errors (${project})`);
      }
    }
  },
);
