/** Built-in modules that take milliseconds to load and that most programs never use: loaded when first asked for. */
import { createRequire } from 'node:module';

const load = createRequire(__filename);

export const crypto = (): typeof import('node:crypto') => load('node:crypto') as typeof import('node:crypto');
export const zlib = (): typeof import('node:zlib') => load('node:zlib') as typeof import('node:zlib');

/** Training by gradient, which layers have as methods and which is made of modules. */
export const rateTraining = (): typeof import('./training/first-generation/rate-training.js') =>
  load('./training/first-generation/rate-training.js') as typeof import('./training/first-generation/rate-training.js');

export const lifTraining = (): typeof import('./training/first-generation/lif-training.js') =>
  load('./training/first-generation/lif-training.js') as typeof import('./training/first-generation/lif-training.js');

export const stackTraining = (): typeof import('./training/first-generation/stack.js') =>
  load('./training/first-generation/stack.js') as typeof import('./training/first-generation/stack.js');

/** Plots of time series, which most programs do not make. */
export const seriesPlots = (): typeof import('./plot/series.js') =>
  load('./plot/series.js') as typeof import('./plot/series.js');

/** A seed that differs from call to call. Not for secrets. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 47);
}
