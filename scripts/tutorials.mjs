// Writes the programs of the tutorials and draws their pictures. The code of a tutorial lives in its page, docs/tutorials/NAME.md,
// which names the program in a comment `<!-- program: examples/NAME.ts -->`; the head comment of the program stays as it is.
//
//   node scripts/tutorials.mjs programs [PAGE ...]    from the pages into examples/
//   node scripts/tutorials.mjs pictures [PAGE ...]    runs the built programs, which draw into docs/tutorials/pictures/NAME
//
// The picture of the README: node dist-test/examples/picture.js docs/pictures/readme.svg
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'docs/tutorials');

/** How a program is told where to draw, where it is not its first argument. */
const options = { 'pulse-to-chirp': (out) => ['--out', out] };

const blocks = (text) => [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
const headOf = (file) =>
  existsSync(file) ? (/^\/\*\*[\s\S]*?\*\/\n/.exec(readFileSync(file, 'utf8'))?.[0] ?? '') : '';

async function writeProgram(program, text) {
  const file = join(root, program);
  const config = await prettier.resolveConfig(file);
  const source = headOf(file) + blocks(text).join('\n');
  writeFileSync(file, await prettier.format(source, { ...config, filepath: file }));
}

function drawPictures(program) {
  const name = basename(program, '.ts');
  const out = join(folder, 'pictures', name);
  rmSync(out, { recursive: true, force: true });
  const args = options[name]?.(out) ?? [out];
  const { status } = spawnSync(process.execPath, [join(root, 'dist-test/examples', `${name}.js`), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`${program} failed`);
  for (const file of readdirSync(out)) if (!file.endsWith('.svg')) rmSync(join(out, file), { recursive: true });
}

const [what, ...names] = process.argv.slice(2);
if (!['programs', 'pictures'].includes(what)) {
  console.error('usage: node scripts/tutorials.mjs programs|pictures [PAGE ...]');
  process.exit(2);
}
for (const page of readdirSync(folder).filter((file) => file.endsWith('.md'))) {
  if (names.length > 0 && !names.includes(basename(page, '.md'))) continue;
  const text = readFileSync(join(folder, page), 'utf8');
  const program = /<!-- *program: *(\S+) *-->/.exec(text)?.[1];
  if (program === undefined) continue;
  if (what === 'programs') await writeProgram(program, text);
  else drawPictures(program);
  console.log(`${page}: ${program}`);
}
