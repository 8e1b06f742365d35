/** Our public names, whichever entry point exports them. */
import * as root from 'rockpool-node';
import * as io from 'rockpool-node/io';
import * as layers from 'rockpool-node/layers';
import * as combinators from 'rockpool-node/nn/combinators';
import * as modules from 'rockpool-node/nn/modules';
import * as training from 'rockpool-node/training';
import * as weights from 'rockpool-node/weights';

export type Callable = (...args: unknown[]) => unknown;
export type Constructor = new (...args: unknown[]) => object;

const entryPoints: Record<string, unknown>[] = [root, layers, modules, combinators, training, weights, io];

/** The exported value of that name, or undefined when there is none (yet). */
export function exported(name: string): unknown {
  return entryPoints.find((entry) => entry[name] !== undefined)?.[name];
}

/** The exported class or function of that name. */
export function required(name: string): unknown {
  const value = exported(name);
  if (value === undefined) throw new Error(`rockpool-node exports no ${name}`);
  return value;
}
