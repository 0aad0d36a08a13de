/** Plans, and what comes of them when the real actions perform them. */
import t, { type Test } from 'tap';
import { formatCidr } from '../../src/addr/cidr.ts';
import { formatIpv4 } from '../../src/addr/ipv4.ts';
import { formatIpv6 } from '../../src/addr/ipv6.ts';
import { loadLab } from '../../src/scenario/file/load.ts';
import type { Lab } from '../../src/scenario/lab.ts';
import { eniOf, indexNames, lookupVariable } from '../../src/scenario/names.ts';
import { applyPlan } from '../../src/scenario/plan/apply.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { LAB_OPTIONS } from './lab-options.ts';
import { ModelRuntime } from './model-runtime.ts';

const FIRST = `
name: planned
vpcs:
  main:
    cidr: [10.0.0.0/16, 10.1.0.0/16]
    enableDnsHostnames: true
    dhcpOptions: { domainName: lab.test, domainNameServers: [AmazonProvidedDNS] }
    subnets:
      a: { cidr: 10.0.1.0/24, zone: us-east-1a }
      b:
        cidr: 10.1.2.0/24
        zone: us-east-1b
        routeTable: clients
        reservations: [{ cidr: 10.1.2.0/28, type: explicit }]
    routeTables:
      base: { main: true }
      clients: { routes: { 192.0.2.10/32: r1, 198.51.100.0/24: r2, 203.0.113.0/24: spare } }
interfaces:
  service: { subnet: a, secondaryAddresses: [10.0.1.51], attach: r2 }
  spare: { subnet: a, sourceDestCheck: false }
instances:
  auto: { subnet: a }
  r1: { subnet: a, address: 10.0.1.4, secondaryAddresses: [10.0.1.100], sourceDestCheck: false }
  r2: { subnet: a, address: 10.0.1.6, type: c5.large }
  web: { subnet: b, count: 2 }
`;

function load(text: string): Lab {
  return loadLab(text, { ...LAB_OPTIONS, folder: import.meta.dirname });
}

/** Makes the lab and gives its runtime. */
async function made(text: string): Promise<ModelRuntime> {
  const lab = load(text);
  const runtime = new ModelRuntime(lab);
  await applyPlan(planLab(lab, null, runtime.imageIdOf), runtime, { clock: runtime.clock });
  return runtime;
}

/** Plans the change from one text to the other, does it, and checks that nothing is left to do. */
async function change(t: Test, runtime: ModelRuntime, text: string, changed: string[] = []) {
  const lab = load(text);
  const imageIdOf = (name: string) => runtime.imageIdOf(name, changed.includes(name) ? 2 : 1);
  const plan = planLab(lab, runtime.fabric, imageIdOf);
  await applyPlan(plan, runtime, { clock: runtime.clock });
  t.strictSame(planLab(lab, runtime.fabric, imageIdOf), [], 'nothing is left to do');
  return plan.map(({ action, subject, reason }) => `${action} ${subject}: ${reason}`);
}

t.test('planLab creates everything with actions that AWS accepts', async (t) => {
  const runtime = await made(FIRST);
  const { snapshot } = runtime;
  const names = indexNames(snapshot);
  const [vpc] = snapshot.vpcs.values();
  t.strictSame(
    vpc?.cidrs.map(({ cidr }) => formatCidr(cidr)),
    ['10.0.0.0/16', '10.1.0.0/16'],
  );
  t.equal(vpc?.enableDnsHostnames, true);
  const options = [...snapshot.dhcpOptions.values()].find((each) => each.domainName === 'lab.test');
  t.equal(vpc?.dhcpOptionsId, options?.dhcpOptionsId);
  t.strictSame(
    ['auto', 'r1', 'r2', 'web-1', 'web-2'].map((name) =>
      lookupVariable(names, `${name}.eth0.address`),
    ),
    ['10.0.1.8', '10.0.1.4', '10.0.1.6', '10.1.2.16', '10.1.2.17'],
    'free addresses go around those that others ask for, and around reservations',
  );
  t.equal(lookupVariable(names, 'service.address'), '10.0.1.5');
  t.equal(lookupVariable(names, 'service'), lookupVariable(names, 'r2.eth1'), 'attached at launch');
  t.strictSame(eniOf(names, 'r1.eth0')?.addresses.map(formatIpv4), ['10.0.1.4', '10.0.1.100']);
  t.equal(eniOf(names, 'r1.eth0')?.sourceDestCheck, false);
  t.equal(eniOf(names, 'r2.eth0')?.sourceDestCheck, true);
  t.equal(eniOf(names, 'spare')?.sourceDestCheck, false);
  const tables = [...snapshot.routeTables.values()];
  const clients = tables.find((each) => each.tags.get('Name') === 'clients');
  const base = tables.find((each) => each.tags.get('Name') === 'base');
  t.strictSame(
    clients?.routes.map(({ target }) => target.kind),
    ['local', 'local', 'instance', 'eni', 'eni'],
    'an instance with several interfaces stands for its first one (RT-13)',
  );
  t.strictSame(
    base?.associations.map(({ subnetId }) => subnetId),
    [null],
  );
  t.equal(clients?.associations[0]?.subnetId, lookupVariable(names, 'b'));
});

t.test('planLab tags, explains and stages every action', (t) => {
  const lab = load(FIRST);
  const plan = planLab(lab, null, (name) => `ami-${name}`);
  const launch = plan.find(({ subject }) => subject === 'instance r2');
  t.strictSame(launch, {
    action: 'RunInstances',
    input: {
      ImageId: 'ami-r2',
      MinCount: 1,
      MaxCount: 1,
      InstanceType: 'c5.large',
      IamInstanceProfile: { Name: 'vpclab' },
      NetworkInterfaces: [
        { DeviceIndex: 0, SubnetId: '${subnet:main/a}', PrivateIpAddress: '10.0.1.6' },
        { DeviceIndex: 1, NetworkInterfaceId: '${interface:service}' },
      ],
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: [
            { Key: 'Name', Value: 'r2' },
            { Key: 'vpclab:lab', Value: 'planned' },
          ],
        },
      ],
    },
    realm: { accountId: '123456789012', region: 'us-east-1' },
    subject: 'instance r2',
    reason: 'not there yet',
    stage: launch?.stage,
    produces: [
      { name: 'instance:r2', at: ['Instances', 0, 'InstanceId'] },
      {
        name: 'interface:r2.eth0',
        at: ['Instances', 0, 'NetworkInterfaces', 0, 'NetworkInterfaceId'],
      },
    ],
  });
  const stages = plan.map(({ stage }) => stage);
  t.strictSame(
    stages,
    stages.toSorted((a, b) => a - b),
    'stages follow each other',
  );
  t.ok(plan.every(({ subject, reason }) => subject !== '' && reason !== ''));
  t.end();
});

t.test('planLab has nothing to do for a lab that runs already', async (t) => {
  const runtime = await made(FIRST);
  t.strictSame(planLab(load(FIRST), runtime.fabric, runtime.imageIdOf), []);
});

const CHANGES: readonly (readonly [
  title: string,
  from: string | RegExp,
  to: string,
  actions: readonly string[],
])[] = [
  [
    'a route target',
    '192.0.2.10/32: r1',
    '192.0.2.10/32: spare',
    ['ReplaceRoute route table main/clients: the target of 192.0.2.10/32 changed to spare'],
  ],
  [
    'a route that goes and one that comes',
    '192.0.2.10/32: r1',
    '192.0.2.11/32: r1',
    [
      'DeleteRoute route table main/clients: the route to 192.0.2.10/32 is not in the lab file any more',
      'CreateRoute route table main/clients: no route to 192.0.2.11/32 yet',
    ],
  ],
  [
    'the source/destination check',
    'attach: r2',
    'attach: r2, sourceDestCheck: false',
    ['ModifyNetworkInterfaceAttribute interface service: sourceDestCheck: false'],
  ],
  [
    'secondary addresses, one of which moves',
    /secondaryAddresses: \[10.0.1.51\](.*)secondaryAddresses: \[10.0.1.100\]/s,
    'secondaryAddresses: [10.0.1.100]$1secondaryAddresses: [10.0.1.101]',
    [
      'AssignPrivateIpAddresses interface service: 10.0.1.100 not there yet',
      'UnassignPrivateIpAddresses interface service: 10.0.1.51 not in the lab file any more',
      'AssignPrivateIpAddresses instance r1: 10.0.1.101 not there yet',
    ],
  ],
  [
    'an attachment',
    'attach: r2',
    'attach: { instance: auto, device: 3 }',
    [
      'DetachNetworkInterface interface service: it moves to another place',
      'AttachNetworkInterface interface service: not auto.eth3 yet',
    ],
  ],
  [
    'an interface that is attached no more',
    ', attach: r2',
    '',
    ['DetachNetworkInterface interface service: it is attached to nothing now'],
  ],
  [
    'the address of an instance',
    'address: 10.0.1.4,',
    'address: 10.0.1.9,',
    [
      'TerminateInstances instance r1: its address changed from 10.0.1.4 to 10.0.1.9',
      'RunInstances instance r1: its address changed from 10.0.1.4 to 10.0.1.9',
      'ModifyNetworkInterfaceAttribute instance r1: sourceDestCheck: false',
      'ReplaceRoute route table main/clients: the target of 192.0.2.10/32 changed to r1',
    ],
  ],
  [
    'metadata options',
    'type: c5.large',
    'type: c5.large, metadata: { tokens: required, hopLimit: 2 }',
    ['ModifyInstanceMetadataOptions instance r2: HttpTokens: required, HttpPutResponseHopLimit: 2'],
  ],
  [
    'tags',
    'type: c5.large',
    'type: c5.large, tags: { Role: standby }',
    ['CreateTags instance r2: tags: Role=standby'],
  ],
  [
    'user data, which only a new instance runs',
    'auto: { subnet: a }',
    'auto: { subnet: a, userData: "#!/bin/sh" }',
    [
      'TerminateInstances instance auto: its user data changed',
      'RunInstances instance auto: its user data changed',
    ],
  ],
  [
    'an instance type',
    'type: c5.large',
    'type: c5.xlarge',
    [
      'TerminateInstances instance r2: its type changed from c5.large to c5.xlarge',
      'RunInstances instance r2: its type changed from c5.large to c5.xlarge',
      'ReplaceRoute route table main/clients: the target of 198.51.100.0/24 changed to r2.eth0',
    ],
  ],
  [
    'an instance that goes and the route to it',
    /203.0.113.0\/24: spare(.*) {2}spare: [^\n]*\n/s,
    '203.0.113.0/24: r1$1',
    [
      'DeleteNetworkInterface interface spare: not in the lab file any more',
      'ReplaceRoute route table main/clients: the target of 203.0.113.0/24 changed to r1',
    ],
  ],
  [
    'the block of a subnet',
    'cidr: 10.1.2.0/24',
    'cidr: 10.1.2.0/25',
    [
      'TerminateInstances instance web-1: subnet main/b is made again',
      'TerminateInstances instance web-2: subnet main/b is made again',
      'DeleteSubnet subnet main/b: its block changed from 10.1.2.0/24 to 10.1.2.0/25',
      'CreateSubnet subnet main/b: its block changed from 10.1.2.0/24 to 10.1.2.0/25',
      'CreateSubnetCidrReservation subnet main/b: reservation explicit 10.1.2.0/28 is not there yet',
      'AssociateRouteTable subnet main/b: it does not use route table main/clients yet',
      'RunInstances instance web-1: subnet main/b is made again',
      'RunInstances instance web-2: subnet main/b is made again',
    ],
  ],
  [
    'a reservation',
    'type: explicit',
    'type: prefix',
    [
      'DeleteSubnetCidrReservation subnet main/b: reservation explicit 10.1.2.0/28 is not in the lab file any more',
      'CreateSubnetCidrReservation subnet main/b: reservation prefix 10.1.2.0/28 is not there yet',
    ],
  ],
  [
    'attributes of a VPC',
    'enableDnsHostnames: true',
    'enableDnsSupport: false',
    [
      'ModifyVpcAttribute VPC main: enableDnsSupport: false',
      'ModifyVpcAttribute VPC main: enableDnsHostnames: false',
    ],
  ],
  [
    'DHCP options',
    'domainName: lab.test',
    'domainName: other.test',
    [
      'CreateDhcpOptions DHCP options of VPC main: its DHCP options changed',
      'AssociateDhcpOptions VPC main: its DHCP options changed',
      'DeleteDhcpOptions DHCP options of VPC main: no VPC uses them any more',
    ],
  ],
  [
    'DHCP options that go',
    /dhcpOptions: .*/,
    '',
    [
      'AssociateDhcpOptions VPC main: its DHCP options are not in the lab file any more',
      'DeleteDhcpOptions DHCP options of VPC main: no VPC uses them any more',
    ],
  ],
  [
    'the route table of a subnet',
    'routeTable: clients',
    'routeTable: base',
    ['ReplaceRouteTableAssociation subnet main/b: its route table changed to main/base'],
  ],
  [
    'a subnet that goes back to the main table',
    'routeTable: clients',
    '',
    ['DisassociateRouteTable subnet main/b: it uses the main route table again'],
  ],
  [
    'the main route table',
    /base: { main: true }\n/,
    '',
    [
      'ReplaceRouteTableAssociation VPC main: its main route table is not the main one any more',
      'DeleteRouteTable route table main/base: not in the lab file any more',
    ],
  ],
];

for (const [title, from, to, actions] of CHANGES) {
  t.test(`planLab changes ${title}`, async (t) => {
    const runtime = await made(FIRST);
    t.strictSame(await change(t, runtime, FIRST.replace(from, to)), actions);
  });
}

t.test(
  'planLab replaces an instance whose launch settings changed, with its interfaces',
  async (t) => {
    const runtime = await made(FIRST);
    t.strictSame(await change(t, runtime, FIRST, ['r2']), [
      'TerminateInstances instance r2: its launch settings changed',
      'RunInstances instance r2: its launch settings changed',
      'ReplaceRoute route table main/clients: the target of 198.51.100.0/24 changed to r2.eth0',
    ]);
    const names = indexNames(runtime.snapshot);
    t.equal(lookupVariable(names, 'service'), lookupVariable(names, 'r2.eth1'));
  },
);

t.test('planLab starts an instance that was stopped', async (t) => {
  const runtime = await made(FIRST);
  const id = lookupVariable(indexNames(runtime.snapshot), 'r1');
  await runtime.perform('StopInstances', { InstanceIds: [id] });
  t.strictSame(await change(t, runtime, FIRST), ['StartInstances instance r1: it is stopped']);
});

t.test('planLab leaves alone what the lab file did not make', async (t) => {
  const runtime = await made(FIRST);
  await runtime.perform('CreateVpc', {
    CidrBlock: '10.9.0.0/16',
    TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'mine' }] }],
  });
  t.strictSame(await change(t, runtime, FIRST), []);
});

t.test('planLab leaves routes alone that the lab file did not make', async (t) => {
  const runtime = await made(FIRST);
  const { snapshot } = runtime;
  const names = indexNames(snapshot);
  const RouteTableId = lookupVariable(names, 'clients');
  const gateway = await runtime.perform('CreateInternetGateway', {});
  const GatewayId = (gateway as { InternetGateway: { InternetGatewayId: string } }).InternetGateway
    .InternetGatewayId;
  const VpcId = lookupVariable(names, 'main');
  await runtime.perform('AttachInternetGateway', { InternetGatewayId: GatewayId, VpcId });
  const eni = await runtime.perform('CreateNetworkInterface', {
    SubnetId: lookupVariable(names, 'a'),
  });
  const { NetworkInterface } = eni as { NetworkInterface: { NetworkInterfaceId: string } };
  const { NetworkInterfaceId } = NetworkInterface;
  const route = (DestinationCidrBlock: string, target: object) =>
    runtime.perform('CreateRoute', { RouteTableId, DestinationCidrBlock, ...target });
  await route('0.0.0.0/0', { GatewayId });
  await route('192.168.0.0/16', { NetworkInterfaceId });
  await route('192.168.1.0/24', { NetworkInterfaceId: lookupVariable(names, 'r1.eth0') });
  t.strictSame(
    await change(t, runtime, FIRST),
    [
      'DeleteRoute route table main/clients: the route to 192.168.1.0/24 is not in the lab file any more',
    ],
    'a route to what the lab file made is its own, all others are not',
  );
  t.strictSame(
    await change(
      t,
      runtime,
      FIRST.replace('192.0.2.10/32: r1', '192.0.2.10/32: r1, 0.0.0.0/0: r1'),
    ),
    ['ReplaceRoute route table main/clients: the target of 0.0.0.0/0 changed to r1'],
    'what the lab file speaks of it changes',
  );
});

t.test('planLab makes a VPC again when its primary block changes, and removes one', async (t) => {
  const small = (vpcs: string) => `{ name: planned, vpcs: ${vpcs}, instances: {} }`;
  const runtime = await made(
    small(`{ one: { cidr: 10.0.0.0/16, subnets: { a: { cidr: 10.0.1.0/24 } }, routeTables: { x: {} } },
             two: { cidr: 10.0.0.0/16, subnets: { b: { cidr: 10.0.1.0/24 } } } }`),
  );
  const plan = await change(
    t,
    runtime,
    small(
      '{ one: { cidr: 10.2.0.0/16, subnets: { a: { cidr: 10.2.1.0/24 } }, routeTables: { x: {} } } }',
    ),
  );
  t.strictSame(plan, [
    'DeleteSubnet subnet one/a: VPC one is made again',
    'DeleteSubnet subnet two/b: not in the lab file any more',
    'DeleteRouteTable VPC one: its primary block changed from 10.0.0.0/16 to 10.2.0.0/16',
    'DeleteVpc VPC one: its primary block changed from 10.0.0.0/16 to 10.2.0.0/16',
    'DeleteVpc VPC two: not in the lab file any more',
    'CreateVpc VPC one: its primary block changed from 10.0.0.0/16 to 10.2.0.0/16',
    'CreateSubnet subnet one/a: VPC one is made again',
    'CreateRouteTable route table one/x: not there yet',
  ]);
});

t.test('applyPlan says which action was refused and why it was wanted', async (t) => {
  const lab = load(FIRST);
  const runtime = new ModelRuntime(lab);
  const plan = planLab(lab, null, () => 'ami-00000000000000000');
  const done: string[] = [];
  await t.rejects(
    applyPlan(plan, runtime, {
      clock: runtime.clock,
      onDone: (planned, count, total) => done.push(`${count}/${total} ${planned.subject}`),
    }),
    {
      name: 'ApplyError',
      message:
        /^Cannot RunInstances "instance auto": The image id .* does not exist, wanted it because: not there yet$/,
      cause: { code: 'InvalidAMIID.NotFound' },
    },
  );
  t.equal(done[0], `1/${plan.length} VPC main`);
});

t.test('planLab takes little time for 500 instances', async (t) => {
  const text = `{ name: planned, quotas: { subnetsPerVpc: 500 }, vpcs: { main: { cidr: 10.0.0.0/16,
    subnets: { a: { cidr: 10.0.0.0/20 } } } }, instances: { i: { subnet: a, count: 500, sourceDestCheck: false } } }`;
  const lab = load(text);
  const startMs = performance.now();
  const plan = planLab(lab, null, (name) => `ami-${name}`);
  const tookMs = performance.now() - startMs;
  t.equal(plan.filter(({ action }) => action === 'RunInstances').length, 500);
  t.equal(plan.filter(({ action }) => action === 'ModifyNetworkInterfaceAttribute').length, 500);
  // 5 ms on two cores; the bound only catches quadratic work.
  t.ok(tookMs < 500, `${Math.round(tookMs)} ms`);
  const runtime = await made(text);
  t.strictSame(planLab(lab, runtime.fabric, runtime.imageIdOf), []);
});

const DUAL_STACK = `
name: planned
vpcs:
  main:
    cidr: 10.0.0.0/16
    ipv6: true
    subnets:
      a: { cidr: 10.0.1.0/24, ipv6: true }
      b: { cidr: 10.0.2.0/24, ipv6: 0 }
      old: { cidr: 10.0.3.0/24 }
    routeTables: { base: { main: true, routes: { "::/0": r1 } } }
interfaces:
  spare: { subnet: b }
instances:
  r1: { subnet: a, ipv6Address: "::11" }
  r2: { subnet: a }
  bare: { subnet: a, ipv6Addresses: [] }
  plain: { subnet: old }
`;

/** The last parts of the IPv6 addresses of each interface, with the number of its subnet. */
function hostParts(runtime: ModelRuntime): Record<string, string[]> {
  const names = indexNames(runtime.snapshot);
  const of = (name: string) =>
    (eniOf(names, name)?.ipv6Addresses ?? []).map((addr) => {
      return `${(addr >> 64n) & 0xffn}:${(addr & 0xffffn).toString(16)}`;
    });
  const interfaces = ['r1.eth0', 'r2.eth0', 'bare.eth0', 'plain.eth0', 'spare'];
  return Object.fromEntries(interfaces.map((name) => [name, of(name)]));
}

t.test('planLab gives IPv6 blocks and addresses, the same each time', async (t) => {
  const runtime = await made(DUAL_STACK);
  const [vpc] = runtime.snapshot.vpcs.values();
  t.match(formatCidr(vpc?.ipv6Cidrs[0]?.cidr ?? vpc?.cidrs[0].cidr ?? NEVER), /^2600:1f.*\/56$/);
  t.same(vpc?.ipv6Cidrs[0]?.cidr, load(DUAL_STACK).vpcs.get('main')?.ipv6);
  t.strictSame(hostParts(runtime), {
    'r1.eth0': ['1:11'],
    'r2.eth0': ['1:4'],
    'bare.eth0': [],
    'plain.eth0': [],
    spare: ['0:4'],
  });
  t.match(lookupVariable(indexNames(runtime.snapshot), 'r1.eth0.ipv6'), /^2600:1f.*::11$/);
  t.strictSame(await change(t, runtime, DUAL_STACK), []);
});

const NEVER = { family: 4, addr: 0, prefixLength: 0 } as never;

t.test('planLab moves IPv6 addresses: all go before any come [ENI-7]', async (t) => {
  const runtime = await made(DUAL_STACK);
  const moved = DUAL_STACK.replace('r1: { subnet: a, ipv6Address: "::11" }', 'r1: { subnet: a }')
    .replace('r2: { subnet: a }', 'r2: { subnet: a, ipv6Address: "::20" }')
    .replace('bare: { subnet: a, ipv6Addresses: [] }', 'bare: { subnet: a, ipv6Address: "::4" }');
  const plan = await change(t, runtime, moved);
  t.same(
    plan.map((line) => line.split(':')[0]),
    [
      'UnassignIpv6Addresses interface r2.eth0',
      'AssignIpv6Addresses interface r2.eth0',
      'AssignIpv6Addresses interface bare.eth0',
    ],
  );
  t.has(hostParts(runtime), { 'r1.eth0': ['1:11'], 'r2.eth0': ['1:20'], 'bare.eth0': ['1:4'] });
});

t.test('planLab adds IPv6 to what runs, and makes anew what loses it', async (t) => {
  const plain = DUAL_STACK.replaceAll(/ ipv6: (true|0)/g, '')
    .replaceAll(', }', ' }')
    .replace('ipv6Address: "::11"', 'ipv6Addresses: []')
    .replace('"::/0": r1', '');
  const runtime = await made(plain);
  const added = await change(t, runtime, DUAL_STACK);
  t.same(
    added.map((line) => line.split(':')[0]),
    [
      'AssociateVpcCidrBlock VPC main',
      'AssociateSubnetCidrBlock subnet main/a',
      'AssociateSubnetCidrBlock subnet main/b',
      'AssignIpv6Addresses interface spare',
      'AssignIpv6Addresses interface r1.eth0',
      'AssignIpv6Addresses interface r2.eth0',
      'CreateRoute route table main/base',
    ],
  );
  const removed = await change(t, runtime, plain);
  t.ok(
    removed.some((line) =>
      /^CreateVpc VPC main: its IPv6 block changed from .* to none$/.test(line),
    ),
  );
});

const IPV6_ONLY = `
name: planned
vpcs:
  main:
    cidr: 10.0.0.0/16
    ipv6: 2001:db8:12:3400::/56
    dhcpOptions: { domainNameServers: ["2001:DB8:0:0::53"], ipv6AddressPreferredLeaseTime: 600 }
    subnets:
      six: { ipv6: 6 }
      both: { cidr: 10.0.2.0/24, ipv6: 2 }
interfaces:
  second: { subnet: six, attach: r1 }
instances:
  r1: { subnet: six, ipv6Address: "::11" }
  r2: { subnet: six }
  r3: { subnet: both, address: 10.0.2.9 }
`;

t.test('planLab makes IPv6-only subnets, and nobody there has IPv4 [SUB-5]', async (t) => {
  const runtime = await made(IPV6_ONLY);
  const names = indexNames(runtime.snapshot);
  const addressesOf = (name: string) => [
    ...(eniOf(names, name)?.addresses ?? []).map(formatIpv4),
    ...(eniOf(names, name)?.ipv6Addresses ?? []).map(formatIpv6),
  ];
  t.same(addressesOf('r1.eth0'), ['2001:db8:12:3406::11']);
  t.same(addressesOf('second'), ['2001:db8:12:3406::4']);
  t.same(addressesOf('r2.eth0'), ['2001:db8:12:3406::5']);
  t.same(addressesOf('r3.eth0'), ['10.0.2.9', '2001:db8:12:3402::4']);
  t.equal(lookupVariable(names, 'r1.eth0.address'), null, 'a variable without a value');
  t.same(await change(t, runtime, IPV6_ONLY), []);
});

t.test('planLab makes a subnet anew that gets or loses IPv4 [SUB-5]', async (t) => {
  const runtime = await made(IPV6_ONLY);
  const swapped = IPV6_ONLY.replace('six: { ipv6: 6 }', 'six: { cidr: 10.0.6.0/24, ipv6: 6 }')
    .replace('both: { cidr: 10.0.2.0/24, ipv6: 2 }', 'both: { ipv6: 2 }')
    .replace('address: 10.0.2.9', 'ipv6Address: "::9"');
  const changes = await change(t, runtime, swapped);
  t.ok(
    changes.includes('CreateSubnet subnet main/six: its block changed from none to 10.0.6.0/24'),
  );
  t.ok(
    changes.includes('CreateSubnet subnet main/both: its block changed from 10.0.2.0/24 to none'),
  );
});

t.test('planLab makes new DHCP options for another IPv6 lease time [DHCP-9]', async (t) => {
  const runtime = await made(IPV6_ONLY);
  t.same(await change(t, runtime, IPV6_ONLY.replace('Time: 600', 'Time: 700')), [
    'CreateDhcpOptions DHCP options of VPC main: its DHCP options changed',
    'AssociateDhcpOptions VPC main: its DHCP options changed',
    'DeleteDhcpOptions DHCP options of VPC main: no VPC uses them any more',
  ]);
  const options = [...runtime.snapshot.dhcpOptions.values()].at(-1);
  t.equal(options?.ipv6PreferredLeaseTimeS, 700);
});
