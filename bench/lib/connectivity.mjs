/** Random connections as sparse rows: row i holds the targets of neuron i, in order. */

/** Every pair, a neuron with itself included, is connected with the same probability. */
export function pairwise(random, sources, targets, probability) {
  const indptr = new Float64Array(sources + 1);
  const indices = [];
  const scale = 1 / Math.log1p(-probability);
  // The gaps between connected pairs are geometric: one random number for each connection, not for each pair.
  let pair = Math.floor(Math.log1p(-random()) * scale);
  for (let i = 0; i < sources; i++) {
    for (; pair < (i + 1) * targets; pair += 1 + Math.floor(Math.log1p(-random()) * scale))
      indices.push(pair % targets);
    indptr[i + 1] = indices.length;
  }
  return { indptr, indices: Int32Array.from(indices) };
}

/** Every target has a fixed number of distinct sources from the range [from, to). */
export function fixedInDegree(random, targets, parts) {
  const sources = Math.max(...parts.map(({ to }) => to));
  const perTarget = parts.reduce((sum, { degree }) => sum + degree, 0);
  const chosen = new Int32Array(targets * perTarget);
  const taken = new Int32Array(sources).fill(-1); // the last target that took this source
  const indptr = new Float64Array(sources + 1);
  let count = 0;
  for (let target = 0; target < targets; target++) {
    for (const { from, to, degree } of parts) {
      for (let left = degree; left > 0;) {
        const source = from + Math.floor(random() * (to - from));
        if (taken[source] === target) continue;
        taken[source] = target;
        chosen[count++] = source;
        indptr[source + 1]++;
        left--;
      }
    }
  }
  for (let i = 0; i < sources; i++) indptr[i + 1] += indptr[i];
  const indices = new Int32Array(count);
  const next = indptr.slice();
  for (let k = 0; k < count; k++) indices[next[chosen[k]]++] = Math.floor(k / perTarget);
  return { indptr, indices };
}
