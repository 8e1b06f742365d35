/** Errors about a graph: they say which node and which field. */
import { describe } from '../check.js';
import { RockpoolError, withCode } from '../errors.js';
import { fileError } from '../io/file-error.js';

/** A wrong value of a node. `field`: '' for the node itself. `got` is text with `verbatim`. */
export function nodeError(node: string, field: string, what: string, got: unknown, verbatim = true): RangeError {
  const subject = field === '' ? `node '${node}'` : `${field} of node '${node}'`;
  const received = verbatim ? String(got) : describe(got);
  return withCode(new RangeError(`expected ${subject} to be ${what}, received ${received}`), 'ERR_VALUE', {
    node,
    field,
  });
}

/** A mapping that would lose something. */
export function lossyError(node: string, field: string, what: string): RockpoolError {
  const subject = field === '' ? `node '${node}'` : `${field} of node '${node}'`;
  return new RockpoolError('ERR_NOT_IMPLEMENTED', `${subject}: ${what}`, { details: { node, field } });
}

/** The ERR_FILE error for what is wrong with the graph of a file, with `path`, `node` and `field`. */
export function graphFileError(path: string, cause: unknown): unknown {
  const error = fileError('read', path, cause);
  const { node, field } = cause as { node?: unknown; field?: unknown };
  if (error instanceof RockpoolError && node !== undefined) Object.assign(error, { node, field });
  return error;
}
