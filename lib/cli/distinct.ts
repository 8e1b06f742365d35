/** Files that a command writes are not those that it reads, and not one another. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from './exit.js';

/** Paths by the options or arguments that name them. */
export type NamedPaths = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What writing to a path would replace, also behind links and where there is no file yet. */
async function placeOf(path: string): Promise<string> {
  const absolute = resolve(path);
  return realpath(absolute).catch(async () => {
    const folder = await realpath(dirname(absolute)).catch(() => dirname(absolute));
    return join(folder, basename(absolute));
  });
}

async function placesOf(paths: NamedPaths): Promise<[name: string, path: string, place: string][]> {
  const pairs = Object.entries(paths).flatMap(([name, of]) => [of ?? []].flat().map((path) => [name, path] as const));
  return Promise.all(pairs.map(async ([name, path]) => [name, path, await placeOf(path)]));
}

/** @throws UsageError when two outputs, or an output and an input, are one file. */
export async function checkDistinct(outputs: NamedPaths, inputs: NamedPaths): Promise<void> {
  const seen = await placesOf(inputs);
  for (const [name, path, place] of await placesOf(outputs)) {
    const other = seen.find((one) => one[2] === place);
    if (other) throw new UsageError(`${name} '${path}' is the same file as ${other[0]} '${other[1]}'`);
    seen.push([name, path, place]);
  }
}
