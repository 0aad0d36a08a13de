import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

t.test('a VPC has one carrier gateway', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  const answer = lab.act('CreateCarrierGateway', { VpcId });
  const id = textAt(answer, 'CarrierGateway', 'CarrierGatewayId');
  const shape = { CarrierGatewayId: id, VpcId, OwnerId: '123456789012', Tags: [] };
  t.same(answer, { CarrierGateway: { ...shape, State: 'pending' } });
  t.match(lab.refuse('CreateCarrierGateway', { VpcId }), {
    code: 'InvalidParameterValue',
    message: `Network ${VpcId} already has a carrier gateway attached`,
  });
  t.equal(lab.refuse('DeleteVpc', { VpcId }).code, 'DependencyViolation');
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
  t.same(listAt(lab.act('DescribeCarrierGateways', { Filters }), 'CarrierGateways'), [
    { ...shape, State: 'available' },
  ]);
  lab.act('CreateTags', { Resources: [id], Tags: [{ Key: 'Name', Value: 'edge' }] });
  t.equal(at(lab.act('DescribeTags'), 'Tags', 0, 'ResourceType'), 'carrier-gateway');
  const unknown = { CarrierGatewayId: 'cagw-12345678' };
  t.equal(lab.refuse('DeleteCarrierGateway', unknown).code, 'InvalidCarrierGatewayID.NotFound');
  const deleted = lab.act('DeleteCarrierGateway', { CarrierGatewayId: id });
  t.equal(at(deleted, 'CarrierGateway', 'State'), 'deleting');
  lab.act('DeleteVpc', { VpcId });
});

t.test('[RT-11] [RT-13] a route leads to a carrier gateway of its VPC', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  const made = lab.act('CreateCarrierGateway', { VpcId });
  const CarrierGatewayId = textAt(made, 'CarrierGateway', 'CarrierGatewayId');
  const RouteTableId = lab.mainTable(VpcId);
  const route = { DestinationCidrBlock: '0.0.0.0/0', CarrierGatewayId };
  lab.act('CreateRoute', { RouteTableId, ...route });
  t.same(lab.routes(RouteTableId).slice(1), [`0.0.0.0/0 ${CarrierGatewayId} active`]);
  const elsewhere = { RouteTableId: lab.mainTable(lab.vpc('10.9.0.0/16')), ...route };
  t.match(lab.refuse('CreateRoute', elsewhere), { message: /belong to different networks/ });
  lab.act('DeleteCarrierGateway', { CarrierGatewayId });
  t.same(lab.routes(RouteTableId).slice(1), [`0.0.0.0/0 ${CarrierGatewayId} blackhole`]);
});
