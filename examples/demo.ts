/**
 * The demonstration: a reservoir learns to tell, moment by moment, which word is being spoken.
 *
 *     npm run demo -- [--wav DIR] [--out DIR] [--quick] [--plot DIR] [--resume DIR]
 *
 * Recordings become series of band energies, go through input weights into a reservoir of rate neurons, and a readout trained by ridge
 * regression names the words. It is tested with versions of the recordings that training never saw, and with recordings that were
 * left out of training altogether.
 */
import { runDemonstration } from './demo/main';
import { buildModel, rateKind } from './demo/network';
import { fullSizes, quickSizes } from './demo/settings';

runDemonstration({ script: 'demo', out: 'demo-output', kind: rateKind, fullSizes, quickSizes, build: buildModel });
