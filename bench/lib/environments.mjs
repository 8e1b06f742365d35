/**
 * The Python environments that peers run in: what each holds, where it lies and which interpreter can make it.
 *
 * They lie outside the tree, in the user's cache folder or where ROCKPOOL_PEERS says.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Interpreter versions are [major, minor], both ends included; `probe` must run without an error after installing. */
export const environments = {
  rockpool3: {
    holds: 'the current Rockpool',
    requirements: ['rockpool==3.1.0', 'numpy==2.2.6', 'scipy==1.15.3'],
    python: { from: [3, 10], to: [3, 13] },
    probe: 'from rockpool import TSContinuous, TSEvent',
  },
  'rockpool3-jax': {
    holds: 'the current Rockpool with Jax, which compiles its modules for the processor',
    requirements: ['rockpool==3.1.0', 'jax==0.4.38', 'jaxlib==0.4.38', 'numpy==2.2.6', 'scipy==1.15.3'],
    python: { from: [3, 10], to: [3, 13] },
    probe: 'from rockpool.nn.modules import LIFJax, LinearJax',
  },
  'rockpool3-torch': {
    holds: 'the current Rockpool with PyTorch, and snnTorch (6 GB: PyTorch comes with its CUDA libraries)',
    requirements: ['rockpool==3.1.0', 'torch==2.2.2', 'snntorch==0.9.1', 'numpy==1.26.4', 'scipy==1.15.3'],
    python: { from: [3, 10], to: [3, 12] },
    probe: 'import snntorch; from rockpool.nn.modules import LIFTorch, LinearTorch',
  },
  rockpool1: {
    holds: 'the last first-generation Rockpool, its rate layers compiled by numba',
    requirements: ['rockpool==1.1.0.4', 'numpy==1.24.4', 'scipy==1.10.1', 'numba==0.58.1'],
    python: { from: [3, 8], to: [3, 11] },
    probe: 'from rockpool.layers import RecRateEuler; from rockpool import TSContinuous',
  },
  'rockpool1-spiking': {
    holds:
      'the same with PyTorch and Brian2, which its spiking layers compute with (6 GB: PyTorch comes with its CUDA libraries)',
    requirements: [
      'rockpool==1.1.0.4',
      'numpy==1.24.4',
      'scipy==1.10.1',
      'numba==0.58.1',
      'torch==2.2.2',
      'brian2==2.9.0',
    ],
    python: { from: [3, 10], to: [3, 11] },
    probe: 'from rockpool.layers import FFIAFBrian, RecIAFSpkInTorch',
  },
  brian2: {
    holds: 'Brian2, whose C++ standalone programs are compiled by g++ where they run',
    requirements: ['brian2==2.9.0', 'numpy==2.2.6', 'scipy==1.15.3'],
    python: { from: [3, 10], to: [3, 13] },
    probe: 'import brian2, shutil; assert shutil.which("make") and shutil.which("g++")',
  },
  matplotlib: {
    holds: 'Matplotlib, which the original plots with',
    requirements: ['matplotlib==3.10.3', 'numpy==2.2.6'],
    python: { from: [3, 10], to: [3, 13] },
    probe: 'import matplotlib.pyplot',
  },
};

/** The folder of all environments. */
export function peersFolder() {
  if (process.env.ROCKPOOL_PEERS) return process.env.ROCKPOOL_PEERS;
  const cache =
    process.platform === 'win32'
      ? (process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Caches')
        : (process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'));
  return join(cache, 'rockpool-node', 'peers');
}

/** The interpreter inside an environment's folder. */
export function interpreterOf(folder) {
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}

/** The interpreter of an installed environment, or undefined. */
export function installedPython(name) {
  if (!(name in environments)) throw new Error(`there is no peer environment '${name}' in bench/lib/environments.mjs`);
  const python = interpreterOf(join(peersFolder(), name));
  return existsSync(python) ? python : undefined;
}
