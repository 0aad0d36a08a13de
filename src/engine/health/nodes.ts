/**
 * The nodes of the Gateway Load Balancers on this host: a namespace for each interface that the model
 * has for one, with a port of the dataplane. `settle` is called with each new snapshot, one at a time.
 */
import { ipv4FromWord } from '../../addr/ipv4.ts';
import type { Journal } from '../../host/journal.ts';
import type { EniId } from '../../model/ids.ts';
import { nodesOf } from '../../model/lookups/load-balancers.ts';
import type { Eni } from '../../model/records.ts';
import type { Fabric } from '../../model/snapshot.ts';
import type { Dataplane } from '../dataplane.ts';
import { nodeNetnsName } from '../lab-place.ts';
import { type NodeInterface, NodeNamespace } from './node-namespace.ts';

interface PluggedNode {
  readonly namespace: NodeNamespace;
  readonly port: number;
}

export class BalancerNodes {
  readonly #lab: string;
  readonly #journal: Journal;
  readonly #dataplane: Dataplane;
  readonly #nodes = new Map<EniId, PluggedNode>();

  /** @param lab Its name. */
  constructor(lab: string, journal: Journal, dataplane: Dataplane) {
    this.#lab = lab;
    this.#journal = journal;
    this.#dataplane = dataplane;
  }

  /** @returns the port of each node. */
  get ports(): ReadonlyMap<EniId, number> {
    return new Map([...this.#nodes].map(([eniId, { port }]) => [eniId, port]));
  }

  /** Makes nodes as the snapshot has them; packets reach them with the next program. */
  async settle(fabric: Fabric): Promise<void> {
    const wanted = [...fabric.loadBalancers.keys()].flatMap((arn) => nodesOf(fabric, arn));
    const ids = new Set(wanted.map(({ eniId }) => eniId));
    for (const [eniId, { namespace, port }] of this.#nodes) {
      if (ids.has(eniId)) continue;
      await this.#dataplane.removePort(port);
      namespace.close();
      this.#nodes.delete(eniId);
    }
    const fresh = wanted.filter(({ eniId }) => !this.#nodes.has(eniId));
    await Promise.all(fresh.map((eni) => this.#make(fabric, eni)));
  }

  /** Removes all; the dataplane must have ended. */
  close(): void {
    for (const { namespace } of this.#nodes.values()) namespace.close();
    this.#nodes.clear();
  }

  async #make(fabric: Fabric, eni: Eni): Promise<void> {
    const netns = nodeNetnsName(this.#lab, eni.eniId);
    const namespace = new NodeNamespace(netns, interfaceOf(fabric, eni), this.#journal);
    const port = await this.#dataplane.addPort(namespace.fd);
    this.#nodes.set(eni.eniId, { namespace, port });
    await namespace.open();
  }
}

/** @throws Error for an interface of an IPv6-only subnet, where no node can be. */
function interfaceOf({ subnets }: Fabric, { subnetId, mac, addresses }: Eni): NodeInterface {
  const cidr = subnets.get(subnetId)?.cidr ?? null;
  const [address] = addresses;
  if (cidr === null || address === undefined)
    throw new Error(`Cannot make a node of a load balancer in "${subnetId}": it has no IPv4`);
  return { mac, address, prefixLength: cidr.prefixLength, router: ipv4FromWord(cidr.addr + 1) };
}
