/** Reads a folder of recorded cases. */
import fs from 'node:fs';
import path from 'node:path';
import { CaseFileError, checkCaseFile, type Case } from './format.js';

/** All cases of the `.json` files of a folder (`index.json` apart), file by file. */
export function loadCases(folder: string): Case[] {
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch (error) {
    throw new CaseFileError(`cannot read the folder ${folder}: ${(error as Error).message}`);
  }
  const files = names.filter((name) => name.endsWith('.json') && name !== 'index.json').sort();
  const cases = files.flatMap((name) => {
    const file = path.join(folder, name);
    let content: unknown;
    try {
      content = JSON.parse(fs.readFileSync(file, 'utf8'));
    } catch (error) {
      throw new CaseFileError(`${file}: not readable as JSON: ${(error as Error).message}`);
    }
    return checkCaseFile(content, file);
  });
  if (cases.length === 0) throw new CaseFileError(`the folder ${folder} holds no cases (*.json)`);
  return cases;
}
