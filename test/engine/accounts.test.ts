/** What a lab knows outlives the controller that is killed, and nothing else of it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { ApiError } from '../../src/actions/api-error.ts';
import { ACTIONS } from '../../src/actions/table.ts';
import { ipv4Cidr } from '../../src/addr/cidr.ts';
import { NOBODY } from '../../src/engine/action-environment.ts';
import { LabAccounts } from '../../src/engine/lab-accounts.ts';
import type { Blueprint } from '../../src/instances/blueprint.ts';
import type { Realm } from '../../src/model/realm.ts';
import { DEFAULT_QUOTAS, DEFAULT_SETTINGS } from '../../src/model/settings.ts';
import { zonesOf } from '../../src/model/zones.ts';
import { at, listAt, textAt } from '../actions/lab.ts';

const HOME: Realm = { accountId: '123456789012', region: 'us-east-1' };
const ABROAD: Realm = { accountId: '210987654321', region: 'eu-west-1' };
const BLUEPRINT: Blueprint = {
  image: 'mine',
  root: '/',
  layers: ['/srv/layer'],
  dhcp: 'static',
  files: [{ path: '/etc/x', content: new Uint8Array([0, 255, 10]), mode: 0o600 }],
  env: { A: 'b' },
  start: [],
  daemons: [],
  cloudInit: false,
};

function fileOf(t: Test): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vpclab-accounts-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  return path.join(folder, 'accounts.jsonl');
}

function open(file: string): LabAccounts {
  const home = {
    ...HOME,
    availabilityZones: zonesOf(HOME.region),
    rules: '2020' as const,
    settings: DEFAULT_SETTINGS,
    quotas: DEFAULT_QUOTAS,
  };
  return new LabAccounts({ home, hasDefaultVpc: true, seed: 'test' }, file, () => NOBODY);
}

/** What every Describe action without a required parameter answers, in both regions. */
function describeAll(accounts: LabAccounts): unknown {
  const names = [...ACTIONS.values()].filter(
    ({ name, required }) => name.startsWith('Describe') && required.length === 0,
  );
  return [HOME, ABROAD].map((realm) =>
    names.map(({ name }) => {
      try {
        return [name, accounts.perform(name, {}, realm)];
      } catch (error) {
        // One that takes one of several parameters.
        if (error instanceof ApiError) return [name, error.code];
        throw error;
      }
    }),
  );
}

/** A bit of everything that rows are made of: tags, IPv6, prefixes, gateways, what is gone again. */
function fill(accounts: LabAccounts, realm: Realm): string {
  const act = (name: string, input: object) => accounts.perform(name, { ...input }, realm);
  const vpc = act('CreateVpc', {
    CidrBlock: '10.0.0.0/16',
    AmazonProvidedIpv6CidrBlock: true,
    TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: '$map', Value: 'x<&>"' }] }],
  });
  const VpcId = textAt(vpc, 'Vpc', 'VpcId');
  const ipv6 = textAt(vpc, 'Vpc', 'Ipv6CidrBlockAssociationSet', 0, 'Ipv6CidrBlock');
  const subnet = act('CreateSubnet', {
    VpcId,
    CidrBlock: '10.0.1.0/24',
    Ipv6CidrBlock: ipv6.replace('/56', '/64'),
  });
  const SubnetId = textAt(subnet, 'Subnet', 'SubnetId');
  const eni = act('CreateNetworkInterface', {
    SubnetId,
    Ipv6AddressCount: 2,
    Ipv4PrefixCount: 1,
  });
  const gone = act('CreateNetworkInterface', { SubnetId });
  act('DeleteNetworkInterface', {
    NetworkInterfaceId: textAt(gone, 'NetworkInterface', 'NetworkInterfaceId'),
  });
  act('CreateDhcpOptions', {
    DhcpConfigurations: [{ Key: 'domain-name-servers', Values: ['10.0.0.53'] }],
  });
  act('AllocateAddress', {});
  return textAt(eni, 'NetworkInterface', 'NetworkInterfaceId');
}

t.test('accounts answer every describe as before after their controller was killed', async (t) => {
  const file = fileOf(t);
  const before = open(file);
  t.notOk(before.isRestored);
  before.addImages(new Map([['ami-0aaaaaaaaaaaaaaaa', BLUEPRINT]]));
  const eniId = fill(before, HOME);
  fill(before, ABROAD);
  const answers = describeAll(before);
  // Nobody was answered for what is cut short.
  fs.appendFileSync(file, '{"kind":"change","regions":[{"realm"');
  for (let starts = 0; starts < 3; starts++) {
    const after = open(file);
    t.ok(after.isRestored);
    t.same(describeAll(after), answers);
    t.same(after.blueprints.get('ami-0aaaaaaaaaaaaaaaa'), BLUEPRINT);
    const fresh = after.perform('CreateVpc', { CidrBlock: '10.9.0.0/16' }, HOME);
    t.notOk(before.home.vpcs.has(textAt(fresh, 'Vpc', 'VpcId') as 'vpc-'), 'no id comes twice');
    after.perform('DeleteVpc', { VpcId: textAt(fresh, 'Vpc', 'VpcId') }, HOME);
    after.perform('DescribeNetworkInterfaces', { NetworkInterfaceIds: [eniId] }, HOME);
    after.close();
  }
  before.close();
});

t.test(
  'a change that is refused is not written, and one that cannot be written is not made',
  async (t) => {
    const file = fileOf(t);
    const accounts = open(file);
    const size = fs.statSync(file).size;
    t.throws(() => accounts.perform('CreateVpc', { CidrBlock: '10.0.0.0/8' }, HOME));
    t.throws(() => accounts.perform('CreateVpc', { CidrBlock: '10.0.0.0/16', DryRun: true }, HOME));
    accounts.perform('DescribeVpcs', {}, HOME);
    t.equal(fs.statSync(file).size, size);
    const { home } = accounts;
    accounts.close();
    t.throws(() => accounts.perform('CreateVpc', { CidrBlock: '10.0.0.0/16' }, HOME));
    t.equal(accounts.home, home);
  },
);

t.test('the file does not grow with the past', async (t) => {
  const file = fileOf(t);
  const accounts = open(file);
  const eniId = fill(accounts, HOME);
  const Description = { Value: 'x'.repeat(200) };
  let largest = 0;
  for (let round = 0; round < 12_000; round++) {
    const input = { NetworkInterfaceId: eniId, Description };
    accounts.perform('ModifyNetworkInterfaceAttribute', input, HOME);
    if (round % 500 === 0) largest = Math.max(largest, fs.statSync(file).size);
  }
  t.ok(largest < 9 * 2 ** 20, `${largest} bytes`);
  const answers = describeAll(accounts);
  accounts.close();
  const after = open(file);
  t.same(describeAll(after), answers);
  after.close();
});

t.test('reset puts every region back, and the images of the lab file stay', async (t) => {
  const file = fileOf(t);
  const accounts = open(file);
  accounts.addImages(new Map([['ami-0aaaaaaaaaaaaaaaa', BLUEPRINT]]));
  fill(accounts, HOME);
  fill(accounts, ABROAD);
  accounts.reset();
  for (const realm of [HOME, ABROAD]) {
    const vpcs = listAt(accounts.perform('DescribeVpcs', {}, realm), 'Vpcs');
    t.same(
      vpcs.map((each) => at(each, 'CidrBlock')),
      ['172.31.0.0/16'],
    );
    t.same(accounts.perform('DescribeNetworkInterfaces', {}, realm)['NetworkInterfaces'], []);
  }
  t.ok(accounts.home.images.has('ami-0aaaaaaaaaaaaaaaa'));
  const answers = describeAll(accounts);
  accounts.close();
  const after = open(file);
  t.same(describeAll(after), answers);
  after.close();
});

t.test('a file that is damaged or of another version is refused with its place', async (t) => {
  for (const text of ['{"kind":"start","format":2}\n{"kind"\n', '{"kind":"start","format":3}\n']) {
    const file = fileOf(t);
    fs.writeFileSync(file, text);
    t.throws(() => open(file), {
      message: /Cannot go on with ".*accounts\.jsonl:\d": it is damaged/,
    });
    t.equal(fs.readFileSync(file, 'utf8'), text, 'and left as it is');
  }
});

t.test('no two regions or accounts draw the same public address', async (t) => {
  const file = fileOf(t);
  const home = {
    ...HOME,
    availabilityZones: zonesOf(HOME.region),
    rules: '2020' as const,
    settings: { ...DEFAULT_SETTINGS, elasticAddressPool: ipv4Cidr(0xc6120000, 29) },
    quotas: { ...DEFAULT_QUOTAS, elasticAddressesPerRegion: 9 },
  };
  const accounts = new LabAccounts(
    { home, hasDefaultVpc: false, seed: 'test' },
    file,
    () => NOBODY,
  );
  t.teardown(() => accounts.close());
  const allocate = (realm: Realm, Address?: string) =>
    textAt(accounts.perform('AllocateAddress', { Domain: 'vpc', Address }, realm), 'PublicIp');
  const drawn = [HOME, ABROAD, HOME, ABROAD, HOME, ABROAD].map((realm) => allocate(realm));
  t.equal(new Set(drawn).size, 6, 'all that the pool has');
  t.throws(() => allocate(ABROAD), { code: 'InsufficientAddressCapacity' });
  t.throws(() => allocate(ABROAD, drawn[0]), { code: 'InvalidIPAddress.InUse' });
});
