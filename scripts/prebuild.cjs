#!/usr/bin/env node
// Fills prebuilds/ for this platform: one Node-API binary with a libc tag, for every Node and Electron version.
'use strict';

const { join } = require('node:path');
const prebuildify = require('prebuildify');

const root = join(__dirname, '..');

prebuildify(
  {
    napi: true,
    strip: true,
    tagLibc: true,
    cwd: root,
    targets: [`node@${process.versions.node}`],
    nodeGyp: join(__dirname, 'cmake-gyp.cjs'),
  },
  (error) => {
    if (error) {
      console.error(error.message);
      process.exit(1);
    }
  },
);
