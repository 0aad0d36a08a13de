/** Security groups and their rules. */
import { NO_ONE, VPC, VpcId } from './network.ts';
import { gives, ref, refuses, type Story } from './story.ts';

const NO_GROUP = `sg-${NO_ONE}`;
const GroupId = ref('group.GroupId');
const GROUP = gives(
  'CreateSecurityGroup',
  { VpcId, GroupName: 'web', Description: 'of the web' },
  { GroupId: /^sg-0/ },
  'group',
);

const groups: Story = {
  title: 'security groups',
  calls: [
    VPC,
    GROUP,
    refuses(
      'CreateSecurityGroup',
      { VpcId, GroupName: 'web', Description: 'again' },
      'InvalidGroup.Duplicate',
      /^The security group 'web' already exists for VPC 'vpc-0[0-9a-f]{16}'$/,
    ),
    gives(
      'DescribeSecurityGroups',
      { GroupIds: [GroupId] },
      {
        SecurityGroups: [
          {
            GroupName: 'web',
            Description: 'of the web',
            IpPermissions: [],
            IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
          },
        ],
      },
    ),
    refuses(
      'DescribeSecurityGroups',
      { GroupIds: [NO_GROUP] },
      'InvalidGroup.NotFound',
      `The security group '${NO_GROUP}' does not exist`,
    ),
    gives(
      'DescribeSecurityGroupReferences',
      { GroupId: [GroupId] },
      { SecurityGroupReferenceSet: [] },
    ),
    refuses('DescribeSecurityGroupReferences', { GroupId: [NO_GROUP] }, 'InvalidGroup.NotFound'),
    gives('DeleteSecurityGroup', { GroupId }, {}),
    refuses('DeleteSecurityGroup', { GroupId }, 'InvalidGroup.NotFound'),
  ],
};

const SSH = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '192.0.2.0/24' }] };
const MAIL = { ...SSH, FromPort: 25, ToPort: 25 };
const SecurityGroupRuleId = ref('allowed.SecurityGroupRules.0.SecurityGroupRuleId');

const rules: Story = {
  title: 'rules of security groups',
  calls: [
    VPC,
    GROUP,
    gives(
      'AuthorizeSecurityGroupIngress',
      { GroupId, IpPermissions: [SSH] },
      {
        Return: true,
        SecurityGroupRules: [
          { GroupId, IsEgress: false, FromPort: 22, ToPort: 22, CidrIpv4: '192.0.2.0/24' },
        ],
      },
      'allowed',
    ),
    refuses(
      'AuthorizeSecurityGroupIngress',
      { GroupId, IpPermissions: [SSH] },
      'InvalidPermission.Duplicate',
      'the specified rule "peer: 192.0.2.0/24, TCP, from port: 22, to port: 22, ALLOW" already exists',
    ),
    gives(
      'AuthorizeSecurityGroupEgress',
      { GroupId, IpPermissions: [MAIL] },
      { SecurityGroupRules: [{ IsEgress: true, FromPort: 25 }] },
    ),
    refuses(
      'AuthorizeSecurityGroupEgress',
      { GroupId, IpPermissions: [{ ...MAIL, IpRanges: [{ CidrIp: '192.0.2.0/33' }] }] },
      'InvalidParameterValue',
      'CIDR block 192.0.2.0/33 is malformed',
    ),
    gives(
      'DescribeSecurityGroupRules',
      { SecurityGroupRuleIds: [SecurityGroupRuleId] },
      { SecurityGroupRules: [{ GroupId, IpProtocol: 'tcp', CidrIpv4: '192.0.2.0/24' }] },
    ),
    refuses(
      'DescribeSecurityGroupRules',
      { SecurityGroupRuleIds: [`sgr-${NO_ONE}`] },
      'InvalidSecurityGroupRuleId.NotFound',
    ),
    gives(
      'UpdateSecurityGroupRuleDescriptionsIngress',
      { GroupId, SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId, Description: 'ssh' }] },
      { Return: true },
    ),
    refuses(
      'UpdateSecurityGroupRuleDescriptionsIngress',
      { GroupId, IpPermissions: [MAIL] },
      'InvalidPermission.NotFound',
      'The specified rule does not exist in this security group.',
    ),
    gives(
      'UpdateSecurityGroupRuleDescriptionsEgress',
      {
        GroupId,
        IpPermissions: [
          { ...MAIL, IpRanges: [{ CidrIp: '192.0.2.0/24', Description: 'outgoing mail' }] },
        ],
      },
      { Return: true },
    ),
    refuses(
      'UpdateSecurityGroupRuleDescriptionsEgress',
      { GroupId: NO_GROUP, IpPermissions: [MAIL] },
      'InvalidGroup.NotFound',
    ),
    gives(
      'ModifySecurityGroupRules',
      {
        GroupId,
        SecurityGroupRules: [
          {
            SecurityGroupRuleId,
            SecurityGroupRule: {
              IpProtocol: 'tcp',
              FromPort: 22,
              ToPort: 23,
              CidrIpv4: '198.51.100.0/24',
            },
          },
        ],
      },
      { Return: true },
    ),
    refuses(
      'ModifySecurityGroupRules',
      {
        GroupId,
        SecurityGroupRules: [
          { SecurityGroupRuleId: `sgr-${NO_ONE}`, SecurityGroupRule: { IpProtocol: '-1' } },
        ],
      },
      'InvalidSecurityGroupRuleId.NotFound',
    ),
    gives(
      'RevokeSecurityGroupIngress',
      { GroupId, SecurityGroupRuleIds: [SecurityGroupRuleId] },
      { Return: true },
    ),
    refuses(
      'RevokeSecurityGroupIngress',
      { GroupId, IpPermissions: [SSH] },
      'InvalidPermission.NotFound',
      'The specified rule does not exist in this security group.',
    ),
    gives('RevokeSecurityGroupEgress', { GroupId, IpPermissions: [MAIL] }, { Return: true }),
    refuses(
      'RevokeSecurityGroupEgress',
      { GroupId, IpPermissions: [MAIL] },
      'InvalidPermission.NotFound',
    ),
  ],
};

const PeerGroupId = ref('peerGroup.GroupId');
const PeerVpcId = ref('peer.Vpc.VpcId');
const VpcPeeringConnectionId = ref('peering.VpcPeeringConnection.VpcPeeringConnectionId');
const PAIR = {
  GroupId: PeerGroupId,
  UserId: '123456789012',
  VpcId: PeerVpcId,
  VpcPeeringConnectionId,
  PeeringStatus: 'active',
};
const FROM_PEER = {
  GroupId,
  IpPermissions: [
    { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, UserIdGroupPairs: [{ GroupId: PeerGroupId }] },
  ],
};

const peered: Story = {
  title: 'rules that name a group of a peered VPC',
  calls: [
    VPC,
    GROUP,
    gives('CreateVpc', { CidrBlock: '10.9.0.0/16' }, { Vpc: {} }, 'peer'),
    gives(
      'CreateSecurityGroup',
      { VpcId: PeerVpcId, GroupName: 'admins', Description: 'of the peer' },
      {},
      'peerGroup',
    ),
    gives('CreateVpcPeeringConnection', { VpcId, PeerVpcId }, {}, 'peering'),
    refuses(
      'AuthorizeSecurityGroupIngress',
      FROM_PEER,
      'InvalidGroup.NotFound',
      'You have specified two resources that belong to different networks.',
    ),
    gives('AcceptVpcPeeringConnection', { VpcPeeringConnectionId }, {}),
    gives('AuthorizeSecurityGroupIngress', FROM_PEER, {
      SecurityGroupRules: [{ ReferencedGroupInfo: PAIR }],
    }),
    gives(
      'DescribeSecurityGroups',
      { GroupIds: [GroupId] },
      { SecurityGroups: [{ IpPermissions: [{ UserIdGroupPairs: [PAIR] }] }] },
    ),
    gives(
      'DescribeSecurityGroupReferences',
      { GroupId: [PeerGroupId] },
      {
        SecurityGroupReferenceSet: [
          { GroupId: PeerGroupId, ReferencingVpcId: VpcId, VpcPeeringConnectionId },
        ],
      },
    ),
    gives('DeleteVpcPeeringConnection', { VpcPeeringConnectionId }, {}),
    gives(
      'DescribeStaleSecurityGroups',
      { VpcId },
      {
        StaleSecurityGroupSet: [
          {
            GroupId,
            GroupName: 'web',
            VpcId,
            StaleIpPermissions: [
              {
                IpProtocol: 'tcp',
                FromPort: 22,
                UserIdGroupPairs: [{ ...PAIR, PeeringStatus: 'deleted', GroupName: 'admins' }],
              },
            ],
          },
        ],
      },
    ),
    gives('DeleteSecurityGroup', { GroupId: PeerGroupId }, {}),
    gives('RevokeSecurityGroupIngress', FROM_PEER, { Return: true }),
    gives('DescribeStaleSecurityGroups', { VpcId }, { StaleSecurityGroupSet: [] }),
  ],
};

export const SECURITY_GROUP_STORIES: readonly Story[] = [groups, rules, peered];
