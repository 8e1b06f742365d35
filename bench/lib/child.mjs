/** Runs one benchmark file in this process, and prints each result as a JSON line. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure } from './measure.mjs';
import { Peer } from './peer.mjs';

const name = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), 'rockpool-bench-'));
const peers = new Map();

function peerOf({ environment, script }) {
  const key = `${environment} ${script}`;
  if (!peers.has(key)) peers.set(key, Peer.start(environment, script, folder));
  return peers.get(key);
}

try {
  const { default: define } = await import(`../${name}.mjs`);
  for (const definition of await define({ folder })) {
    const peer = definition.peer && peerOf(definition.peer);
    const result = await measure({ ...definition, name: definition.name ? `${name}/${definition.name}` : name }, peer);
    console.log(JSON.stringify(result));
  }
} finally {
  for (const peer of peers.values()) peer?.close();
  rmSync(folder, { recursive: true, force: true });
}
