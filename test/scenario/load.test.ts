/** Lab files that are right, what they come to, and what the golden refusals do not cover. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import t from 'tap';
import { parse } from 'yaml';
import { formatCidr } from '../../src/addr/cidr.ts';
import { formatIpv4 } from '../../src/addr/ipv4.ts';
import { formatDuration, parseDuration } from '../../src/scenario/file/durations.ts';
import { loadLab } from '../../src/scenario/file/load.ts';
import { LabFileError, nearest, wantedName } from '../../src/scenario/file/problems.ts';
import type { Lab } from '../../src/scenario/lab.ts';
import { LAB_OPTIONS } from './lab-options.ts';

/** The example of the design: every kind of field, AWS's nouns, names instead of ids. */
const EXAMPLE = `
name: vrrp-failover
description: Why VRRP cannot move an address in a VPC, and what can.
rules: 2020
seed: 7
quotas: { vpcsPerRegion: 9 }
vpcs:
  main:
    cidr: [10.0.0.0/16, 10.1.0.0/16]
    enableDnsHostnames: true
    dhcpOptions: { domainName: lab.test, domainNameServers: [AmazonProvidedDNS, 10.0.1.53] }
    subnets:
      a: { cidr: 10.0.1.9/24, zone: us-east-1a }
      b:
        cidr: 10.1.2.0/24
        zone: us-east-1b
        routeTable: clients
        reservations: [{ cidr: 10.1.2.16/28, type: explicit }]
    routeTables:
      clients: { routes: { 192.0.2.10/32: r1, 198.51.100.0/24: r2.eth1, 203.0.113.0/24: service } }
  other: { cidr: 10.0.0.0/16, dhcpOptions: default, subnets: { a2: { cidr: 10.0.1.0/24 } } }
interfaces:
  service: { subnet: a, address: 10.0.1.50, secondaryAddresses: [10.0.1.51], attach: r2 }
  spare: { subnet: main/a, sourceDestCheck: false }
instances:
  r1:
    image: keepalived
    subnet: a
    address: 10.0.1.11
    sourceDestCheck: false
    files:
      /etc/keepalived/keepalived.conf: lab-options.ts
      /etc/motd: { content: hello, mode: "0600" }
      /opt/notify: { source: lab-options.ts, mode: 0755 }
    start: sysctl -w net.ipv4.ip_forward=1
    daemons: { keepalived: keepalived -n }
    env: { LEVEL: 3, DEBUG: true }
    dhcp: udhcpc
    type: c5.large
  r2: { subnet: a, address: 10.0.1.12 }
  web: { subnet: b, count: 3 }
steps:
  - name: both believe they are master
    expect: { on: [r1, r2], log: Entering MASTER STATE, within: 10s }
  - name: adverts are dropped
    expect:
      - { drops: { from: [r1, r2], reason: MULTICAST_NOT_FORWARDED, atLeast: 2 } }
      - { drops: { from: r2.eth1, reason: MULTICAST_NOT_FORWARDED, atMost: 5 }, within: 1m }
      - { on: web, arp: { 10.0.1.11: r1, 10.0.1.12: 02:00:00:00:00:01, $r1.eth0.address: none } }
      - { on: r1, health: ok }
  - name: the route moves
    stop: r1
    set:
      - { instance: r2, sourceDestCheck: false }
      - { interface: service, attach: { instance: r1, device: 2 } }
      - { interface: r2.eth1, address: 10.0.1.51 }
      - { interface: service, attach: none }
    aws:
      - ec2 replace-route --route-table-id $clients --destination-cidr-block 192.0.2.10/32
          --network-interface-id $r2.eth0
      - { command: "ec2 delete-vpc --vpc-id \${vpc:main}", fails: DependencyViolation }
    run: { on: web, command: ping -c1 192.0.2.10 }
    expect: { on: web, command: ping -c1 -W1 192.0.2.10, matches: "1 received", within: 1s }
    outage: { on: web-1, to: 192.0.2.10, below: 3s, atLeast: 100ms }
`;

function load(text: string): Lab {
  return loadLab(text, { ...LAB_OPTIONS, folder: import.meta.dirname });
}

t.test('loadLab resolves the topology of the example', (t) => {
  const lab = load(EXAMPLE);
  t.match(lab, { name: 'vrrp-failover', home: { region: 'us-east-1' }, rules: '2020', seed: '7' });
  t.strictSame(lab.quotas, { vpcsPerRegion: 9 });
  t.strictSame([...lab.subnets.keys()], ['main/a', 'main/b', 'other/a2']);
  t.strictSame(
    [...lab.subnets.values()].map(({ cidr }) => cidr && formatCidr(cidr)),
    ['10.0.1.0/24', '10.1.2.0/24', '10.0.1.0/24'],
  );
  t.equal(lab.subnets.get('other/a2')?.zone, 'us-east-1a', 'the first zone by default');
  t.strictSame([...lab.instances.keys()], ['r1', 'r2', 'web-1', 'web-2', 'web-3']);
  t.strictSame(
    lab.routeTables.get('main/clients')?.routes.map(({ target }) => target),
    [
      { kind: 'instance', instance: 'r1' },
      { kind: 'named', name: 'service' },
      { kind: 'named', name: 'service' },
    ],
  );
  t.strictSame(lab.interfaces.get('service')?.attach, { instance: 'r2', device: 1 });
  t.equal(lab.interfaces.get('spare')?.attach, null);
  t.equal(lab.vpcs.get('other')?.dhcpOptions, 'default');
  t.end();
});

t.test('loadLab fills in an instance', (t) => {
  const r1 = load(EXAMPLE).instances.get('r1');
  t.equal(r1?.address === null ? '' : formatIpv4(r1?.address ?? 0), '10.0.1.11');
  t.match(r1, {
    image: 'keepalived',
    subnet: 'main/a',
    sourceDestCheck: false,
    dhcp: 'udhcpc',
    start: 'sysctl -w net.ipv4.ip_forward=1',
    daemons: [{ name: 'keepalived', command: 'keepalived -n' }],
    env: { LEVEL: '3', DEBUG: 'true' },
    type: 'c5.large',
  });
  const source = `${import.meta.dirname}/lab-options.ts`;
  t.strictSame(r1?.files, [
    { path: '/etc/keepalived/keepalived.conf', from: { source }, mode: null },
    { path: '/etc/motd', from: { content: 'hello' }, mode: 0o600 },
    { path: '/opt/notify', from: { source }, mode: 0o755 },
  ]);
  t.match(load(EXAMPLE).instances.get('r2'), { image: 'linux', dhcp: 'dhclient', type: null });
  t.end();
});

t.test('loadLab resolves steps', (t) => {
  const [masters, drops, move] = load(EXAMPLE).steps;
  t.match(masters?.expect, [{ kind: 'log', on: ['r1', 'r2'], count: 1, withinMs: 10_000 }]);
  t.match(drops?.expect, [
    { kind: 'drops', from: ['r1', 'r2'], atLeast: 2, atMost: Number.POSITIVE_INFINITY },
    { kind: 'drops', from: ['r2.eth1'], atLeast: 0, atMost: 5, withinMs: 60_000 },
    { kind: 'arp', on: ['web-1', 'web-2', 'web-3'], withinMs: 5_000 },
    { kind: 'health', on: ['r1'], health: 'ok' },
  ]);
  const arp = drops?.expect[2];
  t.strictSame(arp?.kind === 'arp' ? [...arp.entries] : [], [
    ['10.0.1.11', { kind: 'interface', variable: 'r1.eth0' }],
    ['10.0.1.12', { kind: 'mac', mac: 0x020000000001 }],
    ['$r1.eth0.address', { kind: 'none' }],
  ]);
  t.strictSame(move?.power, [{ kind: 'stop', instances: ['r1'] }]);
  t.strictSame(move?.set, [
    {
      interface: 'r2.eth0',
      sourceDestCheck: false,
      securityGroups: null,
      address: null,
      attach: null,
    },
    {
      interface: 'service',
      sourceDestCheck: null,
      securityGroups: null,
      address: null,
      attach: { instance: 'r1', device: 2 },
    },
    {
      interface: 'r2.eth1',
      sourceDestCheck: null,
      securityGroups: null,
      address: '10.0.1.51',
      attach: null,
    },
    {
      interface: 'service',
      sourceDestCheck: null,
      securityGroups: null,
      address: null,
      attach: 'none',
    },
  ]);
  t.match(move?.aws, [
    {
      action: 'ReplaceRoute',
      input: {
        RouteTableId: '$clients',
        DestinationCidrBlock: '192.0.2.10/32',
        NetworkInterfaceId: '$r2.eth0',
      },
      fails: null,
    },
    { action: 'DeleteVpc', input: { VpcId: '${vpc:main}' }, fails: 'DependencyViolation' },
  ]);
  t.match(move?.outage, { on: ['web-1'], to: ['192.0.2.10'], belowMs: 3000, atLeastMs: 100 });
  t.end();
});

t.test('loadLab reports broken YAML and nothing else', (t) => {
  const broken = 'name: errors\nvpcs:\n  main: { cidr: 10.0.0.0/16\ninstances: [\n';
  t.throws(() => load(broken), {
    name: 'LabFileError',
    message: [
      'lab.vpclab.yml:4:1: Cannot read the file: flow map in block collection must be sufficiently indented and end with a }, wanted valid YAML',
      'lab.vpclab.yml:5:1: Cannot read the file: flow sequence in block collection must be sufficiently indented and end with a ], wanted valid YAML',
    ].join('\n'),
  });
  t.end();
});

t.test('loadLab never throws anything but LabFileError', (t) => {
  const lines = EXAMPLE.split('\n');
  for (const [index] of lines.entries()) {
    for (const text of [
      lines.toSpliced(index, 1).join('\n'),
      lines.slice(0, index).join('\n'),
      lines.map((line, at) => (at === index ? line.replace(/[:[{]/, '') : line)).join('\n'),
      lines.map((line, at) => (at === index ? line.replace(/\d+/, '-1') : line)).join('\n'),
      lines.map((line, at) => (at === index ? line.replace(/: .*/, ': ~') : line)).join('\n'),
    ]) {
      try {
        load(text);
      } catch (error) {
        if (!(error instanceof LabFileError)) t.fail(`line ${index + 1}: ${error}`);
      }
    }
  }
  t.pass(`${lines.length * 5} mutations`);
  t.end();
});

t.test('the JSON Schema accepts what loadLab accepts and refuses an unknown field', (t) => {
  const path = new URL('../../schemas/vpclab.schema.json', import.meta.url);
  const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(path, 'utf8')));
  t.ok(validate(parse(EXAMPLE)), JSON.stringify(validate.errors));
  t.notOk(validate({ ...parse(EXAMPLE), regoin: 'x' }));
  t.end();
});

t.test('parseDuration and formatDuration', (t) => {
  const rows: [string, number | null, string?][] = [
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['0ms', 0],
    ['90s', 90_000],
    ['5', null],
    ['-1s', null],
    ['1h', null],
    ['', null],
  ];
  for (const [text, ms] of rows) {
    t.equal(parseDuration(text), ms, text);
    if (ms !== null) t.equal(formatDuration(ms), text);
  }
  t.end();
});

t.test('nearest finds what was probably meant', (t) => {
  const names = ['subnet', 'image', 'address', 'r1', 'r2'];
  const rows: [string, string | null][] = [
    ['subent', 'subnet'],
    ['Subnet', 'subnet'],
    ['adress', 'address'],
    ['r', 'r1'],
    ['colour', null],
  ];
  for (const [word, wanted] of rows) t.equal(nearest(word, names), wanted, word);
  t.equal(wantedName('x9z', [], 'a thing'), 'a thing, and there is none');
  t.end();
});
