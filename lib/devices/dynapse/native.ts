/**
 * Native functions of DynapSE boards: the driver, the board model behind the same driver, and the words that both speak. Long, since it is
 * the one page that tells what each of them does.
 *
 * Numbers: chips 0..3, cores 0..3 of a chip, neurons 0..255 of a core. A *chip neuron* is `core * 256 + neuron` (0..1023), a *board
 * neuron* `chip * 1024 + core * 256 + neuron` (0..4095).
 *
 * Errors are RockpoolErrors with the codes `ERR_NO_LIBUSB`, `ERR_NO_DEVICE`, `ERR_DEVICE_ACCESS`, `ERR_DEVICE_BUSY`, `ERR_DEVICE_FIRMWARE`,
 * `ERR_DEVICE_LOGIC`, `ERR_DEVICE_TIMEOUT`, `ERR_DEVICE_IO`, `ERR_DEVICE_CHIP` (a chip did not take a word), `ERR_DEVICE_LOST` (unplugged) and
 * `ERR_CLOSED`; wrong values are RangeErrors (`ERR_VALUE`, `ERR_SHAPE`), given before anything is sent.
 *
 * Jobs run on threads of their own, in finite time: a control transfer takes at most 1 s, one with handshakes 5 s. `cancel()` ends those
 * that send much or wait, between two transfers.
 */
import type { NativeJob, NativeProgress } from '../../native.js';

/** An open board, or an open board model. A released handle, or one that nobody holds any more, is closed. */
export type DynapseBoard = { readonly __dynapseBoard: unique symbol };

/** What is plugged in. */
export interface NativeFoundBoard {
  bus: number;
  address: number;
  /** A controller without firmware (04b4:8613), which may be a board that lost it; nothing else is known then. */
  blank: boolean;
  /** '' where it could not be read. */
  serial: string;
  firmware: number;
  /** Version of the FPGA's logic; 0 where it could not be read. */
  logic: number;
  /** '' for a board that can be opened; otherwise the code of the error that opening it gives. */
  problemCode: string;
  /** The message of that error: what is wrong and what helps. */
  problem: string;
}

/** What is known of a board that was plugged in or pulled out, without opening it. */
export interface NativeSeenBoard {
  bus: number;
  address: number;
  firmware: number;
}

/** Boards are watched. Ends with the handle, and with the environment. */
export type DynapseWatch = { readonly __dynapseWatch: unique symbol };

/** What an open board is. */
export interface NativeBoardInfo {
  serial: string;
  bus: number;
  address: number;
  firmware: number;
  logic: number;
  chipIdentifier: number;
  logicClockMHz: number;
  isMaster: boolean;
  /** The board model answers, not silicon. */
  model: boolean;
  closed: boolean;
  /** Was unplugged, as far as a transfer has shown it. */
  lost: boolean;
  streaming: boolean;
}

/** What one read brought. Loss and resets come after the events that were read with them, before those of the next read. */
export interface NativeRead {
  /** Elements written to `times` and `addresses`. */
  events: number;
  /** Events lost right after these because the queue was full. */
  lost: number;
  /** Resets of the board's clock right after these. Times go on: they never begin anew. */
  resets: number;
  /** The time (as in `times`) at which the board's clock began at 0, where `resets` is not 0. */
  origin: number;
  /** No more events will come until the next start. */
  ended: boolean;
  /** What ended the stream; '' after a stop or close. */
  why: string;
}

/** What the stream has met since its start. */
export interface NativeStreamCounts {
  /** Spikes decoded, lost ones included. */
  events: number;
  /** Spikes that the queue did not take. */
  lost: number;
  /** Spikes that carried no chip, left out. */
  unroutable: number;
  /** Words without a meaning, left out. */
  unknown: number;
  /** Timestamps before the one before them: order and times are kept as they came. */
  backwards: number;
  /** Wraps of the board's 15-bit clock. */
  wraps: number;
  resets: number;
  /** Transfers of an odd length, whose last byte was dropped. */
  oddTransfers: number;
  bytes: number;
  transfers: number;
  failedTransfers: number;
}

/** The board's own counters; undefined where its logic has none. */
export interface NativeBoardStatistics {
  events: number | undefined;
  eventsDropped: number | undefined;
  /** Dropped because the USB side was full. */
  muxDropped: number | undefined;
}

/** One of the 25 biases of a core. */
export interface NativeBias {
  name: string;
  /** For cores 0 to 3. */
  addresses: [number, number, number, number];
  /** N or P transistor. */
  nType: boolean;
  /** Of the low-power default: coarse 0 is the largest current, 7 the smallest. */
  coarse: number;
  fine: number;
  high: boolean;
}

/** Kinds of {@link NativeDynapse.dynapseControlWord}. */
export const controlKind = { tau1All: 0, tau2All: 1, tau2: 2, monitorReset: 3, monitor: 4 } as const;
/** Synapse types as chip words carry them. */
export const synapseCode = { slowInh: 0, fastInh: 1, slowExc: 2, fastExc: 3 } as const;
/** Bits of the flags of {@link NativeDynapse.dynapseBiasWords}. */
export const biasFlag = { high: 8, normal: 4, nType: 2, enabled: 1 } as const;

export interface NativeDynapse {
  /** '' when libusb is there, otherwise what is missing and how to get it. */
  dynapseUsbProblem(): string;
  /** Boards on the bus: each is opened and asked shortly, unless another program has it. */
  dynapseDevices(): NativeJob<NativeFoundBoard[]>;
  /**
   * Watches the bus, or that of a board model, which has one watch: what is plugged in, and then `onChange` for every board that comes
   * or goes. Does not keep the process alive.
   */
  dynapseWatch(
    board: DynapseBoard | undefined,
    onChange: (board: NativeSeenBoard, arrived: boolean) => void,
  ): NativeJob<{ watch: DynapseWatch; boards: NativeSeenBoard[] }>;
  dynapseWatchKeepsAlive(watch: DynapseWatch, on: boolean): void;
  /** No `onChange` after this. Twice is fine. */
  dynapseWatchEnd(watch: DynapseWatch): void;
  /**
   * Opens the first board that fits `serial`, `bus` and `address` (undefined: any). Nothing is configured by it.
   * `anyLogic` lets logic newer than 5 through. `queueEvents`: events that wait to be read at most; what comes then is lost, and
   * counted. `settleMs`: wait after the default configuration, 4000 on a board.
   */
  dynapseOpen(
    serial: string | undefined,
    bus: number | undefined,
    address: number | undefined,
    anyLogic: boolean,
    queueEvents: number,
    settleMs: number,
  ): NativeJob<DynapseBoard>;
  /**
   * Opens a board model of its own. `neuronStep` in seconds; `fifoWords`: the board's own buffer; `speed`: seconds of board time in a second,
   * 0: as fast as the stream is read, and only then; `serial` at most 8 characters.
   */
  dynapseOpenModel(
    seed: number,
    mismatch: boolean,
    neuronStep: number,
    fifoWords: number,
    speed: number,
    serial: string,
    queueEvents: number,
    settleMs: number,
  ): NativeJob<DynapseBoard>;
  dynapseInfo(board: DynapseBoard): NativeBoardInfo;
  /** Switches the board off, ends what is under way, releases it. Twice is fine. Never fails, takes well under a second. */
  dynapseClose(board: DynapseBoard): NativeJob<void>;

  /**
   * The default configuration of all chips: silent, empty routes, low-power biases, monitor routes (each neuron's cell 0), then the wait.
   * Input synapses (CAMs) are not cleared. Progress counts chip words.
   */
  dynapseConfigure(board: DynapseBoard, onProgress: NativeProgress): NativeJob<void>;
  /** Sends chip words. After `ERR_DEVICE_CHIP` (the message names the words) what the chip holds is unknown: see dynapseChipKnown. */
  dynapseWriteChip(board: DynapseBoard, chip: number, words: Uint32Array, onProgress: NativeProgress): NativeJob<void>;
  /** Empties the 65536 input synapses of a chip. */
  dynapseClearCams(board: DynapseBoard, chip: number, onProgress: NativeProgress): NativeJob<void>;
  /** Empties the 4096 routes of a chip; with `monitor`, each neuron's cell 0 leads to the host. */
  dynapseClearSrams(board: DynapseBoard, chip: number, monitor: boolean, onProgress: NativeProgress): NativeJob<void>;
  /** The chip was configured since opening, and every word since then was acknowledged. */
  dynapseChipKnown(board: DynapseBoard, chip: number): boolean;
  /** A register by its numbers on the wire. */
  dynapseReadRegister(board: DynapseBoard, module: number, parameter: number): NativeJob<number>;
  dynapseWriteRegister(board: DynapseBoard, module: number, parameter: number, value: number): NativeJob<void>;

  /** Words of the FPGA's memory of 2^20, from `address` on. */
  dynapseWriteMemory(
    board: DynapseBoard,
    address: number,
    words: Uint16Array,
    onProgress: NativeProgress,
  ): NativeJob<void>;
  /**
   * Starts the spike generator on a train in memory. `variable`: each event is two words, itself and its interval (dynapseTrainWords);
   * otherwise one word, and `interval` is that of all. A unit of time is `intervalBase` / 90 microseconds, `intervalBase` 1..65535.
   * `resetClock`: the board's clock begins at 0 with the train, in the same request; a read tells where.
   */
  dynapseStartTrain(
    board: DynapseBoard,
    address: number,
    events: number,
    variable: boolean,
    interval: number,
    intervalBase: number,
    repeat: boolean,
    resetClock?: boolean,
  ): NativeJob<void>;
  dynapseStopTrain(board: DynapseBoard): NativeJob<void>;
  /** Rates in Hz (0..4300) of sources (chip neurons) of the Poisson generator, which sends to all cores of one chip. */
  dynapseSetPoisson(
    board: DynapseBoard,
    chip: number,
    sources: Uint32Array,
    rates: Float64Array,
    onProgress: NativeProgress,
  ): NativeJob<void>;
  dynapseRunPoisson(board: DynapseBoard, on: boolean): NativeJob<void>;

  /** Begins to stream: what was queued is forgotten, times count from 0. Streaming already: nothing happens. */
  dynapseStart(board: DynapseBoard): NativeJob<void>;
  /** Ends the stream; what is queued can still be read. */
  dynapseStop(board: DynapseBoard): NativeJob<void>;
  /** The board's clock begins at 0; a read tells where. */
  dynapseResetTime(board: DynapseBoard): NativeJob<void>;
  /**
   * Fills `times` (microseconds since the start) and `addresses` (board neurons), arrays of equal length, from another thread: leave them
   * alone until the promise settles. It settles when `events` are there (at most the arrays' length), when some are and `latencyMs` has
   * passed, at a loss or reset, and at the end. One read at a time. Reading twice at once, each gets what it gets.
   */
  dynapseRead(
    board: DynapseBoard,
    times: Float64Array,
    addresses: Uint32Array,
    events: number,
    latencyMs: number,
  ): NativeJob<NativeRead>;
  dynapseCounts(board: DynapseBoard): NativeStreamCounts;
  dynapseStatistics(board: DynapseBoard): NativeJob<NativeBoardStatistics>;
  /** Adds the first `events` addresses to counts of groups of neighbours: 4 counts are chips, 16 cores, 4096 neurons. */
  dynapseTally(addresses: Uint32Array, events: number, counts: Float64Array): void;
  /** The first `events` times, which are microseconds, become seconds. */
  dynapseSeconds(times: Float64Array, events: number): void;
  /** Whole units of time between events, the first since `start`, for dynapseTrainWords. Refuses times that do not ascend. */
  dynapseIntervals(times: Float64Array, start: number, unit: number, out: Float64Array): void;

  /**
   * Chip words of input synapses: the chip neuron `neurons[k]` listens by its cell `cams[k]` to the source `sources[k]` (core * 256 + neuron, on
   * whatever chip) with a synapse of type `types[k]` ({@link synapseCode}). Every array has the length of `out`, or one element for all; so in
   * the next functions.
   */
  dynapseCamWords(
    sources: Uint32Array,
    neurons: Uint32Array,
    cams: Uint32Array,
    types: Uint32Array,
    out: Uint32Array,
  ): void;
  /** Chip words of routes from a chip's neurons to the cores (bits) of chips; cores 0 empties the cell. */
  dynapseRouteWords(
    fromChip: number,
    neurons: Uint32Array,
    cells: Uint32Array,
    virtualCores: Uint32Array,
    toChips: Uint32Array,
    cores: Uint32Array,
    out: Uint32Array,
  ): void;
  /** Chip words of the routes (cell 0) by which the host sees neurons' spikes. */
  dynapseMonitorWords(chip: number, neurons: Uint32Array, out: Uint32Array): void;
  /** Chip words of biases: coarse 0 is the largest current; flags as {@link biasFlag}. */
  dynapseBiasWords(
    addresses: Uint32Array,
    coarse: Uint32Array,
    fine: Uint32Array,
    flags: Uint32Array,
    out: Uint32Array,
  ): void;
  /** A chip word of {@link controlKind}; `neuron` matters to tau2 and monitor alone. */
  dynapseControlWord(kind: number, core: number, neuron: number): number;
  /** The biases of a core, in the order in which they are written. */
  dynapseBiases(): NativeBias[];
  /**
   * Words for the spike generator, two an event. `intervals`: units of time since the event before, the first since the start; long ones are
   * filled with events that reach nobody. `sources`: virtual core * 256 + neuron; `cores`: destination bits; `chips`: destination. Each of
   * these three has one element for each interval, or one for all. At most 65535 events in all: `words.length / 2`.
   */
  dynapseTrainWords(intervals: Float64Array, sources: Uint32Array, cores: Uint32Array, chips: Uint32Array): Uint16Array;

  /** The board model alone, `ERR_STATE` on a board: a board neuron fires now. */
  dynapseModelFire(board: DynapseBoard, neuron: number): void;
  /** The next `words` chip words are not acknowledged. */
  dynapseModelFailHandshakes(board: DynapseBoard, words: number): void;
  /** A stream of spikes from nowhere, as fast as it is read, to measure with. */
  dynapseModelTestStream(board: DynapseBoard, perMicrosecond: number, microseconds: number): void;
  /**
   * Lets board time pass on a streaming model of speed 0, which goes on only by this from the first call on: 0 microseconds halt it.
   * Settles when the time has passed, or the stream has ended.
   */
  dynapseModelAdvance(board: DynapseBoard, microseconds: number): NativeJob<void>;
  /** Pulls the model's plug, or puts it in again: then dynapseModelReopen. */
  dynapseModelPlug(board: DynapseBoard, plugged: boolean): void;
  /** A new handle on the same model, which kept its state; close the old one first. */
  dynapseModelReopen(board: DynapseBoard): NativeJob<DynapseBoard>;
  dynapseModelCounters(board: DynapseBoard): {
    chipWords: number;
    lostChipWords: number;
    neuronSpikes: number;
    generatorEvents: number;
    synapticEvents: number;
    offBoard: number;
    usbSpikes: number;
    /** Board time since power-on. */
    microseconds: number;
  };
  /** The chip words that the memory of a board neuron holds: 64 of input synapses, 4 of routes. */
  dynapseModelWords(board: DynapseBoard, neuron: number, cams: Uint32Array, srams: Uint32Array): void;
}
