/**
 * The first-generation layer classes as timed modules, constructed as the layers are; the layers themselves under the same names with `V1`
 * appended. A layer's `state` is called `layerState` here. To convert another class, add it to this table: the attributes that it
 * registers as parameters, states and simulation parameters.
 */
import * as v1 from '../../layers/index.js';
import { asTimedModule } from '../../modules/index.js';

export {
  PassThrough as PassThroughV1,
  FFRateEuler as FFRateEulerV1,
  RecRateEuler as RecRateEulerV1,
  PassThroughEvents as PassThroughEventsV1,
  FFExpSyn as FFExpSynV1,
  FFExpSynTorch as FFExpSynTorchV1,
  FFExpSynBrian as FFExpSynBrianV1,
  FFExpSynCurrentInJax as FFExpSynCurrentInJaxV1,
  FFExpSynJax as FFExpSynJaxV1,
  FFRateEulerJax as FFRateEulerJaxV1,
  RecRateEulerJax as RecRateEulerJaxV1,
  RecRateEulerJax_IO as RecRateEulerJax_IOV1,
  FFLIFCurrentInJax_SO as FFLIFCurrentInJax_SOV1,
  FFLIFJax_IO as FFLIFJax_IOV1,
  FFLIFJax_SO as FFLIFJax_SOV1,
  RecLIFJax as RecLIFJaxV1,
  RecLIFJax_IO as RecLIFJax_IOV1,
  RecLIFCurrentInJax as RecLIFCurrentInJaxV1,
  RecLIFCurrentInJax_IO as RecLIFCurrentInJax_IOV1,
  RecLIFCurrentInJax_SO as RecLIFCurrentInJax_SOV1,
  FFIAFBrian as FFIAFBrianV1,
  FFIAFSpkInBrian as FFIAFSpkInBrianV1,
  RecIAFBrian as RecIAFBrianV1,
  RecIAFSpkInBrian as RecIAFSpkInBrianV1,
  FFIAFTorch as FFIAFTorchV1,
  FFIAFRefrTorch as FFIAFRefrTorchV1,
  FFIAFSpkInTorch as FFIAFSpkInTorchV1,
  FFIAFSpkInRefrTorch as FFIAFSpkInRefrTorchV1,
  RecIAFTorch as RecIAFTorchV1,
  RecIAFRefrTorch as RecIAFRefrTorchV1,
  RecIAFSpkInTorch as RecIAFSpkInTorchV1,
  RecIAFSpkInRefrTorch as RecIAFSpkInRefrTorchV1,
  RecIAFSpkInRefrCLTorch as RecIAFSpkInRefrCLTorchV1,
  FFIAFNest as FFIAFNestV1,
  RecIAFSpkInNest as RecIAFSpkInNestV1,
  RecAEIFSpkInNest as RecAEIFSpkInNestV1,
  VirtualDynapse as VirtualDynapseV1,
  RecDynapSE as RecDynapSEV1,
  RecDynapSEDemo as RecDynapSEDemoV1,
  ForceRateEulerJax as ForceRateEulerJaxV1,
  ForceRateEulerJax_IO as ForceRateEulerJax_IOV1,
  FFCLIAF as FFCLIAFV1,
  FFCLIAFCNNTorch as FFCLIAFCNNTorchV1,
  RecCLIAF as RecCLIAFV1,
  RecDIAF as RecDIAFV1,
  SoftMaxLayer as SoftMaxLayerV1,
  RecFSSpikeEulerBT as RecFSSpikeEulerBTV1,
  RecFSSpikeADS as RecFSSpikeADSV1,
  FFUpDown as FFUpDownV1,
  ButterFilter as ButterFilterV1,
  ButterMelFilter as ButterMelFilterV1,
} from '../../layers/index.js';

// What several classes show.
const lif = {
  parameters: ['wIn', 'wRecurrent', 'wOut', 'tauMem', 'tauSyn', 'bias'],
  states: ['state'],
  simulationParameters: ['dt', 'noiseStd'],
} as const;
const expSyn = {
  parameters: ['weights', 'bias', 'tauSyn'],
  states: ['state'],
  simulationParameters: ['dt', 'noiseStd'],
} as const;
const rateJax = {
  parameters: ['wIn', 'wRecurrent', 'wOut', 'tau', 'bias'],
  states: ['state'],
  simulationParameters: ['dt', 'noiseStd'],
} as const;

export const PassThrough = asTimedModule(v1.PassThrough, {
  parameters: ['weights', 'bias'],
  states: ['buffer'],
  simulationParameters: ['dt', 'noiseStd', 'delay'],
});
export type PassThrough = InstanceType<typeof PassThrough>;

export const FFRateEuler = asTimedModule(v1.FFRateEuler, {
  parameters: ['weights', 'bias', 'gain', 'tau'],
  states: ['state'],
  simulationParameters: ['dt', 'noiseStd'],
});
export type FFRateEuler = InstanceType<typeof FFRateEuler>;

export const RecRateEuler = asTimedModule(v1.RecRateEuler, {
  parameters: ['weights', 'bias', 'tau'],
  states: ['state'],
  simulationParameters: ['dt', 'noiseStd'],
});
export type RecRateEuler = InstanceType<typeof RecRateEuler>;

export const PassThroughEvents = asTimedModule(v1.PassThroughEvents, {
  parameters: ['weights'],
  states: [],
  simulationParameters: ['dt', 'noiseStd'],
});
export type PassThroughEvents = InstanceType<typeof PassThroughEvents>;

export const FFExpSyn = asTimedModule(v1.FFExpSyn, expSyn);
export type FFExpSyn = InstanceType<typeof FFExpSyn>;

export const FFExpSynTorch = asTimedModule(v1.FFExpSynTorch, expSyn);
export type FFExpSynTorch = InstanceType<typeof FFExpSynTorch>;

export const FFExpSynBrian = asTimedModule(v1.FFExpSynBrian, expSyn);
export type FFExpSynBrian = InstanceType<typeof FFExpSynBrian>;

export const FFExpSynCurrentInJax = asTimedModule(v1.FFExpSynCurrentInJax, {
  parameters: ['wOut', 'tau'],
  states: ['state'],
  simulationParameters: ['dt', 'noiseStd'],
});
export type FFExpSynCurrentInJax = InstanceType<typeof FFExpSynCurrentInJax>;

export const FFExpSynJax = asTimedModule(v1.FFExpSynJax, {
  parameters: ['wOut', 'tau'],
  states: ['state'],
  simulationParameters: ['dt', 'noiseStd'],
});
export type FFExpSynJax = InstanceType<typeof FFExpSynJax>;

export const FFRateEulerJax = asTimedModule(v1.FFRateEulerJax, rateJax);
export type FFRateEulerJax = InstanceType<typeof FFRateEulerJax>;

export const ForceRateEulerJax = asTimedModule(v1.ForceRateEulerJax, {
  parameters: ['wIn', 'wOut', 'tau', 'bias'],
  states: ['state'],
  simulationParameters: ['dt', 'noiseStd'],
});
export type ForceRateEulerJax = InstanceType<typeof ForceRateEulerJax>;

export const ForceRateEulerJax_IO = asTimedModule(v1.ForceRateEulerJax_IO, {
  parameters: ['wIn', 'wOut', 'tau', 'bias'],
  states: ['state'],
  simulationParameters: ['dt', 'noiseStd'],
});
export type ForceRateEulerJax_IO = InstanceType<typeof ForceRateEulerJax_IO>;

export const RecRateEulerJax = asTimedModule(v1.RecRateEulerJax, rateJax);
export type RecRateEulerJax = InstanceType<typeof RecRateEulerJax>;

export const RecRateEulerJax_IO = asTimedModule(v1.RecRateEulerJax_IO, rateJax);
export type RecRateEulerJax_IO = InstanceType<typeof RecRateEulerJax_IO>;

export const FFLIFCurrentInJax_SO = asTimedModule(v1.FFLIFCurrentInJax_SO, lif);
export type FFLIFCurrentInJax_SO = InstanceType<typeof FFLIFCurrentInJax_SO>;

export const FFLIFJax_IO = asTimedModule(v1.FFLIFJax_IO, lif);
export type FFLIFJax_IO = InstanceType<typeof FFLIFJax_IO>;

export const FFLIFJax_SO = asTimedModule(v1.FFLIFJax_SO, lif);
export type FFLIFJax_SO = InstanceType<typeof FFLIFJax_SO>;

export const RecLIFJax = asTimedModule(v1.RecLIFJax, lif);
export type RecLIFJax = InstanceType<typeof RecLIFJax>;

export const RecLIFJax_IO = asTimedModule(v1.RecLIFJax_IO, lif);
export type RecLIFJax_IO = InstanceType<typeof RecLIFJax_IO>;

export const RecLIFCurrentInJax = asTimedModule(v1.RecLIFCurrentInJax, lif);
export type RecLIFCurrentInJax = InstanceType<typeof RecLIFCurrentInJax>;

export const RecLIFCurrentInJax_IO = asTimedModule(v1.RecLIFCurrentInJax_IO, lif);
export type RecLIFCurrentInJax_IO = InstanceType<typeof RecLIFCurrentInJax_IO>;

export const RecLIFCurrentInJax_SO = asTimedModule(v1.RecLIFCurrentInJax_SO, lif);
export type RecLIFCurrentInJax_SO = InstanceType<typeof RecLIFCurrentInJax_SO>;

export const FFIAFBrian = asTimedModule(v1.FFIAFBrian, {
  parameters: ['weights', 'bias', 'tauMem', 'vThresh', 'vReset', 'vRest'],
  states: [],
  simulationParameters: ['dt', 'noiseStd', 'refractory'],
});
export type FFIAFBrian = InstanceType<typeof FFIAFBrian>;

export const FFIAFSpkInBrian = asTimedModule(v1.FFIAFSpkInBrian, {
  parameters: ['weights', 'bias', 'tauMem', 'tauSyn', 'vThresh', 'vReset', 'vRest'],
  states: [],
  simulationParameters: ['dt', 'noiseStd', 'refractory'],
});
export type FFIAFSpkInBrian = InstanceType<typeof FFIAFSpkInBrian>;

export const RecIAFBrian = asTimedModule(v1.RecIAFBrian, {
  parameters: ['weights', 'bias', 'tauMem', 'tauSynR', 'vThresh', 'vReset', 'vRest'],
  states: [],
  simulationParameters: ['dt', 'noiseStd', 'refractory'],
});
export type RecIAFBrian = InstanceType<typeof RecIAFBrian>;

export const RecIAFSpkInBrian = asTimedModule(v1.RecIAFSpkInBrian, {
  parameters: ['weightsIn', 'weightsRec', 'bias', 'tauMem', 'tauSynInp', 'tauSynRec', 'vThresh', 'vReset', 'vRest'],
  states: [],
  simulationParameters: ['dt', 'noiseStd', 'refractory'],
});
export type RecIAFSpkInBrian = InstanceType<typeof RecIAFSpkInBrian>;

export const FFIAFTorch = asTimedModule(v1.FFIAFTorch, {
  parameters: ['weights', 'bias', 'tauMem', 'vThresh', 'vReset', 'vRest'],
  states: ['state'],
  simulationParameters: ['dt', 'noiseStd'],
});
export type FFIAFTorch = InstanceType<typeof FFIAFTorch>;

export const FFIAFRefrTorch = asTimedModule(v1.FFIAFRefrTorch, {
  parameters: ['weights', 'bias', 'tauMem', 'vThresh', 'vReset', 'vRest'],
  states: ['state'],
  simulationParameters: ['dt', 'noiseStd', 'refractory'],
});
export type FFIAFRefrTorch = InstanceType<typeof FFIAFRefrTorch>;

export const FFIAFSpkInTorch = asTimedModule(v1.FFIAFSpkInTorch, {
  parameters: ['weights', 'bias', 'tauMem', 'tauSyn', 'vThresh', 'vReset', 'vRest'],
  states: ['state', 'synapseState'],
  simulationParameters: ['dt', 'noiseStd'],
});
export type FFIAFSpkInTorch = InstanceType<typeof FFIAFSpkInTorch>;

export const FFIAFSpkInRefrTorch = asTimedModule(v1.FFIAFSpkInRefrTorch, {
  parameters: ['weights', 'bias', 'tauMem', 'tauSyn', 'vThresh', 'vReset', 'vRest'],
  states: ['state', 'synapseState'],
  simulationParameters: ['dt', 'noiseStd', 'refractory'],
});
export type FFIAFSpkInRefrTorch = InstanceType<typeof FFIAFSpkInRefrTorch>;

export const RecIAFTorch = asTimedModule(v1.RecIAFTorch, {
  parameters: ['weights', 'bias', 'tauMem', 'tauSynR', 'vThresh', 'vReset', 'vRest'],
  states: ['state', 'synapseState'],
  simulationParameters: ['dt', 'noiseStd'],
});
export type RecIAFTorch = InstanceType<typeof RecIAFTorch>;

export const RecIAFRefrTorch = asTimedModule(v1.RecIAFRefrTorch, {
  parameters: ['weights', 'bias', 'tauMem', 'tauSynR', 'vThresh', 'vReset', 'vRest'],
  states: ['state', 'synapseState'],
  simulationParameters: ['dt', 'noiseStd', 'refractory'],
});
export type RecIAFRefrTorch = InstanceType<typeof RecIAFRefrTorch>;

export const RecIAFSpkInTorch = asTimedModule(v1.RecIAFSpkInTorch, {
  parameters: ['weightsIn', 'weightsRec', 'bias', 'tauMem', 'tauSynInp', 'tauSynRec', 'vThresh', 'vReset', 'vRest'],
  states: ['state', 'synapseStateInp', 'synapseState'],
  simulationParameters: ['dt', 'noiseStd'],
});
export type RecIAFSpkInTorch = InstanceType<typeof RecIAFSpkInTorch>;

export const RecIAFSpkInRefrTorch = asTimedModule(v1.RecIAFSpkInRefrTorch, {
  parameters: ['weightsIn', 'weightsRec', 'bias', 'tauMem', 'tauSynInp', 'tauSynRec', 'vThresh', 'vReset', 'vRest'],
  states: ['state', 'synapseStateInp', 'synapseState'],
  simulationParameters: ['dt', 'noiseStd', 'refractory'],
});
export type RecIAFSpkInRefrTorch = InstanceType<typeof RecIAFSpkInRefrTorch>;

export const RecIAFSpkInRefrCLTorch = asTimedModule(v1.RecIAFSpkInRefrCLTorch, {
  parameters: ['weightsIn', 'weightsRec', 'bias', 'tauSynInp', 'tauSynRec', 'vThresh', 'vReset', 'leakRate'],
  states: ['state', 'synapseStateInp', 'synapseState'],
  simulationParameters: ['dt', 'noiseStd', 'refractory'],
});
export type RecIAFSpkInRefrCLTorch = InstanceType<typeof RecIAFSpkInRefrCLTorch>;

export const FFIAFNest = asTimedModule(v1.FFIAFNest, {
  parameters: ['weights', 'bias', 'tauMem', 'capacity', 'vThresh', 'vRest', 'refractory'],
  states: ['state'],
  simulationParameters: ['dt', 'numCores', 'record'],
});
export type FFIAFNest = InstanceType<typeof FFIAFNest>;

export const RecIAFSpkInNest = asTimedModule(v1.RecIAFSpkInNest, {
  parameters: [
    'weightsIn',
    'weightsRec',
    'bias',
    'tauMem',
    'tauSynExc',
    'tauSynInh',
    'capacity',
    'vThresh',
    'vReset',
    'vRest',
    'refractory',
  ],
  states: ['state'],
  simulationParameters: ['dt', 'record', 'numCores', 'delayIn', 'delayRec'],
});
export type RecIAFSpkInNest = InstanceType<typeof RecIAFSpkInNest>;

export const RecAEIFSpkInNest = asTimedModule(v1.RecAEIFSpkInNest, {
  parameters: [
    'weightsIn',
    'weightsRec',
    'bias',
    'tauMem',
    'tauSynExc',
    'tauSynInh',
    'capacity',
    'vThresh',
    'vReset',
    'vRest',
    'refractory',
    'conductance',
    'subthreshAdapt',
    'spikeAdapt',
    'deltaT',
    'tauAdapt',
  ],
  states: ['state', 'adapt'],
  simulationParameters: ['dt', 'record', 'numCores', 'delayIn', 'delayRec'],
});
export type RecAEIFSpkInNest = InstanceType<typeof RecAEIFSpkInNest>;

export const VirtualDynapse = asTimedModule(v1.VirtualDynapse, {
  parameters: [
    'bias',
    'tauMem1',
    'tauMem2',
    'tauSynExc',
    'tauSynInh',
    'baseweightE',
    'baseweightI',
    'vThresh',
    'refractory',
    'deltaT',
    'spikeAdapt',
    'tauAdapt',
  ],
  states: ['state', 'adapt'],
  simulationParameters: ['dt', 'record', 'numThreads', 'connectionsExt', 'connectionsRec', 'hasTauMem2'],
});
export type VirtualDynapse = InstanceType<typeof VirtualDynapse>;

const onBoard = {
  parameters: ['weightsIn', 'weightsRec'],
  states: [],
  simulationParameters: ['dt', 'maxNumTrialsBatch', 'maxNumTimesteps', 'maxNumEventsBatch'],
} as const;
export const RecDynapSE = asTimedModule(v1.RecDynapSE, onBoard);
export type RecDynapSE = InstanceType<typeof RecDynapSE>;
export const RecDynapSEDemo = asTimedModule(v1.RecDynapSEDemo, onBoard);
export type RecDynapSEDemo = InstanceType<typeof RecDynapSEDemo>;

export const FFCLIAF = asTimedModule(v1.FFCLIAF, {
  parameters: ['weights', 'bias'],
  states: ['state'],
  simulationParameters: ['dt', 'vThresh', 'vReset'],
});
export type FFCLIAF = InstanceType<typeof FFCLIAF>;

export const FFCLIAFCNNTorch = asTimedModule(v1.FFCLIAFCNNTorch, {
  parameters: ['weights', 'bias'],
  states: ['state'],
  simulationParameters: ['dt', 'vThresh', 'vReset'],
});
export type FFCLIAFCNNTorch = InstanceType<typeof FFCLIAFCNNTorch>;

export const RecCLIAF = asTimedModule(v1.RecCLIAF, {
  parameters: ['weightsIn', 'weightsRec', 'bias'],
  states: ['state'],
  simulationParameters: ['dt', 'vThresh', 'vReset', 'refractory'],
});
export type RecCLIAF = InstanceType<typeof RecCLIAF>;

export const RecDIAF = asTimedModule(v1.RecDIAF, {
  parameters: ['weightsIn', 'weightsRec', 'tauLeak', 'refractory', 'vThresh', 'leak'],
  states: ['state'],
  simulationParameters: ['dt', 'delay', 'stateType'],
});
export type RecDIAF = InstanceType<typeof RecDIAF>;

export const SoftMaxLayer = asTimedModule(v1.SoftMaxLayer, {
  parameters: ['weights', 'bias'],
  states: ['state'],
  simulationParameters: ['dt', 'thresh'],
});
export type SoftMaxLayer = InstanceType<typeof SoftMaxLayer>;

export const RecFSSpikeEulerBT = asTimedModule(v1.RecFSSpikeEulerBT, {
  parameters: [
    'weightsFast',
    'weightsSlow',
    'bias',
    'tauMem',
    'tauSynRFast',
    'tauSynRSlow',
    'vThresh',
    'vReset',
    'vRest',
  ],
  states: ['state', 'iSF', 'iSS'],
  simulationParameters: ['dt', 'noiseStd', 'refractory'],
});
export type RecFSSpikeEulerBT = InstanceType<typeof RecFSSpikeEulerBT>;

export const RecFSSpikeADS = asTimedModule(v1.RecFSSpikeADS, {
  parameters: [
    'weightsIn',
    'weightsOut',
    'weightsFast',
    'weightsSlow',
    'bias',
    'tauMem',
    'tauSynRFast',
    'tauSynRSlow',
    'tauSynROut',
    'vThresh',
    'vReset',
    'vRest',
  ],
  states: ['state', 'iSF', 'iSS', 'iSO'],
  simulationParameters: ['dt', 'noiseStd', 'refractory', 'eta', 'k'],
});
export type RecFSSpikeADS = InstanceType<typeof RecFSSpikeADS>;

export const FFUpDown = asTimedModule(v1.FFUpDown, {
  parameters: [],
  states: ['state'],
  simulationParameters: [
    'weights',
    'repeatOutput',
    'dt',
    'tauDecay',
    'noiseStd',
    'thrUp',
    'thrDown',
    'maxNumTimesteps',
    'multiplexSpikes',
  ],
});
export type FFUpDown = InstanceType<typeof FFUpDown>;

export const ButterFilter = asTimedModule(v1.ButterFilter, {
  parameters: [],
  states: ['state'],
  simulationParameters: [
    'frequency',
    'bandwidth',
    'fs',
    'order',
    'cutoffFs',
    'meanSubtraction',
    'normalize',
    'dt',
    'noiseStd',
  ],
});
export type ButterFilter = InstanceType<typeof ButterFilter>;

export const ButterMelFilter = asTimedModule(v1.ButterMelFilter, {
  parameters: [],
  states: ['state'],
  simulationParameters: ['filterWidth', 'fs', 'order', 'cutoffFs', 'meanSubtraction', 'normalize', 'dt', 'noiseStd'],
});
export type ButterMelFilter = InstanceType<typeof ButterMelFilter>;
