import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

function gateway(lab: Lab): string {
  return textAt(lab.act('CreateInternetGateway'), 'InternetGateway', 'InternetGatewayId');
}

t.test('an internet gateway is made, attached, shown, detached and deleted', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const id = gateway(lab);
  const attach = { InternetGatewayId: id, VpcId: vpcId };
  const shown = () =>
    at(lab.act('DescribeInternetGateways', { InternetGatewayIds: [id] }), 'InternetGateways', 0);
  t.match(shown(), { InternetGatewayId: id, OwnerId: '123456789012', Attachments: [], Tags: [] });
  t.match(lab.refuse('DetachInternetGateway', attach), {
    code: 'Gateway.NotAttached',
    message: `resource ${id} is not attached to network ${vpcId}`,
  });
  lab.act('AttachInternetGateway', attach);
  t.match(shown(), { Attachments: [{ State: 'available', VpcId: vpcId }] });
  const found = (Name: string, value: string) =>
    listAt(
      lab.act('DescribeInternetGateways', { Filters: [{ Name, Values: [value] }] }),
      'InternetGateways',
    ).length;
  t.equal(found('attachment.vpc-id', vpcId), 1);
  t.equal(found('attachment.state', 'detached'), 0);
  t.match(lab.refuse('DeleteInternetGateway', { InternetGatewayId: id }), {
    code: 'DependencyViolation',
    message: `The internetGateway '${id}' has dependencies and cannot be deleted.`,
  });
  t.equal(lab.refuse('DeleteVpc', { VpcId: vpcId }).code, 'DependencyViolation');
  lab.act('DetachInternetGateway', attach);
  lab.act('DeleteInternetGateway', { InternetGatewayId: id });
  t.equal(
    lab.refuse('DeleteInternetGateway', { InternetGatewayId: id }).code,
    'InvalidInternetGatewayID.NotFound',
  );
  lab.act('DeleteVpc', { VpcId: vpcId });
});

t.test('a VPC has one internet gateway, which mapped addresses hold', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const other = lab.vpc('10.9.0.0/16');
  const first = lab.internetGateway(vpcId);
  const second = gateway(lab);
  t.match(lab.refuse('AttachInternetGateway', { InternetGatewayId: second, VpcId: vpcId }), {
    code: 'InvalidParameterValue',
    message: `Network ${vpcId} already has an internet gateway attached`,
  });
  t.match(lab.refuse('AttachInternetGateway', { InternetGatewayId: first, VpcId: other }), {
    code: 'Resource.AlreadyAssociated',
    message: `resource ${first} is already attached to network ${vpcId}`,
  });
  const eniId = lab.eni(lab.subnet(vpcId, '10.0.1.0/24'));
  const AllocationId = lab.elasticAddress();
  const AssociationId = at(
    lab.act('AssociateAddress', { AllocationId, NetworkInterfaceId: eniId }),
    'AssociationId',
  );
  const detach = { InternetGatewayId: first, VpcId: vpcId };
  t.match(lab.refuse('DetachInternetGateway', detach), {
    code: 'DependencyViolation',
    message: `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
  });
  lab.act('DisassociateAddress', { AssociationId });
  lab.act('DetachInternetGateway', detach);
});

t.test('CreateInternetGateway keeps to the quota', async (t) => {
  const lab = new Lab({ quotas: { internetGatewaysPerRegion: 1 } });
  gateway(lab);
  t.match(lab.refuse('CreateInternetGateway'), {
    code: 'InternetGatewayLimitExceeded',
    message: 'The maximum number of internet gateways has been reached.',
  });
});

t.test('[RT-11] a route to an internet gateway is a blackhole while it is detached', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const other = lab.vpc('10.9.0.0/16');
  const igw = lab.internetGateway(vpcId);
  const table = lab.mainTable(vpcId);
  const route = { RouteTableId: table, DestinationCidrBlock: '0.0.0.0/0', GatewayId: igw };
  lab.act('CreateRoute', route);
  lab.act('CreateRoute', route);
  t.equal(lab.routes(table)[1], `0.0.0.0/0 ${igw} active`);
  const foreign = { ...route, RouteTableId: lab.mainTable(other) };
  t.match(lab.refuse('CreateRoute', foreign), {
    code: 'InvalidParameterValue',
    message: `route table ${foreign.RouteTableId} and network gateway ${igw} belong to different networks`,
  });
  lab.act('DetachInternetGateway', { InternetGatewayId: igw, VpcId: vpcId });
  t.equal(lab.routes(table)[1], `0.0.0.0/0 ${igw} blackhole`);
  lab.act('AttachInternetGateway', { InternetGatewayId: igw, VpcId: other });
  t.equal(lab.routes(table)[1], `0.0.0.0/0 ${igw} blackhole`, 'attached elsewhere');
  lab.act('DetachInternetGateway', { InternetGatewayId: igw, VpcId: other });
  lab.act('DeleteInternetGateway', { InternetGatewayId: igw });
  t.equal(lab.routes(table)[1], `0.0.0.0/0 ${igw} blackhole`, 'deleted');
  t.match(lab.refuse('ReplaceRoute', route), { code: 'InvalidGatewayID.NotFound' });
});

t.test('[RT-5] [RT-2] no internet gateway is a target inside the VPC', async (t) => {
  const lab = new Lab({ rules: 'current' });
  const vpcId = lab.vpc();
  lab.subnet(vpcId, '10.0.1.0/24');
  const route = { RouteTableId: lab.mainTable(vpcId), GatewayId: lab.internetGateway(vpcId) };
  const inside = lab.refuse('CreateRoute', { ...route, DestinationCidrBlock: '10.0.1.0/24' });
  t.match(inside, { code: 'InvalidParameterValue', message: /more specific/ });
  const local = lab.refuse('ReplaceRoute', { ...route, DestinationCidrBlock: '10.0.0.0/16' });
  t.match(local, { code: 'InvalidParameterValue', message: /^cannot replace local route/ });
});
