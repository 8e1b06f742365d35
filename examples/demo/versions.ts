/** Changed versions of a recording: shifted in time, louder or softer, with noise, faster or slower; and what the network hears. */
import { melSpectrogram, TimeSeries, TSContinuous } from 'rockpool-node';
import { PassThrough } from 'rockpool-node/layers';
import { between, uniforms } from './random';
import type { Recording, Span } from './recordings';
import { features, hop, inputScale, silence } from './settings';

export interface Change {
  /** Seconds of silence before. */
  shift: number;
  /** Decibels. */
  gain: number;
  /** Decibels that the noise is weaker than the recording; null without noise. */
  noise: number | null;
  /** Faster by this factor. */
  speed: number;
}

/** A piece of the stream that the network hears: frames `first` to `first + frames`. */
export interface Piece {
  recording: string;
  change: Change;
  spans: Span[];
  first: number;
  frames: number;
}

export interface Stream {
  features: TSContinuous;
  pieces: Piece[];
}

const pauseAfter = 0.25;

function randomChange(random: () => number): Change {
  return {
    shift: between(random, 0, 0.12),
    gain: between(random, -10, 10),
    noise: random() < 0.5 ? between(random, 12, 40) : null,
    speed: between(random, 0.93, 1.07),
  };
}

/** The sound of a version, at the recording's rate. */
function change(
  { signal, rate, loudness }: Recording,
  { shift, gain, noise, speed }: Change,
  seed: number,
): TSContinuous {
  const moved = TSContinuous.fromClocked(signal.samples, {
    dt: 1 / (rate * speed),
    tStart: shift,
    interpKind: 'linear',
  });
  moved.fillValue = 0;
  moved.tStart = 0;
  moved.tStop = Math.ceil((shift + signal.duration / speed + pauseAfter) / hop) * hop;
  const factor = 10 ** (gain / 20);
  const sound = TSContinuous.fromClocked(moved.toClocked(1 / rate), { dt: 1 / rate }).mul(factor);
  if (noise === null) return sound;
  const noiseStd = loudness * factor * 10 ** (-noise / 20);
  const source = new PassThrough([[0]], { dt: 1 / rate, noiseStd, seed });
  return sound.add(source.evolve(undefined, { numTimesteps: sound.length }));
}

/** What the network hears of a sound: the logarithm of its power in mel bands, 0 for silence. */
function listen(sound: TSContinuous): TSContinuous {
  return melSpectrogram(sound, features).sub(features.floor).div(inputScale);
}

/**
 * One after the other, `count` versions of each recording, in turn, so that versions of all recordings are spread over the stream.
 * `onPiece` is told how much is done.
 */
export function makeStream(
  recordings: Recording[],
  count: number,
  { seed, unchanged = false }: { seed: number; unchanged?: boolean },
  onPiece: () => void,
): Stream {
  const random = uniforms(seed);
  const pieces: Piece[] = [];
  const parts: TSContinuous[] = [];
  let first = 0;
  for (let k = 0; k < count; k++) {
    for (const recording of recordings) {
      const changes = unchanged && k === 0 ? { shift: 0.05, gain: 0, noise: null, speed: 1 } : randomChange(random);
      const part = listen(change(recording, changes, seed * 1000 + pieces.length));
      const spans = recording.spans.map(({ word, start, stop }) => ({
        word,
        start: changes.shift + start / changes.speed,
        stop: changes.shift + stop / changes.speed,
      }));
      pieces.push({ recording: recording.name, change: changes, spans, first, frames: part.length });
      parts.push(part);
      first += part.length;
      onPiece();
    }
  }
  const stream = TimeSeries.concatenateT(parts, { offset: hop });
  stream.tStop = first * hop;
  return { features: stream, pieces };
}

/** What was spoken `latency` seconds before each frame of a piece, as an index into `classes`. */
export function labelsOf({ spans, frames }: Piece, classes: string[], latency: number): Int32Array {
  const nothing = classes.indexOf(silence);
  return Int32Array.from({ length: frames }, (_, i) => {
    const t = i * hop - latency;
    const span = spans.find(({ start, stop }) => t >= start && t < stop);
    return span ? classes.indexOf(span.word) : nothing;
  });
}
