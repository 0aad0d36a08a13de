/** What the shape of a lab file cannot say about Gateway Load Balancers, their targets and endpoints. */
import type { LabTargetGroup } from '../lab-load-balancing.ts';
import type { Path, Reporter } from './problems.ts';
import type { Topology } from './resolve.ts';

export function checkLoadBalancing(lab: Topology, report: Reporter): void {
  checkNames(lab, report);
  for (const group of lab.targetGroups.values()) {
    checkTargets(lab, group, report);
    checkHealthCheck(group, report);
  }
  checkBalancers(lab, report);
  checkEndpoints(lab, report);
}

/** AWS has a name once in a region, whatever VPCs there are. */
function checkNames(lab: Topology, report: Reporter): void {
  for (const [what, rows] of [
    ['target group', lab.targetGroups],
    ['Gateway Load Balancer', lab.loadBalancers],
  ] as const) {
    const seen = new Map<string, string>();
    for (const { name, vpc, path } of rows.values()) {
      const place = `${lab.vpcs.get(vpc)?.realm.region} ${name}`;
      const other = seen.get(place);
      if (other !== undefined) {
        report.atKey(
          path,
          `Cannot name a ${what} "${name}": found one of that name in VPC "${other}", wanted another name, as names are of a region`,
        );
      }
      seen.set(place, vpc);
    }
  }
}

function checkTargets(
  lab: Topology,
  { name, vpc, targets, path }: LabTargetGroup,
  report: Reporter,
) {
  const seen = new Set<string>();
  for (const target of targets) {
    const [owner = ''] = (lab.instances.get(target)?.subnet ?? '').split('/');
    const at: Path = [...path, 'targets'];
    if (seen.has(target)) {
      report.at(at, `Cannot register "${target}" with "${name}": found it twice, wanted it once`);
    } else if (owner !== vpc) {
      report.at(
        at,
        `Cannot register "${target}" with "${name}": found it in VPC "${owner}", wanted one in "${vpc}"`,
      );
    }
    seen.add(target);
  }
}

function checkHealthCheck({ name, healthCheck, path }: LabTargetGroup, report: Reporter): void {
  const { intervalSeconds, timeoutSeconds } = healthCheck;
  if (timeoutSeconds <= intervalSeconds) return;
  report.at(
    [...path, 'healthCheck'],
    `Cannot check "${name}": found a timeout of ${timeoutSeconds}s beyond the interval of ${intervalSeconds}s, wanted it shorter`,
  );
}

/** A balancer has a subnet in a zone, and a target group of its own. */
function checkBalancers(lab: Topology, report: Reporter): void {
  const owners = new Map<string, string>();
  for (const { name, subnets, targetGroup, path } of lab.loadBalancers.values()) {
    const zones = new Map<string, string>();
    for (const key of subnets) {
      const zone = lab.subnets.get(key)?.zone ?? '';
      const other = zones.get(zone);
      if (other !== undefined) {
        report.at(
          [...path, 'subnets'],
          `Cannot place "${name}": found subnets "${other}" and "${key}" in zone ${zone}, wanted one in each zone`,
        );
      }
      zones.set(zone, key);
    }
    const owner = owners.get(targetGroup);
    if (owner !== undefined) {
      report.at(
        [...path, 'targetGroup'],
        `Cannot use "${targetGroup}": found it at "${owner}", wanted a target group of its own`,
      );
    }
    owners.set(targetGroup, name);
  }
}

/** An endpoint is in the region of its balancer, and in a zone where that has a node. */
function checkEndpoints(lab: Topology, report: Reporter): void {
  for (const { name, vpc, balancer: key, subnet, path } of lab.balancerEndpoints.values()) {
    const balancer = lab.loadBalancers.get(key);
    if (balancer === undefined) continue;
    const [here, there] = [vpc, balancer.vpc].map((each) => lab.vpcs.get(each)?.realm.region);
    const zones = [...new Set(balancer.subnets.map((each) => lab.subnets.get(each)?.zone))];
    const zone = lab.subnets.get(subnet)?.zone;
    if (here !== there) {
      report.at(
        [...path, 'gatewayLoadBalancer'],
        `Cannot lead "${name}" to "${key}": found it in ${there}, wanted one of ${here}`,
      );
    } else if (zone !== undefined && !zones.includes(zone)) {
      report.at(
        [...path, 'subnet'],
        `Cannot place "${name}": found zone ${zone}, wanted one of "${key}": ${zones.join(', ')}`,
      );
    }
  }
}
