import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

/** The addresses of a gateway as `private public primary`. */
function addresses(lab: Lab, id: string): string[] {
  const output = lab.act('DescribeNatGateways', { NatGatewayIds: [id] });
  return listAt(output, 'NatGateways', 0, 'NatGatewayAddresses').map((each) =>
    ['PrivateIp', 'PublicIp', 'IsPrimary'].map((member) => at(each, member) ?? '-').join(' '),
  );
}

t.test('a private NAT gateway has up to eight addresses', async (t) => {
  const lab = new Lab();
  const subnet = lab.subnet(lab.vpc(), '10.0.1.0/24');
  const ConnectivityType = 'private';
  const id = lab.natGateway(subnet, {
    ConnectivityType,
    PrivateIpAddress: '10.0.1.10',
    SecondaryPrivateIpAddresses: ['10.0.1.11'],
  });
  t.same(addresses(lab, id), ['10.0.1.10 - true', '10.0.1.11 - false']);
  const assigned = lab.act('AssignPrivateNatGatewayAddress', {
    NatGatewayId: id,
    PrivateIpAddresses: ['10.0.1.12'],
  });
  t.match(assigned, {
    NatGatewayAddresses: [{ PrivateIp: '10.0.1.12', Status: 'assigning', IsPrimary: false }],
  });
  lab.act('AssignPrivateNatGatewayAddress', { NatGatewayId: id, PrivateIpAddressCount: 5 });
  t.equal(addresses(lab, id).length, 8);
  const rows: readonly (readonly [object, string])[] = [
    [{ PrivateIpAddressCount: 1 }, 'NatGatewayAddressLimitExceeded'],
    [{ NatGatewayId: 'nat-12345678' }, 'InvalidNatGatewayID.NotFound'],
    [
      { PrivateIpAddressCount: 1, PrivateIpAddresses: ['10.0.1.13'] },
      'InvalidParameterCombination',
    ],
  ];
  for (const [more, code] of rows) {
    const input = { NatGatewayId: id, ...more };
    t.equal(lab.refuse('AssignPrivateNatGatewayAddress', input).code, code);
  }
  const unassign = (address: string) => ({ NatGatewayId: id, PrivateIpAddresses: [address] });
  t.match(lab.act('UnassignPrivateNatGatewayAddress', unassign('10.0.1.11')), {
    NatGatewayAddresses: [{ PrivateIp: '10.0.1.11', Status: 'unassigning' }],
  });
  t.equal(addresses(lab, id).length, 7);
  for (const address of ['10.0.1.10', '10.0.1.11', 'x']) {
    const { code } = lab.refuse('UnassignPrivateNatGatewayAddress', unassign(address));
    t.equal(code, 'InvalidParameterValue', address);
  }
  const elastic = { NatGatewayId: id, AllocationIds: [lab.elasticAddress()] };
  t.equal(lab.refuse('AssociateNatGatewayAddress', elastic).code, 'InvalidParameterValue');
  const wrong = { SubnetId: subnet, ConnectivityType, SecondaryAllocationIds: ['eipalloc-1'] };
  t.equal(lab.refuse('CreateNatGateway', wrong).code, 'InvalidParameterCombination');
});

t.test('a public NAT gateway has an elastic address for each private one', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  lab.internetGateway(vpcId);
  const SubnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const [first, second, third] = [5, 6, 7].map((last) =>
    lab.elasticAddress({ Address: `198.18.0.${last}` }),
  );
  const id = lab.natGateway(SubnetId, {
    AllocationId: first,
    PrivateIpAddress: '10.0.1.10',
    SecondaryAllocationIds: [second],
    SecondaryPrivateIpAddresses: ['10.0.1.11'],
  });
  t.same(addresses(lab, id), ['10.0.1.10 198.18.0.5 true', '10.0.1.11 198.18.0.6 false']);
  const more = { NatGatewayId: id, AllocationIds: [third], PrivateIpAddresses: ['10.0.1.12'] };
  const added = lab.act('AssociateNatGatewayAddress', more);
  t.match(added, { NatGatewayAddresses: [{ AllocationId: third, Status: 'associating' }] });
  t.equal(lab.refuse('AssociateNatGatewayAddress', more).code, 'Resource.AlreadyAssociated');
  const association = textAt(added, 'NatGatewayAddresses', 0, 'AssociationId');
  const remove = { NatGatewayId: id, AssociationIds: [association] };
  t.match(lab.act('DisassociateNatGatewayAddress', remove), {
    NatGatewayAddresses: [{ PublicIp: '198.18.0.7', Status: 'disassociating' }],
  });
  t.equal(
    lab.refuse('DisassociateNatGatewayAddress', remove).code,
    'InvalidAssociationID.NotFound',
  );
  t.equal(addresses(lab, id).length, 2);
  const { NatGateways } = lab.act('DescribeNatGateways');
  const primary = textAt(NatGateways, 0, 'NatGatewayAddresses', 0, 'AssociationId');
  const stays = { NatGatewayId: id, AssociationIds: [primary] };
  t.equal(lab.refuse('DisassociateNatGatewayAddress', stays).code, 'InvalidParameterValue');
  lab.act('DeleteNatGateway', { NatGatewayId: id });
  t.same(addresses(lab, id), ['10.0.1.10 198.18.0.5 true']);
  for (const AllocationId of [first, second, third]) lab.act('ReleaseAddress', { AllocationId });
});
