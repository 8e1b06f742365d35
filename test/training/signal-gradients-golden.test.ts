/** Gradients that the original computed: `test/fixtures/gradients/signal_modules.py`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Matrix, NdArray } from 'rockpool-node';
import { ExpSmoothJax, ExpSynJax, ExpSynTorch, RateJax, RateTorch, UpDownTorch } from 'rockpool-node/nn/modules';
import { type LossFunction, valueAndGrad } from 'rockpool-node/training';

type Nested = number | Nested[];

interface Case {
  class: string;
  options: Record<string, unknown>;
  parameters: Record<string, Nested>;
  input: Nested;
  g: Nested;
  output: Nested;
  gradients: Record<string, Nested>;
}

const folder = join(__dirname, '../../../test/fixtures/gradients');
const cases = ['jax', 'torch'].flatMap(
  (backend) => JSON.parse(readFileSync(join(folder, `signal-modules-${backend}.json`), 'utf8')) as Case[],
);
const array = (value: Nested): Matrix => NdArray.from(value as number[]);
const camel = (name: string): string => name.replace(/_(.)/g, (_, c: string) => c.toUpperCase());
const classes = { ExpSmoothJax, ExpSynJax, ExpSynTorch, RateJax, RateTorch, UpDownTorch };

function close(got: unknown, want: Nested, what: string): void {
  const [a, b] = [array(got as Nested).data, array(want).data];
  const size = Math.max(...b.map(Math.abs));
  assert.equal(a.length, b.length, what);
  a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) <= 1e-6 * size, `${what}[${i}]: ${x}, expected ${b[i]}`));
}

describe('gradients as the original computes them', () => {
  for (const c of cases)
    it(`${c.class} ${JSON.stringify(c.options)}`, () => {
      const input = array(c.input);
      const n = input.shape[2];
      const parameters = Object.fromEntries(Object.entries(c.parameters).map(([name, v]) => [camel(name), v] as const));
      const cls = classes[c.class as keyof typeof classes] as unknown as new (n: number, o: object) => RateJax;
      const module = new cls(n, { ...c.options, ...parameters });
      if (module instanceof UpDownTorch) {
        // The original goes not back through the first sample into the reference: there it is a constant.
        const [first] = c.input as number[][][];
        module.reference = NdArray.from([first[0], first[0].map(() => 0)]);
      }
      const g = array(c.g);
      const loss: LossFunction = () => ({ loss: 0, output: g });
      const result = valueAndGrad(module, loss, { inputGradient: true })(input, undefined);
      close(result.output, c.output, 'the output');
      const { input: byInput, ...rest } = c.gradients;
      close(result.inputGradient, byInput, 'the gradient of the input');
      for (const [name, value] of Object.entries(rest)) close(result.gradients[camel(name)], value, name);
    });
});
