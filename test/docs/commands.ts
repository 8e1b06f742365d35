/** Checks the commands of shell blocks: that what they call exists. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './blocks';

interface PackageJson {
  name: string;
  bin?: string | Record<string, string>;
  scripts: Record<string, string>;
}

const { name, bin, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;
const programs = new Map(Object.entries(typeof bin === 'string' ? { [name]: bin } : (bin ?? {})));

/** Commands of npm itself, and programs that are no part of this package. */
const ofNpm = new Set(['test', 'install', 'ci', 'pack', 'publish', 'link', 'start']);
const known = new Set(['cd', 'export', 'git', 'mkdir', 'sudo', 'apt', 'apt-get', 'python3', 'pip', 'cmake', 'ctest']);
const wrappers = new Set(['npx', 'sudo', 'time']);

/** The commands of a block, each as words: without prompts, comments and what is printed, continued lines joined. */
export function commandsOf(code: string): string[][] {
  return code
    .replace(/\\\n\s*/g, ' ')
    .split(/\n|&&|\|\|?|;/)
    .map((line) =>
      line
        .replace(/(^|\s)#.*$/, '')
        .trim()
        .replace(/^\$ /, ''),
    )
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
}

function helpOf(words: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...words, '--help'], { cwd: root, encoding: 'utf8' });
  return { status, text: `${stdout}${stderr}` };
}

const helps = new Map<string, { status: number | null; text: string }>();

/** A command of our own program: that it and its options are in its help. */
function problemOfOwn(program: string, args: string[]): string | undefined {
  const file = programs.get(program) as string;
  const command: string[] = [];
  for (const word of args) {
    if (!/^[a-z][a-z0-9-]*$/.test(word) || command.length === 2) break;
    command.push(word);
  }
  for (; ; command.pop()) {
    const key = [program, ...command].join(' ');
    let help = helps.get(key);
    if (!help) helps.set(key, (help = helpOf([join(root, file), ...command])));
    const { status, text } = help;
    if (status === 0 && (command.length === 0 || text.includes(`${key} `) || text.includes(`${key}\n`))) {
      if (command.length === 0 && args.length > 0 && !args[0].startsWith('-')) return `${program} has no ${args[0]}`;
      const unknown = args.filter((arg) => arg.startsWith('--')).map((arg) => arg.split('=')[0]);
      return unknown.find((option) => option !== '--' && !text.includes(option));
    }
    if (command.length === 0) return `${program} --help fails: ${text}`;
  }
}

/** What is wrong with a command, or undefined. */
export function problemOf(words: string[]): string | undefined {
  while (/^[A-Z_]+=/.test(words[0] ?? '') || wrappers.has(words[0])) words = words.slice(1);
  const [program, ...args] = words;
  if (program === undefined || known.has(program)) return undefined;
  if (programs.has(program)) return problemOfOwn(program, args);
  if (program === 'npm') {
    const first = args.find((arg) => !arg.startsWith('-')) ?? '';
    if (ofNpm.has(first)) return undefined;
    const script = args.slice(args.indexOf(first) + 1).find((arg) => !arg.startsWith('-')) ?? '';
    return first === 'run' && script in scripts ? undefined : `no script ${script || first} in package.json`;
  }
  if (program === 'node') {
    const file = args.find((arg) => !arg.startsWith('-')) ?? '';
    const source = file
      .replace(`node_modules/${name}/`, '')
      .replace(/^dist-test\/(.*)\.js$/, '$1.ts')
      .replace(/^dist\/(.*)\.js$/, 'lib/$1.ts');
    return existsSync(join(root, source)) ? undefined : `no file ${source}`;
  }
  if (existsSync(join(root, 'node_modules/.bin', program))) return undefined;
  const path = program.replace(/^\.\//, '');
  return program.includes('/') && existsSync(join(root, path)) ? undefined : `unknown command ${program}`;
}
