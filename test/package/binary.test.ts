import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const binary = join(root, 'build/Release/rockpool.node');

describe('the native binary', () => {
  // What stands in for a real Electron: nothing but stable Node-API symbols, and no external buffers.
  const checkable = process.platform === 'linux' && existsSync(binary) && !process.env.ROCKPOOL_TEST_SANITIZED;
  const check = (file: string) =>
    spawnSync(process.execPath, [join(root, 'scripts/check-binary.mjs'), file], { encoding: 'utf8' });
  (checkable ? it : it.skip)('needs only Node-API 8 and old system libraries', () => {
    const { status, stdout, stderr } = check(binary);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /needs .*libc\.so\.6.*; glibc 2\.\d\d/);
  });

  /** A copy in which a name of a symbol or a library reads otherwise. */
  const forged = (from: string, to: string) => {
    const content = readFileSync(binary);
    const at = content.indexOf(`${from}\0`);
    assert.ok(at > 0 && from.length === to.length);
    content.write(to, at, 'latin1');
    const file = join(folder, 'forged.node');
    writeFileSync(file, content);
    return check(file);
  };
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-'));
  after(() => rmSync(folder, { recursive: true }));
  for (const [from, to, told] of [
    ['napi_create_promise', 'napi_create_promisf', /napi_create_promisf is not in Node-API 8/],
    ['napi_create_promise', '_ZN2v86Locker3Get', /uses _ZN2v86Locker3Get/],
    ['napi_create_reference', 'node_api_symbol_for_x', /node_api_symbol_for_x is not in Node-API 8/],
    ['libgcc_s.so.1', 'libfoo_s.so.1', /needs libfoo_s\.so\.1/],
    ['GLIBC_2.34', 'GLIBC_2.38', /needs glibc 2\.38, newer than 2\.34/],
    ['node_api_module_get_api_version_v1', 'node_api_module_get_api_version_v2', /exports .*version_v2/],
  ] as const)
    (checkable ? it : it.skip)(`a library with ${to} for ${from} is refused`, () => {
      const { status, stderr } = forged(from, to.padEnd(from.length, '_'));
      assert.equal(status, 1);
      assert.match(stderr, told);
    });

  it('a wrong ROCKPOOL_SIMD is an error of loading that names the choices', () => {
    const result = spawnSync(process.execPath, ['-e', "require('rockpool-node')"], {
      cwd: root,
      env: { ...process.env, ROCKPOOL_SIMD: 'mmx' },
      encoding: 'utf8',
    });
    assert.equal(result.status, 1);
    assert.match(result.stderr, /ROCKPOOL_SIMD to be one of .*baseline.*received mmx/);
  });

  it('a missing library is an error that tells how to build it', () => {
    const empty = mkdtempSync(join(tmpdir(), 'rockpool-'));
    const result = spawnSync(process.execPath, ['-e', "require('rockpool-node')"], {
      cwd: root,
      env: { ...process.env, ROCKPOOL_NODE_PREBUILD: empty },
      encoding: 'utf8',
    });
    rmSync(empty, { recursive: true });
    assert.equal(result.status, 1);
    assert.match(result.stderr, /ERR_NATIVE_LOAD/);
    assert.match(result.stderr, /npm run build:native/);
  });

  it('gives one set of classes to require and import', () => {
    const code =
      "import('rockpool-node').then((m) => process.exit(m.NdArray === require('rockpool-node').NdArray && m.RockpoolError === require('rockpool-node').RockpoolError ? 0 : 1))";
    assert.equal(spawnSync(process.execPath, ['-e', code], { cwd: root }).status, 0);
  });
});
