/** A bench with a Gateway Load Balancer: appliances in a VPC of their own, an endpoint before the guests. */
import assert from 'node:assert/strict';
import type { ActionOutput } from '../../src/actions/action.ts';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import type { VpcId } from '../../src/model/ids.ts';
import { defaultGroupOf } from '../../src/model/lookups/filters.ts';
import { GENEVE_PORT } from '../../src/packet/geneve.ts';
import { textAt } from '../actions/lab.ts';
import { dissect } from '../packet/dissect.ts';
import { type BenchOptions, type Delivered, ip, type Outcome } from './bench.ts';
import { arrival, EdgeBench } from './edge-bench.ts';
import { ALL, ALL_6 } from './filter-bench.ts';
import { ipv4Frame } from './frames.ts';

const UDP = 17;
export const SERVER = ip('198.51.100.10');
export interface BalancerOptions extends BenchOptions {
  /** Attributes of the target group, by AWS's keys. */
  readonly group?: Readonly<Record<string, string>>;
  readonly tcpIdleSeconds?: number;
}

/** A packet in Geneve, as an appliance gets it. */
export interface Wrapped {
  readonly to: string;
  readonly node: Ipv4Addr;
  /** The UDP datagram from its header on. */
  readonly datagram: Uint8Array;
  /** The Geneve header. */
  readonly header: Uint8Array;
  /** The packet inside. */
  readonly packet: Uint8Array;
}

export class BalancerBench extends EdgeBench {
  readonly securityVpc: string;
  readonly endpoint: string;
  /** By which the internet knows `w1`. */
  readonly elastic1: Ipv4Addr;
  readonly #gateway: string;
  readonly #group: string;

  /** Guests in `web` go out by the endpoint; two appliances `a1` and `a2`, both healthy. */
  constructor(options: BalancerOptions = {}) {
    super(options);
    this.securityVpc = this.lab.vpc('10.9.0.0/16');
    this.lab.openDefaultGroup(this.securityVpc);
    this.subnet('appliances', '10.9.1.0/24', undefined, this.securityVpc);
    this.subnet('nodes', '10.9.2.0/24', undefined, this.securityVpc);
    this.subnet('web', '10.0.1.0/24');
    this.subnet('endpoints', '10.0.2.0/24');
    this.host('w1', 'web', '10.0.1.11');
    this.host('a1', 'appliances', '10.9.1.11');
    this.host('a2', 'appliances', '10.9.1.12');
    this.publicHost('server', '198.51.100.10');
    this.#group = this.#makeGroup(options);
    this.endpoint = this.#makeEndpoint(this.#makeBalancer(options.tcpIdleSeconds ?? 350));
    for (const each of ['a1', 'a2']) this.health(each, 'healthy');
    const gateway = this.internetGateway();
    this.defaultRoute({ GatewayId: gateway });
    this.#gateway = gateway;
    this.elastic1 = this.elastic('w1');
    this.routeThrough('web', '0.0.0.0/0');
  }

  /** @returns the ARN of the target group. */
  #makeGroup({ group = {} }: BalancerOptions): string {
    const input = { Name: 'fw', Protocol: 'GENEVE', Port: 6081, VpcId: this.securityVpc };
    const arn = textAt(this.#elb('CreateTargetGroup', input), 'TargetGroups', 0, 'TargetGroupArn');
    const Attributes = Object.entries(group).map(([Key, Value]) => ({ Key, Value }));
    if (Attributes.length > 0) {
      this.#elb('ModifyTargetGroupAttributes', { TargetGroupArn: arn, Attributes });
    }
    const Targets = ['a1', 'a2'].map((name) => ({ Id: this.instanceId(name) }));
    this.#elb('RegisterTargets', { TargetGroupArn: arn, Targets });
    return arn;
  }

  #elb(name: string, input: Readonly<Record<string, unknown>>): ActionOutput {
    return this.lab.act(`elasticloadbalancing:${name}`, input);
  }

  /** What the checks have found. */
  health(name: string, State: 'healthy' | 'unhealthy' | 'initial'): void {
    const TargetId = this.instanceId(name);
    this.act('PutTargetHealth', { TargetGroupArn: this.#group, TargetId, State });
  }

  /** Takes an appliance out of service; it drains. */
  deregister(name: string): void {
    const Targets = [{ Id: this.instanceId(name) }];
    this.#elb('DeregisterTargets', { TargetGroupArn: this.#group, Targets });
    this.publish();
  }

  /** @returns the ARN of the load balancer. */
  #makeBalancer(tcpIdleSeconds: number): string {
    const made = this.#elb('CreateLoadBalancer', {
      Name: 'fw',
      Type: 'gateway',
      Subnets: [this.subnetId('nodes')],
    });
    const LoadBalancerArn = textAt(made, 'LoadBalancers', 0, 'LoadBalancerArn');
    const listener = this.#elb('CreateListener', {
      LoadBalancerArn,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: this.#group }],
    });
    this.#elb('ModifyListenerAttributes', {
      ListenerArn: textAt(listener, 'Listeners', 0, 'ListenerArn'),
      Attributes: [{ Key: 'tcp.idle_timeout.seconds', Value: String(tcpIdleSeconds) }],
    });
    return LoadBalancerArn;
  }

  #makeEndpoint(balancer: string): string {
    const service = this.lab.act('CreateVpcEndpointServiceConfiguration', {
      GatewayLoadBalancerArns: [balancer],
      AcceptanceRequired: false,
    });
    const made = this.lab.act('CreateVpcEndpoint', {
      VpcEndpointType: 'GatewayLoadBalancer',
      VpcId: this.vpcId,
      ServiceName: textAt(service, 'ServiceConfiguration', 'ServiceName'),
      SubnetIds: [this.subnetId('endpoints')],
    });
    return textAt(made, 'VpcEndpoint', 'VpcEndpointId');
  }

  /** The address of the one node. */
  get node(): Ipv4Addr {
    const enis = [...this.lab.snapshot.enis.values()];
    const [addr] = enis.find(({ madeFor }) => madeFor?.startsWith('arn:'))?.addresses ?? [];
    assert(addr !== undefined, 'no node');
    return addr;
  }

  /** Leads what enters by the internet gateway for a subnet through the endpoint. */
  steerIngress(block: string): void {
    const table = this.#table(this.vpcId);
    this.lab.act('AssociateRouteTable', { RouteTableId: table, GatewayId: this.#gateway });
    this.#routeToEndpoint(table, block);
  }

  /** Nobody may send to the VPC any more. */
  closeDefaultGroup(vpcId: string): void {
    const { groupId } = defaultGroupOf(this.lab.snapshot, vpcId as VpcId);
    this.change('Revoke', 'Ingress', groupId, [ALL, ALL_6]);
  }

  /** Leads what a subnet sends to a block through the endpoint. */
  routeThrough(subnet: string, destination: string): void {
    const { subnetId, vpcId } = this.subnetOf(subnet);
    const table = this.#table(vpcId);
    this.lab.act('AssociateRouteTable', { RouteTableId: table, SubnetId: subnetId });
    this.#routeToEndpoint(table, destination);
  }

  #table(vpcId: string): string {
    const made = this.lab.act('CreateRouteTable', { VpcId: vpcId });
    return textAt(made, 'RouteTable', 'RouteTableId');
  }

  #routeToEndpoint(table: string, destination: string): void {
    this.act('CreateRoute', {
      RouteTableId: table,
      DestinationCidrBlock: destination,
      VpcEndpointId: this.endpoint,
    });
  }

  /** What the appliance sends back of what it got. @param change Of the datagram, in place. */
  giveBack(wrapped: Wrapped, change: (datagram: Uint8Array) => void = () => undefined): Outcome {
    const datagram = wrapped.datagram.slice();
    change(datagram);
    const own = this.address(wrapped.to);
    return this.inject(
      wrapped.to,
      ipv4Frame(this.from(wrapped.to, own, wrapped.node), UDP, datagram),
    );
  }
}

/** @returns what an appliance got. */
export function wrapped(outcome: Outcome): Wrapped {
  const got = arrival(outcome);
  return unpack(got);
}

/** @returns the parts of a frame in Geneve. */
export function unpack({ to, frame }: Delivered): Wrapped {
  const { ip: outer, upper } = dissect(frame);
  assert(upper !== null && 'destinationPort' in upper);
  assert.equal(upper.destinationPort, GENEVE_PORT);
  const datagram = frame.slice(34);
  return {
    to,
    node: outer?.source as Ipv4Addr,
    datagram,
    header: datagram.slice(8, 48),
    packet: datagram.slice(48),
  };
}
