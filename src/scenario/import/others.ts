/** What a lab file has no place for: transit gateways, VPNs, and all that AWS has beside the VPC. */
import { toKebab } from '../../actions/cli-name.ts';
import { NAME_TAG } from '../names.ts';
import type { LeftOut } from './context.ts';
import type { AwsRecords, OtherRecord } from './records.ts';

/** Lists of the AWS CLI to what one of them is called. */
const NOUNS: Readonly<Record<string, string>> = {
  CustomerGateways: 'customer gateway',
  TransitGatewayAttachments: 'transit gateway attachment',
  TransitGatewayRouteTables: 'transit gateway route table',
  TransitGatewayVpcAttachments: 'transit gateway attachment',
  TransitGateways: 'transit gateway',
  VpnConnections: 'VPN connection',
  VpnGateways: 'virtual private gateway',
};

const GONE: ReadonlySet<string> = new Set(['deleted', 'deleting', 'rejected', 'expired', 'failed']);

/** @param chosen With the VPCs of the lab file; what speaks of others only is no part of it. */
export function leaveOthers({ others, securityGroups }: AwsRecords, chosen: AwsRecords): LeftOut[] {
  const told = new Set<string>();
  return others.flatMap(({ list, members }) => {
    // DescribeSecurityGroups tells the rules too, and what they belong to.
    if (list === 'SecurityGroupRules' && securityGroups.has(String(members['GroupId']))) return [];
    const mentioned = vpcsIn(members);
    if (
      GONE.has(stateOf(members)) ||
      (mentioned.length > 0 && !mentioned.some((id) => chosen.vpcs.has(id)))
    ) {
      return [];
    }
    const noun = NOUNS[list] ?? toKebab(list).replaceAll('-', ' ').replace(/s$/, '');
    const name = nameOf(members);
    const what = name === null ? noun : `${noun} ${name}`;
    // Pages overlap, and several answers are of one kind.
    const id = idOf(list, members);
    if (id !== null && told.has(`${list} ${id}`)) return [];
    told.add(`${list} ${id}`);
    const isRule = list === 'SecurityGroupRules';
    const reason = isRule ? 'its group is not in the input' : 'a lab file has none';
    return [{ what, id, reason }];
  });
}

type Members = OtherRecord['members'];

/** A list of parts, whatever it is. */
function partsOf(value: unknown): Members[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object') : [];
}

function membersIn(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

function vpcsIn(members: Members): string[] {
  const places = [
    members,
    ...partsOf(members['Attachments']),
    ...partsOf(members['VpcAttachments']),
    membersIn(members['RequesterVpcInfo']),
    membersIn(members['AccepterVpcInfo']),
  ];
  return places.flatMap(({ VpcId }) => (typeof VpcId === 'string' ? [VpcId] : []));
}

function stateOf(members: Members): string {
  const state = members['State'] ?? members['Status'];
  return String(typeof state === 'object' ? membersIn(state)['Code'] : state);
}

function nameOf(members: Members): string | null {
  const tag = partsOf(members['Tags'] ?? members['TagSet']).find(({ Key }) => Key === NAME_TAG);
  return typeof tag?.['Value'] === 'string' && tag['Value'] !== '' ? tag['Value'] : null;
}

/** The member that is called after the list, or else the first id. */
function idOf(list: string, members: Members): string | null {
  const own = `${list.replace(/s$/, '')}Id`;
  const name = [own, ...Object.keys(members)].find(
    (each) => each.endsWith('Id') && typeof members[each] === 'string',
  );
  return name === undefined ? null : String(members[name]);
}
