// Runs the checks and ends with one line, `N passed, N failed`, over all of them.
//
//   node scripts/test.mjs              the tests: C++ on every instruction set, mocha, golden numbers
//   node scripts/test.mjs --all        everything: also linters, declarations, package, sanitizers, fuzzers, the demo
//   node scripts/test.mjs NAME ...     only the named steps
//
// With --all what uses all processors (compilers, clang-tidy) comes first, one after the other; the rest runs in two lanes, each
// step's output in one piece when it ends.
import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const totals = { passed: 0, failed: 0 };
const failures = [];
const jobs = process.env.CMAKE_BUILD_PARALLEL_LEVEL ?? '2';

/** What a step in a lane has written so far. Without a lane output is shown at once. */
const lane = new AsyncLocalStorage();
const write = (text) => {
  const pieces = lane.getStore();
  if (pieces) pieces.push(text);
  else process.stdout.write(text);
};
const say = (text) => write(`${text}\n`);

/** The step that is under way here, which counts its processor time. */
const current = new AsyncLocalStorage();
/** Runs a command and writes the processor time of it and all its children to descriptor 3. */
const timed = ['-c', '"$@" 3>&-; status=$?; times >&3; exit $status', 'sh'];
const seconds = (text) => [...text.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + 60 * m + Number(s), 0);

/** Runs a command, showing its output; resolves to its exit status and its text. */
function run(command, args, { env = {}, quiet = false } = {}) {
  return new Promise((resolve) => {
    const step = current.getStore();
    const [program, ...rest] = process.platform === 'win32' ? [command, ...args] : ['sh', ...timed, command, ...args];
    const child = spawn(program, rest, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    child.stdio[3].setEncoding('utf8').on('data', (times) => {
      if (step) step.processor += seconds(times);
    });
    let text = '';
    const take = (chunk) => {
      text += chunk;
      if (!quiet) write(chunk);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', take);
    child.on('error', (error) => resolve({ status: 127, text: error.message }));
    child.on('close', (status, signal) => resolve({ status: status ?? 1, signal, text }));
  });
}

function count(passed, failed, what) {
  totals.passed += passed;
  totals.failed += failed;
  if (failed > 0) failures.push(what);
}

/** A step that either succeeds or fails counts as one test. */
async function check(what, command, args, options = {}) {
  const { status, text } = await run(command, args, { quiet: true, ...options });
  say(`${status === 0 ? 'ok    ' : 'FAILED'} ${what}`);
  if (status !== 0) say(text.split('\n').slice(-60).join('\n'));
  count(status === 0 ? 1 : 0, status === 0 ? 0 : 1, what);
  return status === 0;
}

/** Counts by a runner's own summary; a crash without one is a failure. */
function countSummary(what, { status, text, signal }, pattern) {
  const found = pattern(text);
  if (!found || (status !== 0 && found.failed === 0)) {
    say(`FAILED ${what}: exit ${signal ?? status}`);
    count(found?.passed ?? 0, (found?.failed ?? 0) + 1, what);
    return;
  }
  count(found.passed, found.failed, what);
}

const doctest = (text) => {
  const m = /test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed/.exec(text);
  return m && { passed: Number(m[1]), failed: Number(m[2]) };
};
const mocha = (text) => {
  const passing = /^\s*(\d+) passing/m.exec(text);
  const failing = /^\s*(\d+) failing/m.exec(text);
  return passing && { passed: Number(passing[1]), failed: Number(failing?.[1] ?? 0) };
};
const plain = (text) => {
  const m = /^(\d+) passed, (\d+) failed/m.exec(text);
  return m && { passed: Number(m[1]), failed: Number(m[2]) };
};

async function buildPreset(preset) {
  const configure = [
    `--preset`,
    preset,
    ...(process.env.VCPKG_ROOT && !process.env.ROCKPOOL_USE_SYSTEM_DEPS ? ['-DVCPKG_MANIFEST_FEATURES=tests'] : []),
  ];
  if (spawnSync('ninja', ['--version']).status !== 0) configure.push('-G', 'Unix Makefiles');
  return (
    (await check(`configure ${preset}`, 'cmake', configure)) &&
    (await check(`build ${preset}`, 'cmake', ['--build', '--preset', preset, '-j', jobs]))
  );
}

/** Builds each thing once. */
const built = new Map();
function once(name, build) {
  if (!built.has(name)) built.set(name, build());
  return built.get(name);
}
const buildSanitized = (preset) => once(preset, () => buildPreset(preset));

/** Builds the C++ tests, on the core that the addon is made of where that is built here; resolves to the program, or null. */
const buildTests = () =>
  once('test', async () => {
    const cache = join(root, 'build/CMakeCache.txt');
    const here =
      !process.env.VCPKG_ROOT &&
      existsSync(cache) &&
      /^CMAKE_BUILD_TYPE:\w+=Release$/m.test(readFileSync(cache, 'utf8')) &&
      /^CMAKE_GENERATOR:\w+=(Ninja|Unix Makefiles)$/m.test(readFileSync(cache, 'utf8'));
    if (!here) return (await buildPreset('test')) ? join(root, 'out/test/native/rockpool_tests') : null;
    const ok =
      (await check('configure the C++ tests', 'cmake', ['-B', 'build', '-DROCKPOOL_BUILD_TESTS=ON'])) &&
      (await check('build the C++ tests', 'cmake', ['--build', 'build', '--target', 'rockpool_tests', '-j', jobs]));
    return ok ? join(root, 'build/native/rockpool_tests') : null;
  });

function targets() {
  const result = spawnSync(process.execPath, ['-p', "JSON.stringify(require('./').buildInfo().targets)"], {
    cwd: root,
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`the native library does not load\n${result.stderr}`);
  return JSON.parse(result.stdout);
}

const gccLibrary = (name) => spawnSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim();

/** Tests of programs, pages and packages, which start processes that the other tests' calls make as well. */
const unsanitized = [
  'docs.test.js',
  'examples.test.js',
  'bench/**',
  'package/**',
  'golden/**',
  'cli/**',
  'site/**',
].map((f) => `dist-test/test/${f}`);

const steps = {
  async lint() {
    await check('eslint', bin('eslint'), ['.']);
    await check('prettier', bin('prettier'), ['--check', '.']);
    const sources = spawnSync('git', ['ls-files', 'native', 'src'], { cwd: root, encoding: 'utf8' })
      .stdout.split('\n')
      .filter((f) => /\.(h|cpp)$/.test(f));
    await check('clang-format', 'clang-format', ['--dry-run', '-Werror', ...sources]);
    const node = sources.filter(
      (f) => f.startsWith('native/') && /napi\.h|node_api\.h/.test(readFileSync(join(root, f), 'utf8')),
    );
    say(`${node.length === 0 ? 'ok    ' : 'FAILED'} no Node header in the core ${node.join(' ')}`);
    count(node.length === 0 ? 1 : 0, node.length === 0 ? 0 : 1, 'no Node header in the core');
    const hosts = /https?:\/\/[^"]*registry|"resolved"/.test(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    say(`${hosts ? 'FAILED' : 'ok    '} no download address in package-lock.json`);
    count(hosts ? 0 : 1, hosts ? 1 : 0, 'no download address in package-lock.json');
  },

  /** clang-tidy over the core and the glue, several files at a time. */
  async tidy() {
    if (
      !(await check('configure for clang-tidy', 'cmake', [
        '--preset',
        'test',
        '-DROCKPOOL_BUILD_ADDON=ON',
        '-B',
        join(root, 'out/tidy'),
      ]))
    )
      return;
    const files = spawnSync('git', ['ls-files', 'native', 'src'], { cwd: root, encoding: 'utf8' })
      .stdout.split('\n')
      .filter((f) => /\.cpp$/.test(f) && !/^native\/(test|fuzz|bench)\//.test(f));
    await check(`clang-tidy, ${files.length} files`, process.execPath, ['scripts/tidy.mjs', ...files]);
  },

  async types() {
    for (const project of ['node16', 'nodenext', 'bundler']) {
      await check(`public declarations, ${project} resolution`, bin('tsc'), [
        '-p',
        `test/types/tsconfig.${project}.json`,
      ]);
    }
  },

  async package() {
    await check('publint', bin('publint'), ['--strict']);
    countSummary('the packed tarball', await run(process.execPath, ['scripts/package-test.mjs']), plain);
  },

  /** The documentation's site: no complaint of TypeDoc's, no broken link. */
  async docs() {
    await check('the site of the documentation', process.execPath, ['scripts/docs.mjs']);
  },

  /** All that is compiled for the other steps. */
  async build() {
    await buildTests();
    for (const preset of ['asan', 'tsan', 'fuzz']) await buildSanitized(preset);
  },

  async native() {
    const tests = await buildTests();
    if (!tests) return;
    for (const target of targets()) {
      say(`C++ tests, ${target}`);
      countSummary(`C++ tests (${target})`, await run(tests, [], { env: { ROCKPOOL_SIMD: target } }), doctest);
    }
  },

  /** The driver of boards over the real libusb, each test in a process of its own: umockdev is one bus for each. */
  async usb() {
    if (spawnSync('pkg-config', ['--exists', 'umockdev-1.0', 'libusb-1.0']).status !== 0) {
      say('SKIPPED the tests over libusb: umockdev is missing (Debian: umockdev libumockdev-dev libusb-1.0-0-dev)');
      return;
    }
    const tests = await buildTests();
    if (!tests) return;
    const program = join(dirname(tests), 'rockpool_usb_tests');
    const list = spawnSync(program, ['--list-test-cases', '--no-colors'], { encoding: 'utf8' });
    const names = (list.stdout ?? '').split('\n').filter((line) => line.startsWith('usb: '));
    if (names.length === 0) count(0, 1, 'usb: no tests');
    for (const name of names)
      await check(name, 'umockdev-wrapper', [program, `--test-case=${name.replaceAll(',', '\\,')}`]);
  },

  async mocha() {
    countSummary('mocha', await run(bin('mocha'), []), mocha);
  },

  /** The numeric tests once more on each of the slower instruction sets. */
  async 'mocha-targets'() {
    for (const target of targets().slice(0, -1)) {
      say(`mocha, ${target}`);
      const folders = ['layers', 'time-series', 'learning', 'networks', 'modules', 'training'].map(
        (f) => `dist-test/test/${f}/**/*.test.js`,
      );
      countSummary(
        `mocha (${target})`,
        await run(
          bin('mocha'),
          [
            '--no-config',
            '--enable-source-maps',
            '--timeout',
            '60000',
            '--reporter',
            'dot',
            ...folders.flatMap((f) => ['--spec', f]),
            ...['--ignore', 'dist-test/test/training/tasks.test.js'],
          ],
          {
            env: { ROCKPOOL_SIMD: target },
          },
        ),
        mocha,
      );
    }
  },

  async golden() {
    countSummary('golden', await run(process.execPath, ['scripts/golden.mjs']), plain);
  },

  async asan() {
    if (!(await buildSanitized('asan'))) return;
    countSummary('C++ tests (ASan, UBSan)', await run(join(root, 'out/asan/native/rockpool_tests'), []), doctest);
  },

  async 'asan-js'() {
    if (!(await buildSanitized('asan'))) return;
    const addon = join(root, 'out/asan/prebuilt/build/Release');
    mkdirSync(addon, { recursive: true });
    if (!(await check('place the sanitized addon', 'cp', [join(root, 'out/asan/rockpool.node'), addon]))) return;
    const env = {
      ROCKPOOL_NODE_PREBUILD: join(root, 'out/asan/prebuilt'),
      LD_PRELOAD: `${gccLibrary('libasan.so')} ${gccLibrary('libubsan.so')}`,
      ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1',
      ROCKPOOL_TEST_SANITIZED: '1',
    };
    const args = ['--reporter', 'dot', '--timeout', '240000', ...unsanitized.flatMap((f) => ['--ignore', f])];
    countSummary('mocha (ASan)', await run(bin('mocha'), args, { env }), mocha);
  },

  async tsan() {
    if (!(await buildSanitized('tsan'))) return;
    countSummary('C++ tests (TSan)', await run(join(root, 'out/tsan/native/rockpool_tests'), []), doctest);
  },

  async fuzz() {
    if (!(await buildSanitized('fuzz'))) return;
    const seconds = { fuzz_npz: 30 };
    const folder = join(root, 'out/fuzz/native');
    for (const name of readdirSync(folder).filter((f) => /^fuzz_\w+$/.test(f))) {
      const corpus = join(root, 'native/fuzz/corpus', name.replace(/^fuzz_/, ''));
      const found = join(tmpdir(), `rockpool-${name}-${process.pid}`);
      mkdirSync(found, { recursive: true });
      const args = [
        `-max_total_time=${seconds[name] ?? 10}`,
        '-rss_limit_mb=1024',
        '-timeout=5',
        `-artifact_prefix=${found}/`,
        '-print_final_stats=0',
        found,
      ];
      if (existsSync(corpus)) args.push(corpus);
      const dictionary = join(root, 'native/fuzz', `${name}.dict`);
      if (existsSync(dictionary)) args.push(`-dict=${dictionary}`);
      if (await check(`${name}, ${seconds[name] ?? 10} s`, join(folder, name), args))
        rmSync(found, { recursive: true, force: true });
    }
  },

  async demo() {
    for (const [name, ...options] of [['demo'], ['demo-spikes', '--quick'], ['demo-train']]) {
      const out = join(tmpdir(), `rockpool-${name}-${process.pid}`);
      const demo = join(root, `dist-test/examples/${name}.js`);
      const first = await run(process.execPath, [demo, '--out', out, ...options]);
      const again = await run(process.execPath, [demo, '--resume', out]);
      const ok = first.status === 0 && again.status === 0;
      say(`${ok ? 'ok    ' : 'FAILED'} ${name} and its resumption`);
      count(ok ? 1 : 0, ok ? 0 : 1, name);
      rmSync(out, { recursive: true, force: true });
    }
  },
};

const quick = ['native', 'mocha', 'golden'];
/** Steps that use all processors, then those that use one or two now and then, the longest first. */
const wide = ['build', 'tidy'];
const narrow = [
  'asan-js',
  'mocha',
  'mocha-targets',
  'asan',
  'tsan',
  'native',
  'usb',
  'demo',
  'lint',
  'fuzz',
  'docs',
  'types',
  'golden',
  'package',
];
const named = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const unknown = named.filter((n) => !(n in steps));
if (unknown.length > 0) {
  console.error(`unknown step ${unknown.join(', ')}; there are: ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}

const done = [];

async function runStep(name) {
  const begin = performance.now();
  const step = { name, elapsed: 0, processor: 0 };
  say(`\n== ${name}`);
  try {
    await current.run(step, () => steps[name]());
  } catch (error) {
    say(`FAILED ${name}: ${error.message}`);
    count(0, 1, name);
  }
  step.elapsed = (performance.now() - begin) / 1000;
  done.push(step);
  say(`== ${name}: ${step.elapsed.toFixed(1)} s, ${step.processor.toFixed(1)} s of processor time`);
}

/** Where the time went, the most expensive first. */
function sayTimes() {
  const total = done.reduce((sum, { processor }) => sum + processor, 0);
  say(`\nprocessor time ${(total / 60).toFixed(1)} min`);
  for (const { name, elapsed, processor } of done.sort((a, b) => b.processor - a.processor))
    say(`${name.padEnd(15)} ${processor.toFixed(1).padStart(7)} s   ${elapsed.toFixed(1).padStart(7)} s elapsed`);
}

async function runInOrder(names) {
  for (const name of names) await runStep(name);
}

/** Steps side by side: each of two lanes takes the next one that is left. */
async function runInLanes(names) {
  const left = [...names];
  const work = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const pieces = [];
      await lane.run(pieces, () => runStep(name));
      process.stdout.write(pieces.join(''));
    }
  };
  await Promise.all([work(), work()]);
}

if (named.length > 0) await runInOrder(named);
else if (process.argv.includes('--all')) {
  await runInOrder(wide);
  await runInLanes(narrow);
} else await runInOrder(quick);
if (done.length > 1) sayTimes();
if (failures.length > 0) say(`\nfailed: ${failures.join(', ')}`);
say(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);
