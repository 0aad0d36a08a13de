/** The flow table: the same with and without it, bounded, and true after every change. */
import t from 'tap';
import { createRandom, type Random } from '../../scripts/mutate.ts';
import { MAC_BROADCAST } from '../../src/addr/mac.ts';
import { FlowTable } from '../../src/dataplane/flow/flow-table.ts';
import { ParsedFrame } from '../../src/dataplane/parse.ts';
import { FORWARD, REWRITE_MACS, Verdict } from '../../src/dataplane/verdict.ts';
import { Bench, ip, type Outcome } from './bench.ts';
import { ipv4Frame, udpFrame } from './frames.ts';

const HOSTS = ['r1', 'r2', 'c'] as const;
const ADDRESSES = ['10.0.1.11', '10.0.1.12', '10.0.1.99', '10.0.2.20', '192.0.2.10', '224.0.0.5'];
const SERVICE = '192.0.2.10/32';

function bench(): Bench {
  const made = new Bench({ flowCapacity: 4096 });
  made.subnet('a', '10.0.1.0/24');
  made.subnet('b', '10.0.2.0/24');
  made.host('r1', 'a', '10.0.1.11', { sourceDestCheck: false });
  made.host('r2', 'a', '10.0.1.12');
  made.host('c', 'b', '10.0.2.20');
  return made;
}

/** A frame from a random host to somebody, nobody or everybody. */
function randomFrame(
  made: Bench,
  random: Random,
): { readonly from: string; readonly frame: Uint8Array } {
  const from = HOSTS[random(HOSTS.length)] ?? 'c';
  const macs = [made.routerMac(from), made.mac('r1'), made.mac('r2'), made.mac('c'), MAC_BROADCAST];
  const ends = {
    sourceMac: random(20) === 0 ? made.mac('r2') : made.mac(from),
    destinationMac: macs[random(macs.length)] ?? MAC_BROADCAST,
    source: random(5) === 0 ? ip('198.51.100.1') : made.address(from),
    destination: ip(ADDRESSES[random(ADDRESSES.length)] ?? '10.0.1.11'),
  };
  const fragment = { fragmentOffset: random(3) === 0 ? 8 : 0, moreFragments: random(4) === 0 };
  const protocol = [17, 50, 89][random(3)] ?? 17;
  const frame =
    protocol === 17
      ? udpFrame(ends, [1 + random(2), 1 + random(2)], fragment)
      : ipv4Frame(ends, protocol, new Uint8Array(16), fragment);
  return { from, frame };
}

/** Changes the model now and then; both benches get the same changes. */
function randomChange(benches: readonly Bench[], random: Random): void {
  const router = random(2) === 0 ? 'r1' : 'r2';
  const check = random(2) === 0;
  const kind = random(2);
  for (const made of benches) {
    const route = {
      RouteTableId: made.lab.mainTable(made.vpcId),
      DestinationCidrBlock: SERVICE,
      NetworkInterfaceId: made.eni(router).eniId,
    };
    if (kind === 0) {
      made.act('ModifyNetworkInterfaceAttribute', {
        NetworkInterfaceId: made.eni(router).eniId,
        SourceDestCheck: { Value: check },
      });
    } else made.act('ReplaceRoute', route);
  }
}

t.test(
  'Pipeline.decide gives the same bytes and verdicts with the flow table and without',
  async (t) => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
    t.comment(`seed ${seed}`);
    const random = createRandom(seed);
    const [cached, uncached] = [bench(), bench()];
    for (const made of [cached, uncached]) {
      made.act('CreateRoute', {
        RouteTableId: made.lab.mainTable(made.vpcId),
        DestinationCidrBlock: SERVICE,
        NetworkInterfaceId: made.eni('r1').eniId,
      });
    }
    let differences = 0;
    for (let count = 0; count < 4000; count++) {
      if (random(500) === 0) randomChange([cached, uncached], random);
      const { from, frame } = randomFrame(cached, random);
      // A new generation for every frame: nothing is ever found.
      uncached.publish();
      const [a, b]: readonly Outcome[] = [cached.inject(from, frame), uncached.inject(from, frame)];
      if (JSON.stringify(a) !== JSON.stringify(b)) differences++;
    }
    t.equal(differences, 0);
    t.ok(cached.state.flows.hits > 300, `${cached.state.flows.hits} hits`);
    t.equal(uncached.state.flows.hits, 0);
  },
);

t.test(
  'FlowTable keeps the flow that is used while others flood it, and never grows',
  async (t) => {
    const flows = new FlowTable(64);
    const frame = new ParsedFrame();
    const verdict = new Verdict();
    const established = (nowMs: number): boolean => {
      Object.assign(frame, { family: 4, s3: 1, d3: 2, sport: 179, dport: 40000 });
      return flows.lookup(0, frame, nowMs, verdict);
    };
    verdict.forward(3, REWRITE_MACS);
    established(0);
    flows.insert(0, frame, 0, verdict);
    let lost = 0;
    for (let nowMs = 1; nowMs < 20_000; nowMs++) {
      Object.assign(frame, { family: 4, s3: 77, d3: nowMs, sport: nowMs & 0xffff, dport: 80 });
      verdict.forward(9, REWRITE_MACS);
      if (!flows.lookup(1, frame, nowMs, verdict)) flows.insert(1, frame, nowMs, verdict);
      if (!established(nowMs)) lost++;
    }
    t.equal(lost, 0);
    t.same([verdict.kind, verdict.argument, verdict.rewrite], [FORWARD, 3, REWRITE_MACS]);
    t.equal(flows.size, 64);
    t.ok(flows.evictions > 10_000);
  },
);

t.test('FlowTable.use makes every flow of another generation a miss', async (t) => {
  const flows = new FlowTable(4);
  const frame = new ParsedFrame();
  const verdict = new Verdict();
  flows.insert(0, frame, 0, verdict);
  t.ok(flows.lookup(0, frame, 0, verdict));
  flows.use(2);
  t.notOk(flows.lookup(0, frame, 0, verdict));
  t.equal(flows.size, 0);
});
