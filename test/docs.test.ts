import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');

/** The `ts` blocks of a page, joined: a page is one program, read from top to bottom. */
function program(page: string): string {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((m) => m[1]).join('\n');
}

describe('documentation', () => {
  const pages = [
    join(root, 'README.md'),
    ...readdirSync(join(root, 'docs'))
      .filter((f) => f.endsWith('.md'))
      .map((f) => join(root, 'docs', f)),
  ];
  // Inside the package, so that it finds itself by its name.
  mkdirSync(join(root, 'out'), { recursive: true });
  const folder = mkdtempSync(join(root, 'out', 'docs-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const page of pages) {
    const source = program(page);
    if (source === '') continue;
    it(`the code of ${basename(page)} type-checks and runs`, () => {
      const file = join(folder, `${basename(page, '.md')}.mts`);
      writeFileSync(file, source);
      const options: ts.CompilerOptions = {
        target: ts.ScriptTarget.ES2022,
        lib: ['lib.es2023.d.ts'],
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        strict: true,
        skipLibCheck: true,
        types: ['node'],
      };
      const compiled = ts.createProgram([file], options);
      const problems = [...ts.getPreEmitDiagnostics(compiled)];
      assert.deepEqual(
        problems.map((d) => ts.flattenDiagnosticMessageText(d.messageText, '\n')),
        [],
      );
      compiled.emit();
      const result = spawnSync(process.execPath, [file.replace(/\.mts$/, '.mjs')], {
        cwd: folder,
        encoding: 'utf8',
        timeout: 60000,
      });
      assert.equal(result.status, 0, result.stderr);
    });
  }
});
