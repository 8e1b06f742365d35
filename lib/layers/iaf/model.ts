/** What the classes of integrate-and-fire layers differ in: each class is one {@link IAFModel}. */

/** The simulator whose conventions a class follows. */
export type Backend = 'brian' | 'torch' | 'nest';

/** Names of parameters that are one number for each unit. */
export type VectorName =
  | 'tauMem'
  | 'vThresh'
  | 'vReset'
  | 'vRest'
  | 'bias'
  | 'tauSyn'
  | 'tauSynR'
  | 'tauSynInp'
  | 'tauSynRec'
  | 'tauSynExc'
  | 'tauSynInh'
  | 'capacity'
  | 'leakRate'
  | 'stateMin'
  | 'conductance'
  | 'deltaT'
  | 'subthreshAdapt'
  | 'spikeAdapt'
  | 'tauAdapt';

/** A synaptic current of a layer. */
export interface CurrentModel {
  /** The parameter that holds its time constants. */
  readonly tau: VectorName;
  /** Where its arrivals come from, and which weights they have. */
  readonly from: readonly { readonly source: 'input' | 'recurrent'; readonly part: 'all' | 'positive' | 'negative' }[];
  /** Name of its record. */
  readonly record: string;
}

export interface IAFModel {
  readonly backend: Backend;
  /** Continuous input through weights, continuous input with one channel for each unit, or events. */
  readonly input: 'weighted' | 'direct' | 'events';
  readonly recurrent: boolean;
  /** At most two. */
  readonly currents: readonly CurrentModel[];
  /** Whether a spike may be followed by a time in which the potential is held. */
  readonly refractory: boolean;
  readonly noise: boolean;
  /** The noise may go through the synapse: the original of this class does that. */
  readonly noiseOnSynapse?: boolean;
  readonly constantLeak?: boolean;
  /** There is an adaptation current, and V rises exponentially beyond the threshold, to a peak. */
  readonly adaptation?: boolean;
  /** Several events of a channel in one step: default of `addEvents`, and whether it can be chosen. */
  readonly addEvents?: { readonly default: boolean; readonly option: boolean };
  /** Parameters of the constructor with their defaults. */
  readonly vectors: Readonly<Partial<Record<VectorName, number>>>;
  readonly refractoryDefault: number;
}

const common = { tauMem: 20e-3, vThresh: -55e-3, vReset: -65e-3, vRest: -65e-3 };

const fromInput = [{ source: 'input', part: 'all' }] as const;
const fromRecurrent = [{ source: 'recurrent', part: 'all' }] as const;

type Structure = Pick<IAFModel, 'input' | 'recurrent' | 'currents'>;

/** Feed-forward, continuous input. */
const feedForward: Structure = { input: 'weighted', recurrent: false, currents: [] };
/** Feed-forward, events. */
const spikingInput: Structure = {
  input: 'events',
  recurrent: false,
  currents: [{ tau: 'tauSyn', from: fromInput, record: 'iSyn' }],
};
/** Recurrent, one continuous input for each unit. */
const recurrent: Structure = {
  input: 'direct',
  recurrent: true,
  currents: [{ tau: 'tauSynR', from: fromRecurrent, record: 'iSyn' }],
};
/** Recurrent, events. */
const recurrentSpikingInput: Structure = {
  input: 'events',
  recurrent: true,
  currents: [
    { tau: 'tauSynInp', from: fromInput, record: 'iSynInp' },
    { tau: 'tauSynRec', from: fromRecurrent, record: 'iSynRec' },
  ],
};
/** Recurrent, events; the sign of a weight chooses the current. */
const excitatoryInhibitory: Structure = {
  input: 'events',
  recurrent: true,
  currents: (['positive', 'negative'] as const).map((part) => ({
    tau: part === 'positive' ? 'tauSynExc' : 'tauSynInh',
    from: [
      { source: 'input', part },
      { source: 'recurrent', part },
    ],
    record: part === 'positive' ? 'iSynExc' : 'iSynInh',
  })),
};

function brian(structure: Structure, vectors: IAFModel['vectors']): IAFModel {
  return {
    ...structure,
    backend: 'brian',
    refractory: true,
    refractoryDefault: 0,
    noise: true,
    ...(structure.input === 'events' && { addEvents: { default: true, option: false } }),
    vectors: { ...common, ...vectors },
  };
}

function torch(structure: Structure, vectors: IAFModel['vectors'], more: Partial<IAFModel> = {}): IAFModel {
  const events = structure.input === 'events';
  return {
    ...structure,
    backend: 'torch',
    refractory: false,
    refractoryDefault: 0,
    noise: true,
    ...(events && { addEvents: { default: structure.recurrent, option: structure.recurrent } }),
    ...(events && !structure.recurrent && { noiseOnSynapse: true }),
    vectors: { ...common, ...vectors },
    ...more,
  };
}

function nest(structure: Structure, vectors: IAFModel['vectors']): IAFModel {
  return {
    ...structure,
    backend: 'nest',
    refractory: true,
    refractoryDefault: 1e-3,
    noise: false,
    ...(structure.input === 'events' && { addEvents: { default: true, option: false } }),
    vectors: { ...common, bias: 0, ...vectors },
  };
}

const refractory = { refractory: true } as const;
const ms50 = { tauSynInp: 50e-3, tauSynRec: 50e-3 };
const signs50 = { tauSynExc: 50e-3, tauSynInh: 50e-3 };

/** All classes on the linear membrane. */
export const iafModels = {
  // As its documentation says; the original's code has 15e-3.
  FFIAFBrian: brian(feedForward, { bias: 10e-3 }),
  FFIAFSpkInBrian: brian(spikingInput, { bias: 10e-3, tauSyn: 20e-3 }),
  RecIAFBrian: brian(recurrent, { bias: 10.5e-3, tauSynR: 50e-3 }),
  RecIAFSpkInBrian: brian(recurrentSpikingInput, { bias: 10.5e-3, ...ms50 }),
  FFIAFTorch: torch(feedForward, { bias: 15e-3 }),
  FFIAFRefrTorch: torch(feedForward, { bias: 15e-3 }, refractory),
  FFIAFSpkInTorch: torch(spikingInput, { bias: 10e-3, tauSyn: 20e-3 }),
  FFIAFSpkInRefrTorch: torch(spikingInput, { bias: 10e-3, tauSyn: 20e-3 }, refractory),
  RecIAFTorch: torch(recurrent, { bias: 15e-3, tauSynR: 50e-3 }),
  RecIAFRefrTorch: torch(recurrent, { bias: 15e-3, tauSynR: 50e-3 }, refractory),
  RecIAFSpkInTorch: torch(recurrentSpikingInput, { bias: 10.5e-3, ...ms50 }),
  RecIAFSpkInRefrTorch: torch(recurrentSpikingInput, { bias: 10.5e-3, ...ms50 }, refractory),
  RecIAFSpkInRefrCLTorch: torch(
    recurrentSpikingInput,
    { bias: 10.5e-3, ...ms50, leakRate: 0.02, stateMin: -85e-3 },
    { ...refractory, noise: false, constantLeak: true },
  ),
  FFIAFNest: nest(feedForward, {}),
  RecIAFSpkInNest: nest(excitatoryInhibitory, signs50),
} satisfies Record<string, IAFModel>;

/** The adaptive exponential neuron. */
export const adaptiveModel: IAFModel = {
  ...nest(excitatoryInhibitory, {
    ...signs50,
    conductance: 1,
    deltaT: 2e-3,
    subthreshAdapt: 4,
    spikeAdapt: 80.5,
    tauAdapt: 144e-3,
  }),
  adaptation: true,
};

/** How far above the threshold a neuron with an exponential term is reset, in volts. */
export const peakAboveThreshold = 10e-3;

/** The smallest slope factor other than 0, in volts: with less, the exponential term is a step. */
export const smallestSlope = 20e-6;
