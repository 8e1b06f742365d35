import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildInfo } from 'rockpool-node';
import type { exitCodeOf as ExitCodeOf, Interruption as InterruptionClass } from '../../dist/cli/exit.js';
import type { jsonLine as JsonLine, printable as Printable, table as Table } from '../../dist/cli/output.js';
import type { duration as Duration } from '../../dist/cli/progress.js';
import { call, callJson, ended, main, root, start } from './helpers';

const load = createRequire(__filename);
const { exitCodeOf, Interruption } = load(join(root, 'dist/cli/exit.js')) as {
  exitCodeOf: typeof ExitCodeOf;
  Interruption: typeof InterruptionClass;
};
const { jsonLine, printable, table } = load(join(root, 'dist/cli/output.js')) as {
  jsonLine: typeof JsonLine;
  printable: typeof Printable;
  table: typeof Table;
};
const { duration } = load(join(root, 'dist/cli/progress.js')) as { duration: typeof Duration };

describe('the program rockpool-node', () => {
  it('is the bin of the package and tells its version', async () => {
    const { bin, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
      version: string;
    };
    assert.equal(join(root, bin['rockpool-node']), main);
    assert.match(readFileSync(main, 'utf8'), /^#!\/usr\/bin\/env node\n/);
    assert.deepEqual(await ended(start(['--version'])), {
      code: 0,
      signal: null,
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  it('--help lists the commands and the exit codes, without the native library', async () => {
    const { code, stdout, stderr } = await ended(
      start(['--help'], { ROCKPOOL_SIMD: 'none such, which is an error of loading' }),
    );
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.match(stdout, /build-info/);
    assert.match(stdout, /130 +interrupted/);
  });

  it('without arguments prints the help on stderr and is wrong usage', async () => {
    const { code, stdout, stderr } = await call([]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^Usage: rockpool-node/);
  });

  for (const [args, message] of [
    [['bild-info'], /unknown command 'bild-info' \(Did you mean build-info\?\)/],
    [['build-info', '--jsn'], /unknown option '--jsn' \(Did you mean --json\?\)/],
    [['build-info', 'more'], /too many arguments/],
  ] as const) {
    it(`${args.join(' ')}: an error of usage on one line, or as JSON`, async () => {
      const { code, stdout, stderr } = await call(args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, message);
      assert.match(stderr, /^rockpool-node: .* \(ERR_USAGE\)\n$/);
      const json = await call([...args, '--json']);
      assert.deepEqual([json.code, json.stdout], [2, '']);
      const { error } = JSON.parse(json.stderr) as { error: Record<string, unknown> };
      assert.deepEqual([error.code, error.exitCode], ['ERR_USAGE', 2]);
      assert.match(String(error.message), message);
    });
  }

  it('a library that does not load is an error, with a stack only for debugging', async () => {
    const env = { ROCKPOOL_SIMD: 'mmx' };
    const { code, stdout, stderr } = await ended(start(['build-info'], env));
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^rockpool-node: .*ROCKPOOL_SIMD.*\(ERR_SIMD_TARGET\)\n$/);
    const debug = await ended(start(['build-info'], { ...env, ROCKPOOL_DEBUG: '1' }));
    assert.match(debug.stderr, /\n +at /);
  });

  it('is stopped by its signal', async () => {
    const stop = new AbortController();
    stop.abort(Interruption.interrupted());
    const { code, stderr } = await call(['build-info'], { signal: stop.signal });
    assert.equal(code, 130);
    assert.match(stderr, /interrupted/);
  });
});

describe('rockpool-node build-info', () => {
  it('says what the library was built from', async () => {
    const { data, stderr } = await callJson(['build-info']);
    assert.deepEqual({ ...data, ...buildInfo() }, data);
    assert.equal(stderr, '');
    const { stdout } = await call(['build-info']);
    assert.match(stdout, new RegExp(`Eigen +${buildInfo().eigen}`));
  });
});

describe('what commands share', () => {
  it('exit codes follow from the kind of error', () => {
    const coded = (code: string) => Object.assign(new Error('x'), { code });
    const codes = ['ERR_FILE', 'ERR_DEVICE_LOST', 'ERR_NO_DEVICE', 'ERR_NO_LIBUSB', 'ERR_USAGE', 'ERR_NOT_FINITE'];
    assert.deepEqual(
      codes.map((code) => exitCodeOf(coded(code))),
      [3, 4, 4, 4, 2, 1],
    );
    assert.equal(exitCodeOf(undefined), 1);
    const signal = AbortSignal.abort(Interruption.terminated());
    assert.equal(exitCodeOf(coded('ERR_ABORTED'), signal), 143);
    assert.equal(exitCodeOf(coded('ERR_FILE'), signal), 3);
  });

  it('text cannot steer the terminal, and JSON stays JSON', () => {
    assert.equal(printable('a\u001b[31mb\tc\nd\u0000'), 'a\\x1b[31mb\tc\nd\\x00');
    assert.equal(jsonLine({ a: new Float64Array([1, NaN]), b: 2n }), '{"a":[1,null],"b":2}');
    assert.equal(table(['name', 'n'], [['a', 1], ['long', 10]]), 'name   n\na      1\nlong  10'); // prettier-ignore
  });

  it('durations are short', () => {
    assert.deepEqual([0.4, 59.7, 61, 3599, 3725, NaN, Infinity].map(duration), [
      '0 s',
      '1 min 00 s',
      '1 min 01 s',
      '59 min 59 s',
      '1 h 02 min',
      '?',
      '?',
    ]);
  });
});
