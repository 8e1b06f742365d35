/** A module that evolves arrays, as one that evolves time series. */
import type { Matrix } from '../array.js';
import { checkInstance, checkInteger, checkNumber, checkOptions, indexError } from '../check.js';
import { RockpoolError } from '../errors.js';
import type { GraphModuleBase } from '../graph/index.js';
import type { TimeSeries } from '../time-series/time-series.js';
import { warn } from '../warnings.js';
import { Module } from './module.js';
import type { ModuleBase } from './module-base.js';
import { commonTimeStep } from '../networks/time-steps.js';
import { registerModuleClass } from './registry.js';
import { numbersIn } from './timed-input.js';
import { TimedModule } from './timed-module.js';
import type { AsyncTimedEvolveOptions, TimedEvolveOptions, TimedInput, TimedResult } from './timed-types.js';
import type { EvolveResult, RecordTree } from './types.js';

/** Options of {@link TimedModuleWrapper} and of `timed`. */
export interface TimedOptions {
  /** Time step in seconds, for a module that has none. */
  dt?: number;
  /** Which output counts, of a module that returns a list of them. Default 0. */
  outputNum?: number;
  /** Event input: count the events of a time step. Default true. */
  addEvents?: boolean;
}

/** What the wrapper of a module registers. */
export interface WrapperSpec<M> {
  simulationParameters: { dt: number };
  modules: { _module: M };
}

const optionNames = ['dt', 'outputNum', 'addEvents'];

/**
 * Wraps a {@link Module} so that it takes and returns time series. The module is its submodule `_module` and keeps the state, the
 * parameters and the time step.
 */
export class TimedModuleWrapper<M extends object = Module> extends TimedModule<WrapperSpec<M>> {
  declare readonly _module: M;
  readonly #outputNum: number;

  /**
   * @throws RockpoolError `ERR_KEY` for a module without a time step when `dt` is missing, `ERR_STATE` for a module that belongs to
   *   another one.
   */
  constructor(module: M, options?: TimedOptions);
  constructor(options: TimedOptions & { module: M });
  constructor(...args: [unknown, TimedOptions?]) {
    const [module, given] = args[0] instanceof Module ? [args[0], args[1]] : split(args[0]);
    const options = checkOptions<TimedOptions>(given, 'options', optionNames);
    const outputNum = checkInteger(options.outputNum ?? 0, 'outputNum', { min: 0 });
    const dt = stepOf(module, options.dt);
    super({
      shape: [module.sizeIn, module.sizeOut],
      dt,
      spikingInput: module.spikingInput,
      spikingOutput: module.spikingOutput,
      addEvents: options.addEvents ?? true,
    });
    this.#outputNum = outputNum;
    this.addModule('_module', module as ModuleBase);
    if (!module.hasAttribute('dt')) module._registerDt(dt);
  }

  /** The wrapped module. */
  get module(): M {
    return this._module;
  }

  get #inner(): Module {
    return this._module as unknown as Module;
  }

  protected override readDt(): number {
    return (this.#inner as unknown as { dt: number }).dt;
  }

  protected override writeDt(value: number): void {
    (this.#inner as unknown as { dt: number }).dt = value;
  }

  protected override checkDt(): void {
    // that of the module, always
  }

  override evolve(tsInput?: TimedInput, options: TimedEvolveOptions = {}): TimedResult<never> {
    const { timeBase, input } = this.prepareInput(tsInput as TimeSeries | null, options);
    const { record = false } = options;
    return this.#finish(this.#inner.evolve(input, { record }), timeBase, options) as TimedResult<never>;
  }

  protected override async evolveTimed(
    tsInput: TimeSeries | null,
    options: AsyncTimedEvolveOptions & { numTimesteps: number },
  ): Promise<TimedResult> {
    const { signal, onProgress, record = false } = options;
    const { timeBase, input } = this.prepareInput(tsInput, options);
    return this.#finish(await this.#inner.evolveAsync(input, { signal, onProgress, record }), timeBase, options);
  }

  #finish([output, state, record]: EvolveResult, timeBase: Float64Array, options: TimedEvolveOptions): TimedResult {
    const series = this.genTimeSeries(this.#chosen(output), options.kwargsTimeseries);
    const recorded: RecordTree = options.record
      ? this.#inner.wrapRecordedState(record, timeBase[0] ?? this.t, this.dt)
      : {};
    return [series, state, recorded];
  }

  #chosen(output: Matrix | readonly Matrix[]): Matrix {
    if (!Array.isArray(output)) return output as Matrix;
    const chosen = (output as readonly Matrix[])[this.#outputNum];
    if (!chosen) throw indexError('outputNum', `from 0 to ${output.length - 1}`, this.#outputNum);
    return chosen;
  }

  /** Accepts the state that an evolution returns, which is that of the wrapped module, besides trees with `_module`. */
  protected override prepareAttribute(
    name: string,
    value: unknown,
    strict: boolean,
    anyShape: boolean,
  ): (() => void)[] {
    if (name === '_module' || name === 'dt') return super.prepareAttribute(name, value, strict, anyShape);
    return this.#inner._prepareAttributes({ [name]: value }, strict, anyShape);
  }

  protected override config(): Record<string, unknown> {
    return {
      ...(!this.addEvents && { addEvents: false }),
      ...(this.#outputNum > 0 && { outputNum: this.#outputNum }),
    };
  }

  static override fromOptions(options: Record<string, unknown>, modules: () => Record<string, ModuleBase>): ModuleBase {
    const { addEvents, outputNum } = options as TimedOptions;
    return new TimedModuleWrapper(modules()['_module'] as Module, { addEvents, outputNum });
  }

  /** The graph of the wrapped module. */
  override asGraph(): GraphModuleBase {
    return this.#inner.asGraph();
  }

  override toString(): string {
    return `${super.toString()} with ${this.#inner.fullName} as module`;
  }
}

registerModuleClass('TimedModuleWrapper', TimedModuleWrapper);

function split(given: unknown): [Module, TimedOptions] {
  const { module, ...options } = (given ?? {}) as TimedOptions & { module?: Module };
  return [checkInstance(module ?? given, 'module', Module as abstract new (...args: never[]) => Module), options];
}

/** The time step of a module, or the one that is given. */
function stepOf(module: Module, dt: number | undefined): number {
  if (dt !== undefined) checkNumber(dt, 'dt', { positive: true });
  if (module.hasAttribute('dt')) {
    if (dt !== undefined) warn('DT_IGNORED', `${module.fullName} has a dt of its own; the given ${dt} is ignored`);
    return (module as unknown as { dt: number }).dt;
  }
  if (dt === undefined)
    throw new RockpoolError(
      'ERR_KEY',
      `expected dt to be given, since ${module.fullName} has none, received undefined`,
    );
  const inner = numbersIn(module.attributesNamed('dt'));
  return commonTimeStep([dt, ...inner], ['dt', ...inner.map(() => module.fullName)]);
}
