/** Finding rows by the ids of a request, with AWS's refusals for ids that name nothing. */
import assert from 'node:assert/strict';
import type { Image, KeyPair, LaunchTemplate, Volume } from '../model/compute.ts';
import type { NetworkAcl, PrefixList, SecurityGroup } from '../model/filters.ts';
import type { FlowLog } from '../model/flow-logs.ts';
import type { ImageId } from '../model/ids.ts';
import { imageFor } from '../model/lookups/images.ts';
import type {
  DhcpOptions,
  Eni,
  Instance,
  RouteTable,
  RouteTableAssociation,
  Subnet,
  Vpc,
} from '../model/records.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { notYours } from './edges/gateway-errors.ts';
import { type IdPrefix, isWellFormed, unknownId, unknownIds } from './errors.ts';
import { unknownInterfaceGroup } from './filters/filter-errors.ts';

type Rows<P extends string, Row> = ReadonlyMap<`${P}-${string}`, Row>;

/** @returns true when the prefix says that it is an id of the kind. */
export function hasPrefix<P extends string>(id: string, prefix: P): id is `${P}-${string}` {
  return id.startsWith(`${prefix}-`);
}

export function findRow<P extends IdPrefix, Row>(rows: Rows<P, Row>, prefix: P, id: string): Row {
  const row = hasPrefix(id, prefix) ? rows.get(id) : undefined;
  if (row === undefined) throw unknownId(prefix, id);
  return row;
}

/**
 * Finds the rows of a list of ids; an id given twice counts once.
 * @throws NotFound with all ids that name nothing.
 */
export function findRows<P extends IdPrefix, Row>(
  rows: Rows<P, Row>,
  prefix: P,
  ids: readonly string[],
): Row[] {
  const found: Row[] = [];
  const unknown: string[] = [];
  for (const id of new Set(ids)) {
    const row = hasPrefix(id, prefix) ? rows.get(id) : undefined;
    if (row === undefined) unknown.push(id);
    else found.push(row);
  }
  const [first, ...others] = unknown;
  if (first !== undefined) throw unknownIds(prefix, [first, ...others]);
  return found;
}

export function findVpc(snapshot: Snapshot, id: string): Vpc {
  return findRow(snapshot.vpcs, 'vpc', id);
}

export function findSubnet(snapshot: Snapshot, id: string): Subnet {
  return findRow(snapshot.subnets, 'subnet', id);
}

export function findEni(snapshot: Snapshot, id: string): Eni {
  return findRow(snapshot.enis, 'eni', id);
}

/** @throws AuthFailure for an interface that AWS made for an object of its own. */
export function findOwnEni(snapshot: Snapshot, id: string): Eni {
  const eni = findEni(snapshot, id);
  if (eni.madeFor !== null) throw notYours();
  return eni;
}

export function findInstance(snapshot: Snapshot, id: string): Instance {
  return findRow(snapshot.instances, 'i', id);
}

/** Finds the image that runs for an id, which may stand in for the one of that id. */
export function findImage(snapshot: Snapshot, id: string): Image {
  const image = knownImage(snapshot, id);
  if (image === undefined) throw unknownId('ami', id);
  return image;
}

/** @param id Of an image that was found. */
export function asImageId(id: string): ImageId {
  return `ami-${id.slice('ami-'.length)}`;
}

/** As `findImage`. @returns undefined when the id names nothing. */
export function knownImage(snapshot: Snapshot, id: string): Image | undefined {
  return hasPrefix(id, 'ami') && isWellFormed(id) ? imageFor(snapshot, id) : undefined;
}

export function findLaunchTemplate(snapshot: Snapshot, id: string): LaunchTemplate {
  return findRow(snapshot.launchTemplates, 'lt', id);
}

export function findVolume(snapshot: Snapshot, id: string): Volume {
  return findRow(snapshot.volumes, 'vol', id);
}

export function findKeyPair(snapshot: Snapshot, id: string): KeyPair {
  return findRow(snapshot.keyPairs, 'key', id);
}

export function findRouteTable(snapshot: Snapshot, id: string): RouteTable {
  return findRow(snapshot.routeTables, 'rtb', id);
}

export function findDhcpOptions(snapshot: Snapshot, id: string): DhcpOptions {
  return findRow(snapshot.dhcpOptions, 'dopt', id);
}

export function findSecurityGroup(snapshot: Snapshot, id: string): SecurityGroup {
  return findRow(snapshot.securityGroups, 'sg', id);
}

/** @throws InvalidSecurityGroupID.NotFound, the code of requests on interfaces. */
export function findInterfaceGroup(snapshot: Snapshot, id: string): SecurityGroup {
  const group = hasPrefix(id, 'sg') ? snapshot.securityGroups.get(id) : undefined;
  if (group === undefined) throw unknownInterfaceGroup(id);
  return group;
}

export function findNetworkAcl(snapshot: Snapshot, id: string): NetworkAcl {
  return findRow(snapshot.networkAcls, 'acl', id);
}

export function findPrefixList(snapshot: Snapshot, id: string): PrefixList {
  return findRow(snapshot.prefixLists, 'pl', id);
}

/** @throws AuthFailure for a list of AWS. */
export function findOwnPrefixList(snapshot: Snapshot, id: string): PrefixList {
  const list = findPrefixList(snapshot, id);
  if (list.ownerId !== snapshot.accountId) throw notYours();
  return list;
}

export function findFlowLog(snapshot: Snapshot, id: string): FlowLog {
  return findRow(snapshot.flowLogs, 'fl', id);
}

/** @throws InvalidAssociationID.NotFound when no table has this association. */
export function findAssociation(
  snapshot: Snapshot,
  id: string,
): { readonly table: RouteTable; readonly association: RouteTableAssociation } {
  for (const table of snapshot.routeTables.values()) {
    const association = table.associations.find((each) => each.associationId === id);
    if (association !== undefined) return { table, association };
  }
  throw unknownId('rtbassoc', id);
}

/** @returns the subnet of a row that the model already holds. */
export function subnetOf(
  snapshot: Snapshot,
  row: { readonly subnetId: Subnet['subnetId'] },
): Subnet {
  const subnet = snapshot.subnets.get(row.subnetId);
  assert(subnet !== undefined, `${row.subnetId} is gone`);
  return subnet;
}

/** @returns the interfaces attached to the instance, by device index. */
export function enisOfInstance(snapshot: Snapshot, instance: Instance): Eni[] {
  const { instanceId } = instance;
  return enisWhere(snapshot, (eni) => eni.attachment?.instanceId === instanceId).sort(
    (a, b) => (a.attachment?.deviceIndex ?? 0) - (b.attachment?.deviceIndex ?? 0),
  );
}

/** @returns the interfaces whose addresses are in the subnet. */
export function enisOfSubnet(snapshot: Snapshot, subnetId: Subnet['subnetId']): Eni[] {
  return enisWhere(snapshot, (eni) => eni.subnetId === subnetId);
}

/** Goes through all interfaces, often of thousands for one: without a copy of the table. */
function enisWhere({ enis }: Snapshot, isWanted: (eni: Eni) => boolean): Eni[] {
  const found: Eni[] = [];
  for (const eni of enis.values()) if (isWanted(eni)) found.push(eni);
  return found;
}
