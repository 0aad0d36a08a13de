/** What the shape of a lab file cannot say about routes: destinations and targets that AWS allows. */
import { type Cidr, cidrContains, cidrEquals, formatCidr, parseIpv6Cidr } from '../../addr/cidr.ts';
import type {
  LabPrefixListRoute,
  LabRoute,
  LabRouteTable,
  LabRouteTarget,
  LabVpc,
} from '../lab.ts';
import type { Reporter } from './problems.ts';
import type { Topology } from './resolve.ts';

export function checkRoutes(lab: Topology, report: Reporter): void {
  for (const table of lab.routeTables.values()) {
    const vpc = lab.vpcs.get(table.vpc);
    const edge = [...lab.internetGateways.values()].find(
      (gateway) => gateway.vpc === table.vpc && gateway.routeTable === table.name,
    );
    checkTwice(table, report);
    if (edge !== undefined && table.main) {
      report.at(
        [...edge.path, 'routeTable'],
        `Cannot steer by "${table.name}": found the main route table, wanted another one (RT-1)`,
      );
    }
    for (const route of table.prefixListRoutes) {
      const family = lab.prefixLists.get(route.prefixList)?.family ?? 4;
      if (edge !== undefined) {
        report.atKey(
          route.path,
          `Cannot route "${route.prefixList}": found a prefix list in the table of an internet gateway, wanted a block`,
        );
      } else checkFamily(route.target, family, null, route, report);
    }
    for (const route of table.routes) {
      if (vpc === undefined) continue;
      if (edge !== undefined) checkEdgeRoute(lab, vpc, route, report);
      else checkDestination(lab, vpc, route, report);
      checkFamily(route.target, route.destination.family, route.destination, route, report);
      checkTarget(lab, vpc, route, report);
    }
  }
}

function checkTwice(table: LabRouteTable, report: Reporter): void {
  const seen = new Set<string>();
  for (const route of table.routes) {
    const destination = formatCidr(route.destination);
    if (seen.has(destination)) {
      const state = 'found it twice after its host bits are cleared';
      report.atKey(route.path, `Cannot route "${destination}": ${state}, wanted one route for it`);
    }
    seen.add(destination);
  }
}

function blocksOf({ cidrs, ipv6 }: LabVpc): readonly Cidr[] {
  return ipv6 === null ? cidrs : [...cidrs, ipv6];
}

/** @returns true for the block of a subnet of the VPC, whole. */
function isWholeSubnet(lab: Topology, vpc: LabVpc, destination: Cidr): boolean {
  return [...lab.subnets.values()].some(
    (subnet) =>
      subnet.vpc === vpc.name &&
      [subnet.cidr, subnet.ipv6].some((cidr) => cidr !== null && cidrEquals(cidr, destination)),
  );
}

/** RT-2, RT-4 and RT-5. */
function checkDestination(lab: Topology, vpc: LabVpc, route: LabRoute, report: Reporter): void {
  const { destination, target } = route;
  const range = blocksOf(vpc).find((cidr) => cidrContains(cidr, destination));
  if (range === undefined) return;
  const isWhole = cidrEquals(range, destination) || isWholeSubnet(lab, vpc, destination);
  const text = formatCidr(destination);
  if (lab.rules === 'current' && isWhole) {
    if (canSteer(target)) return;
    const wanted =
      'an instance, an interface, a NAT gateway or an endpoint of a Gateway Load Balancer inside the VPC';
    report.at(
      route.path,
      `Cannot route "${text}": found target "${nameOf(target)}", wanted ${wanted}`,
    );
    return;
  }
  const whole = 'the whole block of a subnet or of the VPC';
  const allowed =
    lab.rules === 'current'
      ? `${whole}, or a block outside of the VPC`
      : `a block outside of the VPC${isWhole && canSteer(target) ? ', or rules: current, which allows it' : ` (rules: current allows ${whole})`}`;
  report.atKey(
    route.path,
    `Cannot route "${text}": found it inside ${formatCidr(range)} of the VPC, wanted ${allowed}`,
  );
}

/** EDGE-2 and EDGE-3. */
function checkEdgeRoute(lab: Topology, vpc: LabVpc, route: LabRoute, report: Reporter): void {
  const { destination, target } = route;
  const text = formatCidr(destination);
  const isBlock = blocksOf(vpc).some((cidr) => cidrEquals(cidr, destination));
  if (!isBlock && !isWholeSubnet(lab, vpc, destination)) {
    report.atKey(
      route.path,
      `Cannot route "${text}": found it in the table of an internet gateway, wanted the whole block of a subnet or of the VPC`,
    );
  }
  if (isInterface(target) || target.kind === 'vpc-endpoint') return;
  report.at(
    route.path,
    `Cannot route "${text}": found target "${nameOf(target)}" in the table of an internet gateway, wanted an instance, an interface or an endpoint of a Gateway Load Balancer`,
  );
}

function isInterface({ kind }: LabRouteTarget): boolean {
  return kind === 'instance' || kind === 'named' || kind === 'primary';
}

function canSteer(target: LabRouteTarget): boolean {
  return isInterface(target) || target.kind === 'nat-gateway' || target.kind === 'vpc-endpoint';
}

/** The only IPv6 that a NAT gateway takes (NAT-8). */
const NAT64_PREFIX = parseIpv6Cidr('64:ff9b::/96');

/** EIGW-1 and NAT-8. @param destination null for a prefix list. */
function checkFamily(
  target: LabRouteTarget,
  family: 4 | 6,
  destination: Cidr | null,
  { path }: LabRoute | LabPrefixListRoute,
  report: Reporter,
): void {
  const isNat64 =
    destination !== null && NAT64_PREFIX !== null && cidrEquals(destination, NAT64_PREFIX);
  const state =
    target.kind === 'egress-only-gateway' && family === 4
      ? 'an egress-only internet gateway, which is for IPv6'
      : target.kind === 'nat-gateway' && family === 6 && !isNat64
        ? 'a NAT gateway, which takes no IPv6 but 64:ff9b::/96'
        : null;
  if (state === null) return;
  report.at(
    path,
    `Cannot route IPv${family} to "${nameOf(target)}": found ${state}, wanted another target`,
  );
}

/** Gateways are looked up in their VPC from the start. */
function checkTarget(lab: Topology, vpc: LabVpc, route: LabRoute, report: Reporter): void {
  const name = nameOf(route.target);
  const owner = route.target.kind === 'named' ? lab.interfaces.get(name) : lab.instances.get(name);
  const subnet = isInterface(route.target) ? lab.subnets.get(owner?.subnet ?? '') : undefined;
  if (subnet === undefined || subnet.vpc === vpc.name) return;
  report.at(
    route.path,
    `Cannot route "${formatCidr(route.destination)}": found target "${name}" in VPC "${subnet.vpc}", wanted one in "${vpc.name}"`,
  );
}

function nameOf(target: LabRouteTarget): string {
  return 'instance' in target ? target.instance : target.name;
}
