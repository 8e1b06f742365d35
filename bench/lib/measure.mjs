/** Measures one definition of a benchmark: ours and the peer's in turn. */
import { summary } from './statistics.mjs';

const runs = 5;
const perMillisecond = { s: 1e-3, ms: 1, us: 1e3, ns: 1e6 };

async function timeOurs(definition, unitsPerMs) {
  const { repeat = 1 } = definition;
  let output;
  const begin = performance.now();
  for (let i = 0; i < repeat; i++) {
    output = definition.run();
    if (output instanceof Promise) output = await output;
  }
  const elapsed = (performance.now() - begin) / repeat;
  return { output, figure: definition.value ? definition.value(output) : elapsed * unitsPerMs };
}

async function timePeer(definition, peer, unitsPerMs) {
  const { seconds, value } = await peer.run(definition.peer.case, definition.peer.repeat ?? 1);
  return value ?? seconds * 1e3 * unitsPerMs;
}

/**
 * The measured figures of a definition. `peer` is a running Peer, or undefined when the definition names none or it can't be had.
 * Returns the fields of the report and, apart from them, `ours` and `peer` as summaries, and `skipped` and `wrong` as reasons.
 */
export async function measure(definition, peer) {
  const { unit, goal } = definition;
  const unitsPerMs = perMillisecond[unit];
  if (unitsPerMs === undefined && !definition.value)
    throw new Error(`unit ${unit} is no time: the definition needs value()`);
  const result = {
    name: definition.name,
    title: definition.title,
    unit,
    goal,
    peerName: definition.peer?.name ?? null,
  };

  if (peer) await peer.prepare(definition.peer.case, definition.peer.data ?? {});
  else if (definition.peer)
    result.skipped = `needs the peer environment ${definition.peer.environment}: npm run bench:peers`;

  // The warm-up is also where the outputs are compared.
  const { output } = await timeOurs(definition, unitsPerMs);
  if (peer) {
    await timePeer(definition, peer, unitsPerMs);
    if (definition.compare) result.wrong = await definition.compare(output, await peer.output(definition.peer.case));
  } else if (definition.verify) {
    result.wrong = await definition.verify(output);
  }

  const ours = [];
  const theirs = [];
  for (let i = 0; i < runs; i++) {
    ours.push((await timeOurs(definition, unitsPerMs)).figure);
    if (peer) theirs.push(await timePeer(definition, peer, unitsPerMs));
  }
  result.ours = summary(ours);
  result.peer = peer ? summary(theirs) : null;
  result.limit = definition.limit ? await definition.limit() : null;
  result.limitName = definition.limitName;
  const reference = goal.atMost ?? result.peer?.median;
  result.ratio = result.wrong || reference === undefined ? null : reference / result.ours.median;
  result.met = result.ratio !== null && !result.skipped && result.ratio >= (goal.atMost === undefined ? goal.ratio : 1);
  return result;
}
