/** The module classes that can be loaded from files, by name. */
import { checkFunction, checkString } from '../check.js';
import { RockpoolError } from '../errors.js';
import type { ModuleBase } from './module-base.js';

/** A module class that a file can name. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constructors differ in their arguments
export type ModuleClass<M extends ModuleBase = ModuleBase> = (new (...args: any[]) => M) & {
  fromOptions(options: Record<string, unknown>, modules: () => Record<string, ModuleBase>): ModuleBase;
};

const classes = new Map<string, ModuleClass>();
/** Those that wrap a layer of their name. */
const wrappers = new Map<string, ModuleClass>();
const names = new WeakMap<object, string>();

/**
 * Makes a module class known under a name, so that `Module.loadFromDict` finds it. The name is the class's `className` from then on.
 * Registering another class under the same name replaces the first.
 */
export function registerModuleClass(name: string, cls: ModuleClass): void {
  checkString(name, 'name');
  checkFunction(cls, 'cls');
  classes.set(name, cls);
  names.set(cls, name);
}

/** @internal Makes the timed form of a layer class known under the layer's name, which a module class may have too. */
export function registerLayerWrapper(name: string, cls: ModuleClass): void {
  wrappers.set(name, cls);
  names.set(cls, name);
}

/**
 * The class registered under a name. Where a layer and a module class share a name, `ofLayer` asks for the one that wraps the layer.
 *
 * @throws RockpoolError `ERR_CLASS` when there is none.
 */
export function moduleClass(name: string, ofLayer = false): ModuleClass {
  const [first, second] = ofLayer ? [wrappers, classes] : [classes, wrappers];
  const cls = first.get(checkString(name, 'class_name')) ?? second.get(name);
  if (!cls)
    throw new RockpoolError(
      'ERR_CLASS',
      `expected class_name to be a registered module class, received '${name}'; make it known with registerModuleClass`,
    );
  return cls;
}

/** The name that a class is registered under, or its own. */
export function moduleClassName(cls: { name: string }): string {
  return names.get(cls) ?? cls.name;
}
