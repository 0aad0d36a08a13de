/** What AWS leaves open or sells more of: settings and quotas, with their defaults. */
import { type Ipv4Cidr, ipv4Cidr } from '../addr/cidr.ts';
import type { ImageId } from './ids.ts';
import type { BuiltInImageName } from './images.ts';

/** `2020`: the rules before routes inside the VPC range were allowed (RT-4); `current`: today's (RT-5). */
export type RuleSet = '2020' | 'current';

/** What AWS leaves open or has had both ways, one way each. */
export interface FabricSettings {
  /**
   * Later fragments, which have no ports: `follow-first` go the way of their first fragment and
   * nowhere without it; `addresses-only` match rules by address and protocol; `drop` (MTU-7).
   */
  readonly fragments: 'follow-first' | 'addresses-only' | 'drop';
  /** Seconds for which an idle TCP connection is tracked: 432,000, or 350 on the sixth Nitro (SG-8). */
  readonly tcpEstablishedTimeoutS: number;
  /**
   * Seconds of the windows of flow logs. AWS's are at most 60 on Nitro, whatever a flow log asks for
   * (FL-2); shorter ones are no AWS, and spare a scenario the wait.
   */
  readonly flowLogIntervalS: number;
  /** Whom the resolver asks about names that the lab does not know; without one they do not exist. */
  readonly dnsRecursion: 'off' | 'host';
  /** Where elastic IP addresses are drawn from. */
  readonly elasticAddressPool: Ipv4Cidr;
  /** Which image stands for an AMI that the lab does not have; `*` for every other one. */
  readonly amis: ReadonlyMap<ImageId | '*', BuiltInImageName>;
  /** `instant`: all is settled by the next call, and packets follow before the answer; `aws`: as `timing.ts` has it. */
  readonly timing: 'instant' | 'aws';
  /** What the times of `aws` are multiplied with: 0.1 is ten times AWS's speed. */
  readonly timingScale: number;
  /** From an answer to the packets that follow it, for all changes alike; null: by `timing` (ENI-12). */
  readonly packetDelayMs: number | null;
  /** `aws`: requests beyond AWS's documented rates are refused. */
  readonly throttling: 'off' | 'aws';
  /** How old the state may be that a request to the API sees. */
  readonly eventualConsistencyMs: number;
}

/**
 * Quotas with AWS's defaults (SUB-12, SUB-6, RT-15, SG-4, ACL-3, PCX-3, TGW-11, TGWC-3, MC-7; "Quotas for
 * your Gateway Load Balancers").
 */
export interface Quotas {
  readonly vpcsPerRegion: number;
  readonly subnetsPerVpc: number;
  readonly enisPerRegion: number;
  readonly routeTablesPerVpc: number;
  readonly routesPerTable: number;
  readonly ipv4CidrsPerVpc: number;
  readonly ipv6CidrsPerVpc: number;
  readonly securityGroupsPerRegion: number;
  /** Inbound and outbound, IPv4 and IPv6, each counted for itself. */
  readonly rulesPerSecurityGroup: number;
  readonly securityGroupsPerEni: number;
  readonly networkAclsPerVpc: number;
  /** Inbound and outbound, IPv4 and IPv6, each counted for itself; the final denial counts too. */
  readonly entriesPerNetworkAcl: number;
  readonly prefixListsPerRegion: number;
  readonly elasticAddressesPerRegion: number;
  readonly internetGatewaysPerRegion: number;
  readonly egressOnlyGatewaysPerRegion: number;
  readonly natGatewaysPerZone: number;
  readonly customerGatewaysPerRegion: number;
  readonly vpnGatewaysPerRegion: number;
  readonly vpnConnectionsPerRegion: number;
  readonly vpnConnectionsPerVpnGateway: number;
  readonly activePeeringsPerVpc: number;
  /** Requests of a VPC that wait for an answer. */
  readonly pendingPeeringsPerVpc: number;
  readonly transitGatewaysPerRegion: number;
  readonly transitGatewaysPerVpc: number;
  readonly attachmentsPerTransitGateway: number;
  readonly cidrBlocksPerTransitGateway: number;
  readonly routeTablesPerTransitGateway: number;
  /** Static routes of all its tables; a prefix list counts as many as it may have entries. */
  readonly staticRoutesPerTransitGateway: number;
  readonly peeringsPerTransitGateway: number;
  /** Requests of a transit gateway that wait for an answer. */
  readonly pendingPeeringsPerTransitGateway: number;
  readonly policyTablesPerTransitGateway: number;
  readonly peersPerConnectAttachment: number;
  readonly multicastDomainsPerTransitGateway: number;
  /** Members and sources of all its domains. */
  readonly multicastMembershipsPerTransitGateway: number;
  readonly membersPerMulticastGroup: number;
  readonly sourcesPerMulticastGroup: number;
  readonly gatewayEndpointsPerRegion: number;
  /** Interface and Gateway Load Balancer endpoints. */
  readonly interfaceEndpointsPerVpc: number;
  readonly gatewayLoadBalancersPerRegion: number;
  /** Those of appliances. */
  readonly geneveTargetGroupsPerRegion: number;
  readonly targetsPerGeneveTargetGroup: number;
}

export const DEFAULT_QUOTAS: Quotas = {
  vpcsPerRegion: 5,
  subnetsPerVpc: 200,
  enisPerRegion: 5000,
  routeTablesPerVpc: 200,
  routesPerTable: 50,
  ipv4CidrsPerVpc: 5,
  ipv6CidrsPerVpc: 5,
  securityGroupsPerRegion: 2500,
  rulesPerSecurityGroup: 60,
  securityGroupsPerEni: 5,
  networkAclsPerVpc: 200,
  entriesPerNetworkAcl: 20,
  prefixListsPerRegion: 100,
  elasticAddressesPerRegion: 5,
  internetGatewaysPerRegion: 5,
  egressOnlyGatewaysPerRegion: 5,
  natGatewaysPerZone: 5,
  customerGatewaysPerRegion: 50,
  vpnGatewaysPerRegion: 5,
  vpnConnectionsPerRegion: 50,
  vpnConnectionsPerVpnGateway: 10,
  activePeeringsPerVpc: 50,
  pendingPeeringsPerVpc: 25,
  transitGatewaysPerRegion: 5,
  transitGatewaysPerVpc: 5,
  attachmentsPerTransitGateway: 5000,
  cidrBlocksPerTransitGateway: 5,
  routeTablesPerTransitGateway: 20,
  staticRoutesPerTransitGateway: 10_000,
  peeringsPerTransitGateway: 50,
  pendingPeeringsPerTransitGateway: 10,
  policyTablesPerTransitGateway: 5,
  peersPerConnectAttachment: 4,
  multicastDomainsPerTransitGateway: 20,
  multicastMembershipsPerTransitGateway: 10_000,
  membersPerMulticastGroup: 100,
  sourcesPerMulticastGroup: 1,
  gatewayEndpointsPerRegion: 20,
  interfaceEndpointsPerVpc: 50,
  gatewayLoadBalancersPerRegion: 100,
  geneveTargetGroupsPerRegion: 100,
  targetsPerGeneveTargetGroup: 1000,
};

export const DEFAULT_SETTINGS: FabricSettings = {
  fragments: 'follow-first',
  tcpEstablishedTimeoutS: 432_000,
  flowLogIntervalS: 60,
  dnsRecursion: 'off',
  // 198.18.0.0/16, of benchmarks (RFC 2544); the other half of 198.18.0.0/15 may be a VPC's (SUB-8).
  elasticAddressPool: ipv4Cidr(0xc612_0000, 16),
  amis: new Map(),
  timing: 'instant',
  timingScale: 1,
  packetDelayMs: null,
  throttling: 'off',
  eventualConsistencyMs: 0,
};
