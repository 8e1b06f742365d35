// Builds the documentation's site into out/docs: a page for each class and function, made from the declarations, and the pages of
// docs/. Ends with an error when TypeDoc complains or a link leads nowhere.
//
//   node scripts/docs.mjs
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Logger, LogLevel } from 'typedoc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const problems = [];
/** Types that a declaration names and that are not exported: worth a look, but no page is wrong. */
const notes = [];
const isNote = (text) => /is referenced by .* but not included|intentionally ?not ?exported/i.test(text);

/** Keeps warnings and errors, each once. */
class Complaints extends Logger {
  log(message, level) {
    if (level === LogLevel.Warn || level === LogLevel.Error) (isNote(message) ? notes : problems).push(message);
  }
  addContext(message) {
    return message;
  }
}

/** Sources of what package.json exports. */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.values(exports)
    .filter((entry) => typeof entry === 'object')
    .map((entry) => entry.require.types.replace(/^\.\/dist\//, 'lib/').replace(/\.d\.ts$/, '.ts'));
}

/** Links and pictures of the built pages that lead nowhere, as "page: link". Addresses of other hosts are not looked up. */
function brokenLinks(site) {
  const files = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
  const pages = new Map(files.map((file) => [join(site, file), readFileSync(join(site, file), 'utf8')]));
  const anchors = new Map();
  const hasAnchor = (page, id) => {
    if (!anchors.has(page))
      anchors.set(page, new Set([...pages.get(page).matchAll(/\sid="([^"]+)"/g)].map((m) => m[1])));
    return anchors.get(page).has(id);
  };
  const broken = new Set();
  for (const [page, html] of pages) {
    for (const [, link] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^[a-z]+:/i.test(link)) continue;
      const [path, id] = decodeURI(link).split('#');
      const target = path === '' ? page : resolve(dirname(page), path.split('?')[0]);
      const exists = existsSync(target) && statSync(target).isFile();
      if (!exists || (id && pages.has(target) && !hasAnchor(target, id)))
        broken.add(`${relative(site, page)}: ${link}`);
    }
  }
  return [...broken];
}

const app = await Application.bootstrapWithPlugins({ options: join(root, 'typedoc.json'), entryPoints: entryPoints() });
app.logger = new Complaints();
const project = await app.convert();
if (!project) {
  console.error(problems.join('\n'));
  process.exit(1);
}
app.validate(project);
const site = app.options.getValue('out');
rmSync(site, { recursive: true, force: true });
await app.generateOutputs(project);
problems.push(...brokenLinks(site).map((link) => `broken link in ${link}`));

for (const note of notes) console.error(`note: ${note}`);
for (const problem of problems) console.error(problem);
const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html')).length;
console.log(`${pages} pages in ${relative(process.cwd(), site) || '.'}, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
