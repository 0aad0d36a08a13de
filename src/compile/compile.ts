/**
 * Turns a snapshot into the program of the dataplane: rows become indexes, maps become typed arrays.
 * Pure; what is a rule is decided in `model/` or in a layer, here it only changes its form.
 */

import type { Ipv6Cidr } from '../addr/cidr.ts';
import { buildExactMap } from '../addr/exact-map.ts';
import { ipv6ToWords } from '../addr/ipv6.ts';
import { buildLpm } from '../addr/lpm.ts';
import { macHigh16, macLow32 } from '../addr/mac.ts';
import {
  ENI_SOURCE_DEST_CHECK,
  type EniTable,
  FRAGMENTS_BY_ADDRESS,
  FRAGMENTS_DROPPED,
  FRAGMENTS_FOLLOW_FIRST,
  IPV4_MAPPED_WORD,
  type Program,
  type SubnetTable,
} from '../dataplane/program.ts';
import { networkAclOfSubnet } from '../model/filters.ts';
import { eniHostName } from '../model/names.ts';
import type {
  ConnectionTracking,
  Eni,
  EniId,
  FabricSettings,
  Snapshot,
  Subnet,
  Vpc,
} from '../model/records.ts';
import { routeTableOfSubnet } from '../model/routes.ts';
import { isIpv6Only } from '../model/subnets.ts';
import { compileDhcp } from './dhcp.ts';
import { compileFilters } from './filters.ts';
import { flowLogFlag, flowLogWindowMs } from './flow-logs.ts';
import { compileRoutes } from './routes.ts';
import { type Indexes, indexIn, lpmEntry, resolverOf } from './rows.ts';

const FRAGMENTS: Readonly<Record<FabricSettings['fragments'], number>> = {
  'follow-first': FRAGMENTS_FOLLOW_FIRST,
  'addresses-only': FRAGMENTS_BY_ADDRESS,
  drop: FRAGMENTS_DROPPED,
};

/**
 * @param ports The port of each interface that a running instance holds.
 * @param generation Greater than that of any program before; >= 1.
 */
export function compile(
  snapshot: Snapshot,
  ports: ReadonlyMap<EniId, number>,
  generation: number,
): Program {
  const indexes: Indexes = {
    vpcs: indexOf(snapshot.vpcs),
    subnets: indexOf(snapshot.subnets),
    enis: indexOf(snapshot.enis),
    routeTables: indexOf(snapshot.routeTables),
    securityGroups: indexOf(snapshot.securityGroups),
    networkAcls: indexOf(snapshot.networkAcls),
    prefixLists: indexOf(snapshot.prefixLists),
  };
  const enis = [...snapshot.enis.values()];
  const subnets = [...snapshot.subnets.values()];
  const vpcs = [...snapshot.vpcs.values()];
  return {
    generation,
    enis: compileEnis(snapshot, enis, ports, indexes),
    subnets: compileSubnets(snapshot, subnets, indexes),
    vpcResolver: Int32Array.from(vpcs, (vpc) => resolverOf(vpc) | 0),
    portEni: compilePorts(enis, ports),
    addresses: buildExactMap(
      5,
      enis.flatMap((eni, index) => addressEntries(eni, index, indexes)),
    ),
    macs: buildExactMap(
      3,
      enis.map((eni, index) => [
        [indexIn(indexes.subnets, eni.subnetId), macHigh16(eni.mac), macLow32(eni.mac)],
        index,
      ]),
    ),
    routers6: buildExactMap(
      5,
      subnets.flatMap((subnet, index) => routerEntries(subnet, index, indexes)),
    ),
    prefixes4: vpcs.map((vpc) => prefixTrie(enis, vpc, 4)),
    prefixes6: vpcs.map((vpc) => prefixTrie(enis, vpc, 6)),
    subnetByAddr: vpcs.map((vpc) =>
      buildLpm(
        subnets.flatMap((subnet, index) =>
          subnet.vpcId === vpc.vpcId && subnet.cidr !== null ? [lpmEntry(subnet.cidr, index)] : [],
        ),
      ),
    ),
    ...compileRoutes(snapshot, indexes),
    filters: compileFilters(snapshot, indexes),
    fragments: FRAGMENTS[snapshot.settings.fragments],
    flowLogWindowMs: flowLogWindowMs(snapshot),
    dhcp: subnets.map((subnet) => compileDhcp(snapshot, subnet)),
    subnetCidrs6: subnets.map((subnet) => subnet.ipv6Cidrs.map((each) => each.cidr)),
    eniMac: enis.map((eni) => eni.mac),
    eniLeases6: enis.map((eni) => ({
      addresses: eni.ipv6Addresses,
      prefixes: eni.prefixes.filter((prefix): prefix is Ipv6Cidr => prefix.family === 6),
    })),
    eniHostName: enis.map((eni) => eniHostName(eni) ?? ''),
  };
}

function indexOf(rows: ReadonlyMap<string, unknown>): ReadonlyMap<string, number> {
  return new Map([...rows.keys()].map((id, index) => [id, index]));
}

function compileEnis(
  snapshot: Snapshot,
  enis: readonly Eni[],
  ports: ReadonlyMap<EniId, number>,
  indexes: Indexes,
): EniTable {
  const groups = enis.map((eni) => eni.groupIds.map((id) => indexIn(indexes.securityGroups, id)));
  const groupsFrom = new Int32Array(enis.length + 1);
  groups.forEach((held, index) => {
    groupsFrom[index + 1] = (groupsFrom[index] as number) + held.length;
  });
  return {
    macHigh: Int32Array.from(enis, (eni) => macHigh16(eni.mac)),
    macLow: Int32Array.from(enis, (eni) => macLow32(eni.mac)),
    subnet: Int32Array.from(enis, (eni) => indexIn(indexes.subnets, eni.subnetId)),
    flags: Uint8Array.from(enis, (eni) => flagsOf(snapshot, eni)),
    port: Int32Array.from(enis, (eni) => ports.get(eni.eniId) ?? -1),
    primaryAddr: Int32Array.from(enis, (eni) => (eni.addresses[0] ?? 0) | 0),
    groupsFrom,
    groups: Int32Array.from(groups.flat()),
    ...compileTimeouts(enis, snapshot.settings),
  };
}

function flagsOf(snapshot: Snapshot, eni: Eni): number {
  return (eni.sourceDestCheck ? ENI_SOURCE_DEST_CHECK : 0) | flowLogFlag(snapshot, eni);
}

/** What AWS tracks idle flows for by default (SG-8); TCP's is a setting. */
const UDP_TIMEOUT_S = 30;
const UDP_STREAM_TIMEOUT_S = 180;

function compileTimeouts(
  enis: readonly Eni[],
  settings: FabricSettings,
): Pick<EniTable, 'tcpTimeoutMs' | 'udpTimeoutMs' | 'udpStreamTimeoutMs'> {
  const column = (pick: (tracking: ConnectionTracking) => number | null, otherwise: number) =>
    Int32Array.from(enis, (eni) => (pick(eni.connectionTracking) ?? otherwise) * 1000);
  return {
    tcpTimeoutMs: column((each) => each.tcpEstablishedTimeoutS, settings.tcpEstablishedTimeoutS),
    udpTimeoutMs: column((each) => each.udpTimeoutS, UDP_TIMEOUT_S),
    udpStreamTimeoutMs: column((each) => each.udpStreamTimeoutS, UDP_STREAM_TIMEOUT_S),
  };
}

function compileSubnets(
  snapshot: Snapshot,
  subnets: readonly Subnet[],
  indexes: Indexes,
): SubnetTable {
  return {
    vpc: Int32Array.from(subnets, (subnet) => indexIn(indexes.vpcs, subnet.vpcId)),
    network: Int32Array.from(subnets, (subnet) => (subnet.cidr?.addr ?? 0) | 0),
    prefixLength: Int32Array.from(subnets, (subnet) => subnet.cidr?.prefixLength ?? 0),
    routerMacHigh: Int32Array.from(subnets, (subnet) => macHigh16(subnet.routerMac)),
    routerMacLow: Int32Array.from(subnets, (subnet) => macLow32(subnet.routerMac)),
    hasIpv4: Uint8Array.from(subnets, (subnet) => (isIpv6Only(subnet) ? 0 : 1)),
    hasIpv6: Uint8Array.from(subnets, (subnet) => (subnet.ipv6Cidrs.length > 0 ? 1 : 0)),
    routeTable: Int32Array.from(subnets, (subnet) =>
      indexIn(indexes.routeTables, routeTableOfSubnet(snapshot, subnet).routeTableId),
    ),
    networkAcl: Int32Array.from(subnets, (subnet) =>
      indexIn(indexes.networkAcls, networkAclOfSubnet(snapshot, subnet.subnetId).networkAclId),
    ),
  };
}

function compilePorts(enis: readonly Eni[], ports: ReadonlyMap<EniId, number>): Int32Array {
  const portEni = new Int32Array(Math.max(0, ...ports.values()) + 1).fill(-1);
  enis.forEach((eni, index) => {
    const port = ports.get(eni.eniId);
    if (port !== undefined) portEni[port] = index;
  });
  return portEni;
}

function addressEntries(eni: Eni, index: number, indexes: Indexes): [number[], number][] {
  const vpc = indexIn(indexes.vpcs, eni.vpcId);
  return [
    ...eni.addresses.map((addr): [number[], number] => [
      [vpc, 0, 0, IPV4_MAPPED_WORD, addr | 0],
      index,
    ]),
    ...eni.ipv6Addresses.map((addr): [number[], number] => [[vpc, ...ipv6ToWords(addr)], index]),
  ];
}

/** The router has the second address of each IPv6 block (SUB-10). */
function routerEntries(subnet: Subnet, index: number, indexes: Indexes): [number[], number][] {
  const vpc = indexIn(indexes.vpcs, subnet.vpcId);
  return subnet.ipv6Cidrs.map(({ cidr }) => [[vpc, ...ipv6ToWords(cidr.addr + 1n)], index]);
}

function prefixTrie(enis: readonly Eni[], vpc: Vpc, family: 4 | 6): Int32Array {
  const entries = enis.flatMap((eni, index) =>
    eni.vpcId === vpc.vpcId
      ? eni.prefixes
          .filter((prefix) => prefix.family === family)
          .map((prefix) => lpmEntry(prefix, index))
      : [],
  );
  return buildLpm(entries);
}
