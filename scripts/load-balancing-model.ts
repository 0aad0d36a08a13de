/**
 * Writes `src/api/load-balancing-model-table.ts`: the wire names, types and enumerations of the actions of
 * Elastic Load Balancing that the lab has, out of botocore.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { partsOfAction } from '../src/actions/action-names.ts';
import { LOAD_BALANCING_ACTIONS } from '../src/actions/load-balancing/table.ts';
import { type BotocoreModel, botocoreReader } from './botocore-schemas.ts';
import { modelTableText } from './model-table.ts';

export const LOAD_BALANCING_MODEL_PATH = fileURLToPath(
  new URL('../src/api/load-balancing-model-table.ts', import.meta.url),
);
/** Debian's python3-botocore. */
export const ELBV2_BOTOCORE_PATH =
  '/usr/lib/python3/dist-packages/botocore/data/elbv2/2015-12-01/service-2.json';

const HEADER = `/**
 * The query protocol of Elastic Load Balancing for the actions that a lab has: wire names, types, enumerations.
 * Made by scripts/load-balancing-model.ts (\`npm run ec2-model\`) from the API model of Elastic Load Balancing
 * as published in botocore: Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0 (http://www.apache.org/licenses/LICENSE-2.0); trimmed and rearranged.
 */
import type { WireModel } from './wire-types.ts';
`;

const ATTRIBUTE_LIST = {
  type: 'structure',
  members: { Attributes: { shape: 'ListenerAttributes' } },
};
const LISTENER = { ListenerArn: { shape: 'ListenerArn' } };

/** The attributes of listeners, which came after Debian's botocore. */
const LATER: BotocoreModel = {
  operations: {
    ModifyListenerAttributes: {
      input: { shape: 'ModifyListenerAttributesInput' },
      output: { shape: 'ModifyListenerAttributesOutput' },
    },
    DescribeListenerAttributes: {
      input: { shape: 'DescribeListenerAttributesInput' },
      output: { shape: 'DescribeListenerAttributesOutput' },
    },
  },
  shapes: {
    ModifyListenerAttributesInput: {
      type: 'structure',
      members: { ...LISTENER, ...ATTRIBUTE_LIST.members },
      required: ['ListenerArn', 'Attributes'],
    },
    ModifyListenerAttributesOutput: ATTRIBUTE_LIST,
    DescribeListenerAttributesInput: {
      type: 'structure',
      members: LISTENER,
      required: ['ListenerArn'],
    },
    DescribeListenerAttributesOutput: ATTRIBUTE_LIST,
    ListenerAttributes: { type: 'list', member: { shape: 'ListenerAttribute' } },
    ListenerAttribute: {
      type: 'structure',
      members: {
        Key: { shape: 'LoadBalancerAttributeKey' },
        Value: { shape: 'LoadBalancerAttributeValue' },
      },
    },
  },
};

/** @returns botocore's model, with what is newer than Debian's. */
export function loadBalancingBotocore(): BotocoreModel {
  const { operations, shapes }: BotocoreModel = JSON.parse(
    readFileSync(ELBV2_BOTOCORE_PATH, 'utf8'),
  );
  return {
    operations: { ...LATER.operations, ...operations },
    shapes: { ...LATER.shapes, ...shapes },
  };
}

/** @returns the text of the file. */
export function loadBalancingModelText(): string {
  const botocore = loadBalancingBotocore();
  return modelTableText({
    constant: 'LOAD_BALANCING_MODEL',
    header: HEADER,
    actions: [...LOAD_BALANCING_ACTIONS.keys()].map((action) => partsOfAction(action).name),
    readOperation: botocoreReader(botocore),
    readEnum: () => [],
    botocore,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(LOAD_BALANCING_MODEL_PATH, loadBalancingModelText());
}
