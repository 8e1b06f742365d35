// Runs clang-tidy over compile_commands.json in out/tidy: several files at a time, since most of the time goes into the headers that they
// share. Files whose names clash, so that they do not compile together, are read one by one.
//
//   node scripts/tidy.mjs FILE ...
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tree = join(root, 'out/tidy');
const together = join(tree, 'together');
const perGroup = 12;
const processes = 2;

const wanted = new Set(process.argv.slice(2).map((f) => join(root, f)));
/** One command for each file: kernels are compiled once for each instruction set, one of them is read. */
const commands = new Map();
for (const entry of JSON.parse(readFileSync(join(tree, 'compile_commands.json'), 'utf8')))
  if (wanted.has(entry.file) && !commands.has(entry.file)) commands.set(entry.file, entry);
const lost = [...wanted].filter((f) => !commands.has(f));
if (lost.length > 0) {
  console.error(`not compiled anywhere: ${lost.join(', ')}`);
  process.exit(1);
}

/** What two files must have in common to be read together: all of the command but their own names. */
const flags = ({ command, file }) => command.replace(/ -o \S+/, '').replaceAll(file, '');

function group() {
  const groups = [];
  for (const kind of new Set([...commands.values()].map(flags))) {
    const files = [...commands.keys()].filter((f) => flags(commands.get(f)) === kind).sort();
    const number = Math.ceil(files.length / perGroup);
    for (let i = 0; i < number; i++) groups.push(files.filter((_, at) => at % number === i));
  }
  return groups.sort((a, b) => b.length - a.length);
}

function tidy(file, more) {
  return new Promise((resolve) => {
    const child = spawn('clang-tidy', ['-p', tree, '--quiet', ...more, file], { cwd: root });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (t) => (text += t));
    child.on('error', (error) => resolve({ ok: false, text: error.message }));
    child.on('close', (status) => resolve({ ok: status === 0, text }));
  });
}

const groups = group();
rmSync(together, { recursive: true, force: true });
mkdirSync(together, { recursive: true });
const units = groups.map((files, i) => {
  if (files.length === 1) return { files, unit: files[0] };
  const unit = join(together, `group_${i}.cpp`);
  writeFileSync(unit, files.map((f) => `#include "${f}"\n`).join(''));
  const first = commands.get(files[0]);
  commands.set(unit, { ...first, file: unit, command: first.command.replaceAll(files[0], unit) });
  return { files, unit };
});
writeFileSync(join(tree, 'compile_commands.json'), JSON.stringify([...commands.values()]));

let failed = 0;
let alone = 0;
async function work() {
  for (let next = units.shift(); next !== undefined; next = units.shift()) {
    const { files, unit } = next;
    const result = await tidy(unit, files.length > 1 ? ['--checks=-bugprone-suspicious-include'] : []);
    if (result.ok) continue;
    if (files.length > 1 && /clang-diagnostic-error/.test(result.text)) {
      alone += files.length;
      units.push(...files.map((f) => ({ files: [f], unit: f })));
      continue;
    }
    failed++;
    console.log(result.text);
  }
}
await Promise.all(Array.from({ length: processes }, work));
console.log(`${wanted.size} files in ${groups.length} groups, ${alone} of them alone; ${failed} with findings`);
process.exit(failed === 0 ? 0 : 1);
