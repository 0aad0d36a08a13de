/** Network insights in AWS's shapes. */
import type { Traffic } from '../../model/filters.ts';
import type {
  NetworkInsightsAnalysis,
  NetworkInsightsPath,
  PathAclEntry,
  PathComponent,
  PathElement,
  PathExplanation,
  PathGroupRule,
  PathHeader,
  PathRoute,
} from '../../model/network-insights.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionOutput } from '../action.ts';
import { tagSet } from '../tag-set.ts';

/** The kinds of ARNs, by the prefixes of ids. */
const ARN_KINDS: Readonly<Record<string, string>> = {
  i: 'instance',
  eni: 'network-interface',
  sg: 'security-group',
  acl: 'network-acl',
  rtb: 'route-table',
  subnet: 'subnet',
  vpc: 'vpc',
  igw: 'internet-gateway',
  eigw: 'egress-only-internet-gateway',
  nat: 'natgateway',
  vgw: 'vpn-gateway',
  cagw: 'carrier-gateway',
  pcx: 'vpc-peering-connection',
  tgw: 'transit-gateway',
  vpce: 'vpc-endpoint',
  'vpce-svc': 'vpc-endpoint-service',
  nip: 'network-insights-path',
  nia: 'network-insights-analysis',
};

function arnOf({ region, accountId }: Snapshot, id: string): string {
  const prefix = id.slice(0, Math.max(0, id.lastIndexOf('-')));
  return `arn:aws:ec2:${region}:${accountId}:${ARN_KINDS[prefix] ?? prefix}/${id}`;
}

export function pathShape(path: NetworkInsightsPath, snapshot: Snapshot): ActionOutput {
  const { destination, filterAtSource } = path;
  const ports = filterAtSource?.destinationPorts ?? null;
  return {
    NetworkInsightsPathId: path.pathId,
    NetworkInsightsPathArn: arnOf(snapshot, path.pathId),
    CreatedDate: new Date(path.createTimeMs).toISOString(),
    Source: path.source,
    SourceArn: arnOf(snapshot, path.source),
    Destination: destination ?? undefined,
    DestinationArn: destination === null ? undefined : arnOf(snapshot, destination),
    SourceIp: path.sourceIp ?? undefined,
    DestinationIp: path.destinationIp ?? undefined,
    Protocol: path.protocol,
    DestinationPort: path.destinationPort ?? undefined,
    FilterAtSource:
      filterAtSource === null
        ? undefined
        : {
            SourceAddress: filterAtSource.sourceAddress ?? undefined,
            DestinationAddress: filterAtSource.destinationAddress ?? undefined,
            DestinationPortRange:
              ports === null ? undefined : { FromPort: ports.from, ToPort: ports.to },
          },
    Tags: tagSet(path.tags),
  };
}

export function statusOf({ finding }: NetworkInsightsAnalysis): 'succeeded' | 'failed' {
  return finding === null ? 'failed' : 'succeeded';
}

/** An analysis as the answer of its start shows it: `running` is never seen later. */
export function startedShape(analysis: NetworkInsightsAnalysis, snapshot: Snapshot): ActionOutput {
  return {
    NetworkInsightsAnalysisId: analysis.analysisId,
    NetworkInsightsAnalysisArn: arnOf(snapshot, analysis.analysisId),
    NetworkInsightsPathId: analysis.pathId,
    StartDate: new Date(analysis.startTimeMs).toISOString(),
    Status: 'running',
    Tags: tagSet(analysis.tags),
  };
}

export function analysisShape(analysis: NetworkInsightsAnalysis, snapshot: Snapshot): ActionOutput {
  const { finding } = analysis;
  const started = { ...startedShape(analysis, snapshot), Status: statusOf(analysis) };
  if (finding === null) {
    return { ...started, StatusMessage: 'There is no running network that could be analyzed.' };
  }
  const components = (given: readonly PathComponent[]): ActionOutput[] =>
    given.map((each, index) => ({
      SequenceNumber: index + 1,
      ...componentShape(each, snapshot),
    }));
  const { isReachable, forward, back, explanations } = finding;
  return {
    ...started,
    NetworkPathFound: isReachable,
    ForwardPathComponents: isReachable ? components(forward) : [],
    ReturnPathComponents: isReachable ? components(back) : [],
    Explanations: explanations.map((each) => explanationShape(each, snapshot)),
  };
}

type Elements = (element: PathElement | undefined) => ActionOutput | undefined;

function elementsIn(snapshot: Snapshot): Elements {
  return (element) =>
    element && {
      Id: element.id,
      Arn: arnOf(snapshot, element.id),
      Name: element.name ?? undefined,
    };
}

function byId(id: string | undefined): PathElement | undefined {
  return id === undefined ? undefined : { id, name: null };
}

function componentShape(component: PathComponent, snapshot: Snapshot): ActionOutput {
  const element = elementsIn(snapshot);
  const { outbound, inbound, route, aclEntry, groupRule } = component;
  return {
    Component: element(component.component),
    Subnet: element(component.subnet),
    Vpc: element(byId(component.vpcId)),
    OutboundHeader: outbound && headerShape(outbound),
    InboundHeader: inbound && headerShape(inbound),
    RouteTableRoute: route && routeShape(route),
    AclRule: aclEntry && aclRuleShape(aclEntry),
    SecurityGroupRule: groupRule && groupRuleShape(groupRule),
  };
}

function explanationShape(explanation: PathExplanation, snapshot: Snapshot): ActionOutput {
  const element = elementsIn(snapshot);
  const { groups, aclEntry, route } = explanation;
  return {
    ExplanationCode: explanation.code,
    Component: element(explanation.component),
    Direction: explanation.direction,
    NetworkInterface: element(explanation.networkInterface),
    Subnet: element(explanation.subnet),
    Vpc: element(byId(explanation.vpcId)),
    SecurityGroups: groups?.map(element),
    Acl: element(explanation.acl),
    AclRule: aclEntry && aclRuleShape(aclEntry),
    RouteTable: element(explanation.routeTable),
    RouteTableRoute: route && routeShape(route),
    State: explanation.state,
    Address: explanation.address,
  };
}

function headerShape(header: PathHeader): ActionOutput {
  const ports = (port: number | null) => (port === null ? undefined : [{ From: port, To: port }]);
  return {
    SourceAddresses: [hostBlock(header.source)],
    DestinationAddresses: [hostBlock(header.destination)],
    Protocol: String(header.protocol),
    SourcePortRanges: ports(header.sourcePort),
    DestinationPortRanges: ports(header.destinationPort),
  };
}

function hostBlock(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

/** The member of a route that names its target, by the prefix of the target's id. */
const TARGET_MEMBERS: Readonly<Record<string, string>> = {
  eni: 'NetworkInterfaceId',
  eigw: 'EgressOnlyInternetGatewayId',
  nat: 'NatGatewayId',
  tgw: 'TransitGatewayId',
  pcx: 'VpcPeeringConnectionId',
  cagw: 'CarrierGatewayId',
};

function routeShape({ destination, target, state }: PathRoute): ActionOutput {
  const id = target === 'local' ? target : target.id;
  const prefix = id.slice(0, Math.max(0, id.lastIndexOf('-')));
  return {
    DestinationCidr: destination,
    [TARGET_MEMBERS[prefix] ?? 'GatewayId']: id,
    State: state,
  };
}

function aclRuleShape({ cidr, isEgress, action, ruleNumber, traffic }: PathAclEntry): ActionOutput {
  return {
    Cidr: cidr,
    Egress: isEgress,
    RuleAction: action,
    RuleNumber: ruleNumber,
    ...trafficShape(traffic),
  };
}

function groupRuleShape({ groupId, isEgress, traffic, peer }: PathGroupRule): ActionOutput {
  return {
    Cidr: peer.kind === 'cidr' ? peer.cidr : undefined,
    SecurityGroupId: peer.kind === 'group' ? peer.groupId : groupId,
    PrefixListId: peer.kind === 'prefix-list' ? peer.prefixListId : undefined,
    Direction: isEgress ? 'egress' : 'ingress',
    ...trafficShape(traffic),
  };
}

/** Names of protocols where AWS has them, and ports of those that have ports. */
function trafficShape({ protocol, fromPort, toPort }: Traffic): ActionOutput {
  const names: Readonly<Record<number, string>> = { [-1]: 'all', 6: 'tcp', 17: 'udp' };
  const hasPorts = fromPort !== -1 && (protocol === 6 || protocol === 17);
  return {
    Protocol: names[protocol] ?? String(protocol),
    PortRange: hasPorts ? { From: fromPort, To: toPort } : undefined,
  };
}
