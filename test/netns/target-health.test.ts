/** A Gateway Load Balancer checks real appliances, however they fail; and goes without a trace. */
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { processStart } from '../../src/host/proc.ts';
import { changesSince, takePicture } from './host-state.ts';
import { labText, type TestLab, takeAllDown, until, up, vpclab, whyNoLabs } from './test-lab.ts';

/** The least interval of AWS, times the checks in a row, and a while. */
const WITHIN_MS = 25_000;

const LAB = labText(
  'targets',
  `
vpcs:
  main:
    cidr: 10.91.0.0/16
    subnets:
      a: { cidr: 10.91.1.0/24, zone: us-east-1a }
      b: { cidr: 10.91.2.0/24, zone: us-east-1b }
    securityGroups:
      web: { ingress: [tcp 80 from 10.91.0.0/16] }
      shut: { ingress: [tcp 81 from 10.91.0.0/16] }
instances:
  one: { subnet: a, dhcp: static, securityGroups: [web] }
  far: { subnet: b, dhcp: static, securityGroups: [web] }
  shut: { subnet: a, dhcp: static, securityGroups: [shut] }
`,
);

interface TargetDescription {
  readonly Target: { readonly Id: string };
  readonly TargetHealth: { readonly State: string; readonly Reason?: string };
}

interface NodeDescription {
  readonly NetworkInterfaceId: string;
  readonly PrivateIpAddress: string;
}

/** A lab with a balancer in zone a, before the instances of the lab. */
class BalancedLab {
  readonly lab: TestLab;
  readonly group: string;
  readonly balancer: string;

  private constructor(lab: TestLab, group: string, balancer: string) {
    this.lab = lab;
    this.group = group;
    this.balancer = balancer;
  }

  static async make(lab: TestLab): Promise<BalancedLab> {
    const { Vpcs } = await lab.action('DescribeVpcs', {
      Filters: [{ Name: 'cidr', Values: ['10.91.0.0/16'] }],
    });
    const { Subnets } = await lab.action('DescribeSubnets', {
      Filters: [{ Name: 'cidr-block', Values: ['10.91.1.0/24'] }],
    });
    const { TargetGroups } = await balance(lab, 'CreateTargetGroup', {
      Name: 'appliances',
      Protocol: 'GENEVE',
      Port: 6081,
      VpcId: (Vpcs as { VpcId: string }[])[0]?.VpcId,
      HealthCheckProtocol: 'HTTP',
      HealthCheckPort: '80',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    });
    const group = (TargetGroups as { TargetGroupArn: string }[])[0]?.TargetGroupArn ?? '';
    const { LoadBalancers } = await balance(lab, 'CreateLoadBalancer', {
      Name: 'inspection',
      Type: 'gateway',
      Subnets: [(Subnets as { SubnetId: string }[])[0]?.SubnetId],
    });
    const balancer = (LoadBalancers as { LoadBalancerArn: string }[])[0]?.LoadBalancerArn ?? '';
    await balance(lab, 'CreateListener', {
      LoadBalancerArn: balancer,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
    });
    return new BalancedLab(lab, group, balancer);
  }

  async register(...instances: readonly string[]): Promise<void> {
    await balance(this.lab, 'RegisterTargets', {
      TargetGroupArn: this.group,
      Targets: await Promise.all(instances.map((name) => this.#target(name))),
    });
  }

  async deregister(instance: string): Promise<void> {
    await balance(this.lab, 'DeregisterTargets', {
      TargetGroupArn: this.group,
      Targets: [await this.#target(instance)],
    });
  }

  /** @returns the state and, if need be, the reason; `gone` for one that the group has not. */
  async health(instance: string): Promise<string> {
    const { instanceId } = await this.lab.instance(instance);
    const { TargetHealthDescriptions } = await balance(this.lab, 'DescribeTargetHealth', {
      TargetGroupArn: this.group,
    });
    const all = TargetHealthDescriptions as readonly TargetDescription[];
    const found = all.find(({ Target }) => Target.Id === instanceId)?.TargetHealth;
    return found === undefined ? 'gone' : [found.State, found.Reason].filter(Boolean).join(' ');
  }

  async becomes(instance: string, state: string): Promise<void> {
    await until(
      `${instance} is ${state}`,
      WITHIN_MS,
      () => this.health(instance),
      (found) => found === state,
    );
  }

  async node(place = 0): Promise<NodeDescription> {
    const { NetworkInterfaces } = await this.lab.action('DescribeNetworkInterfaces', {
      Filters: [{ Name: 'interface-type', Values: ['gateway_load_balancer'] }],
    });
    const node = (NetworkInterfaces as readonly NodeDescription[])[place];
    if (node === undefined) throw new Error('the balancer has no node');
    return node;
  }

  async #target(instance: string): Promise<{ readonly Id: string }> {
    return { Id: (await this.lab.instance(instance)).instanceId };
  }
}

function balance(lab: TestLab, action: string, input: object): Promise<Record<string, unknown>> {
  return lab.action(`elasticloadbalancing:${action}`, input);
}

/** Serves HTTP in an instance; what it is asked, and by whom, is in /root/asked. */
function serve(lab: TestLab, instance: string): Promise<string> {
  const server = 'nohup python3 -m http.server 80 >/dev/null 2>>/root/asked </dev/null';
  return lab.read(instance, `${server} & echo $! >/root/server`);
}

function asked(lab: TestLab, instance: string): Promise<string> {
  return lab.read(instance, 'cat /root/asked');
}

async function netnses(): Promise<readonly string[]> {
  const { stdout } = await execa('ip', ['-json', 'netns']);
  return (JSON.parse(stdout || '[]') as readonly { readonly name: string }[]).map(
    ({ name }) => name,
  );
}

async function testTargetHealth(): Promise<void> {
  const before = await takePicture();
  t.teardown(takeAllDown);
  const lab = await up(LAB);
  await Promise.all(['one', 'far', 'shut'].map((name) => serve(lab, name)));
  const made = await BalancedLab.make(lab);
  await t.test('[GWLB-6] appliances are checked from the node', (t) => testChecks(t, made));
  await t.test('[GWLB-7] a new node checks those of its zone', (t) => testZones(t, made));
  await t.test('[GWLB-6] a node is a host without groups', (t) => testNode(t, made));
  await t.test('[GWLB-6] failures and successes in a row count', (t) => testFailure(t, made));
  await t.test('[GWLB-6] checks go on after a crash', (t) => testCrash(t, made));
  await t.test('[GWLB-7] a target drains, and is gone', (t) => testDraining(t, made));
  await t.test('[GWLB-6] the node goes with its balancer', (t) => testEnd(t, made));
  await t.test('down leaves the host as it was', async (t) => {
    const { exitCode, stderr } = await lab.down();
    t.equal(exitCode, 0, stderr);
    t.same(await changesSince(before), []);
  });
}

async function testChecks(t: Test, made: BalancedLab): Promise<void> {
  await made.register('one', 'far', 'shut');
  await made.becomes('one', 'healthy');
  await made.becomes('shut', 'unhealthy Target.Timeout');
  const { PrivateIpAddress } = await made.node();
  const line = new RegExp(`^${PrivateIpAddress.replaceAll('.', '\\.')} .*"GET / HTTP/1.1" 200`);
  t.match(await asked(made.lab, 'one'), line);
  t.equal(await asked(made.lab, 'far'), '', 'no node in its zone');
  t.equal(await asked(made.lab, 'shut'), '', 'its group lets nobody in');
}

async function testZones(t: Test, made: BalancedLab): Promise<void> {
  const { Subnets } = await made.lab.action('DescribeSubnets', {
    Filters: [{ Name: 'cidr-block', Values: ['10.91.*'] }],
  });
  await balance(made.lab, 'SetSubnets', {
    LoadBalancerArn: made.balancer,
    Subnets: (Subnets as { SubnetId: string }[]).map(({ SubnetId }) => SubnetId),
  });
  const text = await until(
    'it is asked',
    WITHIN_MS,
    () => asked(made.lab, 'far'),
    (found) => found !== '',
  );
  const { PrivateIpAddress } = await made.node(1);
  t.ok(text.startsWith(`${PrivateIpAddress} `), text);
}

async function testNode(t: Test, made: BalancedLab): Promise<void> {
  const { lab } = made;
  const { NetworkInterfaceId: eniId, PrivateIpAddress } = await made.node();
  const netns = `vpclab-${lab.name}.${eniId}`;
  t.ok((await netnses()).includes(netns));
  const inside = (command: string) => execa('ip', ['netns', 'exec', netns, 'sh', '-c', command]);
  const { stdout } = await inside('cat /proc/sys/net/ipv4/ip_forward; ip -6 addr; ip -4 -o addr');
  t.match(stdout, new RegExp(`^0\\n1?.*eth0.* ${PrivateIpAddress}/24 `), 'it forwards nothing');
  t.match((await inside('ip link show eth0')).stdout, /mtu 9001/);
  t.same((await lab.status()).instances.map(({ name }) => name).sort(), ['far', 'one', 'shut']);
  const ping = await lab.sh('one', `ping -n -c1 -W2 ${PrivateIpAddress}`);
  t.equal(ping.exitCode, 0, 'others reach it, whatever groups say');
  const told = await vpclab(['explain', '-n', lab.name, 'one', PrivateIpAddress, 'icmp']);
  t.match(told, { exitCode: 0, stdout: /the interface has no groups\n[\s\S]*\nreachable/ });
}

async function testFailure(t: Test, made: BalancedLab): Promise<void> {
  await made.lab.read('one', 'kill $(cat /root/server)');
  await made.becomes('one', 'unhealthy Target.FailedHealthChecks');
  await serve(made.lab, 'one');
  await made.becomes('one', 'healthy');
  const changes = (await made.lab.request('GET', '/changes')).body as { action: string }[];
  const told = changes.filter(({ action }) => action === 'PutTargetHealth');
  t.equal(told.length, 5, 'only changes: three of this one, the first of each other');
}

async function testCrash(t: Test, made: BalancedLab): Promise<void> {
  const { lab } = made;
  const { pid } = await lab.status();
  process.kill(pid, 'SIGKILL');
  await until(
    'the controller is gone',
    WITHIN_MS,
    () => processStart(pid),
    (start) => start === null,
  );
  const node = `vpclab-${lab.name}.`;
  t.ok((await netnses()).some((name) => name.startsWith(node)));
  const other = await up(labText('others', 'instances: {}'));
  t.notOk(
    (await netnses()).some((name) => name.startsWith(node)),
    'the next start removes it',
  );
  t.equal((await other.down()).exitCode, 0);
  await up(LAB);
  await made.becomes('one', 'unhealthy Target.FailedHealthChecks');
  await made.becomes('shut', 'unhealthy Target.Timeout');
}

async function testDraining(t: Test, made: BalancedLab): Promise<void> {
  await balance(made.lab, 'ModifyTargetGroupAttributes', {
    TargetGroupArn: made.group,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '1' }],
  });
  await made.deregister('shut');
  t.match(await made.health('shut'), /^draining/);
  await made.becomes('shut', 'gone');
}

async function testEnd(t: Test, made: BalancedLab): Promise<void> {
  const { NetworkInterfaceId: eniId } = await made.node();
  const netns = `vpclab-${made.lab.name}.${eniId}`;
  t.ok((await netnses()).includes(netns));
  await balance(made.lab, 'DeleteLoadBalancer', { LoadBalancerArn: made.balancer });
  t.notOk((await netnses()).includes(netns));
  t.match(await made.health('one'), /^unused/);
  t.equal((await vpclab(['exec', `${made.lab.name}/one`, '--', 'true'])).exitCode, 0);
}

const reason = whyNoLabs();
if (reason === null) await testTargetHealth();
else t.plan(0, reason);
