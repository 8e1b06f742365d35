/** Reading dictionaries that the original wrote. */
import { warn } from '../../warnings.js';

const equationNames = ['neuronEq', 'synapseEq', 'recSynEq'];
const knownEquations: readonly unknown[] = ['iaf', 'constant_leak'];

/** The options without equations that are not among ours. */
export function withoutEquations(options: Record<string, unknown>): Record<string, unknown> {
  const rest = { ...options };
  for (const name of equationNames) {
    const value = rest[name];
    if (!(name in rest) || (name === 'neuronEq' && knownEquations.includes(value))) continue;
    delete rest[name];
    if (value === undefined || value === null) continue;
    warn('EQUATIONS_IGNORED', `the equations ${name} of the dictionary are ignored: the layer has those of its class`);
  }
  return rest;
}
