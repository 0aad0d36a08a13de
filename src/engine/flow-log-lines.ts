/**
 * The lines of flow logs, field by field, as AWS writes them. Pure. Rules: FL-1, FL-3 to FL-6.
 * @source The VPC user guide, "Flow log records"
 */
import { formatIpv4, type Ipv4Addr } from '../addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr } from '../addr/ipv6.ts';
import type { LoggedFlow } from '../dataplane/flow/flow-log-table.ts';
import { FLOW_LOG_FIELDS, type FlowLogField } from '../model/flow-logs.ts';
import type { Eni } from '../model/records.ts';

/** What stands for a value that is absent. */
const NONE = '-';

/** The interface that a record is about, and where it is. */
export interface LoggedInterface {
  readonly eni: Eni;
  readonly accountId: string;
  readonly region: string;
}

/** A span of time, in milliseconds since the epoch. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** Why an interface has no flows in a window, or not all of them (FL-3). */
export type Gap = 'NODATA' | 'SKIPDATA';

type FlowField = Exclude<FlowLogField, 'version'>;

const VALUES: Readonly<
  Record<FlowField, (flow: LoggedFlow, on: LoggedInterface) => string | number>
> = {
  'account-id': (_, { accountId }) => accountId,
  'interface-id': (_, { eni }) => eni.eniId,
  srcaddr: (flow, { eni }) =>
    address(flow, flow.direction === 'egress' ? ownAddress(eni, flow, flow.source) : flow.source),
  dstaddr: (flow, { eni }) =>
    address(
      flow,
      flow.direction === 'ingress' ? ownAddress(eni, flow, flow.destination) : flow.destination,
    ),
  srcport: (flow) => flow.sourcePort,
  dstport: (flow) => flow.destinationPort,
  protocol: (flow) => flow.protocol,
  packets: (flow) => flow.packets,
  bytes: (flow) => flow.bytes,
  start: ({ startMs }) => seconds(startMs),
  end: ({ endMs }) => seconds(endMs),
  action: (flow) => flow.action,
  'log-status': () => 'OK',
  'vpc-id': (_, { eni }) => eni.vpcId,
  'subnet-id': (_, { eni }) => eni.subnetId,
  'instance-id': (_, { eni }) => eni.attachment?.instanceId ?? NONE,
  'tcp-flags': (flow) => flow.tcpFlags,
  type: ({ family }) => `IPv${family}`,
  'pkt-srcaddr': (flow) => address(flow, flow.source),
  'pkt-dstaddr': (flow) => address(flow, flow.destination),
  region: (_, { region }) => region,
  // The lab gives its zones names, and no ids.
  'az-id': () => NONE,
  'sublocation-type': () => NONE,
  'sublocation-id': () => NONE,
  'pkt-src-aws-service': () => NONE,
  'pkt-dst-aws-service': () => NONE,
  'flow-direction': ({ direction }) => direction,
  'traffic-path': ({ path }) => path || NONE,
};

/** @returns the record of one flow in one window, without a line end. */
export function formatFlow(
  fields: readonly FlowLogField[],
  on: LoggedInterface,
  flow: LoggedFlow,
): string {
  const value = (field: FlowLogField): string | number =>
    field === 'version' ? versionOf(fields) : VALUES[field](flow, on);
  return fields.map(value).join(' ');
}

/** @returns the record that an interface has instead of flows. @source FL-3 */
export function formatGap(
  fields: readonly FlowLogField[],
  { eni, accountId }: LoggedInterface,
  gap: Gap,
  { startMs, endMs }: TimeSpan,
): string {
  const known: Partial<Record<FlowLogField, string | number>> = {
    version: versionOf(fields),
    'account-id': accountId,
    'interface-id': eni.eniId,
    start: seconds(startMs),
    end: seconds(endMs),
    'log-status': gap,
  };
  return fields.map((field) => known[field] ?? NONE).join(' ');
}

/** @returns the version of a format: the highest that a field of it is from (FL-1). */
function versionOf(fields: readonly FlowLogField[]): number {
  return Math.max(...fields.map((field) => FLOW_LOG_FIELDS[field]));
}

/** The primary address stands for whichever the packet has, also behind an appliance (FL-4). */
function ownAddress(
  eni: Eni,
  { family }: LoggedFlow,
  inPacket: Ipv4Addr | Ipv6Addr,
): Ipv4Addr | Ipv6Addr {
  return family === 4 ? (eni.addresses[0] ?? inPacket) : inPacket;
}

function address({ family }: LoggedFlow, addr: Ipv4Addr | Ipv6Addr): string {
  return family === 4 ? formatIpv4(Number(addr)) : formatIpv6(BigInt(addr));
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
