/** What is expected of one step, and the form of the rules that change it where ours deviates on purpose. */
import type { Arguments } from './arguments.js';
import type { Environment } from './environment.js';
import type { Step } from './format.js';
import type { PySeries } from './values.js';

/** What one step should give. Deviations return changed copies. */
export interface Expectation {
  /** The original raised an error: ours must throw one. */
  raises: boolean;
  /** Recorded result, decoded; undefined when none was recorded. */
  value: unknown;
  after: ReadonlyMap<string, unknown>;
  stdout: string | undefined;
  /** Simultaneous events may come in any order. */
  unorderedEvents: boolean;
  /** Further demands on the result, instead of what a deviation took away. */
  checks: readonly ((actual: unknown) => void)[];
  /** Keys that a dictionary of ours may have in addition. */
  ignoredKeys?: RegExp;
  /** Run when all is checked: brings the object to where the original's is, so that the steps that follow can be compared. */
  finish?: (actual: unknown) => void;
  /** The object that the step was to make does not exist with ours: later steps on it are void. */
  voids?: boolean;
}

/** What a deviation may look at: the step's own content and the objects before it. */
export interface StepContext {
  readonly step: Step;
  readonly className: string;
  /** `new`, the method, `set ATTRIBUTE` or `get`. */
  readonly member: string;
  readonly args: Arguments;
  readonly env: Environment;
  /** Undefined for `new`, static methods and values. */
  readonly target: object | undefined;
  readonly targetName: string | undefined;
  /** What the target holds before the step, when it is a time series. */
  readonly before: PySeries | null;
  /** What an argument holds, when it is a time series. */
  series(value: unknown): PySeries | null;
}

/** One deliberate difference from the original. */
export interface Deviation {
  /** Row of the reference: `timeseries.md F-13`. */
  row: string;
  /** What ours does instead. */
  reason: string;
  classes: readonly string[];
  /** Members of these classes that it concerns: `new`, `clip`, `set t_stop`. */
  members: readonly string[];
  /** The changed expectation, or null when the step shows no difference. */
  apply(context: StepContext, expected: Expectation): Partial<Expectation> | null;
}
