// Installs the packed tarball as a user would and uses it in every way that the README promises. Ends with `N passed, N failed`.
//
//   node scripts/package-test.mjs             packs this checkout (prebuilds/ for this platform first)
//   node scripts/package-test.mjs --prebuilt  takes prebuilds/ as it is
//   node scripts/package-test.mjs --nodes     also runs on Node 22, 24 and 26, fetched from the registry (some 150 MB)
//   node scripts/package-test.mjs FILE.tgz    takes a tarball that is there
//
// The folder it installs into knows no compiler: its PATH holds node, npm and a shell, and install scripts are off.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const windows = process.platform === 'win32';
const modules = join(root, 'node_modules');
const work = mkdtempSync(join(tmpdir(), 'rockpool-package-'));
const app = join(work, 'app');
const limit = 15e6;
const totals = { passed: 0, failed: 0 };

/** Where npm is: beside Node, or where npm itself says when it runs this. */
function npmProgram() {
  const beside = dirname(process.execPath);
  const places = [
    process.env.npm_execpath,
    join(beside, '../lib/node_modules/npm/bin/npm-cli.js'),
    join(beside, 'node_modules/npm/bin/npm-cli.js'),
  ];
  return places.find((p) => p && /npm-cli\.js$/.test(p) && existsSync(p));
}

/** A PATH without compilers. Windows needs its own folder for the shell. */
function barePath() {
  const bin = join(work, 'bin');
  mkdirSync(bin);
  if (windows) return [dirname(process.execPath), process.env.SystemRoot + '\\System32'].join(delimiter);
  symlinkSync(process.execPath, join(bin, 'node'));
  symlinkSync('/bin/sh', join(bin, 'sh'));
  return bin;
}

/** The environment of somebody who has only Node; nothing of ours redirects the loader. */
const bare = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^(path|node_path|node_options|cxx|cc|vcpkg_root|prebuilds_only|libc|rockpool_.*|npm_(config_)?(?!cache).*)$/i.test(
        name,
      ),
  ),
);
bare.PATH = barePath();

function run(command, args, { cwd = app, env = {} } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...bare, ...env },
    encoding: 'utf8',
    timeout: 300000,
    maxBuffer: 1 << 28,
  });
  return {
    status: result.status ?? 1,
    text: `${result.error?.message ?? ''}${result.stdout ?? ''}${result.stderr ?? ''}`,
  };
}
const node = (args, options) => run(process.execPath, args, options);
const npm = (args, options) => run(process.execPath, [npmProgram(), ...args], options);

function check(what, ok, text = '') {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${what}`);
  if (!ok && text) console.log(text.split('\n').slice(-40).join('\n'));
  totals[ok ? 'passed' : 'failed']++;
  return ok;
}
const succeeds = (what, { status, text }, pattern) =>
  check(what, status === 0 && (!pattern || pattern.test(text)), text);

function write(name, text) {
  mkdirSync(dirname(join(app, name)), { recursive: true });
  writeFileSync(join(app, name), text);
  return name;
}

/** What the tarball holds: all that is promised, nothing else. */
function checkContents(packed) {
  const files = packed.files.map((f) => f.path);
  const mb = (packed.unpackedSize / 1e6).toFixed(1);
  check(
    `${mb} MB unpacked, below ${limit / 1e6} MB (${(packed.size / 1e6).toFixed(1)} MB packed, ${files.length} files)`,
    packed.unpackedSize < limit,
  );
  const strange = files.filter(
    (f) =>
      !/^(dist|prebuilds|native|src|cmake|scripts|fonts|udev)\//.test(f) &&
      !/^(package\.json|README\.md|CHANGELOG\.md|LICENSE|CMakeLists\.txt|binding\.gyp|vcpkg\.json)$/.test(f),
  );
  const unwanted = files.filter((f) =>
    /(^|\/)(test|tests|fuzz|build|out|node_modules|\.[^/]+)(\/|$)|\.test\.|tsbuildinfo|\.npz$/.test(f),
  );
  check(
    'no tests, no build trees, nothing unknown',
    strange.length + unwanted.length === 0,
    [...strange, ...unwanted].join('\n'),
  );
  const stale = files.filter((f) => {
    const [, stem, mts] = /^dist\/(.*)\.(?:(mjs|d\.mts|mjs\.map)|js|d\.ts|js\.map)$/.exec(f) ?? [];
    return stem !== undefined && !existsSync(join(root, 'lib', `${stem}.${mts ? 'mts' : 'ts'}`));
  });
  check('nothing in dist/ that has no source', stale.length === 0, stale.join('\n'));
  const unmapped = files.filter((f) => {
    if (!/^dist\/.*\.m?js$/.test(f) || files.includes(`${f}.map`)) return false;
    return /^\/\/# sourceMappingURL=/m.test(readFileSync(join(root, f), 'utf8'));
  });
  check('no script names a source map that is not there', unmapped.length === 0, unmapped.join('\n'));
}

function pack() {
  const given = process.argv.slice(2).find((a) => a.endsWith('.tgz'));
  if (given) return join(process.cwd(), given);
  const prebuild = process.argv.includes('--prebuilt') ? 'check-binary.mjs' : 'prebuild.cjs';
  const built = spawnSync(process.execPath, [join(root, 'scripts', prebuild)], { cwd: root, encoding: 'utf8' });
  if (!check('prebuild: built and checked', built.status === 0, `${built.stdout}${built.stderr}`)) return undefined;
  const packed = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', work], { cwd: root });
  if (!check('npm pack', packed.status === 0, packed.text)) return undefined;
  const [info] = JSON.parse(packed.text.slice(packed.text.indexOf('[')));
  checkContents(info);
  return join(work, info.filename);
}

function install(tarball) {
  mkdirSync(app);
  write('package.json', '{ "name": "app", "private": true }\n');
  const none = ['c++', 'g++', 'gcc', 'cc', 'clang', 'cmake', 'make', 'ninja'].filter(
    (c) => run(c, ['--version']).status === 0,
  );
  check('no compiler in PATH', none.length === 0, none.join());
  const quiet = ['--ignore-scripts', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'];
  if (!succeeds('npm install --ignore-scripts', npm(['install', ...quiet, tarball]))) return false;
  const optional = ['echarts', '@resvg/resvg-js', 'h5wasm'].filter((p) => existsSync(join(app, 'node_modules', p)));
  check('optional peers stay away', optional.length === 0, optional.join());
  return true;
}

const lines = /## Ten lines\n+```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))[1];
/** The same ten lines for require; `await` needs a function there. */
const [head, body] = [lines.match(/^import .*$/gm).join('\n'), lines.replace(/^import .*\n/gm, '')];
const commonjs = `${head.replace(/^import (.*) from (.*);$/gm, 'const $1 = require($2);')}\n(async () => {\n${body}})();\n`;
const output = /Network[\s\S]*Reservoir[\s\S]*100/;

function useJavaScript() {
  succeeds('the ten lines as an ES module', node([write('ten.mjs', lines)]), output);
  succeeds('the ten lines in CommonJS', node([write('ten.cjs', commonjs)]), output);
  const entries = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports).map(
    (e) => `rockpool-node${e.slice(1)}`,
  );
  const every = `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
for (const name of ${JSON.stringify(entries.filter((e) => !e.endsWith('.json')))}) {
  const [one, other] = [await import(name), require(name)];
  for (const key of Object.keys(other)) if (one[key] !== other[key]) throw new Error(name + ': ' + key);
}
const loaded = process.report.getReport().sharedObjects.filter((f) => f.endsWith('.node'));
if (!loaded.every((f) => f.includes('prebuilds'))) throw new Error(loaded.join());
console.log(loaded.length, 'library');`;
  succeeds(
    'every entry point by import and by require gives the same, of the prebuilt library',
    node([write('entries.mjs', every)]),
    /^1 library/m,
  );
  succeeds('Electron running as Node', node(['ten.mjs'], { env: { ELECTRON_RUN_AS_NODE: '1' } }), output);
  succeeds('PREBUILDS_ONLY', node(['ten.mjs'], { env: { PREBUILDS_ONLY: '1' } }), output);
}

function useTypeScript() {
  const tsc = join(modules, 'typescript/bin/tsc');
  write('types/ten.mts', lines);
  write('types/ten.cts', `${head}\nvoid (async () => {\n${body}})();\n`);
  const types = {
    typeRoots: [join(modules, '@types')],
    types: ['node'],
    strict: true,
    target: 'es2022',
  };
  for (const [module, moduleResolution] of [
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const bundler = moduleResolution === 'bundler';
    const compilerOptions = {
      ...types,
      module,
      moduleResolution,
      outDir: `../typed-${moduleResolution}`,
      rootDir: '.',
    };
    const files = bundler ? ['ten.mts'] : ['ten.mts', 'ten.cts'];
    write(`types/${moduleResolution}.json`, JSON.stringify({ compilerOptions, files }));
    if (!succeeds(`TypeScript, ${moduleResolution} resolution`, node([tsc, '-p', `types/${moduleResolution}.json`])))
      continue;
    for (const file of files)
      succeeds(`  its ${file} runs`, node([`typed-${moduleResolution}/${file.replace('ts', 'js')}`]), output);
  }
}

function useBundler() {
  const { buildSync } = createRequire(import.meta.url)('esbuild');
  const bundle = (format, outfile, external) =>
    buildSync({
      entryPoints: [format === 'cjs' ? 'ten.cjs' : 'ten.mjs'],
      absWorkingDir: app,
      bundle: true,
      platform: 'node',
      logLevel: 'silent',
      format,
      outfile,
      external,
    });
  for (const format of ['esm', 'cjs']) {
    const name = `bundled/out.${format === 'cjs' ? 'cjs' : 'mjs'}`;
    bundle(format, name, ['rockpool-node']);
    succeeds(`esbuild, ${format}, rockpool-node external`, node([name]), output);
  }
  bundle('cjs', 'swallowed/dist/out.cjs', ['echarts', 'h5wasm', '@resvg/resvg-js']);
  const swallowed = node(['swallowed/dist/out.cjs']);
  check(
    'a bundle that swallowed the package says what to do',
    swallowed.status !== 0 && /--external:rockpool-node/.test(swallowed.text),
    swallowed.text,
  );
}

function useWorkers() {
  cpSync(join(root, 'test/package/consumer'), app, { recursive: true });
  succeeds('four worker threads at once, the same results', node(['workers.mjs']), /^4 equal/m);
  succeeds('workers terminated in the middle of a run', node(['terminate.mjs']), /^terminated/m);
}

function useProgram() {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  if (!bin) return;
  const version = npm(['exec', '--offline', '--', 'rockpool-node', '--version']);
  succeeds('npx rockpool-node --version', version, /\d+\.\d+\.\d+/);
  succeeds(
    'npx rockpool-node build-info',
    npm(['exec', '--offline', '--', 'rockpool-node', 'build-info']),
    /\d+\.\d+\.\d+/,
  );
}

/** What the loader says where there is no library, or one that does not load. */
function failToLoad() {
  const prebuilds = join(app, 'node_modules/rockpool-node/prebuilds');
  const aside = join(work, 'aside');
  renameSync(prebuilds, aside);
  const none = node(['ten.mjs']);
  const told = [
    `${process.platform}-${process.arch}`,
    `Node ${process.versions.node}`,
    /libc=|darwin|win32/,
    join('rockpool-node', 'build', 'Release'),
    `${prebuilds}: nothing`,
    `rockpool-node-${process.platform}-${process.arch}: not installed`,
    /to build it here: node ".*build-here\.mjs"/,
    'asarUnpack',
    'ERR_NATIVE_LOAD',
  ].filter((t) => (typeof t === 'string' ? !none.text.replaceAll('\\\\', '\\').includes(t) : !t.test(none.text)));
  check(
    'without a library the error names platform, places and the command that helps',
    none.status !== 0 && told.length === 0,
    `${none.text}\nlacks ${told.join(', ')}`,
  );
  const other = join(app, 'node_modules', `rockpool-node-${process.platform}-${process.arch}`);
  mkdirSync(other);
  writeFileSync(
    join(other, 'package.json'),
    JSON.stringify({ name: `rockpool-node-${process.platform}-${process.arch}`, version: '0.0.0' }),
  );
  cpSync(aside, join(other, 'prebuilds'), { recursive: true });
  succeeds('from the package of the platform', node(['ten.mjs']), output);
  rmSync(other, { recursive: true });
  cpSync(aside, prebuilds, { recursive: true });
  const [folder] = readdirSync(prebuilds);
  for (const file of readdirSync(join(prebuilds, folder)))
    writeFileSync(join(prebuilds, folder, file), 'not a library');
  const broken = node(['ten.mjs']);
  check(
    'a library that does not load is told with its reason',
    broken.status !== 0 && /ERR_NATIVE_LOAD/.test(broken.text) && /build-here/.test(broken.text),
    broken.text,
  );
  rmSync(prebuilds, { recursive: true });
  renameSync(aside, prebuilds);
}

/** Other versions of Node, as packages of the registry. */
function useOtherNodes() {
  for (const version of ['22', '24', '26']) {
    const folder = join(work, `node-${version}`);
    mkdirSync(folder);
    const name = `node-${windows ? 'win' : process.platform}-${process.arch}`;
    const got = npm(
      ['install', '--no-save', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', `${name}@${version}`],
      { cwd: folder },
    );
    if (got.status !== 0) {
      console.log(`SKIPPED Node ${version}: ${name} is not to be had`);
      continue;
    }
    const program = join(folder, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
    for (const file of ['ten.mjs', 'ten.cjs', 'workers.mjs', 'terminate.mjs'])
      succeeds(`Node ${version}: ${file}`, run(program, [file]));
  }
}

try {
  const tarball = pack();
  if (tarball && install(tarball)) {
    useJavaScript();
    useTypeScript();
    useBundler();
    useWorkers();
    useProgram();
    if (process.argv.includes('--nodes')) useOtherNodes();
    failToLoad();
  }
} finally {
  if (process.argv.includes('--keep')) console.log(`kept ${pathToFileURL(work)}`);
  else rmSync(work, { recursive: true, force: true });
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
