/** Deliberate deviations of training by regression. */
import { compareNumbers, Mismatch, toFlat } from './compare.js';
import type { Deviation } from './expectation.js';
import { PyDict } from './values.js';

const errorOfFit: Deviation = {
  row: 'training.md 1.2, 1.4',
  reason:
    'the result of training also has the mean squared error, an estimate of the condition and the compensation terms, which the record leaves out. All else must be as recorded',
  classes: ['FFRateEuler', 'PassThrough'],
  members: ['train', 'train_rr'],
  apply(_c, expected) {
    return expected.value instanceof PyDict ? { ignoredKeys: /^(mse|condition_estimate|kahan_comp_xt[xy])$/ } : null;
  },
};

const singularSolved: Deviation = {
  row: 'training.md 1.2',
  reason:
    'a singular system is solved by an orthogonal decomposition, with a warning. The reported solution must solve the reported equations',
  classes: ['FFRateEuler', 'PassThrough'],
  members: ['train_rr', 'train'],
  apply(c, expected) {
    if (!expected.raises || c.step.raises?.type !== 'LinAlgError') return null;
    const lambda = (c.args.get('regularize') as number | undefined) ?? 0;
    const check = (actual: unknown): void => {
      const progress = (actual as { training_progress: Record<string, unknown> }).training_progress;
      const [xtx, xty] = [toFlat(progress['xtx']), toFlat(progress['xty'])];
      const solution = [
        ...Array.from(toFlat(progress['weights'])?.data ?? []),
        ...Array.from(toFlat(progress['biases'])?.data ?? []),
      ];
      if (xtx === null || xty === null) throw new Mismatch('result: expected the sums xtx and xty');
      const [rows, columns] = xty.shape;
      const product = Array.from(xty.data, (_, at) => {
        const [i, o] = [Math.floor(at / columns), at % columns];
        let sum = lambda * solution[i * columns + o];
        for (let k = 0; k < rows; k++) sum += xtx.data[i * rows + k] * solution[k * columns + o];
        return sum;
      });
      compareNumbers(Array.from(xty.data), product, { rel: 1e-7 }, 'xtx times the solution', xty.shape);
    };
    return { raises: false, value: undefined, checks: [check] };
  },
};

export const trainingDeviations: readonly Deviation[] = [errorOfFit, singularSolved];
