/** What `ps` shows of the instances, with the result of the status check (ARP-9). */
import { formatIpv4 } from '../addr/ipv4.ts';
import { formatIpv6 } from '../addr/ipv6.ts';
import { formatMac } from '../addr/mac.ts';
import type { InstanceHealth } from '../model/compute.ts';
import type { InstanceId } from '../model/ids.ts';
import { instanceName } from '../model/instance-names.ts';
import { imageFor } from '../model/lookups/images.ts';
import type { Eni, Instance } from '../model/records.ts';
import type { Fabric } from '../model/snapshot.ts';
import type { InstanceStatus, InterfaceStatus } from './control-api.ts';
import { type Ledger, STATUS_ANSWER_MS } from './ledger.ts';
import type { Machine } from './machines.ts';

/** Two checks without an answer. */
const SILENCE_MS = 11_000;
/** A guest may take this long to configure its network. */
const BOOT_MS = 30_000;

/** What runs on this host. */
export interface RunningMachines {
  readonly machines: ReadonlyMap<InstanceId, Machine>;
  readonly healthOf: (machine: Machine) => InstanceHealth;
}

/**
 * @param host null: a lab of records, in which nothing runs.
 * @returns all instances but the terminated ones, in the order of creation.
 */
export function instanceStatuses(
  snapshot: Fabric,
  host: RunningMachines | null,
): readonly InstanceStatus[] {
  const interfaces = interfacesByInstance(snapshot);
  return [...snapshot.instances.values()]
    .filter(({ state }) => state !== 'terminated')
    .map((instance) => {
      const machine = host?.machines.get(instance.instanceId);
      const enis = interfaces.get(instance.instanceId) ?? [];
      return {
        name: machine?.host.name ?? instanceName(snapshot, instance),
        instanceId: instance.instanceId,
        image: imageFor(snapshot, instance.imageId)?.name ?? instance.imageId,
        state: instance.state,
        health: machine === undefined || host === null ? 'not-applicable' : host.healthOf(machine),
        pid: machine?.host.pid ?? null,
        netns: machine?.host.netns ?? '',
        zone: zoneOf(snapshot, instance),
        interfaces: enis,
        daemons: (machine?.host.daemons ?? []).map(({ name, exitCode }) => ({
          name,
          state: exitCode === null ? 'running' : 'exited',
          exitCode,
        })),
      };
    });
}

/** @returns the result of the check, which goes to the first interface. */
export function machineHealth(machine: Machine, ledger: Ledger): InstanceHealth {
  const nowMs = Date.now();
  const first = [...machine.ports.values()].find(({ device }) => device === 'eth0');
  const answeredMs = first === undefined ? 0 : ledger.get(first.port, STATUS_ANSWER_MS);
  if (answeredMs > 0) return nowMs - answeredMs > SILENCE_MS ? 'impaired' : 'ok';
  return nowMs - machine.madeMs > BOOT_MS ? 'impaired' : 'initializing';
}

function zoneOf(snapshot: Fabric, instance: Instance): string {
  return snapshot.subnets.get(instance.subnetId)?.availabilityZone ?? '';
}

function interfacesByInstance(snapshot: Fabric): Map<InstanceId, InterfaceStatus[]> {
  const found = new Map<InstanceId, InterfaceStatus[]>();
  for (const eni of snapshot.enis.values()) {
    if (eni.attachment === null) continue;
    const list = found.get(eni.attachment.instanceId) ?? [];
    list.push(interfaceStatus(snapshot, eni, eni.attachment.deviceIndex));
    found.set(eni.attachment.instanceId, list);
  }
  for (const list of found.values()) list.sort((a, b) => a.device.localeCompare(b.device));
  return found;
}

function interfaceStatus(snapshot: Fabric, eni: Eni, deviceIndex: number): InterfaceStatus {
  return {
    device: `eth${deviceIndex}`,
    eniId: eni.eniId,
    mac: formatMac(eni.mac),
    subnet: snapshot.subnets.get(eni.subnetId)?.tags.get('Name') ?? eni.subnetId,
    addresses: [...eni.addresses.map(formatIpv4), ...eni.ipv6Addresses.map(formatIpv6)],
    sourceDestCheck: eni.sourceDestCheck,
  };
}
