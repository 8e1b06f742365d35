/** Warnings go through `process.emitWarning` with a code, unless a handler is set. */

/** A warning: what is odd, and a stable code. */
export interface RockpoolWarning {
  code: string;
  message: string;
}

let handler: ((warning: RockpoolWarning) => void) | null = null;

/** Sends all warnings of this library to `fn`; `null` restores `process.emitWarning`. */
export function setWarningHandler(fn: ((warning: RockpoolWarning) => void) | null): void {
  handler = fn;
}

/** Emits a warning. */
export function warn(code: string, message: string): void {
  if (handler) handler({ code, message });
  else process.emitWarning(message, { type: 'RockpoolWarning', code });
}

/** Emits a warning with this code once per object. */
export function warnOnce(owner: object, code: string, message: string): void {
  const codes = emitted.get(owner) ?? new Set<string>();
  if (codes.has(code)) return;
  emitted.set(owner, codes.add(code));
  warn(code, message);
}

const emitted = new WeakMap<object, Set<string>>();
