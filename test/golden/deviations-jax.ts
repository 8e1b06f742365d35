/** Deliberate deviations of the layers with Jax in their names. */
import { compareNumbers } from './compare.js';
import type { Deviation } from './expectation.js';

const timeStep: Deviation = {
  row: 'layers.md 11, row 26 (dt setters)',
  reason:
    'a time step can be set when it is at most a tenth of the smallest time constant. The original accepts exactly the others, or none',
  classes: ['RecRateEulerJax', 'RecRateEulerJax_IO', 'FFRateEulerJax', 'ForceRateEulerJax_IO'],
  members: ['set dt'],
  apply(c, expected) {
    const value = c.args.get('value') as number;
    const layer = c.target as unknown as { dt: number; tau: Float64Array };
    const largest = Math.min(...layer.tau) / 10;
    const before = layer.dt;
    const fine = value <= largest;
    if (fine !== expected.raises) return null;
    const key = `${c.targetName}.dt`;
    const check = (): void => compareNumbers([fine ? value : before], [layer.dt], {}, key, []);
    return { raises: !fine, after: new Map([...expected.after].filter(([name]) => name !== key)), checks: [check] };
  },
};

export const jaxDeviations: readonly Deviation[] = [timeStep];
