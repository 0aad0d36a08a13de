/** Gateways, peerings, endpoints and public addresses of lab files: planned, made, changed, taken down. */
import t, { type Test } from 'tap';
import { ACTIONS } from '../../src/actions/table.ts';
import { formatIpv4 } from '../../src/addr/ipv4.ts';
import { routeState } from '../../src/model/routes.ts';
import { parseAwsCommand } from '../../src/scenario/file/aws-command.ts';
import { loadLab } from '../../src/scenario/file/load.ts';
import { indexNames, lookupVariable } from '../../src/scenario/names.ts';
import { applyPlan } from '../../src/scenario/plan/apply.ts';
import { awsLine } from '../../src/scenario/plan/aws-lines.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { made } from './describing.ts';
import { LAB_OPTIONS } from './lab-options.ts';
import { ModelRuntime } from './model-runtime.ts';

const FILE = `
name: edges
rules: current
elasticAddresses: { out: { address: 198.18.0.7 }, spare: {} }
peerings:
  near: { from: main, to: other, dns: true }
  far: { from: away, to: main }
  open: { from: other, to: away, accept: false }
vpcs:
  main:
    cidr: [10.0.0.0/16, 10.9.0.0/16]
    ipv6: true
    internetGateway: { name: edge, routeTable: ingress }
    egressOnlyInternetGateway: true
    subnets:
      public: { cidr: 10.0.1.0/24, routeTable: public, mapPublicIpOnLaunch: true }
      private: { cidr: 10.0.2.0/24, routeTable: private, ipv6: true }
    natGateways:
      nat: { subnet: public, address: out }
      own: { subnet: public }
      inner: { subnet: private, connectivity: private, privateAddress: 10.0.2.9 }
    endpoints: { s3: { service: s3, routeTables: [private] } }
    routeTables:
      public: { routes: { 0.0.0.0/0: igw, 10.1.0.0/16: near } }
      private:
        routes: { 0.0.0.0/0: nat, "::/0": egress-only, 10.2.0.0/16: far, 10.0.1.0/24: fw, 192.0.2.0/24: inner }
      ingress: { routes: { 10.0.2.0/24: fw, local: fw } }
  other:
    cidr: 10.1.0.0/16
    subnets: { a: { cidr: 10.1.1.0/24 } }
    routeTables: { rest: { main: true, routes: { 10.0.0.0/16: near, 10.2.0.0/16: open } } }
  away:
    region: eu-west-1
    cidr: 10.2.0.0/16
    subnets: { b: { cidr: 10.2.1.0/24 } }
    routeTables: { rest: { main: true, routes: { 10.0.0.0/16: far } } }
interfaces:
  side: { subnet: private, attach: host, elasticAddress: spare }
instances:
  fw: { subnet: public, sourceDestCheck: false, publicAddress: none, elasticAddress: true }
  web: { subnet: public }
  host: { subnet: private }
  shown: { subnet: private, publicAddress: auto }
`;

const load = (text: string) => loadLab(text, LAB_OPTIONS);

/** @returns the actions that make the one into the other; afterwards there is nothing left to do. */
async function change(t: Test, runtime: ModelRuntime, text: string): Promise<string[]> {
  const lab = load(text);
  const plan = planLab(lab, runtime.fabric, runtime.imageIdOf);
  await applyPlan(plan, runtime, { clock: runtime.clock });
  t.strictSame(planLab(lab, runtime.fabric, runtime.imageIdOf), [], 'nothing is left to do');
  return plan.map(({ action, subject, reason }) => `${action} ${subject}: ${reason}`);
}

function routesOf(runtime: ModelRuntime, name: string): string[] {
  const { fabric } = runtime;
  const id = lookupVariable(indexNames(fabric), name);
  const table = [...fabric.routeTables.values()].find(({ routeTableId }) => routeTableId === id);
  return (table?.routes ?? []).map(
    (route) =>
      `${route.target.kind} ${table === undefined ? '' : routeState(fabric, table, route)}`,
  );
}

t.test('a lab file makes gateways, peerings, endpoints and public addresses', async (t) => {
  const lab = load(FILE);
  const runtime = await made(lab);
  t.strictSame(planLab(lab, runtime.fabric, runtime.imageIdOf), [], 'nothing is left to do');
  const { fabric } = runtime;
  t.strictSame(routesOf(runtime, 'routeTable:public'), [
    ...['local active', 'local active', 'local active'],
    ...['internet-gateway active', 'peering active'],
  ]);
  t.strictSame(routesOf(runtime, 'routeTable:private'), [
    ...['local active', 'local active', 'local active'],
    ...['nat-gateway active', 'egress-only-gateway active', 'peering active'],
    ...['instance active', 'nat-gateway active'],
  ]);
  t.strictSame(
    routesOf(runtime, 'ingress'),
    ['instance active', 'instance active', 'instance active', 'instance active'],
    '[RT-2] the local routes lead elsewhere',
  );
  t.strictSame(routesOf(runtime, 'other/rest').slice(1), ['peering active', 'peering blackhole']);
  const names = indexNames(fabric);
  for (const name of ['edge', 'egress-only', 'nat', 'far', 's3', 'elasticAddress:out'])
    t.type(lookupVariable(names, name), 'string', name);
  t.equal(lookupVariable(names, 'web'), lookupVariable(names, 'instance:web'));
  const publicOf = (name: string) => lookupVariable(names, `${name}.eth0.public`);
  t.match(publicOf('fw'), /^198\.18\./);
  t.match(publicOf('web'), /^198\.18\./, 'as its subnet has it');
  t.match(publicOf('shown'), /^198\.18\./);
  t.equal(publicOf('host'), null);
  t.match(lookupVariable(names, 'side.public'), /^198\.18\./);
  const nats = [...fabric.natGateways.values()];
  t.strictSame(
    nats.map(({ connectivity, publicAddr, privateAddr }) => [
      connectivity,
      publicAddr === null ? null : formatIpv4(publicAddr).replace(/^198\.18\..*[^7]$/, 'drawn'),
      privateAddr === null ? null : formatIpv4(privateAddr),
    ]),
    [
      ['public', '198.18.0.7', '10.0.1.4'],
      ['public', 'drawn', '10.0.1.5'],
      ['private', null, '10.0.2.9'],
    ],
  );
  const [near, far, open] = fabric.peerings.values();
  t.match(near, { status: { code: 'active' }, requester: { allowDnsResolution: true } });
  t.match(far, { status: { code: 'active' }, accepter: { allowDnsResolution: false } });
  t.match(open, { status: { code: 'pending-acceptance' } });
});

t.test('each action is a command of the AWS CLI', (t) => {
  for (const { action, input, realm } of planLab(load(FILE), null, (name) => `ami-${name}`)) {
    const line = awsLine({ action, input }, ACTIONS, realm.region);
    // Roles are made by an action of the lab's own.
    if (line === null) continue;
    t.strictSame(parseAwsCommand(line, ACTIONS), { action, input, region: realm.region }, line);
  }
  t.end();
});

t.test('peerings across regions are asked for on one side and accepted on the other', (t) => {
  const plan = planLab(load(FILE), null, (name) => `ami-${name}`);
  const about = plan
    .filter(({ subject }) => subject === 'peering far')
    .map(({ action, realm }) => `${realm.region} ${action}`);
  t.strictSame(about, [
    'eu-west-1 CreateVpcPeeringConnection',
    'us-east-1 CreateTags',
    'us-east-1 AcceptVpcPeeringConnection',
  ]);
  t.end();
});

/** What is changed in the file, and what is done. */
const CHANGES: readonly (readonly [
  title: string,
  changes: readonly (readonly [from: string | RegExp, to: string])[],
  actions: readonly (string | RegExp)[],
])[] = [
  [
    'a route to another gateway',
    [['0.0.0.0/0: nat,', '0.0.0.0/0: own,']],
    ['ReplaceRoute route table main/private: the target of 0.0.0.0/0 changed to main/own'],
  ],
  [
    'a NAT gateway with another address',
    [['nat: { subnet: public, address: out }', 'nat: { subnet: public }']],
    [
      'DeleteNatGateway NAT gateway main/nat: its address changed to main/nat',
      'AllocateAddress elastic address main/nat: not there yet',
      'CreateNatGateway NAT gateway main/nat: its address changed to main/nat',
      'ReplaceRoute route table main/private: the target of 0.0.0.0/0 changed to main/nat',
    ],
  ],
  [
    'local routes that are local again',
    [[', local: fw }', ' }']],
    [
      'ReplaceRoute route table main/ingress: the route to 10.0.0.0/16 is not in the lab file any more',
      'ReplaceRoute route table main/ingress: the route to 10.9.0.0/16 is not in the lab file any more',
      /^ReplaceRoute route table main\/ingress: the route to 2600:.* is not in the lab file any more$/,
    ],
  ],
  [
    'an edge table that is none any more',
    [
      ['{ name: edge, routeTable: ingress }', 'edge'],
      [/ {6}ingress:.*\n/, ''],
    ],
    [
      'DisassociateRouteTable internet gateway main/edge: no table steers it any more',
      'DeleteRouteTable route table main/ingress: not in the lab file any more',
    ],
  ],
  [
    'another edge table',
    [
      ['routeTable: ingress', 'routeTable: entry'],
      ['      ingress:', '      entry: {}\n      ingress:'],
    ],
    [
      'CreateRouteTable route table main/entry: not there yet',
      'ReplaceRouteTableAssociation internet gateway main/edge: its route table changed to main/entry',
    ],
  ],
  [
    'an endpoint with another table',
    [['routeTables: [private]', 'routeTables: [public]']],
    ['ModifyVpcEndpoint gateway endpoint main/s3: its route tables changed to main/public'],
  ],
  [
    'a request that is accepted, and names that do not resolve',
    [
      [', accept: false', ''],
      [', dns: true', ''],
    ],
    [
      'AcceptVpcPeeringConnection peering open: not accepted yet',
      'ModifyVpcPeeringConnectionOptions peering near: dns: false for VPC main',
      'ModifyVpcPeeringConnectionOptions peering near: dns: false for VPC other',
    ],
  ],
  [
    'a peering between other VPCs',
    [['open: { from: other, to: away, accept: false }', 'open: { from: away, to: other }']],
    [
      'DeleteVpcPeeringConnection peering open: it is between away and other now',
      'CreateVpcPeeringConnection peering open: it is between away and other now',
      'CreateTags peering open: its other end has tags of its own',
      'AcceptVpcPeeringConnection peering open: not accepted yet',
      'ReplaceRoute route table other/rest: the target of 10.2.0.0/16 changed to open',
    ],
  ],
  [
    'an address that moves from an interface to an instance',
    [
      [', elasticAddress: spare', ''],
      ['host: { subnet: private', 'host: { subnet: private, elasticAddress: spare'],
    ],
    ['AssociateAddress elastic address spare: instance host does not have it yet'],
  ],
  [
    'an address that moves from an interface to a NAT gateway',
    [
      [', elasticAddress: spare', ''],
      ['own: { subnet: public }', 'own: { subnet: public, address: spare }'],
    ],
    [
      'DeleteNatGateway NAT gateway main/own: its address changed to spare',
      /^DisassociateAddress elastic address spare .*: interface side is not to have it any more$/,
      'ReleaseAddress elastic address main/own: not in the lab file any more',
      'CreateNatGateway NAT gateway main/own: its address changed to spare',
    ],
  ],
  [
    'an instance that loses its elastic address',
    [[', elasticAddress: true', '']],
    [
      /^DisassociateAddress elastic address fw .*: not in the lab file any more$/,
      'ReleaseAddress elastic address fw: not in the lab file any more',
    ],
  ],
  [
    'an instance without a public address of its own',
    [[', publicAddress: auto', '']],
    [
      'TerminateInstances instance shown: its public address changed from auto to none',
      'RunInstances instance shown: its public address changed from auto to none',
    ],
  ],
  [
    'a subnet with DNS64',
    [['mapPublicIpOnLaunch: true', 'mapPublicIpOnLaunch: true, dns64: true']],
    ['ModifySubnetAttribute subnet main/public: dns64: true'],
  ],
  [
    'a subnet that gives no public addresses',
    [[', mapPublicIpOnLaunch: true', '']],
    [
      'TerminateInstances instance web: its public address changed from auto to none',
      'ModifySubnetAttribute subnet main/public: mapPublicIpOnLaunch: false',
      'RunInstances instance web: its public address changed from auto to none',
    ],
  ],
];

for (const [title, changes, actions] of CHANGES) {
  t.test(`${title}: what up does`, async (t) => {
    const runtime = await made(load(FILE));
    const text = changes.reduce((before, [from, to]) => before.replace(from, to), FILE);
    const done = await change(t, runtime, text);
    t.match(done, actions);
    t.equal(done.length, actions.length, done.join('\n'));
  });
}

t.test('a lab goes down to nothing, in an order that AWS takes', async (t) => {
  const runtime = await made(load(FILE));
  const done = await change(t, runtime, 'name: edges\nrules: current');
  const kinds = done.map((text) => text.split(' ')[0] ?? '');
  const place = (action: string) => kinds.indexOf(action);
  t.ok(place('DeleteNatGateway') < place('DetachInternetGateway'));
  t.ok(place('TerminateInstances') < place('DetachInternetGateway'));
  t.ok(place('DetachInternetGateway') < place('DeleteVpc'));
  const { fabric } = runtime;
  for (const table of [
    'vpcs',
    'internetGateways',
    'egressOnlyGateways',
    'elasticAddresses',
  ] as const)
    t.equal(fabric[table].size, 0, table);
});

t.test("of what the API made, only routes to the file's gateways are the file's", async (t) => {
  const runtime = await made(load(FILE));
  const { ids } = indexNames(runtime.fabric);
  const SubnetId = ids.get('subnet:public');
  const RouteTableId = ids.get('routeTable:public');
  await runtime.perform('AllocateAddress', {});
  await runtime.perform('CreateInternetGateway', {});
  const nat = await runtime.perform('CreateNatGateway', { SubnetId, ConnectivityType: 'private' });
  const { NatGatewayId } = nat['NatGateway'] as { NatGatewayId: string };
  const foreign = { RouteTableId, DestinationCidrBlock: '203.0.113.0/24', NatGatewayId };
  const own = { RouteTableId, DestinationCidrBlock: '192.0.2.0/24', GatewayId: ids.get('edge') };
  await runtime.perform('CreateRoute', foreign);
  await runtime.perform('CreateRoute', own);
  t.strictSame(await change(t, runtime, FILE), [
    'DeleteRoute route table main/public: the route to 192.0.2.0/24 is not in the lab file any more',
  ]);
});

t.test('a NAT gateway that AWS cannot make is an error', async (t) => {
  const lab = load(`
name: failing
vpcs:
  main:
    cidr: 10.0.0.0/16
    internetGateway: true
    subnets: { a: { cidr: 10.0.1.0/24 } }
    natGateways: { nat: { subnet: a } }
`);
  const plan = planLab(lab, null, (name) => `ami-${name}`);
  const without = plan.filter(({ action }) => action !== 'AttachInternetGateway');
  const runtime = new ModelRuntime(lab);
  await t.rejects(applyPlan(without, runtime, { clock: runtime.clock }), {
    message: /Cannot CreateNatGateway "NAT gateway main\/nat": Gateway.NotAttached/,
  });
});
