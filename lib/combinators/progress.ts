/** Progress of several modules that run one after the other. */
import type { Progress } from '../task.js';

type OnProgress = ((progress: Progress) => void) | undefined;

/** Reports the progress of member `index` of `count` as that of all. */
export function memberProgress(onProgress: OnProgress, index: number, count: number): OnProgress {
  if (!onProgress) return undefined;
  return ({ done, total, etaSeconds }) =>
    onProgress({
      done: index * total + done,
      total: count * total,
      etaSeconds: total > done ? (etaSeconds * (count * total - index * total - done)) / (total - done) : etaSeconds,
    });
}
