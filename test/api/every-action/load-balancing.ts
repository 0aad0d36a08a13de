/** Elastic Load Balancing: Gateway Load Balancers, their listeners, target groups and targets. */
import { INSTANCE, InstanceId, NO_ONE, SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { type Call, gives, ref, refuses, type Story } from './story.ts';

const elb = (name: string): string => `elasticloadbalancing:${name}`;

const PLACE = 'arn:aws:elasticloadbalancing:us-east-1:123456789012';
const NO_BALANCER = `${PLACE}:loadbalancer/gwy/none/0123456789abcdef`;
const NO_GROUP = `${PLACE}:targetgroup/none/0123456789abcdef`;
const NO_LISTENER = `${PLACE}:listener/gwy/none/0123456789abcdef/0123456789abcdef`;

const LoadBalancerArn = ref('balancer.LoadBalancers.0.LoadBalancerArn');
const TargetGroupArn = ref('group.TargetGroups.0.TargetGroupArn');
const ListenerArn = ref('listener.Listeners.0.ListenerArn');

const BALANCER: Call = gives(
  elb('CreateLoadBalancer'),
  { Name: 'walls', Type: 'gateway', Subnets: [SubnetId], Tags: [{ Key: 'a', Value: '<&>' }] },
  {
    LoadBalancers: [
      {
        LoadBalancerArn: /:loadbalancer\/gwy\/walls\/[0-9a-f]{16}$/,
        LoadBalancerName: 'walls',
        CreatedTime: '2020-05-01T12:00:00.000Z',
        State: { Code: 'provisioning' },
        Type: 'gateway',
        VpcId,
        AvailabilityZones: [{ SubnetId, ZoneName: 'us-east-1a' }],
        IpAddressType: 'ipv4',
      },
    ],
  },
  'balancer',
);

const GROUP: Call = gives(
  elb('CreateTargetGroup'),
  { Name: 'firewalls', Protocol: 'GENEVE', Port: 6081, VpcId },
  {
    TargetGroups: [
      {
        TargetGroupName: 'firewalls',
        Protocol: 'GENEVE',
        Port: 6081,
        HealthCheckProtocol: 'TCP',
        HealthCheckPort: '80',
        HealthCheckIntervalSeconds: 10,
        HealthCheckTimeoutSeconds: 5,
        HealthyThresholdCount: 5,
        UnhealthyThresholdCount: 2,
        TargetType: 'instance',
      },
    ],
  },
  'group',
);

const FORWARD = { DefaultActions: [{ Type: 'forward', TargetGroupArn }] };
const LISTENER: Call = gives(
  elb('CreateListener'),
  { LoadBalancerArn, ...FORWARD },
  { Listeners: [{ LoadBalancerArn, ...FORWARD }] },
  'listener',
);

const balancers: Story = {
  title: 'Gateway Load Balancers',
  calls: [
    VPC,
    SUBNET,
    BALANCER,
    refuses(
      elb('CreateLoadBalancer'),
      { Name: 'front', Type: 'network', Subnets: [SubnetId] },
      'OperationNotPermitted',
    ),
    refuses(
      elb('CreateLoadBalancer'),
      { Name: 'walls', Type: 'gateway', Subnets: [SubnetId] },
      'DuplicateLoadBalancerName',
      "A load balancer with the same name 'walls' exists, but with different settings",
    ),
    gives(
      elb('DescribeLoadBalancers'),
      { Names: ['walls'] },
      { LoadBalancers: [{ LoadBalancerArn }] },
    ),
    refuses(
      elb('DescribeLoadBalancers'),
      { LoadBalancerArns: [NO_BALANCER] },
      'LoadBalancerNotFound',
      'One or more load balancers not found',
    ),
    gives(
      elb('SetSubnets'),
      { LoadBalancerArn, Subnets: [SubnetId] },
      { AvailabilityZones: [{ SubnetId }] },
    ),
    refuses(
      elb('SetSubnets'),
      { LoadBalancerArn, Subnets: [`subnet-${NO_ONE}`] },
      'SubnetNotFound',
    ),
    gives(
      elb('ModifyLoadBalancerAttributes'),
      {
        LoadBalancerArn,
        Attributes: [{ Key: 'load_balancing.cross_zone.enabled', Value: 'true' }],
      },
      {
        Attributes: [
          { Key: 'load_balancing.cross_zone.enabled', Value: 'true' },
          { Key: 'deletion_protection.enabled', Value: 'false' },
        ],
      },
    ),
    refuses(
      elb('ModifyLoadBalancerAttributes'),
      { LoadBalancerArn, Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '60' }] },
      'ValidationError',
    ),
    gives(
      elb('DescribeLoadBalancerAttributes'),
      { LoadBalancerArn },
      { Attributes: [{ Value: 'true' }, { Value: 'false' }] },
    ),
    refuses(
      elb('DescribeLoadBalancerAttributes'),
      { LoadBalancerArn: NO_BALANCER },
      'LoadBalancerNotFound',
    ),
    gives(
      elb('AddTags'),
      { ResourceArns: [LoadBalancerArn], Tags: [{ Key: 'b', Value: 'ü' }] },
      {},
    ),
    refuses(
      elb('AddTags'),
      {
        ResourceArns: [LoadBalancerArn],
        Tags: [
          { Key: 'b', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      },
      'DuplicateTagKeys',
    ),
    gives(elb('RemoveTags'), { ResourceArns: [LoadBalancerArn], TagKeys: ['a'] }, {}),
    refuses(elb('RemoveTags'), { ResourceArns: [NO_LISTENER], TagKeys: ['a'] }, 'ListenerNotFound'),
    gives(
      elb('DescribeTags'),
      { ResourceArns: [LoadBalancerArn] },
      { TagDescriptions: [{ ResourceArn: LoadBalancerArn, Tags: [{ Key: 'b', Value: 'ü' }] }] },
    ),
    refuses(elb('DescribeTags'), { ResourceArns: [NO_GROUP] }, 'TargetGroupNotFound'),
    gives(
      'CreateVpcEndpointServiceConfiguration',
      { GatewayLoadBalancerArns: [LoadBalancerArn] },
      { ServiceConfiguration: { AvailabilityZones: ['us-east-1a'] } },
      'service',
    ),
    refuses(elb('DeleteLoadBalancer'), { LoadBalancerArn }, 'ResourceInUse'),
    gives(
      'DeleteVpcEndpointServiceConfigurations',
      { ServiceIds: [ref('service.ServiceConfiguration.ServiceId')] },
      {},
    ),
    gives(elb('DeleteLoadBalancer'), { LoadBalancerArn }, {}),
    gives(elb('DescribeLoadBalancers'), {}, { LoadBalancers: [] }),
  ],
};

const groups: Story = {
  title: 'target groups and listeners',
  calls: [
    VPC,
    SUBNET,
    INSTANCE,
    BALANCER,
    GROUP,
    refuses(
      elb('CreateTargetGroup'),
      { Name: 'web', Protocol: 'HTTP', Port: 80, VpcId },
      'InvalidConfigurationRequest',
    ),
    gives(
      elb('ModifyTargetGroup'),
      {
        TargetGroupArn,
        HealthCheckProtocol: 'HTTP',
        HealthCheckPath: '/health?a=1&b=2',
        Matcher: { HttpCode: '200,301' },
      },
      {
        TargetGroups: [
          {
            HealthCheckProtocol: 'HTTP',
            HealthCheckPath: '/health?a=1&b=2',
            Matcher: { HttpCode: '200,301' },
          },
        ],
      },
    ),
    refuses(
      elb('ModifyTargetGroup'),
      { TargetGroupArn: NO_GROUP, HealthCheckProtocol: 'TCP' },
      'TargetGroupNotFound',
      `Target group '${NO_GROUP}' not found`,
    ),
    gives(
      elb('DescribeTargetGroups'),
      { Names: ['firewalls'] },
      { TargetGroups: [{ TargetGroupArn, LoadBalancerArns: [] }] },
    ),
    refuses(
      elb('DescribeTargetGroups'),
      { Names: ['none'] },
      'TargetGroupNotFound',
      'One or more target groups not found',
    ),
    gives(
      elb('ModifyTargetGroupAttributes'),
      {
        TargetGroupArn,
        Attributes: [
          { Key: 'target_failover.on_deregistration', Value: 'rebalance' },
          { Key: 'target_failover.on_unhealthy', Value: 'rebalance' },
        ],
      },
      {},
    ),
    refuses(
      elb('ModifyTargetGroupAttributes'),
      {
        TargetGroupArn,
        Attributes: [{ Key: 'target_failover.on_unhealthy', Value: 'no_rebalance' }],
      },
      'InvalidConfigurationRequest',
    ),
    gives(elb('DescribeTargetGroupAttributes'), { TargetGroupArn }, { Attributes: Array }),
    refuses(
      elb('DescribeTargetGroupAttributes'),
      { TargetGroupArn: 'firewalls' },
      'ValidationError',
      "'firewalls' is not a valid target group ARN",
    ),
    gives(elb('RegisterTargets'), { TargetGroupArn, Targets: [{ Id: InstanceId }] }, {}),
    refuses(
      elb('RegisterTargets'),
      { TargetGroupArn, Targets: [{ Id: `i-${NO_ONE}` }] },
      'InvalidTarget',
    ),
    LISTENER,
    refuses(
      elb('CreateListener'),
      { LoadBalancerArn, Port: 80, Protocol: 'TCP', ...FORWARD },
      'InvalidConfigurationRequest',
    ),
    gives(elb('ModifyListener'), { ListenerArn, ...FORWARD }, { Listeners: [{ ListenerArn }] }),
    refuses(elb('ModifyListener'), { ListenerArn: NO_LISTENER, ...FORWARD }, 'ListenerNotFound'),
    gives(elb('DescribeListeners'), { LoadBalancerArn }, { Listeners: [{ ListenerArn }] }),
    refuses(elb('DescribeListeners'), { ListenerArns: [NO_LISTENER] }, 'ListenerNotFound'),
    gives(
      elb('DescribeTargetHealth'),
      { TargetGroupArn },
      {
        TargetHealthDescriptions: [
          {
            Target: { Id: InstanceId, Port: 6081 },
            HealthCheckPort: '80',
            TargetHealth: { State: 'initial', Reason: 'Elb.RegistrationInProgress' },
          },
        ],
      },
    ),
    refuses(elb('DescribeTargetHealth'), { TargetGroupArn: NO_GROUP }, 'TargetGroupNotFound'),
    refuses(
      elb('DeregisterTargets'),
      { TargetGroupArn, Targets: [{ Id: 'fw1' }] },
      'ValidationError',
    ),
    gives(elb('DeregisterTargets'), { TargetGroupArn, Targets: [{ Id: InstanceId }] }, {}),
    refuses(elb('DeleteTargetGroup'), { TargetGroupArn }, 'ResourceInUse'),
    gives(elb('DeleteListener'), { ListenerArn }, {}),
    refuses(elb('DeleteListener'), { ListenerArn }, 'ListenerNotFound'),
    gives(elb('DeleteTargetGroup'), { TargetGroupArn }, {}),
  ],
};

/** Debian's boto3 does not know them yet. */
const listenerAttributes: Story = {
  title: 'attributes of listeners',
  calls: [
    VPC,
    SUBNET,
    BALANCER,
    GROUP,
    LISTENER,
    gives(
      elb('ModifyListenerAttributes'),
      { ListenerArn, Attributes: [{ Key: 'tcp.idle_timeout.seconds', Value: '6000' }] },
      { Attributes: [{ Key: 'tcp.idle_timeout.seconds', Value: '6000' }] },
    ),
    refuses(
      elb('ModifyListenerAttributes'),
      { ListenerArn, Attributes: [{ Key: 'tcp.idle_timeout.seconds', Value: '59' }] },
      'ValidationError',
    ),
    gives(elb('DescribeListenerAttributes'), { ListenerArn }, { Attributes: [{ Value: '6000' }] }),
    refuses(elb('DescribeListenerAttributes'), { ListenerArn: NO_LISTENER }, 'ListenerNotFound'),
  ],
};

export const LOAD_BALANCING_STORIES: readonly Story[] = [balancers, groups, listenerAttributes];
