/** Compiles network interfaces: what they are, and who has which address (L2-1, CHK-2, ENI-11). */
import type { Ipv6Cidr } from '../addr/cidr.ts';
import { buildExactMap } from '../addr/exact-map.ts';
import { ipv6ToWords } from '../addr/ipv6.ts';
import { buildLpm } from '../addr/lpm.ts';
import { macHigh16, macLow32 } from '../addr/mac.ts';
import {
  ENI_SOURCE_DEST_CHECK,
  type EniTable,
  IPV4_MAPPED_WORD,
  type Program,
} from '../dataplane/program.ts';
import type { EniId, VpcId } from '../model/ids.ts';
import { eniHostName } from '../model/names.ts';
import type { ConnectionTracking, Eni } from '../model/records.ts';
import type { FabricSettings } from '../model/settings.ts';
import type { Fabric } from '../model/snapshot.ts';
import { flowLogFlag } from './flow-logs.ts';
import { type Indexes, indexIn, lpmEntry } from './rows.ts';

export type InterfacePart = Pick<
  Program,
  | 'enis'
  | 'portEni'
  | 'addresses'
  | 'macs'
  | 'prefixes4'
  | 'prefixes6'
  | 'eniMac'
  | 'eniLeases6'
  | 'eniHostName'
>;

/** @param ports The port of each interface that a running instance holds, or a node of a balancer. */
export function compileInterfaces(
  snapshot: Fabric,
  ports: ReadonlyMap<EniId, number>,
  indexes: Indexes,
): InterfacePart {
  const enis = [...snapshot.enis.values()];
  const vpcIds = [...snapshot.vpcs.keys()];
  return {
    enis: compileEnis(snapshot, enis, ports, indexes),
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
    prefixes4: vpcIds.map((vpcId) => prefixTrie(enis, vpcId, 4)),
    prefixes6: vpcIds.map((vpcId) => prefixTrie(enis, vpcId, 6)),
    eniMac: enis.map((eni) => eni.mac),
    eniLeases6: enis.map((eni) => ({
      addresses: eni.ipv6Addresses,
      prefixes: eni.prefixes.filter((prefix): prefix is Ipv6Cidr => prefix.family === 6),
    })),
    eniHostName: enis.map((eni) => eniHostName(eni) ?? ''),
  };
}

function compileEnis(
  snapshot: Fabric,
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

function flagsOf(snapshot: Fabric, eni: Eni): number {
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

function prefixTrie(enis: readonly Eni[], vpcId: VpcId, family: 4 | 6): Int32Array {
  const entries = enis.flatMap((eni, index) =>
    eni.vpcId === vpcId
      ? eni.prefixes
          .filter((prefix) => prefix.family === family)
          .map((prefix) => lpmEntry(prefix, index))
      : [],
  );
  return buildLpm(entries);
}
