#!/usr/bin/env node
// Stands in for node-gyp when prebuildify runs: accepts `rebuild --target=… --arch=… --release`, builds with cmake-js, which needs
// neither Node's headers nor a network, and leaves the library in build/Release of the current folder, where prebuildify takes it.
//
// Compiles what is stale in build/; a build for another processor or one that is not optimised has a folder of its own.
'use strict';

const { execFileSync } = require('node:child_process');
const { copyFileSync, existsSync, mkdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const arch = process.argv.find((a) => a.startsWith('--arch='))?.slice('--arch='.length) ?? process.arch;
const cmakeJs = join(root, 'node_modules', 'cmake-js', 'bin', 'cmake-js');

const cache = join(root, 'build', 'CMakeCache.txt');
const another = existsSync(cache) && /^CMAKE_BUILD_TYPE:\w+=(?!Release$)/m.test(readFileSync(cache, 'utf8'));
const out = arch === process.arch && !another ? join(root, 'build') : join(root, 'out', `prebuild-${arch}`);
const args = ['build', '--directory', root, '--out', out, '--arch', arch, '--target', 'rockpool_node'];
execFileSync(process.execPath, [cmakeJs, ...args], { stdio: 'inherit' });

const release = join(process.cwd(), 'build', 'Release');
mkdirSync(release, { recursive: true });
copyFileSync(join(out, 'Release', 'rockpool.node'), join(release, 'rockpool.node'));
