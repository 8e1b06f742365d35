/** Transforms of parameters. */
export {
  deterministicRounding,
  dropout,
  intQuant,
  type IntQuantOptions,
  type RandomOptions,
  type Range,
  type RoundingOptions,
  stochasticChannelRounding,
  stochasticRounding,
  type StochasticRoundingOptions,
  tDecay,
} from './functions.js';
export { mismatchGenerator, type MismatchPrototype } from './mismatch.js';
export { type ParameterTransforms, TransformedModule } from './transformed-module.js';
export {
  bitshiftTransform,
  dropoutTransform,
  intQuantTransform,
  type MismatchOptions,
  mismatchTransform,
  type ParameterTransform,
  roundingTransform,
  type RoundingTransformOptions,
  stochasticQuantizeTransform,
  straightThrough,
  type TransformKey,
} from './transforms.js';
