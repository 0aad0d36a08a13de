/** A bench with security groups and network ACLs: rules in few words, packets by the names of hosts. */
import assert from 'node:assert/strict';
import type { EniId, VpcId } from '../../src/model/ids.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../src/packet/tcp.ts';
import { Bench, type BenchOptions, ip, type Outcome } from './bench.ts';
import { type Ends, echoFrame, tcpFrame, udpFrame } from './frames.ts';

export const SYN = TCP_SYN;
export const SYN_ACK = TCP_SYN | TCP_ACK;
export const ACK = TCP_ACK;
export const FIN = TCP_FIN | TCP_ACK;
export const RST = TCP_RST;

/** A rule: a protocol, and from or to whom. */
export interface Rule {
  /** `tcp`, `udp`, `icmp`, `-1` or a number. */
  readonly protocol: string;
  /** First and last port, or ICMP type and code. */
  readonly ports?: readonly [number, number];
  readonly cidr?: string;
  readonly group?: string;
  readonly list?: string;
}

export const ALL: Rule = { protocol: '-1', cidr: '0.0.0.0/0' };
export const ALL_6: Rule = { protocol: '-1', cidr: '::/0' };

/** @returns a rule for one TCP port. */
export function tcp(port: number, cidr: string): Rule {
  return { protocol: 'tcp', ports: [port, port], cidr };
}

export class FilterBench extends Bench {
  constructor(options: BenchOptions = {}) {
    super({ openGroup: false, ...options });
  }

  /** Makes a group with these rules instead of AWS's outbound one. @returns its id. */
  group(name: string, ingress: readonly Rule[], egress: readonly Rule[] = [ALL]): string {
    const groupId = this.lab.group(this.vpcId, name);
    const hasIpv6 = (this.lab.snapshot.vpcs.get(this.vpcId as VpcId)?.ipv6Cidrs.length ?? 0) > 0;
    this.change('Revoke', 'Egress', groupId, hasIpv6 ? [ALL, ALL_6] : [ALL]);
    if (ingress.length > 0) this.change('Authorize', 'Ingress', groupId, ingress);
    if (egress.length > 0) this.change('Authorize', 'Egress', groupId, egress);
    return groupId;
  }

  change(
    verb: 'Authorize' | 'Revoke',
    direction: 'Ingress' | 'Egress',
    groupId: string,
    rules: readonly Rule[],
  ): void {
    this.act(`${verb}SecurityGroup${direction}`, {
      GroupId: groupId,
      IpPermissions: rules.map(permission),
    });
  }

  /** Puts a subnet under an ACL of its own. @returns its id; it denies all until entries come. */
  acl(subnet: string): string {
    const subnetId = this.subnetId(subnet);
    const networkAclId = this.lab.acl(this.subnetOf(subnet).vpcId);
    const [association] = [...this.lab.snapshot.networkAcls.values()].flatMap((acl) =>
      acl.associations.filter((each) => each.subnetId === subnetId),
    );
    this.act('ReplaceNetworkAclAssociation', {
      AssociationId: association?.associationId,
      NetworkAclId: networkAclId,
    });
    return networkAclId;
  }

  entry(
    networkAclId: string,
    direction: 'ingress' | 'egress',
    number: number,
    action: 'allow' | 'deny',
    { protocol, ports, cidr }: Rule,
  ): void {
    const isIcmp = protocol === '1';
    const [first, last] = ports ?? [-1, -1];
    this.act('CreateNetworkAclEntry', {
      NetworkAclId: networkAclId,
      RuleNumber: number,
      RuleAction: action,
      Egress: direction === 'egress',
      Protocol: protocol,
      CidrBlock: cidr,
      ...(isIcmp ? { IcmpTypeCode: { Type: first, Code: last } } : {}),
      ...(ports !== undefined && !isIcmp ? { PortRange: { From: first, To: last } } : {}),
    });
  }

  setGroups(host: string, groups: readonly string[]): void {
    this.act('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId: this.eni(host).eniId satisfies EniId,
      Groups: [...groups],
    });
  }

  /** The ends of a packet between two hosts, as the kernel of the first would address it. */
  between(from: string, to: string, destination?: string): Ends {
    const [sender, target] = [this.eni(from), this.eni(to)];
    const [source] = sender.addresses;
    const [owner] = target.addresses;
    assert(source !== undefined && owner !== undefined, 'no IPv4 address');
    const isNear = sender.subnetId === target.subnetId && destination === undefined;
    return {
      sourceMac: sender.mac,
      destinationMac: isNear ? target.mac : this.routerMac(from),
      source,
      destination: destination === undefined ? owner : ip(destination),
    };
  }

  /** @returns what became of a segment: a counter of the ledger. */
  tcp(
    from: string,
    to: string,
    ports: readonly [source: number, destination: number],
    flags = SYN,
  ): string {
    return this.inject(from, tcpFrame(this.between(from, to), ports, flags)).counter;
  }

  udp(from: string, to: string, ports: readonly [source: number, destination: number]): string {
    return this.inject(from, udpFrame(this.between(from, to), ports)).counter;
  }

  ping(
    from: string,
    to: string,
    kind?: 'echo-request' | 'echo-reply',
    identifier?: number,
  ): string {
    return this.inject(from, echoFrame(this.between(from, to), kind, identifier)).counter;
  }

  /** Opens a TCP connection: three segments that must all be forwarded. */
  connect(from: string, to: string, port: number, source = 40_000): void {
    const steps: Outcome['counter'][] = [
      this.tcp(from, to, [source, port], SYN),
      this.tcp(to, from, [port, source], SYN_ACK),
      this.tcp(from, to, [source, port], ACK),
    ];
    assert.deepEqual(steps, ['forwarded', 'forwarded', 'forwarded']);
  }
}

function rangeOf(cidr: string): object {
  return cidr.includes(':')
    ? { Ipv6Ranges: [{ CidrIpv6: cidr }] }
    : { IpRanges: [{ CidrIp: cidr }] };
}

function permission({ protocol, ports, cidr, group, list }: Rule): object {
  return {
    IpProtocol: protocol,
    ...(ports === undefined ? {} : { FromPort: ports[0], ToPort: ports[1] }),
    ...(cidr === undefined ? {} : rangeOf(cidr)),
    ...(group === undefined ? {} : { UserIdGroupPairs: [{ GroupId: group }] }),
    ...(list === undefined ? {} : { PrefixListIds: [{ PrefixListId: list }] }),
  };
}
