/** How modules print. */
import type { ModuleBase } from './module-base.js';

/** A shape as Python prints a tuple: `(2, 3)`, `(5,)`. */
export function tupleText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/** `CLASS 'name' with shape (a, b)`, and the submodules in braces, each indented by four blanks more than its parent. */
export function moduleText(module: ModuleBase): string {
  const head = `${module.fullName} with shape ${tupleText(module.shape)}`;
  const inner = Object.values(module.modules() as Record<string, ModuleBase>).map(
    (m) => `\n${indented(moduleText(m))}`,
  );
  return inner.length === 0 ? head : `${head} {${inner.join('')}\n}`;
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
