/** Plans VPCs with their blocks, attributes and DHCP options, and subnets with their reservations. */
import { cidrEquals, formatCidr } from '../../addr/cidr.ts';
import { formatIpv4 } from '../../addr/ipv4.ts';
import { formatIpv6 } from '../../addr/ipv6.ts';
import { DEFAULT_IPV6_LEASE_TIME_S } from '../../model/dhcp.ts';
import { isSameRealm, type Realm } from '../../model/realm.ts';
import type { DhcpOptions, Subnet, Vpc } from '../../model/records.ts';
import type { LabDhcpOptions, LabSubnet, LabVpc } from '../lab.ts';
import { creationReason, kept, type PlanContext, realmOf } from './context.ts';
import { planSubnetIpv6, planVpcIpv6, vpcIpv6Input } from './ipv6.ts';
import { reference, tagSpecifications } from './planned-action.ts';

export function planVpcs(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  plan.nextStage();
  for (const vpc of lab.vpcs.values()) {
    if (kept(current.vpcs, departures.vpcs, vpc.name) !== undefined) continue;
    const [primary] = vpc.cidrs;
    plan.add(
      'CreateVpc',
      {
        CidrBlock: primary === undefined ? '' : formatCidr(primary),
        ...vpcIpv6Input(vpc.ipv6),
        ...tagSpecifications('vpc', vpc.name, lab.name),
      },
      {
        realm: vpc.realm,
        subject: `VPC ${vpc.name}`,
        reason: creationReason(departures.vpcs, vpc.name),
      },
      [{ name: `vpc:${vpc.name}`, at: ['Vpc', 'VpcId'] }],
    );
  }
  plan.nextStage();
  for (const vpc of lab.vpcs.values()) {
    const now = kept(current.vpcs, departures.vpcs, vpc.name);
    planBlocks(vpc, now, context);
    planAttributes(vpc, now, context);
  }
  planVpcIpv6(context);
  for (const vpc of lab.vpcs.values()) {
    planDhcpOptions(vpc, kept(current.vpcs, departures.vpcs, vpc.name), context);
  }
}

function planBlocks(vpc: LabVpc, now: Vpc | undefined, { plan }: PlanContext): void {
  for (const cidr of vpc.cidrs.slice(1)) {
    if (now?.cidrs.some((each) => cidrEquals(each.cidr, cidr)) === true) continue;
    const input = { VpcId: reference('vpc', vpc.name), CidrBlock: formatCidr(cidr) };
    const reason = `block ${formatCidr(cidr)} is not there yet`;
    const { realm, name } = vpc;
    plan.add('AssociateVpcCidrBlock', input, { realm, subject: `VPC ${name}`, reason });
  }
}

function planAttributes(vpc: LabVpc, now: Vpc | undefined, { plan }: PlanContext): void {
  const VpcId = reference('vpc', vpc.name);
  const subject = `VPC ${vpc.name}`;
  const { realm } = vpc;
  // AWS's defaults of a new VPC; it takes one attribute a request.
  if (vpc.enableDnsSupport !== (now?.enableDnsSupport ?? true)) {
    const input = { VpcId, EnableDnsSupport: { Value: vpc.enableDnsSupport } };
    plan.add('ModifyVpcAttribute', input, {
      realm,
      subject,
      reason: `enableDnsSupport: ${vpc.enableDnsSupport}`,
    });
  }
  if (vpc.enableDnsHostnames !== (now?.enableDnsHostnames ?? false)) {
    const input = { VpcId, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } };
    plan.add('ModifyVpcAttribute', input, {
      realm,
      subject,
      reason: `enableDnsHostnames: ${vpc.enableDnsHostnames}`,
    });
  }
}

function planDhcpOptions(vpc: LabVpc, now: Vpc | undefined, context: PlanContext): void {
  const { lab, current, plan } = context;
  const made = current.dhcpOptions.get(vpc.name);
  const subject = `VPC ${vpc.name}`;
  const VpcId = reference('vpc', vpc.name);
  const { dhcpOptions, realm } = vpc;
  if (dhcpOptions === null || dhcpOptions === 'default') {
    const usesOwn = made !== undefined && now?.dhcpOptionsId === made.dhcpOptionsId;
    const DhcpOptionsId = dhcpOptions ?? regionOptions(context, realm);
    if (dhcpOptions === null ? usesOwn : now?.dhcpOptionsId !== 'default') {
      const reason =
        dhcpOptions === null
          ? 'its DHCP options are not in the lab file any more'
          : 'no DHCP options';
      plan.add('AssociateDhcpOptions', { VpcId, DhcpOptionsId }, { realm, subject, reason });
    }
    return;
  }
  if (
    made !== undefined &&
    sameOptions(made, dhcpOptions) &&
    now?.dhcpOptionsId === made.dhcpOptionsId
  ) {
    return;
  }
  // Option sets are immutable (DHCP-9): a change is a new one; the old one goes at the end.
  const reason = made === undefined ? 'not there yet' : 'its DHCP options changed';
  plan.nextStage();
  plan.add(
    'CreateDhcpOptions',
    {
      DhcpConfigurations: configurationsOf(dhcpOptions),
      ...tagSpecifications('dhcp-options', vpc.name, lab.name),
    },
    { realm, subject: `DHCP options of VPC ${vpc.name}`, reason },
    [{ name: `dhcpOptions:${vpc.name}`, at: ['DhcpOptions', 'DhcpOptionsId'] }],
  );
  plan.nextStage();
  const DhcpOptionsId = reference('dhcpOptions', vpc.name);
  plan.add('AssociateDhcpOptions', { VpcId, DhcpOptionsId }, { realm, subject, reason });
}

/** The region's own options are those that no lab file made. */
function regionOptions({ current }: PlanContext, realm: Realm): string {
  const own = new Set([...current.dhcpOptions.values()].map((each) => each.dhcpOptionsId));
  const region = current.fabric?.regions.find((each) => isSameRealm(each, realm));
  const ids = [...(region?.dhcpOptions.keys() ?? [])];
  return ids.find((id) => !own.has(id)) ?? 'default';
}

function configurationsOf(options: LabDhcpOptions): { Key: string; Values: string[] }[] {
  const { netbiosNodeType, ipv6LeaseTimeS } = options;
  return [
    { Key: 'domain-name', Values: options.domainName === null ? [] : [options.domainName] },
    { Key: 'domain-name-servers', Values: [...options.domainNameServers] },
    { Key: 'ntp-servers', Values: [...options.ntpServers] },
    { Key: 'netbios-name-servers', Values: [...options.netbiosNameServers] },
    { Key: 'netbios-node-type', Values: netbiosNodeType === null ? [] : [String(netbiosNodeType)] },
    {
      Key: 'ipv6-address-preferred-lease-time',
      Values: ipv6LeaseTimeS === DEFAULT_IPV6_LEASE_TIME_S ? [] : [String(ipv6LeaseTimeS)],
    },
  ].filter(({ Values }) => Values.length > 0);
}

function sameOptions(made: DhcpOptions, wanted: LabDhcpOptions): boolean {
  const text = (address: DhcpOptions['domainNameServers'][number]) => {
    if (typeof address === 'string') return address;
    return typeof address === 'number' ? formatIpv4(address) : formatIpv6(address);
  };
  const now: LabDhcpOptions = {
    domainName: made.domainName,
    domainNameServers: made.domainNameServers.map(text),
    ntpServers: made.ntpServers.map(text),
    netbiosNameServers: made.netbiosNameServers.map(text),
    netbiosNodeType: made.netbiosNodeType,
    ipv6LeaseTimeS: made.ipv6PreferredLeaseTimeS,
  };
  return JSON.stringify(configurationsOf(now)) === JSON.stringify(configurationsOf(wanted));
}

export function planSubnets(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  plan.nextStage();
  for (const subnet of lab.subnets.values()) {
    if (kept(current.subnets, departures.subnets, subnet.key) !== undefined) continue;
    plan.add(
      'CreateSubnet',
      {
        VpcId: reference('vpc', subnet.vpc),
        ...(subnet.cidr === null ? { Ipv6Native: true } : { CidrBlock: formatCidr(subnet.cidr) }),
        ...(subnet.ipv6 === null ? {} : { Ipv6CidrBlock: formatCidr(subnet.ipv6) }),
        AvailabilityZone: subnet.zone,
        ...tagSpecifications('subnet', subnet.name, lab.name),
      },
      {
        realm: realmOf(context, subnet.vpc),
        subject: `subnet ${subnet.key}`,
        reason: creationReason(departures.subnets, subnet.key),
      },
      [{ name: `subnet:${subnet.key}`, at: ['Subnet', 'SubnetId'] }],
    );
  }
  plan.nextStage();
  planSubnetIpv6(context);
  for (const subnet of lab.subnets.values()) {
    const now = kept(current.subnets, departures.subnets, subnet.key);
    planReservations(subnet, now, context);
    planSubnetSwitches(subnet, now, context);
  }
}

/** A call for each attribute, as AWS wants it. */
function planSubnetSwitches(
  { key, mapPublicIpOnLaunch, dns64 }: LabSubnet,
  now: Subnet | undefined,
  context: PlanContext,
): void {
  const { plan } = context;
  const place = { realm: realmOf(context, key), subject: `subnet ${key}` };
  const SubnetId = reference('subnet', key);
  if (mapPublicIpOnLaunch !== (now?.mapPublicIpOnLaunch ?? false)) {
    const input = { SubnetId, MapPublicIpOnLaunch: { Value: mapPublicIpOnLaunch } };
    const reason = `mapPublicIpOnLaunch: ${mapPublicIpOnLaunch}`;
    plan.add('ModifySubnetAttribute', input, { ...place, reason });
  }
  if (dns64 !== (now?.enableDns64 ?? false)) {
    const input = { SubnetId, EnableDns64: { Value: dns64 } };
    plan.add('ModifySubnetAttribute', input, { ...place, reason: `dns64: ${dns64}` });
  }
}

function planReservations(subnet: LabSubnet, now: Subnet | undefined, context: PlanContext): void {
  const { plan } = context;
  const realm = realmOf(context, subnet.vpc);
  const subject = `subnet ${subnet.key}`;
  const textOf = (each: {
    readonly cidr: Subnet['reservations'][number]['cidr'];
    readonly type: string;
  }) => `${each.type} ${formatCidr(each.cidr)}`;
  const wanted = new Set(subnet.reservations.map(textOf));
  const existing = new Set(now?.reservations.map(textOf));
  for (const reservation of now?.reservations ?? []) {
    if (wanted.has(textOf(reservation))) continue;
    const reason = `reservation ${textOf(reservation)} is not in the lab file any more`;
    const input = { SubnetCidrReservationId: reservation.reservationId };
    plan.add('DeleteSubnetCidrReservation', input, { realm, subject, reason });
  }
  for (const reservation of subnet.reservations) {
    if (existing.has(textOf(reservation))) continue;
    plan.add(
      'CreateSubnetCidrReservation',
      {
        SubnetId: reference('subnet', subnet.key),
        Cidr: formatCidr(reservation.cidr),
        ReservationType: reservation.type,
      },
      { realm, subject, reason: `reservation ${textOf(reservation)} is not there yet` },
    );
  }
}
