/** ARP and DHCP through the whole fabric: what the model says, the guests hear (facts 2 and 3). */
import t from 'tap';
import { formatIpv4, type Ipv4Addr } from '../../src/addr/ipv4.ts';
import { type MacAddr, parseMac } from '../../src/addr/mac.ts';
import { ARP_REPLY, parseArp } from '../../src/packet/arp.ts';
import { DHCP_OFFER, parseDhcpv4 } from '../../src/packet/dhcpv4.ts';
import { DHCP_DNS_SERVERS, dhcpAddrs } from '../../src/packet/dhcpv4-options.ts';
import { readVector } from '../packet/hex-file.ts';
import { Bench, type Delivered, ip } from './bench.ts';
import { arpFrame } from './frames.ts';

const ARP_OFFSET = 14;
const VIRTUAL_MAC = parseMac('00:00:5e:00:01:0a') as MacAddr;
const UDP_PAYLOAD = 14 + 20 + 8;

function bench(): Bench {
  const made = new Bench();
  made.subnet('base', '10.0.0.0/24');
  made.subnet('a', '10.0.1.0/24');
  made.subnet('b', '10.0.2.0/24');
  made.host('n', 'base', '10.0.0.10');
  made.host('r1', 'a', '10.0.1.11');
  made.host('r2', 'a', '10.0.1.12', { secondary: ['10.0.1.100'] });
  made.host('c', 'b', '10.0.2.20');
  return made;
}

/** Asks in the name of a host; gives the MAC that it hears. */
function ask(made: Bench, from: string, target: string): MacAddr | string {
  const eni = made.eni(from);
  const { counter, delivered } = made.inject(
    from,
    arpFrame(eni.mac, made.address(from), ip(target)),
  );
  return counter === 'answered' ? heard(delivered, from, ip(target)) : counter;
}

function heard(delivered: readonly Delivered[], asker: string, target: Ipv4Addr): MacAddr | string {
  const [only, more] = delivered;
  if (only === undefined || more !== undefined || only.to !== asker)
    return 'not one reply to the asker';
  const arp = parseArp(only.frame, ARP_OFFSET, only.frame.length - ARP_OFFSET);
  const isReply = arp?.operation === ARP_REPLY && arp.senderAddr === target;
  return isReply ? arp.senderMac : 'no reply about the target';
}

t.test(
  '[ARP-1] the fabric answers with the real MAC, and the target never sees the request',
  async (t) => {
    const made = bench();
    t.equal(ask(made, 'r1', '10.0.1.12'), made.mac('r2'));
  },
);

t.test('[ARP-2] secondary addresses are answered for', async (t) => {
  const made = bench();
  t.equal(ask(made, 'r1', '10.0.1.100'), made.mac('r2'));
});

t.test('[ARP-4] .1 is the router', async (t) => {
  const made = bench();
  t.equal(ask(made, 'r1', '10.0.1.1'), made.routerMac('r1'));
  t.equal(ask(made, 'c', '10.0.2.1'), made.routerMac('c'));
});

t.test(
  '[ARP-5] unassigned addresses and interfaces without a running instance get silence',
  async (t) => {
    const made = bench();
    t.equal(ask(made, 'r1', '10.0.1.99'), 'ARP_ADDRESS_NOT_ASSIGNED');
    made.unplug('r2');
    t.equal(ask(made, 'r1', '10.0.1.12'), 'ARP_ADDRESS_NOT_ASSIGNED');
  },
);

t.test('[ARP-6] link-local services answer on link with the router MAC', async (t) => {
  const made = bench();
  for (const address of ['169.254.169.254', '169.254.169.253', '169.254.169.123']) {
    t.equal(ask(made, 'r1', address), made.routerMac('r1'), address);
  }
  t.equal(ask(made, 'r1', '169.254.169.1'), 'ARP_ADDRESS_NOT_ASSIGNED');
});

t.test(
  '[ARP-7][SUB-3] the resolver answers in its own subnet; other reserved addresses are silent',
  async (t) => {
    const made = bench();
    t.equal(ask(made, 'n', '10.0.0.2'), made.routerMac('n'));
    for (const [from, address] of [
      ['n', '10.0.0.3'],
      ['n', '10.0.0.255'],
      ['r1', '10.0.1.2'],
      ['r1', '10.0.1.3'],
      ['r1', '10.0.1.255'],
      ['r1', '10.0.0.2'],
    ] as const) {
      t.equal(ask(made, from, address), 'ARP_ADDRESS_NOT_ASSIGNED', address);
    }
  },
);

t.test('[ARP-8] addresses of another subnet get silence', async (t) => {
  t.equal(ask(bench(), 'r1', '10.0.2.20'), 'ARP_ADDRESS_NOT_ASSIGNED');
});

t.test('[ARP-10][PRO-6] gratuitous ARP changes nothing for anybody', async (t) => {
  const made = bench();
  const { mac } = made.eni('r1');
  for (const claimed of ['10.0.1.11', '10.0.1.12', '192.0.2.10']) {
    const claim = arpFrame(mac, ip(claimed), ip(claimed));
    t.strictSame(made.inject('r1', claim), { counter: 'ARP_GRATUITOUS', delivered: [] }, claimed);
  }
  t.equal(ask(made, 'r1', '10.0.1.12'), made.mac('r2'));
});

t.test('[PRO-1] a virtual MAC address gets nowhere, not even its announcement', async (t) => {
  const made = bench();
  const claim = arpFrame(VIRTUAL_MAC, ip('10.0.1.12'), ip('10.0.1.12'));
  t.strictSame(made.inject('r1', claim), { counter: 'SPOOFED_MAC', delivered: [] });
});

t.test(
  '[ARP-13] a moved address makes the fabric send nothing; only new answers differ',
  async (t) => {
    const made = bench();
    made.act('AssignPrivateIpAddresses', {
      NetworkInterfaceId: made.eni('r1').eniId,
      PrivateIpAddresses: ['10.0.1.100'],
      AllowReassignment: true,
    });
    const probe = arpFrame(made.mac('c'), ip('10.0.2.20'), ip('10.0.2.1'));
    t.equal(made.inject('c', probe).delivered.length, 1, 'the reply to the probe alone');
    made.host('late', 'a', '10.0.1.50');
    t.equal(ask(made, 'late', '10.0.1.100'), made.mac('r1'));
  },
);

t.test(
  '[DHCP-1][DHCP-5][DHCP-11] a DISCOVER in any state of the checks is offered the primary address',
  async (t) => {
    const made = bench();
    const discover = asSentBy(made, 'r2');
    const { counter, delivered } = made.inject('r2', discover);
    t.equal(counter, 'answered');
    const offer = parseDhcpv4(
      delivered[0]?.frame ?? discover,
      UDP_PAYLOAD,
      (delivered[0]?.frame.length ?? 0) - UDP_PAYLOAD,
    );
    t.equal(offer?.messageType, DHCP_OFFER);
    t.equal(formatIpv4(offer?.yourAddr ?? 0), '10.0.1.12');
    t.equal(delivered[0]?.to, 'r2');
  },
);

t.test(
  '[DHCP-10] the resolver is base+2; without an option set its link-local address',
  async (t) => {
    const made = bench();
    t.strictSame(dnsOffered(made), ['10.0.0.2']);
    made.act('AssociateDhcpOptions', { VpcId: made.vpcId, DhcpOptionsId: 'default' });
    t.strictSame(dnsOffered(made), ['169.254.169.253']);
  },
);

t.test('[DHCP-9] a new option set is what the next answer says', async (t) => {
  const made = bench();
  const output = made.lab.act('CreateDhcpOptions', {
    DhcpConfigurations: [
      { Key: 'domain-name-servers', Values: ['10.0.0.53', 'AmazonProvidedDNS'] },
    ],
  });
  const { DhcpOptionsId } = output['DhcpOptions'] as { readonly DhcpOptionsId: string };
  t.strictSame(dnsOffered(made), ['10.0.0.2']);
  made.act('AssociateDhcpOptions', { VpcId: made.vpcId, DhcpOptionsId });
  t.strictSame(dnsOffered(made), ['10.0.0.53', '10.0.0.2']);
});

/** @returns the servers of option 6 in the answer to r2. */
function dnsOffered(made: Bench): string[] {
  const { delivered } = made.inject('r2', asSentBy(made, 'r2'));
  const frame = delivered[0]?.frame ?? new Uint8Array(0);
  const offer = parseDhcpv4(frame, UDP_PAYLOAD, frame.length - UDP_PAYLOAD);
  const servers = offer === null ? [] : dhcpAddrs(offer.options, DHCP_DNS_SERVERS);
  return (servers ?? []).map(formatIpv4);
}

t.test('[ENI-11] every address of a delegated prefix answers ARP', async (t) => {
  const made = bench();
  made.act('AssignPrivateIpAddresses', {
    NetworkInterfaceId: made.eni('r2').eniId,
    Ipv4Prefixes: ['10.0.1.64/28'],
  });
  for (const address of ['10.0.1.64', '10.0.1.79'])
    t.equal(ask(made, 'r1', address), made.mac('r2'));
  t.equal(ask(made, 'r1', '10.0.1.80'), 'ARP_ADDRESS_NOT_ASSIGNED');
});

/** A captured DISCOVER with the MAC address of a host in it. */
function asSentBy(made: Bench, name: string): Uint8Array {
  const frame = readVector('dhcp-discover-udhcpc');
  const before = frame.subarray(6, 12).slice();
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const mac = made.mac(name).toString(16).padStart(12, '0');
  const bytes = Buffer.from(mac, 'hex');
  for (let at = 6; at + 6 <= frame.length; at++) {
    if (before.every((octet, index) => frame[at + index] === octet)) frame.set(bytes, at);
  }
  // A checksum of zero is none (RFC 768).
  view.setUint16(14 + 20 + 6, 0);
  return frame;
}
