/** A NIR graph in memory: what a file holds, checked, and nothing of how a simulator reads it. */
import type { ArrayLike_ as ArrayInput, NdArray } from '../array.js';

/** Numbers of a node, single or double precision as in the file; integers are doubles. Shape `[]`: one for all. */
export type NirArray = NdArray<Float64Array> | NdArray<Float32Array>;

/** What metadata may hold. */
export type NirMetadataValue = string | number | boolean | NirArray | string[] | NirMetadata;
/** Metadata of a node or graph, by name. */
export interface NirMetadata {
  [name: string]: NirMetadataValue;
}

interface NodeOf<Type extends string> {
  type: Type;
  /** Free for every program to use; simulators that do not know an entry ignore it. */
  metadata?: NirMetadata;
}

/** Where data comes in. */
export interface NirInput extends NodeOf<'Input'> {
  /** Shape of what comes in. */
  shape: number[];
}
/** Where data goes out. */
export interface NirOutput extends NodeOf<'Output'> {
  /** Shape of what goes out. */
  shape: number[];
}
/** `y = W x`; weight [post, pre]. */
export interface NirLinear extends NodeOf<'Linear'> {
  weight: NirArray;
}
/** `y = W x + b`; weight [post, pre]. */
export interface NirAffine extends NodeOf<'Affine'> {
  weight: NirArray;
  bias: NirArray;
}
/** `y = s x`, elementwise. */
export interface NirScale extends NodeOf<'Scale'> {
  scale: NirArray;
}
/** `z = 1` where `x > threshold`. */
export interface NirThreshold extends NodeOf<'Threshold'> {
  threshold: NirArray;
}
/** `y(t) = x(t - delay)`. */
export interface NirDelay extends NodeOf<'Delay'> {
  delay: NirArray;
}
/** `dv/dt = r I`. */
export interface NirI extends NodeOf<'I'> {
  r: NirArray;
}
/** `dv/dt = r I`, a spike above the threshold. */
export interface NirIF extends NodeOf<'IF'> {
  r: NirArray;
  v_threshold: NirArray;
  /** Default zeros. */
  v_reset: NirArray;
}
/** `tau dv/dt = (v_leak - v) + r I`. */
export interface NirLI extends NodeOf<'LI'> {
  tau: NirArray;
  r: NirArray;
  v_leak: NirArray;
}
/** `tau dv/dt = (v_leak - v) + r I`, a spike above the threshold. */
export interface NirLIF extends NodeOf<'LIF'> {
  tau: NirArray;
  r: NirArray;
  v_leak: NirArray;
  v_threshold: NirArray;
  /** Default zeros. */
  v_reset: NirArray;
}
/** `tau_syn dI/dt = -I + w_in S`, `tau_mem dv/dt = (v_leak - v) + r I`. */
export interface NirCubaLI extends NodeOf<'CubaLI'> {
  tau_syn: NirArray;
  tau_mem: NirArray;
  r: NirArray;
  v_leak: NirArray;
  /** Default ones. */
  w_in: NirArray;
}
/** {@link NirCubaLI} with a spike above the threshold. */
export interface NirCubaLIF extends NodeOf<'CubaLIF'> {
  tau_syn: NirArray;
  tau_mem: NirArray;
  r: NirArray;
  v_leak: NirArray;
  v_threshold: NirArray;
  /** Default zeros. */
  v_reset: NirArray;
  /** Default ones. */
  w_in: NirArray;
}
/** Dimensions from `start_dim` to `end_dim` become one. */
export interface NirFlatten extends NodeOf<'Flatten'> {
  input_type?: number[];
  start_dim: number;
  end_dim: number;
}
/** A convolution in one dimension; weight [out, in / groups, kernel]. */
export interface NirConv1d extends NodeOf<'Conv1d'> {
  input_shape?: number[];
  weight: NirArray;
  bias: NirArray;
  stride: number[];
  padding: number[] | 'same' | 'valid';
  dilation: number[];
  groups: number;
}
/** A convolution in two dimensions; weight [out, in / groups, kernel, kernel]. */
export interface NirConv2d extends NodeOf<'Conv2d'> {
  input_shape?: number[];
  weight: NirArray;
  bias: NirArray;
  stride: number[];
  padding: number[] | 'same' | 'valid';
  dilation: number[];
  groups: number;
}
/** Sums over windows. */
export interface NirSumPool2d extends NodeOf<'SumPool2d'> {
  kernel_size: number[];
  stride: number[];
  padding: number[];
}
/** Means over windows. */
export interface NirAvgPool2d extends NodeOf<'AvgPool2d'> {
  kernel_size: number[];
  stride: number[];
  padding: number[];
}

/** Nodes by name and the connections between them. */
export interface NirGraph extends NodeOf<'NIRGraph'> {
  nodes: Map<string, NirNode>;
  /** From, to. */
  edges: [from: string, to: string][];
}

/** Any node. */
export type NirNode =
  | NirGraph
  | NirInput
  | NirOutput
  | NirLinear
  | NirAffine
  | NirScale
  | NirThreshold
  | NirDelay
  | NirI
  | NirIF
  | NirLI
  | NirLIF
  | NirCubaLI
  | NirCubaLIF
  | NirFlatten
  | NirConv1d
  | NirConv2d
  | NirSumPool2d
  | NirAvgPool2d;

/** The name of a type of node. */
export type NirType = NirNode['type'];

/** A graph as it may be handed in: nodes in a Map or a plain object, numbers as any array-like, fields with a default left out. */
export interface NirGraphInput {
  type?: 'NIRGraph';
  nodes: ReadonlyMap<string, NirNodeInput> | Readonly<Record<string, NirNodeInput>>;
  edges: readonly (readonly [string, string])[];
  metadata?: Readonly<Record<string, unknown>>;
}
/** A node as it may be handed in. */
export type NirNodeInput =
  | NirGraphInput
  | NirNode
  | {
      type: NirType;
      metadata?: Readonly<Record<string, unknown>>;
      [field: string]: ArrayInput | string | object | undefined;
    };
