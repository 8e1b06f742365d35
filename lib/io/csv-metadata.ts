/** The comment of a table that holds what rows of numbers do not. */
import { RockpoolError } from '../errors.js';

/** What begins the comment that holds what rows of numbers do not: extent, name and the like. */
export const metadataMark = 'rockpool ';

export type Metadata = Partial<Record<string, unknown>>;

/** The metadata of a table's head, and its line. @throws RockpoolError `ERR_FILE` for some that are damaged. */
export function metadataLine(comments: string, text: Uint8Array): { metadata: Metadata; number: number } | undefined {
  const line = comments
    .split('\n')
    .map((comment) => comment.trim())
    .find((comment) => comment.startsWith(`${metadataMark}{`));
  if (line === undefined) return undefined;
  const number = 1 + Buffer.from(text).toString('utf8').split(/\r\n|\n|\r/).findIndex((one) => one.includes(line)); // prettier-ignore
  try {
    return { metadata: JSON.parse(line.slice(metadataMark.length)) as Metadata, number };
  } catch (cause) {
    throw new RockpoolError('ERR_FILE', `line ${number}: its metadata is no JSON`, { cause });
  }
}
