/** Plans interfaces and instances: their addresses, checks and attachments. */
import type { ActionInput } from '../../actions/action.ts';
import { formatIpv4 } from '../../addr/ipv4.ts';
import type { Eni } from '../../model/records.ts';
import { DEFAULT_SETTINGS } from '../../model/settings.ts';
import type { LabInstance, LabInterface } from '../lab.ts';
import {
  creationReason,
  kept,
  leavingInstances,
  type PlanContext,
  realmNow,
  realmOf,
} from './context.ts';
import type { FreeAddresses } from './free-addresses.ts';
import { ipv6AddressesOf } from './ipv6.ts';
import { launchOptions, planLaunchOptions } from './launch-options.ts';
import { reference, tagSpecifications } from './planned-action.ts';
import { profileInput } from './roles.ts';
import { groupIds, groupsInput } from './security-groups.ts';

function vpcOf({ subnet }: LabInterface | LabInstance): string {
  return subnet.slice(0, subnet.indexOf('/'));
}

function hasSame(wanted: readonly string[], now: readonly string[]): boolean {
  return wanted.length === now.length && wanted.every((id) => now.includes(id));
}

/** @returns the addresses of a new interface, as CreateNetworkInterface and RunInstances take them. */
function addressesOf(owner: LabInterface | LabInstance, free: FreeAddresses): ActionInput {
  return { ...ipv4AddressesOf(owner, free), ...ipv6AddressesOf(owner, free) };
}

function ipv4AddressesOf(owner: LabInterface | LabInstance, free: FreeAddresses): ActionInput {
  const primary = owner.address ?? free.take(owner.subnet);
  if (primary === null) return {};
  if (owner.secondaryAddresses.length === 0) return { PrivateIpAddress: formatIpv4(primary) };
  const list = [primary, ...owner.secondaryAddresses].map((address, index) => ({
    PrivateIpAddress: formatIpv4(address),
    Primary: index === 0,
  }));
  return { PrivateIpAddresses: list };
}

export function planInterfaces(context: PlanContext): void {
  const { lab, current, departures, free, plan } = context;
  plan.nextStage();
  for (const each of lab.interfaces.values()) {
    if (kept(current.interfaces, departures.interfaces, each.name) !== undefined) continue;
    plan.add(
      'CreateNetworkInterface',
      {
        SubnetId: reference('subnet', each.subnet),
        ...addressesOf(each, free),
        ...groupsInput(vpcOf(each), each.securityGroups, context),
        ...tagSpecifications('network-interface', each.name, lab.name),
      },
      {
        realm: realmOf(context, each.subnet),
        subject: `interface ${each.name}`,
        reason: creationReason(departures.interfaces, each.name),
      },
      [{ name: `interface:${each.name}`, at: ['NetworkInterface', 'NetworkInterfaceId'] }],
    );
  }
  plan.nextStage();
  for (const each of lab.interfaces.values()) {
    const now = kept(current.interfaces, departures.interfaces, each.name);
    planSettings(each, now, each.name, `interface ${each.name}`, context);
  }
  planAttachments(context);
}

/** Interfaces that move between instances that stay; new instances are launched with theirs. */
function planAttachments(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  plan.nextStage();
  const leaving = leavingInstances(context);
  const moving = new Set<string>();
  for (const each of lab.interfaces.values()) {
    const eni = kept(current.interfaces, departures.interfaces, each.name);
    const attachment = eni?.attachment ?? null;
    if (attachment === null) continue;
    const owner = each.attach === null ? undefined : current.instances.get(each.attach.instance);
    const device = each.attach?.device;
    if (owner?.instanceId === attachment.instanceId && device === attachment.deviceIndex) continue;
    moving.add(each.name);
    // Termination detaches it.
    if (leaving.has(attachment.instanceId)) continue;
    const input = { AttachmentId: attachment.attachmentId, Force: true };
    const reason =
      each.attach === null ? 'it is attached to nothing now' : 'it moves to another place';
    const realm = realmNow(context, eni);
    plan.add('DetachNetworkInterface', input, { realm, subject: `interface ${each.name}`, reason });
  }
  plan.nextStage();
  for (const each of lab.interfaces.values()) {
    if (each.attach === null) continue;
    const { instance, device } = each.attach;
    if (kept(current.instances, departures.instances, instance) === undefined) continue;
    const now = kept(current.interfaces, departures.interfaces, each.name);
    if ((now?.attachment ?? null) !== null && !moving.has(each.name)) continue;
    plan.add(
      'AttachNetworkInterface',
      {
        NetworkInterfaceId: reference('interface', each.name),
        InstanceId: reference('instance', instance),
        DeviceIndex: device,
      },
      {
        realm: realmOf(context, each.subnet),
        subject: `interface ${each.name}`,
        reason: `not ${instance}.eth${device} yet`,
      },
    );
  }
}

export function planInstances(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  const attached = new Map<string, LabInterface[]>();
  for (const each of lab.interfaces.values()) {
    if (each.attach === null) continue;
    const list = attached.get(each.attach.instance);
    if (list === undefined) attached.set(each.attach.instance, [each]);
    else list.push(each);
  }
  plan.nextStage();
  for (const instance of lab.instances.values()) {
    if (kept(current.instances, departures.instances, instance.name) !== undefined) continue;
    const reason = creationReason(departures.instances, instance.name);
    planLaunch(instance, attached.get(instance.name) ?? [], reason, context);
  }
  plan.nextStage();
  for (const instance of lab.instances.values()) {
    const running = kept(current.instances, departures.instances, instance.name);
    const now = running === undefined ? undefined : current.primaryEnis.get(running.instanceId);
    const subject = `instance ${instance.name}`;
    planSettings(instance, now, `${instance.name}.eth0`, subject, context);
    if (running !== undefined) planLaunchOptions(context, instance, running);
    if (running?.state !== 'stopped') continue;
    plan.add(
      'StartInstances',
      { InstanceIds: [running.instanceId] },
      { realm: realmOf(context, instance.subnet), subject, reason: 'it is stopped' },
    );
  }
}

function planLaunch(
  instance: LabInstance,
  interfaces: readonly LabInterface[],
  reason: string,
  context: PlanContext,
): void {
  const { lab, free, imageIdOf, plan } = context;
  const primary = {
    DeviceIndex: 0,
    SubnetId: reference('subnet', instance.subnet),
    ...addressesOf(instance, free),
    ...groupsInput(vpcOf(instance), instance.securityGroups, context),
    ...(instance.publicAddress === null
      ? {}
      : { AssociatePublicIpAddress: instance.publicAddress === 'auto' }),
  };
  const others = interfaces.map((each) => ({
    DeviceIndex: each.attach?.device,
    NetworkInterfaceId: reference('interface', each.name),
  }));
  plan.add(
    'RunInstances',
    {
      ImageId: imageIdOf(instance.name),
      MinCount: 1,
      MaxCount: 1,
      ...(instance.type === null ? {} : { InstanceType: instance.type }),
      ...profileInput(instance.role),
      NetworkInterfaces: [primary, ...others],
      ...launchOptions(instance, lab.name),
    },
    { realm: realmOf(context, instance.subnet), subject: `instance ${instance.name}`, reason },
    [
      { name: `instance:${instance.name}`, at: ['Instances', 0, 'InstanceId'] },
      {
        name: `interface:${instance.name}.eth0`,
        at: ['Instances', 0, 'NetworkInterfaces', 0, 'NetworkInterfaceId'],
      },
    ],
  );
}

/** @param now The interface as it is; undefined: it is new and has its addresses from the start. */
function planSettings(
  wanted: LabInterface | LabInstance,
  now: Eni | undefined,
  interfaceName: string,
  subject: string,
  context: PlanContext,
): void {
  const NetworkInterfaceId = reference('interface', interfaceName);
  const { free, plan } = context;
  const realm = realmOf(context, wanted.subnet);
  if (wanted.sourceDestCheck !== (now?.sourceDestCheck ?? true)) {
    const input = { NetworkInterfaceId, SourceDestCheck: { Value: wanted.sourceDestCheck } };
    const reason = `sourceDestCheck: ${wanted.sourceDestCheck}`;
    plan.add('ModifyNetworkInterfaceAttribute', input, { realm, subject, reason });
  }
  planTracking(wanted, now, NetworkInterfaceId, subject, context);
  if (now === undefined) return;
  const Groups = groupIds(vpcOf(wanted), wanted.securityGroups, context);
  if (!hasSame(Groups, now.groupIds)) {
    const reason = `securityGroups: ${wanted.securityGroups.join(', ')}`;
    const input = { NetworkInterfaceId, Groups };
    plan.add('ModifyNetworkInterfaceAttribute', input, { realm, subject, reason });
  }
  const has = new Set<number>(now.addresses);
  const missing = wanted.secondaryAddresses.filter((address) => !has.has(address)).map(formatIpv4);
  if (missing.length > 0) {
    const input = { NetworkInterfaceId, PrivateIpAddresses: missing, AllowReassignment: true };
    const reason = `${missing.join(', ')} not there yet`;
    plan.add('AssignPrivateIpAddresses', input, { realm, subject, reason });
  }
  const keep = new Set<number>(wanted.secondaryAddresses);
  const extra = now.addresses.slice(1).filter((address) => !keep.has(address));
  // What another interface asks for moves there by reassignment.
  const removed = extra.filter((address) => !free.isWanted(wanted.subnet, address));
  if (removed.length === 0) return;
  const input = { NetworkInterfaceId, PrivateIpAddresses: removed.map(formatIpv4) };
  const reason = `${removed.map(formatIpv4).join(', ')} not in the lab file any more`;
  plan.add('UnassignPrivateIpAddresses', input, { realm, subject, reason });
}

/** AWS's timeouts, in seconds (SG-8); that of TCP is a setting of the lab. */
const UDP_TIMEOUT_S = 30;
const UDP_STREAM_TIMEOUT_S = 180;

/** A timeout that was set cannot be taken back, only be given the value of a new interface. */
function planTracking(
  { connectionTracking: wanted, subnet }: LabInterface | LabInstance,
  now: Eni | undefined,
  NetworkInterfaceId: string,
  subject: string,
  context: PlanContext,
): void {
  const { lab, plan } = context;
  const timeouts = [
    ['TcpEstablishedTimeout', 'tcpEstablishedTimeoutS', tcpTimeoutS(lab)],
    ['UdpTimeout', 'udpTimeoutS', UDP_TIMEOUT_S],
    ['UdpStreamTimeout', 'udpStreamTimeoutS', UDP_STREAM_TIMEOUT_S],
  ] as const;
  const changed = timeouts.flatMap(([member, field, otherwise]) => {
    const seconds = wanted[field] ?? otherwise;
    const present = now?.connectionTracking[field] ?? otherwise;
    return seconds === present ? [] : [[member, seconds] as const];
  });
  if (changed.length === 0) return;
  const ConnectionTrackingSpecification = Object.fromEntries(changed);
  const reason = changed.map(([member, seconds]) => `${member}: ${seconds}s`).join(', ');
  const input = { NetworkInterfaceId, ConnectionTrackingSpecification };
  const realm = realmOf(context, subnet);
  plan.add('ModifyNetworkInterfaceAttribute', input, { realm, subject, reason });
}

function tcpTimeoutS({ settings }: PlanContext['lab']): number {
  return settings.tcpEstablishedTimeoutS ?? DEFAULT_SETTINGS.tcpEstablishedTimeoutS;
}
