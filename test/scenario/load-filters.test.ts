/** Security groups, network ACLs, prefix lists and flow logs of lab files: what they come to. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import t from 'tap';
import { parse } from 'yaml';
import { formatCidr } from '../../src/addr/cidr.ts';
import { loadLab } from '../../src/scenario/file/load.ts';
import type { LabRule } from '../../src/scenario/lab-filters.ts';
import { formatTraffic } from '../../src/scenario/traffic-words.ts';
import { LAB_OPTIONS } from './lab-options.ts';

const EXAMPLE = `
name: filtered
settings: { fragments: addresses-only, tcpEstablishedTimeout: 350s, flowLogInterval: 5s, packetDelay: 1.5s }
quotas: { securityGroupsPerEni: 16 }
prefixLists:
  partners: [192.0.2.0/24, 198.51.100.0/24]
  spare: { maxEntries: 5, entries: [2001:db8::/32] }
vpcs:
  main:
    cidr: 10.0.0.0/16
    ipv6: true
    flowLogs: { traffic: reject, interval: 1m }
    securityGroups:
      default: { ingress: [] }
      web:
        description: web servers
        ingress:
          - tcp 80, 443 from anywhere
          - all from group db
          - all from itself
          - icmp echo-request from anywhere
          - udp 1024-65535 from prefix list partners
          - protocol 89 from 10.0.0.0/16
        egress: []
      db: {}
    networkAcls:
      clients:
        ingress: { 100: allow tcp 80 from 10.0.0.0/8, 110: deny icmp from anywhere }
        egress: { 100: allow all to ::/0 }
    subnets:
      a: { cidr: 10.0.1.0/24, networkAcl: clients, flowLogs: [{ format: [srcaddr], logGroup: sources }, {}] }
      b: { cidr: 10.0.2.0/24 }
    routeTables: { via: { routes: { partners: r1, 203.0.113.0/24: r1 } } }
  plain: { cidr: 10.1.0.0/16, securityGroups: { web: {}, default: {} }, subnets: { c: { cidr: 10.1.1.0/24 } } }
interfaces:
  extra: { subnet: a, securityGroups: db, connectionTracking: { udp: 30s, tcpEstablished: 10m } }
instances:
  r1: { subnet: a, securityGroups: [web, db] }
  h: { subnet: b, count: 2, flowLogs: { traffic: accept } }
steps:
  - { name: s, set: { instance: r1, securityGroups: default } }
  - name: d
    expect: { drops: { from: r1, reason: ARP_GRATUITOUS, since: step } }
`;

const lab = loadLab(EXAMPLE, LAB_OPTIONS);

function texts(rules: readonly LabRule[] | undefined): string[] {
  return (rules ?? []).map(({ traffic, peer }) => {
    const whom = peer.kind === 'cidr' ? formatCidr(peer.cidr) : Object.values(peer).join(' ');
    return `${formatTraffic(traffic)} ${whom}`;
  });
}

t.test('loadLab spreads rules out: one for each range and each family', (t) => {
  const web = lab.securityGroups.get('main/web');
  t.equal(web?.description, 'web servers');
  t.strictSame(texts(web?.ingress), [
    'tcp 80 0.0.0.0/0',
    'tcp 443 0.0.0.0/0',
    'tcp 80 ::/0',
    'tcp 443 ::/0',
    'all group main/db',
    'all group main/web',
    'icmp echo-request 0.0.0.0/0',
    'udp 1024-65535 prefix-list partners',
    'ospf 10.0.0.0/16',
  ]);
  t.strictSame(web?.egress, [], 'an empty list is nothing');
  t.end();
});

t.test('[SG-2] loadLab fills in the rules that AWS makes', (t) => {
  const rulesOf = (key: string) => {
    const group = lab.securityGroups.get(key);
    return { ingress: texts(group?.ingress), egress: texts(group?.egress) };
  };
  const everywhere = ['all 0.0.0.0/0', 'all ::/0'];
  t.strictSame(rulesOf('main/db'), { ingress: [], egress: everywhere });
  t.strictSame(rulesOf('main/default'), { ingress: [], egress: everywhere });
  t.strictSame(rulesOf('plain/web'), { ingress: [], egress: ['all 0.0.0.0/0'] }, 'no IPv6');
  t.strictSame(rulesOf('plain/default'), {
    ingress: ['all group plain/default'],
    egress: ['all 0.0.0.0/0'],
  });
  t.equal(lab.securityGroups.get('main/db')?.description, 'db', 'AWS wants a description');
  t.end();
});

t.test('[ACL-1] loadLab reads the entries of network ACLs', (t) => {
  const entries = lab.networkAcls
    .get('main/clients')
    ?.entries.map(
      ({ isEgress, ruleNumber, action, traffic, cidr }) =>
        `${isEgress ? 'out' : 'in'} ${ruleNumber} ${action} ${formatTraffic(traffic)} ${formatCidr(cidr)}`,
    );
  t.strictSame(entries, [
    'in 100 allow tcp 80 10.0.0.0/8',
    'in 110 deny icmp 0.0.0.0/0',
    'out 100 allow all ::/0',
  ]);
  t.equal(lab.subnets.get('main/a')?.networkAcl, 'clients');
  t.equal(lab.subnets.get('main/b')?.networkAcl, 'default');
  t.end();
});

t.test('loadLab reads prefix lists and routes to them', (t) => {
  t.match(lab.prefixLists.get('partners'), { family: 4, maxEntries: 2 });
  t.match(lab.prefixLists.get('spare'), { family: 6, maxEntries: 5 });
  const table = lab.routeTables.get('main/via');
  t.equal(table?.routes.length, 1);
  t.match(table?.prefixListRoutes, [
    { prefixList: 'partners', target: { kind: 'instance', instance: 'r1' } },
  ]);
  t.end();
});

t.test('loadLab gives interfaces their groups and timeouts', (t) => {
  t.strictSame(lab.instances.get('r1')?.securityGroups, ['web', 'db']);
  t.strictSame(lab.instances.get('h-2')?.securityGroups, ['default']);
  t.match(lab.interfaces.get('extra'), {
    securityGroups: ['db'],
    connectionTracking: {
      tcpEstablishedTimeoutS: 600,
      udpTimeoutS: 30,
      udpStreamTimeoutS: null,
    },
  });
  t.strictSame(lab.settings, {
    fragments: 'addresses-only',
    tcpEstablishedTimeoutS: 350,
    flowLogIntervalS: 5,
    packetDelayMs: 1500,
  });
  t.strictSame(lab.quotas, { securityGroupsPerEni: 16 });
  t.strictSame(lab.steps[0]?.set[0]?.securityGroups, ['default']);
  t.match(lab.steps[1]?.expect, [{ kind: 'drops', since: 'step' }]);
  t.end();
});

t.test('[FL-2] loadLab collects flow logs from wherever they stand', (t) => {
  const found = lab.flowLogs.map(
    ({ resource, trafficType, fields, aggregationIntervalS, logGroup }) =>
      `${resource.kind} ${resource.name} ${trafficType} ${fields?.join() ?? '-'} ${aggregationIntervalS} ${logGroup}`,
  );
  t.strictSame(found, [
    'vpc main REJECT - 60 filtered',
    'subnet main/a ALL srcaddr 600 sources',
    'subnet main/a ALL - 600 filtered',
    'interface h-1.eth0 ACCEPT - 600 filtered',
    'interface h-2.eth0 ACCEPT - 600 filtered',
  ]);
  t.end();
});

t.test('the schema for editors knows sentences from other texts', (t) => {
  const schema = JSON.parse(readFileSync('schemas/vpclab.schema.json', 'utf8'));
  const validate = new Ajv({ strict: false }).compile(schema);
  t.ok(validate(parse(EXAMPLE)), JSON.stringify(validate.errors));
  for (const [right, wrong] of [
    ['tcp 80, 443 from anywhere', 'tcp 80, 443 form anywhere'],
    ['all from group db', 'all from grup db'],
    ['icmp echo-request from anywhere', 'icmp echo-request anywhere'],
    ['allow tcp 80 from 10.0.0.0/8', 'allow tcp 80, 443 from 10.0.0.0/8'],
  ] as const) {
    t.notOk(validate(parse(EXAMPLE.replace(right, wrong))), wrong);
  }
  t.end();
});
