import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { NdArray } from 'rockpool-node';
import {
  loadSnapshot,
  loadSnapshotSync,
  readNpzSync,
  saveSnapshot,
  saveSnapshotSync,
  TextArray,
  writeNpzSync,
} from 'rockpool-node/io';
import { codeOf } from '../layers/helpers.js';
import { isFileError, useFolder } from './helpers.js';

const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 2 ** 31, 2 ** 53 - 1, 1e300, 5e-324),
);
const anyArray = fc.oneof(
  fc.float64Array(),
  fc.float32Array(),
  fc.int32Array(),
  fc.int16Array(),
  fc.int8Array(),
  fc.uint32Array(),
  fc.uint16Array(),
  fc.uint8Array(),
  fc.float64Array({ minLength: 6, maxLength: 6 }).map((data) => new NdArray(data, [2, 3])),
  fc.constant(NdArray.zeros([0, 4], 'int32')),
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('NaN', '-0', 'Infinity', '\0', '$number', '__proto__', '\ud800'),
);
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    anyNumber,
    anyArray,
    anyText,
    fc.boolean(),
    fc.constant(null),
    fc.bigInt(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 4 }),
  ),
}));

/** The same with a plain prototype, and typed arrays apart from the memory that they share with others. */
function normal(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof NdArray || ArrayBuffer.isView(value))
    return value;
  if (Array.isArray(value)) return value.map(normal);
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, normal(v)]));
}

describe('saveSnapshot and loadSnapshot', () => {
  const folder = useFolder();

  it('lose nothing of any plain data', async () => {
    const path = folder.path('a');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(anyText, anyValue), async (data) => {
        const value = { timestep: 0, ...(normal(data) as object) };
        saveSnapshotSync(value, path);
        assert.deepEqual(loadSnapshotSync(path), value);
        await saveSnapshot(value, path);
        assert.deepEqual(await loadSnapshot(`${path}.npz`), value);
      }),
      { numRuns: 150 },
    );
  });

  it('are files of named arrays, with equal bytes for equal content', async () => {
    const snapshot = {
      timestep: 3,
      undefined,
      layers: {
        'a/b': { timestep: 1, state: Float64Array.of(1, 2) },
        'a?b': { timestep: 1, state: Float32Array.of(3) },
      },
    };
    saveSnapshotSync(snapshot, folder.path('a'));
    const fields = readNpzSync(folder.path('a'));
    assert.deepEqual([...fields.keys()], ['snapshot', 'layers.a_b.state', 'layers.a_b.state-1']);
    assert.deepEqual(fields.get('layers.a_b.state-1'), new NdArray(Float32Array.of(3), [1]));
    const { undefined: left, ...rest } = snapshot;
    assert.equal(left, undefined);
    assert.deepEqual(loadSnapshotSync(folder.path('a')), rest);
    await saveSnapshot(snapshot, folder.path('b.npz'));
    assert.deepEqual(readFileSync(folder.path('a.npz')), readFileSync(folder.path('b.npz')));
  });

  it('write what was there at the call', async () => {
    const state = new Float64Array(300_000).fill(1);
    const saved = saveSnapshot({ timestep: 0, state }, folder.path('a'));
    state.fill(2);
    await saved;
    assert.ok(loadSnapshotSync(folder.path('a')).state!.every((v) => v === 1));
  });

  it('refuse what is no plain data, with its path, and leave the old file alone', async () => {
    const path = folder.path('a.npz');
    saveSnapshotSync({ timestep: 1 }, path);
    const before = readFileSync(path);
    const ring: Record<string, unknown> = { timestep: 0 };
    ring['self'] = [ring];
    const gone = new Float64Array(3);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    for (const [wrong, pattern] of [
      [{ timestep: 0, a: { b: [1, () => 1] } }, /expected snapshot.a.b\[1\] to be plain data, received a function/],
      [{ timestep: 0, a: new Map() }, /expected snapshot.a to be plain data, received an object of class Map/],
      [{ timestep: 0, a: new BigInt64Array(1) }, /expected snapshot.a to be a typed array of Float64Array, /],
      [{ timestep: 0, a: new DataView(new ArrayBuffer(8)) }, /expected snapshot.a/],
      [{ timestep: 0, a: [undefined] }, /expected snapshot.a\[0\]/],
      [{ timestep: 0, gone }, /expected gone to be an array whose memory is here/],
      [ring, /expected snapshot.self\[0\] to be plain data, received an object that holds itself/],
      [null, /expected snapshot to be what snapshot\(\) returned/],
      [5, /expected snapshot/],
    ] as const) {
      const isNamed = (e: Error & { code?: string }) => e.code === 'ERR_TYPE' && pattern.test(e.message);
      assert.throws(() => saveSnapshotSync(wrong as never, path), isNamed, String(pattern));
      await assert.rejects(saveSnapshot(wrong as never, path), isNamed);
    }
    assert.equal(codeOf(() => saveSnapshotSync({ timestep: 0 }, 5 as never)), 'ERR_TYPE'); // prettier-ignore
    assert.equal(codeOf(() => loadSnapshotSync(undefined as never)), 'ERR_TYPE'); // prettier-ignore
    assert.deepEqual(readFileSync(path), before);
  });

  it('say what is wrong with a file', async () => {
    const good = folder.path('good.npz');
    saveSnapshotSync({ timestep: 1, state: Float64Array.of(1, 2, 3) }, good);
    const text = (readNpzSync(good).get('snapshot') as TextArray).item()!;
    const files: [string, () => void, RegExp][] = [
      ['missing', () => undefined, /there is no such file/],
      ['folder', () => mkdirSync(folder.path('folder.npz')), /it is a folder/],
      ['text', () => writeFileSync(folder.path('text.npz'), 'hello'), /./],
      ['series', () => writeNpzSync(folder.path('series'), { samples: [1] }), /it holds no snapshot/],
      ['number', () => writeNpzSync(folder.path('number'), { snapshot: 1 }), /it holds no snapshot/],
      ['words', () => writeNpzSync(folder.path('words'), { snapshot: 'words' }), /JSON/],
      ['null', () => writeNpzSync(folder.path('null'), { snapshot: 'null' }), /it holds no snapshot/],
      ['empty', () => writeNpzSync(folder.path('empty'), { snapshot: text.replace(/"value":.*/, '"value":1}') }), /it holds no snapshot/],
      ['newer', () => writeNpzSync(folder.path('newer'), { snapshot: text.replace('"version":1', '"version":2') }), /its version is 2; 1 can be read/],
      ['less', () => writeNpzSync(folder.path('less'), { snapshot: text }), /it has no array 'state'/],
      ['class', () => writeNpzSync(folder.path('class'), { snapshot: text.replace('Float64Array', 'Object'), state: [1] }), /Float64Array/],
      [
        'cut',
        () => {
          copyFileSync(good, folder.path('cut.npz'));
          truncateSync(folder.path('cut.npz'), 200);
        },
        /./,
      ],
    ]; // prettier-ignore
    for (const [name, make, pattern] of files) {
      make();
      assert.throws(() => loadSnapshotSync(folder.path(name)), (e) => isFileError(e, pattern), name); // prettier-ignore
      await assert.rejects(loadSnapshot(folder.path(name)), (e) => isFileError(e, pattern));
    }
    await assert.rejects(saveSnapshot({ timestep: 0 }, folder.path('none/a')), (e) => isFileError(e, /no such/));
  });
});
