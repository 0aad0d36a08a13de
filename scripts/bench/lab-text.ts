/** Lab files of any size, for the lab under measurement and for models in memory. */

/** Room in the quotas for what a measure adds, and for what AWS makes itself. */
const SPARE = 20;

export interface LabSize {
  /** Pairs of a client in subnet `a` and a server in subnet `b`, with security groups of their own. */
  readonly pairs: number;
  /** Instances that each client and each server stands for. */
  readonly count: number;
  /** Security groups on each instance. */
  readonly groups: number;
  /** Rules of a group: so many in, so many out. */
  readonly rules: number;
  /** Rules of the network ACL of both subnets: so many in, so many out. */
  readonly aclRules: number;
  /** Routes of the main table, besides the local one. */
  readonly routes: number;
}

/** As much as AWS allows without asking: SG-4, ACL-3; and twice its default of routes (RT-15). */
export const FULL_POLICY = { groups: 5, rules: 60, aclRules: 20, routes: 100 } as const;

export const POLICY_WORDS = `${FULL_POLICY.groups} security groups of ${FULL_POLICY.rules} rules a direction on each instance, network ACLs of ${FULL_POLICY.aclRules} rules a direction, ${FULL_POLICY.routes} routes`;

export function labText(name: string, size: LabSize): string {
  const routes = numbers(size.routes).map((n) => `198.18.${n}.0/24: ${firstServer(size)}`);
  return `name: ${name}
quotas: ${quotas(size)}
vpcs:
  main:
    cidr: 10.0.0.0/16
    ipv6: true
    subnets:
      a: { cidr: 10.0.0.0/18, ipv6: 1, networkAcl: acl }
      b: { cidr: 10.0.64.0/18, ipv6: 2, networkAcl: acl }
    routeTables:
      rest: { main: true, routes: { ${routes.join(', ')} } }
${filters(size)}
instances:
${numbers(size.pairs)
  .flatMap((pair) => instances(pair, size))
  .join('\n')}
`;
}

function quotas({ pairs, groups, rules, routes }: LabSize): string {
  const filters = `rulesPerSecurityGroup: ${rules + SPARE}, securityGroupsPerRegion: ${pairs * groups + SPARE}`;
  return `{ routesPerTable: ${routes + SPARE}, ${filters} }`;
}

function firstServer({ count }: LabSize): string {
  return count === 1 ? 'server1' : 'server1-1';
}

function instances(pair: number, { count, groups }: LabSize): string[] {
  const names = numbers(groups).map((n) => `g${pair}-${n}`);
  const more = `${count === 1 ? '' : `, count: ${count}`}, securityGroups: [${names}]`;
  return [
    `  client${pair}: { subnet: a, dhcp: static${more} }`,
    `  server${pair}: { subnet: b, dhcp: static${more} }`,
  ];
}

/** What lets traffic through are the last rules of a pair's last group, and the last of the ACL. */
function filters({ pairs, groups, rules, aclRules }: LabSize): string {
  const lines = numbers(pairs).flatMap((pair) =>
    numbers(groups).map((group) => {
      const strangers = numbers(rules).map((rule) =>
        rule % 2 === 0
          ? `udp ${20_000 + rule} from 10.0.0.0/16`
          : `tcp ${20_000 + rule} from 10.${100 + group}.${rule & 255}.0/24`,
      );
      // Not from anywhere: such connections are not tracked (SG-5).
      const friends = group < groups ? [] : ['all from 2000::/3', 'all from 10.0.0.0/8'];
      const ingress = [...strangers, ...friends].slice(-rules);
      const egress = ingress.map((rule) => rule.replace('from', 'to'));
      return `      g${pair}-${group}: ${JSON.stringify({ ingress, egress })}`;
    }),
  );
  return `    securityGroups:
${lines.join('\n')}
    networkAcls:
      acl: { ingress: { ${aclEntries(aclRules, 'from')} }, egress: { ${aclEntries(aclRules, 'to')} } }
`;
}

function aclEntries(count: number, direction: 'from' | 'to'): string {
  const strangers = numbers(count).map(
    (entry) => `deny ${entry % 2 === 0 ? 'udp' : 'tcp'} ${30_000 + entry} ${direction} 10.0.0.0/16`,
  );
  const friends = [`allow all ${direction} ::/0`, `allow all ${direction} 0.0.0.0/0`];
  const entries = [...strangers, ...friends].slice(-count);
  return entries.map((text, index) => `${(index + 1) * 10}: "${text}"`).join(', ');
}

/** @returns 1 to `count`. */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
