/** Lab file, model, AWS's documents, and back to a lab file that is the same lab. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { exportOf, type LabExport } from '../../src/cli/lab-export.ts';
import { fromBase64 } from '../../src/scenario/file/aws-customizations.ts';
import { loadLab } from '../../src/scenario/file/load.ts';
import type { OpenLabFile } from '../../src/scenario/file/schema.ts';
import type { ImportFacts } from '../../src/scenario/import/context.ts';
import type { ImportedLab } from '../../src/scenario/import/import-lab.ts';
import { nameTag } from '../../src/scenario/import/names.ts';
import type { AwsSource } from '../../src/scenario/import/records.ts';
import type { Lab } from '../../src/scenario/lab.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { imported, LOAD, made, sourcesOf } from './describing.ts';

interface RoundTrip {
  readonly result: ImportedLab;
  /** What `up` of the written file would change on the lab that was written down. */
  readonly plan: readonly string[];
  /** The file, and that of a lab that was made by the file; without ids. */
  readonly texts: readonly [string, string];
}

async function roundTrip(lab: Lab): Promise<RoundTrip> {
  const runtime = await made(lab);
  const facts = factsOf(exportOf(runtime.snapshot, runtime.fabric.regions), lab);
  const options = { name: lab.name, facts };
  const result = imported(regionsOf(runtime), options);
  const plan = planLab(result.lab, runtime.fabric, runtime.imageIdOf);
  const again = imported(regionsOf(await made(result.lab)), options);
  return {
    result,
    plan: plan.map(({ action, subject, reason }) => `${action} ${subject}: ${reason}`),
    texts: [withoutIds(result.text), withoutIds(again.text)],
  };
}

/** The documents of all regions that the lab uses. */
function regionsOf({ snapshot, fabric }: Awaited<ReturnType<typeof made>>): AwsSource[] {
  const { others } = exportOf(snapshot, fabric.regions);
  return [snapshot, ...fabric.regions.filter(({ region }) => isOther(region, others))].flatMap(
    (each) =>
      sourcesOf(each).map((source) => ({ ...source, file: `${each.region}/${source.file}` })),
  );
}

function isOther(region: string, others: LabExport['others']): boolean {
  return others.some((other) => other.region === region);
}

/** What no document of EC2 tells, and a running lab does. */
function factsOf({ region, roles, hostedZones, hosts }: LabExport, lab: Lab): Partial<ImportFacts> {
  const told = {
    region,
    roles,
    hostedZones,
    hosts: Object.fromEntries(
      hosts.map(({ name, address, ipv6Address }) => [
        name,
        { address, ...(ipv6Address === null ? {} : { ipv6Address }) },
      ]),
    ),
  };
  const userDataOf = (name: string) => lab.instances.get(name)?.userData ?? null;
  if ([...lab.instances.keys()].every((name) => userDataOf(name) === null)) return told;
  return {
    ...told,
    contentOf: ({ Tags }) => {
      const userData = userDataOf(nameTag(Tags) ?? '');
      const content = userData === null ? {} : { userData: fromBase64(userData) };
      return { content, lost: null };
    },
  };
}

function withoutIds(text: string): string {
  return text.replaceAll(/-0[0-9a-f]{16}/g, '');
}

async function check(t: Test, lab: Lab): Promise<ImportedLab> {
  const { plan, texts, result } = await roundTrip(lab);
  t.strictSame(plan, [], 'it is the same lab');
  t.equal(texts[1], texts[0], 'and stays so');
  return result;
}

const SCENARIOS = path.resolve(import.meta.dirname, '../../scenarios');

for (const scenario of fs.readdirSync(SCENARIOS)) {
  t.test(`the lab of scenario ${scenario} comes back`, async (t) => {
    const folder = path.join(SCENARIOS, scenario);
    const text = fs.readFileSync(path.join(folder, 'lab.vpclab.yml'), 'utf8');
    await check(t, loadLab(text, { ...LOAD, folder }));
  });
}

const ALL_KINDS = `
name: all-kinds
prefixLists:
  partners: [192.0.2.0/24, 198.51.100.0/24]
  v6: { maxEntries: 5, entries: ["2001:db8::/32"] }
vpcs:
  main:
    cidr: [10.0.0.0/16, 10.1.0.0/16]
    ipv6: true
    enableDnsSupport: false
    dhcpOptions:
      domainName: lab.test
      domainNameServers: [10.0.0.9, "2001:db8::53"]
      ntpServers: [10.0.0.9]
      netbiosNameServers: [10.0.0.10]
      netbiosNodeType: 2
      ipv6AddressPreferredLeaseTime: 3600
    subnets:
      a: { cidr: 10.0.1.0/24, ipv6: true, routeTable: via, flowLogs: { format: [srcaddr, action] } }
      b: { cidr: 10.1.2.0/24, zone: us-east-1b, networkAcl: strict, reservations: [{ cidr: 10.1.2.0/28, type: prefix }] }
      six: { ipv6: 7 }
    routeTables:
      base: { main: true }
      unused: {}
      via: { routes: { 192.0.2.10/32: r1, 198.51.100.0/24: r2, partners: spare, v6: r1.eth0, "::/0": r1 } }
    securityGroups:
      default: { ingress: [all from itself, "tcp 22, 25-30 from anywhere", icmp 3/4 from 10.0.0.0/8] }
      shut: { egress: [] }
      web:
        description: many rules
        ingress: [tcp from group shut, udp 53 from prefix list partners, icmpv6 packet-too-big from anywhere, ospf from 10.0.0.0/8, "protocol 200 from ::/0"]
        egress: [icmp to anywhere, all to prefix list v6]
    networkAcls:
      default: { ingress: { 100: allow all from 0.0.0.0/0 }, egress: { 100: allow all to 0.0.0.0/0, 200: "deny icmpv6 to ::/0" } }
      strict: { ingress: { 5: allow udp 1-2 from 10.0.0.0/8, 32766: deny esp from 0.0.0.0/0 } }
    flowLogs: [{ traffic: reject, interval: 60s, logGroup: other }, { traffic: accept }]
  other:
    cidr: 10.0.0.0/16
    dhcpOptions: default
    subnets: { a: { cidr: 10.0.1.0/24 } }
roles: { ha: { allow: [ec2:Describe*, ec2:ReplaceRoute], deny: sts:* }, idle: { deny: '*' } }
interfaces:
  service: { subnet: main/a, secondaryAddresses: [10.0.1.51], attach: { instance: r2, device: 3 }, ipv6Addresses: [] }
  spare: { subnet: main/a, sourceDestCheck: false, ipv6Addresses: ["::5", "::6"], flowLogs: { traffic: reject } }
instances:
  r1: { subnet: main/a, address: 10.0.1.4, securityGroups: [web, default], sourceDestCheck: false }
  r2: { subnet: main/a, type: c5.large, connectionTracking: { udp: 45s, tcpEstablished: 100s } }
  s: { subnet: six, type: t3.micro, tags: { Role: standby, "a b": "" } }
  m: { subnet: main/a, metadata: { tokens: required, hopLimit: 2, ipv6: enabled, tags: enabled, endpoint: disabled } }
  o: { subnet: other/a, flowLogs: { interval: 10m }, role: ha }
  bare: { subnet: other/a, role: none }
  many: { subnet: b, count: 3 }
`;

t.test('a lab with everything that a lab file can say comes back', async (t) => {
  const { leftOut } = await check(t, loadLab(ALL_KINDS, LOAD));
  t.match(
    leftOut.map(({ what }) => what),
    [
      'prefix lists of AWS (14)',
      /^route table main\/rtb-/,
      'MAC addresses (11)',
      'images and what runs in them (9)',
    ],
    'what AWS made and nothing uses is all that is not there',
  );
});

const EDGES = `
name: edges
rules: current
elasticAddresses: { out: { address: 198.18.0.7 }, spare: {} }
peerings:
  near: { from: main, to: other, dns: true }
  open: { from: other, to: third, accept: false }
vpcs:
  main:
    cidr: [10.0.0.0/16, 10.9.0.0/16]
    ipv6: true
    internetGateway: { name: edge, routeTable: ingress }
    egressOnlyInternetGateway: true
    subnets:
      public: { cidr: 10.0.1.0/24, routeTable: public, mapPublicIpOnLaunch: true }
      private: { cidr: 10.0.2.0/24, routeTable: private, ipv6: true, dns64: true }
    natGateways:
      nat: { subnet: public, address: out }
      own: { subnet: public }
      inner: { subnet: private, connectivity: private, privateAddress: 10.0.2.9 }
      fw: { subnet: private, connectivity: private }
    endpoints: { s3: { service: s3, routeTables: [private, public] }, db: { service: dynamodb } }
    routeTables:
      public: { routes: { 0.0.0.0/0: igw, 10.1.0.0/16: near } }
      private:
        routes:
          0.0.0.0/0: nat
          "::/0": egress-only
          "64:ff9b::/96": nat
          10.0.1.0/24: instance:fw
          192.0.2.0/24: natGateway:fw
          198.51.100.0/24: inner
          local: own-fw
      ingress: { routes: { 10.0.2.0/24: own-fw, local: own-fw } }
  other:
    cidr: 10.1.0.0/16
    internetGateway: true
    subnets: { a: { cidr: 10.1.1.0/24 } }
    routeTables: { rest: { main: true, routes: { 10.0.0.0/16: near, 10.2.0.0/16: open, 0.0.0.0/0: igw } } }
  third: { cidr: 10.2.0.0/16, subnets: {}, egressOnlyInternetGateway: out-only }
interfaces:
  side: { subnet: private, attach: host, elasticAddress: spare }
instances:
  fw: { subnet: private, sourceDestCheck: false }
  own-fw: { subnet: private, elasticAddress: true }
  web: { subnet: public }
  host: { subnet: private }
  shown: { subnet: a, publicAddress: auto }
`;

const BALANCED = `
name: balanced
rules: current
vpcs:
  inspection:
    cidr: 10.1.0.0/16
    subnets: { fw-a: { cidr: 10.1.1.0/24 }, fw-b: { cidr: 10.1.2.0/24, zone: us-east-1b } }
    targetGroups:
      firewalls:
        targets: [fw]
        healthCheck: { protocol: http, port: 8080, path: /up, interval: 5s, timeout: 2s, healthy: 2, unhealthy: 3, codes: "200" }
        stickiness: source-ip-dest-ip-proto
        failover: rebalance
        deregistrationDelay: 10s
      plain: {}
    gatewayLoadBalancers:
      inspect: { subnets: [fw-a, fw-b], targetGroup: firewalls, crossZone: true, tcpIdle: 60s }
      bare: { subnets: fw-a, targetGroup: plain }
  main:
    cidr: 10.0.0.0/16
    internetGateway: { name: igw, routeTable: ingress }
    subnets:
      edge: { cidr: 10.0.1.0/24, routeTable: edge }
      app: { cidr: 10.0.2.0/24, routeTable: app }
    endpoints:
      s3: { service: s3, routeTables: [app] }
      gwlbe: { gatewayLoadBalancer: inspect, subnet: edge }
    routeTables:
      edge: { routes: { 0.0.0.0/0: igw } }
      app: { routes: { 0.0.0.0/0: gwlbe } }
      ingress: { routes: { 10.0.2.0/24: gwlbe } }
instances:
  fw: { subnet: fw-a, count: 2 }
`;

t.test('a lab with Gateway Load Balancers comes back', async (t) => {
  const { leftOut } = await check(t, loadLab(BALANCED, LOAD));
  t.strictSame(
    leftOut
      .map(({ what, reason }) => `${what}: ${reason}`)
      .filter((each) => /balanc|target|endpoint/i.test(each)),
    [],
  );
});

t.test('a lab with everything at its edges comes back', async (t) => {
  const { leftOut, lab } = await check(t, loadLab(EDGES, LOAD));
  const told = leftOut.map(({ what }) => what).join('\n');
  t.notMatch(told, /gateway|peering|address(?:es)? of (?:NAT|interface)|endpoint|route to/);
  t.strictSame(lab.natGateways.get('main/own')?.elasticAddress, 'main/own');
  t.strictSame(lab.instances.get('own-fw')?.elasticAddress, 'own-fw');
});

const TRAFFIC = ['all', 'tcp', 'tcp 80', 'udp 1000-2000', 'icmp echo-request', 'ospf'] as const;
const BLOCKS = ['anywhere', '10.0.0.0/8', '192.0.2.0/24'] as const;

/** Draws the parts of a lab file out of numbers, so that what comes out is a good one. */
class Drawer {
  readonly #draw: fc.GeneratorValue;

  constructor(draw: fc.GeneratorValue) {
    this.#draw = draw;
  }

  upTo(most: number): number {
    return this.#draw(fc.nat, { max: most });
  }

  flag(): boolean {
    return this.#draw(fc.boolean);
  }

  oneOf<T>(items: readonly [T, ...T[]]): T {
    return items[this.upTo(items.length - 1)] ?? items[0];
  }

  some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.flag());
  }

  /** The field, or nothing. */
  maybe<F extends object>(field: () => F): F | Record<string, never> {
    return this.flag() ? field() : {};
  }

  rules(direction: string, groups: readonly string[]): string[] {
    const peers = ['itself', ...BLOCKS, ...groups.map((name) => `group ${name}`)] as const;
    return this.some(TRAFFIC).map((traffic) => `${traffic} ${direction} ${this.oneOf(peers)}`);
  }

  entries(direction: string): Record<string, string> {
    const entries = this.some(TRAFFIC).map((traffic, index) => {
      const action = this.oneOf(['allow', 'deny']);
      const block = this.oneOf(['10.0.0.0/8', '0.0.0.0/0']);
      return [10 * (index + 1), `${action} ${traffic} ${direction} ${block}`];
    });
    return Object.fromEntries(entries);
  }

  vpc(number: number, instances: readonly string[]): OpenLabFile['vpcs'][string] {
    const [ipv6, groups, acls, tables] = [
      this.flag(),
      this.some(['web', 'db']),
      this.some(['strict', 'default']),
      this.some(['via', 'base']),
    ];
    const subnets = instances.map((_, index) => [
      `s${index}`,
      {
        cidr: `10.${number}.${index}.0/24`,
        zone: this.oneOf(['us-east-1a', 'us-east-1b']),
        ...(ipv6 ? this.maybe(() => ({ ipv6: index })) : {}),
        ...(tables.length > 0 ? this.maybe(() => ({ routeTable: tables[0] })) : {}),
        ...(acls[0] === 'strict' ? this.maybe(() => ({ networkAcl: 'strict' })) : {}),
        ...this.maybe(() => ({ flowLogs: { traffic: this.oneOf(['all', 'accept'] as const) } })),
      },
    ]);
    const routes = () =>
      this.some(instances).map((name, index) => [
        `203.0.${index}.0/24`,
        this.oneOf([name, `${name}.eth0`]),
      ]);
    return {
      cidr: `10.${number}.0.0/16`,
      ipv6,
      enableDnsHostnames: this.flag(),
      subnets: Object.fromEntries(subnets),
      routeTables: Object.fromEntries(
        tables.map((name) => [
          name,
          { main: name === 'base' && this.flag(), routes: Object.fromEntries(routes()) },
        ]),
      ),
      securityGroups: Object.fromEntries(
        [...groups, ...this.some(['default'])].map((name) => {
          const others = groups.filter((each) => each !== name);
          const egress = this.maybe(() => ({ egress: this.rules('to', others) }));
          return [name, { ingress: this.rules('from', others), ...egress }];
        }),
      ),
      networkAcls: Object.fromEntries(
        acls.map((name) => [name, { ingress: this.entries('from'), egress: this.entries('to') }]),
      ),
    };
  }

  lab(): OpenLabFile {
    const interfaces: NonNullable<OpenLabFile['interfaces']> = {};
    const file: OpenLabFile = { name: 'drawn', vpcs: {}, interfaces, instances: {} };
    for (let number = this.upTo(1); number >= 0; number--) {
      const names = Array.from({ length: this.upTo(3) + 1 }, (_, index) => `i${number}${index}`);
      const vpc = this.vpc(number, names);
      file.vpcs[`v${number}`] = vpc;
      const groups = Object.keys(vpc.securityGroups ?? {});
      for (const [index, name] of names.entries()) {
        const place = () => ({
          subnet: `v${number}/s${index}`,
          sourceDestCheck: this.flag(),
          ...(groups.length > 0 ? this.maybe(() => ({ securityGroups: groups })) : {}),
        });
        const secondary = { secondaryAddresses: [`10.${number}.${index}.99`] };
        file.instances[name] = { ...place(), ...this.maybe(() => secondary) };
        if (this.flag()) continue;
        interfaces[`e${name}`] = { ...place(), ...this.maybe(() => ({ attach: name })) };
      }
    }
    return file;
  }
}

t.test('any lab comes back', async (t) => {
  const comesBack = fc.asyncProperty(fc.gen(), async (draw) => {
    const lab = loadLab(stringify(new Drawer(draw).lab()), LOAD);
    const { plan, texts } = await roundTrip(lab);
    assert.deepEqual(plan, []);
    assert.equal(texts[1], texts[0]);
  });
  await fc.assert(comesBack, { numRuns: 60, seed: 20_200_501 });
  t.pass('60 labs');
});
