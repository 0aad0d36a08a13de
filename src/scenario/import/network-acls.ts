/** Network ACLs from AWS's answers: their entries as sentences. */
import type { LabFileNetworkAcl } from '../file/schema-filters.ts';
import { anywhere, DEFAULT } from '../lab-filters.ts';
import { ALL_TRAFFIC, formatTraffic } from '../traffic-words.ts';
import type { AwsNetworkAcl } from './aws-shapes.ts';
import { blockText, type ImportContext, isMarked, splitKey } from './context.ts';
import { readTraffic } from './traffic.ts';

/** The numbers above are AWS's own (ACL-1). */
const LAST_RULE_NUMBER = 32_766;
/** The entries that the default ACL is made with (ACL-3). */
const MADE_WITH = ['100 allow all 0.0.0.0/0', '101 allow all ::/0'];

type Entry = AwsNetworkAcl['Entries'][number];

/** @returns the ACLs of a VPC by name; the default one only where it is not as AWS makes it. */
export function importNetworkAcls(
  vpcId: string,
  context: ImportContext,
): Record<string, LabFileNetworkAcl> {
  const { records, names, ids, ipv6 } = context;
  const acls: Record<string, LabFileNetworkAcl> = {};
  for (const [id, acl] of records.networkAcls) {
    const key = names.networkAcls.get(id);
    if (acl.VpcId !== vpcId || key === undefined) continue;
    const [vpc, name] = splitKey(key);
    const isMade = name === DEFAULT && !isMarked(acl.Tags);
    if (isMade && isAsMade(acl, ipv6.vpcs.has(vpcId))) continue;
    acls[name] = {
      ingress: entriesOf(acl, false, key, context),
      egress: entriesOf(acl, true, key, context),
    };
    ids.set(['vpcs', vpc, 'networkAcls', name].join('.'), id);
  }
  return acls;
}

function ownEntries({ Entries }: AwsNetworkAcl, isEgress: boolean): Entry[] {
  return Entries.filter(
    ({ RuleNumber, Egress }) => Egress === isEgress && RuleNumber <= LAST_RULE_NUMBER,
  ).toSorted((a, b) => a.RuleNumber - b.RuleNumber);
}

function wordsOf(entry: Entry): string | null {
  const { Protocol, PortRange, IcmpTypeCode } = entry;
  const ports = PortRange === undefined ? null : ([PortRange.From, PortRange.To] as const);
  const icmp =
    IcmpTypeCode === undefined ? null : ([IcmpTypeCode.Type, IcmpTypeCode.Code] as const);
  const traffic = readTraffic(Protocol, ports ?? icmp);
  return traffic === null ? null : formatTraffic(traffic);
}

function blockOf({ CidrBlock, Ipv6CidrBlock }: Entry): string | null {
  const text = CidrBlock ?? Ipv6CidrBlock;
  return text === undefined ? null : blockText(text);
}

function isAsMade(acl: AwsNetworkAcl, hasIpv6: boolean): boolean {
  const made = MADE_WITH.slice(0, anywhere(ALL_TRAFFIC, hasIpv6).length).join('\n');
  return [false, true].every((isEgress) => {
    const texts = ownEntries(acl, isEgress).map(
      (entry) => `${entry.RuleNumber} ${entry.RuleAction} ${wordsOf(entry)} ${blockOf(entry)}`,
    );
    return texts.join('\n') === made;
  });
}

function entriesOf(
  acl: AwsNetworkAcl,
  isEgress: boolean,
  key: string,
  { leftOut }: ImportContext,
): Record<string, string> {
  const direction = isEgress ? 'egress' : 'ingress';
  const entries: Record<string, string> = {};
  for (const entry of ownEntries(acl, isEgress)) {
    const [words, block] = [wordsOf(entry), blockOf(entry)];
    if (words === null || block === null) {
      const what = `${direction} entry ${entry.RuleNumber} of network ACL ${key}`;
      const reason =
        words === null ? `protocol ${entry.Protocol} has no number` : 'it has no block';
      leftOut.push({ what, id: acl.NetworkAclId, reason });
      continue;
    }
    const word = isEgress ? 'to' : 'from';
    entries[entry.RuleNumber] = `${entry.RuleAction} ${words} ${word} ${block}`;
  }
  return entries;
}

/** @returns the name of the ACL of a subnet; the default one where the input has none. */
export function networkAclOf(subnetId: string, { records, names }: ImportContext): string {
  for (const [id, { Associations }] of records.networkAcls) {
    if (!Associations.some(({ SubnetId }) => SubnetId === subnetId)) continue;
    return splitKey(names.networkAcls.get(id) ?? `/${DEFAULT}`)[1];
  }
  return DEFAULT;
}
