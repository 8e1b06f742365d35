/** Collects the codes of warnings during a call. */
import { setWarningHandler } from 'rockpool-node';

export function codesDuring<T>(fn: () => T): { result: T; codes: string[] } {
  const codes: string[] = [];
  setWarningHandler(({ code }) => codes.push(code));
  try {
    return { result: fn(), codes };
  } finally {
    setWarningHandler(null);
  }
}
