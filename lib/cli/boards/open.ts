/** Boards on the command line: the options that choose one, opening, configuring, closing. */
import type { Command } from 'commander';
import { biasFlag, synapseCode } from '../../devices/dynapse/native.js';
import type { DynapseBoard, NativeBoardInfo, NativeDynapse } from '../../devices/dynapse/native.js';
import { type ErrorCode, RockpoolError } from '../../errors.js';
import { runTask } from '../../task.js';
import type { Context } from '../context.js';
import { UsageError } from '../exit.js';
import { integer } from '../parse.js';

export interface BoardChoice {
  model?: boolean;
  serial?: string;
  bus?: number;
  address?: number;
  anyLogic?: boolean;
}

/** Events that wait to be read at most. */
const queueEvents = 1 << 21;
/** Milliseconds that the analogue parts of a board need after a configuration. */
const settleMs = 4000;

/** Adds the options that choose a board. */
export function boardOptions(command: Command): Command {
  return command
    .option('--model', 'a board model in this process instead of a board: works everywhere')
    .option('--serial <text>', 'the board with this serial number')
    .option('--bus <number>', 'the board on this bus', integer({ min: 0, max: 255 }))
    .option('--address <number>', 'the board at this address of its bus', integer({ min: 0, max: 255 }))
    .option('--any-logic', 'also a board with newer FPGA logic than is known (5)');
}

export async function nativeBoards(): Promise<NativeDynapse> {
  return (await import('../../binding.js')).native;
}

/** An open board, and the functions that work on it. */
export interface OpenBoard {
  native: NativeDynapse;
  board: DynapseBoard;
  info: NativeBoardInfo;
}

/** Codes of errors for which the board model is a way out. */
const absent: readonly string[] = ['ERR_NO_DEVICE', 'ERR_NO_LIBUSB', 'ERR_DEVICE_ACCESS', 'ERR_DEVICE_BUSY'];

/** Says what helps where no board can be had. */
function withAdvice(error: unknown): unknown {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  if (code === undefined || !absent.includes(code)) return error;
  return new RockpoolError(
    code as ErrorCode,
    `${message}; 'rockpool-node doctor' tells what is wrong; --model takes the board model instead, whose spikes are simulated`,
    { cause: error },
  );
}

async function open(native: NativeDynapse, choice: BoardChoice): Promise<DynapseBoard> {
  const { model, serial, bus, address, anyLogic } = choice;
  if (!model) {
    const job = native.dynapseOpen(serial, bus, address, anyLogic ?? false, queueEvents, settleMs);
    return job.promise.catch((error: unknown) => {
      throw withAdvice(error);
    });
  }
  const named = Object.entries({ '--serial': serial, '--bus': bus, '--address': address }).find(
    ([, v]) => v !== undefined,
  );
  if (named) throw new UsageError(`--model and ${named[0]} do not go together: the model is no board of the bus`);
  return native.dynapseOpenModel(1, true, 1e-4, 1 << 16, 1, 'MODEL001', queueEvents, 0).promise;
}

/** Opens the board that is chosen, hands it to `work`, and switches it off and closes it whatever happens. */
export async function useBoard<T>(choice: BoardChoice, work: (open: OpenBoard) => Promise<T>): Promise<T> {
  const native = await nativeBoards();
  const board = await open(native, choice);
  try {
    return await work({ native, board, info: native.dynapseInfo(board) });
  } finally {
    await native.dynapseClose(board).promise;
  }
}

/** `board MODEL001 (board model)` */
export const boardName = ({ serial, model, bus, address }: NativeBoardInfo): string =>
  `board ${serial} (${model ? 'board model' : `bus ${bus}, address ${address}`})`;

/** The default configuration: neurons at rest, all spikes to the host. */
export async function configureBoard({ signal, progress }: Context, { native, board, info }: OpenBoard): Promise<void> {
  await progress.during(`configuring ${boardName(info)}`, ({ onProgress }) =>
    runTask({ signal, onProgress }, (told) => native.dynapseConfigure(board, told)),
  );
}

/** Sets a bias of all chips; `fine` for cores 0 to 3. Without `coarse` it keeps its range. */
async function setBias({ native, board }: OpenBoard, name: string, fine: number[], coarse?: number): Promise<void> {
  const bias = native.dynapseBiases().find((candidate) => candidate.name === name);
  if (!bias) throw new RockpoolError('ERR_INTERNAL', `there is no bias ${name}`);
  const flags =
    (bias.high ? biasFlag.high : 0) | biasFlag.normal | (bias.nType ? biasFlag.nType : 0) | biasFlag.enabled;
  const words = new Uint32Array(4);
  const one = (value: number) => Uint32Array.of(value);
  native.dynapseBiasWords(
    Uint32Array.from(bias.addresses),
    one(coarse ?? bias.coarse),
    Uint32Array.from(fine),
    one(flags),
    words,
  );
  for (const chip of [0, 1, 2, 3]) await native.dynapseWriteChip(board, chip, words, undefined).promise;
}

/** Lets the model's neurons fire by themselves, by a direct current that differs from core to core. */
export async function driveModel(open: OpenBoard): Promise<void> {
  await setBias(open, 'IF_DC_P', [60, 80, 100, 120]);
}

/** Lets each of the model's neurons hear the source of its own number, so that a stimulus shows. */
export async function connectModel(open: OpenBoard): Promise<void> {
  const { native, board } = open;
  const all = Uint32Array.from({ length: 1024 }, (_, i) => i);
  const words = new Uint32Array(1024);
  native.dynapseCamWords(all, all, Uint32Array.of(0), Uint32Array.of(synapseCode.fastExc), words);
  for (const chip of [0, 1, 2, 3]) await native.dynapseWriteChip(board, chip, words, undefined).promise;
  await setBias(open, 'PS_WEIGHT_EXC_F_N', [100, 100, 100, 100], 1);
}
