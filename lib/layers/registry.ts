/** The layer classes that can be loaded from files, by name. */
import { checkFunction, checkString } from '../check.js';
import { RockpoolError } from '../errors.js';
import type { Layer } from './layer.js';

/** A concrete layer class. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constructors differ in their arguments
export type LayerClass<L extends Layer = Layer> = (new (...args: any[]) => L) &
  Pick<typeof Layer, 'fromOptions' | 'loadFromDict'>;

const classes = new Map<string, LayerClass>();
const names = new WeakMap<object, string>();

/**
 * Makes a layer class known under a name, so that `Layer.loadFromDict` and `Network.load` find it. The name is the class's
 * `className` from then on. Registering another class under the same name replaces the first.
 */
export function registerLayerClass(name: string, cls: LayerClass): void {
  checkString(name, 'name');
  checkFunction(cls, 'cls');
  classes.set(name, cls);
  names.set(cls, name);
}

/** The class registered under a name. @throws RockpoolError `ERR_CLASS` when there is none. */
export function layerClass(name: string): LayerClass {
  const cls = classes.get(checkString(name, 'name'));
  if (!cls) {
    throw new RockpoolError(
      'ERR_CLASS',
      `expected class_name to be a registered layer class, received '${name}'; make it known with registerLayerClass`,
    );
  }
  return cls;
}

/** The name that a class is registered under, or its own. */
export function layerClassName(cls: { name: string }): string {
  return names.get(cls) ?? cls.name;
}
