/** What an uplink finds out about the host, and what it is called there. */
import t from 'tap';
import { formatCidr, parseIpv4Cidr } from '../../src/addr/cidr.ts';
import { blocksInUse, defaultDevice, freePair } from '../../src/gateways/uplink/host-network.ts';
import { linkName, linkOf, tableName } from '../../src/gateways/uplink/link.ts';
import { closedChains } from '../../src/gateways/uplink/rules.ts';

/** As the kernel prints /proc/net/route on a machine of little endian. */
const HEADER =
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const ROUTES = `${HEADER}tun0\t00000000\t0100000A\t0003\t0\t0\t0\t00000080\t0\t0\t0
eth0\t00000000\t017100CB\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t007100CB\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;

const block = (text: string) => {
  const parsed = parseIpv4Cidr(text);
  if (parsed === null) throw new TypeError(text);
  return parsed;
};

t.test('the default route says by which interface the real network is', (t) => {
  t.equal(defaultDevice(ROUTES), 'eth0');
  t.equal(defaultDevice(HEADER), null);
  t.end();
});

t.test('routes to the real network do not keep addresses from being free, others do', (t) => {
  const inUse = blocksInUse(ROUTES).map(formatCidr);
  t.ok(inUse.includes('203.0.113.0/24'));
  t.notOk(inUse.includes('0.0.0.0/0'));
  t.notOk(inUse.includes('0.0.0.0/1'), 'a half of all addresses');
  t.end();
});

t.test('freePair gives the first two addresses that nothing overlaps', (t) => {
  for (const [inUse, pair] of [
    [[], '169.254.240.0/31'],
    [['169.254.240.1/32'], '169.254.240.2/31'],
    [['169.254.240.0/25'], '169.254.240.128/31'],
    [['169.254.0.0/16'], '100.127.240.0/31'],
    [['169.254.0.0/16', '100.64.0.0/10'], null],
  ] as const) {
    const free = freePair(inUse.map(block));
    t.equal(free && formatCidr(free), pair);
  }
  t.end();
});

t.test('what a lab has on the host has names and addresses of its own', (t) => {
  const name = linkName('a-lab-with-a-long-name-24');
  t.match(name, /^vpclab-[0-9a-f]{8}$/);
  t.not(linkName('another'), name);
  t.equal(tableName('a-b'), 'vpclab_a_b');
  t.match(linkOf('one', block('169.254.240.2/31')), {
    host: { device: linkName('one'), ipv4: '169.254.240.2', ipv6: 'fd76:7063:6c62::a9fe:f002' },
    lab: { device: 'uplink', ipv4: '169.254.240.3', ipv6: 'fd76:7063:6c62::a9fe:f003' },
  });
  t.end();
});

t.test('closedChains names what lets nothing through by itself', (t) => {
  const chain = { family: 'ip', table: 'filter', name: 'FORWARD', hook: 'forward', policy: 'drop' };
  const nftables = [
    { metainfo: { version: '1.0.6' } },
    { chain },
    { chain: { ...chain, name: 'INPUT', hook: 'input' } },
    { chain: { ...chain, table: 'open', policy: 'accept' } },
    { chain: { family: 'ip', table: 'filter', name: 'OTHERS' } },
  ];
  t.same(closedChains(JSON.stringify({ nftables })), ['ip filter FORWARD']);
  t.end();
});
