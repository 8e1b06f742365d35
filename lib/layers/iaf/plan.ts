/** From the parameters of a layer to a plan. */
import { native } from '../../binding.js';
import type { IAFModel } from './model.js';
import { type Connectivity, type SpikingPlan, type SynapseArgs, integratorCode, leakCode } from './native.js';
import type { Parameters } from './parameters.js';
import type { Settings } from './settings.js';
import { connect, type ConnectionSpec, denseWeights, type Weights, type WeightsRole } from './weights.js';

/** The routes of one matrix to the two currents. */
export type Routes = readonly [Connectivity | undefined, Connectivity | undefined];

/** Connects a matrix to the currents that take their arrivals from it, with these delays in steps. */
export function makeRoutes({ currents }: IAFModel, role: WeightsRole, weights: Weights, delays: Float64Array): Routes {
  const specs: ConnectionSpec[] = [];
  const slots: number[] = [];
  currents.forEach(({ from }, slot) => {
    for (const { source, part } of from) {
      if (source !== role) continue;
      specs.push({ part, delays });
      slots.push(slot);
    }
  });
  const routes: [Connectivity | undefined, Connectivity | undefined] = [undefined, undefined];
  connect(weights, specs).forEach((route, i) => (routes[slots[i]] = route));
  return routes;
}

/** Lets go of connections: the plan made of them has what it needs. */
export function releaseRoutes(...all: readonly Routes[]): void {
  for (const route of all.flat()) if (route) native.releaseHandle(route);
}

/** What a plan is made from. */
export interface PlanSource {
  readonly model: IAFModel;
  readonly sizeIn: number;
  readonly size: number;
  readonly dt: number;
  readonly noiseStd: number;
  readonly settings: Settings;
  readonly parameters: Parameters;
  /** Weights of a continuous input. */
  readonly weightsIn: Weights | null;
  /** Steps that follow a spike without update, one or one for each unit. */
  readonly refractorySteps: Float64Array;
  readonly synapses: SynapseArgs;
}

function leakOf({ constantLeak }: IAFModel, { legacyConstantLeak, neuronEq }: Settings): number {
  if (constantLeak) return legacyConstantLeak ? leakCode.legacyConstant : leakCode.constant;
  return neuronEq === 'constant_leak' ? leakCode.none : leakCode.exponential;
}

/** 1, or that of the capacity. */
function resistance(parameters: Parameters): Float64Array {
  const capacity = parameters.orNull('capacity');
  return capacity ? parameters.get('tauMem').map((tau, i) => tau / capacity[i]) : Float64Array.of(1);
}

export function makePlan(source: PlanSource): SpikingPlan {
  const { model, settings, parameters } = source;
  const tauOf = (slot: number): Float64Array | undefined =>
    model.currents.length > slot ? parameters.get(model.currents[slot].tau) : undefined;
  return native.iafPlan(
    source.sizeIn,
    source.size,
    source.dt,
    settings.precision === 'float32' ? 1 : 0,
    integratorCode[settings.integrator],
    leakOf(model, settings),
    parameters.orNull('leakRate') ?? undefined,
    parameters.orNull('stateMin') ?? undefined,
    model.backend === 'nest',
    settings.blendInput,
    source.noiseStd,
    settings.noiseScaling === 'legacy' ? 0 : 1,
    settings.noiseOnSynapse,
    parameters.get('tauMem'),
    parameters.get('vThresh'),
    parameters.get('vReset'),
    parameters.orNull('vRest') ?? undefined,
    parameters.get('bias'),
    resistance(parameters),
    source.refractorySteps,
    tauOf(0),
    tauOf(1),
    model.input === 'weighted' && source.weightsIn ? denseWeights(source.weightsIn).data : undefined,
    ...source.synapses,
  );
}

/** Half-way numbers go to the even one, as in NumPy. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * How many steps a neuron is held after one in which it fired. Brian counts from the start of that step and updates the neuron in
 * the step in which the time is over; Torch and NEST hold it for as many steps as the time has.
 */
export function refractorySteps(seconds: number, dt: number, { backend }: IAFModel): number {
  if (backend === 'brian') return Math.max(Math.floor(seconds / dt + 1e-3) - 1, 0);
  return backend === 'torch' ? roundHalfEven(seconds / dt) : Math.round(seconds / dt);
}
