/** Opening a board, or the board model that stands in for one. */
import { native } from '../../binding.js';
import {
  checkBoolean,
  checkInteger,
  checkNumber,
  checkOneOf,
  checkOptions,
  checkString,
  rangeError,
} from '../../check.js';
import { type ErrorCode, RockpoolError } from '../../errors.js';
import { runTask, type TaskOptions } from '../../task.js';
import type { DynapseBoard } from './native.js';

/** Who answers: a board on the USB, or the board model in this process. */
export type ControllerKind = 'board' | 'model';

/** The board model, where `controller` is `'model'`. */
export interface BoardModelOptions {
  /** Seed of mismatch and of the Poisson generator. Default 1. */
  seed?: number;
  /** Whether neurons differ from each other. Default true. */
  mismatch?: boolean;
  /** Time step of its neurons in seconds. Default 1e-4. */
  neuronStep?: number;
  /** Seconds of board time in a second. Default 0: as fast as it can be computed, and only while something is recorded or waited for. */
  speed?: number;
  /** At most 8 characters. Default `'MODEL001'`. */
  serial?: string;
}

/** Which board, and how it is opened. */
export interface OpenBoardOptions {
  /** `'board'`: a DYNAP-SE1 board on the USB. `'model'`: the board model, simulated neurons behind the same protocol. Default `'board'`. */
  controller?: ControllerKind;
  /** Serial number of the board. Default: the first one that can be opened. */
  serial?: string;
  /** USB bus and address, likewise. */
  bus?: number;
  address?: number;
  /** Lets FPGA logic newer than 5 through, which nobody has tried. Default false. */
  anyLogic?: boolean;
  /** Spikes that may wait to be read, 1 to 2^28; what comes then is lost, and counted. Default 2^20. */
  queueEvents?: number;
  /** Wait for the analogue circuits after configuration, in milliseconds. Default 4000 on a board, 0 on the model. */
  settleMs?: number;
  /** Options of the board model. */
  model?: BoardModelOptions;
}

/** @internal Names of the options, for `checkOptions`. */
export const openOptionNames = [
  'controller',
  'serial',
  'bus',
  'address',
  'anyLogic',
  'queueEvents',
  'settleMs',
  'model',
] as const;

/** @internal An open board, and whether its time stands still unless it is told to pass. */
export interface OpenBoard {
  board: DynapseBoard;
  controller: ControllerKind;
  /** Seconds of board time in a second; 0: on demand. */
  speed: number;
}

const fifoWords = 65536;
const bigQueue = 2 ** 20;
const modelNames = ['seed', 'mismatch', 'neuronStep', 'speed', 'serial'];

/** Codes of errors for which the board model is a way out. */
const absent: readonly string[] = ['ERR_NO_DEVICE', 'ERR_NO_LIBUSB', 'ERR_DEVICE_ACCESS', 'ERR_DEVICE_BUSY'];
const advice =
  "'rockpool-node doctor' tells what is wrong; { controller: 'model' } asks for the board model instead, whose spikes are simulated";

function withAdvice(error: unknown): unknown {
  if (!(error instanceof RockpoolError || error instanceof Error)) return error;
  const { code } = error as { code?: string };
  if (code === undefined || !absent.includes(code)) return error;
  return new RockpoolError(code as ErrorCode, `${error.message}; ${advice}`, { cause: error });
}

/** @internal Opens what the options ask for. @throws RockpoolError with what helps, where no board can be had. */
export async function openBoard(options: OpenBoardOptions & TaskOptions): Promise<OpenBoard> {
  const controller = checkOneOf<ControllerKind>(options.controller ?? 'board', 'controller', ['board', 'model']);
  const queueEvents = checkInteger(options.queueEvents ?? bigQueue, 'queueEvents', { min: 1, max: 2 ** 28 });
  const settleMs = checkNumber(options.settleMs ?? (controller === 'board' ? 4000 : 0), 'settleMs', {
    min: 0,
    max: 3.6e6,
  });
  const model = readModel(options.model);
  const { signal } = options;
  const serial = options.serial === undefined ? undefined : checkString(options.serial, 'serial');
  const [bus, address] = (['bus', 'address'] as const).map((name) =>
    options[name] === undefined ? undefined : checkInteger(options[name], name, { min: 0, max: 255 }),
  );
  const anyLogic = checkBoolean(options.anyLogic ?? false, 'anyLogic');
  if (controller === 'model') {
    const chosen = (['serial', 'bus', 'address'] as const).find((name) => options[name] !== undefined);
    if (chosen !== undefined)
      throw rangeError(chosen, "left out with controller: 'model', which is no board on the USB", options[chosen]);
    const { seed, mismatch, neuronStep, speed } = model;
    const board = await runTask({ signal }, () =>
      native.dynapseOpenModel(seed, mismatch, neuronStep, fifoWords, speed, model.serial, queueEvents, settleMs),
    );
    return { board, controller, speed };
  }
  try {
    const board = await runTask({ signal }, () =>
      native.dynapseOpen(serial, bus, address, anyLogic, queueEvents, settleMs),
    );
    return { board, controller, speed: 1 };
  } catch (error) {
    throw withAdvice(error);
  }
}

function readModel(value: BoardModelOptions = {}): Required<BoardModelOptions> {
  const given = checkOptions<BoardModelOptions>(value, 'model', modelNames);
  return {
    seed: checkInteger(given.seed ?? 1, 'seed', { min: 0 }),
    mismatch: checkBoolean(given.mismatch ?? true, 'mismatch'),
    neuronStep: checkNumber(given.neuronStep ?? 1e-4, 'neuronStep', { positive: true, max: 1 }),
    speed: checkNumber(given.speed ?? 0, 'speed', { min: 0, max: 1e6 }),
    serial: checkString(given.serial ?? 'MODEL001', 'serial'),
  };
}
