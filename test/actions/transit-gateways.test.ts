import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';
import {
  ACCOUNT,
  attachedLab,
  defaultTable,
  newTable,
  transitGateway,
  vpcAttachment,
} from './transit-gateway-lab.ts';

t.test('a transit gateway is made with AWS’s defaults and one default table', async (t) => {
  const lab = new Lab();
  const made = lab.act('CreateTransitGateway', {
    Description: 'hub',
    TagSpecifications: [{ ResourceType: 'transit-gateway', Tags: [{ Key: 'Name', Value: 'hub' }] }],
  });
  const id = textAt(made, 'TransitGateway', 'TransitGatewayId');
  t.match(at(made, 'TransitGateway'), {
    State: 'pending',
    OwnerId: ACCOUNT,
    Description: 'hub',
    TransitGatewayArn: `arn:aws:ec2:us-east-1:${ACCOUNT}:transit-gateway/${id}`,
    CreationTime: '2020-05-01T12:00:00.000Z',
  });
  const table = defaultTable(lab, id);
  const shown = lab.act('DescribeTransitGateways', {
    Filters: [
      { Name: 'options.propagation-default-route-table-id', Values: [table] },
      { Name: 'tag:Name', Values: ['hub'] },
      { Name: 'state', Values: ['available'] },
    ],
  });
  t.same(at(shown, 'TransitGateways', 0, 'Options'), {
    AmazonSideAsn: 64_512,
    TransitGatewayCidrBlocks: undefined,
    AutoAcceptSharedAttachments: 'disable',
    DefaultRouteTableAssociation: 'enable',
    AssociationDefaultRouteTableId: table,
    DefaultRouteTablePropagation: 'enable',
    PropagationDefaultRouteTableId: table,
    VpnEcmpSupport: 'enable',
    DnsSupport: 'enable',
    SecurityGroupReferencingSupport: 'disable',
    MulticastSupport: 'disable',
  });
  t.match(at(lab.act('DescribeTransitGatewayRouteTables'), 'TransitGatewayRouteTables', 0), {
    TransitGatewayRouteTableId: table,
    DefaultAssociationRouteTable: true,
    DefaultPropagationRouteTable: true,
    State: 'available',
  });
  const bare = transitGateway(lab, {
    DefaultRouteTableAssociation: 'disable',
    DefaultRouteTablePropagation: 'disable',
  });
  const ofBare = [{ Name: 'transit-gateway-id', Values: [bare] }];
  const tables = lab.act('DescribeTransitGatewayRouteTables', { Filters: ofBare });
  t.same(tables, { TransitGatewayRouteTables: [], NextToken: undefined }, 'no table unless used');
  t.match(lab.act('DeleteTransitGateway', { TransitGatewayId: id }), {
    TransitGateway: { State: 'deleting' },
  });
  t.match(lab.refuse('DescribeTransitGateways', { TransitGatewayIds: [id] }), {
    code: 'InvalidTransitGatewayID.NotFound',
    message: `Transit Gateway ${id} was deleted or does not exist.`,
  });
  t.equal(
    lab.refuse('DescribeTransitGatewayRouteTables', { TransitGatewayRouteTableIds: [table] }).code,
    'InvalidRouteTableID.NotFound',
    'its table went with it',
  );
});

t.test('[TGW-11] the ASN is private; blocks and numbers are limited', async (t) => {
  const lab = new Lab({ quotas: { transitGatewaysPerRegion: 1, cidrBlocksPerTransitGateway: 2 } });
  const rows: readonly (readonly [object, string])[] = [
    [{ AmazonSideAsn: 64_511 }, 'InvalidParameterValue'],
    [{ AmazonSideAsn: 65_535 }, 'InvalidParameterValue'],
    [{ AmazonSideAsn: 4_294_967_295 }, 'InvalidParameterValue'],
    [{ DnsSupport: 'on' }, 'InvalidParameterValue'],
    [{ TransitGatewayCidrBlocks: ['10.0.0.1/24'] }, 'InvalidParameterValue'],
    [{ TransitGatewayCidrBlocks: ['10.0.0.0/25'] }, 'InvalidParameterValue'],
    [{ TransitGatewayCidrBlocks: ['2001:db8::/65'] }, 'InvalidParameterValue'],
    [{ TransitGatewayCidrBlocks: ['169.254.7.0/24'] }, 'InvalidParameterValue'],
    [{ TransitGatewayCidrBlocks: ['10.0.0.0/24', '10.0.0.0/23'] }, 'InvalidParameterValue'],
    [
      { TransitGatewayCidrBlocks: ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24'] },
      'CidrLimitExceeded',
    ],
  ];
  for (const [Options, code] of rows) {
    t.equal(lab.refuse('CreateTransitGateway', { Options }).code, code, JSON.stringify(Options));
  }
  const made = lab.act('CreateTransitGateway', {
    Options: { AmazonSideAsn: 4_294_967_294, TransitGatewayCidrBlocks: ['10.0.0.0/24'] },
  });
  t.match(at(made, 'TransitGateway', 'Options'), {
    AmazonSideAsn: 4_294_967_294,
    TransitGatewayCidrBlocks: ['10.0.0.0/24'],
  });
  t.equal(lab.refuse('CreateTransitGateway').code, 'TransitGatewayLimitExceeded');
});

t.test('a default table is named exactly while its use is enabled', async (t) => {
  const lab = new Lab();
  const TransitGatewayId = transitGateway(lab);
  const first = defaultTable(lab, TransitGatewayId);
  const second = newTable(lab, TransitGatewayId);
  const foreign = newTable(lab, transitGateway(lab));
  const modify = (Options: object) =>
    at(
      lab.act('ModifyTransitGateway', { TransitGatewayId, Options }),
      ...['TransitGateway', 'Options'],
    );
  const refused = (Options: object) =>
    lab.refuse('ModifyTransitGateway', { TransitGatewayId, Options });
  const disable = { DefaultRouteTableAssociation: 'disable' };
  t.match(refused({ ...disable, AssociationDefaultRouteTableId: first }), {
    code: 'InvalidParameterCombination',
    message: `disable DefaultRouteTableAssociation conflicts with AssociationDefaultRouteTableId ${first}`,
  });
  t.match(modify(disable), {
    DefaultRouteTableAssociation: 'disable',
    AssociationDefaultRouteTableId: undefined,
    PropagationDefaultRouteTableId: first,
  });
  t.match(refused({ DefaultRouteTableAssociation: 'enable' }), {
    code: 'InvalidParameterCombination',
    message:
      'enable DefaultRouteTableAssociation conflicts with AssociationDefaultRouteTableId null',
  });
  const enable = { DefaultRouteTableAssociation: 'enable' };
  t.match(refused({ ...enable, AssociationDefaultRouteTableId: foreign }), {
    code: 'InvalidRouteTableID.NotFound',
    message: `Transit Gateway Route Table ${foreign} was deleted or does not exist in Transit Gateway ${TransitGatewayId}.`,
  });
  t.match(modify({ ...enable, AssociationDefaultRouteTableId: second }), {
    AssociationDefaultRouteTableId: second,
  });
  const remove = (TransitGatewayRouteTableId: string) =>
    lab.refuse('DeleteTransitGatewayRouteTable', { TransitGatewayRouteTableId });
  t.match(remove(second), {
    code: 'IncorrectState',
    message: `${second} is set as default association route table for ${TransitGatewayId}`,
  });
  t.match(remove(first), { message: /default propagation route table/ });
});

t.test('a transit gateway is modified; blocks of VPCs are not for it', async (t) => {
  const { lab, tgw: TransitGatewayId } = attachedLab();
  const modify = (input: object) => lab.act('ModifyTransitGateway', { TransitGatewayId, ...input });
  t.match(
    modify({
      Description: 'new',
      Options: {
        AmazonSideAsn: 65_000,
        VpnEcmpSupport: 'disable',
        SecurityGroupReferencingSupport: 'enable',
        AutoAcceptSharedAttachments: 'enable',
        AddTransitGatewayCidrBlocks: ['172.16.0.0/24', 'fd00:1::/64'],
      },
    }),
    {
      TransitGateway: {
        State: 'modifying',
        Description: 'new',
        Options: {
          AmazonSideAsn: 65_000,
          VpnEcmpSupport: 'disable',
          DnsSupport: 'enable',
          SecurityGroupReferencingSupport: 'enable',
          AutoAcceptSharedAttachments: 'enable',
          TransitGatewayCidrBlocks: ['172.16.0.0/24', 'fd00:1::/64'],
        },
      },
    },
  );
  modify({ Options: { RemoveTransitGatewayCidrBlocks: ['172.16.0.0/24'] } });
  const refused = (Options: object) =>
    lab.refuse('ModifyTransitGateway', { TransitGatewayId, Options }).message;
  t.equal(
    refused({ RemoveTransitGatewayCidrBlocks: ['172.16.0.0/24'] }),
    'The Transit Gateway CIDR block 172.16.0.0/24 does not exist',
  );
  t.equal(
    refused({ AddTransitGatewayCidrBlocks: ['10.0.0.0/24'] }),
    'The Transit Gateway CIDR block 10.0.0.0/24 overlaps 10.0.0.0/16',
  );
  t.match(refused({ AddTransitGatewayCidrBlocks: ['x'] }), /must be a valid IPv4 or IPv6 CIDR/);
  t.equal(
    lab.refuse('ModifyTransitGateway', { TransitGatewayId: 'tgw-12345678' }).code,
    'InvalidTransitGatewayID.NotFound',
  );
});

t.test('what is attached keeps a transit gateway and its VPC', async (t) => {
  const { lab, tgw: TransitGatewayId, vpcId, subnet, attachment } = attachedLab();
  t.match(lab.refuse('DeleteTransitGateway', { TransitGatewayId }), {
    code: 'IncorrectState',
    message: `${TransitGatewayId} has non-deleted VPC Attachments: ${attachment}.`,
  });
  t.equal(lab.refuse('DeleteSubnet', { SubnetId: subnet }).code, 'DependencyViolation');
  t.equal(lab.refuse('DeleteVpc', { VpcId: vpcId }).code, 'DependencyViolation');
  lab.act('DeleteTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: attachment });
  lab.act('DeleteSubnet', { SubnetId: subnet });
  lab.act('DeleteVpc', { VpcId: vpcId });
  lab.act('DeleteTransitGateway', { TransitGatewayId });
  t.same(listAt(lab.act('DescribeTransitGateways'), 'TransitGateways'), []);
});

t.test('every kind of a transit gateway has tags', async (t) => {
  const { lab, tgw, attachment } = attachedLab({}, { MulticastSupport: 'enable' });
  lab.act('ModifyTransitGateway', {
    TransitGatewayId: tgw,
    Options: { AddTransitGatewayCidrBlocks: ['172.16.0.0/24'] },
  });
  const tagged = (action: string, type: string, input: object) =>
    lab.act(action, {
      ...input,
      TagSpecifications: [{ ResourceType: type, Tags: [{ Key: 'k', Value: type }] }],
    });
  const ofGateway = { TransitGatewayId: tgw };
  const other = lab.vpc('10.9.0.0/16');
  const subnet = lab.subnet(other, '10.9.1.0/24');
  tagged('CreateTransitGateway', 'transit-gateway', {});
  tagged('CreateTransitGatewayVpcAttachment', 'transit-gateway-attachment', {
    ...ofGateway,
    VpcId: other,
    SubnetIds: [subnet],
  });
  tagged('CreateTransitGatewayRouteTable', 'transit-gateway-route-table', ofGateway);
  tagged('CreateTransitGatewayPolicyTable', 'transit-gateway-policy-table', ofGateway);
  tagged('CreateTransitGatewayMulticastDomain', 'transit-gateway-multicast-domain', ofGateway);
  const connect = lab.act('CreateTransitGatewayConnect', {
    TransportTransitGatewayAttachmentId: attachment,
    Options: { Protocol: 'gre' },
  });
  tagged('CreateTransitGatewayConnectPeer', 'transit-gateway-connect-peer', {
    TransitGatewayAttachmentId: textAt(
      connect,
      ...['TransitGatewayConnect', 'TransitGatewayAttachmentId'],
    ),
    PeerAddress: '10.0.1.5',
    InsideCidrBlocks: ['169.254.6.0/29'],
  });
  const tags = () =>
    listAt(lab.act('DescribeTags', { Filters: [{ Name: 'key', Values: ['k'] }] }), 'Tags');
  const types = tags().map((tag) => String(at(tag, 'ResourceType')));
  t.same(types, [
    'transit-gateway',
    'transit-gateway-attachment',
    'transit-gateway-route-table',
    'transit-gateway-policy-table',
    'transit-gateway-connect-peer',
    'transit-gateway-multicast-domain',
  ]);
  const Resources = tags().map((tag) => String(at(tag, 'ResourceId')));
  lab.act('CreateTags', { Resources, Tags: [{ Key: 'k', Value: 'new' }] });
  t.ok(tags().every((tag) => at(tag, 'Value') === 'new'));
  lab.act('DeleteTags', { Resources, Tags: [{ Key: 'k' }] });
  t.same(tags(), []);
  for (const Resource of ['tgw-attach-12345678', 'tgw-nothing-12345678']) {
    const input = { Resources: [Resource], Tags: [{ Key: 'k', Value: 'v' }] };
    t.match(lab.refuse('CreateTags', input).code, /NotFound|InvalidID/);
  }
});

t.test('[TGW-5] a VPC has the routes to a transit gateway that it is given', async (t) => {
  const { lab, tgw, vpcId, subnet, attachment } = attachedLab();
  const RouteTableId = lab.mainTable(vpcId);
  t.same(lab.routes(RouteTableId), ['10.0.0.0/16 local active'], 'none by itself');
  const all = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' };
  lab.act('CreateRoute', { ...all, TransitGatewayId: tgw });
  lab.act('CreateRoute', { ...all, TransitGatewayId: tgw });
  const other = transitGateway(lab);
  t.match(lab.refuse('ReplaceRoute', { ...all, TransitGatewayId: other }), {
    code: 'InvalidTransitGatewayID.NotFound',
    message: `The transitGateway ID '${other}' does not exist.`,
  });
  const v6 = { RouteTableId, DestinationIpv6CidrBlock: '::/0', TransitGatewayId: tgw };
  lab.act('CreateRoute', v6);
  t.same(lab.routes(RouteTableId).slice(1), [`0.0.0.0/0 ${tgw} active`, `::/0 ${tgw} active`]);
  const found = (Name: string, value: string) => {
    const Filters = [{ Name, Values: [value] }];
    return listAt(lab.act('DescribeRouteTables', { Filters }), 'RouteTables').length;
  };
  t.equal(found('route.transit-gateway-id', tgw), 1);
  t.equal(found('route.state', 'blackhole'), 0);
  lab.act('DeleteTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: attachment });
  t.equal(lab.routes(RouteTableId)[1], `0.0.0.0/0 ${tgw} blackhole`);
  t.equal(found('route.state', 'blackhole'), 1);
  vpcAttachment(lab, tgw, vpcId, [subnet]);
  t.equal(lab.routes(RouteTableId)[1], `0.0.0.0/0 ${tgw} active`);
  vpcAttachment(lab, other, vpcId, [subnet]);
  lab.act('ReplaceRoute', { ...all, TransitGatewayId: other });
  t.equal(lab.routes(RouteTableId)[1], `0.0.0.0/0 ${other} active`);
});
