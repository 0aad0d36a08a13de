/** The security groups, network ACLs and prefix lists of a lab file, their rules read and their names resolved. */
import { formatCidr, parseCidr } from '../../addr/cidr.ts';
import type { NetworkAclEntry } from '../../model/filters.ts';
import {
  anywhere,
  DEFAULT,
  entriesOfNewAcl,
  type LabNetworkAcl,
  type LabPrefixList,
  type LabRule,
  type LabRulePeer,
  type LabSecurityGroup,
  rulesOfNewGroup,
} from '../lab-filters.ts';
import {
  type PlacedName,
  parseEntry,
  parseRule,
  type RuleDirection,
  type RuleSentence,
  SentenceError,
} from './filter-rules.ts';
import { type Path, wantedName } from './problems.ts';
import { checkListRegion, checkRegion } from './regions.ts';
import type {
  LabFileNetworkAcl,
  LabFilePrefixList,
  LabFileSecurityGroup,
} from './schema-filters.ts';
import type { LabFileVpc } from './schema-network.ts';
import type { Scope } from './scope.ts';

/** Where rules stand and what their words mean there. */
interface RulePlace {
  readonly vpc: string;
  readonly hasIpv6: boolean;
  readonly direction: RuleDirection;
  readonly path: Path;
  readonly scope: Scope;
}

export function resolveSecurityGroups(
  vpc: string,
  fields: LabFileVpc,
  hasIpv6: boolean,
  scope: Scope,
): LabSecurityGroup[] {
  const groups = Object.entries({ [DEFAULT]: {}, ...fields.securityGroups });
  return groups.map(([name, group]: [string, LabFileSecurityGroup]) => {
    const path = ['vpcs', vpc, 'securityGroups', name];
    const key = `${vpc}/${name}`;
    checkGroupName(name, group, path, scope);
    const isDeclared = fields.securityGroups?.[name] !== undefined;
    const made = rulesOfNewGroup(key, hasIpv6);
    const rules = (direction: RuleDirection) => {
      const place = { vpc, hasIpv6, direction, path: [...path, direction], scope };
      const texts = group[direction];
      return texts === undefined ? made[direction] : resolveRules(key, texts, place);
    };
    return {
      name,
      vpc,
      key,
      path,
      description: group.description ?? name,
      isDeclared,
      ingress: rules('ingress'),
      egress: rules('egress'),
    };
  });
}

function checkGroupName(
  name: string,
  group: LabFileSecurityGroup,
  path: Path,
  { report }: Scope,
): void {
  if (name.startsWith('sg-')) {
    report.atKey(
      path,
      `Cannot name "${name}": found the start of an id, wanted a name without sg-`,
    );
  }
  if (name === DEFAULT && group.description !== undefined) {
    report.atKey(
      [...path, 'description'],
      `Cannot describe "${name}": found a group that the VPC is made with, wanted no description`,
    );
  }
}

function resolveRules(owner: string, texts: readonly string[], place: RulePlace): LabRule[] {
  const rules = new Map<string, LabRule>();
  for (const [index, text] of texts.entries()) {
    const path = [...place.path, index];
    const sentence = readSentence(text, path, place, parseRule);
    if (sentence === null) continue;
    for (const peer of resolvePeer(sentence, owner, path, place)) {
      for (const traffic of sentence.traffic) {
        const key = JSON.stringify([traffic, peer.kind === 'cidr' ? formatCidr(peer.cidr) : peer]);
        if (rules.has(key)) {
          const wanted = 'each rule once, as AWS refuses it the second time';
          place.scope.report.at(
            path,
            `Cannot read "${text}": found the same rule above, wanted ${wanted}`,
          );
        }
        rules.set(key, { traffic, peer });
      }
    }
  }
  return [...rules.values()];
}

/** @returns what the text says, or null when that was reported. */
function readSentence<Sentence>(
  text: string,
  path: Path,
  { direction, scope }: RulePlace,
  parse: (text: string, direction: RuleDirection) => Sentence,
): Sentence | null {
  try {
    return parse(text, direction);
  } catch (error) {
    if (!(error instanceof SentenceError)) throw error;
    // In a flow list YAML ends a text at its comma.
    const isCut = /^(tcp|udp) +[\d-]+$/.test(text);
    const hint = isCut ? '; a rule with a comma in [ ] needs quotes' : '';
    scope.report.at(path, `Cannot read "${text}": ${error.message}${hint}`, error.at);
    return null;
  }
}

/** @returns one peer for each family that the words stand for; none when a name is unknown. */
function resolvePeer(
  { peer, traffic }: RuleSentence,
  owner: string,
  path: Path,
  { vpc, hasIpv6, scope }: RulePlace,
): LabRulePeer[] {
  switch (peer.kind) {
    case 'anywhere':
      return anywhere(traffic[0], hasIpv6).map((cidr) => ({ kind: 'cidr', cidr }));
    case 'cidr':
      return [peer];
    case 'itself':
      return [{ kind: 'group', key: owner }];
    case 'group': {
      const name = resolveGroupName(peer.name, vpc, path, scope, peer.at);
      return name === null ? [] : [{ kind: 'group', key: `${vpc}/${name}` }];
    }
    case 'prefix-list':
      return checkPrefixList(peer, vpc, path, scope)
        ? [{ kind: 'prefix-list', name: peer.name }]
        : [];
    default:
      return peer satisfies never;
  }
}

/** @returns the name of a group of the VPC, or null when that was reported. */
export function resolveGroupName(
  name: string,
  vpc: string,
  path: Path,
  { securityGroups, report }: Scope,
  offset = 0,
): string | null {
  if (securityGroups.has(`${vpc}/${name}`)) return name;
  const wanted = wantedName(name, namesIn(vpc, securityGroups), `a security group of "${vpc}"`);
  report.at(
    path,
    `Cannot use "${name}": found an unknown security group, wanted ${wanted}`,
    offset,
  );
  return null;
}

/** @param keys `vpc/name` of all VPCs. */
function namesIn(vpc: string, keys: ReadonlySet<string>): string[] {
  return [...keys].flatMap((key) => (key.startsWith(`${vpc}/`) ? [key.slice(vpc.length + 1)] : []));
}

function checkPrefixList(
  { name, at }: PlacedName,
  vpc: string,
  path: Path,
  { prefixLists, regions, report }: Scope,
): boolean {
  if (prefixLists.has(name))
    return checkListRegion(regions, name, vpc, (message) => report.at(path, message, at));
  const wanted = wantedName(name, prefixLists, 'a prefix list');
  report.at(path, `Cannot use "${name}": found an unknown prefix list, wanted ${wanted}`, at);
  return false;
}

/** @returns the name of an ACL of the VPC; the default one when it is unknown, which was reported. */
export function resolveAclName(
  name: string | undefined,
  vpc: string,
  path: Path,
  { networkAcls, report }: Scope,
): string {
  if (name === undefined || networkAcls.has(`${vpc}/${name}`)) return name ?? DEFAULT;
  const wanted = wantedName(name, namesIn(vpc, networkAcls), `a network ACL of "${vpc}"`);
  report.at(path, `Cannot use "${name}": found an unknown network ACL, wanted ${wanted}`);
  return DEFAULT;
}

export function resolveNetworkAcls(
  vpc: string,
  fields: LabFileVpc,
  hasIpv6: boolean,
  scope: Scope,
): LabNetworkAcl[] {
  const acls = Object.entries({ [DEFAULT]: {}, ...fields.networkAcls });
  return acls.map(([name, acl]: [string, LabFileNetworkAcl]) => {
    const path = ['vpcs', vpc, 'networkAcls', name];
    const key = `${vpc}/${name}`;
    const isDeclared = fields.networkAcls?.[name] !== undefined;
    const entriesOf = (direction: RuleDirection) =>
      resolveEntries(acl, { vpc, hasIpv6, direction, path: [...path, direction], scope });
    const entries = isDeclared
      ? [...entriesOf('ingress'), ...entriesOf('egress')]
      : entriesOfNewAcl(key, hasIpv6);
    return { name, vpc, key, path, isDeclared, entries };
  });
}

/** ACL-1; the numbers above are AWS's own. */
const LAST_RULE_NUMBER = 32_766;

function resolveEntries(acl: LabFileNetworkAcl, place: RulePlace): NetworkAclEntry[] {
  const { direction, scope } = place;
  return Object.entries(acl[direction] ?? {}).flatMap(([number, text]) => {
    const path = [...place.path, number];
    const ruleNumber = Number(number);
    if (ruleNumber > LAST_RULE_NUMBER) {
      scope.report.atKey(
        path,
        `Cannot use "${number}": found a number that is kept for the last rule, wanted 1 to ${LAST_RULE_NUMBER}`,
      );
    }
    const sentence = readSentence(text, path, place, parseEntry);
    if (sentence === null) return [];
    const { action, traffic, peer } = sentence;
    const [cidr, second] = peer.kind === 'cidr' ? [peer.cidr] : anywhere(traffic, place.hasIpv6);
    if (second !== undefined) {
      const wanted = '0.0.0.0/0 or ::/0, as an entry is of one family';
      const found = 'anywhere, which is two blocks in a VPC with IPv6';
      scope.report.at(
        path,
        `Cannot read "${text}": found ${found}, wanted ${wanted}`,
        text.indexOf('anywhere'),
      );
    }
    return [{ ruleNumber, isEgress: direction === 'egress', action, traffic, cidr }];
  });
}

export function resolvePrefixLists(
  fields: Readonly<Record<string, LabFilePrefixList>>,
  scope: Scope,
): Map<string, LabPrefixList> {
  return new Map(
    Object.entries(fields).map(([name, list]) => [name, resolvePrefixList(name, list, scope)]),
  );
}

function resolvePrefixList(
  name: string,
  fields: LabFilePrefixList,
  { regions, report }: Scope,
): LabPrefixList {
  const realm = regions.prefixLists.get(name) ?? regions.home;
  checkRegion(realm, regions.home, ['prefixLists', name, 'region'], report);
  const path = ['prefixLists', name];
  const isList = Array.isArray(fields);
  const texts = isList ? fields : fields.entries;
  const entries = texts.flatMap((text) => parseCidr(text) ?? []);
  const family = entries[0]?.family ?? 4;
  const seen = new Set<string>();
  for (const [index, cidr] of entries.entries()) {
    const at = isList ? [...path, index] : [...path, 'entries', index];
    const text = formatCidr(cidr);
    if (seen.has(text)) {
      report.at(at, `Cannot list "${text}": found it above already, wanted each block once`);
    }
    seen.add(text);
    if (cidr.family !== family) {
      report.at(
        at,
        `Cannot list "${text}": found IPv${family} blocks before it, wanted blocks of one family`,
      );
    }
  }
  const maxEntries = (isList ? undefined : fields.maxEntries) ?? Math.max(entries.length, 1);
  if (maxEntries < entries.length) {
    report.at(
      [...path, 'maxEntries'],
      `Cannot list "${name}": found ${entries.length} entries, wanted at most ${maxEntries}`,
    );
  }
  return { name, realm, path, family, maxEntries, entries };
}
