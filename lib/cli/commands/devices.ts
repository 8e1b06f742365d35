/** `rockpool-node devices` */
import type { Command } from 'commander';
import type { NativeFoundBoard } from '../../devices/dynapse/native.js';
import { action, type Context } from '../context.js';
import { UsageError } from '../exit.js';
import { table } from '../output.js';
import { nativeBoards, useBoard, type BoardChoice } from '../boards/open.js';

interface Listed {
  bus: number;
  address: number;
  serial: string;
  firmware: number;
  logic: number;
  chips: number;
  neurons: number;
  model: boolean;
  problem: { code: string; message: string } | null;
}

function listed(found: Omit<NativeFoundBoard, 'blank'>, model = false, blank = false): Listed {
  const { bus, address, serial, firmware, logic, problemCode, problem } = found;
  const chips = blank ? 0 : 4;
  return {
    bus,
    address,
    serial,
    firmware,
    logic,
    chips,
    neurons: chips * 1024,
    model,
    problem: problemCode === '' ? null : { code: problemCode, message: problem },
  };
}

async function list(model: boolean): Promise<Listed[]> {
  if (model) {
    return useBoard({ model }, ({ info }) =>
      Promise.resolve([listed({ ...info, problemCode: '', problem: '' }, true)]),
    );
  }
  const native = await nativeBoards();
  return (await native.dynapseDevices().promise).map((found) => listed(found, false, found.blank));
}

const head = ['bus', 'address', 'serial', 'firmware', 'logic', 'chips', 'state'];
const known = (value: number) => (value === 0 ? '?' : value);

async function print({ output }: Context, boards: Listed[]): Promise<void> {
  if (output.json) {
    for (const board of boards) await output.result(board, '');
    return;
  }
  if (boards.length === 0)
    return output.note('no DynapSE board is plugged in (rockpool-node doctor looks for reasons)');
  const rows = boards.map(({ bus, address, serial, firmware, logic, chips, model, problem }) => [
    bus,
    address,
    serial === '' ? '?' : serial,
    firmware,
    known(logic),
    known(chips),
    problem ? problem.code : model ? 'ready (board model)' : 'ready',
  ]);
  await output.result(boards, table(head, rows));
  for (const { problem } of boards) if (problem) output.note(`${problem.code}: ${problem.message}`);
}

async function follow({ output, signal }: Context): Promise<void> {
  const { watchBoards } = await import('../../devices/dynapse/index.js');
  for await (const { type, board } of watchBoards({ signal })) {
    const { bus, address, firmware } = board;
    await output.result({ type, ...board }, `${type}  bus ${bus}, address ${address}, firmware ${firmware}`);
  }
}

export function register(program: Command): void {
  const command = program
    .command('devices')
    .description(
      'List the DynapSE boards that are plugged in: place, serial number, versions, chips, whether they can be opened.',
    )
    .option('--model', 'the board model instead of the bus')
    .option('--watch', 'go on, and tell of every board that is plugged in or pulled out, until Ctrl-C')
    .addHelpText(
      'after',
      `
Each board is opened shortly to read its versions, unless another program has it. With --watch none is opened.
Without a board the list is empty and the exit code 0; without libusb it is 4.

Examples:
  rockpool-node devices
  rockpool-node devices --json | jq .serial
  rockpool-node devices --watch`,
    );
  command.action(
    action(async (context: Context, { model, watch }: BoardChoice & { watch?: boolean }) => {
      if (watch && model)
        throw new UsageError(
          '--watch and --model do not go together: the model is plugged in as long as a program uses it',
        );
      if (watch) return follow(context);
      await print(context, await list(model ?? false));
    }),
  );
}
