/** Native functions of src/mel.cpp. */
import type { NativeJob, NativeProgress } from '../native.js';

/** samples (row-major), numChannels, sampleRate, bands, window and hop in samples, fMin, fMax, decibel, floor */
export type MelArgs = [
  samples: Float64Array,
  numChannels: number,
  sampleRate: number,
  bands: number,
  window: number,
  hop: number,
  fMin: number,
  fMax: number,
  decibel: boolean,
  floor: number,
];

export interface NativeMel {
  melSpectrogram(...args: MelArgs): Float64Array;
  melSpectrogramAsync(...args: [...MelArgs, onProgress: NativeProgress]): NativeJob<Float64Array>;
  /** 0 when the times are not even. */
  evenSampleRate(times: Float64Array): number;
}
