import t from 'tap';
import { formatCidr, parseCidr } from '../../src/addr/cidr.ts';
import type { EniId, PrefixListId, VpcId } from '../../src/model/ids.ts';
import type {
  PrefixListRoute,
  Route,
  RouteOrigin,
  RouteTable,
  Subnet,
} from '../../src/model/records.ts';
import { routeState, routeTableOfSubnet, selectRoutes } from '../../src/model/routes.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { Draft } from '../../src/model/store.ts';
import { Lab } from '../actions/lab.ts';

const VIA: EniId = 'eni-00000000000000001';

function route(text: string, origin: RouteOrigin, eniId: EniId | null = VIA): Route {
  const destination = parseCidr(text);
  if (destination === null) throw new Error(`${text} is no block`);
  return {
    destination,
    origin,
    target: eniId === null ? { kind: 'local' } : { kind: 'eni', eniId },
  };
}

function onlyTable(snapshot: Snapshot): RouteTable {
  const [table] = snapshot.routeTables.values();
  if (table === undefined) throw new Error('no table');
  return table;
}

/** @returns `destination origin` of the routes that take part. */
function selected(snapshot: Snapshot, routes: readonly Route[]): string[] {
  const table = { ...onlyTable(snapshot), routes: [...onlyTable(snapshot).routes, ...routes] };
  return selectRoutes(snapshot, table).map(
    (each) => `${formatCidr(each.destination)} ${each.origin}`,
  );
}

t.test('[RT-7] a propagated route never beats the local one, even if more specific', async (t) => {
  const lab = new Lab();
  lab.vpc();
  const propagated = ['10.0.0.0/16', '10.0.1.0/24', '10.0.1.5/32', '10.0.0.0/15', '0.0.0.0/0'];
  t.same(
    selected(
      lab.snapshot,
      propagated.map((text) => route(text, 'EnableVgwRoutePropagation')),
    ),
    [
      '10.0.0.0/16 CreateRouteTable',
      '10.0.0.0/15 EnableVgwRoutePropagation',
      '0.0.0.0/0 EnableVgwRoutePropagation',
    ],
  );
  const subnetRoute = route('10.0.1.0/24', 'CreateRoute');
  t.equal(selected(lab.snapshot, [subnetRoute]).length, 2, 'a static one does');
});

t.test('[RT-8] for one destination a static route beats a propagated one', async (t) => {
  const lab = new Lab();
  lab.vpc();
  const fixed = route('192.0.2.0/24', 'CreateRoute');
  const learned = route('192.0.2.0/24', 'EnableVgwRoutePropagation');
  const longer = route('192.0.2.0/25', 'EnableVgwRoutePropagation');
  const local = '10.0.0.0/16 CreateRouteTable';
  const kept = '192.0.2.0/25 EnableVgwRoutePropagation';
  const winner = '192.0.2.0/24 CreateRoute';
  t.same(selected(lab.snapshot, [fixed, learned, longer]), [local, winner, kept]);
  t.same(selected(lab.snapshot, [learned, longer, fixed]), [local, kept, winner]);
});

t.test('[RT-9] a prefix list loses to a static route and wins over a propagated one', async (t) => {
  const lab = new Lab();
  lab.vpc();
  const [first, second] = [
    lab.prefixList(['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '10.0.1.0/24']),
    lab.prefixList(['203.0.113.0/24', '203.0.113.0/25']),
  ] as [PrefixListId, PrefixListId];
  const via = (prefixListId: PrefixListId, eniId: EniId): PrefixListRoute => ({
    prefixListId,
    target: { kind: 'eni', eniId },
  });
  const fixed: EniId = 'eni-00000000000000002';
  const learned: EniId = 'eni-00000000000000003';
  const table: RouteTable = {
    ...onlyTable(lab.snapshot),
    routes: [
      route('203.0.113.0/25', 'EnableVgwRoutePropagation', learned),
      route('198.51.100.0/24', 'EnableVgwRoutePropagation', learned),
      route('198.51.100.0/25', 'EnableVgwRoutePropagation', learned),
      route('192.0.2.0/24', 'CreateRoute', fixed),
    ],
    prefixListRoutes: [via(first, 'eni-0000000000000000a'), via(second, 'eni-0000000000000000b')],
  };
  const chosen = (each: RouteTable): string[] =>
    selectRoutes(lab.snapshot, each).map(({ destination, target }) => {
      const text = 'eniId' in target ? target.eniId.slice(-1) : target.kind;
      return `${formatCidr(destination)} ${text}`;
    });
  t.same(
    chosen(table),
    [
      '198.51.100.0/25 3',
      '192.0.2.0/24 2',
      '198.51.100.0/24 a',
      '203.0.113.0/24 a',
      '203.0.113.0/25 b',
    ],
    'never inside the VPC, where the local route stays',
  );
  lab.act('ModifyManagedPrefixList', {
    PrefixListId: first,
    RemoveEntries: [{ Cidr: '203.0.113.0/24' }],
  });
  t.ok(chosen(table).includes('203.0.113.0/24 b'), 'the second list steps in');
});

t.test('[RT-11] a route that is a blackhole still takes part', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc() as VpcId;
  const dead = route('192.0.2.0/24', 'CreateRoute');
  t.equal(routeState(lab.snapshot, { vpcId }, dead), 'blackhole');
  t.equal(
    routeState(lab.snapshot, { vpcId }, route('10.0.0.0/16', 'CreateRouteTable', null)),
    'active',
  );
  t.ok(selected(lab.snapshot, [dead]).includes('192.0.2.0/24 CreateRoute'));
});

t.test('[RT-1] routeTableOfSubnet gives the associated table, or else the main one', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  lab.vpc('10.1.0.0/16');
  const SubnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const subnet = (): Subnet => {
    const [row] = lab.snapshot.subnets.values();
    if (row === undefined) throw new Error('no subnet');
    return row;
  };
  const used = (): string => routeTableOfSubnet(lab.snapshot, subnet()).routeTableId;
  t.equal(used(), lab.mainTable(vpcId));
  lab.act('CreateRouteTable', { VpcId: vpcId });
  const RouteTableId = [...lab.snapshot.routeTables.keys()].at(-1);
  t.equal(used(), lab.mainTable(vpcId), 'an unassociated table is not used');
  lab.act('AssociateRouteTable', { RouteTableId, SubnetId });
  t.equal(used(), RouteTableId);
});

t.test('Store.edit replaces the snapshot whole, or not at all', async (t) => {
  const lab = new Lab();
  lab.vpc();
  const before = lab.snapshot;
  const table = onlyTable(before);
  t.throws(() =>
    lab.store.edit((draft) => {
      draft.delete('routeTables', table.routeTableId);
      throw new Error('refused');
    }),
  );
  t.equal(lab.snapshot, before);
  lab.store.edit(() => 0);
  t.equal(lab.snapshot, before, 'nothing was edited');
  lab.store.edit((draft) => draft.delete('routeTables', table.routeTableId));
  t.equal(lab.snapshot.revision, before.revision + 1);
  t.equal(before.routeTables.size, 1, 'the old snapshot stays as it was');
  t.equal(lab.snapshot.vpcs, before.vpcs, 'a table that did not change is shared');
  t.equal(new Draft(before).changed, false);
});
