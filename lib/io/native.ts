/** Native functions of files. */
import type { NdData } from '../array.js';
import type { NativeJob, NativeProgress } from '../native.js';

/** Where the entries of a ZIP are: five numbers for each, in the order method, offset, packed size, size, CRC-32. */
export interface NativeZipIndex {
  names: string[];
  table: Float64Array;
}

/** The header of a .npy. */
export interface NativeNpyHeader {
  descr: string;
  /** Element type of the array to read into, `text`, or null for what cannot be read. */
  output: 'float64' | 'float32' | 'int32' | 'uint32' | 'uint8' | 'text' | null;
  shape: number[];
  count: number;
}

/** One array to write: name, type in the file, shape, data. */
export type NativeNpyArray = [name: string, dtype: string, shape: Float64Array, data: NdData];

/** The header of a WAV file. */
export interface NativeWavHeader {
  channels: number;
  rate: number;
  frames: number;
}

export interface NativeIo {
  zipIndex(bytes: Uint8Array, maxEntries: number): NativeZipIndex;
  /** `previous`: the sum of what comes before. */
  crc32(bytes: Uint8Array, previous?: number): number;
  npyHeader(npy: Uint8Array): NativeNpyHeader;
  /** Fills `out`. */
  npyRead(npy: Uint8Array, out: NdData): void;
  npyText(npy: Uint8Array): string[];
  /** Checks the CRC-32 and fills `out`; neither array may be known to anybody else. */
  npyReadJob(npy: Uint8Array, crc: number, out: NdData, progress: NativeProgress): NativeJob<undefined>;
  npzSize(arrays: NativeNpyArray[], bare: boolean): number;
  npzWrite(arrays: NativeNpyArray[], bare: boolean, out: Uint8Array): void;
  /** Copies the data and fills `out`, which may not be known to anybody else. */
  npzWriteJob(arrays: NativeNpyArray[], bare: boolean, out: Uint8Array, progress: NativeProgress): NativeJob<undefined>;
  wavHeader(bytes: Uint8Array): NativeWavHeader;
  /** Fills `out`, frames x channels. */
  wavRead(bytes: Uint8Array, out: Float64Array): void;
  /** The same; neither array may be known to anybody else. */
  wavReadJob(bytes: Uint8Array, out: Float64Array, progress: NativeProgress): NativeJob<undefined>;
  /** `encoding`: 0 to 5 for unsigned 8 bits, integers of 16, 24, 32 bits, floats of 32, 64 bits. */
  wavSize(encoding: number, channels: number, frames: number): number;
  /** Fills `out` and returns how many samples were beyond full scale. */
  wavWrite(encoding: number, channels: number, rate: number, samples: Float64Array, out: Uint8Array): number;
  /** A number as half precision holds it. */
  roundToHalf(value: number): number;
}
