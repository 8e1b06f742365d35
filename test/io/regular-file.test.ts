import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import {
  loadSnapshot,
  loadTsFromFile,
  loadTsFromFileSync,
  readAedat,
  readAedatSync,
  readCsv,
  readCsvHeader,
  readCsvPieces,
  readCsvSync,
  readNir,
  readNpy,
  readNpySync,
  readNpz,
  readNpzSync,
  readWav,
  readWavSync,
} from 'rockpool-node/io';
import { Layer } from 'rockpool-node/layers';
import { useFolder } from './helpers';

describe('paths that are no files', () => {
  const { path } = useFolder();

  // Without the check, opening the pipe waits for somebody who writes to it, in a thread that nothing ends.
  it('a pipe that nobody writes to, a device and a folder are refused at once', async function () {
    if (process.platform === 'win32') this.skip();
    execFileSync('mkfifo', [path('pipe.npz')]);
    mkdirSync(path('folder.npz'));
    symlinkSync('/dev/zero', path('device.npz'));
    const readers: Record<string, (from: string) => unknown> = {
      readWavSync,
      readWav,
      readCsvSync,
      readCsv,
      readCsvHeader,
      readCsvPieces: (from) => readCsvPieces(from).next(),
      readAedatSync,
      readAedat,
      readNpzSync,
      readNpz,
      readNpySync,
      readNpy,
      loadTsFromFileSync,
      loadTsFromFile,
      loadSnapshot,
      readNir,
      'Layer.loadFromFile': (from) => Layer.loadFromFile(from),
    };
    for (const [name, read] of Object.entries(readers))
      for (const [from, message] of [
        [path('pipe.npz'), /it is no file but a pipe/],
        [path('device.npz'), /it is no file but a device/],
        [path('folder.npz'), /it is a folder/],
      ] as const)
        await assert.rejects(async () => read(from), { code: 'ERR_FILE', message }, `${name} ${from}`);
  });
});
