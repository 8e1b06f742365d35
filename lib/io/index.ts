/** Files: NumPy's `.npz` and `.npy`, time series, and writing whole or not at all. */
import '../time-series/index.js'; // the classes that files are loaded into
export {
  readNpy,
  readNpySync,
  readNpz,
  readNpzSync,
  TextArray,
  writeNpy,
  writeNpySync,
  writeNpz,
  writeNpzSync,
  type NpzDType,
  type NpzInput,
  type NpzLimits,
  type NpzValue,
  type ReadNpzOptions,
} from './npz.js';
export { NpyAppender } from './npy-append.js';
export type { NpyAppenderOptions } from './npy-rows.js';
export { loadSnapshot, loadSnapshotSync, saveSnapshot, saveSnapshotSync } from './snapshot-file.js';
export { writeFileAtomic, writeFileAtomicSync, type FileData } from './atomic.js';
export type { PathInput } from './file-error.js';
export {
  loadTsFromFile,
  loadTsFromFileSync,
  type LoadOptions,
  type SaveOptions,
  type SeriesType,
} from './series-file.js';
export type { ContinuousDictOptions, EventDictOptions, SeriesDict } from './series-fields.js';
export {
  readWav,
  readWavSync,
  writeWav,
  writeWavSync,
  type ReadWavOptions,
  type WavFormat,
  type WriteWavOptions,
} from './wav.js';
export {
  readCsv,
  readCsvHeader,
  readCsvPieces,
  readCsvSync,
  type CsvColumn,
  type CsvHeader,
  type ReadCsvOptions,
} from './csv.js';
export { writeCsv, writeCsvSync, type WriteCsvOptions } from './csv-write.js';
export {
  readAedat,
  readAedatPieces,
  readAedatSync,
  type AedatRecording,
  type AedatSize,
  type AedatStream,
  type ReadAedatOptions,
} from './aedat.js';
export { TSDictOnDisk, type DictData } from './ts-dict-on-disk.js';
export * from '../nir/index.js';
