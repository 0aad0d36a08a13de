/** `vpclab explain` on a lab file that is not up: names, words and exit codes. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { Explanation } from '../../src/engine/explain/explanation.ts';
import { cli, type FakeHost, fakeHost, livingLab } from './fake-lab.ts';

const LAB = `
name: paper
vpcs:
  main:
    cidr: 10.0.0.0/16
    ipv6: true
    subnets:
      web: { cidr: 10.0.1.0/24, routeTable: ways, ipv6: true }
      app: { cidr: 10.0.2.0/24 }
    routeTables:
      ways: { routes: { 192.0.2.0/24: r1 } }
    securityGroups:
      default: { ingress: [all from itself, tcp 8080 from 10.0.1.0/24] }
instances:
  r1: { subnet: web, address: 10.0.1.11, sourceDestCheck: false, dhcp: static }
  client: { subnet: web, address: 10.0.1.20, dhcp: static }
  server: { subnet: app, address: 10.0.2.30, dhcp: static }
`;

function paper(host: FakeHost, argv: readonly string[], text = LAB) {
  const file = path.join(host.work, 'paper.vpclab.yml');
  fs.writeFileSync(file, text);
  return cli(host, ['explain', ...argv, '-t', file]);
}

t.test('explain shows each layer with its rule, and exits with 0', async (t) => {
  const { exitCode, stdout, stderr } = await paper(fakeHost(t), ['client', 'server', 'tcp/80']);
  t.equal(exitCode, 0, stderr);
  const lines = [
    /^forward: tcp 80 from port 49152, 10\.0\.1\.20 > 10\.0\.2\.30$/m,
    /^ 1 {2}client\.eth0 in subnet web$/m,
    / PASS +arp +10\.0\.1\.1 is at [0-9a-f:]{17}$/m,
    / PASS +route +10\.0\.0\.0\/16 local, table ways$/m,
    / PASS +network-acl-ingress +100 allow all from 0\.0\.0\.0\/0, ACL default$/m,
    / PASS +destination-check +on for server\.eth0$/m,
    / PASS +security-groups-ingress +all from itself, group default, sgr-[0-9a-f]+$/m,
    /^ {4}delivered to server\.eth0 in subnet app$/m,
    /^return: tcp 49152 from port 80, 10\.0\.2\.30 > 10\.0\.1\.20$/m,
    / PASS +security-groups-egress +tracked connection$/m,
    / PASS +network-acl-egress +100 allow all to 0\.0\.0\.0\/0, ACL default$/m,
  ];
  for (const line of lines) t.match(stdout, line);
  t.match(stdout, /\nreachable both ways\n$/);
});

t.test('explain says that a packet leaves the lab by the uplink', async (t) => {
  const text = `
name: paper
vpcs:
  main:
    cidr: 10.0.0.0/16
    internetGateway: true
    subnets: { a: { cidr: 10.0.1.0/24 } }
    routeTables: { out: { main: true, routes: { 0.0.0.0/0: igw } } }
internet: { uplink: host }
instances: { r1: { subnet: a, elasticAddress: true, dhcp: static } }
`;
  const host = fakeHost(t);
  const { exitCode, stdout } = await paper(host, ['r1', '93.184.216.34', 'tcp/443'], text);
  t.equal(exitCode, 0);
  for (const line of [
    / PASS +internet-gateway-ingress +nobody in the lab has the destination$/m,
    / PASS +uplink +to the real network$/m,
    /^ {4}leaves the lab by the host’s uplink\n\nreachable$/m,
  ]) {
    t.match(stdout, line);
  }
  const special = await paper(host, ['r1', '192.0.0.0', 'tcp/443'], text);
  t.equal(special.exitCode, 0, 'what is not special goes');
  const loopback = await paper(host, ['r1', '127.0.0.1', 'tcp/443'], text);
  t.equal(loopback.exitCode, 1);
  const blocked = 'blocked at address 127.0.0.1 (UPLINK_DESTINATION_NOT_PUBLIC: ';
  t.match(loopback.stdout, blocked);
});

t.test('explain ends with what blocks, and exits with 1', async (t) => {
  const host = fakeHost(t);
  const blocked = [
    [
      ['r1', 'server', 'tcp/443', '--source', '192.0.2.9'],
      /forward: blocked at the ingress rules of group default \(sg-\w+\) of server\.eth0 \(ENI_SG_RULES_MISMATCH: /,
    ],
    [
      ['r1', 'server', 'tcp/443', '--source', '10.0.1.20'],
      /forward: blocked at the ingress rules of group default \(sg-\w+\) of server\.eth0 \(SG_REFERENCES_NOT_PRESERVED: /,
    ],
    [
      ['server', '192.0.2.9'],
      /forward: blocked at route table rtb-\w+ \(NO_ROUTE_TO_DESTINATION: /,
    ],
    [
      ['client', '10.0.2.99'],
      /forward: blocked at address 10\.0\.2\.99 \(NO_POSSIBLE_DESTINATION: /,
    ],
    [
      ['client', '10.0.1.99'],
      /forward: blocked at arp of client\.eth0 \(ARP_ADDRESS_NOT_ASSIGNED: /,
    ],
    [
      ['client', 'r1', '--source', '203.0.113.1'],
      /blocked at the source\/destination check of client\.eth0 \(ENI_SOURCE_DEST_CHECK_RESTRICTION: /,
    ],
  ] as const;
  for (const [argv, text] of blocked) {
    const { exitCode, stdout } = await paper(host, argv);
    t.equal(exitCode, 1, argv.join(' '));
    t.match(stdout.trimEnd().split('\n').at(-1), text);
  }
});

t.test('explain says to whom it hands an address that no interface has', async (t) => {
  const { exitCode, stdout } = await paper(fakeHost(t), ['client', '192.0.2.9']);
  t.equal(exitCode, 0);
  t.match(stdout, /handed to r1\.eth0: no interface has 192\.0\.2\.9/);
});

t.test('explain says when the answer goes to somebody else', async (t) => {
  const argv = ['r1', 'server', 'tcp/8080', '--source', '10.0.1.20'];
  const { exitCode, stdout } = await paper(fakeHost(t), argv);
  t.equal(exitCode, 0);
  t.match(stdout, /\nreachable, but the answer goes to client\.eth0, not to r1\.eth0\n$/);
});

t.test('explain takes ids, interfaces and IPv6', async (t) => {
  const host = fakeHost(t);
  const read = async (argv: readonly string[]) =>
    JSON.parse((await paper(host, [...argv, '--json'])).stdout) as Explanation;
  const byName = await read(['client', 'r1', '-6']);
  t.match(byName.forward.packet, { protocol: 58, source: /:/, destination: /:/ });
  t.match(byName, { isReachable: true, forward: { end: { interface: { name: 'r1.eth0' } } } });
  const eniId = byName.forward.hops[0]?.from.eniId ?? '';
  const byId = await read([eniId, 'r1.eth0', 'icmpv6']);
  t.same(byId, byName);
});

t.test('explain refuses words that mean nothing', async (t) => {
  const host = fakeHost(t);
  const wrong = [
    [['client', 'server', 'tcp'], 2, /Cannot send "tcp": found no port, wanted tcp\/PORT/],
    [['client', 'server', 'udp/70000'], 2, /found port "70000"/],
    [['client', 'server', 'icmp/8'], 2, /icmp has no ports/],
    [['client', 'server', 'ospg'], 2, /found no such protocol, wanted "ospf"/],
    [['client', 'server', '256'], 2, /wanted tcp\/443/],
    [['client', '10.0.2.30', '-6'], 2, /found "--ipv6" \(IPv6\) and "10\.0\.2\.30" \(IPv4\)/],
    [['client', 'r1', '--source', 'r1'], 2, /Cannot send from "r1": found no address/],
    [['clint', 'server'], 4, /Cannot find "clint": nothing has that name, wanted "client"/],
    [['client', 'server.eth1'], 4, /wanted "server\.eth0"/],
    [['client', 'server', '-6'], 4, /Cannot find an IPv6 address of "server": it has none/],
  ] as const;
  for (const [argv, code, text] of wrong) {
    const { exitCode, stderr } = await paper(host, argv);
    t.equal(exitCode, code, argv.join(' '));
    t.match(stderr, text);
  }
});

t.test('explain asks the lab that runs', async (t) => {
  const host = fakeHost(t);
  const end = { kind: 'answered' };
  const forward = { packet: { source: 'a', destination: 'b', protocol: 1 }, hops: [], end };
  const explanation = { isReachable: true, forward, return: null };
  await livingLab(t, host, 'one', { 'POST /explain': JSON.stringify(explanation) });
  const { exitCode, stdout } = await cli(host, ['explain', 'x', 'y', '--json']);
  t.equal(exitCode, 0);
  t.same(JSON.parse(stdout), explanation);
});
