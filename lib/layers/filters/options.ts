/** Options of filter banks. */

/** Options of {@link FilterBank}. */
export interface FilterBankOptions {
  /** Default `'unnamed'`. */
  name?: string | null;
  /** Cutoff of the low-pass behind the rectification, in Hz. Default 100. */
  cutoffFs?: number;
  /** Number of filters. Default 64. */
  numFilters?: number;
  /** Order of the filters, from 1 to 64: band-passes fall by 20 `order` dB per decade on each side. Default 2. */
  order?: number;
  /** Subtract from each channel of an output its mean. Default false. */
  meanSubtraction?: boolean;
  /** Divide each output by its largest magnitude, before the mean is subtracted; silence stays as it is. Default false. */
  normalize?: boolean;
  /** A hint of the original: filters are shared out to the threads of the process in any case. Default 1. */
  numWorkers?: number;
  /** Emit only the samples of the time steps that are multiples of it. Default 1. */
  downsample?: number;
  /** Not used: there is no noise. */
  seed?: number;
}

export const filterBankOptionNames = [
  'fs',
  'name',
  'cutoffFs',
  'numFilters',
  'order',
  'meanSubtraction',
  'normalize',
  'numWorkers',
  'downsample',
  'seed',
];
