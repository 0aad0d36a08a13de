/**
 * Writes `src/api/ec2-model-table.ts`: the wire names, types and enumerations of the EC2 actions that
 * the lab has, and the page that lists them, out of `@aws-sdk/client-ec2` and, for which member is of which enumeration, botocore.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { partsOfAction } from '../src/actions/action-names.ts';
import { LOAD_BALANCING_ACTIONS } from '../src/actions/load-balancing/table.ts';
import { ACTIONS } from '../src/actions/table.ts';
import { readEnum, readOperation } from './ec2-schemas.ts';
import { modelTableText } from './model-table.ts';

export const MODEL_PATH = fileURLToPath(new URL('../src/api/ec2-model-table.ts', import.meta.url));
export const ACTIONS_PAGE_PATH = fileURLToPath(new URL('../docs/api-actions.md', import.meta.url));
/** Debian's python3-botocore. */
export const BOTOCORE_PATH =
  '/usr/lib/python3/dist-packages/botocore/data/ec2/2016-11-15/service-2.json';

const HEADER = `/**
 * The EC2 query protocol of the actions that a lab has: wire names, types, enumerations.
 * Made by scripts/ec2-model.ts (\`npm run ec2-model\`) from the API model of Amazon EC2 as published in
 * @aws-sdk/client-ec2 and botocore: Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0 (http://www.apache.org/licenses/LICENSE-2.0); trimmed and rearranged.
 */
import type { WireModel } from './wire-types.ts';
`;

/** @returns the text of the file. */
export function ec2ModelText(): string {
  return modelTableText({
    constant: 'EC2_MODEL',
    header: HEADER,
    actions: ACTIONS.keys(),
    readOperation,
    readEnum,
    botocore: JSON.parse(readFileSync(BOTOCORE_PATH, 'utf8')),
  });
}

/** @returns the page of the documentation that lists all actions. */
export function actionsPageText(): string {
  const balancing = [...LOAD_BALANCING_ACTIONS.keys()].map((name) => partsOfAction(name).name);
  const ec2 = listed(`The ${ACTIONS.size} actions of the EC2 API`, [...ACTIONS.keys()]);
  const elb = listed(
    `The ${balancing.length} actions of the Elastic Load Balancing API`,
    balancing,
  );
  return `# The actions of the API\n\nWritten by \`npm run ec2-model\`.\n\n${ec2}\n${elb}`;
}

function listed(title: string, names: readonly string[]): string {
  const lines = names.toSorted().map((name) => `- \`${name}\``);
  return `## ${title}\n\n${lines.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(MODEL_PATH, ec2ModelText());
  writeFileSync(ACTIONS_PAGE_PATH, actionsPageText());
}
