/** Modules as plain data and back. */
import { NdArray, shapeText, sizeOf } from '../array.js';
import { checkNumber, checkOptions, shapeError, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { decodePlain, encodePlain, getInline, putInline } from '../io/plain-data.js';
import { camelCaseKeys, snakeCase } from '../layers/config.js';
import type { Attribute } from './attributes.js';
import type { ModuleBase } from './module-base.js';
import { moduleClass } from './registry.js';
import type { ModuleConfig, ModuleSnapshot } from './types.js';

/** Values that a file holds: numbers, arrays, texts and truth values. */
function storable(value: unknown): boolean {
  return ['number', 'string', 'boolean'].includes(typeof value) || value instanceof NdArray;
}

function snakeKeys(tree: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [snakeCase(key), value]));
}

/** An array whose buffer has not been given away. */
function whole(array: NdArray, name: string): NdArray {
  if (array.size !== sizeOf(array.shape)) throw shapeError(name, shapeText(array.shape), 'an array that is detached');
  return array;
}

/** @internal The dictionary of a module, with those of its submodules. */
export function moduleDict(module: ModuleBase, attributes: [string, Attribute][], includeState: boolean): ModuleConfig {
  const of = (kind: string): Record<string, unknown> =>
    Object.fromEntries(
      attributes
        .filter(([, a]) => a.kind === kind)
        .map(([name, a]) => [name, a.read()] as const)
        .filter(([, value]) => storable(value))
        .map(([name, value]) => [
          snakeCase(name),
          value instanceof NdArray ? whole(value as NdArray, name).toArray() : value,
        ]),
    );
  const modules = Object.entries(module.modules() as Record<string, ModuleBase>);
  return {
    class_name: module.className,
    shape: [...module.shape],
    ...snakeKeys(module._config()),
    parameters: of('parameter'),
    simulation_parameters: of('simulationParameter'),
    ...(modules.length > 0 && { modules: Object.fromEntries(modules.map(([name, m]) => [name, m.toDict()])) }),
    ...(includeState && { state: encodePlain(module.snapshot(), 'snapshot', putInline) }),
  };
}

/** What a dictionary has besides options of the constructor. */
const ownKeys = new Set(['class_name', 'parameters', 'simulation_parameters', 'modules', 'state']);

/** @internal The module that a dictionary describes. */
export function loadModule(config: unknown): ModuleBase {
  const given = checkOptions<Record<string, unknown>>(config ?? null, 'config', Object.keys(config ?? {}));
  const { class_name, state } = given;
  const options = Object.fromEntries(Object.entries(given).filter(([key]) => !ownKeys.has(key)));
  if (typeof class_name !== 'string')
    throw new RockpoolError('ERR_KEY', 'expected config to have the entry class_name, received none');
  const members = Object.entries(entries(given, 'modules'));
  const module = moduleClass(class_name, 'layer' in options).fromOptions(camelCaseKeys(options), () =>
    Object.fromEntries(members.map(([name, m]) => [name, loadModule(m)])),
  );
  adoptStep(module, entries(given, 'simulation_parameters'));
  applyDict(module, given);
  if (state !== undefined) module.restore(decodePlain(state, getInline) as ModuleSnapshot);
  return module;
}

/** A module without a time step of its own may have been given one by a wrapper. */
function adoptStep(module: ModuleBase, { dt }: { dt?: unknown }): void {
  if (dt !== undefined && !module.hasAttribute('dt') && '_registerDt' in module)
    (module as ModuleBase & { _registerDt(dt: number): void })._registerDt(checkNumber(dt, 'dt', { positive: true }));
}

/**
 * Sets the attributes of a module and of the submodules that its constructor made; first the simulation parameters, since others are checked
 * by the time step. What is loaded is what resets go back to.
 */
function applyDict(module: ModuleBase, dict: Record<string, unknown>): void {
  const own = Object.keys({ ...module.parameters(), ...module.simulationParameters() });
  for (const key of ['simulation_parameters', 'parameters']) {
    const named = Object.entries(entries(dict, key)).map(([name, value]) => [
      own.find((attribute) => snakeCase(attribute) === name) ?? name,
      value,
    ]);
    for (const write of module._prepareAttributes(Object.fromEntries(named), true, true)) write();
    module._rebase(
      named.map(([name]) => name as string),
      key === 'simulation_parameters',
    );
  }
  const inner = module.modules() as Record<string, ModuleBase>;
  for (const [name, member] of Object.entries(entries(dict, 'modules'))) {
    if (!inner[name])
      throw new RockpoolError('ERR_KEY', `expected ${module.fullName} to have the submodule '${name}', received none`);
    applyDict(inner[name], member as Record<string, unknown>);
  }
}

/** What a dictionary has under a key: named values, or nothing. */
function entries(dict: Record<string, unknown>, key: string): Record<string, unknown> {
  const value = dict[key] ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw typeError(key, 'a dictionary', value);
  return value as Record<string, unknown>;
}
