// Checks built libraries without loading them: that every Node and every Electron can, on every system that is as old as we promise.
//
//   node scripts/check-binary.mjs [FILE ...]     without names: all files in prebuilds/
//
// Of ELF files (Linux) everything is read from the file's tables; of the others the names of Node-API functions in the file.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isElf, readElf } from './elf.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** What `docs/packaging.md` promises: Debian 12, Ubuntu 22.04, RHEL 9 and newer. */
export const glibcFloor = 34;
const napiLevel = 8;
const entryPoints = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];
const libraries = /^(libc|libm|libgcc_s|libdl|libpthread|ld-linux[\w-]*|libc\.musl-\w+|ld-musl-\w+)\.so/;
/** Internals of Node, V8 and libuv change with every version; Electron refuses buffers outside of V8's own memory. */
const forbidden = /^(_ZN(2v8|4node)|uv_|napi_create_external_(array)?buffer$)/;

function nodeApi() {
  const { symbols } = createRequire(import.meta.url)('node-api-headers');
  const upTo = Object.entries(symbols).filter(([v]) => Number(v.slice(1)) <= napiLevel);
  return new Set(upTo.flatMap(([, s]) => [...s.js_native_api_symbols, ...s.node_api_symbols]));
}

function checkNames(names, problems) {
  const allowed = nodeApi();
  for (const name of names) {
    if (forbidden.test(name)) problems.push(`uses ${name}`);
    else if (/^(napi|node_api)_/.test(name) && !allowed.has(name))
      problems.push(`${name} is not in Node-API ${napiLevel}`);
  }
}

/** `{ problems, facts }` of one file. */
export function checkBinary(path) {
  const file = readFileSync(path);
  const problems = [];
  if (!isElf(file)) {
    const found = new Set(file.toString('latin1').match(/\b(napi|node_api)_[a-z0-9_]+/g) ?? []);
    for (const name of entryPoints) if (!found.delete(name)) problems.push(`does not export ${name}`);
    checkNames(
      [...found].filter((n) => !/^(napi|node_api)_(ok|module)/.test(n)),
      problems,
    );
    return { problems, facts: [`${(file.length / 1e6).toFixed(1)} MB`, `${found.size} names of Node-API`] };
  }
  const elf = readElf(file);
  checkNames(elf.imports, problems);
  const exported = elf.exports.sort();
  if (exported.join() !== entryPoints.join()) problems.push(`exports ${exported.join(', ') || 'nothing'}`);
  for (const name of elf.needed) if (!libraries.test(name)) problems.push(`needs ${name}`);
  const minors = elf.versions.flatMap(([, v]) => /^GLIBC_2\.(\d+)/.exec(v)?.[1] ?? []).map(Number);
  const floor = Math.max(0, ...minors);
  if (floor > glibcFloor) problems.push(`needs glibc 2.${floor}, newer than 2.${glibcFloor}`);
  const facts = [`${(file.length / 1e6).toFixed(1)} MB`, `needs ${elf.needed.join(', ')}`];
  if (floor > 0) facts.push(`glibc 2.${floor}`);
  return { problems, facts };
}

function prebuilt() {
  const folder = join(root, 'prebuilds');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((f) => f.endsWith('.node'))
    .map((f) => join(folder, f));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = process.argv.length > 2 ? process.argv.slice(2) : prebuilt();
  if (files.length === 0) {
    console.error('there is nothing in prebuilds/; npm run prebuild fills it');
    process.exit(1);
  }
  for (const path of files) {
    const { problems, facts } = checkBinary(path);
    console.log(`${path}: ${facts.join('; ')}`);
    for (const problem of problems) console.error(`  ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  }
}
