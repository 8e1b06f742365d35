/** Typed arrays put together. */
type AnyArray = Float64Array | Int32Array | Uint16Array | Uint8Array;

/** All elements of arrays of one kind; the array itself when there is just one, undefined when there is none. */
export function joinArrays<T extends AnyArray>(pieces: readonly T[]): T | undefined {
  if (pieces.length <= 1) return pieces[0];
  const Kind = pieces[0].constructor as new (length: number) => T;
  const all = new Kind(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
