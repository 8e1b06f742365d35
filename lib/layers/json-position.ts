/** Where a text stops being JSON: the messages of `JSON.parse` tell that in some cases only. */

const token =
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null|NaN|-?Infinity)\b)/y;

type Expected = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'next' | 'end';

/** What may follow a token, or null when the token may not be here. `open` holds the brackets around it. */
function after(expected: Expected, mark: string | undefined, isText: boolean, open: string[]): Expected | null {
  const value = expected === 'value' || expected === 'first value';
  const key = expected === 'key' || expected === 'first key';
  const within = (): Expected => (open.length === 0 ? 'end' : 'next');
  if (mark === undefined) return key && isText ? 'colon' : value ? within() : null;
  const innermost = open.at(-1);
  if (mark === '{' || mark === '[') {
    if (!value) return null;
    open.push(mark);
    return mark === '{' ? 'first key' : 'first value';
  }
  if (mark === ':') return expected === 'colon' ? 'value' : null;
  if (mark === ',') return expected === 'next' ? (innermost === '{' ? 'key' : 'value') : null;
  const closes = mark === '}' ? innermost === '{' : innermost === '[';
  if (!closes || !(expected === 'next' || expected === (mark === '}' ? 'first key' : 'first value'))) return null;
  open.pop();
  return within();
}

/** `line 3, column 7`, both from 1, of the first thing that may not be there; `its end` where the text is cut off. */
export function jsonErrorPlace(text: string): string {
  const open: string[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    token.lastIndex = at;
    const match = token.exec(text);
    const next: Expected | null = match && after(expected, match[1], match[2] !== undefined, open);
    if (!match || next === null) break;
    expected = next;
    at += match[0].length;
  }
  while (/[ \t\n\r]/.test(text.charAt(at))) at++;
  if (at >= text.length) return 'its end';
  const lines = text.slice(0, at).split('\n');
  return `line ${lines.length}, column ${lines[lines.length - 1].length + 1}`;
}
