/** One writer over a file that is there, in a process that may not write that much: for the test of all writers. */
import { FFRateEuler } from 'rockpool-node/layers';
import { Network, TSContinuous, TSEvent } from 'rockpool-node';
import * as io from 'rockpool-node/io';

const n = 200_000;
const clocked = (): TSContinuous =>
  TSContinuous.fromClocked(
    Float64Array.from({ length: n }, (_, i) => Math.sin(i)),
    1e-3,
  );
const events = (): TSEvent =>
  new TSEvent(
    Float64Array.from({ length: n }, (_, i) => i / 7),
    new Int32Array(n),
    { tStop: n },
  );
const layer = (): FFRateEuler => new FFRateEuler({ weights: [Array.from({ length: 60_000 }, Math.random)], dt: 1e-3 });

/** Everything that writes a file, by its name. */
export const writers: Record<string, (path: string) => unknown> = {
  writeFileAtomicSync: (path) => io.writeFileAtomicSync(path, new Uint8Array(8 * n)),
  writeFileAtomic: (path) => io.writeFileAtomic(path, new Uint8Array(8 * n)),
  'TSContinuous.saveSync': (path) => clocked().saveSync(path),
  'TSContinuous.save': (path) => clocked().save(path),
  'TSEvent.saveSync': (path) => events().saveSync(path),
  'TSEvent.save': (path) => events().save(path),
  writeNpzSync: (path) => io.writeNpzSync(path, { a: new Float64Array(n) }),
  writeNpz: (path) => io.writeNpz(path, { a: new Float64Array(n) }),
  writeNpySync: (path) => io.writeNpySync(path, new Float64Array(n)),
  writeNpy: (path) => io.writeNpy(path, new Float64Array(n)),
  writeWavSync: (path) => io.writeWavSync(path, clocked()),
  writeWav: (path) => io.writeWav(path, clocked()),
  writeCsvSync: (path) => io.writeCsvSync(path, clocked()),
  writeCsv: (path) => io.writeCsv(path, events()),
  saveSnapshotSync: (path) => io.saveSnapshotSync(layer().snapshot(), path),
  saveSnapshot: (path) => io.saveSnapshot(layer().snapshot(), path),
  'Layer.saveLayer': (path) => layer().saveLayer(path),
  'Network.save': (path) => new Network(layer()).save(path),
};

async function main(): Promise<void> {
  const [, , name = '', path = ''] = process.argv;
  try {
    await writers[name](path);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_FILE') throw error;
    process.exitCode = 3;
  }
}

if (require.main === module) void main();
