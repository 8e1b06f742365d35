/** What an AEDAT file holds, told by its head and by options. */
import { checkInteger, checkOneOf, checkOptions, checkString, checkBoolean, rangeError, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import type { NativeAedatHead } from './aedat-native.js';

/** Pixels of a sensor. */
export interface AedatSize {
  width: number;
  height: number;
}

const layouts = ['dvs128', 'davis', 'dynapse'] as const;
const polarities = ['merge', 'split', 'on', 'off'] as const;

/** Options of {@link readAedat}. */
export interface ReadAedatOptions {
  /** Name of the series; default: that of the file without its ending. */
  name?: string;
  /** What is recorded, and in versions 1 and 2 how addresses are packed; default: by the name of the chip in the file. */
  layout?: (typeof layouts)[number];
  /** Pixels of the sensor; default: as the file says, or by the name of the chip. */
  size?: AedatSize;
  /**
   * What polarity has to do with channels: both have the channel `y * width + x` (`'merge'`, the default), `(y * width + x) * 2`
   * and one more for brighter (`'split'`), or only events of one polarity are read (`'on'`: brighter, `'off'`: darker).
   */
  polarity?: (typeof polarities)[number];
  /** Where y is 0: as in the file (`'file'`, the default; versions 1 to 3.0 at the bottom, later ones at the top) or at the top. */
  origin?: 'file' | 'top';
  /** DynapSE: how the file calls chips 0, 1, ...; default: by these numbers. cAER called them 0, 8, 4, 12. */
  chips?: readonly number[];
  /** Whether times count from the first event; default: in version 4, whose times are Unix time. */
  relative?: boolean;
  /** Version 4: the stream whose events are read; default: the first one. Version 3: the source; default: all. */
  stream?: number;
  /** What a cut file is: an error, or read as far as it goes, with the warning `AEDAT_TRUNCATED`. Default `'error'`. */
  truncated?: 'error' | 'keep';
  /** Most events that are read; default 4194304 and 8 for each byte of the file. A file that holds more is an error. */
  maxEvents?: number;
}

export const readAedatNames = [
  'name',
  'layout',
  'size',
  'polarity',
  'origin',
  'chips',
  'relative',
  'stream',
  'truncated',
  'maxEvents',
];

const sizes: [RegExp, number, number][] = [
  [/DVS-?128|Tmpdiff128/i, 128, 128],
  [/DAVIS-?128/i, 128, 128],
  [/DAVIS-?208/i, 208, 192],
  [/DAVIS-?240|SBRet10/i, 240, 180],
  [/DAVIS-?346/i, 346, 260],
  [/DAVIS(Het)?-?640|DVXplorer|DVS-?640/i, 640, 480],
  [/DVS-?132S/i, 132, 104],
];

/** One stream of a file of version 4. */
export interface AedatStream {
  id: number;
  /** Kind of its packets: EVTS, TRIG, FRME, IMUS, ... */
  type: string;
  source: string;
  size: AedatSize | null;
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const unescapeXml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name]);

/** The streams that the XML of the head of version 4 describes. */
export function streamsOf(xml: string): AedatStream[] {
  const streams = new Map<number, Record<string, string>>();
  const path: string[] = [];
  for (const [, close, tag, attributes, empty, text] of xml.matchAll(/<(\/?)(node|attr)\b([^>]*?)(\/?)>([^<]*)/g)) {
    const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
    if (tag === 'node') {
      if (close) path.pop();
      else if (!empty) path.push(attribute('name'));
      continue;
    }
    const id = path[0] === 'outInfo' ? Number(path[1]) : NaN;
    if (close || !Number.isInteger(id)) continue;
    if (!streams.has(id)) streams.set(id, {});
    (streams.get(id) as Record<string, string>)[[...path.slice(2), attribute('key')].join('/')] = unescapeXml(text);
  }
  return Array.from(streams, ([id, values]) => {
    const width = Number(values['info/sizeX']);
    const height = Number(values['info/sizeY']);
    return {
      id,
      type: values.typeIdentifier ?? '',
      source: values['info/source'] ?? '',
      size: width > 0 && height > 0 ? { width, height } : null,
    };
  });
}

function sourceOf(head: NativeAedatHead): string {
  const line = (pattern: RegExp) => pattern.exec(head.text)?.[1]?.trim();
  if (head.major === 3) return line(/^#Source \d+: *([^\r\n]*)/m) ?? '';
  const chip = line(/^# *AEChip: *([^\r\n]*)/m) ?? '';
  return chip.slice(chip.lastIndexOf('.') + 1);
}

/** @throws RangeError or TypeError for wrong options. */
function checkAll(options: Partial<ReadAedatOptions>): void {
  const { name, layout, size, polarity, origin, chips, relative, stream, truncated, maxEvents } = options;
  if (name !== undefined) checkString(name, 'name');
  if (layout !== undefined) checkOneOf(layout, 'layout', layouts);
  if (size !== undefined) {
    const given = checkOptions<AedatSize>(size, 'size', ['width', 'height']);
    checkInteger(given.width, 'size.width', { min: 1, max: 32768 });
    checkInteger(given.height, 'size.height', { min: 1, max: 32768 });
  }
  if (polarity !== undefined) checkOneOf(polarity, 'polarity', polarities);
  if (origin !== undefined) checkOneOf(origin, 'origin', ['file', 'top']);
  if (chips !== undefined) {
    if (!Array.isArray(chips) || chips.length === 0) throw typeError('chips', 'a list of numbers of chips', chips);
    (chips as unknown[]).forEach((chip, i) => checkInteger(chip, `chips[${i}]`, { min: 0, max: 65535 }));
  }
  if (relative !== undefined) checkBoolean(relative, 'relative');
  if (stream !== undefined) checkInteger(stream, 'stream', { min: 0, max: 0x7fffffff });
  if (truncated !== undefined) checkOneOf(truncated, 'truncated', ['error', 'keep']);
  if (maxEvents !== undefined) checkInteger(maxEvents, 'maxEvents', { min: 0 });
}

/** Options, and what they and the head of the file make of it. */
export class AedatPlan {
  readonly options: Partial<ReadAedatOptions>;
  readonly name: string;
  head: NativeAedatHead | null = null;
  source = '';
  streams: AedatStream[] = [];
  size: AedatSize | null = null;
  form = new Int32Array(10);
  readonly chips: Int32Array;
  neurons = false;
  relative = false;

  constructor(options: unknown, extra: readonly string[], fallbackName: string) {
    this.options = checkOptions<ReadAedatOptions>(options, 'options', [...readAedatNames, ...extra]);
    checkAll(this.options);
    this.name = this.options.name ?? fallbackName;
    this.chips = Int32Array.from(this.options.chips ?? []);
  }

  get version(): string {
    return `${this.head?.major}.${this.head?.minor}`;
  }

  begin(head: NativeAedatHead): void {
    this.head = head;
    const stream = head.major === 4 ? this.#stream(head) : this.#source(head);
    const layout = this.options.layout ?? this.#layout(head);
    this.neurons = layout === 'dynapse';
    if (this.neurons && head.major === 4)
      throw rangeError('layout', "'davis' or left out for version 4, which holds pixels", layout);
    this.size = this.neurons ? null : (this.options.size ?? this.size ?? this.#knownSize());
    this.relative = this.options.relative ?? head.major === 4;
    const { polarity = 'merge', origin = 'file' } = this.options;
    const fromBottom = head.major < 3 || (head.major === 3 && head.minor === 0);
    this.form = Int32Array.of(
      head.major,
      head.minor,
      layouts.indexOf(layout),
      polarities.indexOf(polarity),
      this.size?.width ?? 0,
      this.size?.height ?? 0,
      origin === 'top' && fromBottom ? 1 : 0,
      head.compression === 1 || head.compression === 2 ? 1 : 0,
      head.major === 4 ? stream : -1,
      head.major === 3 ? stream : -1,
    );
  }

  #stream(head: NativeAedatHead): number {
    this.streams = streamsOf(head.text);
    const { stream } = this.options;
    const events = this.streams.filter(({ type }) => type === 'EVTS');
    const found = stream === undefined ? events[0] : events.find(({ id }) => id === stream);
    if (stream !== undefined && !found)
      throw rangeError(
        'stream',
        `a stream of events (${events.map(({ id }) => id).join(', ') || 'there is none'})`,
        stream,
      );
    this.source = found?.source ?? '';
    this.size = found?.size ?? null;
    return found?.id ?? -1;
  }

  #source(head: NativeAedatHead): number {
    this.source = sourceOf(head);
    if (head.major < 3 && this.options.stream !== undefined)
      throw typeError('stream', 'left out for versions 1 and 2', this.options.stream);
    return this.options.stream ?? -1;
  }

  #layout(head: NativeAedatHead): (typeof layouts)[number] {
    if (/dynap/i.test(this.source)) return 'dynapse';
    if (/DVS-?128|Tmpdiff128/i.test(this.source) || head.major === 1) return 'dvs128';
    if (/davis|SBRet10/i.test(this.source) || head.major > 2) return 'davis';
    const name = this.source === '' ? 'no name of a chip' : `the chip ${this.source}`;
    throw new RockpoolError(
      'ERR_FILE',
      `expected a chip whose addresses are known, received ${name}; give the option layout`,
    );
  }

  #knownSize(): AedatSize {
    const major = this.head?.major;
    const found =
      sizes.find(([pattern]) => pattern.test(this.source)) ??
      (major === 1 || this.options.layout === 'dvs128' ? sizes[0] : undefined);
    if (found) return { width: found[1], height: found[2] };
    throw new RockpoolError(
      'ERR_FILE',
      `expected a sensor whose size is known, received '${this.source}'; give the option size`,
    );
  }
}
