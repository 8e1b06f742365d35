#!/usr/bin/env node
// Called by binding.gyp: builds with cmake-js beside node-gyp's own files and copies the result to where node-gyp wants it.
//   node gyp-cmake.cjs PRODUCT_DIR ARCH
'use strict';

const { execFileSync } = require('node:child_process');
const { copyFileSync, mkdirSync } = require('node:fs');
const { join, resolve } = require('node:path');

const root = join(__dirname, '..');
const [productDir, arch] = process.argv.slice(2);
const product = resolve(productDir);
const cmakeJs = join(root, 'node_modules', 'cmake-js', 'bin', 'cmake-js');

execFileSync(
  process.execPath,
  [cmakeJs, 'build', '--directory', root, '--out', join(root, 'build', 'cmake'), '--arch', arch],
  {
    stdio: 'inherit',
  },
);
mkdirSync(product, { recursive: true });
copyFileSync(join(root, 'build', 'cmake', 'Release', 'rockpool.node'), join(product, 'rockpool.node'));
