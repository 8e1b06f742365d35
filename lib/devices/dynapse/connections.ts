/** From connections between neurons to the words that chips are told. */
import { native } from '../../binding.js';
import { checkInstance, checkInteger, checkOneOf, checkOptions, shapeError } from '../../check.js';
import type { WeightsInput } from '../../layers/iaf/options.js';
import { fullConnections, numChips, numNeurons } from '../../layers/dynapse/connectivity.js';
import { synapseCode } from './native.js';

const numCams = 64;
const numSrams = 4;

/** Types of synapses. */
export type SynapseType = keyof typeof synapseCode;
const synapseTypes = Object.keys(synapseCode) as SynapseType[];

/**
 * What the chips of a board hold of connections: 64 input synapses and 4 routes of each neuron. It does not change; {@link placeConnections}
 * makes another one.
 */
export class BoardImage {
  /** @internal Synapses of neurons: source | type << 10; 0: empty. */
  readonly _cams: Uint16Array;
  /** @internal Routes of neurons, as chip words. */
  readonly _srams: Uint32Array;

  /** As after clearing: no synapses, and of routes only those by which the host sees spikes. */
  constructor(parts?: { cams: Uint16Array; srams: Uint32Array }) {
    if (parts !== undefined) checkParts(parts);
    this._cams = parts?.cams.slice() ?? new Uint16Array(numNeurons * numCams);
    this._srams = parts?.srams.slice() ?? new Uint32Array(numNeurons * numSrams);
    if (!parts) native.dynapseClearedImage(this._cams, this._srams);
  }

  /** Synapses that a neuron has, in their cells: source (core * 256 + neuron) and type; empty ones are left out. */
  synapsesOf(neuron: number): { cell: number; source: number; type: SynapseType }[] {
    const first = checkInteger(neuron, 'neuron', { min: 0, max: numNeurons - 1 }) * numCams;
    return Array.from(this._cams.subarray(first, first + numCams), (entry, cell) => ({
      cell,
      source: entry % 1024,
      type: synapseTypes.find((type) => synapseCode[type] === entry >> 10)!,
      used: entry !== 0,
    }))
      .filter(({ used }) => used)
      .map(({ cell, source, type }) => ({ cell, source, type }));
  }

  /** The same with a chip as after clearing. */
  withChipCleared(chip: number): BoardImage {
    return this._withChipOf(new BoardImage(), chip);
  }

  /** @internal The same with a chip as in another image. */
  _withChipOf(other: BoardImage, chip: number): BoardImage {
    const at = checkInteger(chip, 'chip', { min: 0, max: numChips - 1 }) * (numNeurons / numChips);
    const end = at + numNeurons / numChips;
    const [cams, srams] = [this._cams.slice(), this._srams.slice()];
    cams.set(other._cams.subarray(at * numCams, end * numCams), at * numCams);
    srams.set(other._srams.subarray(at * numSrams, end * numSrams), at * numSrams);
    return new BoardImage({ cams, srams });
  }

  /** The words that make a chip hold this instead of `before`. */
  wordsAfter(before: BoardImage, chip: number): Uint32Array {
    checkInstance(before, 'before', BoardImage);
    checkInteger(chip, 'chip', { min: 0, max: numChips - 1 });
    return native.dynapseImageWords(before._cams, before._srams, this._cams, this._srams, chip);
  }
}

function checkParts({ cams, srams }: { cams: Uint16Array; srams: Uint32Array }): void {
  checkInstance(cams, 'cams', Uint16Array);
  checkInstance(srams, 'srams', Uint32Array);
  if (cams.length !== numNeurons * numCams)
    throw shapeError('cams', `${numNeurons * numCams} elements long`, `${cams.length} elements`);
  if (srams.length !== numNeurons * numSrams)
    throw shapeError('srams', `${numNeurons * numSrams} elements long`, `${srams.length} elements`);
}

/** Options of {@link placeConnections}. */
export interface PlaceOptions {
  /** Synapses from virtual neurons, at most 1024 x 4096. Default: none. */
  connectionsExt?: WeightsInput | null;
  /** Type of excitatory synapses: one, or one for each presynaptic neuron. Default `'fastExc'`. */
  excitatory?: SynapseType | readonly SynapseType[];
  /** Type of inhibitory synapses, likewise. Default `'fastInh'`. */
  inhibitory?: SynapseType | readonly SynapseType[];
  /** Type of excitatory synapses from virtual neurons. Default `'fastExc'`. */
  excitatoryExt?: SynapseType;
  /** Type of inhibitory synapses from virtual neurons. Default `'fastInh'`. */
  inhibitoryExt?: SynapseType;
}

function readTypes(value: SynapseType | readonly SynapseType[], name: string): Uint8Array {
  const list = typeof value === 'string' ? [value] : [...value];
  if (list.length !== 1 && list.length !== numNeurons)
    throw shapeError(name, `one type or ${numNeurons}`, `${list.length} of them`);
  return Uint8Array.from(list, (type) => synapseCode[checkOneOf(type, name, synapseTypes)]);
}

const readType = (value: SynapseType, name: string): number => readTypes(value, name)[0];

/**
 * The image with exactly these connections. What is there of them already keeps its cells, so that little has to be sent.
 *
 * @param before What the chips hold.
 * @param connectionsRec Synapses between neurons, [pre, post], at most 4096 x 4096: whole numbers, negative ones inhibit.
 * @throws RangeError `ERR_FAN_IN`, `ERR_FAN_OUT`, `ERR_ALIASING` beyond the limits of the hardware, `ERR_VALUE` for connections from number 0 of a
 *   chip or from virtual neuron 0, to which all empty synapses listen. All before anything is sent.
 */
export function placeConnections(
  before: BoardImage,
  connectionsRec: WeightsInput | null,
  options: PlaceOptions = {},
): BoardImage {
  const names = ['connectionsExt', 'excitatory', 'inhibitory', 'excitatoryExt', 'inhibitoryExt'];
  const given = checkOptions<PlaceOptions>(options, 'options', names);
  checkInstance(before, 'before', BoardImage);
  const { connections: rec } = fullConnections(connectionsRec, 'connectionsRec', false);
  const { connections: ext } = fullConnections(given.connectionsExt, 'connectionsExt', true);
  const cams = new Uint16Array(numNeurons * numCams);
  const srams = new Uint32Array(numNeurons * numSrams);
  native.dynapsePlaceConnections(
    before._cams,
    before._srams,
    ...rec.csrArgs(),
    ...ext.csrArgs(),
    readTypes(given.excitatory ?? 'fastExc', 'excitatory'),
    readTypes(given.inhibitory ?? 'fastInh', 'inhibitory'),
    readType(given.excitatoryExt ?? 'fastExc', 'excitatoryExt'),
    readType(given.inhibitoryExt ?? 'fastInh', 'inhibitoryExt'),
    cams,
    srams,
  );
  return new BoardImage({ cams, srams });
}
