/** What a training task is, and how it is run. */
import { type Matrix, type Module, NdArray } from 'rockpool-node';
import { Adam, clipGradients, type GradientTree, type OutputLoss, valueAndGrad } from 'rockpool-node/training';
import { uniform } from '../random.js';

export interface TaskData {
  /** `[samples, steps, channels]`. */
  input: Matrix;
  target: Matrix;
}

/** One trial of a task. */
export interface Trial {
  module: Module<object>;
  training: TaskData;
  /** Never seen in training. */
  test: TaskData;
  /** The loss, with the test data, of who answers without looking at the input, or as the task says. */
  trivial: number;
  /** Anything else that has to be right in the end. */
  check?(): void;
}

export interface TrainingTask {
  name: string;
  /** The loss with the test data that training reaches. */
  reaches: number;
  /** What it is at most, as a share of the trivial one's loss. */
  share: number;
  epochs: number;
  loss: OutputLoss<Matrix>;
  stepSize: number;
  batchSize: number;
  /** Parameters that are trained, by name. */
  trained: readonly string[];
  trial(seed: number): Trial;
}

export interface Outcome {
  before: number;
  after: number;
  trivial: number;
}

/** Weights and biases. */
export const weights = ['weight', 'wRec', 'bias'] as const;

/** Some samples of a signal or of labels. */
function rows({ data, shape }: Matrix, from: number, count: number): Matrix {
  const [size, ...others] = [data.length / shape[0], ...shape.slice(1)];
  const cut = data.slice(from * size, (from + count) * size);
  return new NdArray(cut, [cut.length / size, ...others]);
}

/** No gradients but those by the parameters of these names. */
function keep(gradients: GradientTree, names: readonly string[]): void {
  for (const [name, gradient] of Object.entries(gradients)) {
    if (typeof gradient === 'object' && !(gradient instanceof NdArray)) keep(gradient, names);
    else if (names.includes(name)) continue;
    else if (typeof gradient === 'number') gradients[name] = 0;
    else gradient.data.fill(0);
  }
}

/** Trains and tests. */
export function runTask(task: TrainingTask, seed: number): Outcome {
  const trial = task.trial(seed);
  const { module, training, test, trivial } = trial;
  const measure = (): number => {
    const [output] = module.evolve(test.input);
    module.resetState();
    return task.loss.value(output, test.target);
  };
  const before = measure();
  const step = valueAndGrad(module, task.loss);
  const optimiser = new Adam({ stepSize: task.stepSize });
  const samples = training.input.shape[0];
  for (let iteration = 0, epoch = 0; epoch < task.epochs; epoch++)
    for (let from = 0; from < samples; from += task.batchSize, iteration++) {
      const [input, target] = [training.input, training.target].map((all) => rows(all, from, task.batchSize));
      const { gradients } = step(input, target, { iteration });
      keep(gradients, task.trained);
      module.setAttributes(optimiser.step(module.parameters(), clipGradients(gradients, { norm: 1 })));
    }
  trial.check?.();
  return { before, after: measure(), trivial };
}

/** A signal, one value at a time. */
export function signal(shape: [number, number, number], value: (b: number, k: number, c: number) => number): Matrix {
  const [batch, steps, channels] = shape;
  const array = NdArray.zeros(shape) as Matrix;
  for (let b = 0, i = 0; b < batch; b++)
    for (let k = 0; k < steps; k++) for (let c = 0; c < channels; c++) array.data[i++] = value(b, k, c);
  return array;
}

/** Weights of the standard deviation `gain / sqrt(rows)`. */
export function uniformWeights(seed: number, gain: number): (shape: number[]) => Matrix {
  const random = uniform(seed);
  return ([rows, columns]) => {
    const bound = gain * Math.sqrt(3 / rows);
    return signal([1, rows, columns], () => bound * (2 * random() - 1)).reshape(rows, columns);
  };
}

/** The mean square of a target about its mean: the loss of who always answers the mean. Samples that are NaN do not count. */
export function variance({ data }: Matrix): number {
  const counted = data.filter((x) => !Number.isNaN(x));
  const mean = counted.reduce((a, x) => a + x, 0) / counted.length;
  return counted.reduce((a, x) => a + (x - mean) ** 2, 0) / counted.length;
}
