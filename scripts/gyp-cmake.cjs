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
const out = join(root, 'build', 'cmake');

execFileSync(process.execPath, [join(__dirname, 'build-here.mjs'), '--out', out, '--arch', arch], { stdio: 'inherit' });
mkdirSync(product, { recursive: true });
copyFileSync(join(out, 'Release', 'rockpool.node'), join(product, 'rockpool.node'));
