/** Noise through gateways that change the form of packets: each frame must end in one counter of its sender. */
import { ETHERNET_HEADER_SIZE } from '../src/packet/ethernet.ts';
import { BalancerBench, SERVER, wrapped } from '../test/engine/balancer-bench.ts';
import { ipv4Frame, ipv6Frame, udpFrame } from '../test/engine/frames.ts';
import { GUEST, nat64Bench, SERVER_6 } from '../test/engine/nat64-bench.ts';

const UDP = 17;
/** TCP, UDP, ICMP, ICMPv6, an IPv6 fragment, and nothing of all that. */
const PROTOCOLS = [6, UDP, 1, 58, 44, 60];
/** Of UDP and Geneve, before the packet inside. */
const HEADERS = 48;

/**
 * A Gateway Load Balancer, by turns: a guest sends noise behind an IPv4 header, and an appliance sends noise
 * back behind the header that it was given, or in its place.
 */
export function loadBalancerTarget(): (bytes: Uint8Array) => void {
  const bench = new BalancerBench();
  const own = bench.address('w1');
  const given = wrapped(bench.inject('w1', udpFrame(bench.from('w1', own, SERVER))));
  const back = bench.from(given.to, bench.address(given.to), given.node);
  let turn = 0;
  return (bytes) => {
    turn++;
    const noise = bytes.subarray(Math.min(bytes.length, ETHERNET_HEADER_SIZE));
    if (turn % 3 === 0) {
      const protocol = bytes.at(-1) ?? UDP;
      bench.inject('w1', ipv4Frame(bench.from('w1', own, SERVER), protocol, noise));
      return;
    }
    const isBehind = turn % 3 === 1;
    const datagram = isBehind
      ? Buffer.concat([given.datagram.subarray(0, HEADERS), noise])
      : Buffer.concat([given.datagram.subarray(0, 8), noise]);
    bench.inject(given.to, ipv4Frame(back, UDP, datagram));
  };
}

/**
 * NAT64, by turns: an IPv6 guest sends noise to a server behind the prefix, and the server to the public address
 * of the gateway.
 */
export function nat64Target(): (bytes: Uint8Array) => void {
  const { made, nat } = nat64Bench();
  const link = { sourceMac: made.mac('g1'), destinationMac: made.routerMac('g1') };
  const back = made.from('server', SERVER, nat.outside);
  let turn = 0;
  return (bytes) => {
    turn++;
    const noise = bytes.subarray(Math.min(bytes.length, ETHERNET_HEADER_SIZE));
    const protocol = PROTOCOLS[turn % PROTOCOLS.length] ?? UDP;
    if (turn % 2 === 0) {
      const options = { nextHeader: protocol, payload: noise };
      made.inject('g1', ipv6Frame(link, GUEST, SERVER_6, options));
    } else made.inject('server', ipv4Frame(back, protocol, noise));
  };
}
