/** Deliberate deviations of the filter banks as modules. */
import type { Deviation, Expectation, StepContext } from './expectation.js';
import { PyArray, PyTuple } from './values.js';

interface Bank {
  readonly meanSubtraction: boolean;
  readonly normalize: boolean;
  resetState(): void;
}

const classes = ['ButterFilter', 'ButterMelFilter'];
const bankOf = (c: StepContext): Bank => c.target as unknown as Bank;

/** What the original returned: [time, filter]. */
function outputOf(expected: Expectation): PyArray | null {
  const [output] = expected.value instanceof PyTuple ? expected.value.items : [];
  return output instanceof PyArray && output.shape.length === 2 ? output : null;
}

function withOutput(expected: Expectation, output: PyArray): Partial<Expectation> {
  const [, ...rest] = (expected.value as PyTuple).items;
  return { value: new PyTuple([output, ...rest]) };
}

const meanOfEachChannel: Deviation = {
  row: 'layers.md 2.4, 11 (24: global mean)',
  reason: 'the mean of each channel is subtracted from it, as documented, where the original subtracts one mean of all',
  classes,
  members: ['__call__'],
  apply(c, expected) {
    const output = outputOf(expected);
    if (!output || !bankOf(c).meanSubtraction) return null;
    const data = output.data as number[];
    const [rows, columns] = output.shape;
    const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    // The record must have no mean, or the rule explains nothing.
    if (!(Math.abs(data.reduce((sum, x) => sum + x, 0) / data.length) <= 1e-9 * largest)) return null;
    const means = Array.from({ length: columns }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < rows; k++) sum += data[k * columns + j];
      return sum / rows;
    });
    return withOutput(expected, output.with(data.map((x, i) => x - means[i % columns])));
  },
};

const silence: Deviation = {
  row: 'layers.md 2.4 (normalise)',
  reason: 'silence stays silence when it is normalised, where the original divides 0 by 0',
  classes,
  members: ['__call__'],
  apply(c, expected) {
    const output = outputOf(expected);
    if (!output || !bankOf(c).normalize || output.data.length === 0 || !output.data.every(Number.isNaN)) return null;
    return withOutput(expected, output.with(output.data.map(() => 0)));
  },
};

const keptStates: Deviation = {
  row: 'modules.md 0 (shapes), 4.9; layers.md 2.4, 11 (24: states)',
  reason:
    'the output is [batch, time, filter], and the filters have a state, which the original forgets: it is set to 0 after the call',
  classes,
  members: ['__call__'],
  apply(c, expected) {
    const output = outputOf(expected);
    if (!output) return null;
    return {
      ...withOutput(expected, output.with(output.data, [1, ...output.shape])),
      ignoredKeys: /^filter_state$/,
      finish: () => bankOf(c).resetState(),
    };
  },
};

const keptWidth: Deviation = {
  row: 'layers.md 2.4 (filter_width)',
  reason: 'the width of the filters is a parameter; the original forgets it. The others must be its',
  classes: ['ButterMelFilter'],
  members: ['simulation_parameters'],
  apply: () => ({ ignoredKeys: /^filter_width$/ }),
};

export const filterModuleDeviations: readonly Deviation[] = [meanOfEachChannel, silence, keptStates, keptWidth];
