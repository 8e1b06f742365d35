/** What the tests of plots share. */
import assert from 'node:assert/strict';

export { codeOf } from '../layers/helpers.js';

/** How often a tag is there. */
export const count = (svg: string, tag: string): number => svg.split(`<${tag} `).length - 1;

/** The texts of a picture, in the order of the document. */
export const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1]);

/** Fails unless a document is well-formed: tags closed in order, no stray sign. */
export function wellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, slash, name, rest] of svg.matchAll(/<(\/?)([a-z]+)((?:"[^"]*"|[^>"])*)>/gi)) {
    if (slash) assert.equal(open.pop(), name);
    else if (!rest.endsWith('/')) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(svg.replace(/<[^>]*>/g, ''), /[<>]|&(?!(amp|lt|gt|quot|#\d+);)/);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
}
