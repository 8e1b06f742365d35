/** Small tasks that are learnt from any start: each from ten seeds, of weights and of data. */
import assert from 'node:assert/strict';
import { sanitized } from '../sanitized.js';
import { tasks } from './tasks/index.js';
import { runTask } from './tasks/task.js';

const seeds = Array.from({ length: sanitized ? 2 : 10 }, (_, i) => i + 1);

describe('training tasks', () => {
  for (const task of tasks)
    it(`${task.name}: a loss of ${task.reaches} in ${task.epochs} epochs`, function () {
      this.timeout(sanitized ? 600_000 : 180_000);
      for (const seed of seeds) {
        const { before, after, trivial } = runTask(task, seed);
        assert.ok(before > task.reaches, `seed ${seed}: ${before} without any training`);
        assert.ok(after <= task.reaches, `seed ${seed}: ${after}, from ${before}`);
        assert.ok(after <= task.share * trivial, `seed ${seed}: ${after}, where ${trivial} is trivial`);
      }
    });
});
