/** `npm run test:golden -- [DIR] [--class NAME ...] [--json]`: exit status 1 when a case failed, 2 when there is nothing to run. */
import path from 'node:path';
import { setWarningHandler } from 'rockpool-node';
import './bind-series.js';
import './bind-digital.js';
import './bind-iaf.js';
import './bind-layers.js';
import './bind-exp-syn.js';
import './bind-filters.js';
import './bind-filter-modules.js';
import './bind-jax.js';
import './bind-neuron-modules.js';
import './bind-combinators.js';
import './bind-fast-slow.js';
import './bind-weights.js';
import { CaseFileError } from './format.js';
import { loadCases } from './load.js';
import { formatReport, runCases } from './report.js';

const ownCases = path.join(__dirname, '../../../test/golden/cases');

interface Options {
  folder: string;
  classes: string[];
  json: boolean;
}

function parse(argv: readonly string[]): Options {
  const options: Options = { folder: '', classes: [], json: false };
  let inClasses = false;
  for (const [i, arg] of argv.entries()) {
    if (arg === '--json') options.json = true;
    else if (arg === '--class') {
      const next = argv[i + 1];
      if (next === undefined || next.startsWith('--')) throw new CaseFileError('--class needs the name of a class');
      inClasses = true;
      continue;
    } else if (arg.startsWith('--'))
      throw new CaseFileError(`unknown option ${arg}; known are --class NAME ... and --json`);
    else if (inClasses) {
      options.classes.push(arg);
      continue;
    } else if (options.folder === '') options.folder = arg;
    else throw new CaseFileError(`expected one folder, received ${options.folder} and ${arg}`);
    inClasses = false;
  }
  return options;
}

/** Returns the exit status. */
export function main(
  argv: readonly string[],
  print: (text: string) => void,
  printError: (text: string) => void,
): number {
  try {
    const options = parse(argv);
    // Warnings of the original are information only; ours would drown the report.
    setWarningHandler(() => undefined);
    const cases = loadCases(options.folder === '' ? ownCases : path.resolve(options.folder));
    const outcome = runCases(cases, options.classes);
    if (outcome.cases.length === 0) throw new CaseFileError(`no case of the class ${options.classes.join(', ')}`);
    print(options.json ? JSON.stringify(outcome, null, 2) : formatReport(outcome));
    return outcome.failed > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof CaseFileError)) throw error;
    printError(`test:golden: ${error.message}`);
    return 2;
  } finally {
    setWarningHandler(null);
  }
}

if (require.main === module) {
  process.exitCode = main(
    process.argv.slice(2),
    (text) => console.log(text),
    (text) => console.error(text),
  );
}
