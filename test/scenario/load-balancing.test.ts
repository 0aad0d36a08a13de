/** Gateway Load Balancers of lab files: planned, made, changed, taken down. */
import t, { type Test } from 'tap';
import { API_ACTIONS } from '../../src/actions/table.ts';
import { targetsOf } from '../../src/model/lookups/load-balancers.ts';
import { routeState } from '../../src/model/routes.ts';
import { parseAwsCommand } from '../../src/scenario/file/aws-command.ts';
import { loadLab } from '../../src/scenario/file/load.ts';
import { indexNames, lookupVariable } from '../../src/scenario/names.ts';
import { applyPlan } from '../../src/scenario/plan/apply.ts';
import { awsLine } from '../../src/scenario/plan/aws-lines.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { made } from './describing.ts';
import { LAB_OPTIONS } from './lab-options.ts';
import type { ModelRuntime } from './model-runtime.ts';

const FILE = `
name: walls
rules: current
vpcs:
  inspection:
    cidr: 10.1.0.0/16
    subnets:
      fw-a: { cidr: 10.1.1.0/24, zone: us-east-1a }
      fw-b: { cidr: 10.1.2.0/24, zone: us-east-1b }
    targetGroups:
      firewalls:
        targets: [fw]
        healthCheck: { protocol: http, port: 8080, path: /up, interval: 5s, timeout: 2s, healthy: 2, unhealthy: 2 }
        stickiness: source-ip-dest-ip
        failover: rebalance
        deregistrationDelay: 10s
    gatewayLoadBalancers:
      inspect: { subnets: [fw-a], targetGroup: firewalls, crossZone: true, tcpIdle: 60s }
  main:
    cidr: 10.0.0.0/16
    internetGateway: { name: igw, routeTable: ingress }
    subnets:
      edge-a: { cidr: 10.0.1.0/24, routeTable: edge }
      app-a: { cidr: 10.0.2.0/24, routeTable: app }
      db-a: { cidr: 10.0.3.0/24 }
    endpoints:
      gwlbe: { gatewayLoadBalancer: inspect, subnet: edge-a }
    routeTables:
      edge: { routes: { 0.0.0.0/0: igw } }
      app: { routes: { 0.0.0.0/0: gwlbe, 10.0.3.0/24: gwlbe } }
      ingress: { routes: { 10.0.2.0/24: gwlbe } }
instances:
  fw: { subnet: inspection/fw-a, count: 2 }
  spare: { subnet: inspection/fw-b }
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

function routesOf({ fabric }: ModelRuntime, name: string): string[] {
  const id = lookupVariable(indexNames(fabric), name);
  const table = [...fabric.routeTables.values()].find(({ routeTableId }) => routeTableId === id);
  return (table?.routes ?? []).map(
    (route) =>
      `${route.target.kind} ${table === undefined ? '' : routeState(fabric, table, route)}`,
  );
}

/** @returns the names of the instances that the groups have as targets. */
function targetNames({ fabric }: ModelRuntime): string[] {
  return [...fabric.targetGroups.keys()].flatMap((arn) =>
    targetsOf(fabric, arn).map(({ targetId, state }) => {
      const instance = fabric.instances.get(targetId as `i-${string}`);
      return `${instance?.tags.get('Name')} ${state}`;
    }),
  );
}

t.test('a lab file makes a Gateway Load Balancer with all that leads to it', async (t) => {
  const lab = load(FILE);
  const runtime = await made(lab);
  t.strictSame(planLab(lab, runtime.fabric, runtime.imageIdOf), [], 'nothing is left to do');
  const { fabric } = runtime;
  t.match(
    [...fabric.targetGroups.values()],
    [
      {
        name: 'firewalls',
        healthCheck: {
          protocol: 'HTTP',
          port: 8080,
          path: '/up',
          intervalSeconds: 5,
          timeoutSeconds: 2,
          healthyThreshold: 2,
          unhealthyThreshold: 2,
          matcher: '200-399',
        },
        stickiness: 'source_ip_dest_ip',
        failover: 'rebalance',
        deregistrationDelaySeconds: 10,
      },
    ],
  );
  t.match(
    [...fabric.loadBalancers.values()],
    [{ name: 'inspect', isCrossZone: true, listener: { tcpIdleSeconds: 60 } }],
  );
  t.match([...fabric.endpointServices.values()], [{ acceptanceRequired: false }]);
  t.match([...fabric.vpcEndpoints.values()], [{ type: 'GatewayLoadBalancer', state: 'available' }]);
  t.strictSame(targetNames(runtime), ['fw-1 initial', 'fw-2 initial']);
  t.strictSame(routesOf(runtime, 'app'), [
    'local active',
    'vpc-endpoint active',
    'vpc-endpoint active',
  ]);
  t.strictSame(routesOf(runtime, 'ingress'), ['local active', 'vpc-endpoint active']);
  const names = indexNames(fabric);
  const patterns: Readonly<Record<string, RegExp>> = {
    gwlbe: /^vpce-0/,
    inspect: /:loadbalancer\/gwy\/inspect\//,
    'loadBalancer:inspection/inspect': /:loadbalancer\/gwy\/inspect\//,
    'listener:inspect': /:listener\/gwy\/inspect\//,
    'endpointService:inspect': /^vpce-svc-0/,
    firewalls: /:targetgroup\/firewalls\//,
  };
  for (const [name, pattern] of Object.entries(patterns))
    t.match(lookupVariable(names, name), pattern, name);
});

t.test('what of a Gateway Load Balancer changes in a lab file changes in place', async (t) => {
  const runtime = await made(load(FILE));
  const [balancer] = runtime.fabric.loadBalancers.keys();
  const edited = FILE.replace('targets: [fw]', 'targets: [fw-1, spare]')
    .replace('protocol: http, port: 8080, path: /up, ', '')
    .replace('stickiness: source-ip-dest-ip', 'stickiness: five-tuple')
    .replace('failover: rebalance', 'failover: no-rebalance')
    .replace('subnets: [fw-a]', 'subnets: [fw-a, fw-b]')
    .replace('crossZone: true, tcpIdle: 60s', 'tcpIdle: 5m');
  const elb = (name: string) => `elasticloadbalancing:${name}`;
  t.strictSame(await change(t, runtime, edited), [
    `${elb('ModifyTargetGroup')} target group inspection/firewalls: its health check changed`,
    `${elb('SetSubnets')} Gateway Load Balancer inspection/inspect: its subnets changed to inspection/fw-a, inspection/fw-b`,
    `${elb('ModifyTargetGroupAttributes')} target group inspection/firewalls: stickiness.enabled: false, target_failover.on_deregistration: no_rebalance, target_failover.on_unhealthy: no_rebalance`,
    `${elb('RegisterTargets')} target group inspection/firewalls: spare not registered yet`,
    `${elb('DeregisterTargets')} target group inspection/firewalls: its targets changed to fw-1, spare`,
    `${elb('ModifyLoadBalancerAttributes')} Gateway Load Balancer inspection/inspect: crossZone: false`,
    `${elb('ModifyListenerAttributes')} Gateway Load Balancer inspection/inspect: tcpIdle: 300s`,
  ]);
  t.strictSame([...runtime.fabric.loadBalancers.keys()], [balancer], 'the same one');
  t.strictSame(targetNames(runtime), ['fw-1 initial', 'fw-2 draining', 'spare initial']);
  const other = edited
    .replace(
      '    gatewayLoadBalancers:',
      '      others: { targets: [spare] }\n    gatewayLoadBalancers:',
    )
    .replace('targetGroup: firewalls', 'targetGroup: others');
  await change(t, runtime, other);
  t.strictSame([...runtime.fabric.loadBalancers.keys()], [balancer]);
  const gone = other.replace(/ {6}firewalls:[\s\S]*?( {6}others:)/, '$1');
  t.strictSame(await change(t, runtime, gone), [
    `${elb('DeleteTargetGroup')} target group inspection/firewalls: not in the lab file any more`,
  ]);
});

t.test('a balancer that is to leave a subnet is made again, and what leads to it', async (t) => {
  const runtime = await made(load(FILE));
  const before = lookupVariable(indexNames(runtime.fabric), 'inspect');
  const moved = FILE.replace('subnets: [fw-a]', 'subnets: [fw-b]').replace(
    'edge-a: { cidr: 10.0.1.0/24,',
    'edge-a: { cidr: 10.0.1.0/24, zone: us-east-1b,',
  );
  const done = await change(t, runtime, moved);
  t.ok(
    done.includes(
      'elasticloadbalancing:DeleteLoadBalancer Gateway Load Balancer inspection/inspect: it cannot leave subnet inspection/fw-a',
    ),
  );
  t.not(lookupVariable(indexNames(runtime.fabric), 'inspect'), before);
  t.strictSame(routesOf(runtime, 'app').slice(1), ['vpc-endpoint active', 'vpc-endpoint active']);
  t.equal(runtime.fabric.endpointServices.size, 1);
  t.equal(runtime.fabric.vpcEndpoints.size, 1);
});

t.test('a lab file without them takes them down', async (t) => {
  const runtime = await made(load(FILE));
  const without = FILE.replace(/ {4}targetGroups:[\s\S]*?( {2}main:)/, '$1')
    .replace(/ {4}endpoints:[\s\S]*?( {4}routeTables:)/, '$1')
    .replace('0.0.0.0/0: gwlbe, 10.0.3.0/24: gwlbe', '0.0.0.0/0: igw')
    .replace('10.0.2.0/24: gwlbe', '');
  await change(t, runtime, without);
  const { fabric } = runtime;
  t.same(
    [fabric.loadBalancers, fabric.targetGroups, fabric.targets, fabric.vpcEndpoints].map(
      ({ size }) => size,
    ),
    [0, 0, 0, 0],
  );
  t.equal(fabric.endpointServices.size, 0);
  t.strictSame(routesOf(runtime, 'ingress'), ['local active']);
});

t.test('a VPC that is made again takes its balancer along', async (t) => {
  const runtime = await made(load(FILE));
  await change(t, runtime, FILE.replaceAll('10.1.', '10.7.'));
  t.strictSame(targetNames(runtime), ['fw-1 initial', 'fw-2 initial']);
  t.strictSame(routesOf(runtime, 'ingress'), ['local active', 'vpc-endpoint active']);
});

t.test('a plan is what the AWS CLI takes, and so are steps', async (t) => {
  const lab = load(FILE);
  const plan = planLab(lab, null, () => 'ami-00000000000000001');
  const lines = plan.flatMap((planned) => {
    const line = awsLine(planned, API_ACTIONS, null);
    return line?.startsWith('aws elbv2 ') === true ? [{ line, planned }] : [];
  });
  t.equal(lines.length, 7);
  for (const { line, planned } of lines) {
    const read = parseAwsCommand(line, API_ACTIONS);
    t.equal(read.action, planned.action, line);
    t.strictSame(read.input, planned.input, line);
  }
  t.match(
    lines.find(({ line }) => line.includes('create-listener'))?.line,
    "aws elbv2 create-listener --load-balancer-arn '${loadBalancer:inspection/inspect}'",
  );
  const tags = parseAwsCommand('elbv2 describe-tags --resource-arns $inspect', API_ACTIONS);
  t.equal(tags.action, 'elasticloadbalancing:DescribeTags');
  t.equal(parseAwsCommand('ec2 describe-tags', API_ACTIONS).action, 'DescribeTags');
  t.throws(() => parseAwsCommand('elbv2 describe-vpcs', API_ACTIONS), {
    message: /^Cannot do "elbv2 describe-vpcs": found an unknown action, wanted /,
  });
  t.throws(() => parseAwsCommand('elb describe-tags', API_ACTIONS), {
    message: 'Cannot read "elb describe-tags": found service "elb", wanted "ec2" or "elbv2"',
  });
});
