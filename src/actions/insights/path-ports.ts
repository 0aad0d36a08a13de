/** The destination ports that an analysis has to try, when its path leaves them open. */
import type { NetworkInsightsPath, PortRange } from '../../model/network-insights.ts';
import type { Snapshot } from '../../model/snapshot.ts';

/** IANA's numbers. */
export const PROTOCOLS = { tcp: 6, udp: 17 } as const;

const ALL_PORTS: PortRange = { from: 1, to: 65_535 };

/**
 * Between two ports at which a rule begins or behind which one ends, every port has the same fate:
 * one port of each such stretch stands for all.
 * @returns at least one port, in ascending order.
 */
export function portsToTry(snapshot: Snapshot, path: NetworkInsightsPath): number[] {
  const { destinationPort, filterAtSource } = path;
  if (destinationPort !== null) return [destinationPort];
  const { from, to } = filterAtSource?.destinationPorts ?? ALL_PORTS;
  const protocol = PROTOCOLS[path.protocol];
  const starts = new Set([from]);
  const { securityGroups, networkAcls } = snapshot;
  const rules = [
    ...[...securityGroups.values()].flatMap((group) => group.rules),
    ...[...networkAcls.values()].flatMap((acl) => acl.entries),
  ];
  for (const { traffic } of rules) {
    if (traffic.protocol !== protocol) continue;
    starts.add(traffic.fromPort);
    starts.add(traffic.toPort + 1);
  }
  return [...starts].filter((port) => port >= from && port <= to).toSorted((a, b) => a - b);
}
