/**
 * Random packets, there and back, through the whole fabric: each one that arrives is, to the last bit,
 * the frame that a plain model of the gateways says, and nothing else arrives.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP } from '../../src/packet/ipv4.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../src/packet/tcp.ts';
import { dissect } from '../packet/dissect.ts';
import { ip, type Outcome } from './bench.ts';
import { type Ends, echoFrame, icmpFrame, ipv4Frame, tcpFrame, udpFrame } from './frames.ts';
import { type Nat, NatBench } from './nat-bench.ts';
import { type Ask, NatModel, type Outside } from './nat-model.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

const GUESTS = ['r1', 'r2'] as const;
const SERVERS = { s1: ip('198.51.100.10'), s2: ip('198.51.100.20') } as const;
/** So that ports run out: of two addresses. */
const PORT_LIMIT = 1;
/** The type of an echo request stands for the port of the far end. */
const ECHO_PORT = 0x0800;

type Server = keyof typeof SERVERS;
type Protocol = typeof IPPROTO_TCP | typeof IPPROTO_UDP | typeof IPPROTO_ICMP;

/** What the transport header and the IP header of a packet say beside addresses and ports. */
interface Content {
  readonly protocol: Protocol;
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly ttl: number;
}

interface Arrived {
  readonly ask: Ask;
  readonly server: Server;
  readonly guest: string;
  readonly outside: Outside;
  readonly content: Content;
}

type Step =
  | {
      readonly kind: 'out';
      readonly guest: (typeof GUESTS)[number];
      readonly server: Server;
      readonly ports: readonly [number, number];
      readonly content: Content;
    }
  | { readonly kind: 'back'; readonly pick: number; readonly content: Content }
  | { readonly kind: 'error'; readonly pick: number; readonly from: Server }
  | { readonly kind: 'stray'; readonly port: number; readonly content: Content }
  | { readonly kind: 'elastic'; readonly isBack: boolean; readonly content: Content }
  | { readonly kind: 'inside'; readonly content: Content }
  | { readonly kind: 'swap' }
  | { readonly kind: 'wait'; readonly ms: number };

/** @returns the frame of such a packet, all checksums computed from nothing. */
function frameOf(
  ends: Ends,
  [near, far]: readonly [number, number],
  { protocol, flags, payload, ttl }: Content,
  isReply = false,
): Uint8Array {
  switch (protocol) {
    case IPPROTO_UDP:
      return udpFrame(ends, [near, far], { ttl }, payload);
    case IPPROTO_TCP: {
      const segment = tcpFrame(ends, [near, far], flags, payload).subarray(34);
      return ipv4Frame(ends, protocol, segment, { ttl });
    }
    case IPPROTO_ICMP: {
      const kind = isReply ? 'echo-reply' : 'echo-request';
      const message = echoFrame(ends, kind, isReply ? far : near).subarray(34);
      return ipv4Frame(ends, protocol, message, { ttl });
    }
    default:
      return protocol satisfies never;
  }
}

class Play {
  readonly #made = new NatBench({ natPortLimit: PORT_LIMIT });
  readonly #nat: Nat;
  readonly #elastic: Ipv4Addr;
  readonly #model = new NatModel(1024, PORT_LIMIT);
  readonly #gateway: Ask['gateway'];
  readonly #arrived: Arrived[] = [];
  /** What has happened at all. */
  readonly seen = new Set<string>();

  constructor() {
    const made = this.#made;
    made.subnet('public', '10.0.1.0/24');
    made.subnet('private', '10.0.2.0/24');
    made.host('r1', 'private', '10.0.2.11');
    made.host('r2', 'private', '10.0.2.12');
    made.host('p1', 'public', '10.0.1.21');
    made.publicHost('s1', '198.51.100.10');
    made.publicHost('s2', '198.51.100.20');
    made.route('public', '0.0.0.0/0', { GatewayId: made.internetGateway() });
    this.#nat = made.nat('public', { address: '10.0.1.50', secondary: ['10.0.1.51'] });
    made.route('private', '0.0.0.0/0', { NatGatewayId: this.#nat.id });
    this.#elastic = made.elastic('p1');
    const outside = [...made.lab.snapshot.elasticAddresses.values()]
      .map(({ publicAddr }) => publicAddr)
      .filter((address) => address !== this.#elastic);
    const addresses = Int32Array.from(outside, (address) => address | 0);
    this.#gateway = { id: 1, addresses, addressStart: 0, addressCount: addresses.length };
  }

  take(step: Step): void {
    this.#model.tick(this.#made.nowMs);
    switch (step.kind) {
      case 'out':
        this.#out(step);
        break;
      case 'back':
      case 'error': {
        const arrived = this.#arrived[step.pick % this.#arrived.length];
        if (arrived === undefined) return;
        if (step.kind === 'back') this.#back(arrived, step.content);
        else this.#error(arrived, step.from);
        break;
      }
      case 'stray':
        this.#stray(step.port, step.content);
        break;
      case 'elastic':
        this.#throughInternetGateway(step.isBack, step.content);
        break;
      case 'inside':
        this.#inside(step.content);
        break;
      case 'swap':
        this.#made.publish();
        break;
      case 'wait':
        this.#made.nowMs += step.ms;
        break;
      default:
        step satisfies never;
    }
  }

  #out({ guest, server, ports, content }: Extract<Step, { kind: 'out' }>): void {
    const made = this.#made;
    const inside = made.address(guest);
    const far = SERVERS[server];
    const isEcho = content.protocol === IPPROTO_ICMP;
    const ask: Ask = {
      gateway: this.#gateway,
      protocol: content.protocol,
      inside: inside | 0,
      insidePort: ports[0],
      far: far | 0,
      farPort: isEcho ? ECHO_PORT : ports[1],
    };
    const outcome = made.inject(guest, frameOf(made.from(guest, inside, far), ports, content));
    if (content.ttl <= 1) {
      this.#expect(outcome, 'answered', guest, 'time-exceeded');
      return;
    }
    const known = this.#model.find(ask);
    const flags = content.protocol === IPPROTO_TCP ? content.flags : 0;
    const refusal = known === undefined ? this.#model.refusal(ask, flags) : 0;
    if (refusal === -2) {
      this.#expect(outcome, 'NAT_GATEWAY_NO_PORT');
      return;
    }
    if (refusal !== 0) {
      const isReset = (flags & TCP_RST) === 0;
      if (isReset) this.#expect(outcome, 'answered', guest, 'reset');
      else this.#expect(outcome, 'NAT_GATEWAY_NO_CONNECTION');
      return;
    }
    const outside = outsideOf(outcome);
    if (known === undefined) {
      this.#model.begin(ask, outside, 1 + this.#arrived.length, 0, made.nowMs);
      this.seen.add('begun');
    } else {
      const { address, port } = known;
      assert.deepEqual(outside, { address, port }, 'a flow keeps its outside');
      this.#model.count(known, false, flags, made.nowMs);
    }
    const ends = this.#link(server, (outside.address >>> 0) as Ipv4Addr, far);
    const passed = { ...content, ttl: content.ttl - 1 };
    this.#arrives(outcome, server, frameOf(ends, [outside.port, ports[1]], passed));
    this.#arrived.push({ ask, server, guest, outside, content });
  }

  #back({ ask, server, guest, outside, content: sent }: Arrived, answer: Content): void {
    const made = this.#made;
    const content = { ...answer, protocol: sent.protocol };
    const from = (outside.address >>> 0) as Ipv4Addr;
    const ends = made.from(server, SERVERS[server], from);
    const frame = frameOf(ends, [ask.farPort, outside.port], content, true);
    const outcome = made.inject(server, frame);
    if (content.ttl <= 1) {
      this.#expect(outcome, 'answered', server, 'time-exceeded');
      return;
    }
    const flow = this.#model.findOutside(ask, outside);
    if (flow === undefined) {
      this.#expect(outcome, 'NAT_GATEWAY_NO_CONNECTION');
      return;
    }
    const flags = content.protocol === IPPROTO_TCP ? content.flags : 0;
    this.#model.count(flow, true, flags, made.nowMs);
    const to = this.#guestOf(flow.inside);
    const link = this.#link(to, SERVERS[server], made.address(to));
    const passed = { ...content, ttl: content.ttl - 1 };
    this.#arrives(outcome, to, frameOf(link, [ask.farPort, flow.insidePort], passed, true));
    if (to === guest) this.seen.add('answered its sender');
  }

  /** Whoever is on the way says that the packet was too big. */
  #error({ ask, server, outside, content }: Arrived, from: Server): void {
    const made = this.#made;
    const far = SERVERS[server];
    const address = (outside.address >>> 0) as Ipv4Addr;
    const passed = { ...content, ttl: content.ttl - 1 };
    const errorOf = (link: Ends, quote: Uint8Array, ttl: number) => {
      const rest = { kind: 'unreachable', code: 4, nextHopMtu: 1280, pointer: 0 } as const;
      const message = icmpFrame(link, { ...rest, quote: quote.subarray(14) }).subarray(34);
      return ipv4Frame(link, IPPROTO_ICMP, message, { ttl });
    };
    const farPort = content.protocol === IPPROTO_ICMP ? 0 : ask.farPort;
    const quote = frameOf(this.#link(server, address, far), [outside.port, farPort], passed);
    const ends = made.from(from, SERVERS[from], address);
    const outcome = made.inject(from, errorOf(ends, quote, 64));
    const flow = this.#model.findOutside(ask, outside);
    if (flow === undefined) {
      this.#expect(outcome, 'NAT_GATEWAY_NO_CONNECTION');
      return;
    }
    const to = this.#guestOf(flow.inside);
    const own = made.address(to);
    const asSent = frameOf(made.from(to, own, far), [flow.insidePort, farPort], passed);
    this.#arrives(outcome, to, errorOf(this.#link(to, SERVERS[from], own), asSent, 63));
    this.seen.add('error');
  }

  #stray(port: number, content: Content): void {
    const made = this.#made;
    const outside = { address: this.#nat.outside | 0, port };
    const far = SERVERS.s1;
    const isKnown = this.#arrived.some(({ outside: other }) => other.port === port);
    if (isKnown) return;
    const frame = frameOf(
      made.from('s1', far, this.#nat.outside),
      [80, outside.port],
      content,
      true,
    );
    const outcome = made.inject('s1', frame);
    if (content.ttl <= 1) {
      this.#expect(outcome, 'answered', 's1', 'time-exceeded');
      return;
    }
    this.#expect(outcome, 'NAT_GATEWAY_NO_CONNECTION');
  }

  /** The internet gateway changes nothing but one address. */
  #throughInternetGateway(isBack: boolean, content: Content): void {
    const made = this.#made;
    const [own, far] = [made.address('p1'), SERVERS.s1];
    const ports = [5000, 5000] as const;
    const [from, to] = isBack ? (['s1', 'p1'] as const) : (['p1', 's1'] as const);
    const sent = isBack ? made.from('s1', far, this.#elastic) : made.from('p1', own, far);
    const got = isBack ? this.#link('p1', far, own) : this.#link('s1', this.#elastic, far);
    const outcome = made.inject(from, frameOf(sent, ports, content, isBack));
    this.#arrives(outcome, to, frameOf(got, ports, content, isBack));
  }

  /** Within the VPC nobody translates. */
  #inside(content: Content): void {
    const made = this.#made;
    const [one, other] = [made.address('r1'), made.address('p1')];
    const outcome = made.inject('r1', frameOf(made.from('r1', one, other), [1, 2], content));
    this.#arrives(outcome, 'p1', frameOf(this.#link('p1', one, other), [1, 2], content));
  }

  /** The link on which a host gets a packet from its router. */
  #link(host: string, source: Ipv4Addr, destination: Ipv4Addr): Ends {
    const made = this.#made;
    const link = { sourceMac: made.routerMac(host), destinationMac: made.mac(host) };
    return { ...link, source, destination };
  }

  #guestOf(inside: number): string {
    const guest = GUESTS.find((host) => (this.#made.address(host) | 0) === inside);
    assert(guest !== undefined, 'nobody has the address');
    return guest;
  }

  #arrives({ counter, delivered }: Outcome, to: string, frame: Uint8Array): void {
    assert.equal(counter, 'forwarded');
    assert.equal(delivered.length, 1);
    assert.equal(delivered[0]?.to, to);
    assert.deepEqual(Buffer.from(delivered[0]?.frame ?? []), Buffer.from(frame));
    this.seen.add('arrived');
  }

  #expect({ counter, delivered }: Outcome, wanted: string, to?: string, what?: string): void {
    assert.equal(counter, wanted);
    this.seen.add(what ?? wanted);
    assert.deepEqual(
      delivered.map((each) => each.to),
      to === undefined ? [] : [to],
    );
    const { upper } = dissect(delivered[0]?.frame ?? new Uint8Array(0));
    if (what === 'reset') assert(upper !== null && 'flags' in upper && upper.flags & TCP_RST);
    if (what === 'time-exceeded') assert(upper !== null && 'kind' in upper && upper.kind === what);
  }
}

/** @returns the address and port of a packet that a server got. */
function outsideOf({ delivered }: Outcome): Outside {
  const { ip: header, upper } = dissect(delivered[0]?.frame ?? new Uint8Array(0));
  assert(header !== null && typeof header.source === 'number', 'nothing has arrived');
  const address = header.source | 0;
  if (upper !== null && 'sourcePort' in upper) return { address, port: upper.sourcePort };
  assert(upper !== null && 'identifier' in upper, 'neither ports nor an identifier');
  return { address, port: upper.identifier };
}

const content: fc.Arbitrary<Content> = fc.record({
  protocol: fc.constantFrom(IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP),
  flags: fc.constantFrom(TCP_SYN, TCP_SYN, TCP_ACK, TCP_SYN | TCP_ACK, TCP_FIN | TCP_ACK, TCP_RST),
  payload: fc.uint8Array({ maxLength: 40 }),
  ttl: fc.constantFrom(1, 2, 64, 64, 255),
});
const server = fc.constantFrom('s1' as const, 's2' as const);
const pick = fc.nat({ max: 1000 });
const port = fc.constantFrom(5000, 5001, 40_000);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('out' as const),
      guest: fc.constantFrom(...GUESTS),
      server,
      ports: fc.tuple(port, fc.constantFrom(53, 80)),
      content,
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('back' as const), pick, content }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('error' as const), pick, from: server }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('stray' as const),
      port: fc.integer({ min: 0, max: 65_535 }),
      content,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('elastic' as const), isBack: fc.boolean(), content }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('inside' as const), content }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'swap' as const }) },
  {
    weight: 2,
    // That a flow was used is known to the second: sums of these never come close to a timeout.
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 5_000, 10_000, 345_000, 350_000),
    }),
  },
);

t.test('[NAT-1] packets there and back are those of a plain model, bit by bit', async (t) => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const play = new Play();
      for (const one of steps) play.take(one);
      for (const what of play.seen) seen.add(what);
    }),
    { seed, numRuns: 60 },
  );
  const wanted = ['arrived', 'begun', 'answered its sender', 'error', 'reset', 'time-exceeded'];
  const drops = ['NAT_GATEWAY_NO_PORT', 'NAT_GATEWAY_NO_CONNECTION'];
  for (const what of [...wanted, ...drops]) t.ok(seen.has(what), what);
});
