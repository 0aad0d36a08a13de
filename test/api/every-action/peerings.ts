/** Peerings. */
import { NO_ONE, VPC, VpcId } from './network.ts';
import { gives, ref, refuses, type Story } from './story.ts';

const PeerVpcId = ref('peer.Vpc.VpcId');
const VpcPeeringConnectionId = ref('peering.VpcPeeringConnection.VpcPeeringConnectionId');
const PEER = gives('CreateVpc', { CidrBlock: '10.9.0.0/16' }, { Vpc: {} }, 'peer');
const ASK = gives(
  'CreateVpcPeeringConnection',
  { VpcId, PeerVpcId },
  {
    VpcPeeringConnection: {
      ExpirationTime: '2020-05-08T12:00:00.000Z',
      RequesterVpcInfo: { VpcId, OwnerId: '123456789012' },
      AccepterVpcInfo: { VpcId: PeerVpcId },
    },
  },
  'peering',
);

const peerings: Story = {
  title: 'peerings',
  calls: [
    VPC,
    PEER,
    ASK,
    refuses(
      'CreateVpcPeeringConnection',
      { VpcId: `vpc-${NO_ONE}`, PeerVpcId },
      'InvalidVpcID.NotFound',
    ),
    gives(
      'AcceptVpcPeeringConnection',
      { VpcPeeringConnectionId },
      { VpcPeeringConnection: { Status: { Code: 'provisioning' } } },
    ),
    refuses(
      'AcceptVpcPeeringConnection',
      { VpcPeeringConnectionId: `pcx-${NO_ONE}` },
      'InvalidVpcPeeringConnectionID.NotFound',
      `The vpcPeeringConnection ID 'pcx-${NO_ONE}' does not exist`,
    ),
    gives(
      'ModifyVpcPeeringConnectionOptions',
      {
        VpcPeeringConnectionId,
        AccepterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: true },
      },
      { AccepterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: true } },
    ),
    gives(
      'DescribeVpcPeeringConnections',
      { Filters: [{ Name: 'status-code', Values: ['active'] }] },
      { VpcPeeringConnections: [{ VpcPeeringConnectionId, Status: { Message: 'Active' } }] },
    ),
    refuses(
      'DescribeVpcPeeringConnections',
      { VpcPeeringConnectionIds: ['pcx-1'] },
      'InvalidVpcPeeringConnectionId.Malformed',
      'Invalid id: "pcx-1"',
    ),
    refuses(
      'RejectVpcPeeringConnection',
      { VpcPeeringConnectionId },
      'InvalidStateTransition',
      /^Invalid state transition for pcx-0[0-9a-f]{16}, attempted to transition from active to rejected$/,
    ),
    gives('DeleteVpcPeeringConnection', { VpcPeeringConnectionId }, { Return: true }),
    refuses('DeleteVpcPeeringConnection', { VpcPeeringConnectionId }, 'InvalidStateTransition'),
    refuses(
      'ModifyVpcPeeringConnectionOptions',
      {
        VpcPeeringConnectionId,
        AccepterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: false },
      },
      'OperationNotPermitted',
    ),
  ],
};

const refused: Story = {
  title: 'a peering that is rejected',
  calls: [
    VPC,
    PEER,
    ASK,
    gives('RejectVpcPeeringConnection', { VpcPeeringConnectionId }, { Return: true }),
  ],
};

export const PEERING_STORIES: readonly Story[] = [peerings, refused];
