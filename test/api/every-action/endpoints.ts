/** VPC endpoints, the services they lead to, and carrier gateways. */
import { NO_ONE, SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { type Call, gives, ref, refuses, type Story } from './story.ts';

const VpcEndpointId = ref('endpoint.VpcEndpoint.VpcEndpointId');
const NO_ENDPOINT = `vpce-${NO_ONE}`;
const ServiceName = 'com.amazonaws.us-east-1.ec2';

const endpoints: Story = {
  title: 'VPC endpoints',
  calls: [
    VPC,
    SUBNET,
    gives(
      'CreateVpcEndpoint',
      {
        VpcId,
        ServiceName,
        VpcEndpointType: 'Interface',
        SubnetIds: [SubnetId],
        PrivateDnsEnabled: false,
        ClientToken: 'endpoint',
      },
      { VpcEndpoint: { VpcId, ServiceName, CreationTimestamp: '2020-05-01T12:00:00.000Z' } },
      'endpoint',
    ),
    refuses(
      'CreateVpcEndpoint',
      { VpcId, ServiceName: 'com.amazonaws.us-east-1.s4' },
      'InvalidServiceName',
    ),
    gives(
      'ModifyVpcEndpoint',
      { VpcEndpointId, PolicyDocument: '{"Version":"2012-10-17","Statement":[]}' },
      { Return: true },
    ),
    refuses('ModifyVpcEndpoint', { VpcEndpointId, PolicyDocument: 'x' }, 'InvalidPolicyDocument'),
    gives(
      'DescribeVpcEndpoints',
      { Filters: [{ Name: 'vpc-id', Values: [VpcId] }] },
      { VpcEndpoints: [{ VpcEndpointId, State: 'available', SubnetIds: [SubnetId] }] },
    ),
    refuses(
      'DescribeVpcEndpoints',
      { VpcEndpointIds: [NO_ENDPOINT] },
      'InvalidVpcEndpointId.NotFound',
      `The Vpc Endpoint Id '${NO_ENDPOINT}' does not exist`,
    ),
    gives('DeleteVpcEndpoints', { VpcEndpointIds: [VpcEndpointId] }, { Unsuccessful: [] }),
    refuses('DeleteVpcEndpoints', { VpcEndpointIds: [] }, 'MissingParameter'),
    gives(
      'DescribeVpcEndpointServices',
      { ServiceNames: [ServiceName] },
      { ServiceDetails: [{ ServiceName, ServiceType: [{ ServiceType: 'Interface' }] }] },
    ),
    refuses(
      'DescribeVpcEndpointServices',
      { ServiceNames: ['com.amazonaws.us-east-1.s4'] },
      'InvalidServiceName',
    ),
  ],
};

const ServiceId = ref('service.ServiceConfiguration.ServiceId');
const SERVICE = { ServiceId };
const NO_SERVICE = { ServiceId: `vpce-svc-${NO_ONE}` };
const NOT_FOUND = 'InvalidVpcEndpointServiceId.NotFound';
const BALANCER =
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/front/0123456789abcdef';
const NEW_SERVICE: Call = gives(
  'CreateVpcEndpointServiceConfiguration',
  { NetworkLoadBalancerArns: [BALANCER], AcceptanceRequired: true, ClientToken: 'service' },
  { ServiceConfiguration: { ServiceState: 'Available', AcceptanceRequired: true } },
  'service',
);

const services: Story = {
  title: 'endpoint services',
  calls: [
    NEW_SERVICE,
    refuses('CreateVpcEndpointServiceConfiguration', { ClientToken: 'x' }, 'InvalidParameter'),
    gives(
      'ModifyVpcEndpointServiceConfiguration',
      { ...SERVICE, PrivateDnsName: 'a.example.com' },
      { Return: true },
    ),
    refuses('ModifyVpcEndpointServiceConfiguration', NO_SERVICE, NOT_FOUND),
    gives('StartVpcEndpointServicePrivateDnsVerification', SERVICE, { ReturnValue: true }),
    refuses('StartVpcEndpointServicePrivateDnsVerification', NO_SERVICE, NOT_FOUND),
    gives(
      'ModifyVpcEndpointServicePayerResponsibility',
      { ...SERVICE, PayerResponsibility: 'ServiceOwner' },
      { ReturnValue: true },
    ),
    refuses(
      'ModifyVpcEndpointServicePayerResponsibility',
      { ...NO_SERVICE, PayerResponsibility: 'ServiceOwner' },
      NOT_FOUND,
    ),
    gives(
      'DescribeVpcEndpointServiceConfigurations',
      {},
      { ServiceConfigurations: [{ ...SERVICE, PayerResponsibility: 'ServiceOwner' }] },
    ),
    refuses(
      'DescribeVpcEndpointServiceConfigurations',
      { ServiceIds: [NO_SERVICE.ServiceId] },
      NOT_FOUND,
    ),
    gives(
      'ModifyVpcEndpointServicePermissions',
      { ...SERVICE, AddAllowedPrincipals: ['*'] },
      { ReturnValue: true },
    ),
    refuses(
      'ModifyVpcEndpointServicePermissions',
      { ...NO_SERVICE, AddAllowedPrincipals: ['*'] },
      NOT_FOUND,
    ),
    gives('DescribeVpcEndpointServicePermissions', SERVICE, {
      AllowedPrincipals: [{ Principal: '*' }],
    }),
    refuses('DescribeVpcEndpointServicePermissions', NO_SERVICE, NOT_FOUND),
    gives(
      'DeleteVpcEndpointServiceConfigurations',
      { ServiceIds: [ServiceId] },
      { Unsuccessful: [] },
    ),
    refuses('DeleteVpcEndpointServiceConfigurations', { ServiceIds: [] }, 'MissingParameter'),
  ],
};

const CONNECTION = { ...SERVICE, VpcEndpointIds: [VpcEndpointId] };
const ConnectionNotificationId = ref(
  'notification.ConnectionNotification.ConnectionNotificationId',
);
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:endpoints';
const NO_NOTIFICATION = `vpce-nfn-${NO_ONE}`;

const connections: Story = {
  title: 'endpoints of an own service',
  calls: [
    VPC,
    SUBNET,
    NEW_SERVICE,
    gives(
      'CreateVpcEndpoint',
      {
        VpcId,
        ServiceName: ref('service.ServiceConfiguration.ServiceName'),
        VpcEndpointType: 'Interface',
        SubnetIds: [SubnetId],
        ClientToken: 'connection',
      },
      { VpcEndpoint: { VpcId } },
      'endpoint',
    ),
    gives(
      'DescribeVpcEndpointConnections',
      {},
      { VpcEndpointConnections: [{ ...SERVICE, VpcEndpointId }] },
    ),
    refuses(
      'DescribeVpcEndpointConnections',
      { Filters: [{ Name: 'colour', Values: ['red'] }] },
      'InvalidParameterValue',
      "The filter 'colour' is invalid",
    ),
    gives('AcceptVpcEndpointConnections', CONNECTION, { Unsuccessful: [] }),
    refuses('AcceptVpcEndpointConnections', { ...CONNECTION, ...NO_SERVICE }, NOT_FOUND),
    gives('RejectVpcEndpointConnections', CONNECTION, { Unsuccessful: [] }),
    refuses('RejectVpcEndpointConnections', { ...CONNECTION, ...NO_SERVICE }, NOT_FOUND),
    gives(
      'CreateVpcEndpointConnectionNotification',
      {
        ...SERVICE,
        ConnectionNotificationArn: TOPIC,
        ConnectionEvents: ['Accept'],
        ClientToken: 'notification',
      },
      { ConnectionNotification: { ConnectionNotificationArn: TOPIC } },
      'notification',
    ),
    refuses(
      'CreateVpcEndpointConnectionNotification',
      { ...NO_SERVICE, ConnectionNotificationArn: TOPIC, ConnectionEvents: ['Accept'] },
      NOT_FOUND,
    ),
    gives(
      'ModifyVpcEndpointConnectionNotification',
      { ConnectionNotificationId, ConnectionEvents: ['Accept', 'Reject'] },
      { ReturnValue: true },
    ),
    refuses(
      'ModifyVpcEndpointConnectionNotification',
      { ConnectionNotificationId: NO_NOTIFICATION, ConnectionEvents: ['Accept'] },
      'InvalidConnectionNotification.NotFound',
    ),
    gives(
      'DescribeVpcEndpointConnectionNotifications',
      {},
      { ConnectionNotificationSet: [{ ConnectionNotificationId }] },
    ),
    refuses(
      'DescribeVpcEndpointConnectionNotifications',
      { ConnectionNotificationId: NO_NOTIFICATION },
      'InvalidConnectionNotification.NotFound',
    ),
    gives(
      'DeleteVpcEndpointConnectionNotifications',
      { ConnectionNotificationIds: [ConnectionNotificationId] },
      { Unsuccessful: [] },
    ),
    refuses(
      'DeleteVpcEndpointConnectionNotifications',
      { ConnectionNotificationIds: [] },
      'MissingParameter',
    ),
  ],
};

const CarrierGatewayId = ref('carrier.CarrierGateway.CarrierGatewayId');
const NO_CARRIER = `cagw-${NO_ONE}`;

const carrierGateways: Story = {
  title: 'carrier gateways',
  calls: [
    VPC,
    gives(
      'CreateCarrierGateway',
      { VpcId, ClientToken: 'carrier' },
      { CarrierGateway: { VpcId, State: 'pending' } },
      'carrier',
    ),
    refuses(
      'CreateCarrierGateway',
      { VpcId: `vpc-${NO_ONE}`, ClientToken: 'x' },
      'InvalidVpcID.NotFound',
    ),
    gives(
      'DescribeCarrierGateways',
      { Filters: [{ Name: 'vpc-id', Values: [VpcId] }] },
      { CarrierGateways: [{ CarrierGatewayId, State: 'available' }] },
    ),
    refuses(
      'DescribeCarrierGateways',
      { CarrierGatewayIds: [NO_CARRIER] },
      'InvalidCarrierGatewayID.NotFound',
    ),
    refuses(
      'DeleteCarrierGateway',
      { CarrierGatewayId: NO_CARRIER },
      'InvalidCarrierGatewayID.NotFound',
    ),
    gives('DeleteCarrierGateway', { CarrierGatewayId }, { CarrierGateway: { CarrierGatewayId } }),
  ],
};

export const ENDPOINT_STORIES: readonly Story[] = [
  endpoints,
  services,
  connections,
  carrierGateways,
];
