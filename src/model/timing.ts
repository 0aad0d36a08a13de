/**
 * How long AWS takes for what the model does at once: until a state is told as settled, and until
 * packets follow an answer. AWS promises nothing of this kind; the ranges are what its users report,
 * and what the waiters of its SDKs and of Terraform are made for.
 */

/** The least and the most; milliseconds. */
export type TimeRange = readonly [leastMs: number, mostMs: number];

/** From the answer of an action to the settled state, by what the action does. */
export const TRANSITION_TIMES = {
  createVpc: [500, 1500],
  // Seconds in practice; SDK waiters ask every 15 s.
  associateCidr: [1000, 5000],
  createInterface: [500, 2000],
  attachInterface: [1000, 5000],
  detachInterface: [1000, 5000],
  // To `running`, which is before the guest has booted.
  runInstance: [5000, 15_000],
  startInstance: [5000, 15_000],
  stopInstance: [10_000, 30_000],
  terminateInstance: [10_000, 40_000],
  // One to five minutes were the rule until 2018.
  createNatGateway: [30_000, 90_000],
  deleteNatGateway: [20_000, 60_000],
  createVpnConnection: [120_000, 300_000],
  attachVpnGateway: [10_000, 60_000],
  requestPeering: [500, 2000],
  acceptPeering: [1000, 5000],
  deletePeering: [500, 2000],
  changePrefixList: [1000, 5000],
  createTransitGateway: [60_000, 180_000],
  createTransitGatewayAttachment: [30_000, 120_000],
  deleteTransitGatewayAttachment: [30_000, 120_000],
  createTransitGatewayRouteTable: [5000, 20_000],
  createLoadBalancer: [60_000, 180_000],
  createVpcEndpoint: [30_000, 120_000],
  deleteVpcEndpoint: [30_000, 120_000],
} as const satisfies Readonly<Record<string, TimeRange>>;

export type TransitionKind = keyof typeof TRANSITION_TIMES;

const NOTHING: TimeRange = [0, 0];
const ROUTES: TimeRange = [200, 2000];
const ADDRESSES: TimeRange = [1000, 5000];
const PLUGS: TimeRange = [2000, 8000];
/** An interface is gone before it is told to be free. */
const UNPLUGS: TimeRange = [300, 1000];
const FILTERS: TimeRange = [200, 3000];
const OTHERS: TimeRange = [500, 3000];

/**
 * From the answer of an action to the first packet that is treated by it. Instances that start or
 * stop do so at once: what takes its time there is the guest.
 * @source ENI-12
 */
const PACKET_DELAYS: Readonly<Record<string, TimeRange>> = {
  RunInstances: NOTHING,
  StartInstances: NOTHING,
  StopInstances: NOTHING,
  RebootInstances: NOTHING,
  TerminateInstances: NOTHING,
  CreateTags: NOTHING,
  DeleteTags: NOTHING,
  // The lab's own: what checks have found is so already.
  PutTargetHealth: NOTHING,
  ForgetTarget: NOTHING,
  CreateRoute: ROUTES,
  ReplaceRoute: ROUTES,
  DeleteRoute: ROUTES,
  AssociateRouteTable: ROUTES,
  ReplaceRouteTableAssociation: ROUTES,
  DisassociateRouteTable: ROUTES,
  AssignPrivateIpAddresses: ADDRESSES,
  UnassignPrivateIpAddresses: ADDRESSES,
  AssignIpv6Addresses: ADDRESSES,
  UnassignIpv6Addresses: ADDRESSES,
  AssociateAddress: ADDRESSES,
  DisassociateAddress: ADDRESSES,
  AttachNetworkInterface: PLUGS,
  DetachNetworkInterface: UNPLUGS,
  AuthorizeSecurityGroupIngress: FILTERS,
  AuthorizeSecurityGroupEgress: FILTERS,
  RevokeSecurityGroupIngress: FILTERS,
  RevokeSecurityGroupEgress: FILTERS,
  ModifySecurityGroupRules: FILTERS,
  ModifyNetworkInterfaceAttribute: FILTERS,
  ModifyInstanceAttribute: FILTERS,
  CreateNetworkAclEntry: FILTERS,
  ReplaceNetworkAclEntry: FILTERS,
  DeleteNetworkAclEntry: FILTERS,
  ReplaceNetworkAclAssociation: FILTERS,
};

/** @returns the range for an action that has changed something. @param action AWS's name. */
export function packetDelayOf(action: string): TimeRange {
  return PACKET_DELAYS[action] ?? OTHERS;
}

/**
 * @param scale 1 for AWS's own pace, 0.1 for ten times its speed.
 * @param random Gives a uniformly drawn integer, 0 <= n < limit.
 * @returns whole milliseconds.
 */
export function drawMs(
  [leastMs, mostMs]: TimeRange,
  scale: number,
  random: (limit: number) => number,
): number {
  return Math.round((leastMs + random(mostMs - leastMs + 1)) * scale);
}
