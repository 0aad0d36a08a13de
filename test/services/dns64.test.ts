/** DNS64: addresses behind 64:ff9b::/96 for names that have IPv4 only, to subnets that want them. */
import t from 'tap';
import { performAction } from '../../src/actions/table.ts';
import type { FabricSettings } from '../../src/model/settings.ts';
import { serversIn, Upstream } from '../../src/services/dns/upstream.ts';
import { Lab, textAt } from '../actions/lab.ts';
import { DnsClient } from './dns-client.ts';

/** A lab with an instance in a subnet that has DNS64, and one in a subnet that has not. */
function setUp(settings: Partial<FabricSettings> = {}) {
  const lab = new Lab({ settings });
  const vpc = lab.vpc('10.0.0.0/16');
  lab.act('ModifyVpcAttribute', { VpcId: vpc, EnableDnsHostnames: { Value: true } });
  const clientOf = (subnet: string): DnsClient =>
    new DnsClient(() => lab.snapshot, lab.instance(subnet), new Upstream(serversIn('')));
  const SubnetId = lab.subnet(vpc, '10.0.1.0/24');
  lab.act('ModifySubnetAttribute', { SubnetId, EnableDns64: { Value: true } });
  const switchOff = (): void => {
    lab.act('ModifySubnetAttribute', { SubnetId, EnableDns64: { Value: false } });
  };
  const plain = clientOf(lab.subnet(vpc, '10.0.2.0/24'));
  const input = {
    CallerReference: 'corp',
    Name: 'corp.example',
    VPCs: [{ VPCRegion: 'us-east-1', VPCId: vpc }],
    ResourceRecordSets: [
      ['www', 'A', ['198.51.100.10', '198.51.100.11'], 60],
      ['old', 'A', ['198.51.100.10'], 90_000],
      ['alias', 'CNAME', ['www.corp.example'], 300],
      ['both', 'A', ['198.51.100.10'], 300],
      ['both', 'AAAA', ['2001:db8::10'], 300],
      ['text', 'TXT', ['x'], 300],
      ['link', 'A', ['169.254.1.1', '10.0.0.5'], 300],
      ['out', 'CNAME', ['www.example.net'], 300],
    ].map(([Name, Type, ResourceRecords, TTL]) => ({
      ...{ Name: `${Name}.corp.example`, Type, TTL },
      ResourceRecords,
    })),
  };
  performAction(lab.store, 'PutHostedZone', input, lab.environment);
  return { lab, vpc, SubnetId, switchOff, client: clientOf(SubnetId), plain };
}

t.test('[NAT-8] a name that has IPv4 only gets IPv6 addresses behind the prefix', async (t) => {
  const { client, plain, switchOff } = setUp();
  t.same(await client.look('www.corp.example', 'AAAA'), [
    'NOERROR',
    'www.corp.example 60 AAAA 64:ff9b::c633:640a',
    'www.corp.example 60 AAAA 64:ff9b::c633:640b',
  ]);
  t.equal(await client.find('www.corp.example'), '198.51.100.10, 198.51.100.11', 'IPv4 as it is');
  const alias = 'www.corp.example, 64:ff9b::c633:640a, 64:ff9b::c633:640b';
  t.equal(await client.find('alias.corp.example', 'AAAA'), alias);
  t.equal(await client.find('ip-10-0-0-5.ec2.internal', 'AAAA'), '64:ff9b::a00:5');
  const [, old = ''] = await client.look('old.corp.example', 'AAAA');
  t.match(old, /^old\.corp\.example 900 AAAA/, 'no longer than the zone says that there is none');
  t.equal(await plain.find('www.corp.example', 'AAAA'), 'NOERROR', 'another subnet');
  switchOff();
  t.equal(await client.find('www.corp.example', 'AAAA'), 'NOERROR');
});

t.test('[NAT-8] a name with IPv6 keeps it, and what has no address gets none', async (t) => {
  const { client } = setUp();
  t.equal(await client.find('both.corp.example', 'AAAA'), '2001:db8::10');
  t.equal(await client.find('text.corp.example', 'AAAA'), 'NOERROR');
  t.equal(await client.find('none.corp.example', 'AAAA'), 'NXDOMAIN');
  t.equal(await client.find('link.corp.example', 'AAAA'), '64:ff9b::a00:5', 'not of the link');
  t.equal(await client.find('ec2.us-east-1.amazonaws.com', 'AAAA'), 'NOERROR');
  t.equal(await client.find('localhost', 'AAAA'), '::1');
  const packet = { questions: [{ name: 'text.corp.example', type: 'AAAA' as const }] };
  t.match(await client.ask(packet), { authorities: [{ type: 'SOA' }] });
});

t.test('[NAT-8] public names too', async (t) => {
  const { lab, vpc, client } = setUp();
  const made = lab.act('CreateInternetGateway');
  const InternetGatewayId = textAt(made, 'InternetGateway', 'InternetGatewayId');
  lab.act('AttachInternetGateway', { InternetGatewayId, VpcId: vpc });
  const allocation = lab.act('AllocateAddress', { Domain: 'vpc' });
  const address = textAt(allocation, 'PublicIp');
  const instance = lab.instance(lab.subnet(vpc, '10.0.3.0/24'), { PrivateIpAddress: '10.0.3.9' });
  lab.act('AssociateAddress', {
    AllocationId: textAt(allocation, 'AllocationId'),
    NetworkInterfaceId: lab.primaryEni(instance),
  });
  const name = `ec2-${address.replaceAll('.', '-')}.compute-1.amazonaws.com`;
  t.equal(await client.find(name, 'AAAA'), '64:ff9b::a00:309');
});

t.test('[NAT-8] the attribute is shown, and is set by itself', async (t) => {
  const { lab, SubnetId } = setUp();
  const Filters = [{ Name: 'enable-dns64', Values: ['true'] }];
  t.match(lab.act('DescribeSubnets', { Filters }), { Subnets: [{ SubnetId, EnableDns64: true }] });
  const both = { SubnetId, EnableDns64: { Value: true }, MapPublicIpOnLaunch: { Value: true } };
  t.equal(lab.refuse('ModifySubnetAttribute', both).code, 'InvalidParameterCombination');
});
