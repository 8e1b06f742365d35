/** Functions that cases name. */

const activations: Record<string, string> = { relu: 'relu', tanh: 'tanh', H_sigmoid: 'sigmoid' };

/** Functions that only a binding knows. */
const bound = new Set(['exp', 'absolute']);

const equations: Record<string, string> = { eqNeuronCLIAFFF: 'constant_leak' };

/** Our name of equations of Brian's. */
export function neuronEquations(name: string): string {
  const ours = equations[name];
  if (ours === undefined) throw new Error(`no equations "${name}"`);
  return ours;
}

const matrixText = /^returns the matrix (\[\[.*\]\])$/;

/** A function that returns a given matrix. */
export function matrixFunction(name: string): () => unknown {
  const matrix = matrixText.exec(name)?.[1];
  if (matrix === undefined) throw new Error(`no function "${name}" that makes a matrix`);
  return () => JSON.parse(matrix) as unknown;
}

/** Whether a case's function is one that we can hand over. */
export function knownFunction(name: string): boolean {
  return (
    bound.has(name) ||
    matrixText.test(name) ||
    name in activations ||
    name in equations ||
    name === 'no operation' ||
    trainingFunction.test(name)
  );
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
