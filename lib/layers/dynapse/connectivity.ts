/** Connections of a DynapSE board: whole numbers of synapses, and the limits of the hardware. */
import { type ArrayLike_ as ArrayInput, shapeText, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkOptions, indexError, shapeError, typeError } from '../../check.js';
import { type ErrorCode, withCode } from '../../errors.js';
import { isSparseInit, SparseMatrix } from '../../synapses/sparse-matrix.js';
import type { WeightsInput } from '../iaf/options.js';

/** The board: chips, cores of a chip, neurons of a core, and the input channels that it tells apart. */
export const numChips = 4;
export const numCoresChip = 4;
export const numNeuronsCore = 256;
export const numCores = numChips * numCoresChip;
export const numNeuronsChip = numCoresChip * numNeuronsCore;
export const numNeurons = numChips * numNeuronsChip;
/** Synapses of a neuron, and chips that it can project to beside the monitor. */
export const numCamsNeuron = 64;
export const numSramsNeuron = 3;
/** Largest weight of one synapse. */
export const weightResolution = 1;

/** What the bits of a validation's result mean. */
export const connectionsValid = 0;
export const faninExceeded = 1;
export const fanoutExceeded = 2;
export const connectionAliasing = 4;

/** Sources that a core cannot tell apart. */
export interface ConnectionAlias {
  /** Postsynaptic core, 0 to 15. */
  core: number;
  /** Number of the sources within their chips, 0 to 1023. */
  id: number;
  /** Their chips; 4 is input from outside. */
  chips: number[];
}

/** What {@link checkDynapseConnections} found. */
export interface ConnectivityReport {
  /** Sum of 1 (fan-in), 2 (fan-out) and 4 (aliasing); 0: the board can do it. */
  code: number;
  /** Neurons with more than 64 synapses. */
  fanIn: number[];
  /** Neurons that project to more than 3 chips. */
  fanOut: number[];
  aliases: ConnectionAlias[];
}

/** Which limits are checked. */
export interface ValidateOptions {
  /** At most 64 synapses at each neuron. Default true. */
  validateFanin?: boolean;
  /** At most 3 target chips for each neuron. Default true. */
  validateFanout?: boolean;
  /** No two sources of the same number on different chips at one core. Default true. */
  validateAliasing?: boolean;
}

/** Options of {@link checkDynapseConnections}. */
export interface CheckConnectionsOptions extends ValidateOptions {
  /** Input connections, at most 1024 x 4096. Default: none. */
  connectionsExt?: WeightsInput | null;
  /** Presynaptic neurons of the rows of the connections. Default: 0, 1, … */
  neuronsPre?: ArrayInput | null;
  /** Postsynaptic neurons of the columns. Default: 0, 1, … */
  neuronsPost?: ArrayInput | null;
  /** Input channels of the rows of `connectionsExt`. Default: 0, 1, … */
  channelsExt?: ArrayInput | null;
}

const optionNames = [
  'validateFanin',
  'validateFanout',
  'validateAliasing',
  'connectionsExt',
  'neuronsPre',
  'neuronsPost',
  'channelsExt',
];

/** A matrix without entries, of the size of the board. */
export function noConnections(external: boolean): SparseMatrix {
  const rows = external ? numNeuronsChip : numNeurons;
  return new SparseMatrix({ shape: [rows, numNeurons], indptr: new Float64Array(rows + 1), indices: [], data: [] });
}

/** Reads a matrix of any kind, dense or sparse. */
export function readMatrix(value: unknown, name: string): SparseMatrix {
  if (value instanceof SparseMatrix) return value;
  if (isSparseInit(value)) return new SparseMatrix(value);
  if (value === null || value === undefined) throw typeError(name, 'an array of numbers or a SparseMatrix', value);
  const array = toNdArray(value, name, 'float64');
  if (array.ndim !== 2 || array.size === 0) throw shapeError(name, 'a matrix', shapeText(array.shape));
  return SparseMatrix.fromDense(array);
}

/** Reads numbers of neurons, or of channels, of which the core knows that there are fewer. Default: 0, 1, … */
export function readIds(value: ArrayInput | null | undefined, name: string, count: number): Int32Array {
  if (value === null || value === undefined) return Int32Array.from({ length: count }, (_, i) => i);
  const { data } = toNdArray(value, name, 'float64');
  const wrong = data.find((id) => !(Number.isInteger(id) && id >= 0 && id < numNeurons));
  if (wrong !== undefined) throw indexError(name, `integers from 0 to ${numNeurons - 1}`, wrong);
  return Int32Array.from(data);
}

/** Connections with those of a block in place of, or added to, what they have between these neurons. */
export function placeBlock(
  base: SparseMatrix,
  block: SparseMatrix,
  ids: { pre?: ArrayInput | null; post?: ArrayInput | null; add?: boolean },
): { connections: SparseMatrix; truncated: boolean } {
  const [rows, columns] = block.shape;
  const { truncated, ...parts } = native.dynapseConnect(
    ...base.csrArgs(),
    ...block.csrArgs(),
    readIds(ids.pre, 'idsPre', rows),
    readIds(ids.post, 'idsPost', columns),
    ids.add ?? false,
  );
  return { connections: new SparseMatrix({ shape: base.shape, ...parts }), truncated };
}

/** Connections of the size of the board from a matrix that may be smaller. */
export function fullConnections(
  value: unknown,
  name: string,
  external: boolean,
): { connections: SparseMatrix; truncated: boolean } {
  if (value === null || value === undefined) return { connections: noConnections(external), truncated: false };
  const block = readMatrix(value, name);
  const base = noConnections(external);
  if (block.shape[0] > base.shape[0] || block.shape[1] > base.shape[1])
    throw shapeError(name, `at most ${shapeText(base.shape)}`, shapeText(block.shape));
  return placeBlock(base, block, {});
}

function readAliases(triples: Int32Array): ConnectionAlias[] {
  const chips = [...Array(numChips + 1).keys()];
  return Array.from({ length: triples.length / 3 }, (_, i) => {
    const [core, id, bits] = triples.subarray(3 * i, 3 * i + 3);
    return { core, id, chips: chips.filter((chip) => (bits & (1 << chip)) !== 0) };
  });
}

/** The report on connections of the size of the board. */
export function report(rec: SparseMatrix, ext: SparseMatrix, options: ValidateOptions): ConnectivityReport {
  const found = native.dynapseCheckConnections(weightResolution, ...rec.csrArgs(), ...ext.csrArgs());
  const wanted = (name: keyof ValidateOptions): boolean => checkBoolean(options[name] ?? true, name);
  const fanIn = wanted('validateFanin') ? Array.from(found.fanIn) : [];
  const fanOut = wanted('validateFanout') ? Array.from(found.fanOut) : [];
  const aliases = wanted('validateAliasing') ? readAliases(found.aliases) : [];
  const code =
    (fanIn.length > 0 ? faninExceeded : 0) +
    (fanOut.length > 0 ? fanoutExceeded : 0) +
    (aliases.length > 0 ? connectionAliasing : 0);
  return { code, fanIn, fanOut, aliases };
}

/**
 * Tells whether connections are within the limits of a DynapSE board, and where they are not: 64 synapses at each neuron, 3 target chips for
 * each neuron, and no two sources that one core cannot tell apart because they have the same number within their chips.
 *
 * @param connectionsRec Synapses between neurons, [pre, post], at most 4096 x 4096: positive ones excite, negative ones inhibit.
 */
export function checkDynapseConnections(
  connectionsRec: WeightsInput,
  options: CheckConnectionsOptions = {},
): ConnectivityReport {
  const given = checkOptions<CheckConnectionsOptions>(options, 'options', optionNames);
  const { connections: rec } = placeBlock(noConnections(false), readMatrix(connectionsRec, 'connectionsRec'), {
    pre: given.neuronsPre,
    post: given.neuronsPost,
  });
  if ((given.connectionsExt ?? null) === null) return report(rec, noConnections(true), given);
  const { connections: ext } = placeBlock(noConnections(true), readMatrix(given.connectionsExt, 'connectionsExt'), {
    pre: given.channelsExt,
    post: given.neuronsPost,
  });
  return report(rec, ext, given);
}

const few = (numbers: readonly number[]): string =>
  numbers.slice(0, 5).join(', ') + (numbers.length > 5 ? `, … (${numbers.length})` : '');

/** @throws RangeError `ERR_FAN_IN`, `ERR_FAN_OUT` or `ERR_ALIASING`, with the whole report. */
export function refuseInvalid(found: ConnectivityReport, who: string): void {
  if (found.code === connectionsValid) return;
  const refuse = (code: ErrorCode, what: string, got: string): Error =>
    withCode(new RangeError(`${who}expected connections with ${what}, received ${got}`), code, { ...found, code });
  if (found.fanIn.length > 0)
    throw refuse(
      'ERR_FAN_IN',
      `at most ${numCamsNeuron} synapses at each neuron`,
      `more at neurons ${few(found.fanIn)}`,
    );
  if (found.fanOut.length > 0)
    throw refuse(
      'ERR_FAN_OUT',
      `targets of each neuron on at most ${numSramsNeuron} chips`,
      `more from neurons ${few(found.fanOut)}`,
    );
  const [{ core, id, chips }] = found.aliases;
  throw refuse(
    'ERR_ALIASING',
    'one source for each number within a chip at each core',
    `number ${id} from chips ${chips.join(' and ')} at core ${core}`,
  );
}
