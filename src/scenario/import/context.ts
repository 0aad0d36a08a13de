/** What the parts of an import share. */
import { formatCidr, parseCidr } from '../../addr/cidr.ts';
import type { HostedZone } from '../../model/hosted-zones.ts';
import type { Role } from '../../model/roles.ts';
import type { Quotas, RuleSet } from '../../model/settings.ts';
import type { LabFileSettings } from '../file/schema-filters.ts';
import type { LabFileInstance } from '../file/schema-instances.ts';
import type { LabFileHost } from '../file/schema-internet.ts';
import { DEFAULT } from '../lab-filters.ts';
import { LAB_TAG } from '../plan/planned-action.ts';
import type { AwsInstance, AwsTags } from './aws-shapes.ts';
import { type ImportGatewayNames, nameGateways } from './gateway-names.ts';
import { legalName, nameAll, nameTag } from './names.ts';
import type { AwsRecords } from './records.ts';

/** What runs in an instance, of which AWS's answers say nothing. */
export type InstanceContent = Pick<
  LabFileInstance,
  'image' | 'layers' | 'dhcp' | 'files' | 'start' | 'daemons' | 'env' | 'userData' | 'cloudInit'
>;

export interface KnownContent {
  readonly content: InstanceContent;
  /** Why that is not all; null: it is. */
  readonly lost: string | null;
}

/** What the documents do not tell, and a running lab does. */
export interface ImportFacts {
  readonly name: string;
  readonly description: string;
  readonly region: string;
  /** By the id of the VPC; those that are not there are at home. */
  readonly regionOfVpc: ReadonlyMap<string, string>;
  /** Public hosts, of which AWS's answers say nothing. */
  readonly hosts: Readonly<Record<string, LabFileHost>>;
  /** null: the lab has none. */
  readonly uplink: 'host' | null;
  readonly zones: readonly string[];
  readonly rules: RuleSet;
  readonly seed: string | null;
  readonly quotas: Partial<Quotas>;
  readonly settings: LabFileSettings;
  readonly hostedZones: readonly HostedZone[];
  readonly roles: readonly Role[];
  readonly contentOf: (instance: AwsInstance) => KnownContent;
}

/** Something that the lab file does not have, or has otherwise. */
export interface LeftOut {
  /** Such as `route to 0.0.0.0/0 of route table main/public`. */
  readonly what: string;
  /** AWS's id; null where there is none. */
  readonly id: string | null;
  readonly reason: string;
}

/** Names by id; `vpc/name` for what is named within a VPC. */
export interface ImportNames extends ImportGatewayNames {
  readonly vpcs: ReadonlyMap<string, string>;
  readonly subnets: ReadonlyMap<string, string>;
  readonly routeTables: ReadonlyMap<string, string>;
  readonly securityGroups: ReadonlyMap<string, string>;
  readonly networkAcls: ReadonlyMap<string, string>;
  readonly prefixLists: ReadonlyMap<string, string>;
  readonly instances: ReadonlyMap<string, string>;
}

/** The blocks that VPCs and subnets have in the lab file, by id; none: no IPv6. */
export interface ImportIpv6 {
  readonly vpcs: ReadonlyMap<string, string>;
  readonly subnets: ReadonlyMap<string, string>;
}

export interface ImportContext {
  readonly records: AwsRecords;
  readonly facts: ImportFacts;
  readonly names: ImportNames;
  readonly ipv6: ImportIpv6;
  readonly leftOut: LeftOut[];
  /** AWS's ids by the path of the field that stands for them, for comments. */
  readonly ids: Map<string, string>;
}

/** @returns true for what carries the mark of a lab file, and so was declared there. */
export function isMarked(tags: AwsTags): boolean {
  return tags.some(({ Key }) => Key === LAB_TAG);
}

/** @returns the name of the VPC in `vpc/name`, and that within it. */
export function splitKey(key: string): readonly [vpc: string, name: string] {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
}

/** Names everything that the lab file can have. @param hosts Names of public hosts, which are as those of instances. */
export function nameRecords(records: AwsRecords, hosts: readonly string[]): ImportNames {
  const vpcs = nameAll(
    Array.from(records.vpcs.values(), ({ VpcId: id, Tags, IsDefault }) => ({
      id,
      wish: nameTag(Tags) ?? (IsDefault ? 'default-vpc' : null),
    })),
  );
  const inVpcs = <R extends { readonly VpcId: string }>(
    rows: ReadonlyMap<string, R>,
    wishOf: (row: R) => string | null,
    isTaken?: (name: string) => boolean,
  ): Map<string, string> => {
    const keys = new Map<string, string>();
    for (const [vpcId, vpc] of vpcs) {
      const own = [...rows].filter(([, row]) => row.VpcId === vpcId);
      const wishes = own.map(([id, row]) => ({ id, wish: wishOf(row) }));
      for (const [id, name] of nameAll(wishes, new Set(), isTaken)) keys.set(id, `${vpc}/${name}`);
    }
    return keys;
  };
  const isDefault = (name: string) => name === DEFAULT;
  const groups = [...records.securityGroups].filter(([, each]) => each.GroupName !== DEFAULT);
  const acls = [...records.networkAcls].filter(([, { IsDefault }]) => !IsDefault);
  const groupKeys = inVpcs(
    new Map(groups),
    ({ GroupName }) => GroupName.replace(/^sg-/, 'group-'),
    (name) => isDefault(name) || name.startsWith('sg-'),
  );
  const aclKeys = inVpcs(new Map(acls), ({ Tags }) => nameTag(Tags), isDefault);
  for (const [id, { VpcId, GroupName }] of records.securityGroups) {
    const vpc = vpcs.get(VpcId);
    if (GroupName === DEFAULT && vpc !== undefined) groupKeys.set(id, `${vpc}/${DEFAULT}`);
  }
  for (const [id, { VpcId, IsDefault }] of records.networkAcls) {
    const vpc = vpcs.get(VpcId);
    if (IsDefault && vpc !== undefined) aclKeys.set(id, `${vpc}/${DEFAULT}`);
  }
  return {
    ...nameGateways(records, vpcs),
    vpcs,
    subnets: inVpcs(records.subnets, ({ Tags }) => nameTag(Tags)),
    routeTables: inVpcs(
      records.routeTables,
      ({ Tags, Associations }) =>
        nameTag(Tags) ?? (Associations.some(({ Main }) => Main) ? 'main' : null),
    ),
    securityGroups: groupKeys,
    networkAcls: aclKeys,
    prefixLists: nameAll(
      Array.from(records.prefixLists, ([id, { Tags, PrefixListName }]) => ({
        id,
        wish: nameTag(Tags) ?? PrefixListName ?? null,
      })),
    ),
    // `none` has a meaning of its own in steps.
    instances: nameAll(
      Array.from(records.instances, ([id, { Tags }]) => ({ id, wish: nameTag(Tags) })),
      new Set(['none', ...hosts]),
    ),
  };
}

/** @returns a name that a lab can have. */
export function legalLabName(text: string): string {
  return legalName(text, 'imported').slice(0, 24).replace(/-+$/, '');
}

/** @returns the block as a lab file has it. The shape of the record let through only texts that parse. */
export function blockText(text: string): string {
  const cidr = parseCidr(text);
  if (cidr === null) throw new TypeError(`no CIDR block: ${text}`);
  return formatCidr(cidr);
}
