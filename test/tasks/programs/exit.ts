// Leaves while a run is under way, in the way that the argument names.
import { LONG, reservoir } from '../reservoir.js';

const how = process.argv[2];
const runs = [reservoir(), reservoir(), reservoir()].map((layer) =>
  layer.evolveAsync(null, { numTimesteps: how === 'natural' ? 500 : LONG, onProgress: () => {} }),
);
if (how === 'exit') setTimeout(() => process.exit(0), 50);
else if (how === 'throw')
  setTimeout(() => {
    throw new Error('uncaught');
  }, 50);
else if (how === 'signal') setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50);
else void Promise.all(runs).then((outs) => console.log(outs.map((o) => o.samples.shape[0]).join(' ')));
