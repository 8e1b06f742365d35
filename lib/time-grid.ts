/** The one place of the facade where times become steps and steps become times; the twin of `rockpool/time_grid.h`. */

/** Tolerance in bins: clamp(8 · 2⁻⁵² · max(|t|, |t0|) / dt, 1e-6, 1e-3). */
export function toleranceBins(t: number, t0: number, dt: number): number {
  const rounding = (8 * Number.EPSILON * Math.max(Math.abs(t), Math.abs(t0))) / dt;
  return Math.min(Math.max(rounding, 1e-6), 1e-3);
}

function snap(t: number, t0: number, dt: number, otherwise: (x: number) => number): number {
  const x = (t - t0) / dt;
  const r = Math.round(x);
  return (Math.abs(x - r) <= toleranceBins(t, t0, dt) ? r : otherwise(x)) + 0;
}

/** The step whose bin [t0 + k·dt, t0 + (k + 1)·dt) holds `t`. */
export function stepFloor(t: number, t0: number, dt: number): number {
  return snap(t, t0, dt, Math.floor);
}

/** The first step at or after `t`. */
export function stepCeil(t: number, t0: number, dt: number): number {
  return snap(t, t0, dt, Math.ceil);
}

/** The time of step `k`; never by repeated addition. */
export function timeOf(k: number, t0: number, dt: number): number {
  return k * dt + t0;
}

/**
 * Whole steps in a duration: floor(duration / dt + slack). The slack is min(`seconds` / dt, 1e-3) steps, or what rounding of the
 * two times (`from`, `to`) that the duration is the difference of can amount to, where that is more.
 */
export function stepsOf(duration: number, dt: number, from = 0, to = duration, seconds = 1e-9): number {
  const rounding = Math.min((8 * Number.EPSILON * Math.max(Math.abs(from), Math.abs(to))) / dt, 1e-3);
  return Math.floor(duration / dt + Math.max(Math.min(seconds / dt, 1e-3), rounding));
}
