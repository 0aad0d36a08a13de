/** The attributes of a VPC that DescribeVpcs does not show. */
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { invalidValue } from '../errors.ts';
import { stringOf } from '../input.ts';
import { findVpc } from '../lookup.ts';

function describeVpcAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const vpc = findVpc(draft.snapshot, stringOf(input, 'VpcId'));
  const attribute = stringOf(input, 'Attribute');
  const VpcId = vpc.vpcId;
  switch (attribute) {
    case 'enableDnsSupport':
      return { VpcId, EnableDnsSupport: { Value: vpc.enableDnsSupport } };
    case 'enableDnsHostnames':
      return { VpcId, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } };
    // No metric is counted here, so none is ever switched on.
    case 'enableNetworkAddressUsageMetrics':
      return { VpcId, EnableNetworkAddressUsageMetrics: { Value: false } };
    default:
      throw invalidValue('attribute', attribute, 'Unknown attribute.');
  }
}

export const VPC_ATTRIBUTE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeVpcAttribute',
    parameters: { VpcId: 'string', Attribute: 'string' },
    required: ['VpcId', 'Attribute'],
    perform: describeVpcAttribute,
  },
];
