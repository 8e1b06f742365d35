/** The module API. */
export { Constant, Parameter, SimulationParameter, State } from './parameter.js';
export type {
  AttributeFunction,
  AttributeKind,
  AttributeOptions,
  AttributeValue,
  ConstantValue,
  ShapeInput,
} from './parameter.js';
export { ModuleBase } from './module-base.js';
export { Module } from './module.js';
export { TimedModule } from './timed-module.js';
export { TimedModuleWrapper, type TimedOptions, type WrapperSpec } from './timed-module-wrapper.js';
export { LayerToTimedModule, type LayerAttributes, type LayerEvolveOptions } from './layer-to-timed-module.js';
export { asTimedModule, type LayerSpec, type TimedLayer, type TimedLayerClass } from './as-timed-module.js';
export type {
  AsyncTimedEvolveOptions,
  SeriesOptions,
  TimedEvolveOptions,
  TimedInput,
  TimedModuleOptions,
  TimedResult,
  TimedSpec,
} from './timed-types.js';
export type { Batched } from './auto-batch.js';
export { matmul } from './product.js';
export { moduleClass, registerModuleClass, type ModuleClass } from './registry.js';
export type {
  AnySpec,
  AsyncModuleEvolveOptions,
  Attributes,
  EvolveResult,
  ModuleConfig,
  ModuleEvolveOptions,
  ModuleOptions,
  ModuleSnapshot,
  ModuleSpec,
  ModuleToDictOptions,
  RecordTree,
  SetAttributesOptions,
  SpecOf,
} from './types.js';
