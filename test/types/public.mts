// Compiled, never run: the declarations as an ESM user sees them, under each kind of module resolution.
import {
  type ArrayInput,
  asTimedModule,
  buildInfo,
  buildRateReservoir,
  Constant,
  type EvolveResult,
  type GraphModuleBase,
  Module,
  ModuleBase,
  type ModuleEvolveOptions,
  NdArray,
  Network,
  Parameter,
  RockpoolError,
  setConcurrency,
  SimulationParameter,
  State,
  type TimedEvolveOptions,
  type TimedInput,
  TimedModule,
  type TimedModuleWrapper,
  type TimedResult,
  TimeSeries,
  TSContinuous,
  TSDictOnDisk,
  TSEvent,
  type BuildInfo,
  type Matrix,
  type Progress,
} from 'rockpool-node';
import {
  type ExpSynTrainResult,
  FFExpSyn,
  FFExpSynJax,
  FFIAFBrian,
  FFRateEuler,
  ForceRateEulerJax_IO,
  type IAFLayer,
  Layer,
  PassThrough,
  PassThroughEvents,
  RecAEIFSpkInNest,
  RecIAFSpkInNest,
  RecIAFTorch,
  RecLIFJax,
  RecLIFJax_IO,
  RecRateEuler,
  RecRateEulerJax_IO,
  snapshotArray,
  SparseMatrix,
  type TrainRrResult,
} from 'rockpool-node/layers';
import { loadSnapshot, NpyAppender, readNpz, readWav, writeNpz } from 'rockpool-node/io';
import {
  Adam,
  cosineSchedule,
  crossEntropy,
  fit,
  type FitResult,
  l2Loss,
  type Loss,
  mse,
  RidgeRegression,
  scaled,
  SGD,
  sumLosses,
} from 'rockpool-node/training';
import { unitLambdaNet } from 'rockpool-node/weights';
import * as timedLayers from 'rockpool-node/nn/layers';
import * as neurons from 'rockpool-node/nn/modules';
import { FFwdStack, Residual, Sequential } from 'rockpool-node/nn/combinators';
import 'rockpool-node/nn/networks';
import 'rockpool-node/devices/dynapse';
import { layout, type Layout, Plot, plotNetwork, plotWeights, registerTsPlottingBackend } from 'rockpool-node/plot';

const info: BuildInfo = buildInfo();
const target: string = info.target;
setConcurrency(2);
// @ts-expect-error a string is no number of threads
setConcurrency('2');

const matrix: Matrix = NdArray.zeros([2, 3]);
const first: number = matrix.get(0, 0);
const error: Error & { code: string } = new RockpoolError('ERR_STATE', 'text');
// @ts-expect-error codes are a fixed list
new RockpoolError('ERR_WHATEVER', 'text');

const series = new TSContinuous(
  [0, 1],
  [
    [1, 2],
    [3, 4],
  ],
  { interpKind: 'cubic', tStop: 2 },
);
const sampled: Matrix = series.sample([0.5]);
const sum: TSContinuous = series.add(1).mul(series).clip({ tStart: 0, tStop: 1 });
// @ts-expect-error no such kind
new TSContinuous([0], [0], { interpKind: 'wavy' });
// @ts-expect-error no such option
new TSContinuous([0], [0], { tStopp: 1 });
const events = new TSEvent([0.1], [3], { tStop: 1, numChannels: 4 });
const raster: NdArray = events.raster(0.1, { addEvents: true });
const read: { times: Float64Array; channels: Int32Array } = events.events({ tStart: 0 });

const layer = new RecRateEuler({ weights: unitLambdaNet(10, { seed: 1 }), tau: 1, dt: 0.1, activationFunc: 'tanh' });
const out: TSContinuous = layer.evolve(series, { duration: 1 });
const controller = new AbortController();
const later: Promise<TSContinuous> = layer.evolveAsync(null, {
  numTimesteps: 10,
  signal: controller.signal,
  onProgress: ({ done, total, etaSeconds }: Progress) => void (done + total + etaSeconds),
});
// @ts-expect-error a layer's options are checked
new FFRateEuler([[1]], { tau: 1, wrong: 2 });

const analog = new FFIAFBrian([[1, 2]], { integratorName: 'euler', record: { every: 2, to: 'run.npy' } });
const spikes: TSEvent = analog.evolve(out);
const spikesLater: Promise<TSEvent> = analog.evolveAsync(out);
const potentials: TSContinuous | undefined = analog.stateMonitor?.v;
analog.tauMem = 0.01;
analog.tauMem[1] = 0.02;
const dense: Matrix = analog.weights;
const sparse = SparseMatrix.fromDense([[0, 1]]);
const delayed = new RecIAFSpkInNest({
  weightsIn: sparse,
  weightsRec: [
    [0, 1],
    [1, 0],
  ],
  delayRec: [
    [1, 2],
    [3, 4],
  ],
});
const recurrentWeights: Matrix | SparseMatrix = delayed.weightsRec;
const spiking: IAFLayer[] = [analog, delayed, new RecIAFTorch({ weights: [[0]], noiseStd: 1e-3 })];
const adaptive = new RecAEIFSpkInNest(sparse, sparse, { conductance: null, capacity: 0.02, spikeAdapt: [80, 81] });
adaptive.adapt = 0 * adaptive.vPeak[0] + adaptive.tauMem[1];
// @ts-expect-error the peak follows the threshold
adaptive.vPeak = 1;
// @ts-expect-error NEST layers have no noise
new RecIAFSpkInNest(sparse, sparse, { noiseStd: 1 });
// @ts-expect-error no such integrator
new RecIAFTorch([[0]], { integrator: 'rk5' });
// @ts-expect-error delays are fixed
delayed.delayIn = 1;

const net = new Network([new PassThrough([[1]]), new PassThrough([[1]], { name: 'b' })], { dt: 1 });
const outputs: Record<string, TimeSeries | null> = net.evolve(out);
const named: PassThrough = net.layer<PassThrough>('b');
net.restore(net.snapshot());
named.restore(net.snapshot().layers['b']!);
net.restore(await loadSnapshot('state'));
const counts: Int32Array = snapshotArray(named.snapshot(), 'counts', 'int32', 3);
const built: Network = buildRateReservoir({ weightsIn: [[1]], weightsRes: [[0.5]], weightsOut: [[1]] });

const growing: NpyAppender = NpyAppender.openSync('rows', { columns: 2, dtype: 'float32' });
growing.appendSync([[1, 2]]);
const rowsAppended: Promise<void> = growing.append(Float32Array.of(3, 4));

const synapses = new FFExpSyn(events.numChannels, { dt: null, tauSyn: 0.01, bias: [1], addEvents: false });
const filtered: TSContinuous = synapses.evolve(new PassThroughEvents([[1, 0]]).evolve(events));
const currents: Float64Array = synapses.stateNoBias;
synapses.state = 1;
const entropy: Float64Array = synapses.trainLogreg(filtered, events, { learningRate: 0.1 }).crossEntropy;
const fitted: TrainRrResult = synapses.trainRr(filtered, events, { regularize: 1, storeStates: false });
const either: ExpSynTrainResult = synapses.train(filtered, events, { method: 'logreg', epochs: 3 });
// @ts-expect-error tau is required
new FFExpSynJax([[1]], { dt: 0.1 });

class Doubler extends Layer {
  override evolve(tsInput?: TimeSeries | null, options?: { duration?: number; numTimesteps?: number }): TimeSeries {
    const { timeBase, input } = this.prepareInput(tsInput, options);
    return new TSContinuous(timeBase, input);
  }
}

const ridge = new RidgeRegression(2, 1, { regularize: 0.1 });
const arrays: Promise<Map<string, unknown>> = readNpz('file.npz');
const sound: Promise<TSContinuous> = readWav('file.wav');
const written: Promise<unknown> = writeNpz('file.npz', { matrix });
const map = new TSDictOnDisk();

export {
  target,
  first,
  error,
  sampled,
  sum,
  raster,
  read,
  later,
  outputs,
  named,
  built,
  currents,
  entropy,
  fitted,
  either,
  Doubler,
  ridge,
  arrays,
  sound,
  written,
  map,
  counts,
  spikes,
  spikesLater,
  potentials,
  dense,
  recurrentWeights,
  spiking,
};

const lif = new RecLIFJax([[0]], { tauMem: 0.02, tauSyn: 0.01, surrogate: { kind: 'logistic', gain: 5 } });
const lifSpikes: TSEvent = lif.evolve(events);
lif.state = { Vmem: [-1], Isyn: [0], spikes: [0] };
const lifPotentials: Float64Array = lif.state.Vmem;
const lifNoInput: null = lif.wIn;
// @ts-expect-error records cannot be set
lif.vMemLastEvolution = lif.iSynLastEvolution;
// @ts-expect-error time constants are required
new RecLIFJax([[0]], { tauMem: 0.02 });
const lifIO = new RecLIFJax_IO({ wIn: [[1]], wRecurrent: [[0]], wOut: [[1]], tauMem: 0.02, tauSyn: 0.01 });
const lifWeighted: Promise<TSContinuous> = lifIO.evolveAsync(events);
const rate = new RecRateEulerJax_IO([[1]], [[0]], [[1]], { tau: 1 });
const rateOutWeights: Matrix = rate.wOut;
const rateForced: TSContinuous = new ForceRateEulerJax_IO([[1]], [[1]], { tau: 1 }).evolve(
  series,
  rate.recInputsLastEvolution,
  {
    duration: 1,
  },
);
export { lifSpikes, lifPotentials, lifNoInput, lifWeighted, rateOutWeights, rateForced };

interface GainSpec {
  parameters: { gain: Matrix; bias: number };
  states: { x: Matrix };
  simulationParameters: { dt: number };
}
class Gain extends Module<GainSpec> {
  declare gain: Matrix;
  constructor(shape: number) {
    super(shape);
    this.register('gain', new Parameter({ shape, init: NdArray.zeros, family: 'weights' }));
    const bias: number = this.register('bias', new Parameter<number>({ data: 1, shape: [] }));
    this.register('x', new State({ shape, init: () => [bias] }));
    this.register('dt', new SimulationParameter({ data: Constant(1e-3), shape: [] }));
  }
  override evolve(input: ArrayInput, options?: ModuleEvolveOptions): EvolveResult<GainSpec> {
    const { data, states } = this.autoBatch(input, [this.state().x]);
    this.storeState('x', this.firstBatch(states[0]));
    return [data, this.copyState(), options?.record ? { x: data } : {}];
  }
}
class Two extends Module<{ parameters: { w: Matrix }; modules: { one: Gain; other: Gain } }> {
  constructor() {
    super({ shape: [1, 2], spikingInput: true });
    const one: Gain = this.addModule('one', new Gain(1));
    void one;
  }
  override evolve(input: ArrayInput): EvolveResult<{ parameters: { w: Matrix }; modules: { one: Gain; other: Gain } }> {
    return [NdArray.from(input), this.copyState(), {}];
  }
}
const two = new Two();
const innerGain: Matrix = two.parameters().one.gain;
const innerBias: number = two.parameters().other.bias;
const innerDt: number = two.simulationParameters().one.dt;
const innerWeights: Matrix | undefined = two.parameters('weights').one?.gain;
const evolved: Matrix = two.evolve([[1]])[1].one.x;
const later2: Promise<Matrix> = two.evolveAsync([[1]]).then(([output]) => output);
const submodule: Gain = two.modules().other;
two.setAttributes({ w: [1, 2], one: { gain: [1], bias: 2, dt: 3, x: [4] } }).resetAll();
// @ts-expect-error no such parameter
two.parameters().one.tau;
// @ts-expect-error a number is expected
two.setAttributes({ one: { dt: [1] } });
// @ts-expect-error no such attribute
two.setAttributes({ tau: 1 });
// @ts-expect-error no such option
new Parameter({ data: 1, shapes: [] });
const anyModule: ModuleBase = two;
const anyTree: Record<string, unknown> = anyModule.parameters();
export { innerGain, innerBias, innerDt, innerWeights, evolved, later2, submodule, anyTree };

const lifNeurons = new neurons.LIFTorch(2);
const lifTaus: Matrix | number = lifNeurons.parameters().tauMem;
// @ts-expect-error only with hasRec
lifNeurons.parameters().wRec.copy();
// @ts-expect-error only with leakMode 'decays'
const lifDecays: Matrix | number = lifNeurons.parameters().alpha;
// @ts-expect-error no synapses
new neurons.LIFNeuronTorch(2).state().isyn;
export { lifTaus, lifDecays };

const wrapper: TimedModuleWrapper<Gain> = new Gain(1).timed({ dt: 0.1, addEvents: false });
const wrappedGain: Matrix = wrapper.parameters()._module.gain;
const [timedOutput, timedState]: [TimeSeries, unknown, unknown] = wrapper.evolve([[1]], { record: true });
const own: Gain = wrapper.module;
// @ts-expect-error no such option
wrapper.evolve(null, { steps: 3 });
const wrappedLayer = new timedLayers.RecRateEuler([[0]], { tau: 1, dt: 0.1 });
const anotherLayer: timedLayers.FFIAFBrian = new timedLayers.FFIAFBrian({ weights: [[1]], bias: 0.02 });
const wrappedTau: Matrix = wrappedLayer.parameters().tau;
const wrappedState: Matrix = wrappedLayer.evolve(series)[1].layerState;
const underneath: RecRateEuler = wrappedLayer.layer;
wrappedLayer.setAttributes({ tau: 1, layerState: [0], dt: 0.1 });
// @ts-expect-error no such parameter
wrappedLayer.parameters().tauMem;
// @ts-expect-error a layer's options are checked
new timedLayers.RecRateEuler([[0]], { tau: 1, wrong: 2 });
const rawLayer: RecRateEuler = new timedLayers.RecRateEulerV1([[0]], { tau: 1 });
const Converted = asTimedModule(PassThrough, { parameters: ['weights', 'bias'] });
const convertedBias: Matrix = new Converted([[1]]).bias;
const chain = new Sequential(new Gain(1), new Gain(1)).append(new Residual(new Gain(1)), 'residual');
const gainMember: Gain = chain.at<Gain>(0);
new FFwdStack([new Gain(1), new Gain(1)], { weightInit: (shape) => NdArray.zeros(shape) });
class TimedNet extends TimedModule<{ modules: { gain: TimedModuleWrapper<Gain> } }> {
  constructor() {
    super({ shape: [1, 1], dt: 0.1, strictDt: true });
    this.addModule('gain', new Gain(1).timed());
  }
  override evolve(
    tsInput?: TimedInput,
    options?: TimedEvolveOptions,
  ): TimedResult<{ modules: { gain: TimedModuleWrapper<Gain> } }> {
    const { input } = this.prepareInput(tsInput as TimeSeries, options);
    return [this.genTimeSeries(input), this.copyState(), {}];
  }
}
const netStep: number =
  new TimedNet().simulationParameters().gain._module.dt + new TimedNet().simulationParameters().dt;
const graph: GraphModuleBase = chain.asGraph();
export {
  wrappedGain,
  timedOutput,
  timedState,
  own,
  anotherLayer,
  wrappedTau,
  wrappedState,
  underneath,
  rawLayer,
  convertedBias,
};
export { gainMember, netStep, graph };

const trainingLoss: Loss<ArrayInput> = sumLosses(
  mse({ ignoreNan: true }),
  scaled(0.1, l2Loss({ parameters: 'weights' })),
);
const trained: Promise<FitResult> = fit(
  new Gain(1),
  { input: [[[1]]], target: [[[1]]] as ArrayInput },
  {
    loss: trainingLoss,
    optimiser: new Adam(cosineSchedule(1e-3, { steps: 10 }), { weightDecay: 0.1 }),
    bounds: { gain: { lower: 0 } },
    metrics: { size: (output: { size: number }, target) => output.size + (target as number[]).length },
    onEpoch: ({ validation }) => (validation?.loss ?? 0) > 1,
  },
);
const meanSquare: number = mse([[1]], [[2]]);
// @ts-expect-error labels are no text
fit(new Gain(1), { input: [[[1]]], target: 'a' }, { loss: crossEntropy() });
// @ts-expect-error no such option
new Adam({ learningRate: 1 });
const afterStep: Record<string, unknown> = new SGD(0.1).step(new Gain(1).parameters(), { gain: [1] });
export { trained, meanSquare, afterStep };

const plot: Plot = new TSContinuous([0, 1], [0, 1]).plot({ channels: 0, stagger: 1, skip: 2, lineStyle: 'dashed' });
const spikesPlot: Plot = new TSEvent([0.5], [0], { tStop: 1 }).plot([null, 1], { target: plot });
// @ts-expect-error there is no such option
plot.set({ xLable: 'x' });
// @ts-expect-error nor such a style
new TSContinuous([0, 1], [0, 1]).plot({ lineStyle: 'wavy' });
const figure: Layout = layout([[plot.over(spikesPlot), plotWeights([[1]])], plotNetwork(new Sequential())], {
  shareX: true,
});
const saved: Promise<void> = figure.save('figure.svg', { scale: 2, signal: AbortSignal.timeout(1000) });
registerTsPlottingBackend('mine', (p) => p.traces.length);
void saved;
