/** The neurons of `RecFSSpikeEulerBT` in plain loops: as the original computes them, and as the reference demands. */

/** What of a layer of ours matters here. */
export interface FastSlowNeurons {
  dt: number;
  size: number;
  weightsFast: { data: ArrayLike<number> };
  weightsSlow: { data: ArrayLike<number> };
  bias: ArrayLike<number>;
  tauMem: ArrayLike<number>;
  tauSynRFast: ArrayLike<number>;
  tauSynRSlow: ArrayLike<number>;
  vThresh: ArrayLike<number>;
  vReset: ArrayLike<number>;
  vRest: ArrayLike<number>;
  refractory: number;
}

export interface Potentials {
  v: number[];
  f: number[];
  s: number[];
}

/** Columns of a record: the times of the rows, and the states then. */
export interface Rows {
  times: number[];
  states: Potentials[];
}

export interface FastSlowRun {
  /** Times and neurons; -1 for none, in the original's list. */
  spikes: [number, number][];
  end: Potentials;
  rows: Rows;
}

const copy = ({ v, f, s }: Potentials): Potentials => ({ v: [...v], f: [...f], s: [...s] });
const names = ['v', 'f', 's'] as const;

export function atRest(p: FastSlowNeurons): Potentials {
  const zeros = (): number[] => new Array<number>(p.size).fill(0);
  return { v: Array.from(p.vRest), f: zeros(), s: zeros() };
}

/** On the line from `before` to `now`, whose ends are one step apart, `share` of it from the former. */
function between(before: Potentials, now: Potentials, share: number): Potentials {
  const part = copy(before);
  for (const name of names) part[name] = before[name].map((x, i) => x + (now[name][i] - x) * share);
  return part;
}

/** The neuron that crosses first, and when, in steps from the time before. */
function firstCrossing(p: FastSlowNeurons, before: Potentials, now: Potentials): { at: number; unit: number } | null {
  let first: { at: number; unit: number } | null = null;
  for (let i = 0; i < p.size; i++) {
    if (!(now.v[i] > p.vThresh[i])) continue;
    const at = (p.vThresh[i] - before.v[i]) / (now.v[i] - before.v[i]);
    if (!first || at < first.at) first = { at, unit: i };
  }
  return first;
}

const clip = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);

/** One Euler step of all neurons; `kick` is the neuron that spiked, -1 for none. */
function step(p: FastSlowNeurons, state: Potentials, kick: number, input: ArrayLike<number>, row: number) {
  const n = p.size;
  const of = (weights: { data: ArrayLike<number> }, i: number): number => (kick < 0 ? 0 : weights.data[i * n + kick]);
  const before = copy(state);
  const next = copy(state);
  for (let i = 0; i < n; i++) {
    const [kf, ks] = [of(p.weightsFast, i), of(p.weightsSlow, i)];
    before.f[i] += kf;
    before.s[i] += ks;
    next.f[i] += (-state.f[i] * p.dt) / p.tauSynRFast[i] + kf;
    next.s[i] += (-state.s[i] * p.dt) / p.tauSynRSlow[i] + ks;
    const drive = p.vRest[i] - state.v[i] + next.s[i] + next.f[i] + input[row * n + i] + p.bias[i];
    next.v[i] += (p.dt * drive) / p.tauMem[i];
  }
  return { before, next };
}

/** x // y as Python has it, for y > 0. */
function floorDivide(x: number, y: number): number {
  const rest = x % y < 0 ? (x % y) + y : x % y;
  const quotient = (x - rest) / y;
  return quotient - Math.floor(quotient) > 0.5 ? Math.floor(quotient) + 1 : Math.floor(quotient);
}

/** With the original's defects: times added up, time before the first one 0, wrong share at the end, records one step late. */
export function simulateOriginal(
  p: FastSlowNeurons,
  start: Potentials,
  input: ArrayLike<number>,
  { first, steps, minDelta }: { first: number; steps: number; minDelta: number },
): FastSlowRun {
  const { dt } = p;
  const tStart = first * dt;
  const final = (first + steps) * dt;
  let [t, tLast] = [tStart, 0];
  let now = copy(start);
  let before = copy(start);
  let held = new Array<number>(p.size).fill(0);
  const run: FastSlowRun = { spikes: [], end: now, rows: { times: [], states: [] } };
  while (t < final) {
    now.v = now.v.map((v, i) => (held[i] > 0 ? p.vReset[i] : v));
    const crossing = firstCrossing(p, before, now);
    if (crossing) {
      const time = clip(tLast + crossing.at * dt, tLast + minDelta, t);
      const taken = time - tLast;
      t = time;
      held = held.map((h) => h + dt - taken);
      now = between(before, now, taken / dt);
      now.v[crossing.unit] = p.vReset[crossing.unit];
      held[crossing.unit] = p.refractory;
    }
    const unit = crossing?.unit ?? -1;
    const row = floorDivide(t - tStart, dt); // below 0 it counts from the end, as Python has it
    const done = step(p, now, unit, input, row < 0 ? row + steps : row);
    before = done.before;
    now = done.next;
    run.spikes.push([t, unit]);
    run.rows.times.push(t);
    run.rows.states.push(copy(now));
    tLast = t;
    t += dt;
    held = held.map((h) => h - dt);
  }
  run.end = between(before, now, (t - final) / dt);
  run.rows.times[run.rows.times.length - 1] = final;
  run.rows.states[run.rows.states.length - 1] = run.end;
  return run;
}

/** What goes on from one evolution to the next: times count in steps from that of the first. */
export interface Continuation {
  last: number;
  before: Potentials;
  now: Potentials;
  held: number[];
}

/**
 * As the reference demands it (6.1, **T**): spikes of a run are those before its end, also in the step that leads beyond it; the next run goes on from
 * where the solver is (`from`, or the steps that neurons are still held, for a run from `start`).
 */
export function simulateTarget(
  p: FastSlowNeurons,
  start: Potentials,
  from: Continuation | readonly number[] | null,
  input: ArrayLike<number>,
  { first, steps, minDelta }: { first: number; steps: number; minDelta: number },
): FastSlowRun & { continuation: Continuation | null } {
  const { dt } = p;
  const end = first + steps;
  const goesOn = from !== null && 'last' in from;
  let { last, before, now, held } = goesOn
    ? from
    : { last: first, before: copy(start), now: copy(start), held: [...(from ?? new Array<number>(p.size).fill(0))] };
  let t = goesOn ? last + 1 : first;
  const run: FastSlowRun = { spikes: [], end: copy(start), rows: { times: [], states: [] } };
  const record = (time: number, state: Potentials): void => {
    run.rows.times.push(time * dt);
    run.rows.states.push(copy(state));
  };
  if (steps === 0) return { ...run, continuation: goesOn ? from : null };
  if (t > first) record(first, start);
  for (;;) {
    const clamped = { ...now, v: now.v.map((v, i) => (held[i] > 1e-6 ? p.vReset[i] : v)) };
    const crossing = firstCrossing(p, before, clamped);
    const time = crossing ? clip(last + crossing.at, last + minDelta / dt, t) : Infinity;
    if (time >= end && t >= end) break;
    now = clamped;
    if (crossing) {
      held = held.map((h) => h + t - time);
      now = between(before, now, time - last);
      now.v[crossing.unit] = p.vReset[crossing.unit];
      held[crossing.unit] = p.refractory / dt;
      run.spikes.push([time * dt, crossing.unit]);
      t = time;
    }
    const row = Math.min(Math.floor(t - first + 1e-9), steps - 1);
    const done = step(p, now, crossing?.unit ?? -1, input, row);
    before = done.before;
    now = done.next;
    record(t, { v: before.v, f: before.f, s: before.s });
    last = t;
    t += 1;
    held = held.map((h) => h - 1);
  }
  run.end = between(before, now, end - last);
  record(end, run.end);
  return { ...run, continuation: { last, before, now, held } };
}
