/** Route tables that steer what enters by a gateway. */
import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

function edge() {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const igw = lab.internetGateway(vpcId);
  const eniId = lab.primaryEni(lab.instance(subnetId));
  const newTable = () =>
    textAt(lab.act('CreateRouteTable', { VpcId: vpcId }), 'RouteTable', 'RouteTableId');
  const route = (RouteTableId: string, DestinationCidrBlock: string, target: object) => ({
    RouteTableId,
    DestinationCidrBlock,
    ...target,
  });
  return { lab, vpcId, subnetId, igw, eniId, newTable, route };
}

t.test('[RT-1] a gateway takes one table, and never the main one', async (t) => {
  const { lab, vpcId, subnetId, igw, newTable } = edge();
  const RouteTableId = newTable();
  const associate = { RouteTableId, GatewayId: igw };
  const main = lab.mainTable(vpcId);
  t.match(lab.refuse('AssociateRouteTable', { ...associate, RouteTableId: main }), {
    code: 'InvalidParameterValue',
    message: `The main route table ${main} cannot be associated with a gateway`,
  });
  const AssociationId = at(lab.act('AssociateRouteTable', associate), 'AssociationId');
  t.equal(at(lab.act('AssociateRouteTable', associate), 'AssociationId'), AssociationId, 'again');
  const second = { ...associate, RouteTableId: newTable() };
  t.equal(lab.refuse('AssociateRouteTable', second).code, 'Resource.AlreadyAssociated');
  const both = { ...associate, SubnetId: subnetId };
  t.equal(lab.refuse('AssociateRouteTable', both).code, 'MissingParameter');
  const wrong = { ...associate, GatewayId: 'nat-12345678' };
  t.equal(lab.refuse('AssociateRouteTable', wrong).code, 'InvalidGatewayID.Malformed');
  const foreign = textAt(
    lab.act('CreateRouteTable', { VpcId: lab.vpc('10.9.0.0/16') }),
    ...['RouteTable', 'RouteTableId'],
  );
  t.match(lab.refuse('AssociateRouteTable', { ...associate, RouteTableId: foreign }), {
    message: /belong to different networks/,
  });
  const Filters = [{ Name: 'association.gateway-id', Values: [igw] }];
  const [found] = listAt(lab.act('DescribeRouteTables', { Filters }), 'RouteTables');
  t.match(found, { Associations: [{ GatewayId: igw, Main: false, SubnetId: undefined }] });
  t.equal(lab.mainTable(vpcId), main, 'the main table stays the main one');
  const mainAssociation = textAt(
    lab.act('DescribeRouteTables', { RouteTableIds: [main] }),
    ...['RouteTables', 0, 'Associations', 0, 'RouteTableAssociationId'],
  );
  const promote = { AssociationId: mainAssociation, RouteTableId };
  t.match(lab.refuse('ReplaceRouteTableAssociation', promote), {
    message: /^The main route table/,
  });
  t.match(lab.refuse('ReplaceRouteTableAssociation', { AssociationId, RouteTableId: main }), {
    message: /^The main route table/,
  });
  lab.act('DetachInternetGateway', { InternetGatewayId: igw, VpcId: vpcId });
  lab.act('DeleteRouteTable', { RouteTableId });
});

t.test('[EDGE-2] an edge table leads whole blocks to interfaces', async (t) => {
  const { lab, igw, eniId, newTable, route } = edge();
  const table = newTable();
  lab.act('AssociateRouteTable', { RouteTableId: table, GatewayId: igw });
  const toEni = { NetworkInterfaceId: eniId };
  const refused = (action: string, input: object) => lab.refuse(action, { ...input }).message;
  for (const cidr of ['0.0.0.0/0', '192.0.2.0/24', '10.0.1.0/25', '10.0.2.0/24']) {
    const message = refused('CreateRoute', route(table, cidr, toEni));
    t.match(message, `the destination ${cidr} is not the CIDR block of the VPC`, cidr);
  }
  const toGateway = refused('CreateRoute', route(table, '10.0.1.0/24', { GatewayId: igw }));
  t.match(
    toGateway,
    /can only lead to local, to a network interface or to a Gateway Load Balancer endpoint/,
  );
  const PrefixListId = lab.prefixList(['10.0.1.0/24']);
  const list = { RouteTableId: table, DestinationPrefixListId: PrefixListId, ...toEni };
  t.match(refused('CreateRoute', list), /cannot have routes to prefix lists/);
  lab.act('CreateRoute', route(table, '10.0.1.0/24', toEni));
  lab.act('ReplaceRoute', route(table, '10.0.0.0/16', toEni));
  lab.act('ReplaceRoute', route(table, '10.0.0.0/16', { LocalTarget: true }));
  t.same(lab.routes(table), ['10.0.0.0/16 local active', `10.0.1.0/24 ${eniId} active`]);
});

t.test('[EDGE-2] a gateway takes no table that holds other routes', async (t) => {
  const { lab, igw, eniId, newTable, route } = edge();
  const out = newTable();
  lab.act('CreateRoute', route(out, '0.0.0.0/0', { GatewayId: igw }));
  const outside = lab.refuse('AssociateRouteTable', { RouteTableId: out, GatewayId: igw });
  t.match(outside, { code: 'InvalidParameterValue', message: /destination 0\.0\.0\.0\/0 is not/ });
  const listed = newTable();
  lab.act('CreateRoute', {
    RouteTableId: listed,
    DestinationPrefixListId: lab.prefixList(['192.0.2.0/24']),
    NetworkInterfaceId: eniId,
  });
  const list = lab.refuse('AssociateRouteTable', { RouteTableId: listed, GatewayId: igw });
  t.match(list, { code: 'InvalidParameterValue', message: /prefix lists/ });
});
