/**
 * Installs the peers of the benchmarks: one Python virtual environment for each entry of bench/lib/environments.mjs.
 *
 *     npm run bench:peers [-- NAME ...] [--force]
 *
 * An environment that is there and works is left alone, unless --force is given.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { environments, interpreterOf, peersFolder } from './lib/environments.mjs';

const args = process.argv.slice(2);
const force = args.includes('--force');
const names = args.filter((a) => !a.startsWith('--'));
const unknown = [
  ...names.filter((n) => !(n in environments)),
  ...args.filter((a) => a.startsWith('--') && a !== '--force'),
];
if (unknown.length > 0) {
  console.error(
    `unknown: ${unknown.join(', ')}\nenvironments: ${Object.keys(environments).join(', ')}\noptions: --force`,
  );
  process.exit(2);
}

const versionText = (v) => v.join('.');
const within = (v, { from, to }) => v[0] === from[0] && v[1] >= from[1] && v[1] <= to[1];

/** [major, minor] of an interpreter that can make virtual environments, or undefined. */
function versionOf(python) {
  try {
    const code = 'import sys, venv, ensurepip; print(sys.version_info[0], sys.version_info[1])';
    const out = execFileSync(python, ['-c', code], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 30_000,
    });
    return out.trim().split(' ').map(Number);
  } catch {
    return undefined;
  }
}

function findPython(range) {
  const candidates = [process.env.PYTHON, 'python3', 'python', '/usr/bin/python3'].filter(Boolean);
  for (let minor = range.to[1]; minor >= range.from[1]; minor--) candidates.push(`python${range.from[0]}.${minor}`);
  return candidates.find((python) => {
    const version = versionOf(python);
    return version !== undefined && within(version, range);
  });
}

function works(python, probe) {
  try {
    execFileSync(python, ['-c', probe], { stdio: 'ignore', timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
}

function install(name) {
  const { holds, requirements, python: range, probe } = environments[name];
  const folder = join(peersFolder(), name);
  const python = interpreterOf(folder);
  console.log(`${name}: ${holds}, in ${folder}`);
  if (!force && works(python, probe)) {
    console.log('  is there and works');
    return true;
  }
  const base = findPython(range);
  if (base === undefined) {
    const wanted = `Python ${versionText(range.from)} to ${versionText(range.to)} with its venv module`;
    console.error(`  no ${wanted} was found`);
    console.error('  Debian/Ubuntu: sudo apt-get install python3 python3-venv; or name an interpreter in PYTHON');
    return false;
  }
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    console.log(`  making a virtual environment with ${base}`);
    execFileSync(base, ['-m', 'venv', folder], { stdio: 'inherit' });
    console.log(`  installing ${requirements.join(' ')}`);
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements], {
      stdio: 'inherit',
    });
  } catch {
    console.error('  the installation failed: see above');
    rmSync(folder, { recursive: true, force: true });
    return false;
  }
  if (!works(python, probe)) {
    console.error(`  was installed, but this fails in it: ${probe}`);
    return false;
  }
  console.log('  installed and works');
  return true;
}

const results = (names.length > 0 ? names : Object.keys(environments)).map(install);
process.exitCode = results.every(Boolean) ? 0 : 1;
