/** What losses, gradients and optimisers hand to each other. */
import type { Matrix } from '../array.js';
import type { Module } from '../modules/module.js';
import type { Signal } from '../modules/pass.js';
import type { RecordTree } from '../modules/types.js';

/** What a loss is computed from. */
export interface LossContext<Target = unknown> {
  /** The module's output `[batch, steps, channels]`, in its precision. */
  output: Signal;
  target: Target;
  /** What the module recorded, as `evolve` returns it; empty unless the loss asks for it by `needsRecord`. */
  recorded: RecordTree;
  /** The module's parameters, as `parameters()` returns them: live. */
  parameters: RecordTree;
  module: Module;
}

/** A loss and its derivatives, each of the shape of what it is by; what is missing is zero. */
export interface LossValue {
  loss: number;
  /** Parts of the loss by name. */
  terms?: Record<string, number>;
  /** By the output. */
  output?: Signal;
  /** By what was recorded: a tree of some of its arrays. */
  recorded?: RecordTree;
  /** By the parameters: a tree of some of them. */
  parameters?: RecordTree;
}

/** A loss as a function of what a module did. */
export type LossFunction<Target = unknown> = (context: LossContext<Target>) => LossValue;

/** A loss. */
export interface Loss<Target = unknown> {
  readonly name: string;
  /** The loss reads what was recorded. */
  readonly needsRecord?: boolean;
  evaluate: LossFunction<Target>;
}

/** Gradients by parameter, in a tree like that of `parameters()`. */
export interface GradientTree {
  [name: string]: number | Matrix | GradientTree;
}
