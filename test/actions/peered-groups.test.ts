import t from 'tap';
import type { ActionInput } from '../../src/actions/action.ts';
import type { Realm } from '../../src/model/realm.ts';
import { at, listAt, NOW_MS, textAt } from './lab.ts';
import { ABROAD, ACCOUNT, HOME, OTHER, STRANGER, TestWorld } from './world.ts';

const SSH = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22 };

/** A VPC here with a group `web`, and a peered one of that realm with a group `db`. */
class Peered extends TestWorld {
  readonly there: Realm;
  readonly one = this.newVpc('10.0.0.0/16');
  readonly two: string;
  readonly web: string;
  readonly db: string;
  peeringId: string;

  constructor(there: Realm) {
    super();
    this.there = there;
    this.two = this.newVpc('10.9.0.0/16', there);
    this.web = this.group('web', this.one, HOME);
    this.db = this.group('db', this.two, there);
    this.peeringId = this.peer();
  }

  group(name: string, VpcId: string, realm: Realm): string {
    const input = { GroupName: name, Description: `of ${name}`, VpcId };
    return textAt(this.act('CreateSecurityGroup', input, realm), 'GroupId');
  }

  ask(): string {
    const { accountId: PeerOwnerId, region: PeerRegion } = this.there;
    const input = { VpcId: this.one, PeerVpcId: this.two, PeerOwnerId, PeerRegion };
    const answer = this.act('CreateVpcPeeringConnection', input);
    return textAt(answer, 'VpcPeeringConnection', 'VpcPeeringConnectionId');
  }

  peer(): string {
    this.peeringId = this.ask();
    this.act('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: this.peeringId }, this.there);
    return this.peeringId;
  }

  unpeer(): void {
    this.act('DeleteVpcPeeringConnection', { VpcPeeringConnectionId: this.peeringId });
  }

  /** A request on the rules of `web`, with `db` as the one peer. */
  permit(pair: ActionInput = {}): ActionInput {
    const IpPermissions = [{ ...SSH, UserIdGroupPairs: [{ GroupId: this.db, ...pair }] }];
    return { GroupId: this.web, IpPermissions };
  }

  /** The pair that the one rule of `web` is shown with. */
  pair(): unknown {
    const shown = this.act('DescribeSecurityGroups', { GroupIds: [this.web] });
    return at(shown, 'SecurityGroups', 0, 'IpPermissions', 0, 'UserIdGroupPairs', 0);
  }

  stale(): readonly unknown[] {
    const found = this.act('DescribeStaleSecurityGroups', { VpcId: this.one });
    return listAt(found, 'StaleSecurityGroupSet');
  }
}

for (const [where, there] of [
  ['the same account', HOME],
  ['another account', STRANGER],
] as const) {
  t.test(`[PCX-4] [SG-3] a rule names a group of a peered VPC of ${where}`, async (t) => {
    const world = new Peered(there);
    const { one, two, web, db, peeringId } = world;
    const named = {
      GroupId: db,
      UserId: there.accountId,
      VpcId: two,
      VpcPeeringConnectionId: peeringId,
      PeeringStatus: 'active',
    };
    const ReferencedGroupInfo = named;
    const made = world.act('AuthorizeSecurityGroupIngress', world.permit());
    t.match(made, { SecurityGroupRules: [{ ReferencedGroupInfo }] });
    t.match(
      world.refusal('AuthorizeSecurityGroupIngress', world.permit()),
      /^InvalidPermission.Duplicate: the specified rule "peer: sg-0[0-9a-f]{16}, TCP, from port: 22, to port: 22, ALLOW" already exists$/,
    );
    t.match(world.pair(), named);
    const SecurityGroupRuleId = textAt(made, 'SecurityGroupRules', 0, 'SecurityGroupRuleId');
    const SecurityGroupRuleIds = [SecurityGroupRuleId];
    const rule = () =>
      at(
        world.act('DescribeSecurityGroupRules', { SecurityGroupRuleIds }),
        'SecurityGroupRules',
        0,
      );
    t.match(rule(), { ReferencedGroupInfo, GroupOwnerId: ACCOUNT });

    for (const [name, value] of [
      ['group-id', db],
      ['group-name', 'db'],
      ['user-id', there.accountId],
    ] as const) {
      const filter = { Name: `ip-permission.${name}`, Values: [value] };
      const mine = { Name: 'group-id', Values: [web] };
      const found = world.act('DescribeSecurityGroups', { Filters: [filter, mine] });
      t.equal(listAt(found, 'SecurityGroups').length, 1, name);
    }
    const described = world.permit({ ...named, Description: 'admins' });
    world.act('UpdateSecurityGroupRuleDescriptionsIngress', described);
    t.match(rule(), { Description: 'admins' });
    const SecurityGroupRule = { ...SSH, ToPort: 23, ReferencedGroupId: db };
    world.act('ModifySecurityGroupRules', {
      GroupId: web,
      SecurityGroupRules: [{ SecurityGroupRuleId, SecurityGroupRule }],
    });
    t.match(rule(), { ToPort: 23, ReferencedGroupInfo });

    const references = (realm: Realm, group: string) =>
      at(
        world.act('DescribeSecurityGroupReferences', { GroupId: [group] }, realm),
        'SecurityGroupReferenceSet',
      );
    t.same(references(there, db), [
      { GroupId: db, ReferencingVpcId: one, VpcPeeringConnectionId: peeringId },
    ]);
    t.same(references(HOME, web), []);
    t.same(world.stale(), []);
    t.match(world.act('RevokeSecurityGroupIngress', { GroupId: web, SecurityGroupRuleIds }), {
      RevokedSecurityGroupRules: [{ ReferencedGroupId: db }],
    });
    t.same(references(there, db), []);
    world.act('AuthorizeSecurityGroupEgress', world.permit(named));
    t.match(world.act('RevokeSecurityGroupEgress', world.permit(named)), {
      RevokedSecurityGroupRules: [{ IsEgress: true, ReferencedGroupId: db }],
    });
  });

  t.test(`without its peering a rule is stale: ${where}`, async (t) => {
    const world = new Peered(there);
    const { one, two, web, db, peeringId } = world;
    world.act('AuthorizeSecurityGroupIngress', world.permit({ Description: 'admins' }));
    world.act('AuthorizeSecurityGroupEgress', world.permit());
    world.unpeer();
    const pair = {
      GroupId: db,
      UserId: there.accountId,
      VpcId: two,
      VpcPeeringConnectionId: peeringId,
      PeeringStatus: 'deleted',
    };
    t.match(world.pair(), pair);
    const permission = { ...SSH, UserIdGroupPairs: [{ ...pair, GroupName: 'db' }] };
    t.match(world.stale(), [
      {
        GroupId: web,
        GroupName: 'web',
        Description: 'of web',
        VpcId: one,
        StaleIpPermissions: [
          { ...SSH, UserIdGroupPairs: [{ GroupName: 'db', Description: 'admins' }] },
        ],
        StaleIpPermissionsEgress: [permission],
      },
    ]);
    const references = { GroupId: [db] };
    t.same(world.act('DescribeSecurityGroupReferences', references, there), {
      SecurityGroupReferenceSet: [],
    });
    const again = world.peer();
    t.same(world.stale(), [], 'a new peering of the VPCs makes it good again');
    t.match(world.pair(), { VpcPeeringConnectionId: again, PeeringStatus: 'active' });
    world.unpeer();
    world.ask();
    t.match(world.pair(), { PeeringStatus: 'pending-acceptance' });
    t.equal(world.stale().length, 1);
    world.act('RevokeSecurityGroupIngress', world.permit(pair));
    world.act('RevokeSecurityGroupEgress', world.permit());
    t.same(world.stale(), []);
  });

  t.test(`a group that a peer names may go, and the rule is stale: ${where}`, async (t) => {
    const world = new Peered(there);
    const { web, db } = world;
    world.act('AuthorizeSecurityGroupIngress', world.permit());
    const own = world.group('own', world.two, there);
    const IpPermissions = [{ ...SSH, UserIdGroupPairs: [{ GroupId: db }] }];
    world.act('AuthorizeSecurityGroupIngress', { GroupId: own, IpPermissions }, there);
    t.equal(
      world.refusal('DeleteSecurityGroup', { GroupId: db }, there),
      `DependencyViolation: resource ${db} has a dependent object`,
    );
    world.act('DeleteSecurityGroup', { GroupId: own }, there);
    world.act('DeleteSecurityGroup', { GroupId: db }, there);
    const [found] = world.stale();
    const pair = at(found, 'StaleIpPermissions', 0, 'UserIdGroupPairs', 0);
    t.match(pair, { GroupId: db, VpcId: world.two, PeeringStatus: 'active' });
    t.match(pair, { UserId: undefined, GroupName: undefined });
    t.match(world.pair(), { GroupId: db, UserId: undefined });
    const Filters = [{ Name: 'ip-permission.group-name', Values: ['db'] }];
    t.same(listAt(world.act('DescribeSecurityGroups', { Filters }), 'SecurityGroups'), []);
    t.equal(
      world.refusal('AuthorizeSecurityGroupEgress', world.permit()),
      `InvalidGroup.NotFound: The security group '${db}' does not exist`,
    );
    world.act('RevokeSecurityGroupIngress', world.permit());
    t.same(world.stale(), []);
    t.match(world.act('DeleteSecurityGroup', { GroupId: web }), { Return: true });
  });
}

t.test('the peering is forgotten before the rule', async (t) => {
  const world = new Peered(STRANGER);
  world.act('AuthorizeSecurityGroupIngress', world.permit());
  const { peeringId, two } = world;
  world.unpeer();
  world.nowMs = NOW_MS + 2 * 3600 * 1000;
  // One that fails at once, and has those forgotten that are long over.
  world.act('CreateVpcPeeringConnection', { VpcId: world.one, PeerVpcId: world.one });
  t.match(
    world.refusal('DeleteVpcPeeringConnection', { VpcPeeringConnectionId: peeringId }),
    /NotFound/,
  );
  t.match(world.pair(), {
    VpcId: two,
    VpcPeeringConnectionId: peeringId,
    PeeringStatus: 'deleted',
  });
});

t.test('[PCX-4] a rule names no group across regions or without an active peering', async (t) => {
  const abroad = new Peered(ABROAD);
  const away = `InvalidGroup.NotFound: The security group '${abroad.db}' does not exist`;
  t.equal(abroad.refusal('AuthorizeSecurityGroupIngress', abroad.permit()), away);
  const { two: VpcId, peeringId: VpcPeeringConnectionId } = abroad;
  const full = abroad.permit({ UserId: ACCOUNT, VpcId, VpcPeeringConnectionId });
  t.equal(abroad.refusal('AuthorizeSecurityGroupEgress', full), away);

  const far =
    'InvalidGroup.NotFound: You have specified two resources that belong to different networks.';
  const near = new Peered(HOME);
  const other = new Peered(STRANGER);
  const gone = `InvalidGroup.NotFound: The security group '${other.db}' does not exist`;
  for (const pair of [{ UserId: OTHER }, { UserId: '333333333333' }]) {
    const refusal = near.refusal('AuthorizeSecurityGroupIngress', near.permit(pair));
    t.match(refusal, /^InvalidGroup.NotFound: The security group 'sg-.*' does not exist$/);
  }
  t.equal(
    near.refusal('AuthorizeSecurityGroupIngress', near.permit({ VpcId: near.one })),
    far,
    'the VPC of the rule',
  );
  for (const [world, refusal] of [
    [near, far],
    [other, gone],
  ] as const) {
    world.unpeer();
    const { accountId: UserId } = world.there;
    const authorize = () =>
      world.refusal('AuthorizeSecurityGroupIngress', world.permit({ UserId }));
    t.equal(authorize(), refusal, 'deleted');
    world.ask();
    t.equal(authorize(), refusal, 'pending');
  }
  const VpcPeeringConnections = { VpcPeeringConnectionId: 'pcx-12345678' };
  t.match(
    near.refusal('AuthorizeSecurityGroupIngress', near.permit(VpcPeeringConnections)),
    /^InvalidVpcPeeringConnectionID.NotFound/,
  );
});

t.test('[PCX-4] a rule names no group of a VPC beyond the peer', async (t) => {
  const world = new Peered(HOME);
  const three = world.newVpc('10.8.0.0/16');
  const beyond = world.group('beyond', three, HOME);
  const asked = world.act('CreateVpcPeeringConnection', { VpcId: world.two, PeerVpcId: three });
  const VpcPeeringConnectionId = textAt(asked, 'VpcPeeringConnection', 'VpcPeeringConnectionId');
  world.act('AcceptVpcPeeringConnection', { VpcPeeringConnectionId });
  const refusal = (pair: ActionInput) =>
    world.refusal('AuthorizeSecurityGroupIngress', world.permit(pair));
  t.match(refusal({ GroupId: beyond }), /belong to different networks/);
  t.match(refusal({ VpcPeeringConnectionId }), /belong to different networks/);
  t.equal(refusal({ VpcPeeringConnectionId: world.peeringId }), 'none');
});
