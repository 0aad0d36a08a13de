import t from 'tap';
import { addAwsPrefixLists } from '../../src/actions/filters/aws-prefix-lists.ts';
import { at, Lab, listAt, textAt } from './lab.ts';

function listNamed(lab: Lab, name: string): unknown {
  const Filters = [{ Name: 'prefix-list-name', Values: [name] }];
  return at(lab.act('DescribeManagedPrefixLists', { Filters }), 'PrefixLists', 0);
}

t.test('a region has the prefix lists of AWS, with ids of its own', async (t) => {
  const lab = new Lab({ hasAwsLists: true });
  const s3 = listNamed(lab, 'com.amazonaws.us-east-1.s3');
  const PrefixListId = textAt(s3, 'PrefixListId');
  t.match(PrefixListId, /^pl-[0-9a-f]{8}$/);
  t.same(s3, {
    PrefixListId,
    PrefixListName: 'com.amazonaws.us-east-1.s3',
    PrefixListArn: `arn:aws:ec2:us-east-1:aws:prefix-list/${PrefixListId}`,
    AddressFamily: 'IPv4',
    State: 'create-complete',
    MaxEntries: undefined,
    Version: undefined,
    OwnerId: 'AWS',
    Tags: [],
  });
  const again = listNamed(new Lab({ hasAwsLists: true }), 'com.amazonaws.us-east-1.s3');
  t.equal(at(again, 'PrefixListId'), PrefixListId, 'the same in every lab');
  const elsewhere = new Lab({ hasAwsLists: true, region: 'eu-west-1' });
  t.not(at(listNamed(elsewhere, '*.eu-west-1.s3'), 'PrefixListId'), PrefixListId);
  const before = lab.snapshot;
  lab.store.edit((draft) => addAwsPrefixLists({ draft }));
  t.equal(lab.snapshot, before, 'they are added once');
  const count = listAt(lab.act('DescribeManagedPrefixLists'), 'PrefixLists').length;
  const own = { Filters: [{ Name: 'owner-id', Values: ['AWS'] }] };
  t.equal(listAt(lab.act('DescribeManagedPrefixLists', own), 'PrefixLists').length, count);
  lab.prefixList([]);
  t.equal(listAt(lab.act('DescribePrefixLists'), 'PrefixLists').length, count);
  const page = lab.act('DescribePrefixLists', { PrefixListIds: [PrefixListId] });
  const blocks = listAt(page, 'PrefixLists', 0, 'Cidrs');
  const { Entries } = lab.act('GetManagedPrefixListEntries', { PrefixListId });
  t.same(
    blocks,
    listAt(Entries).map((entry) => at(entry, 'Cidr')),
  );
});

t.test('nobody changes a prefix list of AWS; own ones alone count', async (t) => {
  const lab = new Lab({ hasAwsLists: true, quotas: { prefixListsPerRegion: 1 } });
  const PrefixListId = textAt(listNamed(lab, '*.dynamodb'), 'PrefixListId');
  lab.prefixList([]);
  const rows = [
    ['ModifyManagedPrefixList', { PrefixListId, PrefixListName: 'mine' }],
    ['DeleteManagedPrefixList', { PrefixListId }],
    ['RestoreManagedPrefixListVersion', { PrefixListId, PreviousVersion: 1, CurrentVersion: 1 }],
    ['GetManagedPrefixListAssociations', { PrefixListId }],
    ['CreateTags', { Resources: [PrefixListId], Tags: [{ Key: 'a', Value: 'b' }] }],
  ] as const;
  for (const [name, input] of rows) t.equal(lab.refuse(name, input).code, 'AuthFailure', name);
});

t.test('[SG-4] a rule of a list of AWS counts as much as the list weighs', async (t) => {
  const lab = new Lab({ hasAwsLists: true, quotas: { rulesPerSecurityGroup: 54 } });
  const GroupId = lab.group(lab.vpc(), 'web');
  const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
  const permission = (name: string) => ({
    ...https,
    PrefixListIds: [{ PrefixListId: textAt(listNamed(lab, name), 'PrefixListId') }],
  });
  lab.allow(GroupId, permission('*.s3'));
  const wide = { GroupId, IpPermissions: [permission('*.global.cloudfront.origin-facing')] };
  const { code } = lab.refuse('AuthorizeSecurityGroupIngress', wide);
  t.equal(code, 'RulesPerSecurityGroupLimitExceeded');
});
