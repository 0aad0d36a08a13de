/**
 * Wrong lab files and the texts that their users see: `errors/X.vpclab.yml` and `errors/X.log`.
 * A new case has no log yet; run with UPDATE_ERRORS=1 to write it, and read it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { loadLab } from '../../src/scenario/file/load.ts';
import { LabFileError } from '../../src/scenario/file/problems.ts';
import { LAB_OPTIONS } from './lab-options.ts';

const FOLDER = fileURLToPath(new URL('./errors/', import.meta.url));
const SUFFIX = '.vpclab.yml';
/** The grammar of every message: an act, what it is done to, what was found, what was wanted. */
const GRAMMAR = /^Cannot [a-z].*: .+, wanted .*[^.]$/i;

const cases = readdirSync(FOLDER).filter((file) => file.endsWith(SUFFIX));

t.test('loadLab has at least 20 golden refusals', (t) => {
  t.ok(cases.length >= 20, `${cases.length} cases`);
  t.end();
});

for (const file of cases) {
  t.test(`loadLab refuses ${file} with its golden text`, (t) => {
    const text = readFileSync(FOLDER + file, 'utf8');
    const error = refusalOf(text, file);
    if (error === null) {
      t.fail('the file was accepted');
      t.end();
      return;
    }
    const log = FOLDER + file.replace(SUFFIX, '.log');
    if (process.env['UPDATE_ERRORS'] === '1') writeFileSync(log, `${error.message}\n`);
    t.equal(`${error.message}\n`, readFileSync(log, 'utf8'));
    for (const { message } of error.problems) t.match(message, GRAMMAR);
    t.end();
  });
}

function refusalOf(text: string, file: string): LabFileError | null {
  try {
    loadLab(text, { ...LAB_OPTIONS, file });
    return null;
  } catch (error) {
    if (error instanceof LabFileError) return error;
    throw error;
  }
}
