/** Training against attacks on the parameters. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../array.js';
import { native } from '../binding.js';
import { checkFunction, checkInstance, checkInteger, checkNumber, checkOptions } from '../check.js';
import { abortError } from '../errors.js';
import { Module } from '../modules/module.js';
import { inPrecision, type Signal } from '../modules/pass.js';
import type { TaskOptions } from '../task.js';
import { roomLike } from './losses/output-loss.js';
import { type Leaf, leafLike, leavesOf, numbersAt, type ParameterTree, treeOf } from './tree.js';
import { keyOfLeaf, normals } from './transforms/transforms.js';
import type { GradientTree, Loss, LossFunction } from './types.js';
import {
  type EvaluateOptions,
  readLoss,
  valueAndGrad,
  type ValueAndGrad,
  type ValueAndGradResult,
} from './value-and-grad.js';

/** How much an output differs from what it should be, and the derivatives by both. */
export type MismatchLoss = (target: Signal, output: Signal) => { loss: number; target: Signal; output: Signal };

/** The mean square of the difference. */
export const squaredMismatch: MismatchLoss = (target, output) => {
  const precision = output.data instanceof Float32Array ? 1 : 0;
  const [gradient, opposite] = [roomLike(output), roomLike(output)];
  const result = new Float64Array(2);
  const [batch, steps, channels] = output.shape;
  const wanted = inPrecision(target, 'float64').data as Float64Array;
  const args = [batch, steps, channels, output.data, gradient.data, result] as const;
  native.squaredError(precision, undefined, ...args, wanted, false, true);
  native.addScaled(precision, undefined, -1, gradient.data, opposite.data);
  return { loss: result[0], target: opposite, output: gradient };
};

/** Kullback and Leibler's divergence of the soft-maxed channels from those of the target, mean over batch and time. */
export const softmaxDivergence: MismatchLoss = (target, output) => {
  const [p, q] = [inPrecision(target, 'float64') as Matrix, inPrecision(output, 'float64') as Matrix];
  const [byTarget, byOutput] = [NdArray.zeros(q.shape), NdArray.zeros(q.shape)];
  const channels = q.shape[q.ndim - 1];
  const loss = native.divergence(channels, p.data, q.data, byTarget.data, byOutput.data);
  return { loss, target: byTarget, output: byOutput };
};

/** Options of {@link pgaAttack}. */
export interface AttackOptions {
  /** Steps of the attack. Default 10. */
  attackSteps?: number;
  /** The share of a parameter that all steps together can change it by. Default 0.025. */
  mismatchLevel?: number;
  /** Standard deviation, as a share of a parameter, of what the attack starts with. Default 1e-3. */
  initialStd?: number;
  /** What that depends on. Default 0. */
  seed?: number;
}

/** Options of {@link adversarialLoss}. */
export interface AdversarialOptions extends AttackOptions {
  /** Weight of the loss under attack. Default 0.25. */
  betaRobustness?: number;
  /** Standard deviation, as a share of a parameter, of noise on the parameters for the loss of the task. Default 0. */
  noisyForwardStd?: number;
}

/** An attack, and how it went. */
export interface Attack {
  /** The attacked parameters. */
  parameters: ParameterTree;
  /** The mismatch before each step. */
  losses: number[];
  gradients: GradientTree[];
}

const attackNames = ['attackSteps', 'mismatchLevel', 'initialStd', 'seed'];
const share = (value: unknown, name: string): number => checkNumber(value, name, { min: 0 });

function readAttack(given: Partial<AttackOptions>): Required<AttackOptions> {
  return {
    attackSteps: checkInteger(given.attackSteps ?? 10, 'attackSteps', { min: 1 }),
    mismatchLevel: share(given.mismatchLevel ?? 0.025, 'mismatchLevel'),
    initialStd: share(given.initialStd ?? 1e-3, 'initialStd'),
    seed: checkInteger(given.seed ?? 0, 'seed', { min: 0 }),
  };
}

/** p + |p| factor, for each parameter. */
function perturbed(leaves: readonly Leaf[], factors: readonly Float64Array[]): ParameterTree {
  return treeOf(leaves, (leaf, i) => {
    const out = new Float64Array(leaf.data.length);
    native.perturb(leaf.data, factors[i], out);
    return leafLike(leaf, out);
  });
}

/** A copy of the leaves, which a module does not write to. */
function ownLeaves(module: Module): Leaf[] {
  return leavesOf(module.parameters()).map((leaf) => ({ ...leaf, data: leaf.data.slice() }));
}

/** An evaluation that is asked for: one code for here and now and for off the event loop. */
interface Request {
  loss: LossFunction;
  target: unknown;
  parameters: ParameterTree;
}
type Requests<T> = Generator<Request, T, ValueAndGradResult>;

const against =
  (mismatch: MismatchLoss): LossFunction =>
  ({ output, target }) => {
    const { loss, output: gradient } = mismatch(target as Signal, output);
    return { loss, output: gradient };
  };

function* attack(
  leaves: readonly Leaf[],
  nominal: Signal,
  mismatch: MismatchLoss,
  options: Required<AttackOptions>,
  iteration: number,
): Requests<Attack & { factors: Float64Array[] }> {
  const { attackSteps, mismatchLevel, initialStd, seed } = options;
  const key = { seed, step: iteration };
  const factors = leaves.map(({ data }, i) => normals(data.length, initialStd, keyOfLeaf(key, i)));
  const [losses, gradients]: [number[], GradientTree[]] = [[], []];
  for (let k = 0; k < attackSteps; k++) {
    const parameters = perturbed(leaves, factors);
    const { loss, gradients: tree } = yield { loss: against(mismatch), target: nominal, parameters };
    losses.push(loss);
    gradients.push(tree);
    leaves.forEach((leaf, i) =>
      native.addSigns(mismatchLevel / attackSteps, numbersAt(tree, leaf, 'gradients')!, factors[i]),
    );
  }
  return { parameters: perturbed(leaves, factors), losses, gradients, factors };
}

/** A loss that gives an output a derivative that is there already. */
const fixed =
  (loss: number, gradient: Signal): LossFunction =>
  () => ({ loss, output: gradient });

const zero: LossFunction = () => ({ loss: 0 });

/**
 * Changes parameters by projected gradient ascent such that a module's output moves away from what it was: from a random start, in each
 * step every parameter by mismatchLevel / attackSteps of its size, in the direction of the sign of the gradient.
 *
 * The module is evolved from its present state, and has its own parameters again afterwards.
 */
export function pgaAttack(
  module: Module<object>,
  input: ArrayInput,
  mismatchLoss: MismatchLoss = squaredMismatch,
  options?: AttackOptions,
): Attack {
  const own = checkModule(module);
  checkFunction(mismatchLoss, 'mismatchLoss');
  const given = readAttack(checkOptions<AttackOptions>(options, 'options', attackNames));
  const leaves = ownLeaves(own);
  function* all(): Requests<Attack> {
    const { output } = yield {
      loss: zero,
      target: null,
      parameters: treeOf(leaves, (leaf) => leafLike(leaf, leaf.data)),
    };
    const { parameters, losses, gradients } = yield* attack(leaves, output, mismatchLoss, given, 0);
    return { parameters, losses, gradients };
  }
  return runNow(own, leaves, all(), input, 0);
}

/**
 * A function like that of `valueAndGrad`, of a loss that a task and an attack make up (Büchel, Faber and Muir 2022):
 *
 *     L = task(f(p + |p| noisyForwardStd N), target) + betaRobustness mismatch(f(p), f(p*))
 *
 * with p* from {@link pgaAttack}. Its gradient goes through the attack, whose signs and random numbers count as fixed, and through f(p). For `fit`,
 * it is the option `gradients`.
 *
 * @param taskLoss A loss of the output, as for `valueAndGrad`.
 * @param mismatchLoss Default: the mean square.
 */
export function adversarialLoss<Target = unknown>(
  module: Module<object>,
  taskLoss: Loss<Target> | LossFunction<Target>,
  mismatchLoss: MismatchLoss = squaredMismatch,
  options?: AdversarialOptions,
): ValueAndGrad<Target> {
  const own = checkModule(module);
  const task = readLoss(taskLoss);
  checkFunction(mismatchLoss, 'mismatchLoss');
  const names = [...attackNames, 'betaRobustness', 'noisyForwardStd'];
  const given = checkOptions<AdversarialOptions>(options, 'options', names);
  const settings = {
    ...readAttack(given),
    betaRobustness: share(given.betaRobustness ?? 0.25, 'betaRobustness'),
    noisyForwardStd: share(given.noisyForwardStd ?? 0, 'noisyForwardStd'),
  };
  const evaluate = (input: ArrayInput, target: Target, options: EvaluateOptions = {}): ValueAndGradResult => {
    const { iteration = 0 } = options;
    const leaves = ownLeaves(own);
    return runNow(own, leaves, adversarial(leaves, task, mismatchLoss, settings, target, iteration), input, iteration);
  };
  const async = async (input: ArrayInput, target: Target, options: EvaluateOptions & TaskOptions = {}) => {
    const { iteration = 0, ...rest } = options;
    const leaves = ownLeaves(own);
    const requests = adversarial(leaves, task, mismatchLoss, settings, target, iteration);
    return runLater(own, leaves, requests, input, iteration, rest);
  };
  return Object.assign(evaluate, { async });
}

function* adversarial(
  leaves: readonly Leaf[],
  task: Loss,
  mismatch: MismatchLoss,
  settings: Required<AdversarialOptions>,
  target: unknown,
  iteration: number,
): Requests<ValueAndGradResult> {
  const { betaRobustness, noisyForwardStd, seed } = settings;
  const plain = treeOf(leaves, (leaf) => leafLike(leaf, leaf.data));
  const key = { seed: (seed + 2 ** 32) % 2 ** 53, step: iteration }; // apart from the attack's
  const noise = leaves.map(({ data }, i) => normals(data.length, noisyForwardStd, keyOfLeaf(key, i)));
  const natural = yield { loss: task.evaluate.bind(task), target, parameters: perturbed(leaves, noise) };
  const { output: nominal } = yield { loss: zero, target: null, parameters: plain };
  const { parameters, factors } = yield* attack(leaves, nominal, mismatch, settings, iteration);
  let byNominal: Signal | undefined;
  const last: LossFunction = ({ output }) => {
    const value = mismatch(nominal, output);
    byNominal = value.target;
    return { loss: value.loss, output: value.output };
  };
  const attacked = yield { loss: last, target: null, parameters };
  const through = yield { loss: fixed(0, byNominal!), target: null, parameters: plain };
  const gradients = treeOf(leaves, (leaf, i) => {
    const sum = new Float64Array(leaf.data.length);
    native.addPerturbedGradient(leaf.data, factors[i], numbersAt(attacked.gradients, leaf, 'gradients')!, sum);
    native.addScaled(0, undefined, 1, numbersAt(through.gradients, leaf, 'gradients')!, sum);
    native.scaleArray(betaRobustness, sum, sum);
    native.addPerturbedGradient(leaf.data, noise[i], numbersAt(natural.gradients, leaf, 'gradients')!, sum);
    return leafLike(leaf, sum);
  }) as GradientTree;
  const loss = natural.loss + betaRobustness * attacked.loss;
  return { ...natural, loss, gradients, terms: { ...natural.terms, robustness: betaRobustness * attacked.loss } };
}

function checkModule(module: Module<object>): Module {
  return checkInstance(module as unknown as Module, 'module', Module as abstract new (...args: never[]) => Module);
}

/** Puts the parameters back, whatever happens. */
function putBack(module: Module, leaves: readonly Leaf[]): void {
  module.setAttributes(
    treeOf(leaves, (leaf) => leafLike(leaf, leaf.data)),
    { strict: true },
  );
}

function runNow<T>(
  module: Module,
  leaves: readonly Leaf[],
  requests: Requests<T>,
  input: ArrayInput,
  iteration: number,
): T {
  try {
    for (let next = requests.next(undefined as never); ;) {
      if (next.done) return next.value;
      const { loss, target, parameters } = next.value;
      module.setAttributes(parameters, { strict: true });
      next = requests.next(valueAndGrad(module, loss)(input, target, { iteration }));
    }
  } finally {
    putBack(module, leaves);
  }
}

async function runLater<T>(
  module: Module,
  leaves: readonly Leaf[],
  requests: Requests<T>,
  input: ArrayInput,
  iteration: number,
  task: TaskOptions,
): Promise<T> {
  const { signal } = task;
  try {
    for (let next = requests.next(undefined as never); ;) {
      if (next.done) return next.value;
      if (signal?.aborted) throw abortError(signal);
      const { loss, target, parameters } = next.value;
      module.setAttributes(parameters, { strict: true });
      next = requests.next(
        await valueAndGrad(module, loss).async(input, target, { iteration, ...(signal && { signal }) }),
      );
    }
  } finally {
    putBack(module, leaves);
  }
}
