/** Fonts of the system, in the order in which they are asked for letters that ours does not have. */
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

/** Where systems keep their fonts. */
function folders(): string[] {
  const { env, platform } = process;
  const home = homedir();
  if (platform === 'win32')
    return [
      join(env.SystemRoot ?? 'C:\\Windows', 'Fonts'),
      join(env.LOCALAPPDATA ?? home, 'Microsoft', 'Windows', 'Fonts'),
    ];
  if (platform === 'darwin') return ['/System/Library/Fonts', '/Library/Fonts', join(home, 'Library', 'Fonts')];
  const own = env.XDG_DATA_HOME ?? join(home, '.local', 'share');
  return ['/usr/share/fonts', '/usr/local/share/fonts', join(own, 'fonts'), join(home, '.fonts')];
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ttf|otf|ttc|otc)$/i.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** How unlike plain text a font is, by the name of its file: less is better. */
function strangeness(path: string): number {
  const name = basename(path);
  if (/bold|italic|oblique|black|heavy|light|thin|medium|(bd|bi|it|[a-z](b|z|i))\.tt[fc]$/i.test(name)) return 3;
  return /mono|serif|condensed|math/i.test(name) && !/sans[-_]?(regular)?\./i.test(name)
    ? 2
    : /sans/i.test(name)
      ? 0
      : 1;
}

let found: string[] | undefined;

/** @internal The files of the system's fonts, plain ones first. What has a letter first draws the whole text: a bold one should not. */
export function systemFonts(): string[] {
  found ??= folders()
    .flatMap(filesIn)
    .map((path) => ({ path, rank: strangeness(path) }))
    .sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);
  return found;
}
