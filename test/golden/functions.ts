/** Functions that cases name. */

const activations: Record<string, string> = { relu: 'relu', tanh: 'tanh', H_sigmoid: 'sigmoid' };

const equations: Record<string, string> = { eqNeuronCLIAFFF: 'constant_leak' };

/** Our name of equations of Brian's. */
export function neuronEquations(name: string): string {
  const ours = equations[name];
  if (ours === undefined) throw new Error(`no equations "${name}"`);
  return ours;
}

const elementwise: Record<string, (x: number) => number> = { tanh: Math.tanh, exp: Math.exp, absolute: Math.abs };
const matrixText = /^returns the matrix (\[\[.*\]\])$/;

/** A function of arrays: of each element by its name in NumPy, or one that returns a given matrix. */
export function arrayFunction(name: string): (input: unknown) => unknown {
  const matrix = matrixText.exec(name)?.[1];
  if (matrix !== undefined) return () => JSON.parse(matrix) as unknown;
  const fn = elementwise[name];
  if (fn === undefined) throw new Error(`no function "${name}" of arrays`);
  const ofArrays = (input: unknown): unknown => {
    const { data, shape } = input as { data: Float64Array; shape: readonly number[] };
    return { data: data.map(fn), shape };
  };
  return Object.defineProperty(ofArrays, 'name', { value: name });
}

/** Whether a case's function is one that we can hand over. */
export function knownFunction(name: string): boolean {
  if (name in elementwise || matrixText.test(name)) return true;
  return name in activations || name in equations || name === 'no operation' || trainingFunction.test(name);
}

/** The registered name of an activation function. */
export function activation(name: string): string {
  const ours = activations[name];
  if (ours === undefined) throw new Error(`no function "${name}"`);
  return ours;
}

/** The training function of `Network.train`, in the words of the cases. */
export const trainingFunction =
  /^readout\.train_rr\(target\.clip\(res\.t_start, res\.t_stop\), res, regularize=([-+.\deE]+), is_first, is_last(, return_training_progress=False)?\)$/;
