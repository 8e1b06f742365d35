/** Files: NumPy's `.npz` and `.npy`, and writing whole or not at all. */
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
export { writeFileAtomic, writeFileAtomicSync, type FileData } from './atomic.js';
export type { PathInput } from './file-error.js';
