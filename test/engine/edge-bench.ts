/** A bench with an internet around the VPC: public hosts, gateways, public addresses. */
import assert from 'node:assert/strict';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import type { EniId } from '../../src/model/ids.ts';
import { INTERNET } from '../../src/model/realm.ts';
import { Lab, textAt } from '../actions/lab.ts';
import { dissect } from '../packet/dissect.ts';
import type { BenchOptions, Delivered, Outcome } from './bench.ts';
import { FilterBench } from './filter-bench.ts';
import type { Ends } from './frames.ts';

/** Where public hosts are. */
export const PUBLIC_BLOCK = '198.51.100.0/24';
const PUBLIC_BLOCK_6 = '2001:db8:ffff:ff00::/56';

export class EdgeBench extends FilterBench {
  readonly internet = new Lab({ ...INTERNET });
  readonly #publicSubnets = new Map<string, string>();

  constructor(options: BenchOptions = {}) {
    super({ openGroup: true, ...options });
    this.abroad.push(this.internet);
    this.#publicNetwork(PUBLIC_BLOCK);
  }

  #publicNetwork(block: string): string {
    const known = this.#publicSubnets.get(block);
    if (known !== undefined) return known;
    const hasIpv6 = block === PUBLIC_BLOCK;
    const vpcId = this.internet.vpc(block);
    if (hasIpv6) {
      this.internet.act('AssociateVpcCidrBlock', {
        VpcId: vpcId,
        Ipv6Pool: 'ipv6pool-ec2-0bench',
        Ipv6CidrBlock: PUBLIC_BLOCK_6,
      });
    }
    this.internet.openDefaultGroup(vpcId);
    const ipv6 = { Ipv6CidrBlock: '2001:db8:ffff:ff00::/64' };
    const subnet = this.internet.subnet(vpcId, block, hasIpv6 ? ipv6 : {});
    const gateway = attachGateway(this.internet, vpcId);
    routeEverything(this.internet, this.internet.mainTable(vpcId), { GatewayId: gateway });
    this.#publicSubnets.set(block, subnet);
    return subnet;
  }

  /** A host on the internet. */
  publicHost(name: string, address: string, ipv6?: string): void {
    const subnet = this.#publicNetwork(`${address.split('.').slice(0, 3).join('.')}.0/24`);
    const instanceId = this.internet.instance(subnet, {
      PrivateIpAddress: address,
      ...(ipv6 === undefined ? {} : { Ipv6Addresses: [{ Ipv6Address: ipv6 }] }),
    });
    this.plug(name, this.internet.primaryEni(instanceId) as EniId);
  }

  /** Attaches an internet gateway to a VPC. @returns its id. */
  internetGateway(vpcId = this.vpcId): string {
    const gateway = attachGateway(this.lab, vpcId);
    this.publish();
    return gateway;
  }

  /** Routes what no other route covers. @param target AWS's member and id. */
  defaultRoute(target: Readonly<Record<string, string>>, vpcId = this.vpcId): void {
    routeEverything(this.lab, this.lab.mainTable(vpcId), target);
    this.publish();
  }

  /** Gives a host an elastic address. @returns the address. */
  elastic(name: string, privateAddress?: string): Ipv4Addr {
    const allocated = this.lab.act('AllocateAddress', { Domain: 'vpc' });
    const allocationId = textAt(allocated, 'AllocationId');
    this.act('AssociateAddress', {
      AllocationId: allocationId,
      NetworkInterfaceId: this.eni(name).eniId,
      ...(privateAddress === undefined ? {} : { PrivateIpAddress: privateAddress }),
    });
    const address = this.lab.snapshot.elasticAddresses.get(allocationId as `eipalloc-${string}`);
    assert(address !== undefined, 'no elastic address');
    return address.publicAddr;
  }

  /** Joins two VPCs by a peering that is accepted. @returns its id. */
  peer(one: string, other: string): string {
    const input = { VpcId: one, PeerVpcId: other };
    const output = this.lab.act('CreateVpcPeeringConnection', input);
    const peering = textAt(output, 'VpcPeeringConnection', 'VpcPeeringConnectionId');
    this.act('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: peering });
    return peering;
  }

  /** What a host sends to its router. */
  from(name: string, source: Ipv4Addr, destination: Ipv4Addr): Ends {
    return {
      sourceMac: this.mac(name),
      destinationMac: this.routerMac(name),
      source,
      destination,
    };
  }
}

/** @returns what one host got of a frame that was forwarded. */
export function arrival(outcome: Outcome): Delivered & ReturnType<typeof dissect> {
  assert.equal(outcome.counter, 'forwarded');
  const [one] = outcome.delivered;
  assert(one !== undefined && outcome.delivered.length === 1);
  return { ...one, ...dissect(one.frame) };
}

function attachGateway(lab: Lab, vpcId: string): string {
  const made = lab.act('CreateInternetGateway');
  const gateway = textAt(made, 'InternetGateway', 'InternetGatewayId');
  lab.act('AttachInternetGateway', { InternetGatewayId: gateway, VpcId: vpcId });
  return gateway;
}

function routeEverything(lab: Lab, table: string, target: Readonly<Record<string, string>>): void {
  lab.act('CreateRoute', {
    RouteTableId: table,
    DestinationCidrBlock: '0.0.0.0/0',
    ...target,
  });
  lab.act('CreateRoute', {
    RouteTableId: table,
    DestinationIpv6CidrBlock: '::/0',
    ...target,
  });
}
