/** A region in memory for the tests of actions: what a client would see of it, without the wire. */
import assert from 'node:assert/strict';
import type {
  ActionEnvironment,
  ActionInput,
  ActionOutput,
  NewKeyPair,
  Observer,
} from '../../src/actions/action.ts';
import { ApiError } from '../../src/actions/api-error.ts';
import { addAwsPrefixLists } from '../../src/actions/filters/aws-prefix-lists.ts';

import { createIdSource, type IdSource } from '../../src/actions/ids.ts';
import { OTHER_SERVICE_ACTIONS } from '../../src/actions/other-services/table.ts';

import { performAction } from '../../src/actions/table.ts';
import { encodeAnswer } from '../../src/api/encode.ts';
import { actionEnvironment } from '../../src/engine/action-environment.ts';
import type { ImageId, VpcId } from '../../src/model/ids.ts';
import { ownImage } from '../../src/model/images.ts';
import { defaultGroupOf } from '../../src/model/lookups/filters.ts';
import {
  DEFAULT_QUOTAS,
  DEFAULT_SETTINGS,
  type FabricSettings,
  type Quotas,
  type RuleSet,
} from '../../src/model/settings.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { emptySnapshot, Store } from '../../src/model/store.ts';

export const IMAGE: ImageId = 'ami-00000000000000001';
export const NOW_MS = Date.UTC(2020, 4, 1, 12);

/** The key pair that a lab of tests makes: always the same, and nobody's. */
const KEY_PAIR: NewKeyPair = {
  privateKey: '-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n',
  publicKey: 'ssh-rsa AAAA',
  fingerprint: '00:11:22',
};

export interface LabOptions {
  readonly rules?: RuleSet;
  readonly quotas?: Partial<Quotas>;
  readonly settings?: Partial<FabricSettings>;
  readonly region?: string;
  readonly accountId?: string;
  /** The region has AWS's own prefix lists. */
  readonly hasAwsLists?: boolean;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

export class Lab {
  readonly store: Store;
  nowMs = NOW_MS;
  /** Of a lab where every running instance is well and silent. */
  observer: Observer = {
    health: (id) =>
      this.snapshot.instances.get(id)?.state === 'running' ? 'ok' : 'not-applicable',
    consoleOutput: () => '',
    findPath: () => null,
  };
  readonly #ids: IdSource;

  constructor(options: LabOptions = {}) {
    const { rules = '2020', quotas = {}, settings = {}, ...realm } = options;
    const { region = 'us-east-1', accountId = '123456789012' } = realm;
    this.#ids = createIdSource(`test${realm.accountId ?? ''}${realm.region ?? ''}`);
    const empty = emptySnapshot({
      region,
      availabilityZones: [`${region}a`, `${region}b`],
      accountId,
      rules,
      settings: { ...DEFAULT_SETTINGS, ...settings },
      quotas: { ...DEFAULT_QUOTAS, ...quotas },
    });
    const images = new Map([...empty.images, [IMAGE, ownImage(IMAGE, 'linux')]]);
    this.store = new Store({ ...empty, images });
    if (options.hasAwsLists === true) this.store.edit((draft) => addAwsPrefixLists({ draft }));
  }

  get snapshot(): Snapshot {
    return this.store.snapshot;
  }

  /** What actions get from outside of the model. */
  get environment(): ActionEnvironment {
    return {
      ...actionEnvironment(this.#ids, this.nowMs, this.observer),
      newKeyPair: () => KEY_PAIR,
    };
  }

  act(name: string, input: ActionInput = {}): ActionOutput {
    const output = performAction(this.store, name, input, this.environment);
    // Throws when AWS's model has no place for something in the answer.
    if (!OTHER_SERVICE_ACTIONS.has(name)) encodeAnswer(name, output, 'test');
    return output;
  }

  /** The default group of the VPC lets everything in. */
  openDefaultGroup(vpcId: string): void {
    const { groupId } = defaultGroupOf(this.snapshot, vpcId as VpcId);
    this.act('AuthorizeSecurityGroupIngress', {
      GroupId: groupId,
      IpPermissions: [
        {
          IpProtocol: '-1',
          IpRanges: [{ CidrIp: '0.0.0.0/0' }],
          Ipv6Ranges: [{ CidrIpv6: '::/0' }],
        },
      ],
    });
  }

  /** Performs an action that must be refused and must change nothing. */
  refuse(name: string, input: ActionInput = {}): Refusal {
    const before = this.snapshot;
    try {
      this.act(name, input);
    } catch (error) {
      assert(error instanceof ApiError, `${name} threw ${String(error)}`);
      assert.equal(this.snapshot, before, `${name} was refused and changed the model`);
      return { code: error.code, message: error.message, status: error.status };
    }
    return assert.fail(`${name} ${JSON.stringify(input)} was not refused`);
  }

  vpc(cidr = '10.0.0.0/16', more: ActionInput = {}): string {
    return textAt(this.act('CreateVpc', { CidrBlock: cidr, ...more }), 'Vpc', 'VpcId');
  }

  /** @param cidr null: an IPv6-only subnet. */
  subnet(vpcId: string, cidr: string | null, more: ActionInput = {}): string {
    const kind = cidr === null ? { Ipv6Native: true } : { CidrBlock: cidr };
    const output = this.act('CreateSubnet', { VpcId: vpcId, ...kind, ...more });
    return textAt(output, 'Subnet', 'SubnetId');
  }

  eni(subnetId: string, more: ActionInput = {}): string {
    const output = this.act('CreateNetworkInterface', { SubnetId: subnetId, ...more });
    return textAt(output, 'NetworkInterface', 'NetworkInterfaceId');
  }

  instance(subnetId: string, more: ActionInput = {}): string {
    const input = { ImageId: IMAGE, MinCount: 1, MaxCount: 1, SubnetId: subnetId, ...more };
    return textAt(this.act('RunInstances', input), 'Instances', 0, 'InstanceId');
  }

  /** A new security group. */
  group(vpcId: string, name: string, more: ActionInput = {}): string {
    const input = { VpcId: vpcId, GroupName: name, Description: name, ...more };
    return textAt(this.act('CreateSecurityGroup', input), 'GroupId');
  }

  /** A new network ACL. */
  acl(vpcId: string): string {
    const output = this.act('CreateNetworkAcl', { VpcId: vpcId });
    return textAt(output, 'NetworkAcl', 'NetworkAclId');
  }

  /** A new IPv4 prefix list with these entries. */
  prefixList(cidrs: readonly string[], more: ActionInput = {}): string {
    const output = this.act('CreateManagedPrefixList', {
      PrefixListName: 'list',
      AddressFamily: 'IPv4',
      MaxEntries: 10,
      Entries: cidrs.map((Cidr) => ({ Cidr })),
      ...more,
    });
    return textAt(output, 'PrefixList', 'PrefixListId');
  }

  /** A new flow log of a VPC. */
  flowLog(vpcId: string, more: ActionInput = {}): string {
    const output = this.act('CreateFlowLogs', {
      ResourceIds: [vpcId],
      ResourceType: 'VPC',
      TrafficType: 'ALL',
      LogGroupName: 'flows',
      ...more,
    });
    return textAt(output, 'FlowLogIds', 0);
  }

  /** Adds an inbound rule and returns its id. */
  allow(GroupId: string, permission: ActionInput): string {
    const input = { GroupId, IpPermissions: [permission] };
    const output = this.act('AuthorizeSecurityGroupIngress', input);
    return textAt(output, 'SecurityGroupRules', 0, 'SecurityGroupRuleId');
  }

  /** The rules of a group as `in|out protocol from-to peer`. */
  rules(groupId: string): string[] {
    const output = this.act('DescribeSecurityGroupRules', {
      Filters: [{ Name: 'group-id', Values: [groupId] }],
    });
    return listAt(output, 'SecurityGroupRules').map((rule) => {
      const peer =
        at(rule, 'CidrIpv4') ??
        at(rule, 'CidrIpv6') ??
        at(rule, 'PrefixListId') ??
        at(rule, 'ReferencedGroupInfo', 'GroupId');
      const direction = at(rule, 'IsEgress') === true ? 'out' : 'in';
      const ports = `${at(rule, 'FromPort')}-${at(rule, 'ToPort')}`;
      return `${direction} ${at(rule, 'IpProtocol')} ${ports} ${peer}`;
    });
  }

  /** A new internet gateway, attached to the VPC. */
  internetGateway(vpcId: string): string {
    const output = this.act('CreateInternetGateway');
    const id = textAt(output, 'InternetGateway', 'InternetGatewayId');
    this.act('AttachInternetGateway', { InternetGatewayId: id, VpcId: vpcId });
    return id;
  }

  /** A new elastic address. @returns its allocation id. */
  elasticAddress(more: ActionInput = {}): string {
    return textAt(this.act('AllocateAddress', more), 'AllocationId');
  }

  /** A new private NAT gateway. */
  natGateway(subnetId: string, more: ActionInput = { ConnectivityType: 'private' }): string {
    const output = this.act('CreateNatGateway', { SubnetId: subnetId, ...more });
    return textAt(output, 'NatGateway', 'NatGatewayId');
  }

  /** A new virtual private gateway; attached when a VPC is given. */
  vpnGateway(vpcId?: string): string {
    const output = this.act('CreateVpnGateway', { Type: 'ipsec.1' });
    const id = textAt(output, 'VpnGateway', 'VpnGatewayId');
    if (vpcId !== undefined) this.act('AttachVpnGateway', { VpnGatewayId: id, VpcId: vpcId });
    return id;
  }

  customerGateway(IpAddress = '203.0.113.1'): string {
    const output = this.act('CreateCustomerGateway', { Type: 'ipsec.1', IpAddress });
    return textAt(output, 'CustomerGateway', 'CustomerGatewayId');
  }

  /** A new VPN connection with static routes. */
  vpnConnection(vpnGatewayId: string, customerGatewayId: string): string {
    const output = this.act('CreateVpnConnection', {
      Type: 'ipsec.1',
      VpnGatewayId: vpnGatewayId,
      CustomerGatewayId: customerGatewayId,
      Options: { StaticRoutesOnly: true },
    });
    return textAt(output, 'VpnConnection', 'VpnConnectionId');
  }

  /** A new request for a peering. */
  peering(vpcId: string, peerVpcId: string): string {
    const output = this.act('CreateVpcPeeringConnection', { VpcId: vpcId, PeerVpcId: peerVpcId });
    return textAt(output, 'VpcPeeringConnection', 'VpcPeeringConnectionId');
  }

  /** A new VPC endpoint of a service of AWS, such as `s3`. */
  endpoint(vpcId: string, service: string, more: ActionInput = {}): string {
    const ServiceName = `com.amazonaws.${this.snapshot.region}.${service}`;
    const output = this.act('CreateVpcEndpoint', { VpcId: vpcId, ServiceName, ...more });
    return textAt(output, 'VpcEndpoint', 'VpcEndpointId');
  }

  /** The security group that a VPC was made with. */
  defaultGroup(vpcId: string): string {
    const output = this.act('DescribeSecurityGroups', {
      Filters: [
        { Name: 'vpc-id', Values: [vpcId] },
        { Name: 'group-name', Values: ['default'] },
      ],
    });
    return textAt(output, 'SecurityGroups', 0, 'GroupId');
  }

  /** The primary interface of an instance. */
  primaryEni(instanceId: string): string {
    const output = this.act('DescribeInstances', { InstanceIds: [instanceId] });
    return textAt(
      output,
      ...['Reservations', 0, 'Instances', 0, 'NetworkInterfaces', 0, 'NetworkInterfaceId'],
    );
  }

  mainTable(vpcId: string): string {
    const output = this.act('DescribeRouteTables', {
      Filters: [
        { Name: 'vpc-id', Values: [vpcId] },
        { Name: 'association.main', Values: ['true'] },
      ],
    });
    return textAt(output, 'RouteTables', 0, 'RouteTableId');
  }

  /** The routes of a table as `destination target state`. */
  routes(routeTableId: string): string[] {
    const output = this.act('DescribeRouteTables', { RouteTableIds: [routeTableId] });
    return listAt(output, 'RouteTables', 0, 'Routes').map((route) => {
      const target =
        at(route, 'GatewayId') ??
        at(route, 'NetworkInterfaceId') ??
        at(route, 'NatGatewayId') ??
        at(route, 'EgressOnlyInternetGatewayId') ??
        at(route, 'CarrierGatewayId') ??
        at(route, 'VpcPeeringConnectionId') ??
        at(route, 'TransitGatewayId');
      const destination =
        at(route, 'DestinationCidrBlock') ??
        at(route, 'DestinationIpv6CidrBlock') ??
        at(route, 'DestinationPrefixListId');
      return `${destination} ${target} ${at(route, 'State')}`;
    });
  }

  /** The addresses of an interface, the primary first. */
  addresses(eniId: string): unknown[] {
    const output = this.act('DescribeNetworkInterfaces', { NetworkInterfaceIds: [eniId] });
    return listAt(output, 'NetworkInterfaces', 0, 'PrivateIpAddresses').map((each) =>
      at(each, 'PrivateIpAddress'),
    );
  }
}

/** @returns what an answer holds at a path of members and list indexes, or undefined. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Reflect.get(current, key);
  }
  return current;
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const text = at(value, ...path);
  assert(typeof text === 'string', `no text at ${path.join('.')}`);
  return text;
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): unknown[] {
  const list = at(value, ...path);
  assert(Array.isArray(list), `no list at ${path.join('.')}`);
  return list;
}
