#!/usr/bin/env node
// Stands in for node-gyp when prebuildify runs: accepts `rebuild --target=… --arch=… --release` and builds with cmake-js, which
// needs neither Node's headers nor a network.
'use strict';

const { execFileSync } = require('node:child_process');
const { join } = require('node:path');

const root = join(__dirname, '..');
const arch = process.argv.find((a) => a.startsWith('--arch='))?.slice('--arch='.length) ?? process.arch;
const cmakeJs = join(root, 'node_modules', 'cmake-js', 'bin', 'cmake-js');

execFileSync(process.execPath, [cmakeJs, 'rebuild', '--directory', root, '--arch', arch], { stdio: 'inherit' });
