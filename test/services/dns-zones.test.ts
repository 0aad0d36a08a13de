/** Private hosted zones: what the resolver makes of them, and the actions that put them. */
import t from 'tap';
import { ApiError } from '../../src/actions/api-error.ts';
import { performAction } from '../../src/actions/table.ts';
import { Lab } from '../actions/lab.ts';
import { DnsClient } from './dns-client.ts';

type Records = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** A lab with a VPC that has names, another one, and a client in each. */
function setUp() {
  const lab = new Lab();
  const vpcOf = (cidr: string, subnet: string) => {
    const vpc = lab.vpc(cidr);
    lab.act('ModifyVpcAttribute', { VpcId: vpc, EnableDnsHostnames: { Value: true } });
    const instance = lab.instance(lab.subnet(vpc, subnet));
    return { vpc, client: new DnsClient(() => lab.snapshot, instance) };
  };
  const act = (name: string, input: object) =>
    performAction(lab.store, name, input as Record<string, unknown>, lab.environment);
  /** @param records By name in the zone (`@`: itself) and type. */
  const put = (Name: string, vpcs: readonly string[], records: Records, more: object = {}) =>
    act('PutHostedZone', {
      CallerReference: Name,
      Name,
      VPCs: vpcs.map((VPCId) => ({ VPCRegion: 'us-east-1', VPCId })),
      ResourceRecordSets: Object.entries(records).flatMap(([owner, sets]) =>
        Object.entries(sets).map(([Type, values]) => ({
          Name: owner === '@' ? Name : `${owner}.${Name}`,
          Type,
          TTL: 300,
          ResourceRecords: [values].flat(),
        })),
      ),
      ...more,
    });
  return { lab, act, put, one: vpcOf('10.0.0.0/16', '10.0.1.0/24'), vpcOf };
}

t.test('a zone has records of all types', async (t) => {
  const { put, one } = setUp();
  put('corp.example', [one.vpc], {
    '@': { MX: ['10 mail.corp.example', '20 mx.example.net.'], TXT: '"v=spf1 -all" "b\\"c\\101"' },
    www: { A: ['10.0.0.5', '10.0.0.6'], AAAA: 'fd00::5' },
    alias: { CNAME: 'WWW.corp.example.' },
    '_sip._tcp': { SRV: '0 5 5060 www.corp.example' },
    'deep.er': { PTR: 'www.corp.example', TXT: 'plain text; no quotes' },
  });
  const { client } = one;
  t.same(await client.look('www.CORP.example'), [
    'NOERROR',
    'www.CORP.example 300 A 10.0.0.5',
    'www.CORP.example 300 A 10.0.0.6',
  ]);
  t.equal(await client.find('www.corp.example', 'AAAA'), 'fd00::5');
  t.equal(await client.find('alias.corp.example'), 'www.corp.example, 10.0.0.5, 10.0.0.6');
  t.equal(await client.find('alias.corp.example', 'CNAME'), 'www.corp.example');
  t.equal(await client.find('alias.corp.example', 'MX'), 'www.corp.example');
  t.equal(await client.find('corp.example', 'MX'), '10 mail.corp.example, 20 mx.example.net');
  t.equal(await client.find('corp.example', 'TXT'), 'v=spf1 -all b"cA');
  t.equal(await client.find('_sip._tcp.corp.example', 'SRV'), '0 5 5060 www.corp.example');
  t.equal(await client.find('deep.er.corp.example', 'TXT'), 'plain text; no quotes');
  t.match(await client.find('corp.example', 'NS'), /^ns-0\.awsdns-00\.com, .*co\.uk$/);
  t.match(await client.find('corp.example', 'SOA'), /^ns-1536.* 1 7200 900 1209600 86400$/);
  t.equal(await client.find('er.corp.example'), 'NOERROR', 'for the sake of what is below it');
  t.equal(await client.find('none.corp.example'), 'NXDOMAIN');
  t.equal(await client.find('www.corp.example', 'TXT'), 'NOERROR');
  t.equal((await client.look('www.corp.example', 'ANY')).length, 4);
  const { authorities } = await client.ask({ questions: [{ name: 'x.corp.example', type: 'A' }] });
  t.match(authorities, [{ name: 'corp.example', ttl: 900, type: 'SOA' }]);
});

t.test('wildcards stand for what is not there', async (t) => {
  const { put, one } = setUp();
  put('corp.example', [one.vpc], {
    '*': { A: '10.0.0.9', MX: '5 mail.corp.example' },
    www: { TXT: 'x' },
    'a.b': { A: '10.0.0.1' },
    '*.dev': { CNAME: 'host.corp.example' },
  });
  const { client } = one;
  t.same(await client.look('any.corp.example'), ['NOERROR', 'any.corp.example 300 A 10.0.0.9']);
  t.equal(await client.find('x.y.corp.example'), '10.0.0.9');
  t.equal(await client.find('any.corp.example', 'TXT'), 'NOERROR');
  t.equal(await client.find('www.corp.example'), 'NOERROR', 'the name is there');
  t.equal(await client.find('x.www.corp.example'), 'NXDOMAIN');
  t.equal(await client.find('b.corp.example'), 'NOERROR');
  t.equal(await client.find('c.b.corp.example'), 'NXDOMAIN');
  t.equal(await client.find('one.dev.corp.example'), 'host.corp.example, 10.0.0.9');
  t.equal(await client.find('*.corp.example'), '10.0.0.9');
});

t.test('a zone hides what else there is, and the longest zone wins', async (t) => {
  const { put, act, one } = setUp();
  put('example', [one.vpc], { 'x.sub': { A: '10.1.1.1' }, 'y.other': { A: '10.1.1.2' } });
  put('sub.example', [one.vpc], { z: { CNAME: 'y.other.example' } });
  put('us-east-1.amazonaws.com', [one.vpc], { s3: { A: '10.1.1.3' } });
  put('ec2.internal', [one.vpc], {});
  put('1.0.10.in-addr.arpa', [one.vpc], { 7: { PTR: 'seven.example' } });
  const { client } = one;
  t.equal(await client.find('x.sub.example'), 'NXDOMAIN');
  t.equal(await client.find('y.other.example'), '10.1.1.2');
  t.equal(await client.find('z.sub.example'), 'y.other.example, 10.1.1.2');
  t.equal(await client.find('s3.us-east-1.amazonaws.com'), '10.1.1.3');
  t.equal(await client.find('ec2.us-east-1.amazonaws.com'), '169.254.169.80', 'a longer name');
  t.equal(await client.find('ip-10-0-0-5.ec2.internal'), 'NXDOMAIN');
  t.equal(await client.find('7.1.0.10.in-addr.arpa', 'PTR'), 'seven.example');
  t.equal(await client.find('8.1.0.10.in-addr.arpa', 'PTR'), 'NXDOMAIN');
  t.equal(await client.find('8.2.0.10.in-addr.arpa', 'PTR'), 'ip-10-0-2-8.ec2.internal');
  act('DeleteHostedZone', { CallerReference: 'ec2.internal' });
  t.equal(await client.find('ip-10-0-0-5.ec2.internal'), '10.0.0.5');
});

t.test('an alias ends where nobody knows more, and in no circle', async (t) => {
  const { put, one } = setUp();
  put('corp.example', [one.vpc], {
    out: { CNAME: 'www.example.net' },
    half: { CNAME: 'none.corp.example' },
    here: { CNAME: 'ip-10-0-0-5.ec2.internal' },
    a: { CNAME: 'b.corp.example' },
    b: { CNAME: 'a.corp.example' },
  });
  t.same(await one.client.look('out.corp.example'), [
    'NXDOMAIN',
    'out.corp.example 300 CNAME www.example.net',
  ]);
  t.equal((await one.client.look('half.corp.example'))[0], 'NXDOMAIN');
  t.equal(await one.client.find('here.corp.example'), 'ip-10-0-0-5.ec2.internal, 10.0.0.5');
  t.same(await one.client.look('a.corp.example'), ['SERVFAIL']);
});

t.test('[DNS-5] a zone is seen by its VPCs, and by those with both switches', async (t) => {
  const { lab, put, one, vpcOf } = setUp();
  const two = vpcOf('10.0.0.0/16', '10.0.1.0/24');
  put('corp.example', [one.vpc], { www: { A: '10.0.0.5' } });
  put('corp.example', [two.vpc], { www: { A: '10.0.0.6' } }, { CallerReference: 'other' });
  t.equal(await one.client.find('www.corp.example'), '10.0.0.5');
  t.equal(await two.client.find('www.corp.example'), '10.0.0.6');
  const EnableDnsHostnames = { Value: false };
  lab.act('ModifyVpcAttribute', { VpcId: two.vpc, EnableDnsHostnames });
  t.equal(await two.client.find('www.corp.example'), 'NXDOMAIN');
  t.equal(await one.client.find('www.corp.example'), '10.0.0.5');
});

t.test('PutHostedZone refuses what Route 53 does not take', async (t) => {
  const { lab, put, act, one } = setUp();
  const refusal = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      if (error instanceof ApiError) return error.code;
      throw error;
    }
    return 'none';
  };
  put('corp.example', [one.vpc], {});
  const before = lab.snapshot;
  const rows: [code: string, work: () => unknown][] = [
    ['InvalidDomainName', () => put('corp..example', [one.vpc], {})],
    ['InvalidVPCId', () => put('a.example', ['vpc-0123'], {})],
    ['ConflictingDomainExists', () => put('corp.example', [one.vpc], {}, { CallerReference: 'x' })],
    ['InvalidChangeBatch', () => put('a.example', [one.vpc], { w: { A: '10.0.0' } })],
    ['InvalidChangeBatch', () => put('a.example', [one.vpc], { '@': { CNAME: 'b.example' } })],
    ['InvalidChangeBatch', () => put('a.example', [one.vpc], { w: { CNAME: 'b', A: '10.0.0.1' } })],
    ['InvalidChangeBatch', () => put('a.example', [one.vpc], { w: { CNAME: ['b', 'c'] } })],
    ['NoSuchHostedZone', () => act('DeleteHostedZone', { CallerReference: 'gone' })],
  ];
  for (const [code, work] of rows) t.equal(refusal(work), code);
  t.equal(lab.snapshot, before);
  t.match(String([...lab.snapshot.hostedZones.keys()]), /^Z[0-9A-F]+$/);
});
