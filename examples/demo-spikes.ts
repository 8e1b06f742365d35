/**
 * The demonstration with spikes: the same words, heard by spiking neurons.
 *
 *     npm run demo:spikes -- [--wav DIR] [--out DIR] [--quick] [--plot DIR] [--resume DIR]
 *
 * Band energies drive a front end of integrate-and-fire neurons, whose spikes go to a recurrent reservoir of such neurons; exponential
 * synapses, trained by ridge regression, name the words from its spikes. It is tested as the demonstration with rate neurons is.
 */
import { runDemonstration } from './demo/main';
import { spikingFullSizes as fullSizes, spikingQuickSizes as quickSizes } from './demo/settings';
import { buildSpikingModel, spikingKind } from './demo/spiking-network';

runDemonstration({
  script: 'demo:spikes',
  out: 'demo-spikes-output',
  kind: spikingKind,
  fullSizes,
  quickSizes,
  build: buildSpikingModel,
});
