// Builds the native library where there is no prebuilt one: in an installed package as in a checkout.
//
//   node scripts/build-here.mjs [--out DIR] [--arch ARCH]
//
// Needs a C++20 compiler, CMake and Eigen. cmake-js and the headers of Node-API, which an installed package does without, are fetched
// from the registry into build/tools. The result is build/Release/rockpool.node, which the loader prefers to all others.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (result.error) console.error(result.error.message);
  if (result.status !== 0) {
    console.error(
      [
        'the native library could not be built; it needs a C++20 compiler, CMake and Eigen 3.4:',
        '  Debian/Ubuntu : apt-get install g++ cmake ninja-build libeigen3-dev',
        '  Fedora        : dnf install gcc-c++ cmake ninja-build eigen3-devel',
        '  Alpine        : apk add g++ cmake samurai eigen-dev',
        '  macOS         : xcode-select --install; brew install cmake ninja eigen',
        '  Windows       : Visual Studio with C++, CMake; vcpkg for Eigen (VCPKG_ROOT)',
      ].join('\n'),
    );
    process.exit(1);
  }
}

const resolves = (name) => {
  try {
    return createRequire(join(root, 'package.json')).resolve(`${name}/package.json`);
  } catch {
    return undefined;
  }
};

/** Fetches what is missing; resolves modules from there. */
function tools() {
  const names = ['cmake-js', 'node-addon-api'];
  if (names.every(resolves)) return { program: join(dirname(resolves('cmake-js')), 'bin/cmake-js'), env: process.env };
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folder = join(root, 'build', 'tools');
  const program = join(folder, 'node_modules/cmake-js/bin/cmake-js');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const packages = names.map((name) => `${name}@${devDependencies[name]}`);
    run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', ...packages], {
      cwd: folder,
      shell: process.platform === 'win32',
    });
  }
  const path = [join(folder, 'node_modules'), process.env.NODE_PATH].filter(Boolean).join(delimiter);
  return { program, env: { ...process.env, NODE_PATH: path } };
}

const { program, env } = tools();
const args = [
  'build',
  '--directory',
  root,
  '--out',
  option('out', join(root, 'build')),
  '--arch',
  option('arch', process.arch),
];
run(process.execPath, [program, ...args, '--target', 'rockpool_node'], {
  env: { ...env, CMAKE_BUILD_PARALLEL_LEVEL: env.CMAKE_BUILD_PARALLEL_LEVEL ?? '2' },
});
