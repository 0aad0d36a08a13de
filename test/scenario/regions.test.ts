/** Labs in several regions: what is made where, what is found again, and what steps ask for. */
import t from 'tap';
import { loadLab } from '../../src/scenario/file/load.ts';
import { formatLeftOut } from '../../src/scenario/import/render.ts';
import { indexNames, lookupVariable } from '../../src/scenario/names.ts';
import { applyPlan } from '../../src/scenario/plan/apply.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { playSteps } from '../../src/scenario/play/steps.ts';
import { imported, made, sourcesOf } from './describing.ts';
import { LAB_OPTIONS } from './lab-options.ts';
import type { ModelRuntime } from './model-runtime.ts';

const FILE = `
name: regions
prefixLists:
  near: [192.0.2.0/24]
  far: { region: eu-west-1, entries: [198.51.100.0/24] }
vpcs:
  main:
    cidr: 10.0.0.0/16
    subnets: { a: { cidr: 10.0.1.0/24 } }
  away:
    region: eu-west-1
    cidr: 10.1.0.0/16
    dhcpOptions: { domainName: away.test }
    flowLogs: { traffic: reject }
    subnets: { b: { cidr: 10.1.1.0/24, zone: eu-west-1b, routeTable: via, networkAcl: shut } }
    routeTables: { via: { routes: { far: r2, 203.0.113.0/24: spare } } }
    securityGroups: { web: { ingress: [tcp 80 from prefix list far] } }
    networkAcls: { shut: { ingress: { 100: allow all from 10.0.0.0/8 } } }
interfaces: { spare: { subnet: b, attach: r2 } }
instances:
  r1: { subnet: a }
  r2: { subnet: b, securityGroups: [web], sourceDestCheck: false }
`;

const load = (text: string) => loadLab(text, LAB_OPTIONS);

function regionsOf(runtime: ModelRuntime, table: 'vpcs' | 'instances' | 'prefixLists') {
  return runtime.fabric.regions.map(({ region, [table]: rows }) =>
    // AWS's own prefix lists have no names by tag.
    [region, ...[...rows.values()].flatMap(({ tags }) => tags.get('Name') ?? [])].join(' '),
  );
}

t.test('each VPC is made in its region, with all that is in it', async (t) => {
  const lab = load(FILE);
  t.strictSame(
    [...lab.vpcs.values()].map(({ realm }) => realm.region),
    ['us-east-1', 'eu-west-1'],
  );
  t.equal(lab.subnets.get('away/b')?.zone, 'eu-west-1b');
  const runtime = await made(lab);
  t.strictSame(regionsOf(runtime, 'vpcs'), ['us-east-1 main', 'eu-west-1 away']);
  t.strictSame(regionsOf(runtime, 'instances'), ['us-east-1 r1', 'eu-west-1 r2']);
  t.strictSame(regionsOf(runtime, 'prefixLists'), ['us-east-1 near', 'eu-west-1 far']);
  t.strictSame(planLab(lab, runtime.fabric, runtime.imageIdOf), [], 'nothing is left to do');
  const index = indexNames(runtime.fabric);
  for (const name of ['r1', 'r2.eth1', 'away/b', 'via', 'far', 'networkAcl:shut'])
    t.type(lookupVariable(index, name), 'string', name);
});

t.test('a VPC that moves to another region is made again there', async (t) => {
  const runtime = await made(load(FILE));
  const moved = load(
    FILE.replaceAll('eu-west-1b', 'us-west-2b').replaceAll('eu-west-1', 'us-west-2'),
  );
  const plan = planLab(moved, runtime.fabric, runtime.imageIdOf);
  const about = plan.map(({ action, realm, subject }) => `${realm.region} ${action} ${subject}`);
  t.ok(about.includes('eu-west-1 DeleteVpc VPC away'));
  t.ok(about.includes('us-west-2 CreateVpc VPC away'));
  t.ok(about.includes('eu-west-1 TerminateInstances instance r2'));
  t.equal(
    plan.find(({ action }) => action === 'CreateVpc')?.reason,
    'its region changed from eu-west-1 to us-west-2',
  );
  await applyPlan(plan, runtime, { clock: runtime.clock });
  t.strictSame(regionsOf(runtime, 'vpcs'), ['us-east-1 main', 'eu-west-1', 'us-west-2 away']);
  t.strictSame(regionsOf(runtime, 'prefixLists'), ['us-east-1 near', 'eu-west-1', 'us-west-2 far']);
  t.strictSame(planLab(moved, runtime.fabric, runtime.imageIdOf), [], 'nothing is left to do');
});

t.test('what is not in the lab file any more goes from its region', async (t) => {
  const runtime = await made(load(FILE));
  const less = load(
    'name: regions\nvpcs: { main: { cidr: 10.0.0.0/16, subnets: { a: { cidr: 10.0.1.0/24 } } } }',
  );
  const plan = planLab(less, runtime.fabric, runtime.imageIdOf);
  await applyPlan(plan, runtime, { clock: runtime.clock });
  t.strictSame(regionsOf(runtime, 'vpcs'), ['us-east-1 main', 'eu-west-1']);
  t.strictSame(planLab(less, runtime.fabric, runtime.imageIdOf), [], 'nothing is left to do');
});

t.test('regions of other accounts are no part of a lab', async (t) => {
  const lab = load(FILE);
  const runtime = await made(lab);
  const stranger = { accountId: '210987654321', region: 'eu-west-1' };
  const VpcId = 'vpc-00000000000000000';
  await t.rejects(runtime.perform('DeleteVpc', { VpcId }, stranger), {
    code: 'InvalidVpcID.NotFound',
  });
  await runtime.perform('CreateVpc', { CidrBlock: '10.9.0.0/16' }, stranger);
  t.strictSame(regionsOf(runtime, 'vpcs'), ['us-east-1 main', 'eu-west-1 away']);
});

t.test('steps act where their objects are, and ask the region that they name', async (t) => {
  const lab = load(`${FILE}
steps:
  - name: both stop
    stop: [r1, r2]
  - name: and one is set
    set: { interface: r2.eth0, sourceDestCheck: true }
    aws: ec2 modify-network-interface-attribute --network-interface-id $spare --no-source-dest-check --region eu-west-1
  - name: at home nobody knows it
    aws: { command: ec2 delete-network-interface --network-interface-id $spare, fails: InvalidNetworkInterfaceID.NotFound }
`);
  const runtime = await made(lab);
  runtime.performed.length = 0;
  for await (const { message = '' } of playSteps(lab, runtime, runtime.clock)) t.equal(message, '');
  t.strictSame(
    runtime.performed.map(({ action, region }) => `${region} ${action}`),
    [
      'us-east-1 StopInstances',
      'eu-west-1 StopInstances',
      'eu-west-1 ModifyNetworkInterfaceAttribute',
      'eu-west-1 ModifyNetworkInterfaceAttribute',
      'us-east-1 DeleteNetworkInterface',
    ],
  );
});

t.test('a lab of several regions comes back', async (t) => {
  const lab = load(`${FILE}
peerings: { ab: { from: away, to: main, dns: true } }
elasticAddresses: { abroad: { region: eu-west-1 } }
`);
  const runtime = await made(lab);
  const sources = runtime.fabric.regions.flatMap(sourcesOf);
  const { lab: again, text, leftOut } = imported(sources, { name: lab.name });
  t.strictSame(planLab(again, runtime.fabric, runtime.imageIdOf), [], text);
  t.notMatch(leftOut.map(({ what }) => what).join('\n'), /VPC|region|elastic|peering/);
  const one = imported(sources, { name: lab.name, region: 'eu-west-1' });
  t.strictSame([...one.lab.vpcs.keys()], ['away']);
  t.match(one.leftOut.map(formatLeftOut), [
    /^VPC \(vpc-\w+\): it is in us-east-1, and the import is of eu-west-1 only$/,
  ]);
});
