/** Modules as plain data and back. */
import { NdArray } from '../array.js';
import { checkNumber, checkOptions } from '../check.js';
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

/** @internal The dictionary of a module, with those of its submodules. */
export function moduleDict(module: ModuleBase, attributes: [string, Attribute][], includeState: boolean): ModuleConfig {
  const of = (kind: string): Record<string, unknown> =>
    Object.fromEntries(
      attributes
        .filter(([, a]) => a.kind === kind)
        .map(([name, a]) => [name, a.read()] as const)
        .filter(([, value]) => storable(value))
        .map(([name, value]) => [snakeCase(name), value instanceof NdArray ? value.toArray() : value]),
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

/** @internal The module that a dictionary describes. */
export function loadModule(config: unknown): ModuleBase {
  const given = checkOptions<Record<string, unknown>>(config ?? null, 'config', Object.keys(config ?? {}));
  const { class_name, parameters, simulation_parameters, modules, state, ...options } = given;
  if (typeof class_name !== 'string')
    throw new RockpoolError('ERR_KEY', 'expected config to have the entry class_name, received none');
  const members = Object.entries((modules ?? {}) as Record<string, unknown>);
  const module = moduleClass(class_name, 'layer' in options).fromOptions(camelCaseKeys(options), () =>
    Object.fromEntries(members.map(([name, m]) => [name, loadModule(m)])),
  );
  adoptStep(module, simulation_parameters);
  applyDict(module, given, parameters, simulation_parameters);
  if (state !== undefined) module.restore(decodePlain(state, getInline) as ModuleSnapshot);
  return module;
}

/** A module without a time step of its own may have been given one by a wrapper. */
function adoptStep(module: ModuleBase, simulationParameters: unknown): void {
  const dt = (simulationParameters as { dt?: unknown } | undefined)?.dt;
  if (dt !== undefined && !module.hasAttribute('dt') && '_registerDt' in module)
    (module as ModuleBase & { _registerDt(dt: number): void })._registerDt(checkNumber(dt, 'dt', { positive: true }));
}

/** Sets the attributes of a module and of the submodules that its constructor made. */
function applyDict(module: ModuleBase, { modules }: Record<string, unknown>, ...trees: unknown[]): void {
  const own = Object.keys({ ...module.parameters(), ...module.simulationParameters() });
  for (const tree of trees) {
    const named = Object.entries((tree ?? {}) as Record<string, unknown>).map(([key, value]) => [
      own.find((name) => snakeCase(name) === key) ?? key,
      value,
    ]);
    for (const write of module._prepareAttributes(Object.fromEntries(named), true, true)) write();
  }
  const inner = module.modules() as Record<string, ModuleBase>;
  for (const [name, dict] of Object.entries((modules ?? {}) as Record<string, Record<string, unknown>>)) {
    const member = inner[name];
    if (!member)
      throw new RockpoolError('ERR_KEY', `expected ${module.fullName} to have the submodule '${name}', received none`);
    applyDict(member, dict, dict['parameters'], dict['simulation_parameters']);
  }
}
