/** Options of filter banks. */
import type { KernelOptions } from '../kernels/kernel-module.js';

/** Options of the filter banks `ButterFilter` and `ButterMelFilter`. */
export interface FilterModuleOptions extends KernelOptions {
  /** Sample rate of the input in Hz. Default 44100. */
  fs?: number;
  /** Order of the filters, from 1 to 64. Cannot be set later. Default 2. */
  order?: number;
  /** Subtract from each channel of an output its mean. Default false. */
  meanSubtraction?: boolean;
  /** Divide each output by its largest magnitude, before the mean is subtracted; silence stays as it is. Default false. */
  normalize?: boolean;
  /** A hint of the original: filters are shared out to the threads of the process in any case. Default 1. */
  numWorkers?: number;
  /** Rectify the bands and smooth them; false: the bands as they are. Cannot be set later. Default true. */
  useLowpass?: boolean;
}
