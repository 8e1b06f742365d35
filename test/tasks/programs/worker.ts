// A worker that evolves for a long time, or a little if told so.
import { parentPort, workerData } from 'node:worker_threads';
import { LONG, reservoir } from '../reservoir.js';

const { steps, wait } = workerData as { steps?: number; wait?: boolean };
const layer = reservoir(100);
const running = layer.evolveAsync(null, { numTimesteps: steps ?? LONG, onProgress: () => {} });
parentPort?.postMessage('started');
if (wait) void running.then((out) => parentPort?.postMessage(out.samples.data.at(-1)));
else void running.catch(() => {});
