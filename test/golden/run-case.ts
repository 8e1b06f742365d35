/** Runs the steps of one recorded case on our classes. */
import { required } from './api.js';
import { camelCase, toOurValue, type Arguments } from './arguments.js';
import { computedValue, readAttribute } from './attributes.js';
import { fillValue } from './fill-value.js';
import { classBinding, type ClassBinding, type MethodBinding } from './bindings.js';
import { compare, Mismatch, type Comparison } from './compare.js';
import { deviations as table } from './deviations.js';
import { Environment } from './environment.js';
import type { Deviation, Expectation, StepContext } from './expectation.js';
import { CaseFileError, type Case, textValue, type JsonObject, type Step } from './format.js';
import { snapshot } from './snapshot.js';
import { checkStatistics } from './statistics.js';
import { comparePrinted, compareText } from './text.js';
import { tolerancesFor } from './tolerances.js';
import { decode, PyArray, PyDict, PyRef, PySeries, PyTuple } from './values.js';

export interface CaseResult {
  failures: string[];
  /** Steps whose recorded result is void, because ours refuses what the original accepts. */
  refused: readonly number[];
  /** Deviations that were applied, by row of the reference. */
  deviations: ReadonlyMap<string, number>;
}

/** A step that is ready to run. */
interface Prepared {
  context: StepContext;
  run: () => unknown;
  /** Name under which the result is kept, and its class when it is known. */
  keepAs?: { name: string; className?: string };
}

/** Whether what is returned comes from neurons: modules are called, and so are series. */
const fromNeurons = (member: string, className: string): boolean => member === '__call__' && className !== 'TSEvent';

const unordered = new Set(['merge', 'append_t', 'append_c', 'concatenate_t', 'evolve']);

/** Runs one case; `rules` can be replaced to see what fails without them. */
export function runCase(c: Case, rules: readonly Deviation[] = table): CaseResult {
  const env = new Environment(c.rockpool_version);
  const failures: string[] = [];
  for (const [i, step] of c.steps.entries()) {
    const where = `step ${i} (${describeStep(step)})`;
    try {
      env.step = i;
      runStep(step, env, rules);
    } catch (error) {
      if (error instanceof CaseFileError) throw new CaseFileError(`${c.id}, ${where}: ${error.message}`);
      failures.push(`${where}: ${describeError(error)}`);
      // Without its object nothing that follows says anything.
      if (step.new !== undefined && !env.has(step.new) && step.raises === undefined) break;
      if (failures.length >= 10) break;
    }
  }
  return { failures, refused: env.refused, deviations: env.deviations };
}

function describeStep(step: Step): string {
  if (step.new !== undefined) return `${step.new} = ${step.class}(...)`;
  if (step.call !== undefined) return `${step.target}.${step.call}(...)`;
  if (step.set !== undefined) return `${step.target}.${step.set} = ...`;
  if (step.get !== undefined) return `${step.target}.${step.get.join(', ')}`;
  return step.value === undefined ? 'attributes' : `value ${JSON.stringify(step.value)}`;
}

function describeError(error: unknown): string {
  if (error instanceof Mismatch) return error.message;
  const e = error as Error & { code?: string };
  return e.code === undefined ? `${e.name}: ${e.message}` : `threw ${e.name} ${e.code}: ${e.message}`;
}

/** An error that ours throws on purpose. A missing method or a bug is none. */
export function isOurError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return error instanceof Error && typeof code === 'string' && code.startsWith('ERR_') && code !== 'ERR_INTERNAL';
}

function decodeAll(values: JsonObject | undefined): Map<string, unknown> {
  return new Map(Object.entries(values ?? {}).map(([key, value]) => [key, decode(value)]));
}

function runStep(step: Step, env: Environment, rules: readonly Deviation[]): void {
  if (step.target !== undefined && env.isVoid(step.target)) return;
  const prepared = prepare(step, env);
  const { context } = prepared;
  const fixed = step.expected_if_fixed ?? step.expected_float64 ?? step.expected;
  let expected: Expectation = {
    raises: step.raises !== undefined,
    value: fixed === undefined ? undefined : decode(fixed),
    after: decodeAll(step.after_float64 ?? step.after),
    stdout: step.stdout,
    unorderedEvents: unordered.has(context.member) || fromNeurons(context.member, context.className),
    checks: [],
  };
  for (const rule of rules) {
    if (!rule.classes.includes(context.className) || !rule.members.includes(context.member)) continue;
    const change = rule.apply(context, expected);
    if (change === null) continue;
    expected = { ...expected, ...change };
    env.deviations.set(rule.row, (env.deviations.get(rule.row) ?? 0) + 1);
  }
  if (step.statistics !== undefined) return checkStatistics(step.statistics, context, prepared.run, step.repeats);
  if (expected.raises && step.raises === undefined) env.refused.push(env.step);
  const actual = execute(prepared, expected);
  if (expected.voids && step.new !== undefined) return env.voids(step.new);
  if (prepared.keepAs !== undefined && typeof actual === 'object' && actual !== null) {
    env.set(prepared.keepAs.name, actual, prepared.keepAs.className ?? classOf(expected.value, context));
  }
  checkResult(step, context, expected, actual);
  checkAfter(step, context, expected, env);
  expected.finish?.(actual);
}

function classOf(value: unknown, context: StepContext): string {
  return value instanceof PySeries ? value.type : context.className;
}

/** Runs the step; an expected error counts as done. */
function execute(prepared: Prepared, expected: Expectation): unknown {
  let actual: unknown;
  try {
    actual = prepared.run();
  } catch (error) {
    if (expected.raises && isOurError(error)) return undefined;
    throw error;
  }
  if (expected.raises) {
    const raised = prepared.context.step.raises;
    throw new Mismatch(`expected an error${raised ? ` (${raised.type})` : ''}, received a result`);
  }
  return actual;
}

function comparison(context: StepContext, expected: Expectation): Comparison {
  const kind = (context.target as { interpKind?: unknown } | undefined)?.interpKind;
  const env = context.env;
  return {
    tolerances: tolerancesFor(context.className, context.member, env.trained, kind, context.target),
    unorderedEvents: expected.unorderedEvents,
    ignoredKeys: expected.ignoredKeys,
    resolve: (name) => env.object(name),
  };
}

function checkResult(step: Step, context: StepContext, expected: Expectation, actual: unknown): void {
  if (expected.raises) return;
  const how = comparison(context, expected);
  if (step.returns_self === true && actual !== context.target) throw new Mismatch('expected the object itself back');
  if (expected.stdout !== undefined) comparePrinted(expected.stdout, actual as string, 'printed text');
  if (expected.value !== undefined) {
    if (context.member === '__repr__' || context.member === '__str__') {
      compareText(expected.value as string, String(actual), 'text', how.tolerances.times);
    } else if (context.member === '__iter__') {
      compare(expected.value, firstItems(actual as Iterable<unknown>, expected.value as unknown[]), how, 'items');
    } else compare(expected.value, actual, how, 'result');
  }
  for (const check of expected.checks) check(actual);
}

/** The recordings of an iteration end after three items. */
function firstItems(iterable: Iterable<unknown>, recorded: readonly unknown[]): unknown[] {
  const items: unknown[] = [];
  for (const item of iterable) {
    if (items.length === recorded.length && recorded.length === 3) break;
    items.push(item);
  }
  return items;
}

const timeLike = /(^|\.)(t|t_start|t_stop|times|duration|dt|delay)$/;

function checkAfter(step: Step, context: StepContext, expected: Expectation, env: Environment): void {
  const how = comparison(context, expected);
  for (const [name, value] of expected.after) {
    const actual = readAttribute(name, env, step.new ?? step.target);
    const object = name.split('.')[0];
    const kind = env.has(object) ? (env.object(object) as { interpKind?: unknown }).interpKind : undefined;
    const className = env.className(env.has(object) ? object : (step.new ?? step.target ?? ''));
    const own = tolerancesFor(
      className,
      context.member,
      env.trained,
      kind,
      env.has(object) ? env.object(object) : undefined,
    );
    compare(value, actual, { ...how, tolerances: timeLike.test(name) ? { ...own, values: own.times } : own }, name);
  }
}

function prepare(step: Step, env: Environment): Prepared {
  if (step.new !== undefined) return prepareNew(step, env);
  if (step.call !== undefined) return prepareCall(step, env);
  if (step.set !== undefined) return prepareSet(step, env);
  const target = step.target === undefined ? undefined : env.object(step.target);
  const member = step.get ? 'get' : step.value === undefined ? 'after' : `value ${textValue(step.value)}`;
  const context = makeContext(
    step,
    step.target === undefined ? '' : env.className(step.target),
    member,
    new Map(),
    env,
    target,
  );
  const args = (step.args ?? []).map(decode);
  return {
    context,
    run: () => (step.value === undefined ? undefined : computedValue(textValue(step.value), env, args)),
  };
}

function makeContext(
  step: Step,
  className: string,
  member: string,
  args: Arguments,
  env: Environment,
  target: object | undefined,
): StepContext {
  return {
    step,
    className,
    member,
    args,
    env,
    target,
    targetName: step.target,
    get before() {
      return snapshot(target);
    },
    series: (value) => (value instanceof PyRef ? snapshot(env.object(value.name)) : null),
  };
}

function bindingOf(className: string, env: Environment): ClassBinding {
  const binding = classBinding(className, env.version);
  if (binding === undefined) throw new Error(`no binding for the class ${className}`);
  return binding;
}

function prepareNew(step: Step, env: Environment): Prepared {
  const className = step.class as string;
  const binding = bindingOf(className, env);
  const args = binding.constructorSignature.arrange((step.args ?? []).map(decode), decodeAll(step.kwargs));
  const context = makeContext(step, className, 'new', args, env, undefined);
  return { context, run: () => binding.construct(args, env), keepAs: { name: step.new as string, className } };
}

function prepareCall(step: Step, env: Environment): Prepared {
  const targetName = step.target as string;
  const className = env.className(targetName);
  const binding = bindingOf(className, env);
  const isStatic = !env.has(targetName);
  const found: MethodBinding | undefined = (isStatic ? binding.statics : binding.methods).get(step.call as string);
  if (found === undefined) throw new Error(`no binding for ${className}.${step.call}`);
  const args = found.signature.arrange((step.args ?? []).map(decode), decodeAll(step.kwargs));
  const target = isStatic ? undefined : env.object(targetName);
  const context = makeContext(step, className, step.call as string, args, env, target);
  const run = (): unknown => found.invoke(target ?? staticSelf(binding), args, env);
  return { context, run, ...(step.store === undefined ? {} : { keepAs: { name: step.store } }) };
}

function prepareSet(step: Step, env: Environment): Prepared {
  const target = env.object(step.target as string);
  const args: Arguments = new Map([['value', decode(step.value ?? null)]]);
  const context = makeContext(step, env.className(step.target as string), `set ${step.set}`, args, env, target);
  const run = (): void => {
    const name = camelCase(step.set as string);
    if (!(name in target)) throw new Error(`${target.constructor.name} has no member ${name}`);
    const value = args.get('value');
    (target as Record<string, unknown>)[name] =
      step.set === 'fill_value' ? fillValue(value, env) : toOurValue(value, env);
  };
  return { context, run };
}

function staticSelf(binding: ClassBinding): object {
  return required(binding.exportName) as object;
}

/** Every value of a decoded tree, for those who look for something in it. */
export function* walk(value: unknown): Generator {
  yield value;
  if (value instanceof PyArray) return;
  if (value instanceof PyTuple) for (const item of value.items) yield* walk(item);
  else if (value instanceof PyDict) for (const item of value.entries.values()) yield* walk(item);
  else if (Array.isArray(value)) for (const item of value) yield* walk(item);
}
