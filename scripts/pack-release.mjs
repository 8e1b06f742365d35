// Packs a release out of prebuilds/ of all platforms: the libraries of one platform and processor in a package of their own
// (rockpool-node-linux-x64, with glibc and musl), and rockpool-node without libraries, which names them as optional dependencies. So
// nobody downloads what runs elsewhere.
//
//   node scripts/pack-release.mjs [DIR]       tarballs into DIR (default out/release)
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = resolve(process.argv[2] ?? join(root, 'out/release'));
const limit = 15e6;
const main = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function pack(folder) {
  const result = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', out], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    maxBuffer: 1 << 28,
  });
  if (result.status !== 0) throw new Error(result.stderr);
  const [info] = JSON.parse(result.stdout);
  console.log(`${info.filename}: ${(info.unpackedSize / 1e6).toFixed(1)} MB unpacked`);
  if (info.unpackedSize >= limit) throw new Error(`${info.filename} is not below ${limit / 1e6} MB`);
}

function writePackage(folder, fields) {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(fields, null, 2)}\n`);
}

/** The package of one folder in prebuilds/. */
function packPlatform(platform) {
  const [os, cpu] = platform.split('-');
  const name = `${main.name}-${platform}`;
  const folder = join(out, name);
  cpSync(join(root, 'prebuilds', platform), join(folder, 'prebuilds', platform), { recursive: true });
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'README.md'), `# ${name}\n\nThe native library of ${main.name} for ${os} on ${cpu}.\n`);
  const { version, license, engines } = main;
  const description = `The native library of ${main.name} for ${os} on ${cpu}`;
  writePackage(folder, { name, version, description, license, os: [os], cpu: [cpu], engines, files: ['prebuilds'] });
  pack(folder);
  rmSync(folder, { recursive: true });
  return name;
}

const platforms = readdirSync(join(root, 'prebuilds'));
if (platforms.length === 0) throw new Error('there is nothing in prebuilds/');
rmSync(out, { recursive: true, force: true });
const names = platforms.map((platform) => {
  mkdirSync(join(out, `${main.name}-${platform}`), { recursive: true });
  return packPlatform(platform);
});

const folder = join(out, main.name);
mkdirSync(folder);
const files = main.files.filter((f) => f !== 'prebuilds');
for (const file of [...files.filter((f) => !f.startsWith('!')), 'README.md', 'LICENSE'])
  cpSync(join(root, file), join(folder, file), { recursive: true });
const optionalDependencies = Object.fromEntries(names.map((name) => [name, main.version]));
writePackage(folder, { ...main, files, optionalDependencies });
pack(folder);
rmSync(folder, { recursive: true });
