/** The actions on tags of any resource. */
import type { Snapshot } from '../model/snapshot.ts';
import type { Draft } from '../model/store.ts';
import type { Tags } from '../model/tags.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from './action.ts';
import { filterRows, PAGE_PARAMETERS, pageOf } from './describe.ts';
import {
  findCarrierGateway,
  findCustomerGateway,
  findEgressOnlyGateway,
  findElasticAddress,
  findInternetGateway,
  findNatGateway,
  findPeering,
  findVpnConnection,
  findVpnGateway,
} from './edges/lookup-gateways.ts';
import { findEndpointService, findVpcEndpoint } from './endpoints/lookup-endpoints.ts';
import { invalidId } from './errors.ts';
import { retagRule, ruleRows } from './filters/security-group-rules.ts';
import { optionalString, stringOf, stringsOf, structuresOf } from './input.ts';
import { findAnalysis, findNetworkPath } from './insights/lookup-insights.ts';
import {
  findDhcpOptions,
  findEni,
  findFlowLog,
  findInstance,
  findKeyPair,
  findLaunchTemplate,
  findNetworkAcl,
  findOwnPrefixList,
  findRouteTable,
  findRow,
  findSecurityGroup,
  findSubnet,
  findVolume,
  findVpc,
} from './lookup.ts';
import { addTags, type Retag, readTags, TAG_LIST } from './tag-set.ts';
import {
  RETAG_TRANSIT_GATEWAYS,
  transitGatewayTagTables,
} from './transit-gateways/transit-gateway-tags.ts';

/** The prefix of an id to what can be done with the tags of its resource. */
const RETAG: Readonly<Record<string, Retag>> = {
  vpc: (draft, id, change) => {
    const row = findVpc(draft.snapshot, id);
    draft.put('vpcs', row.vpcId, { ...row, tags: change(row.tags) });
  },
  subnet: (draft, id, change) => {
    const row = findSubnet(draft.snapshot, id);
    draft.put('subnets', row.subnetId, { ...row, tags: change(row.tags) });
  },
  eni: (draft, id, change) => {
    const row = findEni(draft.snapshot, id);
    draft.put('enis', row.eniId, { ...row, tags: change(row.tags) });
  },
  i: (draft, id, change) => {
    const row = findInstance(draft.snapshot, id);
    draft.put('instances', row.instanceId, { ...row, tags: change(row.tags) });
  },
  ami: (draft, id, change) => {
    const row = findRow(draft.snapshot.images, 'ami', id);
    draft.put('images', row.imageId, { ...row, tags: change(row.tags) });
  },
  key: (draft, id, change) => {
    const row = findKeyPair(draft.snapshot, id);
    draft.put('keyPairs', row.keyPairId, { ...row, tags: change(row.tags) });
  },
  lt: (draft, id, change) => {
    const row = findLaunchTemplate(draft.snapshot, id);
    draft.put('launchTemplates', row.launchTemplateId, { ...row, tags: change(row.tags) });
  },
  vol: (draft, id, change) => {
    const row = findVolume(draft.snapshot, id);
    draft.put('volumes', row.volumeId, { ...row, tags: change(row.tags) });
  },
  rtb: (draft, id, change) => {
    const row = findRouteTable(draft.snapshot, id);
    draft.put('routeTables', row.routeTableId, { ...row, tags: change(row.tags) });
  },
  dopt: (draft, id, change) => {
    const row = findDhcpOptions(draft.snapshot, id);
    draft.put('dhcpOptions', row.dhcpOptionsId, { ...row, tags: change(row.tags) });
  },
  sg: (draft, id, change) => {
    const row = findSecurityGroup(draft.snapshot, id);
    draft.put('securityGroups', row.groupId, { ...row, tags: change(row.tags) });
  },
  sgr: retagRule,
  acl: (draft, id, change) => {
    const row = findNetworkAcl(draft.snapshot, id);
    draft.put('networkAcls', row.networkAclId, { ...row, tags: change(row.tags) });
  },
  fl: (draft, id, change) => {
    const row = findFlowLog(draft.snapshot, id);
    draft.put('flowLogs', row.flowLogId, { ...row, tags: change(row.tags) });
  },
  pl: (draft, id, change) => {
    const row = findOwnPrefixList(draft.snapshot, id);
    draft.put('prefixLists', row.prefixListId, { ...row, tags: change(row.tags) });
  },
  igw: (draft, id, change) => {
    const row = findInternetGateway(draft.snapshot, id);
    draft.put('internetGateways', row.internetGatewayId, { ...row, tags: change(row.tags) });
  },
  eipalloc: (draft, id, change) => {
    const row = findElasticAddress(draft.snapshot, id);
    draft.put('elasticAddresses', row.allocationId, { ...row, tags: change(row.tags) });
  },
  eigw: (draft, id, change) => {
    const row = findEgressOnlyGateway(draft.snapshot, id);
    draft.put('egressOnlyGateways', row.egressOnlyGatewayId, { ...row, tags: change(row.tags) });
  },
  nat: (draft, id, change) => {
    const row = findNatGateway(draft.snapshot, id);
    draft.put('natGateways', row.natGatewayId, { ...row, tags: change(row.tags) });
  },
  cgw: (draft, id, change) => {
    const row = findCustomerGateway(draft.snapshot, id);
    draft.put('customerGateways', row.customerGatewayId, { ...row, tags: change(row.tags) });
  },
  vgw: (draft, id, change) => {
    const row = findVpnGateway(draft.snapshot, id);
    draft.put('vpnGateways', row.vpnGatewayId, { ...row, tags: change(row.tags) });
  },
  vpn: (draft, id, change) => {
    const row = findVpnConnection(draft.snapshot, id);
    draft.put('vpnConnections', row.vpnConnectionId, { ...row, tags: change(row.tags) });
  },
  cagw: (draft, id, change) => {
    const row = findCarrierGateway(draft.snapshot, id);
    draft.put('carrierGateways', row.carrierGatewayId, { ...row, tags: change(row.tags) });
  },
  vpce: (draft, id, change) => {
    const row = findVpcEndpoint(draft.snapshot, id);
    draft.put('vpcEndpoints', row.vpcEndpointId, { ...row, tags: change(row.tags) });
  },
  'vpce-svc': (draft, id, change) => {
    const row = findEndpointService(draft.snapshot, id);
    draft.put('endpointServices', row.serviceId, { ...row, tags: change(row.tags) });
  },
  nip: (draft, id, change) => {
    const row = findNetworkPath(draft.snapshot, id);
    draft.put('networkInsightsPaths', row.pathId, { ...row, tags: change(row.tags) });
  },
  nia: (draft, id, change) => {
    const row = findAnalysis(draft.snapshot, id);
    draft.put('networkInsightsAnalyses', row.analysisId, { ...row, tags: change(row.tags) });
  },
  pcx: (draft, id, change) => {
    const row = findPeering(draft.snapshot, id);
    draft.put('peerings', row.peeringId, { ...row, tags: change(row.tags) });
  },
  ...RETAG_TRANSIT_GATEWAYS,
};

function retag(input: ActionInput, draft: Draft, change: (tags: Tags) => Tags): void {
  for (const id of new Set(stringsOf(input, 'Resources'))) {
    const prefix = id.slice(0, Math.max(0, id.lastIndexOf('-')));
    const apply = Object.hasOwn(RETAG, prefix) ? RETAG[prefix] : undefined;
    if (apply === undefined) throw invalidId(id);
    apply(draft, id, change);
  }
}

function createTags(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const added = readTags(input, 'Tags');
  retag(input, draft, (tags) => addTags(tags, added));
  return {};
}

/** A tag given without a value goes whatever its value is; without any tag, all of them go. */
function deleteTags(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const removals = structuresOf(input, 'Tags').map((tag) => ({
    key: stringOf(tag, 'Key'),
    value: optionalString(tag, 'Value'),
  }));
  const stays = ([key, value]: readonly [string, string]): boolean =>
    removals.length > 0 &&
    !removals.some((each) => each.key === key && (each.value ?? value) === value);
  retag(input, draft, (tags) => new Map([...tags].filter(stays)));
  return {};
}

interface TagRow {
  readonly resourceId: string;
  readonly resourceType: string;
  readonly key: string;
  readonly value: string;
}

function tagRows(snapshot: Snapshot): TagRow[] {
  const tables = [
    ['vpc', snapshot.vpcs],
    ['subnet', snapshot.subnets],
    ['network-interface', snapshot.enis],
    ['instance', snapshot.instances],
    ['image', snapshot.images],
    ['key-pair', snapshot.keyPairs],
    ['launch-template', snapshot.launchTemplates],
    ['volume', snapshot.volumes],
    ['route-table', snapshot.routeTables],
    ['dhcp-options', snapshot.dhcpOptions],
    ['security-group', snapshot.securityGroups],
    ['security-group-rule', ruleRows(snapshot)],
    ['network-acl', snapshot.networkAcls],
    ['prefix-list', snapshot.prefixLists],
    ['vpc-flow-log', snapshot.flowLogs],
    ['internet-gateway', snapshot.internetGateways],
    ['elastic-ip', snapshot.elasticAddresses],
    ['egress-only-internet-gateway', snapshot.egressOnlyGateways],
    ['natgateway', snapshot.natGateways],
    ['customer-gateway', snapshot.customerGateways],
    ['vpn-gateway', snapshot.vpnGateways],
    ['vpn-connection', snapshot.vpnConnections],
    ['vpc-peering-connection', snapshot.peerings],
    ...transitGatewayTagTables(snapshot),
    ['carrier-gateway', snapshot.carrierGateways],
    ['vpc-endpoint', snapshot.vpcEndpoints],
    ['vpc-endpoint-service', snapshot.endpointServices],
    ['network-insights-path', snapshot.networkInsightsPaths],
    ['network-insights-analysis', snapshot.networkInsightsAnalyses],
  ] as const;
  const rows: TagRow[] = [];
  for (const [resourceType, table] of tables) {
    for (const [resourceId, { tags }] of table) {
      for (const [key, value] of tags) rows.push({ resourceId, resourceType, key, value });
    }
  }
  return rows;
}

function describeTags(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const filters: Record<string, (row: TagRow) => readonly string[]> = {
    key: (row) => [row.key],
    'resource-id': (row) => [row.resourceId],
    'resource-type': (row) => [row.resourceType],
    value: (row) => [row.value],
  };
  for (const filter of structuresOf(input, 'Filters')) {
    const name = stringOf(filter, 'Name');
    const key = name.slice('tag:'.length);
    if (name.startsWith('tag:')) filters[name] = (row) => (row.key === key ? [row.value] : []);
  }
  const matching = filterRows(tagRows(draft.snapshot), filters, input, draft.snapshot);
  const { rows, nextToken } = pageOf(matching, input);
  const shapes = rows.map((row) => ({
    ResourceId: row.resourceId,
    ResourceType: row.resourceType,
    Key: row.key,
    Value: row.value,
  }));
  return { Tags: shapes, NextToken: nextToken };
}

export const TAG_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateTags',
    parameters: { Resources: ['string'], Tags: TAG_LIST },
    required: ['Resources', 'Tags'],
    perform: createTags,
  },
  {
    name: 'DeleteTags',
    parameters: { Resources: ['string'], Tags: TAG_LIST },
    required: ['Resources'],
    perform: deleteTags,
  },
  {
    name: 'DescribeTags',
    parameters: PAGE_PARAMETERS,
    required: [],
    perform: describeTags,
  },
];
