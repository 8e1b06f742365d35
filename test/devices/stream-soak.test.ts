import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { itUnsanitized } from '../sanitized';

const root = join(__dirname, '..', '..', '..');

describe('a long stream of a board', () => {
  itUnsanitized('loses nothing and does not grow', () => {
    // Its exit status is 1 when an event was lost or memory grew; bench/soak/board.mjs runs at full length by hand.
    const text = execFileSync(process.execPath, [join(root, 'bench/soak/board.mjs'), '4e7'], { encoding: 'utf8' });
    assert.match(text, /^40000000 events, 0 lost/m);
  });
});
