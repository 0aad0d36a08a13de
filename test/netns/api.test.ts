/** The API of a running lab, as boto3 and the AWS CLI see it. */
import net from 'node:net';
import t, { type Test } from 'tap';
import { at, textAt } from '../actions/lab.ts';
import { Boto3, type Outcome, whyNoBoto3 } from '../api/boto3.ts';
import { labForFile, type TestLab, twoRouters, until, vpclab, whyNoLabs } from './test-lab.ts';

const SERVICE = '192.0.2.10';
const LAB = twoRouters('api', { cidr: '10.84', service: SERVICE });
const GARBAGE_CLIENTS = 200;
const BOOT_MS = 15_000;

interface Setting {
  readonly lab: TestLab;
  readonly url: string;
  readonly boto3: Boto3;
}

async function testApi(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  const { apiUrl, region } = await lab.ps();
  if (apiUrl === null) throw new Error('the lab has no API');
  const boto3 = new Boto3(apiUrl, region);
  t.teardown(() => boto3.close());
  const setting = { lab, url: apiUrl, boto3 };
  await t.test('boto3 makes, finds, pages and deletes', (t) => testModel(t, setting));
  await t.test('boto3 gets the codes of refusals', (t) => testRefusals(t, setting));
  await t.test('RunInstances boots an instance of an image of the lab', (t) => testRun(t, setting));
  await t.test('ReplaceRoute has moved the packets when it answers', (t) => testRoute(t, setting));
  await t.test('rules of security groups come and go', (t) => testGroups(t, setting));
  await t.test('the AWS CLI works through vpclab aws', (t) => testCli(t, setting));
  await t.test(`${GARBAGE_CLIENTS} clients that talk garbage harm nobody`, (t) =>
    testGarbage(t, setting),
  );
  await testHostIsAsBefore();
  await t.test('the API ends with its lab', async (t) => {
    // Another lab may have the port by now.
    const answer = await fetch(`${apiUrl}/?Action=DescribeVpcs`).then(
      (response) => response.text(),
      () => 'nobody',
    );
    t.notMatch(answer, '10.84.0.0/16');
  });
}

/** @returns the answer. @throws Error with the code of a refusal. */
async function done(outcome: Promise<Outcome>): Promise<unknown> {
  const { answer, code, message } = await outcome;
  if (code !== undefined) throw new Error(`${code}: ${message}`);
  return answer;
}

async function testModel(t: Test, { boto3 }: Setting): Promise<void> {
  const Tags = [{ Key: 'Name', Value: 'x<&>"\' ü' }];
  const made = await done(
    boto3.ask('create_vpc', {
      CidrBlock: '10.85.0.0/16',
      TagSpecifications: [{ ResourceType: 'vpc', Tags }],
    }),
  );
  const VpcId = textAt(made, 'Vpc', 'VpcId');
  const found = await done(boto3.ask('describe_vpcs', { VpcIds: [VpcId] }));
  t.match(at(found, 'Vpcs', 0), { CidrBlock: '10.85.0.0/16', IsDefault: false, Tags });
  const subnetIds: string[] = [];
  for (let index = 0; index < 7; index++) {
    const CidrBlock = `10.85.${index}.0/24`;
    const subnet = await done(boto3.ask('create_subnet', { VpcId, CidrBlock }));
    t.same(at(subnet, 'Subnet', 'Tags'), [], 'an empty list is there');
    subnetIds.push(textAt(subnet, 'Subnet', 'SubnetId'));
  }
  const Filters = [
    { Name: 'vpc-id', Values: [VpcId] },
    { Name: 'cidr-block', Values: ['10.85.[x]*', '10.85.?.0/24'] },
  ];
  const PaginationConfig = { PageSize: 5 };
  const pages = await done(boto3.pages('describe_subnets', { Filters, PaginationConfig }));
  t.same(
    [0, 1].map((page) => (at(pages, page, 'Subnets') as unknown[]).length),
    [5, 2],
  );
  t.equal(at(pages, 1, 'NextToken'), undefined, 'no key without a further page');
  for (const SubnetId of subnetIds) await done(boto3.ask('delete_subnet', { SubnetId }));
  await done(boto3.ask('delete_vpc', { VpcId }));
  t.match(await boto3.ask('describe_vpcs', { VpcIds: [VpcId] }), { code: 'InvalidVpcID.NotFound' });
}

async function testRefusals(t: Test, { boto3, url }: Setting): Promise<void> {
  const CidrBlock = '10.86.0.0/16';
  const rows: [Promise<Outcome>, object][] = [
    [
      boto3.ask('delete_vpc', { VpcId: 'vpc-12345678' }),
      {
        code: 'InvalidVpcID.NotFound',
        message: "The vpc ID 'vpc-12345678' does not exist",
        status: 400,
      },
    ],
    [
      boto3.ask('create_vpc', { CidrBlock, DryRun: true }),
      { code: 'DryRunOperation', status: 412 },
    ],
    [
      boto3.ask('create_vpc', { CidrBlock, InstanceTenancy: 'shared' }),
      { code: 'InvalidParameterValue', status: 400 },
    ],
    [
      boto3.ask('create_vpc', { CidrBlock, Ipv4IpamPoolId: 'pool' }),
      { code: 'UnknownParameter', message: 'The parameter Ipv4IpamPoolId is not recognized' },
    ],
    [boto3.ask('describe_local_gateways'), { code: 'InvalidAction', status: 400 }],
  ];
  for (const [outcome, wanted] of rows) t.match(await outcome, wanted);
  const elsewhere = new Boto3(url, 'eu-south-1');
  t.match(await elsewhere.ask('describe_vpcs'), { code: 'AuthFailure', message: /eu-south-1/ });
  await elsewhere.close();
}

async function testRun(t: Test, { lab, boto3 }: Setting): Promise<void> {
  const Filters = [{ Name: 'tag:Name', Values: ['client'] }];
  const known = await done(boto3.ask('describe_instances', { Filters }));
  const client = ['Reservations', 0, 'Instances', 0] as const;
  const Tags = [{ Key: 'Name', Value: 'fresh' }];
  const run = await done(
    boto3.ask('run_instances', {
      ImageId: textAt(known, ...client, 'ImageId'),
      SubnetId: textAt(known, ...client, 'SubnetId'),
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: 'instance', Tags }],
    }),
  );
  t.match(at(run, 'Instances', 0), { Tags, LaunchTime: /^20\d\d-/ });
  const InstanceIds = [textAt(run, 'Instances', 0, 'InstanceId')];
  const address = textAt(run, 'Instances', 0, 'PrivateIpAddress');
  await until(
    'fresh answers',
    BOOT_MS,
    () => lab.sh('client', `ping -c1 -W1 ${address}`),
    ({ exitCode }) => exitCode === 0,
  );
  t.match(await lab.instance('fresh'), { instanceId: InstanceIds[0], state: 'running' });
  await done(boto3.ask('terminate_instances', { InstanceIds }));
  t.match((await lab.sh('client', `ping -c1 -W1 ${address}`)).exitCode, 1);
}

async function testRoute(t: Test, { lab, boto3 }: Setting): Promise<void> {
  const tables = await done(
    boto3.ask('describe_route_tables', { Filters: [{ Name: 'tag:Name', Values: ['clients'] }] }),
  );
  const RouteTableId = textAt(tables, 'RouteTables', 0, 'RouteTableId');
  const DestinationCidrBlock = `${SERVICE}/32`;
  const enis = await Promise.all(
    ['r1', 'r2'].map(async (name) => (await lab.instance(name)).interfaces[0]?.eniId),
  );
  const moveTo = (index: number) =>
    boto3.ask('replace_route', {
      RouteTableId,
      DestinationCidrBlock,
      NetworkInterfaceId: enis[index],
    });
  const packets = async () =>
    Promise.all(['r1', 'r2'].map(async (name) => (await lab.port(name)).sent.frames));
  for (const index of [1, 0, 1]) {
    await done(moveTo(index));
    const before = await packets();
    await lab.read('client', `ping -c3 -i0.2 -W1 ${SERVICE}`);
    const after = await packets();
    const moved = after.map((count, port) => count - (before[port] ?? 0));
    t.ok((moved[index] ?? 0) >= 3, `r${index + 1} gets them: ${moved}`);
    t.ok((moved[1 - index] ?? 0) < 3, `the other gets none: ${moved}`);
  }
}

async function testGroups(t: Test, { lab, boto3 }: Setting): Promise<void> {
  const { interfaces } = await lab.instance('r2');
  const [eth0] = interfaces;
  const NetworkInterfaceId = eth0?.eniId ?? '';
  const ping = async () =>
    (await lab.sh('client', `ping -c1 -W1 ${eth0?.addresses[0]}`)).exitCode === 0;
  const enis = await done(
    boto3.ask('describe_network_interfaces', { NetworkInterfaceIds: [NetworkInterfaceId] }),
  );
  const VpcId = textAt(enis, 'NetworkInterfaces', 0, 'VpcId');
  const group = await done(
    boto3.ask('create_security_group', {
      GroupName: 'shut',
      Description: 'lets nothing in',
      VpcId,
    }),
  );
  const GroupId = textAt(group, 'GroupId');
  await done(
    boto3.ask('modify_network_interface_attribute', { NetworkInterfaceId, Groups: [GroupId] }),
  );
  t.notOk(await ping(), 'shut');
  const rule = {
    GroupId,
    IpPermissions: [
      { IpProtocol: 'icmp', FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: '10.84.2.0/24' }] },
    ],
  };
  const allowed = await done(boto3.ask('authorize_security_group_ingress', rule));
  t.match(at(allowed, 'SecurityGroupRules', 0), { IsEgress: false, CidrIpv4: '10.84.2.0/24' });
  t.ok(await ping(), 'open');
  t.match(await boto3.ask('authorize_security_group_ingress', rule), {
    code: 'InvalidPermission.Duplicate',
  });
  await done(boto3.ask('revoke_security_group_ingress', rule));
  t.notOk(await ping(), 'shut again');
}

async function testCli(t: Test, { lab, url }: Setting): Promise<void> {
  const aws = (...words: string[]) => vpclab(['aws', '-n', lab.name, ...words]);
  const query = 'Vpcs[?!IsDefault].CidrBlock';
  t.match(await vpclab(['ps', '-n', lab.name]), { stderr: `EC2 API: ${url}` });
  const listed = await aws('ec2', 'describe-vpcs', '--query', query, '--output', 'json');
  t.same(JSON.parse(listed.stdout), ['10.84.0.0/16'], listed.stderr);
  const made = await aws('--output', 'text', 'ec2', 'create-vpc', '--cidr-block', '10.87.0.0/16');
  const vpcId = /vpc-0[0-9a-f]{16}/.exec(made.stdout)?.[0] ?? '';
  t.equal((await aws('ec2', 'delete-vpc', '--vpc-id', vpcId)).exitCode, 0, made.stderr);
  const refused = await aws('ec2', 'delete-vpc', '--vpc-id', vpcId);
  t.match(refused, { stderr: /\(InvalidVpcID\.NotFound\) when calling the DeleteVpc operation/ });
  t.ok(refused.exitCode >= 254, `as aws ended: ${refused.exitCode}`);
  await testBalancing(t, aws);
  const noAws = await vpclab(['aws', '-n', lab.name, 'ec2', 'help'], { env: { PATH: '/nowhere' } });
  t.match(noAws, { exitCode: 3, stderr: /lacks aws\napt-get install awscli/ });
}

/** Elastic Load Balancing, from an appliance that is registered to one that is gone. */
async function testBalancing(
  t: Test,
  aws: (...words: string[]) => ReturnType<typeof vpclab>,
): Promise<void> {
  const text = async (...words: string[]): Promise<string> => {
    const { stdout, stderr, exitCode } = await aws('--output', 'text', ...words);
    t.equal(exitCode, 0, `${words.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  const elb = (operation: string, query: string, ...words: string[]) =>
    text('elbv2', operation, '--query', query, ...words);
  const of = 'Reservations[].Instances[]|[0].';
  const instance = (member: string) =>
    text('ec2', 'describe-instances', '--query', `${of}${member}`);
  const [id, vpc, subnet] = [
    await instance('InstanceId'),
    await instance('VpcId'),
    await instance('SubnetId'),
  ];
  const balancer = await elb(
    ...(['create-load-balancer', 'LoadBalancers[0].LoadBalancerArn'] as const),
    ...['--name', 'walls', '--type', 'gateway', '--subnets', subnet],
  );
  const group = await elb(
    ...(['create-target-group', 'TargetGroups[0].TargetGroupArn'] as const),
    ...['--name', 'firewalls', '--protocol', 'GENEVE', '--port', '6081', '--vpc-id', vpc],
  );
  await text('elbv2', 'register-targets', '--target-group-arn', group, '--targets', `Id=${id}`);
  const actions = `Type=forward,TargetGroupArn=${group}`;
  const listener = ['--load-balancer-arn', balancer, '--default-actions', actions];
  await elb('create-listener', 'Listeners[0].ListenerArn', ...listener);
  const health = 'TargetHealthDescriptions[].[Target.Id,TargetHealth.State]';
  t.equal(
    await elb('describe-target-health', health, '--target-group-arn', group),
    `${id}\tinitial`,
  );
  const refused = await aws('elbv2', 'delete-target-group', '--target-group-arn', group);
  t.match(refused.stderr, /\(ResourceInUse\) when calling the DeleteTargetGroup operation/);
  await text('elbv2', 'delete-load-balancer', '--load-balancer-arn', balancer);
  await text('elbv2', 'delete-target-group', '--target-group-arn', group);
}

async function testGarbage(t: Test, { url, boto3, lab }: Setting): Promise<void> {
  const { port } = new URL(url);
  const texts = [
    '\0\u0001\u0002',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\nA',
    ' ',
  ];
  const pid = (await lab.status()).pid;
  const clients = Array.from(
    { length: GARBAGE_CLIENTS },
    (_, index) =>
      new Promise<void>((resolve) => {
        const socket = net.connect(Number(port), '127.0.0.1');
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
        socket.resume();
        socket.end((texts[index % texts.length] ?? '').repeat(1 + index * 5));
      }),
  );
  t.match(await boto3.ask('describe_vpcs'), { answer: { Vpcs: [{}] } }, 'answered meanwhile');
  await Promise.all(clients);
  t.match(await boto3.ask('describe_vpcs'), { answer: { Vpcs: [{}] } });
  t.equal((await lab.status()).pid, pid);
}

const reason = whyNoLabs() ?? whyNoBoto3();
if (reason === null) await testApi();
else t.plan(0, reason);
