import t from 'tap';
import { at, Lab, type LabOptions, listAt } from './lab.ts';

const DAY_MS = 24 * 3600 * 1000;

function pair(options: LabOptions = {}) {
  const lab = new Lab(options);
  const one = lab.vpc();
  const two = lab.vpc('10.9.0.0/16');
  const status = (id: string) => {
    const input = { VpcPeeringConnectionIds: [id] };
    const shown = lab.act('DescribeVpcPeeringConnections', input);
    return at(shown, 'VpcPeeringConnections', 0, 'Status', 'Code');
  };
  const of = (VpcPeeringConnectionId: string) => ({ VpcPeeringConnectionId });
  return { lab, one, two, status, of };
}

t.test('a peering is asked for, accepted, changed and deleted', async (t) => {
  const { lab, one, two, status, of } = pair();
  const answer = lab.act('CreateVpcPeeringConnection', { VpcId: one, PeerVpcId: two });
  t.match(at(answer, 'VpcPeeringConnection'), {
    Status: { Code: 'initiating-request' },
    RequesterVpcInfo: { VpcId: one, CidrBlock: '10.0.0.0/16', OwnerId: '123456789012' },
    AccepterVpcInfo: { VpcId: two, CidrBlockSet: [{ CidrBlock: '10.9.0.0/16' }] },
    ExpirationTime: '2020-05-08T12:00:00.000Z',
  });
  const id = String(at(answer, 'VpcPeeringConnection', 'VpcPeeringConnectionId'));
  t.equal(status(id), 'pending-acceptance');
  const options = {
    ...of(id),
    AccepterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: true },
  };
  t.match(lab.refuse('ModifyVpcPeeringConnectionOptions', options), {
    code: 'OperationNotPermitted',
    message: `Peering ${id} is not active. Peering options can be added only to active peerings.`,
  });
  t.match(lab.refuse('CreateVpcPeeringConnection', { VpcId: two, PeerVpcId: one }), {
    code: 'VpcPeeringConnectionAlreadyExists',
    message: 'A VPC peering connection between the VPCs already exists.',
  });
  t.match(lab.act('AcceptVpcPeeringConnection', of(id)), {
    VpcPeeringConnection: { Status: { Code: 'provisioning' } },
  });
  t.equal(status(id), 'active');
  t.match(lab.act('ModifyVpcPeeringConnectionOptions', options), {
    AccepterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: true },
    RequesterPeeringConnectionOptions: undefined,
  });
  t.match(lab.refuse('RejectVpcPeeringConnection', of(id)), {
    code: 'InvalidStateTransition',
    message: `Invalid state transition for ${id}, attempted to transition from active to rejected`,
  });
  const Filters = [{ Name: 'status-code', Values: ['active'] }];
  const found = () =>
    listAt(lab.act('DescribeVpcPeeringConnections', { Filters }), 'VpcPeeringConnections').length;
  t.equal(found(), 1);
  t.same(lab.act('DeleteVpcPeeringConnection', of(id)), { Return: true });
  t.equal(status(id), 'deleted');
  t.equal(found(), 0);
  t.equal(lab.refuse('DeleteVpcPeeringConnection', of(id)).code, 'InvalidStateTransition');
  const second = lab.peering(one, two);
  lab.act('RejectVpcPeeringConnection', of(second));
  t.equal(status(second), 'rejected');
  const third = lab.peering(one, two);
  lab.act('DeleteVpc', { VpcId: two });
  t.equal(status(third), 'deleted', 'with its VPC');
});

t.test('[PCX-2] overlapping blocks make the request fail, even secondary ones', async (t) => {
  const { lab, one, two, status, of } = pair();
  lab.act('AssociateVpcCidrBlock', { VpcId: one, CidrBlock: '10.7.0.0/16' });
  lab.act('AssociateVpcCidrBlock', { VpcId: two, CidrBlock: '10.7.128.0/20' });
  const id = lab.peering(one, two);
  t.equal(status(id), 'failed');
  t.equal(lab.refuse('AcceptVpcPeeringConnection', of(id)).code, 'InvalidStateTransition');
  const abroad = { VpcId: one, PeerVpcId: 'vpc-12345678', PeerOwnerId: '210987654321' };
  const made = lab.act('CreateVpcPeeringConnection', abroad);
  t.equal(status(String(at(made, 'VpcPeeringConnection', 'VpcPeeringConnectionId'))), 'failed');
  const { PeerOwnerId: _owner, ...here } = abroad;
  t.equal(lab.refuse('CreateVpcPeeringConnection', here).code, 'InvalidVpcID.NotFound');
});

t.test('[PCX-3] a request expires in 7 days; routes need an active peering', async (t) => {
  const { lab, one, two, status, of } = pair();
  const id = lab.peering(one, two);
  const RouteTableId = lab.mainTable(one);
  const route = { RouteTableId, DestinationCidrBlock: '10.9.0.0/16', ...of(id) };
  lab.act('CreateRoute', route);
  const state = () => lab.routes(RouteTableId)[1];
  t.equal(state(), `10.9.0.0/16 ${id} blackhole`, 'pending');
  lab.nowMs += 7 * DAY_MS - 1;
  t.equal(status(id), 'pending-acceptance');
  lab.nowMs += 1;
  t.equal(status(id), 'expired');
  t.match(lab.refuse('AcceptVpcPeeringConnection', of(id)), { message: /from expired to active$/ });
  const next = lab.peering(one, two);
  lab.act('AcceptVpcPeeringConnection', of(next));
  lab.act('ReplaceRoute', { ...route, ...of(next) });
  t.equal(state(), `10.9.0.0/16 ${next} active`);
  const third = lab.mainTable(lab.vpc('10.8.0.0/16'));
  t.match(lab.refuse('CreateRoute', { ...route, ...of(next), RouteTableId: third }), {
    message: /belong to different networks/,
  });
  lab.act('DeleteVpcPeeringConnection', of(next));
  t.equal(state(), `10.9.0.0/16 ${next} blackhole`, 'deleted');
  t.equal(
    lab.refuse('ReplaceRoute', { ...route, ...of(next) }).code,
    'InvalidVpcPeeringConnectionID.NotFound',
  );
});

t.test('[PCX-3] peerings keep to the quotas of a VPC', async (t) => {
  const quotas = { pendingPeeringsPerVpc: 1, activePeeringsPerVpc: 1 };
  const { lab, one, two, of } = pair({ quotas });
  const three = lab.vpc('10.8.0.0/16');
  const first = lab.peering(one, two);
  t.equal(
    lab.refuse('CreateVpcPeeringConnection', { VpcId: one, PeerVpcId: three }).code,
    'OutstandingVpcPeeringConnectionLimitExceeded',
  );
  lab.act('AcceptVpcPeeringConnection', of(first));
  const second = lab.peering(one, three);
  t.equal(
    lab.refuse('AcceptVpcPeeringConnection', of(second)).code,
    'ActiveVpcPeeringConnectionPerVpcLimitExceeded',
  );
});

t.test(
  '[SUB-7] a new block overlaps no active peer, and waits for a pending request',
  async (t) => {
    const { lab, one, two, of } = pair();
    lab.act('AssociateVpcCidrBlock', { VpcId: two, CidrBlock: '10.7.0.0/16' });
    const id = lab.peering(one, two);
    const add = (VpcId: string, CidrBlock: string) => ({ VpcId, CidrBlock });
    const free = add(one, '10.6.0.0/16');
    t.equal(lab.refuse('AssociateVpcCidrBlock', free).code, 'OperationNotPermitted');
    lab.act('AssociateVpcCidrBlock', add(two, '10.5.0.0/16'));
    lab.act('AcceptVpcPeeringConnection', of(id));
    lab.act('AssociateVpcCidrBlock', free);
    t.match(lab.refuse('AssociateVpcCidrBlock', add(one, '10.7.128.0/20')), {
      code: 'InvalidVpc.Conflict',
      message: `The CIDR '10.7.128.0/20' conflicts with a CIDR block of the peer of ${id}`,
    });
    lab.act('DeleteVpcPeeringConnection', of(id));
    lab.act('AssociateVpcCidrBlock', add(one, '10.7.128.0/20'));
  },
);
