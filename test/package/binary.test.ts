import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const binary = join(root, 'build/Release/rockpool.node');
const text = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const hasReadelf = process.platform === 'linux' && spawnSync('readelf', ['--version']).status === 0;

describe('the native binary', () => {
  // What stands in for a real Electron: nothing but stable Node-API symbols, and no external buffers.
  (hasReadelf && existsSync(binary) && !process.env.ROCKPOOL_TEST_SANITIZED ? it : it.skip)(
    'needs only Node-API 8 and old system libraries',
    () => {
      const symbols = text('readelf', '--dyn-syms', '--wide', binary)
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter((columns) => columns.length >= 8);
      const undefinedNames = symbols.filter((c) => c[6] === 'UND').map((c) => c[7].replace(/@.*/, ''));
      const headers = createRequire(__filename)('node-api-headers') as {
        symbols: Record<string, { js_native_api_symbols: string[]; node_api_symbols: string[] }>;
      };
      const allowed = new Set(
        Object.entries(headers.symbols).flatMap(([v, s]) =>
          Number(v.slice(1)) <= 8 ? [...s.js_native_api_symbols, ...s.node_api_symbols] : [],
        ),
      );
      for (const name of undefinedNames.filter((n) => /^(napi|node_api)_/.test(n)))
        assert.ok(allowed.has(name), `${name} is newer than Node-API 8`);
      assert.deepEqual(
        undefinedNames.filter((n) => /^_ZN2v8|^_ZN4node|^uv_|napi_create_external_(array)?buffer/.test(n)),
        [],
      );
      const exported = symbols.filter((c) => c[6] !== 'UND' && c[4] === 'GLOBAL').map((c) => c[7].replace(/@.*/, ''));
      assert.deepEqual(exported.sort(), ['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
      const needed = [...text('readelf', '-d', binary).matchAll(/NEEDED.*\[(.*)\]/g)].map((m) => m[1]);
      for (const library of needed) assert.match(library, /^(libc|libm|libgcc_s|ld-linux.*|libpthread)\.so/);
      const glibc = symbols.flatMap((c) => /@GLIBC_(2\.\d+)/.exec(c[7])?.[1] ?? []).map((v) => Number(v.slice(2)));
      assert.ok(Math.max(...glibc) <= 34, `glibc 2.${Math.max(...glibc)} is newer than 2.34`);
    },
  );

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
