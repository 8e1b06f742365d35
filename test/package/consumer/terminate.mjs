// Ends worker threads while their networks run, again and again: the process must outlive them.
import { Worker, isMainThread, parentPort } from 'node:worker_threads';

if (isMainThread) {
  for (let i = 0; i < 6; i++) {
    const worker = new Worker(new URL(import.meta.url));
    const failed = new Promise((_, reject) => worker.once('error', reject));
    const message = await Promise.race([new Promise((resolve) => worker.once('message', resolve)), failed]);
    if (message !== 'started') throw new Error(message);
    await Promise.race([new Promise((resolve) => setTimeout(resolve, 10 * i)), failed]);
    await worker.terminate();
  }
  console.log('terminated');
} else {
  const { RecRateEuler } = await import('rockpool-node/layers');
  const { unitLambdaNet } = await import('rockpool-node/weights');
  const layer = new RecRateEuler(unitLambdaNet(400, { seed: 1 }), { tau: 20, dt: 1 });
  const run = layer.evolveAsync(null, { duration: 1e6 });
  parentPort.postMessage('started');
  await run;
  parentPort.postMessage('ended');
}
