/** What a layer is told of its board, checked before one is opened. */
import { checkBoolean, checkInteger, checkNumber, checkOptions, checkString, rangeError } from '../../check.js';
import { checkBiases } from '../../devices/dynapse/chip-biases.js';
import { type BoardModelOptions, type OpenBoardOptions, openOptionNames } from '../../devices/dynapse/open.js';

const modelNames = ['seed', 'mismatch', 'neuronStep', 'speed', 'serial'];
const places = ['serial', 'bus', 'address'] as const;

/** Checks a value where there is one. */
function given<T>(value: T | undefined, name: string, check: (value: unknown, name: string) => unknown): void {
  if (value !== undefined) check(value, name);
}

const integer =
  (min: number, max?: number) =>
  (value: unknown, name: string): number =>
    checkInteger(value, name, { min, max });
const number =
  (bounds: { min?: number; max?: number; positive?: boolean }) =>
  (value: unknown, name: string): number =>
    checkNumber(value, name, bounds);

function checkModel(value: unknown): void {
  const model = checkOptions<BoardModelOptions>(value, 'board.model', modelNames);
  given(model.seed, 'seed', integer(0));
  given(model.mismatch, 'mismatch', checkBoolean);
  given(model.neuronStep, 'neuronStep', number({ positive: true, max: 1 }));
  given(model.speed, 'speed', number({ min: 0, max: 1e6 }));
  given(model.serial, 'serial', checkString);
}

/** @internal Options of the board that a layer opens. */
export function checkBoard(value: unknown, controller: unknown): void {
  if (value === undefined) return;
  const names = openOptionNames.filter((name) => name !== 'controller');
  const board = checkOptions<OpenBoardOptions>(value, 'board', names);
  given(board.serial, 'serial', checkString);
  given(board.bus, 'bus', integer(0, 255));
  given(board.address, 'address', integer(0, 255));
  given(board.anyLogic, 'anyLogic', checkBoolean);
  given(board.queueEvents, 'queueEvents', integer(1, 2 ** 28));
  given(board.settleMs, 'settleMs', number({ min: 0, max: 3.6e6 }));
  if (board.model !== undefined) checkModel(board.model);
  const place = places.find((name) => board[name] !== undefined);
  if (controller === 'model' && place !== undefined)
    throw rangeError(place, "left out with controller: 'model', which is no board on the USB", board[place]);
}

/** @internal Biases, or the name of their file, which is read when the board is opened. */
export function checkLayerBiases(value: unknown): void {
  if (value === undefined || value === null || typeof value === 'string') return;
  checkBiases(value);
}
