/** Imports of what the AWS CLI saves of a real account, with all that a lab file has no words for. */
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { loadLab } from '../../src/scenario/file/load.ts';
import { NAME_PATTERN } from '../../src/scenario/file/schema-parts.ts';
import { nameAll } from '../../src/scenario/import/names.ts';
import { type AwsSource, ImportError, readRecords } from '../../src/scenario/import/records.ts';
import { formatLeftOut } from '../../src/scenario/import/render.ts';
import { TestWorld } from '../actions/world.ts';
import { imported, LOAD, made, sourcesOf } from './describing.ts';

const ACCOUNT = path.resolve(import.meta.dirname, '../fixtures/aws-account');

/** @param chosen Names of the files; default: all. */
function account(chosen: (file: string) => boolean = () => true): AwsSource[] {
  return fs
    .readdirSync(ACCOUNT)
    .filter(chosen)
    .map((file) => ({ file, text: fs.readFileSync(path.join(ACCOUNT, file), 'utf8') }));
}

t.test('a real account becomes a lab that comes up', async (t) => {
  const { lab, text, leftOut } = imported(account(), { name: 'Prod account (2024)' });
  t.matchSnapshot(text, 'the lab file');
  t.equal(lab.name, 'prod-account-2024');
  const { fabric } = await made(lab);
  t.equal(fabric.instances.size, 4);
  const again = imported(fabric.regions.flatMap(sourcesOf), { name: lab.name });
  t.equal(again.lab.instances.size, 4, 'what was left out once does not come back');
  t.strictSame([...again.lab.subnets.keys()].toSorted(), [...lab.subnets.keys()].toSorted());
  const lines = leftOut.map(formatLeftOut);
  for (const id of [
    'eipalloc-0c0c0c0c0c0c0c0c1',
    'vgw-0a1b2c3d4e5f60718',
    'qlink-0001',
    'pl-68a54001',
  ]) {
    t.ok(
      lines.some((line) => line.includes(id)),
      `${id} is told`,
    );
  }
});

t.test('import takes any part of an account', async (t) => {
  for (const { file } of account()) {
    const alone = imported(account((each) => each === file));
    const without = imported(account((each) => each !== file));
    for (const { lab, text } of [alone, without]) {
      t.same(loadLab(text, LOAD).subnets.size, lab.subnets.size, `${file}: a good lab file`);
      await made(lab);
    }
  }
});

t.test('import tells of rules whose groups are not there', (t) => {
  const rule = {
    SecurityGroupRuleId: 'sgr-1',
    GroupId: 'sg-1',
    IsEgress: false,
    IpProtocol: 'tcp',
  };
  const rules = { file: 'rules.json', text: JSON.stringify({ SecurityGroupRules: [rule] }) };
  const group = { GroupId: 'sg-1', GroupName: 'web', VpcId: 'vpc-1' };
  const vpc = { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' };
  const groups = { file: 'x.json', text: JSON.stringify({ SecurityGroups: [group], Vpcs: [vpc] }) };
  t.strictSame(imported([rules]).leftOut.map(formatLeftOut), [
    'security group rule (sgr-1): its group is not in the input',
  ]);
  t.strictSame(imported([rules, groups]).leftOut, []);
  t.end();
});

t.test('import takes single VPCs, and one region', (t) => {
  const one = imported(account(), { vpcs: ['vpc-3ac0fb5f'] });
  t.strictSame([...one.lab.vpcs.keys()], ['default-vpc']);
  t.strictSame([...one.lab.interfaces.keys()], ['eni-0e00000000000000c']);
  t.equal(one.lab.instances.size, 0);
  t.notMatch(one.leftOut.map(formatLeftOut).join('\n'), /nat-0a9b|production/);
  const other = imported(account(), { region: 'eu-central-1' });
  t.equal(other.lab.home.region, 'eu-central-1');
  t.strictSame([...other.lab.subnets.keys()], ['vpc-0eeeeeeeeeeeeeee1/eu']);
  t.end();
});

t.test('an answer that is none is refused with file and path', (t) => {
  const refused = (file: string, value: unknown): string => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    try {
      readRecords([{ file, text }]);
    } catch (error) {
      if (error instanceof ImportError) return error.message;
      throw error;
    }
    return 'not refused';
  };
  const rows: [value: unknown, message: RegExp | string][] = [
    ['{', /^x\.json: Cannot read the file: .*, wanted JSON$/],
    [
      '7',
      'x.json: Cannot read the file: found the number 7, wanted an answer such as {"Vpcs": [...]}',
    ],
    [
      'null',
      'x.json: Cannot read the file: found nothing, wanted an answer such as {"Vpcs": [...]}',
    ],
    [{ Vpcs: 'x' }, 'x.json: Cannot read "Vpcs": found "x", wanted a list'],
    [{ Vpcs: [5] }, 'x.json: Cannot read "Vpcs[0]": found the number 5, wanted an object'],
    [
      { Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0' }, { CidrBlock: '10.0.0.0/16' }] },
      'x.json: Cannot read "Vpcs[0].CidrBlock": found "10.0.0.0", wanted an IPv4 block\n' +
        'x.json: Cannot read "Vpcs[1].VpcId": found nothing, wanted text',
    ],
    [
      { Reservations: [{ Instances: [{ InstanceId: 'i-1', NetworkInterfaces: [{}] }] }] },
      'x.json: Cannot read "Reservations[0].Instances[0].NetworkInterfaces[0].NetworkInterfaceId": found nothing, wanted text',
    ],
    [
      { VpcId: 'vpc-1', EnableDnsSupport: true },
      'x.json: Cannot read "EnableDnsSupport": found true, wanted an object',
    ],
    [{ Entries: [] }, /found entries of a prefix list, wanted the id of their list in the name/],
  ];
  for (const [value, message] of rows) t.match(refused('x.json', value), message);
  t.end();
});

t.test('whatever is in the place of a member, import tells or refuses it', (t) => {
  const sources = account();
  const paths: (readonly [source: number, path: (string | number)[]])[] = [];
  const walk = (source: number, value: unknown, at: (string | number)[]) => {
    if (at.length > 0) paths.push([source, at]);
    if (Array.isArray(value))
      for (const [index, item] of value.entries()) walk(source, item, [...at, index]);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(source, inner, [...at, key]);
    }
  };
  for (const [index, { text }] of sources.entries()) walk(index, JSON.parse(text), []);
  const other = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('10.20.0.1', '0.0.0.0/0', '-1', 'default'),
  );
  const property = fc.property(fc.constantFrom(...paths), other, ([source, place], value) => {
    const changed = sources.map((each, index) => {
      if (index !== source) return each;
      const document: unknown = JSON.parse(each.text);
      let owner = document as Record<string | number, unknown>;
      for (const step of place.slice(0, -1)) owner = owner[step] as typeof owner;
      owner[place.at(-1) ?? ''] = value;
      return { ...each, text: JSON.stringify(document) };
    });
    try {
      loadLab(imported(changed).text, LOAD);
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
    }
  });
  fc.assert(property, { numRuns: 100, seed: 20_200_501 });
  t.end();
});

t.test('names are legal, unique, and those of the tags where they can be', (t) => {
  const wishes = [
    'Web 1',
    'web',
    'web',
    'Wéb-1',
    '10-net',
    '',
    '...',
    'x'.repeat(40),
    'x'.repeat(33),
  ];
  const names = nameAll(wishes.map((wish, index) => ({ id: `i-${index}`, wish })));
  t.strictSame(
    [...names.values()],
    [
      'web-1',
      'web',
      'web-2',
      'web-1-2',
      'x-10-net',
      'i-5',
      'i-6',
      'x'.repeat(32),
      `${'x'.repeat(30)}-2`,
    ],
  );
  const property = fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
    const given = [...nameAll(texts.map((wish, id) => ({ id: `i-${id}`, wish }))).values()];
    return new Set(given).size === texts.length && given.every((name) => NAME_PATTERN.test(name));
  });
  fc.assert(property, { seed: 20_200_501 });
  t.end();
});

t.test('import leaves a default VPC alone in which there is nothing', async (t) => {
  const sources = sourcesOf(new TestWorld().world.home);
  const { text, leftOut } = imported(sources, { name: 'fresh' });
  t.notMatch(text.split('# Left out')[0], /172\.31/);
  t.ok(leftOut.some(({ what }) => what === 'the default VPC'));
  const named = [...new TestWorld().world.home.vpcs.keys()];
  t.match(imported(sources, { name: 'fresh', vpcs: named }).text, /172\.31/, 'unless it is named');
});
