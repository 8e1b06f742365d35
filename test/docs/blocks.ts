/** Reads the code blocks of Markdown pages. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export const root = join(__dirname, '../../..');

export interface Block {
  /** What stands behind the fence: `ts`, `sh`, `text`…; '' where nothing does. */
  language: string;
  /** Why the block is not run: from a comment `<!-- not run: reason -->` on the line before it. */
  reason?: string;
  code: string;
  line: number;
}

export interface Page {
  /** The path from the root of the package, with slashes. */
  path: string;
  text: string;
  blocks: Block[];
  /** The example whose code the page shows, from a comment `<!-- program: examples/name.ts -->`. */
  program?: string;
}

const fence = /^( *)(`{3,}|~{3,})[ \t]*([^\n]*)\n([\s\S]*?)^\1\2[ \t]*$/gm;

export function readBlocks(text: string): Block[] {
  return [...text.matchAll(fence)].map((match) => {
    const before = text.slice(0, match.index);
    const reason = /<!-- *not run: *(\S[^\n]*?) *-->\n$/.exec(before)?.[1];
    const [language = ''] = match[3].trim().split(/\s+/);
    return { language, reason, code: match[4], line: before.split('\n').length };
  });
}

function readPage(file: string): Page {
  const text = readFileSync(file, 'utf8');
  return {
    path: relative(root, file).split(sep).join('/'),
    text,
    blocks: readBlocks(text),
    program: /<!-- *program: *(\S+) *-->/.exec(text)?.[1],
  };
}

/** README.md, CONTRIBUTING.md and all pages of docs/. */
export function allPages(): Page[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => join(root, 'docs', file));
  return [join(root, 'README.md'), join(root, 'CONTRIBUTING.md'), ...docs].map(readPage);
}

/** The TypeScript of a page, joined: a page is one program, read from top to bottom. */
export function programOf(page: Page): string {
  return page.blocks
    .filter(({ language, reason }) => language === 'ts' && reason === undefined)
    .map(({ code }) => code)
    .join('\n');
}
