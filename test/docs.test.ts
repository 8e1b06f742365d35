import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import ts from 'typescript';
import { allPages, type Page, programOf, readBlocks, root } from './docs/blocks';
import { commandsOf, problemOf } from './docs/commands';

/** Blocks that hold no code: formulas, output, file trees. */
const noCode = new Set(['', 'text', 'math', 'csv']);

/** A text block that looks like code would be code that nobody runs. */
const looksLikeCode = /^\s*(?:npm |npx |node |import |export |const |let |await |#include)/m;

/** The code of an example without the comment at its head. */
const bodyOf = (source: string): string => source.replace(/^\/\*\*[\s\S]*?\*\/\n/, '');
/** Without what formatting changes: white space, and commas before a closing bracket. */
const essence = (code: string): string => code.replace(/\s+/g, '').replace(/,(?=[)\]}])/g, '');

function problemOfBlock({ language, code }: { language: string; code: string }): string | undefined {
  if (noCode.has(language)) return looksLikeCode.test(code) ? 'code in a text block' : undefined;
  if (language === 'ts') return undefined; // run with its page
  if (language === 'json') return void JSON.parse(code);
  if (language === 'sh' || language === 'bash') return commandsOf(code).map(problemOf).find((problem) => problem !== undefined); // prettier-ignore
  return `nobody runs ${language}`;
}

/** Type-checks the pages' programs together and returns their diagnostics, by page. */
function compile(files: Map<string, Page>): Map<string, string[]> {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    skipLibCheck: true,
    types: ['node'],
  };
  const program = ts.createProgram([...files.keys()], options);
  const problems = new Map<string, string[]>();
  for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program)) {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    const line = file && file.text.slice(0, start).split('\n').pop();
    const key = file?.fileName ?? '';
    problems.set(key, [...(problems.get(key) ?? []), `${text} (${line ?? ''}…)`]);
  }
  program.emit();
  return problems;
}

/** Runs a module in this process, with its output held back; resolves to the output. */
async function runHere(file: string, folder: string): Promise<string> {
  const { log } = console;
  const printed: string[] = [];
  const before = process.cwd();
  console.log = (...args: unknown[]) =>
    void printed.push(args.map((x) => (typeof x === 'string' ? x : inspect(x))).join(' '));
  try {
    process.chdir(folder);
    await import(pathToFileURL(file).href);
    return printed.join('\n');
  } finally {
    process.chdir(before);
    console.log = log;
  }
}

describe('documentation', () => {
  const pages = allPages();
  // Inside the package, so that it finds itself by its name.
  mkdirSync(join(root, 'out'), { recursive: true });
  const folder = mkdtempSync(join(root, 'out', 'docs-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const files = new Map<string, Page>();
  for (const page of pages)
    if (!page.program && programOf(page) !== '')
      files.set(join(folder, `${page.path.replace(/\.md$/, '').replaceAll('/', '--')}.mts`), page);
  let problems = new Map<string, string[]>();

  before(function () {
    this.timeout(300_000);
    for (const [file, page] of files) writeFileSync(file, `${programOf(page)}\nexport {};\n`);
    problems = compile(files);
    assert.deepEqual(problems.get('') ?? [], []);
  });

  for (const [file, page] of files) {
    it(`the code of ${page.path} type-checks and runs`, async () => {
      assert.deepEqual(problems.get(file) ?? [], []);
      await runHere(file.replace(/\.mts$/, '.mjs'), folder);
    });
  }

  for (const page of pages.filter(({ program }) => program !== undefined)) {
    it(`${page.path} shows the code of ${page.program}, all of it, in order`, () => {
      const source = readFileSync(join(root, page.program as string), 'utf8');
      assert.equal(essence(programOf(page)), essence(bodyOf(source)), 'node scripts/tutorials.mjs programs');
    });
  }

  it('every other block is known and right, or says why it is not run', () => {
    const found: string[] = [];
    for (const { path, blocks } of pages) {
      for (const block of blocks) {
        if (block.reason !== undefined) continue;
        let problem: string | undefined;
        try {
          problem = problemOfBlock(block);
        } catch (error) {
          problem = (error as Error).message;
        }
        if (problem !== undefined) found.push(`${path}:${block.line}: ${problem}`);
      }
    }
    assert.deepEqual(found, []);
  });

  it('every link and picture inside the repository leads to a file', () => {
    const found: string[] = [];
    for (const { path, text } of pages) {
      const prose = readBlocks(text).reduce((rest, { code }) => rest.replace(code, ''), text);
      for (const [, link] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
        const [target] = link.split('#');
        if (/^[a-z]+:/.test(link) || target === '') continue;
        if (!existsSync(join(root, dirname(path), target))) found.push(`${path}: ${link}`);
      }
    }
    assert.deepEqual(found, []);
  });
});
