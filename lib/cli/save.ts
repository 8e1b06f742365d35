/** Writing networks. */
import { writeFileAtomic } from '../io/atomic.js';
import { toText } from '../layers/config.js';
import type { Module } from '../modules/index.js';
import { UsageError } from './exit.js';
import { endingOf } from './formats.js';
import type { Model } from './model.js';

/** Writes a network with what is done to its input; `.json`, or for modules `.nir`, which knows no such thing. */
export async function saveModel(path: string, model: Model): Promise<void> {
  const { preprocessing } = model;
  const some = Object.values(preprocessing).some((value) => value !== undefined);
  if (endingOf(path) === '.nir') {
    if (model.kind !== 'module') throw new UsageError('NIR files hold modules, and this is a network of layers');
    if (some) throw new UsageError('NIR files do not hold what is done to the input (mel bands, names of classes)');
    const { toNir } = await import('../nir/index.js');
    await toNir(model.module as Module, path);
    return;
  }
  const of = model.kind === 'network' ? model.net : model.kind === 'layer' ? model.layer : model.module;
  const dictionary = of.toDict() as Record<string, unknown>;
  await writeFileAtomic(path, toText(some ? { ...dictionary, preprocessing } : dictionary));
}
