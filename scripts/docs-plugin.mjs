// What the documentation's site adds to TypeDoc: pages are named by their headings, grouped by their folders, and ordered as
// docs/index.md lists them; a page that it does not list comes after those that it does.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Converter, PageEvent } from 'typedoc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const groups = new Map([
  ['docs', 'Guide'],
  ['docs/tutorials', 'Tutorials'],
  ['docs/dev', 'Inside'],
  ['', 'Inside'],
]);
const order = ['Guide', 'Tutorials', 'Modules', 'Inside'];

/** The pages that the overview links to, in its order. */
function listed() {
  const file = join(root, 'docs/index.md');
  const links = readFileSync(file, 'utf8').matchAll(/\]\(([\w./-]+\.md)\)/g);
  return [file, ...[...links].map(([, path]) => resolve(dirname(file), path))];
}

export function load(app) {
  const pages = listed();
  const fileOf = (reflection) => reflection.project.files.getReflectionPath(reflection) ?? '';
  const place = (reflection) => (pages.indexOf(resolve(fileOf(reflection))) + pages.length + 1) % (pages.length + 1);

  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    const folder = relative(root, dirname(fileOf(page)))
      .split(sep)
      .join('/');
    const heading = /^# (.+)$/m.exec(page.content.map(({ text }) => text).join(''));
    if (heading) page.name = heading[1].replaceAll('`', '');
    page.frontmatter.group ??= groups.get(folder) ?? 'Guide';
  });

  // After TypeDoc's own grouping, which sorts by names.
  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    ({ project }) => {
      const rank = ({ title }) => (order.indexOf(title) + order.length + 1) % (order.length + 1);
      project.groups?.sort((a, b) => rank(a) - rank(b));
      for (const group of project.groups ?? [])
        if (group.title !== 'Modules') group.children.sort((a, b) => place(a) - place(b));
    },
    -1e4,
  );

  // TypeDoc links to the front page as a folder, which shows its files where pages are opened from the disk.
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = page.contents?.replace(/href="((?:\.\.\/)*)#/g, (link, up) =>
      up ? `href="${up}index.html#` : link,
    );
  });
}
