import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  biasFilename,
  BoardImage,
  copyBiases,
  type CoreBias,
  formatBiases,
  loadBiases,
  NeuronAllocator,
  parseBiases,
  placeConnections,
  planBatches,
  rectangularNeuronArrangement,
  saveBiases,
} from 'rockpool-node/devices/dynapse';

const coded = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

describe('NeuronAllocator', () => {
  it('gives out the first free neurons, never number 0 of a chip', () => {
    const board = new NeuronAllocator([0, 1]);
    assert.deepEqual(board.allocate('hardware', 3), [1, 2, 3]);
    assert.deepEqual(board.allocate('hardware', [5]), [5]);
    assert.deepEqual(board.allocate('hardware', 2), [4, 6]);
    assert.equal(board.numFree('hardware'), 2 * 1023 - 6);
    const rest = board.allocate('hardware', 2 * 1023 - 6);
    assert.ok(!rest.includes(1024) && rest.includes(1025));
    assert.throws(() => board.allocate('hardware', 1), RangeError);
    board.clear();
    assert.equal(board.numFree('hardware'), 2046);
  });

  it('keeps virtual neurons and those of chip 0 of the same number apart', () => {
    const board = new NeuronAllocator([0, 1]);
    board.allocate('hardware', [7, 1024 + 8]);
    assert.equal(board.isFree('virtual', 7), false);
    assert.equal(board.isFree('virtual', 8), true);
    assert.deepEqual(board.allocate('virtual', 7), [1, 2, 3, 4, 5, 6, 8]);
    assert.throws(() => board.allocate('hardware', [8]), coded('ERR_VALUE'));
    assert.throws(() => board.allocate('virtual', [0]), coded('ERR_VALUE'));
    assert.throws(() => board.allocate('virtual', [1024]), coded('ERR_INDEX'));
    assert.throws(() => board.allocate('virtual', [9, 9]), coded('ERR_VALUE'));
  });

  it('tells which chips have to be prepared', () => {
    const board = new NeuronAllocator();
    assert.throws(() => board.allocate('hardware', [1]), coded('ERR_VALUE'));
    assert.deepEqual(board.chipsToPrepare(1024), [0, 1]);
    assert.deepEqual(board.chipsToPrepare([3000, 5, 3001]), [0, 2]);
    assert.throws(() => board.chipsToPrepare(4093), RangeError);
    board.prepareChip(2);
    assert.deepEqual(board.chipsToPrepare(4092), [0, 1, 3]);
    assert.deepEqual(board.chipsToPrepare(3), []);
    assert.deepEqual(board.allocate('hardware', 1), [2049]);
    assert.deepEqual(board.preparedChips, [2]);
  });

  it('arranges neurons in rectangles', () => {
    assert.deepEqual(rectangularNeuronArrangement(52, 4, 2), [52, 53, 68, 69]);
    assert.deepEqual(rectangularNeuronArrangement(256, 3, 16), [256, 257, 258]);
    assert.throws(() => rectangularNeuronArrangement(15, 2, 2), RangeError);
    assert.throws(() => rectangularNeuronArrangement(240, 17, 16), RangeError);
    assert.equal(rectangularNeuronArrangement(256, 256, 16).length, 256);
  });
});

describe('Files of biases', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-biases-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const biases: CoreBias[] = [
    { core: 0, name: 'IF_BUF_P', fine: 80, coarse: 3 },
    { core: 1, name: 'R2R_P', fine: 85, coarse: 4 },
    { core: 11, name: 'IF_DC_P', fine: 30, coarse: 1 },
  ];

  it('are read with both ways of counting coarse currents', () => {
    const line = 'save_file_model_.get_bias_groups()[12].set_bias("IF_BUF_P", 80, 4)';
    const text = `import CtxDynapse as CtxDynapse\nsave_file_model_ = CtxDynapse.model\n\n# low power\n${line}  # buffer\n`;
    assert.deepEqual(parseBiases(text), [{ core: 12, name: 'IF_BUF_P', fine: 80, coarse: 3 }]);
    assert.deepEqual(parseBiases(text, { coarse: 'descending' })[0].coarse, 4);
    assert.deepEqual(parseBiases(text, { coreIds: 1 }), []);
    assert.equal(parseBiases(text, { coreIds: [12] }).length, 1);
    assert.match(formatBiases(biases), /\[0\]\.set_bias\("IF_BUF_P", 80, 4\)/);
    assert.deepEqual(parseBiases(formatBiases(biases, { coarse: 'descending' }), { coarse: 'descending' }), biases);
  });

  it('are written and read', async () => {
    const file = join(folder, 'biases.py');
    assert.equal(await saveBiases(file, biases), file);
    assert.deepEqual(await loadBiases(file), biases);
    const some = await saveBiases(file, biases, { coreIds: [1, 11] });
    assert.equal(some, join(folder, 'biases_cores_1_11.py'));
    assert.deepEqual(await loadBiases(some), biases.slice(1));
    assert.equal(biasFilename('a.b/biases', 3), 'a.b/biases_cores_3.py');
    assert.ok(readFileSync(file, 'utf8').startsWith('import CtxDynapse'));
    await assert.rejects(loadBiases(join(folder, 'none.py')), coded('ERR_FILE'));
  });

  it('are refused where they are something else', async () => {
    const file = join(folder, 'other.py');
    writeFileSync(file, 'print("hello")\n');
    await assert.rejects(loadBiases(file), /line 1/);
    assert.throws(() => parseBiases('m.get_bias_groups()[16].set_bias("A", 1, 1)'), coded('ERR_FILE'));
    assert.throws(() => parseBiases('m.get_bias_groups()[1].set_bias("A", 256, 1)'), coded('ERR_FILE'));
    assert.throws(() => parseBiases('m.get_bias_groups()[1].set_bias("A", 1, 8)'), coded('ERR_FILE'));
    assert.throws(() => formatBiases([{ core: 0, name: 'a"b', fine: 1, coarse: 1 }]), RangeError);
    assert.throws(() => formatBiases([{ core: 0, name: 'A', fine: 256, coarse: 1 }]), RangeError);
  });

  it('are copied between cores', () => {
    assert.deepEqual(
      copyBiases(biases, 1, [4, 5]).map(({ core, name }) => [core, name]),
      [
        [4, 'R2R_P'],
        [5, 'R2R_P'],
      ],
    );
    assert.equal(copyBiases(biases, 0).length, 15);
  });
});

describe('placeConnections', () => {
  const rec = {
    shape: [4096, 4096],
    data: [3, -2],
    indices: [9, 1034],
    indptr: Float64Array.from({ length: 4097 }, (_, i) => (i > 5 ? 2 : 0)),
  };

  it('fills cells and tells each chip what is new', () => {
    const empty = new BoardImage();
    const image = placeConnections(empty, rec, {
      connectionsExt: [[], [0, 0, 4]].map((row) => [...row, ...new Array(10 - row.length).fill(0)]),
    });
    assert.deepEqual(
      image.synapsesOf(9),
      [0, 1, 2].map((cell) => ({ cell, source: 5, type: 'fastExc' })),
    );
    assert.deepEqual(
      image.synapsesOf(1034),
      [0, 1].map((cell) => ({ cell, source: 5, type: 'fastInh' })),
    );
    assert.deepEqual(
      image.synapsesOf(2).map(({ source }) => source),
      [1, 1, 1, 1],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((chip) => image.wordsAfter(empty, chip).length),
      [2 + 3 + 4, 2, 0, 0],
    );
    assert.equal(placeConnections(image, rec).wordsAfter(image, 0).length, 4);
    const slow = placeConnections(empty, rec, { excitatory: 'slowExc', inhibitory: 'slowInh' });
    assert.deepEqual(slow.synapsesOf(9)[0].type, 'slowExc');
  });

  it('refuses what the hardware cannot connect', () => {
    const empty = new BoardImage();
    const rows = (pre: number, row: number[]) => [...new Array(pre).fill(row.map(() => 0)), row];
    assert.throws(() => placeConnections(empty, rows(5, [65])), coded('ERR_FAN_IN'));
    assert.throws(() => placeConnections(empty, rows(0, [0, 1])), coded('ERR_VALUE'));
    assert.throws(() => placeConnections(empty, rows(5, [1]), { connectionsExt: rows(5, [1]) }), coded('ERR_ALIASING'));
    assert.throws(() => placeConnections(empty, rows(5, [1]), { excitatory: 'fastInh' }), RangeError);
  });
});

describe('planBatches', () => {
  it('cuts by steps and events, and by trials', () => {
    assert.deepEqual(planBatches([1, 5, 7], 10, { maxNumTimesteps: 6 }), [
      { firstStep: 0, endStep: 6, firstEvent: 0, endEvent: 2 },
      { firstStep: 6, endStep: 10, firstEvent: 2, endEvent: 3 },
    ]);
    assert.equal(planBatches([1, 5, 7], 10, { maxNumEventsBatch: 1 }).length, 3);
    assert.deepEqual(
      planBatches([1, 5, 7], 10, { trialStarts: [0, 2, 6], maxNumTrialsBatch: 1 }).map(({ firstStep }) => firstStep),
      [0, 2, 6],
    );
    assert.throws(() => planBatches([5, 1], 10), RangeError);
    assert.throws(() => planBatches([10], 10), RangeError);
    assert.throws(() => planBatches([1], 10, { maxNumEventsBatch: 65536 }), /maxNumEventsBatch/);
  });
});
