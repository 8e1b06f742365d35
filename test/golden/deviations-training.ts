/** Deliberate deviations of training by regression. */
import type { Deviation } from './expectation.js';
import { PyDict } from './values.js';

const regression = { classes: ['PassThrough', 'FFRateEuler'], members: ['train_rr', 'train'] };

const furtherResults: Deviation = {
  ...regression,
  row: 'training.md 1.4',
  reason:
    'The result also has the mean squared errors and the condition estimate; the compensation terms, which are rounding errors, are not recorded. All that is recorded must be there',
  apply(_c, expected) {
    return expected.value instanceof PyDict ? { ignoredKeys: /^(mse|condition_estimate|kahan_comp_xt[xy])$/ } : null;
  },
};

const singularSystem: Deviation = {
  ...regression,
  row: 'training.md 1.2',
  reason: 'A singular system has the solution of least norm, and a warning, where the original fails',
  apply(c, expected) {
    return expected.raises && c.step.raises?.type === 'LinAlgError' ? { raises: false } : null;
  },
};

export const trainingDeviations: readonly Deviation[] = [furtherResults, singularSystem];
