/**
 * A recording of a board: a TSEvent file that is written while events come, in bounded memory, and takes its name when it is whole.
 *
 * The file is a ZIP archive of stored arrays, as TSEvent.save writes it: small fields first, whose size does not depend on what comes,
 * then `times`, to which events are appended, then `channels`, which are kept in a second file meanwhile.
 */
import { native } from '../../binding.js';
import { RockpoolError } from '../../errors.js';
import { AtomicFile } from '../../io/atomic-file.js';
import { checkPath, type PathInput } from '../../io/file-error.js';
import { encodeNpz, withEnding } from '../../io/npz-write.js';
import { eventFields } from '../../io/series-fields.js';
import { TSEvent } from '../../time-series/index.js';

const npyHeaderSize = 128;
const boardNeurons = 4096;
/** Bytes of an archive beside its events, generously. */
const overhead = 4096;

/** The header of a `.npy` file of so many elements. */
function npyHeader(descr: string, elements: number): Buffer {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${elements},), }`;
  const header = Buffer.alloc(npyHeaderSize, ' ');
  header.write('\x93NUMPY\x01\x00', 0, 'latin1');
  header.writeUInt16LE(npyHeaderSize - 10, 8);
  header.write(text, 10, 'latin1');
  header.write('\n', npyHeaderSize - 1, 'latin1');
  return header;
}

interface Entry {
  name: string;
  size: number;
  crc: number;
  offset: number;
}

/** Fields that the two headers of an entry have in common; sizes are in its ZIP64 field. */
function commonHeader(header: Buffer, at: number, { name, crc }: Entry, extra: number): void {
  header.writeUInt16LE(45, at);
  header.writeUInt32LE(0x00210000, at + 6); // 1980-01-01
  header.writeUInt32LE(crc, at + 10);
  header.writeUInt32LE(0xffffffff, at + 14);
  header.writeUInt32LE(0xffffffff, at + 18);
  header.writeUInt16LE(name.length, at + 22);
  header.writeUInt16LE(extra, at + 24);
}

function zip64(numbers: number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * numbers.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * numbers.length, 2);
  numbers.forEach((n, i) => field.writeBigUInt64LE(BigInt(n), 4 + 8 * i));
  return field;
}

function localHeader(entry: Entry): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  commonHeader(header, 4, entry, 20);
  return Buffer.concat([header, Buffer.from(entry.name), zip64([entry.size, entry.size])]);
}

function centralHeader(entry: Entry): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(45, 4);
  commonHeader(header, 6, entry, 28);
  header.writeUInt32LE(0xffffffff, 42);
  return Buffer.concat([header, Buffer.from(entry.name), zip64([entry.size, entry.size, entry.offset])]);
}

/** The end of an archive, always with its ZIP64 records. */
function archiveEnd(entries: number, size: number, offset: number): Buffer {
  const wide = Buffer.alloc(56);
  wide.writeUInt32LE(0x06064b50, 0);
  wide.writeBigUInt64LE(44n, 4);
  wide.writeUInt16LE(45, 12);
  wide.writeUInt16LE(45, 14);
  for (const at of [24, 32]) wide.writeBigUInt64LE(BigInt(entries), at);
  wide.writeBigUInt64LE(BigInt(size), 40);
  wide.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  for (const at of [8, 10]) end.writeUInt16LE(entries, at);
  end.writeUInt32LE(0xffffffff, 12);
  end.writeUInt32LE(0xffffffff, 16);
  return Buffer.concat([wide, locator, end]);
}

/** The fields beside the events, as an archive: its entries and its directory. */
function smallFields(name: string, tStop: number): { local: Buffer; central: Buffer; entries: number } {
  const series = new TSEvent([], [], { tStart: 0, tStop, numChannels: boardNeurons, name });
  const fields = eventFields(series, {}, true);
  fields.delete('times');
  fields.delete('channels');
  const zip = Buffer.from(encodeNpz(fields));
  const end = zip.length - 22;
  const [entries, size, offset] = [zip.readUInt16LE(end + 10), zip.readUInt32LE(end + 12), zip.readUInt32LE(end + 16)];
  return { local: zip.subarray(0, offset), central: zip.subarray(offset, offset + size), entries };
}

const bytesOf = (array: Float64Array | Uint32Array, elements: number): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, elements * array.BYTES_PER_ELEMENT);

/** Records events of a board to a TSEvent file (`.npz`): times in seconds since the stream began, channels that are board neurons. */
export class EventRecording {
  #events = 0;
  #last = 0;

  private constructor(
    readonly path: string,
    readonly name: string,
    private readonly file: AtomicFile,
    private readonly channels: AtomicFile,
    private readonly timesAt: number,
  ) {}

  /** @throws RockpoolError `ERR_FILE` when it can't be written there. */
  static async open(path: PathInput, name = 'board'): Promise<EventRecording> {
    const target = withEnding(checkPath(path), '.npz');
    const file = await AtomicFile.open(target);
    try {
      const channels = await AtomicFile.open(`${target}.channels`);
      const { local } = smallFields(name, 0);
      await file.append(local);
      const timesAt = file.size;
      await file.append(localHeader({ name: 'times.npy', size: 0, crc: 0, offset: timesAt }));
      await file.append(npyHeader('<f8', 0));
      return new EventRecording(target, name, file, channels, timesAt);
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  /** Events recorded so far. */
  get events(): number {
    return this.#events;
  }

  /**
   * Appends the first `events` elements; times are microseconds and become seconds in place. One call at a time.
   *
   * @throws RockpoolError `ERR_FILE` where the file cannot grow: the recording is finished then, with as many of its first events as it has room for.
   */
  async append(times: Float64Array, addresses: Uint32Array, events: number): Promise<void> {
    if (events === 0) return;
    native.dynapseSeconds(times, events);
    try {
      await this.file.append(bytesOf(times, events));
      await this.channels.append(bytesOf(addresses, events));
    } catch (error) {
      throw await this.#rescue(error);
    }
    this.#events += events;
    this.#last = times[events - 1];
  }

  /**
   * Ends the recording: the file takes its name. `seconds` that it lasted; events may come later than that by the clocks' difference.
   *
   * @throws As {@link append}.
   */
  async finish(seconds: number): Promise<void> {
    try {
      await this.#finish(Math.max(seconds, this.#last + 1e-6));
    } catch (error) {
      throw await this.#rescue(error);
    }
    await this.channels.discard();
  }

  /** Finishes a recording whose file cannot grow: its last third makes room for the channels of the rest. Resolves to what is to be thrown. */
  async #rescue(cause: unknown): Promise<unknown> {
    const { file, channels } = this;
    const kept = Math.max(Math.floor((8 * this.#events - overhead) / 12), 0);
    const all = this.#events;
    try {
      await file.truncate(this.#dataAt + 8 * kept);
      await channels.truncate(4 * kept);
      this.#events = kept;
      this.#last = kept > 0 ? await this.#timeAt(kept - 1) : 0;
      await this.#finish(this.#last + 1e-6);
    } catch {
      await this.discard();
      return cause;
    }
    await channels.discard();
    return new RockpoolError(
      'ERR_FILE',
      `${(cause as Error).message}; ${this.path} holds the first ${kept} of ${all} events, for which there was room`,
      { cause, details: { path: this.path } },
    );
  }

  /** Where the events' times begin. */
  get #dataAt(): number {
    return this.timesAt + localHeader({ name: 'times.npy', offset: 0, size: 0, crc: 0 }).length + npyHeaderSize;
  }

  async #timeAt(event: number): Promise<number> {
    for await (const piece of this.file.pieces(this.#dataAt + 8 * event, 8)) return Buffer.from(piece).readDoubleLE(0);
    return 0;
  }

  /** Nothing stays. */
  async discard(): Promise<void> {
    await this.file.discard();
    await this.channels.discard();
  }

  async #finish(tStop: number): Promise<void> {
    const { file, channels } = this;
    const entry = (name: string, offset: number, size: number): Entry => ({ name, offset, size, crc: 0 });
    const timesHeader = npyHeader('<f8', this.#events);
    const times = entry('times.npy', this.timesAt, npyHeaderSize + 8 * this.#events);
    times.crc = native.crc32(timesHeader);
    for await (const piece of file.pieces(this.#dataAt)) times.crc = native.crc32(piece, times.crc);

    const channelsHeader = npyHeader('<u4', this.#events);
    const second = entry('channels.npy', file.size, npyHeaderSize + 4 * this.#events);
    second.crc = native.crc32(channelsHeader);
    for await (const piece of channels.pieces()) second.crc = native.crc32(piece, second.crc);
    await file.append(localHeader(second));
    await file.append(channelsHeader);
    for await (const piece of channels.pieces()) await file.append(piece);

    const { local, central, entries } = smallFields(this.name, tStop);
    const directoryAt = file.size;
    const directory = Buffer.concat([central, centralHeader(times), centralHeader(second)]);
    await file.append(directory);
    await file.append(archiveEnd(entries + 2, directory.length, directoryAt));
    await file.overwrite(0, local);
    await file.overwrite(this.timesAt, Buffer.concat([localHeader(times), timesHeader]));
    await file.commit();
  }
}
