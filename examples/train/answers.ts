/** What a network answers, and how right it is. */
import type { Module, NdArray } from 'rockpool-node';

/** The class with the largest mean over time, for each element of an output `[batch, steps, classes]`. */
export function answersOf({ data, shape }: Pick<NdArray, 'data' | 'shape'>): number[] {
  const [batch, steps, classes] = shape;
  return Array.from({ length: batch }, (_, b) => {
    const means = new Array<number>(classes).fill(0);
    for (let k = 0; k < steps; k++)
      for (let c = 0; c < classes; c++) means[c] += data[(b * steps + k) * classes + c] / steps;
    return means.indexOf(Math.max(...means));
  });
}

/** Share of right answers. */
export function accuracy(answers: readonly number[], labels: ArrayLike<number>): number {
  return answers.filter((answer, i) => answer === labels[i]).length / answers.length;
}

/** How often each word (rows) was taken for each (columns). */
export function confusions(answers: readonly number[], labels: readonly number[], words: number): number[][] {
  const table = Array.from({ length: words }, () => new Array<number>(words).fill(0));
  answers.forEach((answer, i) => table[labels[i]][answer]++);
  return table;
}

/** The answers of a network that has heard nothing before. */
export async function ask(net: Module<object>, input: NdArray): Promise<number[]> {
  net.resetState();
  const [output] = await net.evolveAsync(input);
  net.resetState();
  return answersOf(output);
}
