/** `explain` says what the fabric does: over random programs, each hop of its walks is played with frames. */
import assert from 'node:assert/strict';
import t from 'tap';
import { createRandom, type Random } from '../../scripts/mutate.ts';
import { formatIpv4 } from '../../src/addr/ipv4.ts';
import { formatIpv6 } from '../../src/addr/ipv6.ts';
import { API } from '../../src/addr/service-addresses.ts';
import { explain } from '../../src/engine/explain/explain.ts';
import type { Explanation, Walk } from '../../src/engine/explain/explanation.ts';
import { nextHop } from '../../src/engine/explain/next-hop.ts';
import {
  type Addresses,
  PROBE_PORT,
  type ProbePacket,
  probeFrame,
  replyTo,
} from '../../src/engine/explain/probe.ts';
import type { EniId } from '../../src/model/ids.ts';
import { parseEthernet } from '../../src/packet/ethernet.ts';
import { Bench, ip, subnetBlock } from './bench.ts';
import { ip6 } from './frames.ts';

const PROGRAMS = 60;
const QUESTIONS = 12;

const HOSTS = ['r1', 'r2', 'c', 'd'] as const;
const OVERLAYS = ['192.0.2.10', '198.51.100.7'];
/** In every subnet: hosts, nobody, routers, everybody; then what only routes know. */
const TARGETS = [
  '10.0.1.11',
  '10.0.1.12',
  '10.0.2.20',
  '10.0.2.21',
  '10.0.1.99',
  '10.0.2.99',
  '10.0.1.1',
  '10.0.2.1',
  '10.0.1.255',
  '10.0.2.255',
  '224.0.0.5',
  '169.254.169.253',
  formatIpv4(API.ipv4),
  ...OVERLAYS,
];

interface Traffic {
  readonly protocol: number;
  readonly port: number | null;
}

/** [protocol, port] */
const TRAFFIC: readonly Traffic[] = [
  { protocol: 6, port: 80 },
  { protocol: 6, port: 443 },
  { protocol: 17, port: 53 },
  { protocol: 17, port: 67 },
  { protocol: 1, port: null },
  { protocol: 89, port: null },
];

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random(values.length)];
  assert(value !== undefined, 'nothing to pick');
  return value;
}

/** Two dual-stack subnets of two hosts each, with groups, an ACL, routes and checks by chance. */
function randomBench(random: Random): Bench {
  const made = new Bench({ openGroup: false, rules: pick(random, ['2020', 'current']) });
  const block = made.ipv6();
  made.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
  made.subnet('b', '10.0.2.0/24', subnetBlock(block, 2));
  for (const [name, subnet, address] of [
    ['r1', 'a', '10.0.1.11'],
    ['r2', 'a', '10.0.1.12'],
    ['c', 'b', '10.0.2.20'],
    ['d', 'b', '10.0.2.21'],
  ] as const) {
    const base = made.subnetOf(subnet).ipv6Cidrs[0]?.cidr.addr ?? 0n;
    const ipv6 = formatIpv6(base + BigInt(address.split('.')[3] ?? 0));
    made.host(name, subnet, address, { ipv6: [ipv6], sourceDestCheck: random(2) === 0 });
  }
  made.services();
  randomGroups(made, random);
  if (random(2) === 0) randomAcl(made, random);
  randomRoutes(made, random);
  if (random(6) === 0) made.unplug('d');
  made.publish();
  return made;
}

function randomGroups(made: Bench, random: Random): void {
  const groups = [made.lab.defaultGroup(made.vpcId)];
  for (const name of ['web', 'dns']) groups.push(made.lab.group(made.vpcId, name));
  const permissions = [
    { IpProtocol: 'tcp', FromPort: 80, ToPort: 80 },
    { IpProtocol: 'udp', FromPort: 50, ToPort: 60 },
    { IpProtocol: 'icmp', FromPort: 8, ToPort: -1 },
    { IpProtocol: 'icmpv6', FromPort: 128, ToPort: -1 },
    { IpProtocol: '-1' },
  ];
  const peers = () =>
    pick(random, [
      { IpRanges: [{ CidrIp: pick(random, ['0.0.0.0/0', '10.0.1.0/24', '192.0.0.0/8']) }] },
      { Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
      { UserIdGroupPairs: [{ GroupId: pick(random, groups) }] },
    ]);
  const seen = new Set<string>();
  for (let count = 0; count < 5; count++) {
    const GroupId = pick(random, groups);
    const permission = { ...pick(random, permissions), ...peers() };
    const isWrong = permission.IpProtocol === 'icmp' ? 'Ipv6Ranges' : 'IpRanges';
    if (permission.IpProtocol.startsWith('icmp') && isWrong in permission) continue;
    const key = JSON.stringify([GroupId, permission]);
    if (seen.has(key) || (key.includes('"-1"') && 'UserIdGroupPairs' in permission)) continue;
    seen.add(key);
    made.lab.allow(GroupId, permission);
  }
  // Egress that is not open tracks and refuses what open egress does not.
  if (random(3) === 0) {
    made.lab.act('RevokeSecurityGroupEgress', {
      GroupId: groups[1],
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
  }
  for (const host of HOSTS) {
    made.lab.act('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId: made.eni(host).eniId,
      Groups: random(2) === 0 ? [pick(random, groups)] : groups,
    });
  }
}

function randomAcl(made: Bench, random: Random): void {
  const acl = made.lab.acl(made.vpcId);
  for (const Egress of [false, true]) {
    for (let place = 1; place <= 3; place++) {
      const ports = pick(random, [
        { Protocol: '-1' },
        { Protocol: '6', PortRange: { From: 80, To: 100 } },
        { Protocol: '17', PortRange: { From: 1024, To: 65535 } },
        { Protocol: '6', PortRange: { From: 1024, To: 65535 } },
      ]);
      const cidr = pick(random, [
        { CidrBlock: '0.0.0.0/0' },
        { CidrBlock: '10.0.1.0/28' },
        { Ipv6CidrBlock: '::/0' },
      ]);
      const action = { RuleAction: random(4) === 0 ? 'deny' : 'allow' };
      const entry = { NetworkAclId: acl, RuleNumber: place * 10, Egress };
      made.lab.act('CreateNetworkAclEntry', { ...entry, ...ports, ...cidr, ...action });
    }
  }
  const associations = [...made.lab.snapshot.networkAcls.values()].flatMap(
    (each) => each.associations,
  );
  const AssociationId = pick(random, associations).associationId;
  made.lab.act('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId: acl });
}

function randomRoutes(made: Bench, random: Random): void {
  const RouteTableId = made.lab.mainTable(made.vpcId);
  const spare = made.lab.eni(made.subnetId('b'));
  const targets = [...HOSTS.map((host) => made.eni(host).eniId), spare];
  const subnets = made.lab.snapshot.rules === 'current' ? ['10.0.2.0/24'] : [];
  for (const DestinationCidrBlock of ['192.0.2.0/24', '192.0.2.10/32', ...subnets]) {
    if (random(2) === 0) continue;
    const route = { RouteTableId, DestinationCidrBlock };
    made.lab.act('CreateRoute', { ...route, NetworkInterfaceId: pick(random, targets) });
  }
  if (random(2) === 0) {
    const route = { RouteTableId, DestinationIpv6CidrBlock: '2001:db8:ffff::/48' };
    made.lab.act('CreateRoute', { ...route, NetworkInterfaceId: pick(random, targets) });
  }
}

interface Question {
  readonly from: string;
  readonly packet: ProbePacket;
}

function randomQuestion(made: Bench, random: Random): Question {
  const from = pick(
    random,
    HOSTS.filter((host) => isPlugged(made, host)),
  );
  const { protocol, port } = pick(random, TRAFFIC);
  const ports = { sourcePort: port === null ? 0 : PROBE_PORT, destinationPort: port ?? 0 };
  const rest = { ...ports, identifier: 7, isReply: false };
  if (random(3) !== 0) {
    const source = random(4) === 0 ? ip(pick(random, OVERLAYS)) : made.address(from);
    const addresses = { family: 4, source, destination: ip(pick(random, TARGETS)) } as const;
    return { from, packet: { addresses, protocol, ...rest } };
  }
  const [source] = made.eni(from).ipv6Addresses;
  assert(source !== undefined, `${from} has no IPv6 address`);
  const hosts = HOSTS.filter((host) => isPlugged(made, host));
  const [other] = made.eni(pick(random, hosts)).ipv6Addresses;
  const router = formatIpv6((made.subnetOf('b').ipv6Cidrs[0]?.cidr.addr ?? 0n) + 1n);
  const nobody = formatIpv6((made.subnetOf('a').ipv6Cidrs[0]?.cidr.addr ?? 0n) + 0x99n);
  const destination = pick(random, [
    other ?? source,
    other ?? source,
    ip6(router),
    ip6(nobody),
    ip6('2001:db8:ffff::1'),
    ip6('ff02::5'),
    ip6('fe80::1234'),
    API.ipv6,
  ]);
  const addresses: Addresses = { family: 6, source, destination };
  return {
    from,
    packet: { addresses, protocol: protocol === 1 ? 58 : protocol, ...rest },
  };
}

function isPlugged(made: Bench, host: string): boolean {
  try {
    return made.eni(host) !== undefined;
  } catch {
    return false;
  }
}

function hostOf(made: Bench, eniId: string): string {
  const host = HOSTS.find((each) => isPlugged(made, each) && made.eni(each).eniId === eniId);
  assert(host !== undefined, `${eniId} is of no host`);
  return host;
}

/** Puts the frames of one hop into the fabric. @returns the counter that moved, and who got the packet. */
function play(made: Bench, host: string, packet: ProbePacket): readonly [string, string] {
  const eni = made.eni(host);
  const subnet = made.lab.snapshot.subnets.get(eni.subnetId);
  assert(subnet !== undefined, 'no subnet');
  const next = nextHop(packet.addresses, eni, subnet);
  let mac = next.kind === 'group' ? next.mac : null;
  if (next.kind === 'neighbour') {
    const { counter, delivered } = made.inject(host, next.question);
    if (counter !== 'answered') return [counter, ''];
    const reply = delivered[0]?.frame ?? new Uint8Array(0);
    mac = parseEthernet(reply, 0, reply.length)?.source ?? null;
  }
  assert(mac !== null, 'nobody told the MAC address');
  const { counter, delivered } = made.inject(host, probeFrame(packet, eni.mac, mac));
  return [counter, counter === 'forwarded' ? (delivered[0]?.to ?? '') : ''];
}

/** What a walk says of each hop, in the words of `play`. */
function told(made: Bench, { hops, end }: Walk): (readonly [string, string])[] {
  return hops.map(({ steps }, index) => {
    const last = steps.at(-1);
    if (last?.outcome === 'drop') return [last.code ?? '', ''];
    if (end.kind === 'served') return ['forwarded', 'services'];
    if (last?.outcome === 'answer') return ['answered', ''];
    const next = hops[index + 1]?.from.eniId;
    const final = 'interface' in end ? end.interface?.eniId : undefined;
    return ['forwarded', next ?? final ?? ''].map((word, place) =>
      place === 1 && word !== '' ? hostOf(made, word) : word,
    ) as [string, string];
  });
}

function played(made: Bench, { hops }: Walk, packet: ProbePacket): (readonly [string, string])[] {
  return hops.map(({ from }) => play(made, hostOf(made, from.eniId), packet));
}

t.test('explain says of every hop, there and back, what the fabric does', async (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
  t.comment(`seed ${seed}`);
  const random = createRandom(seed);
  const ends = new Map<string, number>();
  let differences = 0;
  for (let program = 0; program < PROGRAMS; program++) {
    const made = randomBench(random);
    for (let count = 0; count < QUESTIONS; count++) {
      const { from, packet } = randomQuestion(made, random);
      // No connection of the question before is tracked any more, and no flow is known.
      made.state.connections.retain(() => false);
      made.publish();
      const found = answerOf(made, from, packet);
      const { forward, return: back } = found;
      const end = forward.end.kind === 'blocked' ? forward.end.code : forward.end.kind;
      ends.set(end, (ends.get(end) ?? 0) + 1);
      const pairs = [
        [told(made, forward), played(made, forward, packet)],
        ...(back === null ? [] : [[told(made, back), played(made, back, replyTo(packet))]]),
      ];
      for (const [said, done] of pairs) {
        if (JSON.stringify(said) === JSON.stringify(done)) continue;
        differences++;
        if (differences < 4) t.same(said, done, `${program}/${count} from ${from}`);
      }
    }
  }
  t.equal(differences, 0);
  t.comment(JSON.stringify(Object.fromEntries(ends)));
  for (const end of [
    'delivered',
    'handed-over',
    'answered',
    'served',
    'LINK_LOCAL_SERVICE_ABSENT',
    'ENI_SG_RULES_MISMATCH',
    'SUBNET_ACL_RESTRICTION',
    'ENI_SOURCE_DEST_CHECK_RESTRICTION',
    'NO_ROUTE_TO_DESTINATION',
    'BAD_STATE_ROUTE',
    'NO_POSSIBLE_DESTINATION',
    'ARP_ADDRESS_NOT_ASSIGNED',
    'ND_ADDRESS_NOT_ASSIGNED',
  ]) {
    t.ok(ends.has(end), end);
  }
});

function answerOf(
  made: Bench,
  from: string,
  { addresses, protocol, destinationPort }: ProbePacket,
): Explanation {
  const eniId: EniId = made.eni(from).eniId;
  const port = destinationPort === 0 ? null : destinationPort;
  return explain(made.lab.snapshot, made.program(), { eniId, addresses, protocol, port });
}
