/**
 * The tutorial of RecDynapSE: neurons of a DynapSE board that listen to each other.
 *
 *     node dist-test/examples/dynapse.js [--board]
 *
 * Without `--board` the board model answers: its spikes are simulated.
 */
import { TSEvent } from 'rockpool-node';
import { type CoreBias, DynapseControl } from 'rockpool-node/devices/dynapse';
import { RecDynapSE, RecDynapSEDemo } from 'rockpool-node/layers';

const controller = process.argv.includes('--board') ? 'board' : 'model';

/** Strengths and time constants of synapses belong to cores. The low-power biases have no synaptic weights. */
const biases: CoreBias[] = [...Array(16).keys()].flatMap((core) => [
  { core, name: 'PS_WEIGHT_EXC_F_N', coarse: 1, fine: 160 },
  { core, name: 'PS_WEIGHT_EXC_S_N', coarse: 1, fine: 160 },
  { core, name: 'PS_WEIGHT_INH_F_N', coarse: 1, fine: 160 },
  { core, name: 'NPDPIE_TAU_F_P', coarse: 6, fine: 40 },
]);

// Three neurons receive two input channels, and excite six others, which are connected recurrently. Weights are numbers of synapses.
const weightsIn = [
  [24, 0, 16, 0, 0, 0, 0, 0, 0],
  [0, 24, 16, 0, 0, 0, 0, 0, 0],
];
const weightsRec = [
  [0, 0, 0, 20, 0, 12, 0, 0, 0],
  [0, 0, 0, 0, 20, 0, 12, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 20, 12],
  [0, 0, 0, 0, 1, -2, 0, 0, 1],
  [0, 0, 0, -2, 0, 1, 1, 0, 0],
  [0, 0, 0, 1, 0, 0, -2, 1, 0],
  [0, 0, 0, 0, 1, 0, 0, -2, 1],
  [0, 0, 0, -2, 0, 1, 0, 0, 1],
  [0, 0, 0, 0, -2, 0, 1, 1, 0],
];

/** Regular events: one channel, then the other. */
function stimulus(duration: number): TSEvent {
  const times = Array.from({ length: Math.floor(duration / 0.005) }, (_, k) => 0.001 + 0.005 * k);
  const channels = times.map((t) => Math.floor(t / 0.05) % 2);
  return new TSEvent(times, channels, { tStart: 0, tStop: duration, numChannels: 2, name: 'Input' });
}

function counts(spikes: TSEvent): string {
  const list = new Array<number>(spikes.numChannels).fill(0);
  for (const channel of spikes.channels) list[channel]++;
  return list.join(' ');
}

async function main(): Promise<void> {
  // One controller for both layers; a layer without one opens its own. A model without mismatch is the same each time.
  const control = await DynapseControl.open({ controller, biases, model: { mismatch: false } });
  console.log(`${control.toString()}: spikes are ${control.simulated ? 'simulated' : "silicon's"}`);
  try {
    const layer = new RecDynapSE(weightsIn, weightsRec, {
      controller: control,
      lInputCoreIds: [0],
      name: 'example-layer',
    });
    await layer.prepare();
    console.log(String(layer));
    console.log(
      `Hardware neurons ${layer.neuronIds!.join(', ')}, virtual neurons ${layer.virtualNeuronIds!.join(', ')}`,
    );

    const spikes = await layer.evolveAsync(stimulus(0.2));
    console.log(`Spikes of each neuron: ${counts(spikes)}`);

    // The same in batches of 0.05 s; between them the neurons go on.
    layer.maxBatchDur = 0.05;
    layer.resetAll();
    const inBatches = await layer.evolveAsync(stimulus(0.2));
    console.log(`In batches of ${layer.maxNumTimesteps} time steps: ${counts(inBatches)}`);

    // Trials are not divided.
    const trials = stimulus(0.2);
    trials.trialStartTimes = [0, 0.1];
    layer.maxBatchDur = null;
    layer.maxNumTrialsBatch = 1;
    layer.resetAll();
    console.log(`Trial by trial: ${counts(await layer.evolveAsync(trials))}`);

    // More synapses than a neuron has are refused before anything is sent.
    try {
      layer.weightsIn = weightsIn.map((row) => row.map((w) => 4 * w));
    } catch (error) {
      console.log((error as Error).message);
    }

    // Input that is loaded once, and played back in parts.
    const demo = new RecDynapSEDemo(weightsIn, weightsRec, { controller: control, name: 'demo' });
    await demo.loadEvents(stimulus(0.2), [0, 0.05, 0.1, 0.15], 0.2);
    for (const part of demo.rhythmDurations.keys())
      console.log(`Part ${part}: ${counts(await demo.evolveAsync(part))}`);
  } finally {
    await control.close();
  }
}

main().catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
