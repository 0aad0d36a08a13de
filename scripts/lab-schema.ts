/**
 * Writes the JSON Schema of lab files, which editors load for `*.vpclab.yml`.
 * `--check`: only compares, and fails when the committed file is not what the code says.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { labFileSchema } from '../src/scenario/file/schema.ts';

const PATH = fileURLToPath(new URL('../schemas/vpclab.schema.json', import.meta.url));

const schema = z.toJSONSchema(labFileSchema, { io: 'input', target: 'draft-7' });
const { $schema, ...rest } = schema;
const text = `${JSON.stringify({ $schema, title: 'vpclab lab file', ...rest }, null, 2)}\n`;

if (process.argv.includes('--check')) {
  if (readCommitted() !== text) {
    process.stderr.write(
      'Cannot pass "schemas/vpclab.schema.json": it is out of date, run npm run schema\n',
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(PATH, text);
}

function readCommitted(): string {
  try {
    return readFileSync(PATH, 'utf8');
  } catch {
    return '';
  }
}
