/** The table of tracked connections: bounded, and established ones outlive any flood of new ones. */
import t from 'tap';
import { createRandom, type Random } from '../../scripts/mutate.ts';
import {
  ConnectionTable,
  EGRESS,
  GONE,
  INGRESS,
  NO_CONNECTION,
  TOUCHED,
} from '../../src/dataplane/flow/connection-table.ts';
import { ParsedFrame } from '../../src/dataplane/parse.ts';
import { IPPROTO_TCP, IPPROTO_UDP } from '../../src/packet/ipv4.ts';
import { ip } from './bench.ts';
import { ACK, FilterBench, SYN, SYN_ACK, tcp } from './filter-bench.ts';
import { tcpFrame } from './frames.ts';

const ENI = {
  macHigh: 0x0204,
  macLow: 77,
  tcpTimeoutMs: 432_000_000,
  udpTimeoutMs: 30_000,
  udpStreamTimeoutMs: 180_000,
};

/** A packet as the interface sees it: leaving from 10.0.0.1, or coming back to it. */
function packet(direction: number, protocol: number, far: number, flags = 0): ParsedFrame {
  const frame = new ParsedFrame();
  const isEgress = direction === EGRESS;
  Object.assign(frame, {
    family: 4,
    protocol,
    s2: 0xffff,
    d2: 0xffff,
    s3: isEgress ? 0x0a000001 : far,
    d3: isEgress ? far : 0x0a000001,
    sport: isEgress ? 40_000 : 80,
    dport: isEgress ? 80 : 40_000,
    tcpFlags: flags,
  });
  return frame;
}

/** Sees a packet as the pipeline does. @returns true when its connection was known. */
function see(
  table: ConnectionTable,
  direction: number,
  frame: ParsedFrame,
  nowMs: number,
  mayBegin = true,
): boolean {
  const slot = table.find(ENI, direction, frame, nowMs);
  if (slot !== NO_CONNECTION) table.advance(slot, ENI, direction, frame, nowMs);
  else if (mayBegin) table.insert(ENI, direction, frame, nowMs);
  return slot !== NO_CONNECTION;
}

function establish(table: ConnectionTable, far: number, nowMs: number): void {
  see(table, EGRESS, packet(EGRESS, IPPROTO_TCP, far, SYN), nowMs);
  see(table, INGRESS, packet(INGRESS, IPPROTO_TCP, far, SYN_ACK), nowMs);
  see(table, EGRESS, packet(EGRESS, IPPROTO_TCP, far, ACK), nowMs);
}

t.test('ConnectionTable keeps established connections in a flood of new ones', async (t) => {
  const table = new ConnectionTable(1000);
  for (let far = 1; far <= 500; far++) establish(table, far, 0);
  for (let far = 1; far <= 50_000; far++) {
    const place = 0x01_000000 + far;
    see(table, INGRESS, packet(INGRESS, IPPROTO_TCP, place, SYN), far);
    // A server answers each of them, and both try again.
    see(table, EGRESS, packet(EGRESS, IPPROTO_TCP, place, SYN_ACK), far, false);
    see(table, INGRESS, packet(INGRESS, IPPROTO_TCP, place, SYN), far);
    see(table, EGRESS, packet(EGRESS, IPPROTO_TCP, place, SYN_ACK), far, false);
  }
  t.equal(table.size, 1000);
  t.equal(table.evictions, 49_500);
  let known = 0;
  for (let far = 1; far <= 500; far++) {
    if (see(table, INGRESS, packet(INGRESS, IPPROTO_TCP, far, ACK), 60_000, false)) known++;
  }
  t.equal(known, 500);
});

t.test(
  'ConnectionTable refuses a new connection when all are established, until one ends',
  async (t) => {
    const table = new ConnectionTable(4);
    for (let far = 1; far <= 4; far++) establish(table, far, 0);
    t.equal(table.insert(ENI, EGRESS, packet(EGRESS, IPPROTO_UDP, 9), 1000), NO_CONNECTION);
    t.equal(table.refusals, 1);
    t.not(table.insert(ENI, EGRESS, packet(EGRESS, IPPROTO_UDP, 9), 432_001_000), NO_CONNECTION);
  },
);

t.test('ConnectionTable.touch knows a slot that has another connection by now', async (t) => {
  const table = new ConnectionTable(1);
  const first = packet(EGRESS, IPPROTO_UDP, 1);
  const slot = table.insert(ENI, EGRESS, first, 0);
  const serial = table.serialOf(slot);
  t.equal(table.touch(slot, serial, EGRESS, first, 1), TOUCHED);
  t.equal(table.insert(ENI, EGRESS, packet(EGRESS, IPPROTO_UDP, 2), 2), slot);
  t.equal(table.touch(slot, serial, EGRESS, first, 3), GONE);
});

t.test('ConnectionTable.expire frees what ran out, without a new connection', async (t) => {
  const table = new ConnectionTable(4);
  table.insert(ENI, EGRESS, packet(EGRESS, IPPROTO_UDP, 1), 0);
  table.insert(ENI, EGRESS, packet(EGRESS, IPPROTO_UDP, 2), 10_000);
  table.expire(4, 30_000);
  t.equal(table.size, 2);
  table.expire(4, 30_001);
  t.equal(table.size, 1);
  t.ok(see(table, INGRESS, packet(INGRESS, IPPROTO_UDP, 2), 30_002, false));
});

t.test('ConnectionTable.retain forgets the connections of other interfaces', async (t) => {
  const table = new ConnectionTable(8);
  establish(table, 1, 0);
  table.insert({ ...ENI, macLow: 78 }, EGRESS, packet(EGRESS, IPPROTO_UDP, 1), 0);
  table.retain((_high, low) => low === 78);
  t.equal(table.size, 1);
  t.notOk(see(table, EGRESS, packet(EGRESS, IPPROTO_TCP, 1, ACK), 1, false));
});

t.test('the connections of an interface go with it', async (t) => {
  const made = new FilterBench({ openGroup: true });
  made.subnet('a', '10.0.1.0/24');
  const tracked = made.group('tracked', [{ protocol: '-1', cidr: '10.0.0.0/8' }]);
  made.host('one', 'a', '10.0.1.11', { groups: [tracked] });
  made.host('two', 'a', '10.0.1.12', { groups: [tracked] });
  made.connect('one', 'two', 80);
  t.equal(made.state.connections.size, 2);
  made.act('TerminateInstances', { InstanceIds: [made.instanceId('one')] });
  t.equal(made.state.connections.size, 1);
});

/** What a connection table should remember, in plain words. */
class Reference {
  readonly #connections = new Map<string, { lastMs: number; timeoutMs: number }>();

  knows(key: string, nowMs: number): boolean {
    const found = this.#connections.get(key);
    if (found === undefined || nowMs - found.lastMs > found.timeoutMs) return false;
    found.lastMs = nowMs;
    return true;
  }

  begin(key: string, nowMs: number): void {
    this.#connections.set(key, { lastMs: nowMs, timeoutMs: 600_000 });
  }
}

t.test('ConnectionTable remembers what a plain map would, while there is room', async (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
  t.comment(`seed ${seed}`);
  const random: Random = createRandom(seed);
  const table = new ConnectionTable(512);
  const reference = new Reference();
  let nowMs = 0;
  for (let count = 0; count < 20_000; count++) {
    nowMs += random(100) === 0 ? random(400_000) : random(50);
    const far = 1 + random(200);
    const direction = random(2) === 0 ? EGRESS : INGRESS;
    // A protocol without ports or states: one timeout, whatever happens (SG-7).
    const known = see(table, direction, packet(direction, 50, far), nowMs);
    const expected = reference.knows(String(far), nowMs);
    if (!expected) reference.begin(String(far), nowMs);
    if (known !== expected) t.equal(known, expected, `packet ${count}`);
  }
  t.equal(table.evictions, 0);
});

t.test('a SYN flood through a server costs no connection and no frame of it', async (t) => {
  const made = new FilterBench({ connectionCapacity: 256, flowCapacity: 64 });
  made.subnet('a', '10.0.1.0/24');
  const servers = made.group('servers', [tcp(80, '0.0.0.0/1')]);
  made.host('client', 'a', '10.0.1.10');
  made.host('attacker', 'a', '10.0.1.66', { sourceDestCheck: false });
  made.host('server', 'a', '10.0.1.20', { groups: [servers] });
  for (let port = 40_000; port < 40_020; port++) made.connect('client', 'server', 80, port);
  const ends = made.between('attacker', 'server');
  let refused = 0;
  for (let count = 0; count < 5000; count++) {
    const source = ip(`10.9.${count >> 8}.${count & 255}`);
    const flood = tcpFrame({ ...ends, source }, [count & 0xffff, 80], SYN);
    if (made.inject('attacker', flood).counter !== 'forwarded') refused++;
    const reply = tcpFrame(
      { ...made.between('server', 'attacker'), destination: source },
      [80, count & 0xffff],
      SYN_ACK,
    );
    made.inject('server', reply);
    const port = 40_000 + (count % 20);
    if (made.tcp('client', 'server', [port, 80], ACK) !== 'forwarded') t.fail(`lost at ${count}`);
    if (made.tcp('server', 'client', [80, port], ACK) !== 'forwarded') t.fail(`lost at ${count}`);
  }
  t.equal(refused, 0, 'a new connection takes the place of one that came to nothing');
  t.equal(made.state.connections.size, 256);
  t.equal(made.state.connections.refusals, 0);
});
