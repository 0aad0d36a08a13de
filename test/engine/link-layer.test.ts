/** Frames inside a subnet and to its router: who gets what, and the ledger after each (facts 2). */
import t from 'tap';
import { MAC_BROADCAST, type MacAddr, parseMac } from '../../src/addr/mac.ts';
import { EMPTY_BYTES } from '../../src/packet/bytes.ts';
import { addressSum4 } from '../../src/packet/checksum.ts';
import { emitTcp, TCP_SYN } from '../../src/packet/tcp.ts';
import { Bench, ip } from './bench.ts';
import { type Ends, echoFrame, ipv4Frame, otherFrame, udpFrame } from './frames.ts';

const VRRP_MAC = parseMac('00:00:5e:00:01:0a') as MacAddr;
const VRRP_GROUP_MAC = parseMac('01:00:5e:00:00:12') as MacAddr;
const STP_MAC = parseMac('01:80:c2:00:00:00') as MacAddr;
const LLDP_ETHERTYPE = 0x88cc;
const VLAN_ETHERTYPE = 0x8100;
const TTL_OFFSET = 14 + 8;

/** Two hosts in subnet a, one in subnet b. */
function twoSubnets(): Bench {
  const bench = new Bench();
  bench.subnet('a', '10.0.1.0/24');
  bench.subnet('b', '10.0.2.0/24');
  bench.host('r1', 'a', '10.0.1.11');
  bench.host('r2', 'a', '10.0.1.12');
  bench.host('c', 'b', '10.0.2.20');
  return bench;
}

function ends(bench: Bench, from: string, destinationMac: MacAddr, destination: string): Ends {
  const eni = bench.eni(from);
  return {
    sourceMac: eni.mac,
    destinationMac,
    source: bench.address(from),
    destination: ip(destination),
  };
}

t.test('[L2-1] a frame to the MAC of a neighbour is delivered as it is', async (t) => {
  const bench = twoSubnets();
  const frame = udpFrame(ends(bench, 'r1', bench.mac('r2'), '10.0.1.12'));
  const { counter, delivered } = bench.inject('r1', frame);
  t.equal(counter, 'forwarded');
  t.strictSame(delivered, [{ to: 'r2', frame }]);
});

t.test(
  '[L2-1] a frame to the MAC of a neighbour goes there whatever its IP, past the route table',
  async (t) => {
    const bench = twoSubnets();
    bench.checkOff(bench.eni('r2').eniId);
    const frame = udpFrame(ends(bench, 'r1', bench.mac('r2'), '10.0.2.20'));
    t.strictSame(bench.inject('r1', frame).delivered, [{ to: 'r2', frame }]);
  },
);

t.test(
  '[L2-2] a packet for a next hop of another subnet goes to its own destination instead',
  async (t) => {
    const bench = twoSubnets();
    bench.checkOff(bench.eni('c').eniId);
    // A guest with "192.0.2.0/24 via 10.0.2.20" can only send to the router's MAC.
    const frame = udpFrame(ends(bench, 'r1', bench.routerMac('r1'), '192.0.2.1'));
    t.equal(bench.inject('r1', frame).counter, 'NO_ROUTE_TO_DESTINATION');
  },
);

t.test('[L2-3] a packet for a neighbour that goes to the router MAC is delivered', async (t) => {
  const bench = twoSubnets();
  const frame = udpFrame(ends(bench, 'r1', bench.routerMac('r1'), '10.0.1.12'));
  const [only] = bench.inject('r1', frame).delivered;
  t.equal(only?.to, 'r2');
});

t.test('[L2-4] an unknown unicast MAC is dropped, not flooded', async (t) => {
  const bench = twoSubnets();
  const unknown = parseMac('02:00:00:00:00:99') as MacAddr;
  const outcome = bench.inject('r1', udpFrame(ends(bench, 'r1', unknown, '10.0.1.12')));
  t.strictSame(outcome, { counter: 'UNKNOWN_DESTINATION_MAC', delivered: [] });
});

t.test('[L2-5] the MAC of an interface of another subnet is unknown', async (t) => {
  const bench = twoSubnets();
  const outcome = bench.inject('r1', udpFrame(ends(bench, 'r1', bench.mac('c'), '10.0.2.20')));
  t.equal(outcome.counter, 'UNKNOWN_DESTINATION_MAC');
});

t.test('[L2-6] broadcast, multicast and foreign EtherTypes reach nobody', async (t) => {
  const bench = twoSubnets();
  const rows: readonly [what: string, frame: Uint8Array, counter: string][] = [
    [
      'limited broadcast',
      udpFrame(ends(bench, 'r1', MAC_BROADCAST, '255.255.255.255')),
      'BROADCAST_NOT_FORWARDED',
    ],
    [
      'subnet broadcast',
      udpFrame(ends(bench, 'r1', MAC_BROADCAST, '10.0.1.255')),
      'BROADCAST_NOT_FORWARDED',
    ],
    [
      'multicast',
      udpFrame(ends(bench, 'r1', VRRP_GROUP_MAC, '224.0.0.18')),
      'MULTICAST_NOT_FORWARDED',
    ],
    [
      'multicast to the router',
      udpFrame(ends(bench, 'r1', bench.routerMac('r1'), '224.0.0.5')),
      'MULTICAST_NOT_FORWARDED',
    ],
    [
      'broadcast of another subnet',
      udpFrame(ends(bench, 'r1', bench.routerMac('r1'), '10.0.2.255')),
      'SUBNET_BROADCAST_NOT_FORWARDED',
    ],
    [
      'non-IP',
      otherFrame(bench.mac('r2'), bench.mac('r1'), LLDP_ETHERTYPE),
      'ETHERTYPE_NOT_FORWARDED',
    ],
  ];
  for (const [what, frame, counter] of rows)
    t.strictSame(bench.inject('r1', frame), { counter, delivered: [] }, what);
});

t.test('[L2-7] a source MAC other than the interface’s own is dropped', async (t) => {
  const bench = twoSubnets();
  const spoofed = { ...ends(bench, 'r1', bench.mac('r2'), '10.0.1.12'), sourceMac: VRRP_MAC };
  t.equal(bench.inject('r1', udpFrame(spoofed)).counter, 'SPOOFED_MAC');
  const asNeighbour = { ...spoofed, sourceMac: bench.mac('r2') };
  t.equal(bench.inject('r1', udpFrame(asNeighbour)).counter, 'SPOOFED_MAC');
});

t.test(
  '[L2-8][L2-9] the source MAC is checked with the source/destination check off too',
  async (t) => {
    const bench = twoSubnets();
    bench.checkOff(bench.eni('r1').eniId);
    const spoofed = { ...ends(bench, 'r1', bench.mac('r2'), '10.0.1.12'), sourceMac: VRRP_MAC };
    t.equal(bench.inject('r1', udpFrame(spoofed)).counter, 'SPOOFED_MAC');
  },
);

t.test('[L2-10] no port sees a frame that is meant for another', async (t) => {
  const bench = twoSubnets();
  for (const [mac, address] of [
    [bench.mac('r2'), '10.0.1.12'],
    [bench.routerMac('r1'), '10.0.2.20'],
  ] as const) {
    const { delivered } = bench.inject('r1', udpFrame(ends(bench, 'r1', mac, address)));
    t.equal(delivered.length, 1);
  }
});

t.test(
  '[L2-11][L2-12] a routed frame comes from the router MAC of the receiver’s subnet',
  async (t) => {
    const bench = twoSubnets();
    t.not(bench.routerMac('r1'), bench.routerMac('c'));
    const [only] = bench.inject(
      'r1',
      udpFrame(ends(bench, 'r1', bench.routerMac('r1'), '10.0.2.20')),
    ).delivered;
    const expected = udpFrame({
      ...ends(bench, 'r1', bench.mac('c'), '10.0.2.20'),
      sourceMac: bench.routerMac('c'),
    });
    t.strictSame(only, { to: 'c', frame: expected });
  },
);

t.test(
  '[L2-13][L2-14] the TTL is left alone, and a packet with TTL 1 is delivered across subnets',
  async (t) => {
    const bench = twoSubnets();
    for (const ttl of [1, 64, 255]) {
      const frame = udpFrame(ends(bench, 'r1', bench.routerMac('r1'), '10.0.2.20'), [1, 2], {
        ttl,
      });
      t.equal(bench.inject('r1', frame).delivered[0]?.frame[TTL_OFFSET], ttl);
    }
  },
);

t.test('[L2-15] the own router answers echo, that of another subnet does not', async (t) => {
  const bench = twoSubnets();
  const own = bench.inject('r1', echoFrame(ends(bench, 'r1', bench.routerMac('r1'), '10.0.1.1')));
  t.equal(own.counter, 'answered');
  t.equal(own.delivered[0]?.to, 'r1');
  const other = bench.inject('r1', echoFrame(ends(bench, 'r1', bench.routerMac('r1'), '10.0.2.1')));
  t.strictSame(other, { counter: 'ROUTER_OF_ANOTHER_SUBNET', delivered: [] });
});

t.test('[L2-16] the router has no TCP or UDP service but DHCP', async (t) => {
  const bench = twoSubnets();
  const to = ends(bench, 'r1', bench.routerMac('r1'), '10.0.1.1');
  t.equal(bench.inject('r1', udpFrame(to, [5000, 53])).counter, 'ROUTER_HAS_NO_SERVICE');
  t.equal(bench.inject('r1', ipv4Frame(to, 6, synSegment(to))).counter, 'ROUTER_HAS_NO_SERVICE');
});

t.test('[L2-17] LLDP, STP and tagged frames are dropped', async (t) => {
  const bench = twoSubnets();
  const source = bench.mac('r1');
  t.equal(
    bench.inject('r1', otherFrame(STP_MAC, source, 0x0027)).counter,
    'ETHERTYPE_NOT_FORWARDED',
  );
  t.equal(
    bench.inject('r1', otherFrame(STP_MAC, source, LLDP_ETHERTYPE)).counter,
    'ETHERTYPE_NOT_FORWARDED',
  );
  t.equal(
    bench.inject('r1', otherFrame(bench.mac('r2'), source, VLAN_ETHERTYPE)).counter,
    'ETHERTYPE_NOT_FORWARDED',
  );
});

t.test('[MTU-6] nothing that is dropped is answered with ICMP', async (t) => {
  const bench = twoSubnets();
  const router = bench.routerMac('r1');
  for (const [address, counter] of [
    ['192.0.2.1', 'NO_ROUTE_TO_DESTINATION'],
    ['10.0.2.99', 'NO_POSSIBLE_DESTINATION'],
    ['10.0.99.1', 'NO_POSSIBLE_DESTINATION'],
  ] as const) {
    t.strictSame(bench.inject('r1', udpFrame(ends(bench, 'r1', router, address))), {
      counter,
      delivered: [],
    });
  }
});

t.test('Fabric.onFrame counts a frame that the port of the target does not take', async (t) => {
  const bench = twoSubnets();
  bench.deafen('r2');
  const outcome = bench.inject('r1', udpFrame(ends(bench, 'r1', bench.mac('r2'), '10.0.1.12')));
  t.strictSame(outcome, { counter: 'PORT_NOT_READY', delivered: [] });
});

t.test('Fabric.onFrame counts a frame for an interface without a running instance', async (t) => {
  const bench = twoSubnets();
  const mac = bench.mac('r2');
  bench.unplug('r2');
  t.equal(
    bench.inject('r1', udpFrame(ends(bench, 'r1', mac, '10.0.1.12'))).counter,
    'TARGET_NOT_RUNNING',
  );
});

function synSegment({ source, destination }: Ends): Uint8Array {
  const segment = new Uint8Array(20);
  const syn = {
    sourcePort: 40000,
    destinationPort: 179,
    sequence: 1,
    acknowledgement: 0,
    flags: TCP_SYN,
    window: 1000,
    urgentPointer: 0,
    options: EMPTY_BYTES,
    payload: EMPTY_BYTES,
  };
  emitTcp(syn, addressSum4(source, destination), segment, 0);
  return segment;
}
