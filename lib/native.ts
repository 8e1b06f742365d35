/** Types of the native functions, one interface for each file of the glue. Parts are merged here. */
import type { NativeDynapseEvents } from './devices/dynapse/events-native.js';
import type { NativeDynapse } from './devices/dynapse/native.js';
import type { NativeVirtualDynapse } from './layers/dynapse/native.js';
import type { NativeNir } from './nir/native.js';
import type { NativeLayers } from './layers/native.js';
import type { NativeLimits } from './layers/limits-native.js';
import type { NativeLif } from './layers/lif/native.js';
import type { NativeMel } from './time-series/mel-native.js';
import type { NativeFastSlow } from './layers/fast-slow/native.js';
import type { NativeIAF } from './layers/iaf/native.js';
import type { NativeTempotron } from './layers/iaf/tempotron.js';
import type { NativeConstantLeak } from './layers/constant-leak/native.js';
import type { NativeRate } from './layers/rate-native.js';
import type { RockpoolError } from './errors.js';
import type { NativeRateAdjoints } from './modules/kernels/native-adjoint-rate.js';
import type { NativeAdjoints } from './modules/kernels/native-adjoint.js';
import type { NativeModules } from './modules/kernels/native.js';
import type { NativeAedat } from './io/aedat-native.js';
import type { NativeCsv } from './io/csv-native.js';
import type { NativeIo } from './io/native.js';
import type { NativeExpSyn } from './layers/exp-syn/native.js';
import type { NativeFilters } from './layers/filters/native.js';
import type { NativeUpDown } from './layers/up-down/native.js';
import type { NativePlot } from './plot/native.js';
import type { NativeLogistic, NativeRidge } from './learning/native.js';
import type { NativeBalanced } from './networks/balanced-native.js';
import type { NativeSparse } from './synapses/native.js';
import type { NativeEvents } from './time-series/events-native.js';
import type { NativeContinuous, NativeMatrices, NativeTimes } from './time-series/native.js';
import type { NativeTraining } from './training/native.js';
import type { NativeWeights } from './weights/native.js';

/** What a long-running native function returns. */
export interface NativeJob<T> {
  promise: Promise<T>;
  cancel(): void;
}

/** Called at most 20 times a second with the work done and the total. */
export type NativeProgress = ((done: number, total: number) => void) | undefined;

/** What the native library was built from and what it runs on. */
export interface BuildInfo {
  /** Version of the package. */
  version: string;
  /** Compiler and its version. */
  compiler: string;
  /** Version of Eigen. */
  eigen: string;
  /** Instruction sets that this processor runs, slowest first. */
  targets: string[];
  /** The instruction set in use. */
  target: string;
  /** Threads that compute at the same time. */
  threads: number;
  /** Built with AddressSanitizer. */
  sanitized: boolean;
}

export interface NativeBase {
  buildInfo(): BuildInfo;
  setConcurrency(n: number): void;
  getConcurrency(): number;
  setErrorClass(cls: typeof RockpoolError): void;
  /**
   * Frees what a handle stands for, at once: a collector does not know how large it is, and finalizers wait for the event loop.
   * What runs goes on; the handle is of no use any more.
   */
  releaseHandle(handle: object): void;
  randomFill(
    kind: 'uniform' | 'normal',
    seed: number,
    stream: number,
    step: number,
    firstUnit: number,
    out: Float64Array,
  ): void;
}

/** All native functions: each area adds its interface here. */
export interface Native
  extends
    NativeBase,
    NativeAdjoints,
    NativeMel,
    NativeEvents,
    NativeTimes,
    NativeContinuous,
    NativeMatrices,
    NativeIo,
    NativeCsv,
    NativeAedat,
    NativeLayers,
    NativeRidge,
    NativeLogistic,
    NativeExpSyn,
    NativeLif,
    NativeRate,
    NativeSparse,
    NativeWeights,
    NativeNir,
    NativeLimits,
    NativeModules,
    NativeRateAdjoints,
    NativeUpDown,
    NativeFilters,
    NativeFastSlow,
    NativeTempotron,
    NativeBalanced,
    NativeConstantLeak,
    NativeDynapse,
    NativeDynapseEvents,
    NativeTraining,
    NativePlot,
    NativeVirtualDynapse,
    NativeIAF {}
