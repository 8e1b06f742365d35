/** Runs a list of cases and says what came of it. */
import type { Case } from './format.js';
import { missing } from './coverage.js';
import { runCase } from './run-case.js';

export interface CaseOutcome {
  id: string;
  topic: string;
  class: string;
  status: 'passed' | 'failed' | 'not covered';
  /** What differed, or which classes are missing. */
  details: string[];
}

export interface Outcome {
  cases: CaseOutcome[];
  passed: number;
  failed: number;
  notCovered: number;
  /** Classes and functions without a binding, and how many cases wait for them. */
  missing: Record<string, number>;
  /** How often each deviation was applied, by row of the reference. */
  deviations: Record<string, number>;
}

/** Runs the cases, those of the given classes when there are any. */
export function runCases(cases: readonly Case[], classes: readonly string[] = []): Outcome {
  const wanted = (c: Case): boolean =>
    classes.length === 0 ||
    classes.includes(c.class) ||
    c.steps.some((s) => classes.includes(s.class ?? s.target ?? ''));
  const outcome: Outcome = { cases: [], passed: 0, failed: 0, notCovered: 0, missing: {}, deviations: {} };
  for (const c of cases.filter(wanted)) {
    const lacking = missing(c);
    const base = { id: c.id, topic: c.topic, class: c.class };
    if (lacking.length > 0) {
      outcome.notCovered++;
      for (const name of lacking) outcome.missing[name] = (outcome.missing[name] ?? 0) + 1;
      outcome.cases.push({ ...base, status: 'not covered', details: lacking });
      continue;
    }
    const result = runCase(c);
    for (const [row, n] of result.deviations) outcome.deviations[row] = (outcome.deviations[row] ?? 0) + n;
    const failed = result.failures.length > 0;
    if (failed) outcome.failed++;
    else outcome.passed++;
    outcome.cases.push({ ...base, status: failed ? 'failed' : 'passed', details: result.failures });
  }
  return outcome;
}

export function summary(o: Outcome): string {
  return `${o.passed} passed, ${o.failed} failed, ${o.notCovered} not covered`;
}

/** The report for people: topic by topic, then what is missing, then one line. */
export function formatReport(o: Outcome): string {
  const topics = new Map<string, CaseOutcome[]>();
  for (const c of o.cases) topics.set(c.topic, [...(topics.get(c.topic) ?? []), c]);
  const lines: string[] = [];
  for (const [topic, cases] of topics) {
    const count = (status: CaseOutcome['status']): number => cases.filter((c) => c.status === status).length;
    const parts = (['passed', 'failed', 'not covered'] as const)
      .filter((s) => count(s) > 0)
      .map((s) => `${count(s)} ${s}`);
    lines.push(`${topic}: ${parts.join(', ')}`);
    for (const c of cases.filter((k) => k.status === 'failed')) {
      lines.push(`  ${c.id}`, ...c.details.slice(0, 5).map((d) => `    ${d}`));
      if (c.details.length > 5) lines.push(`    and ${c.details.length - 5} more`);
    }
  }
  const rows = Object.entries(o.deviations).map(([row, n]) => `${row} (${n})`);
  if (rows.length > 0) lines.push('', `Deviations applied: ${rows.join(', ')}`);
  const absent = Object.entries(o.missing).sort(([a], [b]) => (a < b ? -1 : 1));
  if (absent.length > 0) lines.push('', `Not covered: ${absent.map(([name, n]) => `${name} (${n})`).join(', ')}`);
  return [...lines, '', summary(o)].join('\n');
}
