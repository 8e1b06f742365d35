#!/usr/bin/env node
// Fills prebuilds/ for this platform: one Node-API library with a libc tag, for every Node and Electron version; then checks it.
'use strict';

const { spawnSync } = require('node:child_process');
const { mkdirSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const prebuildify = require('prebuildify');
const { name } = require('../package.json');

const root = join(__dirname, '..');
// prebuildify takes the library away from where it was built: from a copy, so that the checkout keeps its own.
const staging = join(root, 'out', 'prebuild');
const nodeGyp = join(__dirname, 'cmake-gyp.cjs');

rmSync(staging, { recursive: true, force: true });
mkdirSync(staging, { recursive: true });
prebuildify(
  {
    name,
    napi: true,
    strip: true,
    tagLibc: process.platform === 'linux',
    cwd: staging,
    out: root,
    targets: [`node@${process.versions.node}`],
    nodeGyp: process.platform === 'win32' ? `"${process.execPath}" "${nodeGyp}"` : nodeGyp,
  },
  (error) => {
    if (error) {
      console.error(error.message);
      process.exit(1);
    }
    process.exit(spawnSync(process.execPath, [join(__dirname, 'check-binary.mjs')], { stdio: 'inherit' }).status ?? 1);
  },
);
