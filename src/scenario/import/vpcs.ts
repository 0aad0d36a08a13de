/** VPCs with their blocks, attributes and DHCP options, and subnets, from AWS's answers. */
import { zonesOf } from '../../model/zones.ts';
import type { LabFileVpc } from '../file/schema-network.ts';
import { DEFAULT } from '../lab-filters.ts';
import type { AwsDhcpOptions, AwsSubnet, AwsVpc } from './aws-shapes.ts';
import { blockText, type ImportContext, isMarked, splitKey } from './context.ts';
import { isThere } from './ipv6.ts';
import { networkAclOf } from './network-acls.ts';
import { routeTableOf } from './routes.ts';

/** @returns the VPC without its filters and route tables. */
export function importVpc(vpc: AwsVpc, name: string, context: ImportContext): LabFileVpc {
  const { records, leftOut } = context;
  const secondary = vpc.CidrBlockAssociationSet.filter(
    ({ CidrBlock, CidrBlockState }) => CidrBlock !== vpc.CidrBlock && isThere(CidrBlockState),
  ).map(({ CidrBlock }) => blockText(CidrBlock));
  const attributes = records.vpcAttributes.filter(({ VpcId }) => VpcId === vpc.VpcId);
  const support = attributes.find((each) => each.EnableDnsSupport)?.EnableDnsSupport?.Value;
  const hostnames = attributes.find((each) => each.EnableDnsHostnames)?.EnableDnsHostnames?.Value;
  const ipv6 = context.ipv6.vpcs.get(vpc.VpcId);
  const dhcpOptions = importDhcpOptions(vpc, name, context);
  if (vpc.IsDefault) {
    leftOut.push({
      what: `the default VPC, as VPC ${name}`,
      id: vpc.VpcId,
      reason: 'a lab file makes no default VPC, so it is one like any other',
    });
  }
  const primary = blockText(vpc.CidrBlock);
  return {
    cidr: secondary.length === 0 ? primary : [primary, ...secondary],
    ...(ipv6 === undefined ? {} : { ipv6 }),
    ...(support === false ? { enableDnsSupport: false } : {}),
    ...((hostnames ?? vpc.IsDefault) ? { enableDnsHostnames: true } : {}),
    ...(dhcpOptions === null ? {} : { dhcpOptions }),
    subnets: importSubnets(vpc, context),
  };
}

/** AWS's names of options to those of a lab file; `list` where several values are taken. */
const DHCP_FIELDS: Readonly<
  Record<string, readonly [field: string, kind: 'text' | 'number' | 'list']>
> = {
  'domain-name': ['domainName', 'text'],
  'domain-name-servers': ['domainNameServers', 'list'],
  'ntp-servers': ['ntpServers', 'list'],
  'netbios-name-servers': ['netbiosNameServers', 'list'],
  'netbios-node-type': ['netbiosNodeType', 'number'],
  'ipv6-address-preferred-lease-time': ['ipv6AddressPreferredLeaseTime', 'number'],
};

/** @returns null for the options that every new VPC of the region has. */
function importDhcpOptions(
  { DhcpOptionsId: id, VpcId }: AwsVpc,
  vpc: string,
  context: ImportContext,
): LabFileVpc['dhcpOptions'] | null {
  const { records, leftOut, facts } = context;
  if (id === undefined || id === DEFAULT) return id === undefined ? null : DEFAULT;
  const options = records.dhcpOptions.get(id);
  if (options === undefined) {
    const reason = `${id} is not in the input, so it has those of the region`;
    leftOut.push({ what: `DHCP options of VPC ${vpc}`, id: VpcId, reason });
    return null;
  }
  if (!isMarked(options.Tags) && isOfRegion(options, facts.regionOfVpc.get(VpcId) ?? facts.region))
    return null;
  const fields: Record<string, unknown> = {};
  for (const { Key, Values } of options.DhcpConfigurations) {
    const known = DHCP_FIELDS[Key];
    const values = Values.map(({ Value }) => Value);
    if (known === undefined) {
      const reason = 'a lab file has no such option';
      leftOut.push({ what: `DHCP option ${Key} of VPC ${vpc}`, id, reason });
    } else if (known[1] === 'list') fields[known[0]] = values;
    else fields[known[0]] = known[1] === 'text' ? values.join(' ') : Number(values[0]);
  }
  context.ids.set(['vpcs', vpc, 'dhcpOptions'].join('.'), id);
  return fields;
}

/** DHCP-8. */
function isOfRegion({ DhcpConfigurations }: AwsDhcpOptions, region: string): boolean {
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  const texts = DhcpConfigurations.map(
    ({ Key, Values }) => `${Key}=${Values.map(({ Value }) => Value).join(',')}`,
  );
  const wanted = [`domain-name=${domain}`, 'domain-name-servers=AmazonProvidedDNS'];
  return texts.toSorted().join(' ') === wanted.toSorted().join(' ');
}

function importSubnets(vpc: AwsVpc, context: ImportContext): LabFileVpc['subnets'] {
  const { records, names } = context;
  const subnets: LabFileVpc['subnets'] = {};
  for (const [id, subnet] of records.subnets) {
    const key = names.subnets.get(id);
    if (subnet.VpcId !== vpc.VpcId || key === undefined) continue;
    const [vpcName, name] = splitKey(key);
    subnets[name] = importSubnet(subnet, key, context);
    context.ids.set(['vpcs', vpcName, 'subnets', name].join('.'), id);
  }
  return subnets;
}

function importSubnet(
  subnet: AwsSubnet,
  key: string,
  context: ImportContext,
): LabFileVpc['subnets'][string] {
  const { facts } = context;
  const region = facts.regionOfVpc.get(subnet.VpcId) ?? facts.region;
  const [firstZone] = region === facts.region ? facts.zones : zonesOf(region);
  const { SubnetId: id, CidrBlock, AvailabilityZone } = subnet;
  const ipv6 = context.ipv6.subnets.get(id);
  const reservations = importReservations(id, key, context);
  const routeTable = routeTableOf(id, context);
  const networkAcl = networkAclOf(id, context);
  return {
    ...(CidrBlock === undefined ? {} : { cidr: blockText(CidrBlock) }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
    ...(AvailabilityZone === firstZone ? {} : { zone: AvailabilityZone }),
    ...(routeTable === null ? {} : { routeTable }),
    ...(networkAcl === DEFAULT ? {} : { networkAcl }),
    ...(subnet.MapPublicIpOnLaunch ? { mapPublicIpOnLaunch: true } : {}),
    ...(subnet.EnableDns64 ? { dns64: true } : {}),
    ...(reservations.length === 0 ? {} : { reservations }),
  };
}

/** AWS makes them by their own call, and so they are answers of their own. */
function importReservations(
  subnetId: string,
  key: string,
  { records, leftOut }: ImportContext,
): NonNullable<LabFileVpc['subnets'][string]['reservations']> {
  const own = records.cidrReservations.filter(({ SubnetId }) => SubnetId === subnetId);
  return own.flatMap(({ Cidr, ReservationType: type }) => {
    if (!Cidr.includes(':') && (type === 'prefix' || type === 'explicit')) {
      return [{ cidr: blockText(Cidr), type }];
    }
    const reason = 'a lab file reserves IPv4 blocks, as prefix or explicit';
    leftOut.push({ what: `${type} reservation of ${Cidr} in subnet ${key}`, id: subnetId, reason });
    return [];
  });
}
