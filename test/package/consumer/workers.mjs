// Four threads load the library at once and compute the same network.
import { Worker, isMainThread, parentPort } from 'node:worker_threads';

if (isMainThread) {
  const answers = Array.from(
    { length: 4 },
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker(new URL(import.meta.url));
        worker.once('message', resolve).once('error', reject);
      }),
  );
  const [first, ...rest] = await Promise.all(answers);
  if (first.length === 0 || rest.some((r) => r !== first)) throw new Error('the results differ');
  console.log(`${rest.length + 1} equal`);
} else {
  const { TSContinuous } = await import('rockpool-node');
  const { RecRateEuler } = await import('rockpool-node/layers');
  const { unitLambdaNet } = await import('rockpool-node/weights');
  const layer = new RecRateEuler(unitLambdaNet(50, { seed: 1 }), { tau: 20, dt: 1 });
  const channels = Array.from({ length: 50 }, (_, i) => Math.sin(i));
  const ramp = new TSContinuous([0, 50, 100], [channels, channels.map((c) => -c), channels]);
  const result = await layer.evolveAsync(ramp, { duration: 100 });
  parentPort.postMessage(JSON.stringify(Array.from(result.samples.data ?? result.samples)));
}
