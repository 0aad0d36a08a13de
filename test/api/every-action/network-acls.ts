/** Network ACLs and their entries. */
import { NO_ONE, SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { gives, ref, refuses, type Story } from './story.ts';

const NetworkAclId = ref('acl.NetworkAcl.NetworkAclId');
const NO_ACL = `acl-${NO_ONE}`;
const ENTRY = {
  NetworkAclId,
  RuleNumber: 100,
  Protocol: '6',
  RuleAction: 'allow',
  Egress: false,
  CidrBlock: '192.0.2.0/24',
  PortRange: { From: 22, To: 22 },
};
const { RuleNumber, Egress } = ENTRY;

const acls: Story = {
  title: 'network ACLs',
  calls: [
    VPC,
    SUBNET,
    gives(
      'CreateNetworkAcl',
      { VpcId },
      { NetworkAcl: { VpcId, IsDefault: false, Associations: [] } },
      'acl',
    ),
    refuses('CreateNetworkAcl', { VpcId: `vpc-${NO_ONE}` }, 'InvalidVpcID.NotFound'),
    gives('CreateNetworkAclEntry', ENTRY, {}),
    refuses(
      'CreateNetworkAclEntry',
      ENTRY,
      'NetworkAclEntryAlreadyExists',
      'The network acl entry identified by 100 already exists.',
    ),
    gives('ReplaceNetworkAclEntry', { ...ENTRY, RuleAction: 'deny' }, {}),
    refuses(
      'ReplaceNetworkAclEntry',
      { ...ENTRY, RuleNumber: 101 },
      'InvalidNetworkAclEntry.NotFound',
    ),
    gives(
      'DescribeNetworkAcls',
      { Filters: [{ Name: 'association.subnet-id', Values: [SubnetId] }] },
      { NetworkAcls: [{ IsDefault: true, Associations: [{ SubnetId }] }] },
      'default',
    ),
    gives(
      'DescribeNetworkAcls',
      { NetworkAclIds: [NetworkAclId] },
      {
        NetworkAcls: [
          {
            Entries: [
              { Protocol: '6', RuleAction: 'deny', RuleNumber, PortRange: { From: 22, To: 22 } },
              { Egress: true, RuleNumber: 32_767 },
              { Egress, RuleNumber: 32_767 },
            ],
          },
        ],
      },
    ),
    refuses(
      'DescribeNetworkAcls',
      { NetworkAclIds: [NO_ACL] },
      'InvalidNetworkAclID.NotFound',
      `The networkAcl ID '${NO_ACL}' does not exist`,
    ),
    gives(
      'ReplaceNetworkAclAssociation',
      {
        AssociationId: ref('default.NetworkAcls.0.Associations.0.NetworkAclAssociationId'),
        NetworkAclId,
      },
      { NewAssociationId: /^aclassoc-0/ },
      'association',
    ),
    refuses(
      'ReplaceNetworkAclAssociation',
      { AssociationId: `aclassoc-${NO_ONE}`, NetworkAclId },
      'InvalidAssociationID.NotFound',
    ),
    gives('DeleteNetworkAclEntry', { NetworkAclId, RuleNumber, Egress }, {}),
    refuses(
      'DeleteNetworkAclEntry',
      { NetworkAclId, RuleNumber, Egress },
      'InvalidNetworkAclEntry.NotFound',
    ),
    refuses('DeleteNetworkAcl', { NetworkAclId }, 'DependencyViolation'),
    gives(
      'ReplaceNetworkAclAssociation',
      {
        AssociationId: ref('association.NewAssociationId'),
        NetworkAclId: ref('default.NetworkAcls.0.NetworkAclId'),
      },
      { NewAssociationId: /^aclassoc-0/ },
    ),
    gives('DeleteNetworkAcl', { NetworkAclId }, {}),
  ],
};

export const NETWORK_ACL_STORIES: readonly Story[] = [acls];
