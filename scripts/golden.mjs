// Replays recorded cases: npm run test:golden -- [DIR] [--class NAME ...] [--json]
//
// A thin door to dist-test/test/golden/run.js, which `npm run build:ts` makes.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const runner = join(dirname(fileURLToPath(import.meta.url)), '../dist-test/test/golden/run.js');
if (!existsSync(runner)) {
  console.error('test:golden: the runner is not built: run `npm run build` first');
  process.exit(2);
}
const { status, error } = spawnSync(process.execPath, [runner, ...process.argv.slice(2)], { stdio: 'inherit' });
if (error) console.error(`test:golden: ${error.message}`);
process.exit(status ?? 2);
