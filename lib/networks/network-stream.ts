/** Networks over pieces of input. */
import { checkBoolean, checkInteger, checkOptions, checkSignal, rangeError } from '../check.js';
import { pieces, stepsOfPiece } from '../layers/stream.js';
import type { StreamSource } from '../layers/types.js';
import type { Network } from './network.js';
import type { NetworkOutputs, NetworkStreamOptions, StreamedOutputs } from './types.js';

export function streamNetwork(
  net: Network,
  source: StreamSource,
  options: NetworkStreamOptions,
): AsyncGenerator<StreamedOutputs, void, undefined> {
  const {
    signal,
    numTimesteps,
    pipelineDelay = false,
  } = checkOptions<NetworkStreamOptions>(options, 'options', ['signal', 'numTimesteps', 'pipelineDelay']);
  checkSignal(signal);
  checkBoolean(pipelineDelay, 'pipelineDelay');
  const limit = numTimesteps === undefined ? Infinity : checkInteger(numTimesteps, 'numTimesteps', { min: 0 });
  return run(net, source, limit, pipelineDelay, signal);
}

async function* run(
  net: Network,
  source: StreamSource,
  limit: number,
  delayed: boolean,
  signal?: AbortSignal,
): AsyncGenerator<StreamedOutputs, void, undefined> {
  let rest = limit;
  let before: { steps: number; outputs: NetworkOutputs } | null = null;
  if (rest === 0) return;
  for await (const piece of pieces(source, signal)) {
    const steps = Math.min(stepsOfPiece({ t: net.t, dt: net.dt ?? NaN }, piece), rest);
    if (delayed && before && before.steps !== steps)
      throw rangeError('duration of a piece of source', `that of the pieces before, ${before.steps} time steps`, steps);
    const outputs: NetworkOutputs = await net._evolveAsync(
      piece,
      { numTimesteps: steps, signal },
      delayed ? (before?.outputs ?? null) : undefined,
    );
    before = { steps, outputs };
    yield { t: net.t, outputs };
    rest -= steps;
    if (rest === 0) return;
  }
}
