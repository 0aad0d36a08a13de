/** Which names of VPCs the resolver knows, and what they stand for. */
import t from 'tap';
import { at, Lab, type LabOptions, textAt } from '../actions/lab.ts';
import { ABROAD, TestWorld } from '../actions/world.ts';
import { DnsClient } from './dns-client.ts';

const SOA = 'hostmaster.amazon.com 2012103100 3600 3600 3600 60';

/** A VPC with names, or without. */
function vpcWithNames(lab: Lab, cidr = '10.0.0.0/16', more = {}): string {
  const VpcId = lab.vpc(cidr, more);
  lab.act('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
  return VpcId;
}

function labWithClient(options: LabOptions = {}) {
  const lab = new Lab(options);
  const vpc = vpcWithNames(lab);
  const subnet = lab.subnet(vpc, '10.0.1.0/24');
  const instance = lab.instance(subnet);
  const clientOf = (id: string) => new DnsClient(() => lab.snapshot, id);
  return { lab, vpc, subnet, instance, clientOf, client: clientOf(instance) };
}

t.test('[DNS-2] private names of addresses of the VPC', async (t) => {
  const { client } = labWithClient();
  t.same(await client.look('ip-10-0-0-5.ec2.internal'), [
    'NOERROR',
    'ip-10-0-0-5.ec2.internal 60 A 10.0.0.5',
  ]);
  t.equal(await client.find('IP-10-0-255-255.EC2.Internal'), '10.0.255.255');
  for (const name of [
    'ip-10-1-0-5.ec2.internal',
    'ip-10-0-0-256.ec2.internal',
    'ip-10-0-0-05.ec2.internal',
    'ip-10-0-0-5.us-east-1.compute.internal',
    'ip-10-0-0-5.eu-west-1.compute.internal',
    'ip-10-0-0-5.compute.internal',
    'x.ip-10-0-0-5.ec2.internal',
    'ip-10-0-0-5',
  ]) {
    t.equal(await client.find(name), 'NXDOMAIN', name);
  }
  const abroad = labWithClient({ region: 'eu-west-1' }).client;
  t.equal(await abroad.find('ip-10-0-0-5.eu-west-1.compute.internal'), '10.0.0.5');
  t.equal(await abroad.find('ip-10-0-0-5.ec2.internal'), 'NXDOMAIN');
});

t.test('[DNS-2] resource names are of instances without IPv4', async (t) => {
  const { lab, vpc, instance, client, clientOf } = labWithClient();
  t.equal(await client.find(`${instance}.ec2.internal`), 'NXDOMAIN');
  t.equal(await client.find(`${instance}.ec2.internal`, 'AAAA'), 'NXDOMAIN');
  lab.act('AssociateVpcCidrBlock', { VpcId: vpc, AmazonProvidedIpv6CidrBlock: true });
  const blocks = lab.act('DescribeVpcs', { VpcIds: [vpc] });
  const block = textAt(blocks, 'Vpcs', 0, 'Ipv6CidrBlockAssociationSet', 0, 'Ipv6CidrBlock');
  const subnet = lab.subnet(vpc, null, { Ipv6CidrBlock: block.replace('/56', '/64') });
  const six = lab.instance(subnet, { InstanceType: 't3.micro' });
  const name = `${six}.ec2.internal`;
  const addr = await client.find(name, 'AAAA');
  t.match(addr, /^[0-9a-f:]+$/);
  t.equal(await client.find(name), 'NOERROR');
  const eni = lab.act('DescribeInstances', { InstanceIds: [six] });
  t.equal(at(eni, 'Reservations', 0, 'Instances', 0, 'PrivateDnsName'), name);
  const pointer = `${[...fullHex(addr)].reverse().join('.')}.ip6.arpa`;
  t.equal(await clientOf(six).find(pointer, 'PTR'), name, '[DNS-3]');
  t.equal(await client.find(pointer.slice(2), 'PTR'), 'NOERROR');
  lab.act('TerminateInstances', { InstanceIds: [six] });
  t.equal(await client.find(name, 'AAAA'), 'NXDOMAIN');
});

/** @returns the 32 digits of an IPv6 address. */
function fullHex(text: string): string {
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = groups(tail ?? '');
  const middle = Array(8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right].map((group) => group.padStart(4, '0')).join('');
}

t.test('[DNS-3] reverse names of addresses of the VPC', async (t) => {
  const { lab, vpc, client } = labWithClient();
  t.same(await client.look('5.0.0.10.in-addr.arpa', 'PTR'), [
    'NOERROR',
    '5.0.0.10.in-addr.arpa 60 PTR ip-10-0-0-5.ec2.internal',
  ]);
  t.equal(await client.find('5.0.0.10.in-addr.arpa'), 'NOERROR');
  t.equal(await client.find('0.0.10.in-addr.arpa', 'PTR'), 'NOERROR');
  t.equal(await client.find('999.0.0.10.in-addr.arpa', 'PTR'), 'NXDOMAIN');
  t.equal(await client.find('1.5.0.0.10.in-addr.arpa', 'PTR'), 'NXDOMAIN');
  for (const other of ['5.0.1.10', '5.0.1.172', '5.0.20.172', '1.0.168.192', '8.8.8.8'])
    t.equal(await client.find(`${other}.in-addr.arpa`, 'PTR'), 'NXDOMAIN', other);
  lab.act('AssociateVpcCidrBlock', { VpcId: vpc, CidrBlock: '10.7.2.0/23' });
  t.equal(await client.find('9.3.7.10.in-addr.arpa', 'PTR'), 'ip-10-7-3-9.ec2.internal');
  t.equal(await client.find('ip-10-7-3-9.ec2.internal'), '10.7.3.9');
  t.equal(await client.find('9.4.7.10.in-addr.arpa', 'PTR'), 'NXDOMAIN');
});

t.test('[DNS-1] names of VPCs with the same addresses do not mix', async (t) => {
  const { lab, client, clientOf } = labWithClient();
  const twin = vpcWithNames(lab);
  const other = clientOf(lab.instance(lab.subnet(twin, '10.0.1.0/24')));
  lab.act('AssociateVpcCidrBlock', { VpcId: twin, CidrBlock: '10.9.0.0/24' });
  t.equal(await other.find('ip-10-9-0-4.ec2.internal'), '10.9.0.4');
  t.equal(await client.find('ip-10-9-0-4.ec2.internal'), 'NXDOMAIN');
  t.equal(await client.find('4.0.9.10.in-addr.arpa', 'PTR'), 'NXDOMAIN');
});

t.test(
  '[DNS-4] [DNS-5] public names are private inside, public outside, and need both switches',
  async (t) => {
    const { lab, vpc, instance, client, clientOf } = labWithClient();
    lab.internetGateway(vpc);
    const AllocationId = lab.elasticAddress();
    lab.act('AssociateAddress', { AllocationId, InstanceId: instance });
    const shown = lab.act('DescribeInstances', { InstanceIds: [instance] });
    const name = textAt(shown, 'Reservations', 0, 'Instances', 0, 'PublicDnsName');
    const publicAddr = textAt(shown, 'Reservations', 0, 'Instances', 0, 'PublicIpAddress');
    const privateAddr = textAt(shown, 'Reservations', 0, 'Instances', 0, 'PrivateIpAddress');
    const bare = lab.vpc('10.5.0.0/16');
    const outside = clientOf(lab.instance(lab.subnet(bare, '10.5.1.0/24')));
    const reverse = `${publicAddr.split('.').reverse().join('.')}.in-addr.arpa`;
    t.match(name, /^ec2-198-18-[0-9-]+\.compute-1\.amazonaws\.com$/);
    t.same(await client.look(name), ['NOERROR', `${name} 60 A ${privateAddr}`]);
    t.equal(await outside.find(name), publicAddr);
    t.equal(await outside.find(reverse, 'PTR'), name);
    t.equal(
      await outside.find('ip-10-0-0-5.ec2.internal'),
      'NXDOMAIN',
      'without enableDnsHostnames',
    );
    t.equal(await outside.find('5.0.5.10.in-addr.arpa', 'PTR'), 'NXDOMAIN');
    lab.act('ModifyVpcAttribute', { VpcId: vpc, EnableDnsHostnames: { Value: false } });
    t.equal(await client.find(name), 'NXDOMAIN');
    t.equal(await outside.find(name), 'NXDOMAIN');
    t.equal(await outside.find(reverse, 'PTR'), 'NXDOMAIN');
    t.equal(await client.find('ip-10-0-0-5.ec2.internal'), 'NXDOMAIN');
    lab.act('ModifyVpcAttribute', { VpcId: vpc, EnableDnsHostnames: { Value: true } });
    t.equal(await client.find(name), privateAddr);
    lab.act('ModifyAddressAttribute', { AllocationId, DomainName: 'mail.example.net' });
    t.equal(await outside.find(reverse, 'PTR'), 'mail.example.net');
  },
);

t.test(
  '[DNS-4] a peering shows private names, and private addresses where it is allowed',
  async (t) => {
    const { lab, vpc, client, clientOf } = labWithClient();
    const peer = vpcWithNames(lab, '10.6.0.0/16');
    const subnet = lab.subnet(peer, '10.6.1.0/24');
    lab.internetGateway(peer);
    const target = lab.instance(subnet);
    const AllocationId = lab.elasticAddress();
    lab.act('AssociateAddress', { AllocationId, InstanceId: target });
    const shown = lab.act('DescribeInstances', { InstanceIds: [target] });
    const name = textAt(shown, 'Reservations', 0, 'Instances', 0, 'PublicDnsName');
    const privateAddr = textAt(shown, 'Reservations', 0, 'Instances', 0, 'PrivateIpAddress');
    t.equal(await client.find('ip-10-6-1-9.ec2.internal'), 'NXDOMAIN');
    const id = lab.peering(vpc, peer);
    t.equal(await client.find('ip-10-6-1-9.ec2.internal'), 'NXDOMAIN', 'pending');
    lab.act('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: id });
    t.equal(await client.find('ip-10-6-1-9.ec2.internal'), '10.6.1.9');
    t.equal(await client.find('9.1.6.10.in-addr.arpa', 'PTR'), 'ip-10-6-1-9.ec2.internal');
    t.equal(await clientOf(target).find('ip-10-0-1-9.ec2.internal'), '10.0.1.9');
    t.match(await client.find(name), /^198\.18\./);
    const allow = (side: string) =>
      lab.act('ModifyVpcPeeringConnectionOptions', {
        VpcPeeringConnectionId: id,
        [`${side}PeeringConnectionOptions`]: { AllowDnsResolutionFromRemoteVpc: true },
      });
    allow('Requester');
    t.match(await client.find(name), /^198\.18\./, 'the other side has not allowed it');
    allow('Accepter');
    t.equal(await client.find(name), privateAddr);
    lab.act('DeleteVpcPeeringConnection', { VpcPeeringConnectionId: id });
    t.equal(await client.find('ip-10-6-1-9.ec2.internal'), 'NXDOMAIN');
  },
);

t.test('[DNS-2] a peering with another region shows the names of that region', async (t) => {
  const world = new TestWorld();
  const named = (cidr: string, realm?: typeof ABROAD) => {
    const VpcId = world.newVpc(cidr, realm);
    world.act('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } }, realm);
    return VpcId;
  };
  const home = named('10.20.0.0/16');
  const away = named('10.21.0.0/16', ABROAD);
  const asked = world.act('CreateVpcPeeringConnection', {
    VpcId: home,
    PeerVpcId: away,
    PeerRegion: ABROAD.region,
  });
  const VpcPeeringConnectionId = textAt(asked, 'VpcPeeringConnection', 'VpcPeeringConnectionId');
  world.act('AcceptVpcPeeringConnection', { VpcPeeringConnectionId }, ABROAD);
  const made = world.act('CreateSubnet', { VpcId: home, CidrBlock: '10.20.1.0/24' });
  const images = world.act('DescribeImages', {});
  const launched = world.act('RunInstances', {
    ImageId: textAt(images, 'Images', 0, 'ImageId'),
    MinCount: 1,
    MaxCount: 1,
    SubnetId: textAt(made, 'Subnet', 'SubnetId'),
  });
  const client = new DnsClient(
    () => world.world.fabric,
    textAt(launched, 'Instances', 0, 'InstanceId'),
  );
  t.equal(await client.find('ip-10-20-0-9.ec2.internal'), '10.20.0.9');
  t.equal(await client.find('ip-10-21-0-9.eu-west-1.compute.internal'), '10.21.0.9');
  t.equal(await client.find('ip-10-21-0-9.ec2.internal'), 'NXDOMAIN');
  t.equal(
    await client.find('9.0.21.10.in-addr.arpa', 'PTR'),
    'ip-10-21-0-9.eu-west-1.compute.internal',
  );
});

t.test('the API of the lab, the host and metadata have names', async (t) => {
  const { client } = labWithClient();
  for (const service of ['ec2', 'sts', 'elasticloadbalancing']) {
    for (const name of [`${service}.amazonaws.com`, `${service}.eu-west-3.amazonaws.com`]) {
      t.equal(await client.find(name), '169.254.169.80', name);
      t.equal(await client.find(name, 'AAAA'), 'NOERROR', name);
    }
    t.equal(await client.find(`${service}.us-east-1.api.aws`), '169.254.169.80');
    t.equal(await client.find(`${service}.us-east-1.api.aws`, 'AAAA'), 'fd00:ec2::80');
    t.equal(await client.find(`${service}.xx-east-1.amazonaws.com`), 'NXDOMAIN');
  }
  t.equal(await client.find('s3.us-east-1.amazonaws.com'), 'NXDOMAIN');
  t.equal(await client.find('example.com'), 'NXDOMAIN');
  t.equal(await client.find('localhost'), '127.0.0.1');
  t.equal(await client.find('a.b.localhost', 'AAAA'), '::1');
  t.equal(await client.find('1.0.0.127.in-addr.arpa', 'PTR'), 'localhost');
  t.equal(await client.find('instance-data.ec2.internal'), '169.254.169.254');
  t.equal(await client.find('254.169.254.169.in-addr.arpa', 'PTR'), 'instance-data.ec2.internal');
});

t.test('what is missing is told with the SOA of its zone', async (t) => {
  const { client } = labWithClient();
  const missing = async (name: string, type: 'A' | 'AAAA' = 'A') => {
    const { rcode, authorities } = await client.ask({ questions: [{ name, type }] });
    const [soa] = authorities ?? [];
    if (soa?.type !== 'SOA') return [rcode];
    return [rcode, soa.name, soa.ttl, Object.values(soa.data).join(' ')];
  };
  t.same(await missing('ip-10-0-0-5.ec2.internal', 'AAAA'), [
    'NOERROR',
    'ec2.internal',
    60,
    `ns0.ec2.internal ${SOA}`,
  ]);
  t.same((await missing('nobody.ec2.internal')).slice(0, 3), ['NXDOMAIN', 'ec2.internal', 60]);
  t.same((await missing('www.example.com')).slice(0, 3), ['NXDOMAIN', '.', 60]);
  t.same((await missing('internal')).slice(0, 3), ['NOERROR', '.', 60], 'names below it are there');
});
