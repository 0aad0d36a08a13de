/** Random actions on random accounts: what is refused has changed nothing, and nothing else fails. */
import fc from 'fast-check';
import t from 'tap';
import type { ActionInput, ParameterType } from '../../src/actions/action.ts';
import { ApiError } from '../../src/actions/api-error.ts';
import { API_ACTIONS } from '../../src/actions/table.ts';
import type { Realm } from '../../src/model/realm.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { type TableName, tableNames } from '../../src/model/store.ts';
import { ABROAD, HOME, OTHER, STRANGER, TestWorld } from './world.ts';

const RUNS = 60;
const CALLS = 60;
/** Values that fit some parameter; many more fit none. */
const WORDS = [
  '10.0.0.0/16 10.0.1.0/24 10.0.1.0/28 0.0.0.0/0 ::/0 172.31.0.9 172.31.16.4 192.0.2.7 fd00::/64',
  'tcp udp icmp -1 50 ingress allow deny ipsec.1 vpc-12345678 subnet network-interface instance',
  `private public IPv4 IPv6 ALL Amazon true ${OTHER} us-east-1a use1-az1 eu-west-1 x default`,
].flatMap((line) => line.split(' '));

type Draw = (limit: number) => number;

function pick<T>(draw: Draw, from: readonly T[]): T | undefined {
  return from[draw(from.length)];
}

function idsOf(snapshot: Snapshot): string[] {
  return tableNames(snapshot).flatMap((table) => [...snapshot[table].keys()]);
}

/** The nouns of parameters with ids, such as `PeerVpcId`, whose tables have other names. */
const TABLES: Readonly<Record<string, TableName>> = {
  LoadBalancerArn: 'loadBalancers',
  TargetGroupArn: 'targetGroups',
  PeerVpc: 'vpcs',
  NetworkInterface: 'enis',
  Group: 'securityGroups',
  Allocation: 'elasticAddresses',
  VpcPeeringConnection: 'peerings',
  DestinationPrefixList: 'prefixLists',
  PeerTransitGateway: 'transitGateways',
  TransportTransitGatewayAttachment: 'transitGatewayAttachments',
};

/** @returns the table that a parameter names rows of. */
function tableFor(name: string, snapshot: Snapshot): TableName | undefined {
  const noun = name.replace(/Ids?$/, '');
  const plural = `${noun.slice(0, 1).toLowerCase()}${noun.slice(1)}`.replace(/s?$/, 's');
  return TABLES[noun] ?? tableNames(snapshot).find((table) => table === plural);
}

function textFor(name: string, snapshot: Snapshot, draw: Draw): string {
  const table = tableFor(name, snapshot);
  const fitting = table === undefined ? [] : [...snapshot[table].keys()];
  if (fitting.length > 0 && draw(10) < 9) return pick(draw, fitting) ?? '';
  return pick(draw, draw(3) === 0 ? idsOf(snapshot) : WORDS) ?? 'x';
}

function valueFor(name: string, type: ParameterType, snapshot: Snapshot, draw: Draw): unknown {
  if (Array.isArray(type)) {
    const [item] = type as readonly [ParameterType];
    return Array.from({ length: draw(3) }, () => valueFor(name, item, snapshot, draw));
  }
  if (typeof type === 'object') return inputFor(type as never, [], snapshot, draw);
  if (type === 'integer') return pick(draw, [-1, 0, 1, 2, 22, 100, 443, 64_512, 100_000]);
  if (type === 'string' || type === 'blob') return textFor(name, snapshot, draw);
  return draw(2) === 0;
}

function inputFor(
  parameters: Readonly<Record<string, ParameterType>>,
  required: readonly string[],
  snapshot: Snapshot,
  draw: Draw,
): ActionInput {
  const names = Object.keys(parameters).filter((name) => required.includes(name) || draw(4) === 0);
  return Object.fromEntries(
    names.map((name) => [name, valueFor(name, parameters[name] ?? 'string', snapshot, draw)]),
  );
}

t.test('an action that is refused leaves the very same snapshots', async (t) => {
  const definitions = [...API_ACTIONS.values()];
  const tally = { done: 0, refused: 0 };
  const property = fc.property(fc.infiniteStream(fc.nat(2 ** 31 - 1)), (numbers) => {
    const draw: Draw = (limit) => (limit === 0 ? 0 : (numbers.next().value ?? 0) % limit);
    const world = new TestWorld();
    for (const realm of [HOME, ABROAD, STRANGER]) world.regionOf(realm);
    for (let call = 0; call < CALLS; call++) {
      const { name, parameters, required } = definitions[draw(definitions.length)] as never as {
        name: string;
        parameters: Readonly<Record<string, ParameterType>>;
        required: readonly string[];
      };
      const realm: Realm = pick(draw, [HOME, HOME, ABROAD, STRANGER]) ?? HOME;
      const snapshot = world.world.editor(realm).snapshot;
      const input = inputFor(parameters, required, snapshot, draw);
      const before = world.world.snapshots;
      try {
        world.act(name, input, realm);
        tally.done++;
      } catch (error) {
        if (!(error instanceof ApiError)) {
          throw new Error(`${name} ${JSON.stringify(input)}`, { cause: error });
        }
        tally.refused++;
        // A region that was only looked at may have come to be.
        const after = world.world.snapshots;
        if (before.some((each, index) => each !== after[index])) {
          throw new Error(`${name} was refused (${error.code}) and changed the model`);
        }
      }
    }
  });
  fc.assert(property, { numRuns: RUNS, seed: 20_240 });
  t.ok(tally.done > 200, `${tally.done} calls were done`);
  t.ok(tally.refused > 200, `${tally.refused} calls were refused`);
});
