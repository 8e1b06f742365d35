/**
 * Runs benchmarks, each in a process of its own.
 *
 *     npm run bench -- [NAME ...] [--json] [--markdown] [--check]
 *     npm run bench -- --recorded
 *
 * --json prints one object per line, --markdown a table; --check makes the exit status 1 when a goal is not met or a peer is missing. A
 * benchmark that fails, or whose outputs disagree, always makes it 1. --recorded measures nothing and prints the tables of what lies in
 * bench/results, which are those of the README. See docs/dev/benchmarks.md.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { machineText } from './lib/machine.mjs';
import { fromFiles, head, toRow } from './lib/markdown.mjs';
import { toJson, toText } from './lib/report.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const known = readdirSync(here)
  .filter((file) => file.endsWith('.mjs') && !['run.mjs', 'peers.mjs'].includes(file))
  .map((file) => file.slice(0, -4))
  .sort();

const args = process.argv.slice(2);
const flags = args.filter((a) => a.startsWith('-'));
const names = args.filter((a) => !a.startsWith('-'));
const options = ['--json', '--markdown', '--check', '--recorded'];
const unknown = [...names.filter((n) => !known.includes(n)), ...flags.filter((f) => !options.includes(f))];
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}\nbenchmarks: ${known.join(', ')}\noptions: ${options.join(', ')}`);
  process.exit(2);
}
const json = flags.includes('--json');
const markdown = flags.includes('--markdown');
if (flags.includes('--recorded')) {
  const folder = `${here}results/`;
  console.log(
    fromFiles(
      readdirSync(folder)
        .sort()
        .map((file) => folder + file),
    ),
  );
  process.exit(0);
}

/** Runs one benchmark; resolves to false when its process failed. */
async function run(name, onResult) {
  const child = spawn(process.execPath, [`${here}lib/child.mjs`, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('close', (code) => resolve(code === 0)));
  for await (const line of createInterface({ input: child.stdout })) onResult(JSON.parse(line));
  return ended;
}

if (markdown) console.log(['On ' + machineText() + ':', '', ...head].join('\n'));
else (json ? console.error : console.log)(machineText());
let failed = false;
let unmet = false;
for (const name of names.length > 0 ? names : known) {
  const completed = await run(name, (result) => {
    failed ||= Boolean(result.wrong);
    unmet ||= !result.met;
    if (json || markdown) {
      if (result.wrong) console.error(`${result.name}: WRONG: ${result.wrong}`);
      if (result.skipped) console.error(`${result.name}: skipped (${result.skipped})`);
    }
    if (markdown) console.log(toRow(JSON.parse(toJson(result))));
    else console.log(json ? toJson(result) : `\n${toText(result)}`);
  });
  if (!completed) {
    failed = true;
    console.error(`${name}: FAILED`);
  }
}
if (failed || (unmet && flags.includes('--check'))) process.exitCode = 1;
