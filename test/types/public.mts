// Compiled, never run: the declarations as an ESM user sees them, under each kind of module resolution.
import { buildInfo, NdArray, RockpoolError, setConcurrency, type BuildInfo, type Matrix } from 'rockpool-node';
import 'rockpool-node/layers';
import 'rockpool-node/nn/layers';
import 'rockpool-node/nn/modules';
import 'rockpool-node/nn/combinators';
import 'rockpool-node/nn/networks';
import 'rockpool-node/training';
import 'rockpool-node/weights';
import 'rockpool-node/devices/dynapse';
import 'rockpool-node/io';
import 'rockpool-node/plot';

const info: BuildInfo = buildInfo();
const target: string = info.target;
setConcurrency(2);
// @ts-expect-error a string is no number of threads
setConcurrency('2');
const matrix: Matrix = NdArray.zeros([2, 3]);
const first: number = matrix.get(0, 0);
const error: Error & { code: string } = new RockpoolError('ERR_STATE', 'text');
// @ts-expect-error codes are a fixed list
new RockpoolError('ERR_WHATEVER', 'text');
export { target, first, error };
