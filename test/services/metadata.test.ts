/** Instance metadata without sockets: the tree, its listings and versions, tokens, refusals. */
import fc from 'fast-check';
import t from 'tap';
import { SessionTokens } from '../../src/services/metadata/tokens.ts';
import { VERSIONS } from '../../src/services/metadata/versions.ts';
import { IMAGE, NOW_MS, textAt } from '../actions/lab.ts';
import { MetadataLab } from './metadata-lab.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';
const TOKEN = 'x-aws-ec2-metadata-token';
const PROFILE = 'arn:aws:iam::123456789012:instance-profile/path/ha';
const LAUNCHED = '2020-05-01T12:00:00Z';

/** `full` has whatever metadata can speak of, `bare` next to nothing. */
function twoHosts() {
  const lab = new MetadataLab();
  const pool = { Ipv6Pool: 'ipv6pool-ec2-0test', Ipv6CidrBlock: '2001:db8:1:100::/56' };
  const vpcId = lab.vpc('10.0.0.0/16', pool);
  lab.act('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsHostnames: { Value: true } });
  lab.act('AssociateVpcCidrBlock', { VpcId: vpcId, CidrBlock: '10.1.0.0/16' });
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24', { Ipv6CidrBlock: '2001:db8:1:101::/64' });
  const bareSubnetId = lab.subnet(vpcId, '10.0.2.0/24');
  lab.internetGateway(vpcId);
  const groupId = lab.group(vpcId, 'routers');
  lab.act('CreateKeyPair', { KeyName: 'mine' });
  const run = lab.act('RunInstances', {
    ImageId: IMAGE,
    MinCount: 2,
    MaxCount: 2,
    SubnetId: subnetId,
    SecurityGroupIds: [groupId],
    InstanceType: 't3.micro',
    KeyName: 'mine',
    UserData: Buffer.from([0, 255, 10]).toString('base64'),
    Monitoring: { Enabled: true },
    IamInstanceProfile: { Arn: PROFILE },
    Ipv6AddressCount: 1,
    MetadataOptions: { InstanceMetadataTags: 'enabled' },
    TagSpecifications: [
      { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'full' }, { Key: 'empty' }] },
    ],
  });
  const full = textAt(run, 'Instances', 1, 'InstanceId');
  const bare = lab.instance(bareSubnetId);
  const eniOf = (id: string) => lab.callerOf(id).eni.eniId;
  return { lab, vpcId, subnetId, groupId, run, full, bare, eniOf };
}

t.test('[IMDS-5] directories list their children, and paths may end in slashes', async (t) => {
  const { lab, full, bare } = twoHosts();
  t.equal(
    (await lab.get(full, 'meta-data'))?.replaceAll('\n', ' '),
    'ami-id ami-launch-index ami-manifest-path block-device-mapping/ events/ hostname iam/ ' +
      'identity-credentials/ instance-action instance-id instance-life-cycle instance-type ipv6 ' +
      'local-hostname local-ipv4 mac metrics/ network/ placement/ profile public-keys/ ' +
      'reservation-id security-groups services/ system tags/',
  );
  t.equal(await lab.get(full, ''), 'dynamic\nmeta-data\nuser-data');
  t.equal(await lab.get(bare, ''), 'dynamic\nmeta-data', 'without user data');
  t.equal(await lab.get(full, 'dynamic'), 'fws/\ninstance-identity/');
  const identity = 'document\npkcs7\nrsa2048\nsignature';
  t.equal(await lab.get(full, 'dynamic/instance-identity/'), identity);
  for (const path of ['meta-data/placement', 'meta-data//placement/', 'meta-data/placement//']) {
    t.equal(await lab.get(full, path), 'availability-zone\navailability-zone-id\nregion', path);
  }
  t.equal(await lab.get(full, 'meta-data/instance-id/'), full, 'a leaf');
  t.equal(await lab.get(full, 'meta-data/%69nstance-id'), full, 'an encoded letter');
  t.equal(await lab.get(full, 'meta-data/instance-id?x=1'), full, 'a query');
  const whole = await lab.answer(full, 'http://169.254.169.254/latest/meta-data/instance-id');
  t.equal(whole.body.toString(), full, 'as to a proxy');
  const absent = ['nothing', 'meta-data/nothing', 'meta-data/instance-id/more', 'meta-data/..'];
  const odd = ['meta-data/./mac', 'meta-data%2Fmac', 'meta-data/%', 'META-DATA/mac', 'latest/'];
  for (const path of [...absent, ...odd]) t.equal(await lab.get(full, path), null, path);
});

t.test('every leaf tells what the model has', async (t) => {
  const { lab, full, run, eniOf, groupId, subnetId, vpcId } = twoHosts();
  const leaves = await lab.walk(full);
  const mac = leaves.get('meta-data/mac');
  const [ipv4 = ''] = (leaves.get('meta-data/local-ipv4') ?? '').split('\n');
  const name = `ip-${ipv4.replaceAll('.', '-')}.ec2.internal`;
  const at = `meta-data/network/interfaces/macs/${mac}`;
  const expected = {
    'meta-data/ami-id': IMAGE,
    'meta-data/ami-launch-index': '1',
    'meta-data/ami-manifest-path': '(unknown)',
    'meta-data/block-device-mapping/ami': '/dev/xvda',
    'meta-data/block-device-mapping/root': '/dev/xvda',
    'meta-data/events/maintenance/history': '[]',
    'meta-data/events/maintenance/scheduled': '[]',
    'meta-data/hostname': name,
    'meta-data/instance-action': 'none',
    'meta-data/instance-id': full,
    'meta-data/instance-life-cycle': 'on-demand',
    'meta-data/instance-type': 't3.micro',
    'meta-data/ipv6': leaves.get(`${at}/ipv6s`),
    'meta-data/local-hostname': name,
    [`${at}/device-number`]: '0',
    [`${at}/interface-id`]: eniOf(full),
    [`${at}/local-hostname`]: name,
    [`${at}/local-ipv4s`]: ipv4,
    [`${at}/mac`]: mac,
    [`${at}/network-card`]: '0',
    [`${at}/owner-id`]: '123456789012',
    [`${at}/security-group-ids`]: groupId,
    [`${at}/security-groups`]: 'routers',
    [`${at}/subnet-id`]: subnetId,
    [`${at}/subnet-ipv4-cidr-block`]: '10.0.1.0/24',
    [`${at}/subnet-ipv6-cidr-blocks`]: '2001:db8:1:101::/64',
    [`${at}/vpc-id`]: vpcId,
    [`${at}/vpc-ipv4-cidr-block`]: '10.0.0.0/16',
    [`${at}/vpc-ipv4-cidr-blocks`]: '10.0.0.0/16\n10.1.0.0/16',
    [`${at}/vpc-ipv6-cidr-blocks`]: '2001:db8:1:100::/56',
    'meta-data/placement/availability-zone': 'us-east-1a',
    'meta-data/placement/region': 'us-east-1',
    'meta-data/profile': 'default-hvm',
    'meta-data/public-keys/0/openssh-key': 'ssh-rsa AAAA mine',
    'meta-data/reservation-id': textAt(run, 'ReservationId'),
    'meta-data/security-groups': 'routers',
    'meta-data/services/domain': 'amazonaws.com',
    'meta-data/services/partition': 'aws',
    'meta-data/system': 'nitro',
    'meta-data/tags/instance/Name': 'full',
    'meta-data/tags/instance/empty': '',
    'dynamic/fws/instance-monitoring': 'enabled',
  };
  for (const [path, content] of Object.entries(expected)) t.equal(leaves.get(path), content, path);
  t.match(ipv4, /^10\.0\.1\.\d+$/);
  t.match(leaves.get('meta-data/ipv6'), /^2001:db8:1:101:/);
  t.match(leaves.get('meta-data/placement/availability-zone-id'), /^use1-az\d$/);
  t.equal(await lab.get(full, 'meta-data/public-keys/'), '0=mine');
  t.equal(await lab.get(full, 'meta-data/public-keys/0/'), 'openssh-key');
  const { body, headers } = await lab.answer(full, '/latest/user-data');
  t.same([...body], [0, 255, 10], 'bytes as they were given');
  t.match(headers, [['Content-Type', 'application/octet-stream']]);
  lab.act('DeleteKeyPair', { KeyName: 'mine' });
  t.equal(await lab.get(full, 'meta-data/public-keys/'), '0=mine', 'the key is in the instance');
});

t.test('the identity document is AWS’s, key for key', async (t) => {
  const { lab, full } = twoHosts();
  const text = `{
  "accountId" : "123456789012",
  "architecture" : "x86_64",
  "availabilityZone" : "us-east-1a",
  "billingProducts" : null,
  "devpayProductCodes" : null,
  "marketplaceProductCodes" : null,
  "imageId" : "${IMAGE}",
  "instanceId" : "${full}",
  "instanceType" : "t3.micro",
  "kernelId" : null,
  "pendingTime" : "${LAUNCHED}",
  "privateIp" : "${await lab.get(full, 'meta-data/local-ipv4')}",
  "ramdiskId" : null,
  "region" : "us-east-1",
  "version" : "2017-09-30"
}`;
  t.equal(await lab.get(full, 'dynamic/instance-identity/document'), text);
  const message = `message of ${text.length}`;
  t.equal(await lab.get(full, 'dynamic/instance-identity/rsa2048'), message);
});

t.test('a profile gives credentials, and its absence none', async (t) => {
  const { lab, full, bare } = twoHosts();
  t.equal(await lab.get(full, 'meta-data/iam/'), 'info\nsecurity-credentials/');
  t.equal(await lab.get(full, 'meta-data/iam/security-credentials'), 'ha', 'the profile’s name');
  t.equal(await lab.get(full, 'meta-data/iam/security-credentials/other'), null);
  const issued = lab.context.credentials.issue({
    accountId: '123456789012',
    roleName: 'ha',
    instanceId: `i-${full.slice(2)}`,
  });
  t.equal(
    await lab.get(full, 'meta-data/iam/security-credentials/ha'),
    `{
  "Code" : "Success",
  "LastUpdated" : "2020-05-01T12:00:00Z",
  "Type" : "AWS-HMAC",
  "AccessKeyId" : "${issued.accessKeyId}",
  "SecretAccessKey" : "${issued.secretAccessKey}",
  "Token" : "${issued.token}",
  "Expiration" : "2020-05-01T18:00:00Z"
}`,
  );
  const info = JSON.parse((await lab.get(full, 'meta-data/iam/info')) ?? '');
  t.match(info, { Code: 'Success', InstanceProfileArn: PROFILE, InstanceProfileId: /^AIPA/ });
  t.equal(await lab.get(bare, 'meta-data/iam/'), null);
  t.notMatch(await lab.get(bare, 'meta-data/'), /^iam/m);
  lab.act('AssociateIamInstanceProfile', { InstanceId: bare, IamInstanceProfile: { Name: 'r' } });
  t.equal(await lab.get(bare, 'meta-data/iam/security-credentials/'), 'r', 'at once');
  const own = 'meta-data/identity-credentials/ec2/security-credentials/ec2-instance';
  t.match(JSON.parse((await lab.get(full, own)) ?? ''), { Code: 'Success', Type: 'AWS-HMAC' });
  t.not(await lab.get(full, own), await lab.get(bare, own));
});

t.test(
  '[IMDS-6] [IMDS-7] every interface is there, the primary one and its address first',
  async (t) => {
    const { lab, full, bare, eniOf, subnetId } = twoHosts();
    const second = lab.eni(subnetId, { PrivateIpAddress: '10.0.1.77' });
    lab.act('AttachNetworkInterface', {
      InstanceId: bare,
      NetworkInterfaceId: second,
      DeviceIndex: 1,
    });
    const macs = 'meta-data/network/interfaces/macs';
    const [first = '', other = ''] = (await lab.get(bare, macs))?.split('\n') ?? [];
    t.equal(first, `${await lab.get(bare, 'meta-data/mac')}/`);
    t.equal(await lab.get(bare, `${macs}/${other}interface-id`), second);
    t.equal(await lab.get(bare, `${macs}/${other}device-number`), '1');
    t.equal(await lab.get(full, `${macs}/${other}`), null, 'of another instance');
    const primary = await lab.get(bare, 'meta-data/local-ipv4');
    const input = { NetworkInterfaceId: eniOf(bare), PrivateIpAddresses: ['10.0.2.9', '10.0.2.5'] };
    lab.act('AssignPrivateIpAddresses', input);
    t.equal(await lab.get(bare, `${macs}/${first}local-ipv4s`), `${primary}\n10.0.2.9\n10.0.2.5`);
    lab.act('AssignPrivateIpAddresses', {
      NetworkInterfaceId: second,
      Ipv4Prefixes: ['10.0.1.32/28'],
    });
    t.equal(await lab.get(bare, `${macs}/${other}ipv4-prefix`), '10.0.1.32/28');
    t.equal(await lab.get(bare, `${macs}/${other}ipv6-prefix`), null);
    t.equal(await lab.get(bare, `${macs}/${first}ipv6s`), null);
    const asked = lab.callerOf(bare, second);
    t.equal(asked.instance.instanceId, bare, 'by the second interface it is the same instance');
  },
);

t.test('[IMDS-6] public addresses, and names while the VPC gives some', async (t) => {
  const { lab, bare, eniOf, vpcId } = twoHosts();
  t.equal(await lab.get(bare, 'meta-data/public-ipv4'), null);
  lab.act('AssignPrivateIpAddresses', {
    NetworkInterfaceId: eniOf(bare),
    PrivateIpAddresses: ['10.0.2.9'],
  });
  const primary = (await lab.get(bare, 'meta-data/local-ipv4')) ?? '';
  const associate = (PrivateIpAddress: string) => {
    const AllocationId = lab.elasticAddress();
    lab.act('AssociateAddress', {
      AllocationId,
      NetworkInterfaceId: eniOf(bare),
      PrivateIpAddress,
    });
    const found = lab.act('DescribeAddresses', { AllocationIds: [AllocationId] });
    return textAt(found, 'Addresses', 0, 'PublicIp');
  };
  const later = associate('10.0.2.9');
  const main = associate(primary);
  const at = `meta-data/network/interfaces/macs/${await lab.get(bare, 'meta-data/mac')}`;
  t.equal(await lab.get(bare, `${at}/public-ipv4s`), `${main}\n${later}`);
  t.equal(await lab.get(bare, 'meta-data/public-ipv4'), main);
  t.equal(await lab.get(bare, `${at}/ipv4-associations`), `${main}\n${later}`);
  t.equal(await lab.get(bare, `${at}/ipv4-associations/${later}`), '10.0.2.9');
  const name = `ec2-${main.replaceAll('.', '-')}.compute-1.amazonaws.com`;
  t.equal(await lab.get(bare, 'meta-data/public-hostname'), name);
  t.match(await lab.get(bare, `${at}/public-hostname`), name);
  lab.act('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsHostnames: { Value: false } });
  t.equal(await lab.get(bare, 'meta-data/public-hostname'), null);
});

t.test('the domain of host names is that of the DHCP options', async (t) => {
  const { lab, bare, vpcId } = twoHosts();
  const made = lab.act('CreateDhcpOptions', {
    DhcpConfigurations: [{ Key: 'domain-name', Values: ['lab.example'] }],
  });
  const DhcpOptionsId = textAt(made, 'DhcpOptions', 'DhcpOptionsId');
  lab.act('AssociateDhcpOptions', { DhcpOptionsId, VpcId: vpcId });
  t.match(await lab.get(bare, 'meta-data/local-hostname'), /^ip-10-0-2-\d+\.lab\.example$/);
});

t.test('a version has what there was by its day', async (t) => {
  const { lab, full } = twoHosts();
  t.equal((await lab.answer(full, '/')).body.toString(), VERSIONS.join('\n'));
  const since: readonly (readonly [string, string | null, string])[] = [
    ['meta-data/instance-id', null, '1.0'],
    ['meta-data/instance-type', '2007-03-01', '2007-08-29'],
    ['dynamic/instance-identity/document', '2008-09-01', '2009-04-04'],
    ['meta-data/mac', '2009-04-04', '2011-01-01'],
    ['meta-data/iam/info', '2011-05-01', '2012-01-12'],
    ['meta-data/placement/region', '2019-10-01', '2020-10-27'],
    ['meta-data/tags/instance/Name', '2021-01-03', '2021-03-23'],
    ['meta-data/system', '2021-07-15', '2022-09-24'],
  ];
  for (const [path, before, from] of since) {
    if (before !== null) t.equal(await lab.get(full, path, before), null, `${path} ${before}`);
    t.not(await lab.get(full, path, from), null, `${path} ${from}`);
    t.not(await lab.get(full, path, '2024-04-11'), null, path);
  }
  t.equal(await lab.get(full, '', '1.0'), 'meta-data\nuser-data');
  t.notMatch(await lab.get(full, 'meta-data', '2008-09-01'), /network|iam|services/);
  t.equal(await lab.get(full, 'meta-data/', '2010-01-01'), null, 'no such version');
  const sizes = await Promise.all(VERSIONS.map(async (each) => (await lab.walk(full, each)).size));
  t.same(
    sizes,
    [...sizes].sort((one, other) => one - other),
    'nothing goes again',
  );
});

t.test('[IMDS-2] a token is good for its instance and its time', async (t) => {
  const { lab, full, bare } = twoHosts();
  const required = { InstanceId: full, HttpTokens: 'required' };
  lab.act('ModifyInstanceMetadataOptions', required);
  const ask = async (headers: Record<string, string>, path = '/latest/meta-data/mac') =>
    lab.answer(full, path, { headers });
  t.match(await ask({}), { status: 401 }, 'without a token');
  t.match(await ask({}, '/'), { status: 401 });
  const token = await lab.token(full, 60);
  t.match(token, /^AQAEA[\w-]{49}==$/);
  t.not(await lab.token(full, 60), token, 'no two are the same');
  const good = await ask({ [TOKEN]: token });
  t.match(good, { status: 200, headers: [['X-Aws-Ec2-Metadata-Token-Ttl-Seconds', '60']] });
  const foreign = await lab.token(bare);
  const last = token.at(-3) === 'A' ? 'B' : 'A';
  const bad = [foreign, '', 'x', token.slice(0, -2), `${token}=`, ` ${token}`, token.slice(1)];
  for (const each of [...bad, `${token.slice(0, -3)}${last}==`, token.toLowerCase()]) {
    t.match(await ask({ [TOKEN]: each }), { status: 401 }, each);
  }
  const open = await lab.answer(bare, '/latest/meta-data/mac', { headers: { [TOKEN]: token } });
  t.equal(open.status, 401, 'a bad token is refused where none is wanted');
  lab.clockMs += 59_999;
  t.match(await ask({ [TOKEN]: token }), { status: 200 });
  lab.clockMs += 1;
  t.match(await ask({ [TOKEN]: token }), { status: 401, body: Buffer.alloc(0) }, 'it has ended');
});

t.test('[IMDS-2] no change to a token is taken', async (t) => {
  const sources = { nowMs: () => NOW_MS, random: (size: number) => new Uint8Array(size) };
  const tokens = new SessionTokens({ ...sources, secret: new Uint8Array(32) });
  const token = tokens.issue('i-1', 21_600);
  t.equal(tokens.secondsLeft('i-1', token), 21_600);
  t.equal(tokens.secondsLeft('i-2', token), null);
  const other = new SessionTokens({ ...sources, secret: new Uint8Array(32).fill(1) });
  t.equal(other.secondsLeft('i-1', token), null, 'another lab');
  const bytes = Buffer.from(token, 'base64url');
  fc.assert(
    fc.property(fc.nat(39), fc.integer({ min: 1, max: 255 }), (place, change) => {
      const changed = Buffer.from(bytes);
      changed[place] = (changed[place] ?? 0) ^ change;
      const text = changed.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
      return tokens.secondsLeft('i-1', text) === null;
    }),
    { seed, numRuns: 300 },
  );
});

t.test('[IMDS-3] what is no way to ask is refused as AWS does', async (t) => {
  const { lab, full } = twoHosts();
  const put = async (headers: Record<string, string>, path = '/latest/api/token') =>
    (await lab.answer(full, path, { method: 'PUT', headers })).status;
  for (const ttl of ['', '0', '-1', '21601', '1.5', 'x', '1e3', '99999999', '60, 60']) {
    t.equal(await put({ [TTL]: ttl }), 400, ttl);
  }
  t.equal(await put({}), 400, 'no time');
  for (const ttl of ['1', '21600']) t.equal(await put({ [TTL]: ttl }), 200, ttl);
  t.equal(await put({ [TTL]: '60', 'x-forwarded-for': '10.0.0.1' }), 403, 'by a proxy');
  for (const path of ['/latest/api/token/', '/2021-01-03/api/token', '/latest/meta-data/mac']) {
    t.equal(await put({ [TTL]: '60' }, path), 403, path);
  }
  const token = await lab.answer(full, '/latest/api/token');
  t.match(token, { status: 405, headers: [['Allow', 'OPTIONS, PUT']] });
  t.match(await lab.answer(full, '/latest/meta-data/mac', { method: 'POST' }), { status: 405 });
  t.match(await lab.answer(full, '/latest/meta-data/mac', { method: 'HEAD' }), { status: 200 });
  const page = await lab.answer(full, '/latest/meta-data/nothing');
  t.equal(page.body.length, 339, 'as on AWS');
  t.match(page, { status: 404, headers: [['Content-Type', 'text/html']] });
  t.match(page.body.toString(), /<h1>404 - Not Found<\/h1>/);
  lab.act('ModifyInstanceMetadataOptions', { InstanceId: full, HttpEndpoint: 'disabled' });
  t.equal(await put({ [TTL]: '60' }), 403, 'switched off');
  t.match(await lab.answer(full, '/'), { status: 403 });
});

t.test('changes by the API show at once', async (t) => {
  const { lab, bare } = twoHosts();
  t.equal(await lab.get(bare, 'meta-data/tags/'), null);
  lab.act('CreateTags', { Resources: [bare], Tags: [{ Key: 'Role', Value: 'a b' }] });
  t.equal(await lab.get(bare, 'meta-data/tags/instance/Role'), null, 'not allowed yet');
  lab.act('ModifyInstanceMetadataOptions', { InstanceId: bare, InstanceMetadataTags: 'enabled' });
  t.equal(await lab.get(bare, 'meta-data/tags/instance/Role'), 'a b');
  lab.act('MonitorInstances', { InstanceIds: [bare] });
  t.equal(await lab.get(bare, 'dynamic/fws/instance-monitoring'), 'enabled');
});
