/** Single words, cut from a stream of features. */
import { NdArray, type TSContinuous } from 'rockpool-node';
import { between, uniforms } from '../demo/random';
import { hop } from '../demo/settings';
import type { Piece, Stream } from '../demo/versions';

/** Words as arrays of features, one for each. */
export interface Clips {
  /** `[clips, frames, bands]`, silence behind the word. */
  input: NdArray<Float32Array>;
  /** What was said: indices into the words. */
  labels: number[];
}

/** Seconds around a word that belong to it. */
const margin = 0.03;
/** A word begins up to so many frames after its clip. */
const latest = 10;

/** Cuts all words out of a stream. */
export function cutClips({ features, pieces }: Stream, words: readonly string[], frames: number, seed: number): Clips {
  const random = uniforms(seed);
  const bands = features.numChannels;
  const spans = pieces.flatMap((piece) => piece.spans.map((span) => ({ ...span, piece })));
  const input = new Float32Array(spans.length * frames * bands);
  spans.forEach(({ start, stop, piece }, i) => {
    const at = Math.floor(between(random, 0, latest));
    const rows = wordRows(features, piece, start, stop).subarray(0, (frames - at) * bands);
    input.set(rows, (i * frames + at) * bands);
  });
  return {
    input: new NdArray(input, [spans.length, frames, bands]),
    labels: spans.map(({ word }) => words.indexOf(word)),
  };
}

/** Frames of a word, one after the other. */
function wordRows(features: TSContinuous, piece: Piece, start: number, stop: number): Float64Array {
  const frame = (t: number): number => piece.first + Math.min(Math.max(Math.round(t / hop), 0), piece.frames);
  const { data } = features.samples;
  const bands = features.numChannels;
  return data.subarray(frame(start - margin) * bands, frame(stop + margin) * bands);
}
