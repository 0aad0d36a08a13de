/** Target groups, their listeners, and the health of targets. */
import t from 'tap';
import { at, listAt, textAt } from './lab.ts';
import { BalancingLab, NO_BALANCER, NO_GROUP, NO_LISTENER } from './load-balancing-lab.ts';

const GENEVE = { Name: 'firewalls', Protocol: 'GENEVE', Port: 6081 };

t.test(
  '[GWLB-6] a target group checks health by TCP on port 80 until it is told otherwise',
  async (t) => {
    const lab = new BalancingLab();
    const arn = lab.targetGroup();
    t.match(lab.elb('DescribeTargetGroups', { TargetGroupArns: [arn] }), {
      TargetGroups: [
        {
          TargetGroupName: 'firewalls',
          Protocol: 'GENEVE',
          Port: 6081,
          VpcId: lab.vpcId,
          HealthCheckProtocol: 'TCP',
          HealthCheckPort: '80',
          HealthCheckEnabled: true,
          HealthCheckIntervalSeconds: 10,
          HealthCheckTimeoutSeconds: 5,
          HealthyThresholdCount: 5,
          UnhealthyThresholdCount: 2,
          HealthCheckPath: undefined,
          Matcher: undefined,
          TargetType: 'instance',
        },
      ],
    });
    const modify = (more: object) => lab.elb('ModifyTargetGroup', { TargetGroupArn: arn, ...more });
    t.match(modify({ HealthCheckProtocol: 'HTTP', HealthCheckPort: '8080' }), {
      TargetGroups: [
        {
          HealthCheckProtocol: 'HTTP',
          HealthCheckPort: '8080',
          HealthCheckPath: '/',
          Matcher: { HttpCode: '200-399' },
        },
      ],
    });
    modify({
      HealthCheckPath: '/up',
      Matcher: { HttpCode: '200,301-302' },
      HealthyThresholdCount: 2,
    });
    t.match(
      [...lab.snapshot.targetGroups.values()],
      [{ healthCheck: { path: '/up', matcher: '200,301-302', healthyThreshold: 2, port: 8080 } }],
    );
  },
);

t.test('CreateTargetGroup refuses what is not for appliances', async (t) => {
  const lab = new BalancingLab({ quotas: { geneveTargetGroupsPerRegion: 1 } });
  const { vpcId: VpcId } = lab;
  const whole = { ...GENEVE, VpcId };
  const http = { ...whole, HealthCheckProtocol: 'HTTP' };
  const rows: readonly [input: object, code: string][] = [
    [{ ...whole, Name: 'a_b' }, 'ValidationError'],
    [{ Name: 'web', VpcId }, 'ValidationError'],
    [{ Name: 'web', VpcId, Protocol: 'GENEVE' }, 'ValidationError'],
    [{ ...whole, Protocol: 'HTTP' }, 'InvalidConfigurationRequest'],
    [{ ...whole, Port: 80 }, 'InvalidConfigurationRequest'],
    [{ ...whole, ProtocolVersion: 'HTTP2' }, 'InvalidConfigurationRequest'],
    [{ ...whole, IpAddressType: 'ipv6' }, 'InvalidConfigurationRequest'],
    [GENEVE, 'ValidationError'],
    [{ ...whole, VpcId: 'vpc-12345678' }, 'ValidationError'],
    [{ ...whole, TargetType: 'lambda' }, 'InvalidConfigurationRequest'],
    [{ ...whole, HealthCheckEnabled: false }, 'InvalidConfigurationRequest'],
    [{ ...whole, HealthCheckProtocol: 'UDP' }, 'InvalidConfigurationRequest'],
    [{ ...whole, HealthCheckPort: 'traffic-port' }, 'InvalidConfigurationRequest'],
    [{ ...whole, HealthCheckPort: '0' }, 'ValidationError'],
    [{ ...whole, HealthCheckPort: '65536' }, 'ValidationError'],
    [{ ...whole, HealthCheckPath: '/' }, 'InvalidConfigurationRequest'],
    [{ ...http, HealthCheckPath: 'up' }, 'ValidationError'],
    [{ ...http, HealthCheckPath: `/${'x'.repeat(1024)}` }, 'ValidationError'],
    [{ ...whole, Matcher: { HttpCode: '200' } }, 'InvalidConfigurationRequest'],
    [{ ...http, Matcher: { GrpcCode: '0' } }, 'InvalidConfigurationRequest'],
    [{ ...http, Matcher: { HttpCode: '199' } }, 'ValidationError'],
    [{ ...http, Matcher: { HttpCode: '200-400' } }, 'ValidationError'],
    [{ ...http, Matcher: { HttpCode: '300-200' } }, 'ValidationError'],
    [{ ...http, Matcher: { HttpCode: '200;201' } }, 'ValidationError'],
    [{ ...whole, HealthCheckIntervalSeconds: 4 }, 'ValidationError'],
    [{ ...whole, HealthCheckIntervalSeconds: 301 }, 'ValidationError'],
    [{ ...whole, HealthCheckTimeoutSeconds: 1 }, 'ValidationError'],
    [{ ...whole, HealthCheckTimeoutSeconds: 121 }, 'ValidationError'],
    [{ ...whole, HealthCheckTimeoutSeconds: 11 }, 'ValidationError'],
    [{ ...whole, HealthyThresholdCount: 11 }, 'ValidationError'],
    [{ ...whole, UnhealthyThresholdCount: 1 }, 'ValidationError'],
  ];
  for (const [input, code] of rows) {
    t.equal(lab.elbRefuse('CreateTargetGroup', { ...input }).code, code, JSON.stringify(input));
  }
  t.match(lab.elbRefuse('CreateTargetGroup', { ...whole, UnhealthyThresholdCount: 1 }), {
    message:
      "1 validation error detected: Value '1' at 'unhealthyThresholdCount' failed to satisfy constraint: Member must have value greater than or equal to 2",
  });
  const arn = lab.targetGroup();
  t.equal(lab.targetGroup(), arn, 'the same request again');
  const different = { ...whole, TargetType: 'ip' };
  t.equal(lab.elbRefuse('CreateTargetGroup', different).code, 'DuplicateTargetGroupName');
  t.equal(
    lab.elbRefuse('CreateTargetGroup', { ...whole, Name: 'more' }).code,
    'TooManyTargetGroups',
  );
});

t.test('DescribeTargetGroups chooses in one way', async (t) => {
  const lab = new BalancingLab();
  const balancer = lab.balancer();
  const [one, two] = [lab.targetGroup('one'), lab.targetGroup('two')];
  lab.listener(balancer, two);
  const names = (input: object) =>
    listAt(lab.elb('DescribeTargetGroups', { ...input }), 'TargetGroups').map((each) =>
      textAt(each, 'TargetGroupName'),
    );
  t.same(names({}), ['one', 'two']);
  t.same(names({ Names: ['two'] }), ['two']);
  t.same(names({ TargetGroupArns: [one] }), ['one']);
  t.same(names({ LoadBalancerArn: balancer }), ['two']);
  t.same(names({ PageSize: 1, Marker: '1' }), ['two']);
  const rows: readonly [input: object, code: string][] = [
    [{ Names: ['three'] }, 'TargetGroupNotFound'],
    [{ TargetGroupArns: [NO_GROUP] }, 'TargetGroupNotFound'],
    [{ TargetGroupArns: ['one'] }, 'ValidationError'],
    [{ LoadBalancerArn: NO_BALANCER }, 'LoadBalancerNotFound'],
    [{ Names: ['one'], LoadBalancerArn: balancer }, 'ValidationError'],
  ];
  for (const [input, code] of rows) {
    t.equal(lab.elbRefuse('DescribeTargetGroups', { ...input }).code, code, JSON.stringify(input));
  }
  t.equal(lab.elbRefuse('DeleteTargetGroup', { TargetGroupArn: two }).code, 'ResourceInUse');
  t.equal(lab.elbRefuse('DeleteTargetGroup', { TargetGroupArn: 'two' }).code, 'ValidationError');
  lab.elb('DeleteTargetGroup', { TargetGroupArn: one });
  t.same(lab.elb('DeleteTargetGroup', { TargetGroupArn: one }), {}, 'gone is gone');
});

t.test('[GWLB-3] [GWLB-7] attributes of target groups', async (t) => {
  const lab = new BalancingLab();
  const arn = lab.targetGroup();
  const set = (values: Readonly<Record<string, string>>) =>
    lab.setAttribute('TargetGroup', arn, values);
  const modify = (values: Readonly<Record<string, string>>) =>
    lab.elb('ModifyTargetGroupAttributes', set(values));
  const group = () => [...lab.snapshot.targetGroups.values()][0];
  t.same(lab.attributes('TargetGroup', arn), [
    'stickiness.enabled false',
    'deregistration_delay.timeout_seconds 300',
    'stickiness.type source_ip_dest_ip',
    'target_failover.on_deregistration no_rebalance',
    'target_failover.on_unhealthy no_rebalance',
  ]);
  t.equal(group()?.stickiness, 'five_tuple');
  modify({ 'stickiness.type': 'source_ip_dest_ip_proto' });
  t.equal(group()?.stickiness, 'five_tuple', 'it is off still');
  modify({ 'stickiness.enabled': 'true' });
  t.equal(group()?.stickiness, 'source_ip_dest_ip_proto');
  modify({ 'stickiness.enabled': 'true', 'stickiness.type': 'source_ip_dest_ip' });
  t.equal(group()?.stickiness, 'source_ip_dest_ip');
  modify({ 'stickiness.enabled': 'false', 'deregistration_delay.timeout_seconds': '0' });
  modify({
    'target_failover.on_deregistration': 'rebalance',
    'target_failover.on_unhealthy': 'rebalance',
  });
  t.match(group(), {
    stickiness: 'five_tuple',
    failover: 'rebalance',
    deregistrationDelaySeconds: 0,
  });
  const rows: readonly [values: Readonly<Record<string, string>>, code: string][] = [
    [{ 'target_failover.on_unhealthy': 'no_rebalance' }, 'InvalidConfigurationRequest'],
    [
      {
        'target_failover.on_deregistration': 'rebalance',
        'target_failover.on_unhealthy': 'no_rebalance',
      },
      'InvalidConfigurationRequest',
    ],
    [{ 'stickiness.type': 'source_ip' }, 'InvalidConfigurationRequest'],
    [{ 'stickiness.enabled': 'on' }, 'ValidationError'],
    [{ 'deregistration_delay.timeout_seconds': '3601' }, 'ValidationError'],
    [{ 'slow_start.duration_seconds': '30' }, 'ValidationError'],
  ];
  for (const [values, code] of rows) {
    t.equal(
      lab.elbRefuse('ModifyTargetGroupAttributes', set(values)).code,
      code,
      JSON.stringify(values),
    );
  }
});

t.test('[GWLB-4] a listener has one target group, and an idle time', async (t) => {
  const lab = new BalancingLab();
  const balancer = lab.balancer();
  const [one, two] = [lab.targetGroup('one'), lab.targetGroup('two')];
  const arn = lab.listener(balancer, one);
  t.match(arn, `:listener/gwy/${balancer.split('/gwy/')[1]}/`);
  t.equal(lab.listener(balancer, one), arn, 'the same request again');
  const forward = (TargetGroupArn: string) => [{ Type: 'forward', TargetGroupArn }];
  const create = (more: object) => ({ LoadBalancerArn: balancer, ...more });
  const foreign = textAt(
    lab.elb('CreateTargetGroup', { ...GENEVE, Name: 'foreign', VpcId: lab.vpc('10.9.0.0/16') }),
    ...['TargetGroups', 0, 'TargetGroupArn'],
  );
  const rows: readonly [input: object, code: string][] = [
    [create({ DefaultActions: forward(two) }), 'DuplicateListener'],
    [create({}), 'ValidationError'],
    [create({ DefaultActions: forward(NO_GROUP) }), 'TargetGroupNotFound'],
    [create({ DefaultActions: forward('two') }), 'ValidationError'],
    [create({ DefaultActions: [{ Type: 'forward' }] }), 'ValidationError'],
    [create({ DefaultActions: [{ Type: 'redirect' }] }), 'InvalidLoadBalancerAction'],
    [create({ DefaultActions: [...forward(one), ...forward(one)] }), 'InvalidLoadBalancerAction'],
    [
      create({
        DefaultActions: [
          {
            Type: 'forward',
            ForwardConfig: { TargetGroups: [{ TargetGroupArn: one }, { TargetGroupArn: two }] },
          },
        ],
      }),
      'InvalidLoadBalancerAction',
    ],
    [create({ DefaultActions: forward(one), Port: 80 }), 'InvalidConfigurationRequest'],
    [create({ DefaultActions: forward(one), Protocol: 'TCP' }), 'InvalidConfigurationRequest'],
    [create({ DefaultActions: forward(foreign) }), 'InvalidConfigurationRequest'],
    [
      { LoadBalancerArn: lab.balancer('second'), DefaultActions: forward(one) },
      'TargetGroupAssociationLimit',
    ],
    [{ LoadBalancerArn: NO_BALANCER, DefaultActions: forward(one) }, 'LoadBalancerNotFound'],
  ];
  for (const [input, code] of rows) {
    t.equal(lab.elbRefuse('CreateListener', { ...input }).code, code, JSON.stringify(input));
  }
  t.same(lab.attributes('Listener', arn), ['tcp.idle_timeout.seconds 350']);
  const idle = (value: string) =>
    lab.setAttribute('Listener', arn, { 'tcp.idle_timeout.seconds': value });
  lab.elb('ModifyListenerAttributes', idle('6000'));
  for (const value of ['59', '6001', 'x', '1e3']) {
    t.equal(lab.elbRefuse('ModifyListenerAttributes', idle(value)).code, 'ValidationError', value);
  }
  const tuple = { Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: two }] } };
  lab.elb('ModifyListener', { ListenerArn: arn, DefaultActions: [tuple] });
  t.match([...lab.snapshot.loadBalancers.values()][0]?.listener, {
    targetGroupArn: two,
    tcpIdleSeconds: 6000,
  });
  t.match(lab.elb('ModifyListener', { ListenerArn: arn }), { Listeners: [{ ListenerArn: arn }] });
  const asked = (input: object) => lab.elbRefuse('DescribeListeners', { ...input }).code;
  t.equal(asked({}), 'ValidationError');
  t.equal(asked({ ListenerArns: [NO_LISTENER] }), 'ListenerNotFound');
  t.equal(asked({ ListenerArns: ['x'] }), 'ValidationError');
  t.equal(asked({ LoadBalancerArn: NO_BALANCER }), 'LoadBalancerNotFound');
  t.equal(
    listAt(lab.elb('DescribeListeners', { LoadBalancerArn: balancer }), 'Listeners').length,
    1,
  );
  lab.elb('DeleteListener', { ListenerArn: arn });
  t.equal(lab.elbRefuse('DeleteListener', { ListenerArn: arn }).code, 'ListenerNotFound');
});

t.test('RegisterTargets takes running instances of the VPC, or its addresses', async (t) => {
  const lab = new BalancingLab({ quotas: { targetsPerGeneveTargetGroup: 2 } });
  const [a] = lab.subnetIds;
  const instances = lab.targetGroup('instances');
  const addresses = lab.targetGroup('addresses', { TargetType: 'ip' });
  const running = lab.instance(a);
  const stopped = lab.instance(a);
  lab.act('StopInstances', { InstanceIds: [stopped] });
  const foreign = lab.instance(lab.subnet(lab.vpc('10.1.0.0/16'), '10.1.1.0/24'));
  const rows: readonly [group: string, target: object, code: string][] = [
    [instances, { Id: 'i-12345678' }, 'InvalidTarget'],
    [instances, { Id: stopped }, 'InvalidTarget'],
    [instances, { Id: foreign }, 'InvalidTarget'],
    [instances, { Id: '10.0.1.7' }, 'ValidationError'],
    [instances, { Id: running, Port: 80 }, 'ValidationError'],
    [instances, { Id: running, AvailabilityZone: 'us-east-1a' }, 'ValidationError'],
    [instances, {}, 'ValidationError'],
    [addresses, { Id: running }, 'ValidationError'],
    [addresses, { Id: '10.1.1.7' }, 'InvalidTarget'],
    [NO_GROUP, { Id: running }, 'TargetGroupNotFound'],
  ];
  for (const [TargetGroupArn, target, code] of rows) {
    const input = { TargetGroupArn, Targets: [target] };
    t.equal(lab.elbRefuse('RegisterTargets', input).code, code, JSON.stringify(target));
  }
  t.equal(
    lab.elbRefuse('RegisterTargets', { TargetGroupArn: instances, Targets: [] }).code,
    'ValidationError',
  );
  lab.register(instances, running, running);
  lab.register(addresses, '10.0.1.7', '10.0.2.7');
  const third = { TargetGroupArn: addresses, Targets: [{ Id: '10.0.2.8' }] };
  t.equal(lab.elbRefuse('RegisterTargets', third).code, 'TooManyTargets');
  t.same(lab.health(instances), [`${running} unused Target.NotInUse`]);
});

t.test('the health of a target is what checks find, while it is in use', async (t) => {
  const lab = new BalancingLab();
  const [a, b] = lab.subnetIds;
  const group = lab.targetGroup();
  const [one, two] = [lab.instance(a), lab.instance(b)];
  lab.register(group, one, two);
  t.same(lab.health(group, one), [`${one} unused Target.NotInUse`]);
  const balancer = lab.balancer('walls', [a]);
  lab.listener(balancer, group);
  t.same(lab.health(group), [
    `${one} initial Elb.RegistrationInProgress`,
    `${two} unused Target.NotInUse`,
  ]);
  lab.elb('SetSubnets', { LoadBalancerArn: balancer, Subnets: [a, b] });
  lab.found(group, one, 'initial');
  t.same(lab.health(group, one), [`${one} initial Elb.InitialHealthChecking`]);
  lab.found(group, one, 'healthy');
  lab.found(group, two, 'unhealthy', { Reason: 'Target.Timeout' });
  t.same(lab.health(group), [`${one} healthy`, `${two} unhealthy Target.Timeout`]);
  lab.found(group, two, 'unhealthy');
  t.same(lab.health(group, two), [`${two} unhealthy Target.FailedHealthChecks`]);
  lab.act('StopInstances', { InstanceIds: [one] });
  t.same(lab.health(group, one), [`${one} unused Target.InvalidState`]);
  const unknown = 'i-12345678';
  t.same(lab.health(group, unknown), [`${unknown} unused Target.NotRegistered`]);
  const bad = { TargetGroupArn: group, TargetId: unknown, State: 'healthy' };
  t.equal(lab.refuse('PutTargetHealth', bad).code, 'InvalidTarget');
  t.equal(
    lab.refuse('PutTargetHealth', { ...bad, TargetId: one, State: 'ill' }).code,
    'InvalidParameterValue',
  );
  const { snapshot } = lab;
  lab.found(group, two, 'unhealthy');
  t.equal(lab.snapshot, snapshot, 'what is known already changes nothing');
  const text = at(
    lab.elb('DescribeTargetHealth', { TargetGroupArn: group, Targets: [{ Id: two }] }),
    'TargetHealthDescriptions',
    0,
  );
  t.match(text, {
    Target: { Id: two, Port: 6081 },
    HealthCheckPort: '80',
    TargetHealth: { Description: 'Health checks failed' },
  });
});

t.test('[GWLB-7] a target in use drains, one that was never in use goes at once', async (t) => {
  const lab = new BalancingLab();
  const [a] = lab.subnetIds;
  const group = lab.targetGroup();
  const id = lab.instance(a);
  lab.register(group, id);
  lab.deregister(group, id);
  t.same(lab.health(group), []);
  lab.register(group, id);
  lab.listener(lab.balancer(), group);
  lab.found(group, id, 'healthy');
  const target = { TargetGroupArn: group, TargetId: id };
  t.equal(lab.refuse('ForgetTarget', target).code, 'InvalidTarget', 'it does not drain');
  lab.deregister(group, id);
  t.same(lab.health(group), [`${id} draining Target.DeregistrationInProgress`]);
  lab.found(group, id, 'unhealthy');
  t.same(lab.health(group), [`${id} draining Target.DeregistrationInProgress`]);
  lab.register(group, id);
  t.same(lab.health(group), [`${id} initial Elb.RegistrationInProgress`], 'back again');
  lab.deregister(group, id);
  lab.act('ForgetTarget', target);
  t.same(lab.health(group), []);
  t.equal(lab.refuse('ForgetTarget', target).code, 'InvalidTarget');
  lab.deregister(group, id);
  lab.register(group, id);
  const none = { 'deregistration_delay.timeout_seconds': '0' };
  lab.elb('ModifyTargetGroupAttributes', lab.setAttribute('TargetGroup', group, none));
  lab.deregister(group, id);
  t.same(lab.health(group), [], 'without a delay');
});

t.test('a terminated instance is a target for as long as it is shown', async (t) => {
  const lab = new BalancingLab();
  const [a] = lab.subnetIds;
  const group = lab.targetGroup();
  const id = lab.instance(a);
  lab.register(group, id);
  lab.listener(lab.balancer(), group);
  lab.act('TerminateInstances', { InstanceIds: [id] });
  t.same(lab.health(group), [`${id} unused Target.InvalidState`]);
  lab.nowMs += 2 * 3600 * 1000;
  lab.act('TerminateInstances', { InstanceIds: [lab.instance(a)] });
  t.equal(lab.snapshot.instances.has(id as `i-${string}`), false);
  t.same(lab.health(group), []);
});

t.test('an address of a node is no target', async (t) => {
  const lab = new BalancingLab();
  const balancer = lab.balancer();
  const group = lab.targetGroup('addresses', { TargetType: 'ip' });
  const Filters = [{ Name: 'interface-type', Values: ['gateway_load_balancer'] }];
  const nodes = lab.act('DescribeNetworkInterfaces', { Filters });
  const node = textAt(nodes, 'NetworkInterfaces', 0, 'PrivateIpAddress');
  lab.register(group, node, '10.0.1.77');
  lab.listener(balancer, group);
  t.same(lab.health(group), [
    `${node} unused Target.IpUnusable`,
    '10.0.1.77 initial Elb.RegistrationInProgress',
  ]);
});

t.test('checks of targets begin anew when a balancer comes to use them', async (t) => {
  const lab = new BalancingLab();
  const [a] = lab.subnetIds;
  const balancer = lab.balancer();
  const [one, two] = [lab.targetGroup('one'), lab.targetGroup('two')];
  const id = lab.instance(a);
  lab.register(one, id);
  const ListenerArn = lab.listener(balancer, one);
  lab.found(one, id, 'healthy');
  const to = (TargetGroupArn: string) =>
    lab.elb('ModifyListener', {
      ListenerArn,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    });
  to(one);
  t.same(lab.health(one), [`${id} healthy`], 'the same group');
  to(two);
  t.same(lab.health(one), [`${id} unused Target.NotInUse`]);
  to(one);
  t.same(lab.health(one), [`${id} initial Elb.RegistrationInProgress`]);
});
