/**
 * A fabric on the bench: the model by actions, compiled, and frames put in by hand. After each frame
 * the whole ledger is checked: exactly one terminal counter of one port has moved.
 */
import assert from 'node:assert/strict';
import { formatCidr, type Ipv6Cidr, ipv6Cidr } from '../../src/addr/cidr.ts';
import { type Ipv4Addr, parseIpv4 } from '../../src/addr/ipv4.ts';
import type { MacAddr } from '../../src/addr/mac.ts';
import { Compiler } from '../../src/compile/compile.ts';
import { FlowState } from '../../src/dataplane/flow/flow-state.ts';
import { NO_UPLINK, type Program } from '../../src/dataplane/program.ts';
import { Fabric } from '../../src/engine/fabric.ts';
import { ANSWERED, FORWARDED, Ledger, PUNTED } from '../../src/engine/ledger.ts';
import { ROOM_SIZE } from '../../src/engine/onward.ts';
import type { FrameSink } from '../../src/engine/outlet.ts';
import type { EniId, SubnetId, VpcId } from '../../src/model/ids.ts';
import type { Eni, Subnet } from '../../src/model/records.ts';
import type { FabricSettings, RuleSet } from '../../src/model/settings.ts';
import type * as snapshots from '../../src/model/snapshot.ts';
import { World } from '../../src/model/world.ts';
import { Lab } from '../actions/lab.ts';
import { routerMacOf } from './frames.ts';

const PORTS = 16;
const START = 12;

/** A frame that left the fabric. */
export interface Delivered {
  /** The name of the host behind the port. */
  readonly to: string;
  readonly frame: Uint8Array;
}

export interface Outcome {
  /** `forwarded`, `answered`, `punted` or a drop code. */
  readonly counter: string;
  readonly delivered: readonly Delivered[];
}

/** A link that is narrower than the VPC, as those of gateways are. */
export interface NarrowLink {
  readonly mtu: number;
  /** The router tells the sender of a packet that is too big. */
  readonly reports: boolean;
}

export interface HostOptions {
  readonly sourceDestCheck?: boolean;
  readonly secondary?: readonly string[];
  readonly ipv6?: readonly string[];
  /** Ids of security groups; default: the VPC's default group. */
  readonly groups?: readonly string[];
}

export interface BenchOptions {
  readonly rules?: RuleSet;
  readonly flowCapacity?: number;
  readonly connectionCapacity?: number;
  readonly flowLogCapacity?: number;
  /** Flows through NAT gateways, and how many of one address go to one destination. */
  readonly natCapacity?: number;
  readonly natPortLimit?: number;
  readonly balancedCapacity?: number;
  /** Default: the default group lets everything in, so that a test of another rule is not about it. */
  readonly openGroup?: boolean;
  readonly vpcCidr?: string;
  readonly settings?: Partial<FabricSettings>;
}

export class Bench implements FrameSink {
  readonly lab: Lab;
  /** Other regions, whose objects are there for packets as well. */
  readonly abroad: Lab[] = [];
  readonly vpcId: string;
  readonly state: FlowState;
  readonly room = new Uint8Array(ROOM_SIZE);
  readonly #ledger = new Ledger(PORTS);
  readonly #compiler = new Compiler();
  readonly #fabric: Fabric;
  readonly #subnets = new Map<string, string>();
  readonly #instances = new Map<string, string>();
  readonly #names: string[] = [];
  readonly #plugged = new Map<EniId, number>();
  readonly #deaf = new Set<number>();
  readonly #narrow = new Map<string, NarrowLink>();
  #delivered: Delivered[] = [];
  #bytes = new Uint8Array(0);
  #generation = 0;
  #servicesPort = -1;
  #uplink = NO_UPLINK;
  nowMs = 1_600_000_000_000;

  constructor(options: BenchOptions = {}) {
    this.lab = new Lab({ rules: options.rules ?? '2020', settings: options.settings ?? {} });
    this.vpcId = this.lab.vpc(options.vpcCidr ?? '10.0.0.0/16');
    if (options.openGroup !== false) this.lab.openDefaultGroup(this.vpcId);
    this.state = new FlowState({
      flows: options.flowCapacity ?? 1024,
      connections: options.connectionCapacity ?? 1024,
      fragments: 64,
      natFlows: options.natCapacity ?? 1024,
      balancedFlows: options.balancedCapacity ?? 1024,
      ...(options.natPortLimit === undefined ? {} : { natPorts: options.natPortLimit }),
      flowLogs: options.flowLogCapacity ?? 64,
      ports: PORTS,
    });
    this.#fabric = new Fabric(this.state, this.#ledger, this);
  }

  /** Gives the VPC an IPv6 block. @returns the block, a /56. */
  ipv6(): Ipv6Cidr {
    this.lab.act('AssociateVpcCidrBlock', {
      VpcId: this.vpcId,
      Ipv6Pool: 'ipv6pool-ec2-0bench',
      Ipv6CidrBlock: '2001:db8:0:100::/56',
    });
    const [association] = this.lab.snapshot.vpcs.get(this.vpcId as VpcId)?.ipv6Cidrs ?? [];
    assert(association !== undefined, 'the VPC has no IPv6 block');
    return association.cidr;
  }

  /** @param cidr null: the subnet is IPv6-only. @param ipv6 Of the VPC's block; none: no IPv6. */
  subnet(name: string, cidr: string | null, ipv6?: string, vpcId = this.vpcId): string {
    const more = ipv6 === undefined ? {} : { Ipv6CidrBlock: ipv6 };
    const id = this.lab.subnet(vpcId, cidr, more);
    this.#subnets.set(name, id);
    return id;
  }

  /** Runs an instance with one interface and plugs it in. */
  host(name: string, subnet: string, address: string | null, options: HostOptions = {}): Eni {
    const ipv6 = (options.ipv6 ?? []).map((each) => ({ Ipv6Address: each }));
    const instanceId = this.lab.instance(this.subnetId(subnet), {
      ...(address === null ? {} : { PrivateIpAddress: address }),
      ...(ipv6.length === 0 ? {} : { Ipv6Addresses: ipv6 }),
      ...(options.groups === undefined ? {} : { SecurityGroupIds: [...options.groups] }),
    });
    this.#instances.set(name, instanceId);
    const eniId = this.lab.primaryEni(instanceId) as EniId;
    if (options.sourceDestCheck === false) this.checkOff(eniId);
    if (options.secondary !== undefined) {
      this.lab.act('AssignPrivateIpAddresses', {
        NetworkInterfaceId: eniId,
        PrivateIpAddresses: [...options.secondary],
      });
    }
    this.plug(name, eniId);
    return this.eni(name);
  }

  checkOff(eniId: string): void {
    this.lab.act('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId: eniId,
      SourceDestCheck: { Value: false },
    });
    this.publish();
  }

  /** Gives an interface a port of its own. @param name What `Delivered.to` calls it. */
  plug(name: string, eniId: EniId): void {
    this.#plugged.set(eniId, this.#names.length);
    this.#names.push(name);
    this.publish();
  }

  /** Plugs the services namespace in, as a host of that name. @returns its port. */
  services(): number {
    this.#servicesPort = this.#names.push('services') - 1;
    this.publish();
    return this.#servicesPort;
  }

  /** Connects the lab to the real network, a host of the name `uplink`. */
  uplink(uplinkHasIpv6 = true): void {
    this.#uplink = { uplinkPort: this.#names.push('uplink') - 1, uplinkHasIpv6 };
    this.publish();
  }

  /** @returns the number of the port of a host. */
  portOf(name: string): number {
    return this.#names.indexOf(name);
  }

  unplug(name: string): void {
    const port = this.#names.indexOf(name);
    for (const [eniId, plugged] of this.#plugged) if (plugged === port) this.#plugged.delete(eniId);
    this.publish();
  }

  /** The port refuses frames from now on, as one whose link is down. */
  deafen(name: string): void {
    this.#deaf.add(this.#names.indexOf(name));
  }

  /** Makes the routes to the interface of a host such links: the model knows no gateways yet. */
  withLinkMtu(name: string, link: NarrowLink): void {
    this.#narrow.set(name, link);
    this.publish();
  }

  /** What packets go by: the objects of all regions. */
  get fabric(): snapshots.Fabric {
    const { snapshot } = this.lab;
    const others = this.abroad.map((each) => each.snapshot);
    if (others.length === 0) return snapshot;
    return new World({ home: snapshot, found: () => null }, [snapshot, ...others]).fabric;
  }

  /** Compiles the model as it is now. */
  publish(): void {
    this.#generation++;
    this.#fabric.swap(this.program());
  }

  program(): Program {
    const program = this.#compiler.compile(
      this.fabric,
      this.#plugged,
      this.#generation,
      this.#servicesPort,
      this.#uplink,
    );
    if (this.#narrow.size === 0) return program;
    const { eni, mtu, reportsTooBig } = program.routeTargets;
    const links = [...eni].map((each) =>
      each === -1 ? undefined : this.#narrow.get(this.#names[program.enis.port[each] ?? -1] ?? ''),
    );
    return {
      ...program,
      routeTargets: {
        ...program.routeTargets,
        mtu: mtu.map((own, row) => links[row]?.mtu ?? own),
        reportsTooBig: reportsTooBig.map((own, row) => Number(links[row]?.reports ?? own)),
      },
    };
  }

  act(action: string, input: Readonly<Record<string, unknown>>): void {
    this.lab.act(action, input);
    this.publish();
  }

  subnetId(name: string): string {
    const id = this.#subnets.get(name);
    assert(id !== undefined, `no subnet ${name}`);
    return id;
  }

  subnetOf(name: string): Subnet {
    const subnet = this.lab.snapshot.subnets.get(this.subnetId(name) as SubnetId);
    assert(subnet !== undefined, `no subnet ${name}`);
    return subnet;
  }

  instanceId(name: string): string {
    const id = this.#instances.get(name);
    assert(id !== undefined, `no host ${name}`);
    return id;
  }

  eni(name: string): Eni {
    const port = this.#names.indexOf(name);
    const [eniId] = [...this.#plugged].find(([, plugged]) => plugged === port) ?? [];
    const eni = eniId === undefined ? undefined : this.fabric.enis.get(eniId);
    assert(eni !== undefined, `no interface ${name}`);
    return eni;
  }

  /** @returns the primary IPv4 address of the host. */
  address(name: string): Ipv4Addr {
    const [primary] = this.eni(name).addresses;
    assert(primary !== undefined, `${name} has no IPv4 address`);
    return primary;
  }

  mac(name: string): MacAddr {
    return this.eni(name).mac;
  }

  routerMac(name: string): MacAddr {
    return routerMacOf(this.fabric, this.eni(name));
  }

  /** Puts a frame into the port of a host, and checks the ledger. */
  inject(
    name: string,
    frame: Uint8Array,
    options: { readonly virtioHeader?: Uint8Array } = {},
  ): Outcome {
    const port = this.#names.indexOf(name);
    assert(port !== -1, `no host ${name}`);
    const before = this.#accounts();
    this.#delivered = [];
    this.#bytes = new Uint8Array(START + frame.length);
    this.#bytes.set(frame, START);
    this.#bytes.set(options.virtioHeader ?? []);
    this.#fabric.onFrame(port, this.#bytes, START, frame.length, this.nowMs);
    const moved = changes(before, this.#accounts());
    assert.equal(moved.length, 1, `terminal counters moved: ${moved.join(', ')}`);
    const [account = ''] = moved;
    assert(account.startsWith(`${name}:`), `the counter of another port moved: ${account}`);
    return { counter: account.slice(name.length + 1), delivered: this.#delivered };
  }

  /** What stands before the last frame that was forwarded. */
  get virtioHeader(): Uint8Array {
    return this.#bytes.slice(0, START);
  }

  forward(port: number, bytes: Uint8Array, start: number, size: number): boolean {
    const header = bytes.subarray(start - START, start);
    // What the fabric makes asks for no offloads.
    if (bytes === this.room)
      assert(
        header.every((byte) => byte === 0),
        'a stale virtio header',
      );
    return this.send(port, bytes.subarray(start, start + size));
  }

  send(port: number, frame: Uint8Array): boolean {
    if (this.#deaf.has(port)) return false;
    // A piece of a larger frame is overwritten by the next one.
    this.#delivered.push({ to: this.#names[port] ?? `port ${port}`, frame: frame.slice() });
    return true;
  }

  #accounts(): Map<string, number> {
    const accounts = new Map<string, number>();
    this.#names.forEach((name, port) => {
      accounts.set(`${name}:forwarded`, this.#ledger.get(port, FORWARDED));
      accounts.set(`${name}:answered`, this.#ledger.get(port, ANSWERED));
      accounts.set(`${name}:punted`, this.#ledger.get(port, PUNTED));
      for (const [code, frames] of Object.entries(this.#ledger.drops(port)))
        accounts.set(`${name}:${code}`, frames);
    });
    return accounts;
  }
}

/** @returns the accounts that grew by one. */
function changes(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): string[] {
  return [...after].flatMap(([account, frames]) => {
    const grown = frames - (before.get(account) ?? 0);
    if (grown === 0) return [];
    assert.equal(grown, 1, `${account} grew by ${grown}`);
    return [account];
  });
}

/** @returns the /64 of the block at this place. */
export function subnetBlock(block: Ipv6Cidr, place: number): string {
  return formatCidr(ipv6Cidr(block.addr + (BigInt(place) << 64n), 64));
}

/** @returns the address, which the test has written down right. */
export function ip(text: string): Ipv4Addr {
  const addr = parseIpv4(text);
  assert(addr !== null, `no address: ${text}`);
  return addr;
}
