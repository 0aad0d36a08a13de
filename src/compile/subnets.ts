/** Compiles subnets: their blocks, routers, route table, network ACL and what DHCP says in them. */
import { buildExactMap } from '../addr/exact-map.ts';
import { ipv6ToWords } from '../addr/ipv6.ts';
import { buildLpm } from '../addr/lpm.ts';
import { macHigh16, macLow32 } from '../addr/mac.ts';
import type { Program, SubnetTable } from '../dataplane/program.ts';
import { networkAclOfSubnet } from '../model/lookups/filters.ts';
import type { Subnet } from '../model/records.ts';
import { routeTableOfSubnet } from '../model/routes.ts';
import type { Fabric } from '../model/snapshot.ts';
import { isIpv6Only } from '../model/subnets.ts';
import { compileDhcp } from './dhcp.ts';
import { type Indexes, indexIn, lpmEntry, resolverOf } from './rows.ts';

export type SubnetPart = Pick<
  Program,
  'subnets' | 'vpcResolver' | 'vpcHasDns' | 'routers6' | 'subnetByAddr' | 'dhcp' | 'subnetCidrs6'
>;

export function compileSubnets(snapshot: Fabric, indexes: Indexes): SubnetPart {
  const subnets = [...snapshot.subnets.values()];
  const vpcs = [...snapshot.vpcs.values()];
  return {
    subnets: subnetTable(snapshot, subnets, indexes),
    vpcResolver: Int32Array.from(vpcs, (vpc) => resolverOf(vpc) | 0),
    vpcHasDns: Uint8Array.from(vpcs, (vpc) => (vpc.enableDnsSupport ? 1 : 0)),
    routers6: buildExactMap(
      5,
      subnets.flatMap((subnet, index) => routerEntries(subnet, index, indexes)),
    ),
    subnetByAddr: vpcs.map((vpc) =>
      buildLpm(
        subnets.flatMap((subnet, index) =>
          subnet.vpcId === vpc.vpcId && subnet.cidr !== null ? [lpmEntry(subnet.cidr, index)] : [],
        ),
      ),
    ),
    dhcp: subnets.map((subnet) => compileDhcp(snapshot, subnet)),
    subnetCidrs6: subnets.map((subnet) => subnet.ipv6Cidrs.map((each) => each.cidr)),
  };
}

function subnetTable(snapshot: Fabric, subnets: readonly Subnet[], indexes: Indexes): SubnetTable {
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
    network6: Int32Array.from(subnets, ({ ipv6Cidrs: [block] }) =>
      block === undefined ? 0 : ipv6ToWords(block.cidr.addr)[0],
    ),
  };
}

/** The router has the second address of each IPv6 block (SUB-10). */
function routerEntries(subnet: Subnet, index: number, indexes: Indexes): [number[], number][] {
  const vpc = indexIn(indexes.vpcs, subnet.vpcId);
  return subnet.ipv6Cidrs.map(({ cidr }) => [[vpc, ...ipv6ToWords(cidr.addr + 1n)], index]);
}
