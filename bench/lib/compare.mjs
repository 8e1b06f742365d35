/** Comparison of outputs: a text that says what differs, or undefined when they agree. */

export function equalArrays(ours, theirs) {
  return closeArrays(ours, theirs, { absolute: 0, relative: 0 });
}

/** Element by element: |a - b| <= absolute + relative * |b|; NaN equals NaN. */
export function closeArrays(ours, theirs, { absolute = 1e-12, relative = 1e-9 } = {}) {
  if (ours.length !== theirs.length) return `${ours.length} elements, the peer has ${theirs.length}`;
  for (let i = 0; i < ours.length; i++) {
    const a = ours[i];
    const b = theirs[i];
    if (Number.isNaN(a) && Number.isNaN(b)) continue;
    if (!(Math.abs(a - b) <= absolute + relative * Math.abs(b))) return `element ${i} is ${a}, the peer's is ${b}`;
  }
  return undefined;
}
