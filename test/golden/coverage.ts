/** Which classes and functions a case needs, and which of them we do not have. */
import { knowsValue } from './attributes.js';
import { classBinding } from './bindings.js';
import { knownFunction } from './functions.js';
import { textValue, type Case, type Json } from './format.js';
import { decode, PyFunction } from './values.js';
import { walk } from './run-case.js';

/** Names of classes and functions that a case uses and that have no binding; empty when the case is covered. */
export function missing(c: Case): string[] {
  const names = new Set<string>();
  const objects = new Set<string>();
  const version = c.rockpool_version.split('.').map(Number);
  // Helper objects of the case's own making have no class of their own; what is tested has.
  for (const name of c.class.split(', '))
    if (name !== 'analysis' && classBinding(name, version) === undefined) names.add(name);
  for (const step of c.steps) {
    if (step.class !== undefined && classBinding(step.class, version) === undefined) names.add(step.class);
    if (step.target !== undefined && !objects.has(step.target) && classBinding(step.target, version) === undefined)
      names.add(step.target);
    if (
      step.target === undefined &&
      step.new === undefined &&
      step.value !== undefined &&
      !knowsValue(textValue(step.value))
    ) {
      names.add(`value "${textValue(step.value)}"`);
    }
    if (step.target !== undefined && !objects.has(step.target) && step.call !== undefined) {
      const binding = classBinding(step.target, version);
      if (binding && !binding.statics.has(step.call)) names.add(`${step.target}.${step.call}`);
    }
    for (const name of functionsOf([...(step.args ?? []), ...Object.values(step.kwargs ?? {}), step.value ?? null])) {
      if (!knownFunction(name)) names.add(`function ${name}`);
    }
    if (step.new !== undefined) objects.add(step.new);
    if (step.store !== undefined) objects.add(step.store);
  }
  return [...names];
}

function functionsOf(values: Json[]): string[] {
  const items = values.flatMap((value) => [...walk(decode(value))]);
  return items.filter((item) => item instanceof PyFunction).map((item) => item.name);
}
