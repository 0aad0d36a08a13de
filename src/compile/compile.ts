/**
 * Turns a snapshot into the program of the dataplane: rows become indexes, maps become typed arrays.
 * Pure; what is a rule is decided in `model/` or in a layer, here it only changes its form.
 *
 * A part of the program is made again only when something it is made of has changed: snapshots
 * share the tables that an action did not touch, so that one more rule costs little (`Memo`).
 */
import type { EdgeTable } from '../dataplane/edges.ts';
import type { LoadBalancerTable } from '../dataplane/load-balancers.ts';
import {
  FRAGMENTS_BY_ADDRESS,
  FRAGMENTS_DROPPED,
  FRAGMENTS_FOLLOW_FIRST,
  NO_UPLINK,
  type Program,
  type UplinkPort,
} from '../dataplane/program.ts';
import type { EniId } from '../model/ids.ts';
import { gatewayTables } from '../model/lookups/gateways.ts';
import { balancerTables } from '../model/lookups/load-balancers.ts';
import type { FabricSettings } from '../model/settings.ts';
import type { Fabric } from '../model/snapshot.ts';
import { compileEdges } from './edges.ts';
import { FilterCompiler } from './filters.ts';
import { flowLogWindowMs } from './flow-logs.ts';
import { compileInterfaces, type InterfacePart } from './interfaces.ts';
import { compileLoadBalancers } from './load-balancers.ts';
import { Memo } from './memo.ts';
import { compileRoutes, type RoutePart } from './routes.ts';
import { IndexCache } from './rows.ts';
import { compileSubnets, type SubnetPart } from './subnets.ts';

const FRAGMENTS: Readonly<Record<FabricSettings['fragments'], number>> = {
  'follow-first': FRAGMENTS_FOLLOW_FIRST,
  'addresses-only': FRAGMENTS_BY_ADDRESS,
  drop: FRAGMENTS_DROPPED,
};

/** Compiles one snapshot after the other; parts that are the same are the same objects. */
export class Compiler {
  readonly #indexes = new IndexCache();
  readonly #filters = new FilterCompiler();
  readonly #interfaces = new Memo<InterfacePart>();
  readonly #subnets = new Memo<SubnetPart>();
  readonly #routes = new Memo<RoutePart>();
  readonly #edges = new Memo<EdgeTable>();
  readonly #loadBalancers = new Memo<LoadBalancerTable>();
  #ports: ReadonlyMap<EniId, number> = new Map();

  /**
   * @param ports The port of each interface that a running instance holds, or a node of a balancer.
   * @param generation Greater than that of any program before; >= 1.
   * @param servicesPort The port that leads to the services namespace; -1: there is none.
   * @param uplink The way out of the lab.
   */
  compile(
    snapshot: Fabric,
    ports: ReadonlyMap<EniId, number>,
    generation: number,
    servicesPort = -1,
    { uplinkPort, uplinkHasIpv6 }: UplinkPort = NO_UPLINK,
  ): Program {
    const { vpcs, subnets, enis, instances, routeTables, networkAcls, prefixLists } = snapshot;
    const { dhcpOptions, flowLogs, settings } = snapshot;
    const indexes = this.#indexes.of(snapshot);
    // A copy, since the caller goes on changing its own.
    if (!isSameMap(this.#ports, ports)) this.#ports = new Map(ports);
    return {
      generation,
      servicesPort,
      uplinkPort,
      uplinkHasIpv6,
      ...this.#interfaces.get(
        [
          enis,
          settings,
          flowLogs,
          this.#ports,
          indexes.vpcs,
          indexes.subnets,
          indexes.securityGroups,
        ],
        () => compileInterfaces(snapshot, this.#ports, indexes),
      ),
      ...this.#subnets.get([subnets, vpcs, routeTables, networkAcls, dhcpOptions], () =>
        compileSubnets(snapshot, indexes),
      ),
      ...this.#routes.get(
        [routeTables, vpcs, enis, instances, prefixLists, ...gatewayTables(snapshot)],
        () => compileRoutes(snapshot, indexes),
      ),
      edges: this.#edges.get(
        [
          vpcs,
          subnets,
          enis,
          routeTables,
          ...gatewayTables(snapshot),
          snapshot.elasticAddresses,
          settings,
        ],
        () => compileEdges(snapshot, indexes),
      ),
      loadBalancers: this.#loadBalancers.get(
        [enis, subnets, instances, ...balancerTables(snapshot)],
        () => compileLoadBalancers(snapshot, indexes),
      ),
      filters: this.#filters.compile(snapshot, indexes),
      fragments: FRAGMENTS[settings.fragments],
      flowLogWindowMs: flowLogWindowMs(snapshot),
    };
  }
}

function isSameMap<K, V>(one: ReadonlyMap<K, V>, other: ReadonlyMap<K, V>): boolean {
  if (one.size !== other.size) return false;
  for (const [key, value] of other) if (one.get(key) !== value) return false;
  return true;
}
