/** How often the answers are right. */
import type { TSContinuous } from 'rockpool-node';
import { latencyOf, type Model } from './model';
import { silence } from './settings';
import { labelsOf, type Piece } from './versions';

/** Right ones of all. */
export interface Count {
  right: number;
  all: number;
}

/** One way to be right for each column of the table. */
export interface Score {
  /** In every frame, pauses included. */
  frames: Count;
  /** In frames in which a word is spoken. */
  spoken: Count;
  /** Words, by the sum of the answers while they last. */
  words: Count;
}

export interface Row {
  /** What was tested. */
  test: 'versions' | 'recordings';
  /** Who answered; `chance` always answers what is most frequent. */
  who: 'reservoir' | 'direct' | 'chance';
  score: Score;
}

export interface Figures {
  rows: Row[];
  /** Words of left-out recordings that the reservoir's readout took for others. */
  misheard: string[];
}

const empty = (): Score => ({
  frames: { right: 0, all: 0 },
  spoken: { right: 0, all: 0 },
  words: { right: 0, all: 0 },
});

function count(to: Count, right: boolean): void {
  to.all += 1;
  to.right += right ? 1 : 0;
}

function largest(values: ArrayLike<number>, except = -1): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (i !== except && (best < 0 || values[i] > values[best])) best = i;
  }
  return best;
}

/** Adds one piece to a score; `onWord` learns what each word was taken for. */
function addPiece(
  score: Score,
  answers: TSContinuous,
  piece: Piece,
  latency: number,
  classes: string[],
  onWord = (_word: string, _heard: string) => {},
): void {
  const labels = labelsOf(piece, classes, latency);
  const nothing = classes.indexOf(silence);
  const sums = new Map<number, Float64Array>();
  labels.forEach((label, i) => {
    const row = answers.samples.row(i);
    const right = largest(row) === label;
    count(score.frames, right);
    if (label === nothing) return;
    count(score.spoken, right);
    const sum = sums.get(label) ?? new Float64Array(classes.length);
    row.forEach((value, c) => (sum[c] = sum[c] + value));
    sums.set(label, sum);
  });
  for (const [label, sum] of sums) {
    const heard = largest(sum, nothing);
    count(score.words, heard === label);
    onWord(classes[label], classes[heard]);
  }
}

/** What one scores by always answering the most frequent class. */
function chance(pieces: Piece[], classes: string[], latency: number): Score {
  const frames = new Float64Array(classes.length);
  const words = new Float64Array(classes.length);
  for (const piece of pieces) {
    const labels = labelsOf(piece, classes, latency);
    for (const label of labels) frames[label] = frames[label] + 1;
    for (const label of new Set(labels)) words[label] = words[label] + 1;
  }
  const nothing = classes.indexOf(silence);
  const best = (counts: Float64Array): Count => ({
    right: Math.max(...counts),
    all: counts.reduce((a, b) => a + b, 0),
  });
  const spoken = (counts: Float64Array) => best(counts.filter((_, i) => i !== nothing));
  return { frames: best(frames), spoken: spoken(frames), words: spoken(words) };
}

/** `answers[piece][readout]`, as `answer` gives them. */
export function scoreAll(model: Model, pieces: Piece[], answers: TSContinuous[][]): Figures {
  const { readouts, classes } = model;
  const rows: Row[] = [];
  const misheard = new Map<string, number>();
  const leftOut = new Set(readouts.map(({ without }) => without).filter((name) => name !== null));
  for (const test of ['versions', 'recordings'] as const) {
    const tested = pieces.filter(({ recording }) => test === 'versions' || leftOut.has(recording));
    if (tested.length === 0) continue;
    for (const who of ['reservoir', 'direct'] as const) {
      const score = empty();
      const latency = latencyOf(model, who);
      pieces.forEach((piece, p) => {
        const without = test === 'versions' ? null : piece.recording;
        const r = readouts.findIndex((readout) => readout.source === who && readout.without === without);
        if (r < 0) return;
        addPiece(score, answers[p]?.[r], piece, latency, classes, (word, heard) => {
          if (word === heard || who !== 'reservoir' || test !== 'recordings') return;
          const text = `${word} in ${piece.recording} as ${heard}`;
          misheard.set(text, (misheard.get(text) ?? 0) + 1);
        });
      });
      rows.push({ test, who, score });
    }
    rows.push({ test, who: 'chance', score: chance(tested, classes, latencyOf(model, 'reservoir')) });
  }
  return { rows, misheard: [...misheard].map(([text, times]) => `${text} (${times})`) };
}
