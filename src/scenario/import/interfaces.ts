/** Instances and interfaces, from AWS's answers. */
import { ipv6Contains, parseIpv6Cidr } from '../../addr/cidr.ts';
import { parseIpv6 } from '../../addr/ipv6.ts';
import type { LabFileInstance, LabFileInterface } from '../file/schema-instances.ts';
import { DEFAULT } from '../lab-filters.ts';
import type { AwsInstance, AwsInterface } from './aws-shapes.ts';
import { type ImportContext, splitKey } from './context.ts';
import { launchFieldsOf } from './launch.ts';
import { nameAll, nameTag } from './names.ts';
import type { AwsRecords } from './records.ts';
import { roleOfInstance } from './roles.ts';

const LAST_DEVICE = 15;

export interface ImportedInterfaces {
  readonly instances: Record<string, LabFileInstance>;
  readonly interfaces: Record<string, LabFileInterface>;
  /** What routes and flow logs call an interface, by its id: `floating`, or `r1.eth0`. */
  readonly interfaceNames: ReadonlyMap<string, string>;
}

export function importInterfaces(context: ImportContext): ImportedInterfaces {
  const enis = allInterfaces(context);
  const instances: Record<string, LabFileInstance> = {};
  const interfaceNames = new Map<string, string>();
  for (const [id, instance] of context.records.instances) {
    const name = context.names.instances.get(id);
    if (name === undefined) continue;
    const primary = enis.find(({ Attachment }) => isFirstOf(Attachment, id));
    const imported = importInstance(instance, primary, name, context);
    if (imported === null || primary === undefined) continue;
    instances[name] = imported;
    interfaceNames.set(primary.NetworkInterfaceId, `${name}.eth0`);
    context.ids.set(`instances.${name}`, id);
  }
  const others = enis.filter(({ NetworkInterfaceId: id, Attachment }) => {
    const owner = Attachment?.InstanceId;
    const isLost =
      owner !== undefined && isFirstOf(Attachment, owner) && context.records.instances.has(owner);
    return !interfaceNames.has(id) && !isLost;
  });
  const interfaces = importOthers(others, instances, context, interfaceNames);
  return { instances, interfaces, interfaceNames };
}

type Attachment = AwsInterface['Attachment'];

function isFirstOf(attachment: Attachment, instanceId: string): boolean {
  if (attachment === undefined) return false;
  const { InstanceId, DeviceIndex, NetworkCardIndex } = attachment;
  return InstanceId === instanceId && DeviceIndex === 0 && NetworkCardIndex === 0;
}

/** Those that DescribeNetworkInterfaces tells, and those that only DescribeInstances does. */
function allInterfaces({ records }: ImportContext): AwsInterface[] {
  const own = [...records.instances.values()].flatMap(({ InstanceId, NetworkInterfaces }) =>
    NetworkInterfaces.filter((each) => !records.interfaces.has(each.NetworkInterfaceId)).map(
      (each): AwsInterface => ({
        ...each,
        Attachment: each.Attachment && { ...each.Attachment, InstanceId },
        RequesterManaged: false,
        TagSet: [],
      }),
    ),
  );
  return [...records.interfaces.values(), ...own];
}

const GONE: ReadonlySet<string> = new Set(['terminated', 'shutting-down']);

/** @returns null when a lab file cannot have it, which was told. */
function importInstance(
  instance: AwsInstance,
  primary: AwsInterface | undefined,
  name: string,
  context: ImportContext,
): LabFileInstance | null {
  const { leftOut, facts } = context;
  const { InstanceId: id, InstanceType: type, State } = instance;
  const what = `instance ${name}`;
  if (GONE.has(State?.Name ?? '')) return null;
  if (primary === undefined) {
    leftOut.push({ what, id, reason: 'its first interface is not in the input' });
    return null;
  }
  const addressing = addressingOf(primary, what, id, context);
  if (addressing === null) return null;
  if (State?.Name === 'stopped' || State?.Name === 'stopping') {
    leftOut.push({ what: `state of ${what}`, id, reason: 'it is stopped; a lab file starts it' });
  }
  const {
    content: { image, ...content },
    lost,
  } = facts.contentOf(instance);
  if (lost !== null) leftOut.push({ what: `what runs in ${what}`, id, reason: lost });
  const role = roleOfInstance(instance);
  return {
    ...(image === undefined ? {} : { image }),
    ...addressing,
    ...publicAddressOf(primary, context),
    ...(role === undefined ? {} : { role }),
    ...(type === undefined ? {} : { type }),
    ...launchFieldsOf(instance),
    ...content,
  };
}

/** An address by itself, where the subnet gives none. */
function publicAddressOf(
  { Association, SubnetId = '' }: AwsInterface,
  { records }: ImportContext,
): Pick<LabFileInstance, 'publicAddress'> {
  const isOfSubnet = records.subnets.get(SubnetId)?.MapPublicIpOnLaunch === true;
  return Association?.IpOwnerId === 'amazon' && !isOfSubnet ? { publicAddress: 'auto' } : {};
}

function importOthers(
  enis: readonly AwsInterface[],
  instances: Readonly<Record<string, LabFileInstance>>,
  context: ImportContext,
  interfaceNames: Map<string, string>,
): Record<string, LabFileInterface> {
  const { names, leftOut, ids } = context;
  const own = enis.filter((eni) => isOwn(eni, context));
  const ownerOf = ({ Attachment }: AwsInterface): string | null => {
    const name = names.instances.get(Attachment?.InstanceId ?? '');
    return name !== undefined && Object.hasOwn(instances, name) ? name : null;
  };
  const given = nameAll(
    own.map((eni) => {
      const owner = ownerOf(eni);
      const device = owner === null ? null : `${owner}-eth${eni.Attachment?.DeviceIndex}`;
      return { id: eni.NetworkInterfaceId, wish: nameTag(eni.TagSet) ?? device };
    }),
    new Set(['none', ...names.instances.values()]),
  );
  const interfaces: Record<string, LabFileInterface> = {};
  for (const eni of own) {
    const id = eni.NetworkInterfaceId;
    const name = given.get(id) ?? id;
    const what = `interface ${name}`;
    const owner = ownerOf(eni);
    const device = eni.Attachment?.DeviceIndex;
    const fields = addressingOf(eni, what, id, context);
    if (fields === null) continue;
    if (owner === null && eni.Attachment !== undefined) {
      const where = eni.Attachment.InstanceId ?? 'something that is no instance';
      const reason = `${where} is not in the lab file, so it is attached to nothing`;
      leftOut.push({ what: `attachment of ${what}`, id, reason });
    }
    interfaces[name] = {
      ...fields,
      ...(owner === null || device === undefined ? {} : { attach: { instance: owner, device } }),
    };
    interfaceNames.set(id, name);
    ids.set(`interfaces.${name}`, id);
  }
  return interfaces;
}

/** Such interfaces go with a load balancer that has a node in their subnet, or with an endpoint there. */
function isOfLoadBalancing(
  { InterfaceType, SubnetId }: AwsInterface,
  { loadBalancers, endpoints }: AwsRecords,
): boolean {
  switch (InterfaceType) {
    case 'gateway_load_balancer':
      return [...loadBalancers.values()].some(({ AvailabilityZones }) =>
        AvailabilityZones.some((zone) => zone.SubnetId === SubnetId),
      );
    case 'gateway_load_balancer_endpoint':
      return [...endpoints.values()].some(({ SubnetIds }) =>
        SubnetIds.some((id) => id === SubnetId),
      );
    default:
      return false;
  }
}

/** Interfaces of AWS's services go with the services; so do places that a lab's instances have not. */
function isOwn(eni: AwsInterface, { records, leftOut }: ImportContext): boolean {
  const { NetworkInterfaceId: id, InterfaceType, Description, Attachment } = eni;
  const what = Description === '' ? 'interface' : `interface "${Description}"`;
  const isOfNat = [...records.natGateways.values()].some(({ NatGatewayAddresses }) =>
    NatGatewayAddresses.some((each) => each.NetworkInterfaceId === id),
  );
  // The lab file has the gateway, the load balancer or its endpoint.
  if (isOfNat || isOfLoadBalancing(eni, records)) return false;
  if (eni.RequesterManaged || !['interface', 'efa', 'trunk'].includes(InterfaceType)) {
    const kind = InterfaceType === 'interface' ? 'a service' : InterfaceType.replaceAll('_', ' ');
    leftOut.push({ what, id, reason: `AWS manages it, for ${kind}` });
    return false;
  }
  const { DeviceIndex = 0, NetworkCardIndex = 0 } = Attachment ?? {};
  if (DeviceIndex <= LAST_DEVICE && NetworkCardIndex === 0) return true;
  const reason = `it is device ${DeviceIndex} of card ${NetworkCardIndex}; a lab has one card and devices up to ${LAST_DEVICE}`;
  leftOut.push({ what, id, reason });
  return false;
}

type Addressing = Omit<LabFileInterface, 'attach' | 'flowLogs'>;

/** @returns null when the lab file does not have the subnet, which was told. */
function addressingOf(
  eni: AwsInterface,
  what: string,
  id: string,
  context: ImportContext,
): Addressing | null {
  const { names, leftOut } = context;
  const { SubnetId = '', NetworkInterfaceId } = eni;
  const key = names.subnets.get(SubnetId);
  if (key === undefined) {
    const place = SubnetId === '' ? 'its subnet' : SubnetId;
    leftOut.push({ what, id, reason: `${place} is not in the lab file` });
    return null;
  }
  if (eni.Ipv4Prefixes.length + eni.Ipv6Prefixes.length > 0) {
    const reason = 'a lab file delegates no prefixes';
    leftOut.push({ what: `prefixes of ${what}`, id: NetworkInterfaceId, reason });
  }
  const primary =
    eni.PrivateIpAddress ?? eni.PrivateIpAddresses.find(({ Primary }) => Primary)?.PrivateIpAddress;
  const secondaryAddresses = eni.PrivateIpAddresses.map(
    ({ PrivateIpAddress }) => PrivateIpAddress,
  ).filter((address) => address !== primary);
  return {
    subnet: subnetReference(key, context),
    ...(primary === undefined ? {} : { address: primary }),
    ...(secondaryAddresses.length === 0 ? {} : { secondaryAddresses }),
    ...ipv6Of(eni, what, context),
    ...elasticAddressOf(eni, primary, context),
    ...(eni.SourceDestCheck ? {} : { sourceDestCheck: false }),
    ...groupsOf(eni, splitKey(key)[0], what, context),
    ...trackingOf(eni),
  };
}

/** A lab file gives one elastic address to an interface, at its first private one. */
function elasticAddressOf(
  { NetworkInterfaceId: id }: AwsInterface,
  primary: string | undefined,
  { records, names, leftOut }: ImportContext,
): Pick<Addressing, 'elasticAddress'> {
  const own = [...records.addresses].filter(([, each]) => each.NetworkInterfaceId === id);
  const first = own.find(([, { PrivateIpAddress = primary }]) => PrivateIpAddress === primary);
  for (const [allocation, { PublicIp, PrivateIpAddress }] of own) {
    if (allocation === first?.[0]) continue;
    const what = `elastic address ${PublicIp} at ${PrivateIpAddress} of ${id}`;
    const reason = 'a lab file gives one to the first private address only';
    leftOut.push({ what, id: allocation, reason });
  }
  if (first === undefined) return {};
  return { elasticAddress: names.elasticAddresses.get(first[0]) ?? true };
}

/** The name alone where only one VPC has it. */
function subnetReference(key: string, { names }: ImportContext): string {
  const [, name] = splitKey(key);
  const same = [...names.subnets.values()].filter((each) => splitKey(each)[1] === name);
  return same.length === 1 ? name : key;
}

function ipv6Of(
  { Ipv6Addresses, SubnetId = '', NetworkInterfaceId: id }: AwsInterface,
  what: string,
  { ipv6, leftOut }: ImportContext,
): Pick<Addressing, 'ipv6Address' | 'ipv6Addresses'> {
  const block = parseIpv6Cidr(ipv6.subnets.get(SubnetId) ?? '');
  const addresses = Ipv6Addresses.map(({ Ipv6Address }) => Ipv6Address).filter((text) => {
    const address = parseIpv6(text);
    if (block !== null && address !== null && ipv6Contains(block, address)) return true;
    const reason = 'its block is not in the lab file';
    leftOut.push({ what: `IPv6 address ${text} of ${what}`, id, reason });
    return false;
  });
  if (block === null) return {};
  const [first] = addresses;
  return addresses.length === 1 && first !== undefined
    ? { ipv6Address: first }
    : { ipv6Addresses: addresses };
}

function groupsOf(
  { Groups, NetworkInterfaceId: id }: AwsInterface,
  vpc: string,
  what: string,
  { names, leftOut }: ImportContext,
): Pick<Addressing, 'securityGroups'> {
  const found = Groups.flatMap(({ GroupId }) => {
    const [owner, name] = splitKey(names.securityGroups.get(GroupId) ?? '/');
    if (owner === vpc) return [name];
    const reason = 'it is not in the lab file';
    leftOut.push({ what: `security group ${GroupId} of ${what}`, id, reason });
    return [];
  });
  const isDefault = found.length === 0 || (found.length === 1 && found[0] === DEFAULT);
  return isDefault ? {} : { securityGroups: found };
}

function trackingOf({
  ConnectionTrackingConfiguration: timeouts,
}: AwsInterface): Pick<Addressing, 'connectionTracking'> {
  const entries = Object.entries({
    tcpEstablished: timeouts?.TcpEstablishedTimeout,
    udp: timeouts?.UdpTimeout,
    udpStream: timeouts?.UdpStreamTimeout,
  }).flatMap(([name, seconds]) => (seconds === undefined ? [] : [[name, `${seconds}s`]]));
  return entries.length === 0 ? {} : { connectionTracking: Object.fromEntries(entries) };
}
