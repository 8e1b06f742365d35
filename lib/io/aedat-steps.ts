/** Reading an AEDAT file as a row of steps, which somebody takes: here and now or off the event loop. */
import { native } from '../binding.js';
import { RockpoolError } from '../errors.js';
import { warn } from '../warnings.js';
import type { AedatReadArgs, NativeAedatEvents } from './aedat-native.js';
import type { AedatPlan } from './aedat-plan.js';
import { readZstdFrame } from './aedat-zstd.js';

/** Bytes to be filled with the next ones of the file (the answer: how many), or a call of `aedatRead` (the answer: its result). */
export type AedatStep = { fill: Uint8Array } | { parse: AedatReadArgs; position: () => number };

const pieceBytes = 4 << 20;
const maxPacket = 1 << 27;

type Answer = number | NativeAedatEvents;
type Steps = Generator<AedatStep, void, Answer>;

/** Says at which byte of the file something is wrong. */
function atByte(position: number, error: unknown): unknown {
  if (!(error instanceof RockpoolError) || error.code !== 'ERR_FILE' || error.message.startsWith('byte ')) return error;
  return new RockpoolError('ERR_FILE', `byte ${position}: ${error.message}`, { cause: error });
}

class StepMaker {
  readonly #plan: AedatPlan;
  readonly #keep: boolean;
  /** Bytes up to where events go. */
  readonly #end: number;
  #state: Float64Array;
  #rest: Uint8Array;
  #last: boolean;

  constructor(plan: AedatPlan, rest: Uint8Array, last: boolean, end: number) {
    this.#plan = plan;
    this.#keep = plan.options.truncated === 'keep';
    this.#end = end;
    const offset = plan.head?.offset ?? 0;
    this.#state = Float64Array.of(offset, 0, 0, plan.relative ? 1 : 0, 0, 0);
    this.#rest = rest.subarray(offset);
    this.#last = last;
  }

  get #position(): number {
    return this.#state[0];
  }

  *run(): Steps {
    for (let needed: number | null = 0; ;) {
      if (this.#position + this.#rest.length >= this.#end) {
        this.#last = true;
        this.#rest = this.#rest.subarray(0, Math.max(this.#end - this.#position, 0));
      }
      if (this.#rest.length > 0) needed = yield* this.#parse();
      if (this.#rest.length > 0 && needed === null) continue; // there may be more whole packets
      if (this.#last) break;
      // What cannot be there is not waited for, and takes no memory.
      const wanted = Math.min(Math.max(pieceBytes, (needed ?? 0) - this.#rest.length), this.#end - this.#position);
      const bytes = new Uint8Array(this.#rest.length + Math.max(wanted, 1));
      bytes.set(this.#rest);
      const room = bytes.subarray(this.#rest.length);
      const got = (yield { fill: room }) as number;
      this.#last = got < room.length;
      this.#rest = bytes.subarray(0, this.#rest.length + got);
    }
    if (this.#rest.length > 0)
      warn(
        'AEDAT_TRUNCATED',
        `series '${this.#plan.name}': the file is cut off within its last packet, at byte ${this.#position}`,
      );
  }

  /** Returns null when something was read, else how many bytes the next packet has. */
  *#parse(): Generator<AedatStep, number | null, Answer> {
    const last = this.#last && !this.#keep;
    if ((this.#plan.head?.compression ?? 0) >= 3) return yield* this.#parseZstd(last);
    const result = yield* this.#call(this.#rest, last);
    this.#rest = this.#rest.subarray(result.consumed);
    return result.consumed > 0 ? null : result.needed;
  }

  *#call(bytes: Uint8Array, last: boolean): Generator<AedatStep, NativeAedatEvents, Answer> {
    const parse: AedatReadArgs = [bytes, last, this.#plan.form, this.#plan.chips, this.#state];
    const result = (yield { parse, position: () => this.#position }) as NativeAedatEvents;
    this.#state = result.state;
    return result;
  }

  /** Packets one by one, decompressed, behind heads of their new size. */
  *#parseZstd(last: boolean): Generator<AedatStep, number | null, Answer> {
    const start = this.#position;
    const { consumed, needed, table } = native.aedat4Packets(this.#rest, last, start);
    for (let i = 0; i < table.length; i += 3) {
      const [offset, size, stream] = [table[i], table[i + 1], table[i + 2]];
      const position = start + offset - 8;
      this.#state[0] = position;
      let data: Uint8Array;
      try {
        data = readZstdFrame(this.#rest.subarray(offset, offset + size), maxPacket);
      } catch (error) {
        throw atByte(position, error);
      }
      const packet = new Uint8Array(8 + data.length);
      new DataView(packet.buffer).setInt32(0, stream, true);
      new DataView(packet.buffer).setInt32(4, data.length, true);
      packet.set(data, 8);
      yield* this.#call(packet, true);
    }
    this.#state[0] = start + consumed;
    this.#rest = this.#rest.subarray(consumed);
    return consumed > 0 ? null : needed;
  }
}

/** All steps for a file of `size` bytes. */
export function* aedatSteps(plan: AedatPlan, size: number): Steps {
  const first = new Uint8Array(Math.min(pieceBytes, size) + 1);
  const got = (yield { fill: first }) as number;
  const head = native.aedatHead(first.subarray(0, got));
  plan.begin(head);
  if (head.dataEnd > size && plan.options.truncated !== 'keep')
    throw new RockpoolError(
      'ERR_FILE',
      `expected packets up to byte ${head.dataEnd}, received ${size} bytes (cut off)`,
    );
  const end = head.dataEnd >= head.offset ? Math.min(head.dataEnd, size) : Math.max(size, got);
  yield* new StepMaker(plan, first.subarray(0, got), got < first.length, end).run();
}
