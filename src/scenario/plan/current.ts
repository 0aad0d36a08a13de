/** What of a lab exists already: the objects of its regions that the lab file made, by name. */
import type { NetworkAcl, PrefixList, SecurityGroup } from '../../model/filters.ts';
import type { FlowLog } from '../../model/flow-logs.ts';
import type { HostedZone } from '../../model/hosted-zones.ts';
import type { InstanceId, SubnetId, VpcId } from '../../model/ids.ts';
import { defaultGroupOf, defaultNetworkAclOf } from '../../model/lookups/filters.ts';
import type { Realm } from '../../model/realm.ts';
import type { DhcpOptions, Eni, Instance, RouteTable, Subnet, Vpc } from '../../model/records.ts';
import type { Role } from '../../model/roles.ts';
import type { LabFabric } from '../../model/snapshot.ts';
import type { TableName } from '../../model/store.ts';
import { DEFAULT } from '../lab-filters.ts';
import { type CurrentGateways, currentGateways } from './current-gateways.ts';
import { type CurrentLoadBalancing, currentLoadBalancing } from './current-load-balancing.ts';
import { isOwned, owned } from './owned.ts';

export interface CurrentLab extends CurrentGateways, CurrentLoadBalancing {
  /** null: nothing was made yet. */
  readonly fabric: LabFabric | null;
  readonly vpcs: ReadonlyMap<string, Vpc>;
  /** By `vpc/subnet`. */
  readonly subnets: ReadonlyMap<string, Subnet>;
  /** By `vpc/table`. */
  readonly routeTables: ReadonlyMap<string, RouteTable>;
  /** By the name of the VPC they were made for. */
  readonly dhcpOptions: ReadonlyMap<string, DhcpOptions>;
  readonly interfaces: ReadonlyMap<string, Eni>;
  readonly instances: ReadonlyMap<string, Instance>;
  readonly primaryEnis: ReadonlyMap<InstanceId, Eni>;
  readonly subnetKeys: ReadonlyMap<SubnetId, string>;
  readonly tablesOfVpc: ReadonlyMap<VpcId, readonly RouteTable[]>;
  /** By `vpc/group`; of every VPC the default group too. */
  readonly securityGroups: ReadonlyMap<string, SecurityGroup>;
  /** By `vpc/acl`; of every VPC the default ACL too. */
  readonly networkAcls: ReadonlyMap<string, NetworkAcl>;
  readonly prefixLists: ReadonlyMap<string, PrefixList>;
  readonly flowLogs: readonly FlowLog[];
  /** By what they are called. Nobody but a lab file makes any. */
  readonly hostedZones: ReadonlyMap<string, HostedZone>;
  /** Nobody but a lab file makes any. */
  readonly roles: ReadonlyMap<string, Role>;
}

/** @param fabric null: nothing was made yet. */
export function currentLab(lab: string, fabric: LabFabric | null): CurrentLab {
  const vpcs = owned(lab, fabric?.vpcs, () => '');
  const vpcNames = new Map(Array.from(vpcs, ([name, vpc]) => [vpc.vpcId, name]));
  const inVpc = (object: { readonly vpcId: VpcId }) => {
    const vpc = vpcNames.get(object.vpcId);
    return vpc === undefined ? null : `${vpc}/`;
  };
  const subnets = owned(lab, fabric?.subnets, inVpc);
  const primaryEnis = new Map<InstanceId, Eni>();
  for (const eni of fabric?.enis.values() ?? []) {
    if (eni.attachment?.deviceIndex === 0) primaryEnis.set(eni.attachment.instanceId, eni);
  }
  const tablesOfVpc = new Map<VpcId, RouteTable[]>();
  for (const table of fabric?.routeTables.values() ?? []) {
    const tables = tablesOfVpc.get(table.vpcId);
    if (tables === undefined) tablesOfVpc.set(table.vpcId, [table]);
    else tables.push(table);
  }
  const securityGroups = owned(lab, fabric?.securityGroups, inVpc);
  const networkAcls = owned(lab, fabric?.networkAcls, inVpc);
  for (const [name, { vpcId }] of vpcs) {
    if (fabric === null) break;
    securityGroups.set(`${name}/${DEFAULT}`, defaultGroupOf(fabric, vpcId));
    networkAcls.set(`${name}/${DEFAULT}`, defaultNetworkAclOf(fabric, vpcId));
  }
  const flowLogs = [...(fabric?.flowLogs.values() ?? [])];
  return {
    ...currentGateways(lab, fabric, inVpc),
    ...currentLoadBalancing(lab, fabric, inVpc),
    fabric,
    vpcs,
    subnets,
    routeTables: owned(lab, fabric?.routeTables, inVpc),
    dhcpOptions: owned(lab, fabric?.dhcpOptions, () => ''),
    interfaces: owned(lab, fabric?.enis, () => ''),
    instances: owned(lab, fabric?.instances, (instance) => (isGone(instance) ? null : '')),
    primaryEnis,
    subnetKeys: new Map(Array.from(subnets, ([key, subnet]) => [subnet.subnetId, key])),
    tablesOfVpc,
    securityGroups,
    networkAcls,
    prefixLists: owned(lab, fabric?.prefixLists, () => ''),
    flowLogs: flowLogs.filter((each) => isOwned(lab, each)),
    hostedZones: new Map(
      Array.from(fabric?.hostedZones.values() ?? [], (zone) => [zone.callerReference, zone]),
    ),
    roles: new Map(Array.from(fabric?.roles.values() ?? [], (role) => [role.roleName, role])),
  };
}

/** @returns where the object is; home for one that is nowhere. */
export function realmOfRow(
  { fabric }: CurrentLab,
  table: TableName,
  id: string,
  home: Realm,
): Realm {
  const has = (rows: ReadonlyMap<string, unknown>) => rows.has(id);
  const region = fabric?.regions.find((each) => has(each[table]));
  return region === undefined ? home : { accountId: region.accountId, region: region.region };
}

function isGone(instance: Instance): boolean {
  return instance.state === 'terminated' || instance.state === 'shutting-down';
}
