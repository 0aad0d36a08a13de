/** A bench with NAT gateways: a private subnet behind a public one, and what else a test wants. */
import assert from 'node:assert/strict';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import type { NatGatewayId } from '../../src/model/ids.ts';
import { textAt } from '../actions/lab.ts';
import { type BenchOptions, ip, type Outcome } from './bench.ts';
import { arrival, EdgeBench } from './edge-bench.ts';
import { udpFrame } from './frames.ts';

export const SERVER = ip('198.51.100.10');
export const THERE = [40_000, 80] as const;

export interface NatOptions {
  /** Its primary private address. */
  readonly address?: string;
  readonly isPrivate?: boolean;
  /** Secondary private addresses, each with an elastic one unless the gateway is private. */
  readonly secondary?: readonly string[];
}

/** A NAT gateway that was made. */
export interface Nat {
  readonly id: string;
  /** Its own primary address, and what the world sees of that. */
  readonly inside: Ipv4Addr;
  readonly outside: Ipv4Addr;
}

export class NatBench extends EdgeBench {
  readonly #tables = new Map<string, string>();

  nat(subnet: string, options: NatOptions = {}): Nat {
    const { address, isPrivate = false, secondary = [] } = options;
    const made = this.lab.act('CreateNatGateway', {
      SubnetId: this.subnetId(subnet),
      ...(isPrivate ? { ConnectivityType: 'private' } : { AllocationId: this.allocate() }),
      ...(address === undefined ? {} : { PrivateIpAddress: address }),
      ...(secondary.length === 0 ? {} : { SecondaryPrivateIpAddresses: [...secondary] }),
      ...(secondary.length === 0 || isPrivate
        ? {}
        : { SecondaryAllocationIds: secondary.map(() => this.allocate()) }),
    });
    const id = textAt(made, 'NatGateway', 'NatGatewayId') as NatGatewayId;
    this.publish();
    const record = this.lab.snapshot.natGateways.get(id);
    assert(record?.privateAddr != null, 'the gateway has no address');
    const inside = record.privateAddr;
    return { id, inside, outside: record.publicAddr ?? inside };
  }

  allocate(): string {
    return textAt(this.lab.act('AllocateAddress', { Domain: 'vpc' }), 'AllocationId');
  }

  /** Adds a route to the table of a subnet, its own. @param target AWS's member and id. */
  route(subnet: string, destination: string, target: Readonly<Record<string, string>>): void {
    const block = destination.includes(':')
      ? { DestinationIpv6CidrBlock: destination }
      : { DestinationCidrBlock: destination };
    this.act('CreateRoute', { RouteTableId: this.tableOf(subnet), ...block, ...target });
  }

  /** @returns the route table of a subnet, which has it alone. */
  tableOf(subnet: string): string {
    const known = this.#tables.get(subnet);
    if (known !== undefined) return known;
    const { subnetId, vpcId } = this.subnetOf(subnet);
    const made = this.lab.act('CreateRouteTable', { VpcId: vpcId });
    const table = textAt(made, 'RouteTable', 'RouteTableId');
    this.act('AssociateRouteTable', { RouteTableId: table, SubnetId: subnetId });
    this.#tables.set(subnet, table);
    return table;
  }

  /** Sends UDP to somebody beyond the subnet. */
  sendUdp(
    from: string,
    destination: Ipv4Addr,
    ports: readonly [source: number, destination: number] = THERE,
  ): Outcome {
    return this.inject(from, udpFrame(this.from(from, this.address(from), destination), ports));
  }
}

/** A server outside, and a subnet whose guests r1 and r2 reach it by a NAT gateway in a public one. */
export function natBench(options: BenchOptions = {}): {
  readonly made: NatBench;
  readonly nat: Nat;
} {
  const made = new NatBench(options);
  made.subnet('public', '10.0.1.0/24');
  made.subnet('private', '10.0.2.0/24');
  made.host('r1', 'private', '10.0.2.11');
  made.host('r2', 'private', '10.0.2.12');
  made.host('p1', 'public', '10.0.1.21');
  made.publicHost('server', '198.51.100.10');
  made.route('public', '0.0.0.0/0', { GatewayId: made.internetGateway() });
  const nat = made.nat('public', { address: '10.0.1.50' });
  made.route('private', '0.0.0.0/0', { NatGatewayId: nat.id });
  return { made, nat };
}

/** The port that the receiver sees. */
export function sourcePort(outcome: Outcome): number {
  const { upper } = arrival(outcome);
  assert(upper !== null && 'sourcePort' in upper, 'no ports');
  return upper.sourcePort;
}
