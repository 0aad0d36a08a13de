/** What a new account has: regions, zones, a default VPC; and what spans accounts and regions. */
import t from 'tap';
import type { Realm } from '../../src/model/realm.ts';
import { at, listAt, textAt } from './lab.ts';
import { ABROAD, ACCOUNT, HOME, STRANGER, TestWorld } from './world.ts';

t.test('a new region has a default VPC with a subnet a zone, a gateway and a route', async (t) => {
  const lab = new TestWorld();
  const vpcs = listAt(lab.act('DescribeVpcs'), 'Vpcs');
  t.equal(vpcs.length, 1);
  t.match(vpcs[0], { CidrBlock: '172.31.0.0/16', IsDefault: true, OwnerId: ACCOUNT });
  const subnets = listAt(lab.act('DescribeSubnets'), 'Subnets');
  t.same(
    subnets.map((each) => [at(each, 'AvailabilityZone'), at(each, 'CidrBlock')]),
    ['a', 'b', 'c', 'd', 'e', 'f'].map((letter, index) => [
      `us-east-1${letter}`,
      `172.31.${index * 16}.0/20`,
    ]),
  );
  for (const subnet of subnets) {
    t.match(subnet, { DefaultForAz: true, MapPublicIpOnLaunch: true });
  }
  const igw = textAt(
    lab.act('DescribeInternetGateways'),
    'InternetGateways',
    0,
    'InternetGatewayId',
  );
  const routes = listAt(lab.act('DescribeRouteTables'), 'RouteTables', 0, 'Routes');
  t.same(
    routes.map((each) => [at(each, 'DestinationCidrBlock'), at(each, 'GatewayId')]),
    [
      ['172.31.0.0/16', 'local'],
      ['0.0.0.0/0', igw],
    ],
  );
  t.equal(listAt(lab.act('DescribeSecurityGroups'), 'SecurityGroups').length, 1);
  t.equal(listAt(lab.act('DescribeNetworkAcls'), 'NetworkAcls').length, 1);
  const attributes = lab.act('DescribeAccountAttributes', { AttributeNames: ['default-vpc'] });
  t.equal(
    textAt(attributes, 'AccountAttributes', 0, 'AttributeValues', 0, 'AttributeValue'),
    textAt(vpcs[0], 'VpcId'),
  );
});

t.test('CreateDefaultVpc and CreateDefaultSubnet bring back what was deleted', async (t) => {
  const lab = new TestWorld();
  t.match(lab.refusal('CreateDefaultVpc', {}), 'DefaultVpcAlreadyExists');
  const taken = { AvailabilityZone: 'us-east-1a' };
  t.match(
    lab.refusal('CreateDefaultSubnet', taken),
    'DefaultSubnetAlreadyExistsInAvailabilityZone',
  );
  t.match(lab.refusal('CreateDefaultSubnet', { AvailabilityZone: 'us-east-1z' }), 'us-east-1z');
  const vpcId = textAt(lab.act('DescribeVpcs'), 'Vpcs', 0, 'VpcId');
  const [first, ...others] = listAt(lab.act('DescribeSubnets'), 'Subnets').map((each) =>
    textAt(each, 'SubnetId'),
  );
  lab.act('DeleteSubnet', { SubnetId: first });
  const again = lab.act('CreateDefaultSubnet', taken);
  t.match(at(again, 'Subnet'), { CidrBlock: '172.31.0.0/20', DefaultForAz: true });
  for (const id of [textAt(again, 'Subnet', 'SubnetId'), ...others]) {
    lab.act('DeleteSubnet', { SubnetId: id });
  }
  const igw = textAt(
    lab.act('DescribeInternetGateways'),
    'InternetGateways',
    0,
    'InternetGatewayId',
  );
  t.match(lab.refusal('DeleteVpc', { VpcId: vpcId }), 'DependencyViolation');
  lab.act('DetachInternetGateway', { InternetGatewayId: igw, VpcId: vpcId });
  lab.act('DeleteVpc', { VpcId: vpcId });
  t.match(lab.refusal('CreateDefaultSubnet', taken), 'DefaultVpcDoesNotExist');
  t.match(at(lab.act('CreateDefaultVpc'), 'Vpc'), { IsDefault: true, CidrBlock: '172.31.0.0/16' });
});

t.test('each account and region has a state of its own, made on first use', async (t) => {
  const lab = new TestWorld();
  t.equal(lab.world.snapshots.length, 1);
  const vpcId = lab.newVpc('10.0.0.0/16');
  for (const realm of [ABROAD, STRANGER]) {
    t.match(lab.refusal('DescribeVpcs', { VpcIds: [vpcId] }, realm), 'InvalidVpcID.NotFound');
    t.equal(listAt(lab.act('DescribeVpcs', {}, realm), 'Vpcs').length, 1);
  }
  t.equal(lab.world.snapshots.length, 3);
  t.equal(lab.world.snapshotOf({ accountId: ACCOUNT, region: 'xx-none-1' }), null);
  const { subnets } = lab.world.home;
  lab.newVpc('10.1.0.0/16', ABROAD);
  t.equal(lab.world.home.subnets, subnets, 'the others are not touched');
  t.equal(lab.world.fabric.vpcs.size, 5);
  t.equal(lab.world.fabric.subnets, lab.world.fabric.subnets, 'joined once');
  lab.world.reset();
  t.equal(lab.world.fabric.vpcs.size, 1);
});

t.test('DescribeRegions and DescribeAvailabilityZones know AWS', async (t) => {
  const lab = new TestWorld();
  const regions = listAt(lab.act('DescribeRegions'), 'Regions');
  t.equal(regions.length, 17);
  t.match(regions[0], {
    RegionName: 'us-east-1',
    Endpoint: 'ec2.us-east-1.amazonaws.com',
    OptInStatus: 'opt-in-not-required',
  });
  const all = listAt(lab.act('DescribeRegions', { AllRegions: true }), 'Regions');
  t.ok(all.length > 30);
  const wanted = { RegionNames: ['eu-south-1'] };
  t.match(listAt(lab.act('DescribeRegions', wanted), 'Regions'), [{ OptInStatus: 'not-opted-in' }]);
  t.match(lab.refusal('DescribeRegions', { RegionNames: ['moon-1'] }), 'Invalid region provided');
  const zones = listAt(lab.act('DescribeAvailabilityZones', {}, ABROAD), 'AvailabilityZones');
  t.same(
    zones.map((each) => [at(each, 'ZoneName'), at(each, 'ZoneId')]),
    [
      ['eu-west-1a', 'euw1-az1'],
      ['eu-west-1b', 'euw1-az2'],
      ['eu-west-1c', 'euw1-az3'],
    ],
  );
  const byId = { ZoneIds: ['euw1-az2'] };
  t.match(listAt(lab.act('DescribeAvailabilityZones', byId, ABROAD), 'AvailabilityZones'), [
    { ZoneName: 'eu-west-1b' },
  ]);
  t.match(lab.refusal('DescribeAvailabilityZones', { ZoneNames: ['eu-west-1a'] }), 'eu-west-1a');
  const idOf = (realm: Realm): string =>
    textAt(lab.act('DescribeAvailabilityZones', {}, realm), 'AvailabilityZones', 0, 'ZoneId');
  t.not(idOf(HOME), idOf(STRANGER), 'names are dealt out anew for each account');
  t.match(lab.refusal('DescribeAccountAttributes', { AttributeNames: ['x'] }), 'attributeName');
});

t.test('[PCX-3] a peering spans regions and accounts, and only the accepter answers', async (t) => {
  const lab = new TestWorld();
  const vpcId = lab.newVpc('10.0.0.0/16');
  for (const realm of [ABROAD, STRANGER]) {
    const peerId = lab.newVpc('10.1.0.0/16', realm);
    const request = {
      VpcId: vpcId,
      PeerVpcId: peerId,
      PeerOwnerId: realm.accountId,
      PeerRegion: realm.region,
    };
    const made = lab.act('CreateVpcPeeringConnection', {
      ...request,
      TagSpecifications: [
        { ResourceType: 'vpc-peering-connection', Tags: [{ Key: 'side', Value: 'requester' }] },
      ],
    });
    const id = textAt(made, 'VpcPeeringConnection', 'VpcPeeringConnectionId');
    const accept = { VpcPeeringConnectionId: id };
    t.match(lab.peering(id, realm), { Status: { Code: 'pending-acceptance' }, Tags: [] });
    t.match(lab.refusal('AcceptVpcPeeringConnection', accept), 'OperationNotPermitted');
    t.match(lab.refusal('RejectVpcPeeringConnection', accept), 'OperationNotPermitted');
    lab.act('AcceptVpcPeeringConnection', accept, realm);
    for (const side of [HOME, realm]) {
      t.match(lab.peering(id, side), {
        Status: { Code: 'active' },
        RequesterVpcInfo: { CidrBlock: '10.0.0.0/16', Region: 'us-east-1' },
        AccepterVpcInfo: { CidrBlock: '10.1.0.0/16', OwnerId: realm.accountId },
      });
    }
    t.match(lab.peering(id, HOME), { Tags: [{ Key: 'side' }] });
    const options = {
      ...accept,
      AccepterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: true },
    };
    t.match(lab.refusal('ModifyVpcPeeringConnectionOptions', options), 'OperationNotPermitted');
    lab.act('ModifyVpcPeeringConnectionOptions', options, realm);
    lab.act('DeleteVpcPeeringConnection', accept);
    t.match(lab.peering(id, realm), { Status: { Code: 'deleted' } });
  }
});

t.test('[PCX-2] a peering with what is not there, or overlaps, fails', async (t) => {
  const lab = new TestWorld();
  const VpcId = lab.newVpc('10.0.0.0/16');
  const overlapping = lab.newVpc('10.0.0.0/20', ABROAD);
  for (const PeerVpcId of [overlapping, 'vpc-0123456789abcdef0']) {
    const input = { VpcId, PeerVpcId, PeerRegion: ABROAD.region };
    const made = lab.act('CreateVpcPeeringConnection', input);
    const id = textAt(made, 'VpcPeeringConnection', 'VpcPeeringConnectionId');
    t.match(lab.peering(id, HOME), { Status: { Code: 'failed' } });
  }
});

t.test('an edit that spans regions and is refused changes neither', async (t) => {
  const lab = new TestWorld();
  const before = [lab.world.home, lab.world.snapshotOf(ABROAD)];
  const VpcId = textAt(lab.act('DescribeVpcs'), 'Vpcs', 0, 'VpcId');
  const input = { VpcId, PeerVpcId: lab.newVpc('10.9.0.0/16', ABROAD), PeerRegion: ABROAD.region };
  const abroad = lab.world.snapshotOf(ABROAD);
  t.match(lab.refusal('CreateVpcPeeringConnection', { ...input, DryRun: true }), 'DryRunOperation');
  t.equal(lab.world.home, before[0]);
  t.equal(lab.world.snapshotOf(ABROAD), abroad);
});
