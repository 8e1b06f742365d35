/** Writes a file again and again, until it is killed: for the test of writeFileAtomic. */
import { writeFileAtomic, writeFileAtomicSync } from 'rockpool-node/io';

async function main(): Promise<void> {
  const [, , target = '', once] = process.argv;
  writeFileAtomicSync(target, new Uint8Array(100_000).fill(255));
  process.send?.('ready');
  for (let i = 0; once === undefined; i++) {
    const data = new Uint8Array(100_000).fill(i % 255);
    if (i % 2) writeFileAtomicSync(target, data);
    else await writeFileAtomic(target, data);
  }
  process.disconnect();
}

void main();
