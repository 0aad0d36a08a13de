/** The actions that show attributes of VPCs, also those that no VPC has any more. */
import type { Vpc } from '../../model/records.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, FILTERS, pageOf, selectRows } from '../describe.ts';
import { invalidValue } from '../errors.ts';
import { stringOf, stringsOf } from '../input.ts';
import { findRows, findVpc } from '../lookup.ts';
import { tagSet } from '../tag-set.ts';

/** AWS's names of attributes to what they show. */
const ATTRIBUTES: Readonly<Record<string, (vpc: Vpc) => ActionOutput>> = {
  enableDnsSupport: (vpc) => ({ EnableDnsSupport: { Value: vpc.enableDnsSupport } }),
  enableDnsHostnames: (vpc) => ({ EnableDnsHostnames: { Value: vpc.enableDnsHostnames } }),
  enableNetworkAddressUsageMetrics: () => ({ EnableNetworkAddressUsageMetrics: { Value: false } }),
};

function describeVpcAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const vpc = findVpc(draft.snapshot, stringOf(input, 'VpcId'));
  const name = stringOf(input, 'Attribute');
  const show = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
  if (show === undefined) throw invalidValue('attribute', name);
  return { VpcId: vpc.vpcId, ...show(vpc) };
}

/** A VPC on shared hardware stays there; AWS only ever changes tenancy back to it. */
function modifyVpcTenancy(input: ActionInput, { draft }: ActionContext): ActionOutput {
  findVpc(draft.snapshot, stringOf(input, 'VpcId'));
  const tenancy = stringOf(input, 'InstanceTenancy');
  if (tenancy !== 'default') throw invalidValue('instanceTenancy', tenancy);
  return { ReturnValue: true };
}

const CLASSIC_LINKS: Omit<DescribeSpec<'vpc', Vpc>, 'member' | 'shape'> = {
  idsParameter: 'VpcIds',
  prefix: 'vpc',
  rows: (snapshot) => snapshot.vpcs,
  filters: { 'is-classic-link-enabled': () => [false] },
};

/** ClassicLink is gone; older clients still ask. */
function describeClassicLink(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { rows } = selectRows(CLASSIC_LINKS, input, draft.snapshot);
  return {
    Vpcs: rows.map(({ vpcId, tags }) => ({
      VpcId: vpcId,
      ClassicLinkEnabled: false,
      Tags: tagSet(tags),
    })),
  };
}

function describeClassicLinkDns(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { vpcs } = draft.snapshot;
  const ids = stringsOf(input, 'VpcIds');
  const asked = ids.length === 0 ? [...vpcs.values()] : findRows(vpcs, 'vpc', ids);
  const { rows, nextToken } = pageOf(asked, input);
  return {
    Vpcs: rows.map(({ vpcId }) => ({ VpcId: vpcId, ClassicLinkDnsSupported: false })),
    NextToken: nextToken,
  };
}

export const VPC_ATTRIBUTE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeVpcAttribute',
    parameters: { VpcId: 'string', Attribute: 'string' },
    required: ['VpcId', 'Attribute'],
    perform: describeVpcAttribute,
  },
  {
    name: 'ModifyVpcTenancy',
    parameters: { VpcId: 'string', InstanceTenancy: 'string' },
    required: ['VpcId', 'InstanceTenancy'],
    perform: modifyVpcTenancy,
  },
  {
    name: 'DescribeVpcClassicLink',
    parameters: { VpcIds: ['string'], Filters: FILTERS },
    required: [],
    perform: describeClassicLink,
  },
  {
    name: 'DescribeVpcClassicLinkDnsSupport',
    parameters: { VpcIds: ['string'], MaxResults: 'integer', NextToken: 'string' },
    required: [],
    perform: describeClassicLinkDns,
  },
];
