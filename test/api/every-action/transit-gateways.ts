/** Transit gateways and what is attached to them. */
import type { Lab } from '../../actions/lab.ts';
import { NO_ONE, SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { type Aside, type Call, gives, ref, refuses, type Story } from './story.ts';

const OTHER_ACCOUNT = '210987654321';
const NO_GATEWAY = `tgw-${NO_ONE}`;
export const NO_ATTACHMENT = `tgw-attach-${NO_ONE}`;
export const TransitGatewayId = ref('tgw.TransitGateway.TransitGatewayId');
export const TransitGatewayAttachmentId = ref(
  'attachment.TransitGatewayVpcAttachment.TransitGatewayAttachmentId',
);

/** @param options Such as of multicast. */
export function gateway(options: object = {}, name = 'tgw'): Call {
  return gives(
    'CreateTransitGateway',
    { Description: 'hub', Options: options },
    { TransitGateway: { State: 'pending', OwnerId: '123456789012', Description: 'hub' } },
    name,
  );
}
const attach = (name: string): Call =>
  gives(
    'CreateTransitGatewayVpcAttachment',
    { TransitGatewayId, VpcId, SubnetIds: [SubnetId] },
    { TransitGatewayVpcAttachment: { VpcId, SubnetIds: [SubnetId] } },
    name,
  );
export const ATTACHMENT = attach('attachment');

const gateways: Story = {
  title: 'transit gateways',
  calls: [
    gateway(),
    refuses('CreateTransitGateway', { Options: { AmazonSideAsn: 7018 } }, 'InvalidParameterValue'),
    gives(
      'ModifyTransitGateway',
      { TransitGatewayId, Description: 'core' },
      { TransitGateway: { Description: 'core' } },
    ),
    refuses(
      'ModifyTransitGateway',
      { TransitGatewayId: NO_GATEWAY, Description: 'core' },
      'InvalidTransitGatewayID.NotFound',
      `Transit Gateway ${NO_GATEWAY} was deleted or does not exist.`,
    ),
    gives(
      'DescribeTransitGateways',
      { Filters: [{ Name: 'state', Values: ['available'] }] },
      { TransitGateways: [{ TransitGatewayId, CreationTime: '2020-05-01T12:00:00.000Z' }] },
    ),
    refuses(
      'DescribeTransitGateways',
      { TransitGatewayIds: [NO_GATEWAY] },
      'InvalidTransitGatewayID.NotFound',
    ),
    gives('DeleteTransitGateway', { TransitGatewayId }, { TransitGateway: { State: 'deleting' } }),
    refuses(
      'DeleteTransitGateway',
      { TransitGatewayId: NO_GATEWAY },
      'InvalidTransitGatewayID.NotFound',
    ),
  ],
};

const NOT_FOUND = 'InvalidTransitGatewayAttachmentID.NotFound';

const attachments: Story = {
  title: 'VPCs at a transit gateway',
  calls: [
    VPC,
    SUBNET,
    gateway(),
    ATTACHMENT,
    refuses(
      'CreateTransitGatewayVpcAttachment',
      { TransitGatewayId, VpcId, SubnetIds: [SubnetId] },
      'DuplicateTransitGatewayAttachment',
    ),
    gives(
      'ModifyTransitGatewayVpcAttachment',
      { TransitGatewayAttachmentId, Options: { ApplianceModeSupport: 'enable' } },
      { TransitGatewayVpcAttachment: { Options: { ApplianceModeSupport: 'enable' } } },
    ),
    refuses(
      'ModifyTransitGatewayVpcAttachment',
      { TransitGatewayAttachmentId, RemoveSubnetIds: [SubnetId] },
      'InsufficientSubnetsException',
    ),
    gives(
      'DescribeTransitGatewayVpcAttachments',
      { Filters: [{ Name: 'vpc-id', Values: [VpcId] }] },
      { TransitGatewayVpcAttachments: [{ TransitGatewayAttachmentId, State: 'available' }] },
    ),
    refuses(
      'DescribeTransitGatewayVpcAttachments',
      { TransitGatewayAttachmentIds: [NO_ATTACHMENT] },
      NOT_FOUND,
    ),
    gives(
      'DescribeTransitGatewayAttachments',
      { TransitGatewayAttachmentIds: [TransitGatewayAttachmentId] },
      { TransitGatewayAttachments: [{ ResourceType: 'vpc', ResourceId: VpcId }] },
    ),
    refuses(
      'DescribeTransitGatewayAttachments',
      { TransitGatewayAttachmentIds: [NO_ATTACHMENT] },
      NOT_FOUND,
    ),
    gives(
      'GetTransitGatewayAttachmentPropagations',
      { TransitGatewayAttachmentId },
      { TransitGatewayAttachmentPropagations: [{ State: 'enabled' }] },
    ),
    refuses(
      'GetTransitGatewayAttachmentPropagations',
      { TransitGatewayAttachmentId: NO_ATTACHMENT },
      NOT_FOUND,
    ),
    refuses('AcceptTransitGatewayVpcAttachment', { TransitGatewayAttachmentId }, 'IncorrectState'),
    refuses('RejectTransitGatewayVpcAttachment', { TransitGatewayAttachmentId }, 'IncorrectState'),
    gives(
      'DeleteTransitGatewayVpcAttachment',
      { TransitGatewayAttachmentId },
      { TransitGatewayVpcAttachment: { State: 'deleting' } },
    ),
    refuses(
      'DeleteTransitGatewayVpcAttachment',
      { TransitGatewayAttachmentId: NO_ATTACHMENT },
      NOT_FOUND,
    ),
  ],
};

/** The transit gateways are those of another account, which shares them. */
const SHARED: Aside = {
  aside: ({ store }: Lab) =>
    store.edit((draft) => {
      for (const [id, each] of draft.snapshot.transitGateways) {
        draft.put('transitGateways', id, { ...each, ownerId: OTHER_ACCOUNT });
      }
    }),
};

const shared: Story = {
  title: 'a VPC at the transit gateway of another account',
  calls: [
    VPC,
    SUBNET,
    gateway(),
    SHARED,
    ATTACHMENT,
    gives(
      'RejectTransitGatewayVpcAttachment',
      { TransitGatewayAttachmentId },
      { TransitGatewayVpcAttachment: { State: 'rejecting' } },
    ),
    attach('second'),
    gives(
      'AcceptTransitGatewayVpcAttachment',
      {
        TransitGatewayAttachmentId: ref(
          'second.TransitGatewayVpcAttachment.TransitGatewayAttachmentId',
        ),
      },
      { TransitGatewayVpcAttachment: { State: 'pending' } },
    ),
  ],
};

const accepter = (name: string) => ({
  TransitGatewayAttachmentId: ref(
    `${name}.TransitGatewayPeeringAttachment.AccepterTransitGatewayAttachmentId`,
  ),
});
const NOBODY = { TransitGatewayAttachmentId: NO_ATTACHMENT };
const PEERING = {
  TransitGatewayId,
  PeerTransitGatewayId: ref('other.TransitGateway.TransitGatewayId'),
  PeerAccountId: '123456789012',
  PeerRegion: 'us-east-1',
};
const peer = (name: string): Call =>
  gives(
    'CreateTransitGatewayPeeringAttachment',
    PEERING,
    { TransitGatewayPeeringAttachment: { RequesterTgwInfo: { TransitGatewayId } } },
    name,
  );

const peerings: Story = {
  title: 'transit gateways that are peers',
  calls: [
    gateway(),
    gateway({}, 'other'),
    peer('first'),
    refuses('CreateTransitGatewayPeeringAttachment', PEERING, 'DuplicateTransitGatewayAttachment'),
    gives('RejectTransitGatewayPeeringAttachment', accepter('first'), {
      TransitGatewayPeeringAttachment: { State: 'rejecting' },
    }),
    peer('second'),
    gives('AcceptTransitGatewayPeeringAttachment', accepter('second'), {
      TransitGatewayPeeringAttachment: { State: 'pending' },
    }),
    refuses('AcceptTransitGatewayPeeringAttachment', NOBODY, NOT_FOUND),
    refuses('RejectTransitGatewayPeeringAttachment', accepter('second'), 'IncorrectState'),
    gives(
      'DescribeTransitGatewayPeeringAttachments',
      { Filters: [{ Name: 'state', Values: ['available'] }] },
      { TransitGatewayPeeringAttachments: [{ State: 'available' }] },
    ),
    refuses(
      'DescribeTransitGatewayPeeringAttachments',
      { TransitGatewayAttachmentIds: [NO_ATTACHMENT] },
      NOT_FOUND,
    ),
    gives('DeleteTransitGatewayPeeringAttachment', accepter('second'), {
      TransitGatewayPeeringAttachment: { State: 'deleting' },
    }),
    refuses('DeleteTransitGatewayPeeringAttachment', NOBODY, NOT_FOUND),
  ],
};

const ConnectId = ref('connect.TransitGatewayConnect.TransitGatewayAttachmentId');
const TransitGatewayConnectPeerId = ref(
  'peer.TransitGatewayConnectPeer.TransitGatewayConnectPeerId',
);
const NO_PEER = `tgw-connect-peer-${NO_ONE}`;

const connects: Story = {
  title: 'Connect attachments and their peers',
  calls: [
    VPC,
    SUBNET,
    gateway({ TransitGatewayCidrBlocks: ['172.16.0.0/24'] }),
    ATTACHMENT,
    gives(
      'CreateTransitGatewayConnect',
      {
        TransportTransitGatewayAttachmentId: TransitGatewayAttachmentId,
        Options: { Protocol: 'gre' },
      },
      { TransitGatewayConnect: { Options: { Protocol: 'gre' } } },
      'connect',
    ),
    refuses(
      'CreateTransitGatewayConnect',
      { TransportTransitGatewayAttachmentId: NO_ATTACHMENT, Options: { Protocol: 'gre' } },
      NOT_FOUND,
    ),
    gives(
      'DescribeTransitGatewayConnects',
      {},
      { TransitGatewayConnects: [{ TransitGatewayAttachmentId: ConnectId }] },
    ),
    refuses(
      'DescribeTransitGatewayConnects',
      { TransitGatewayAttachmentIds: [NO_ATTACHMENT] },
      NOT_FOUND,
    ),
    gives(
      'CreateTransitGatewayConnectPeer',
      {
        TransitGatewayAttachmentId: ConnectId,
        PeerAddress: '10.0.1.5',
        InsideCidrBlocks: ['169.254.6.0/29'],
      },
      { TransitGatewayConnectPeer: { State: 'pending' } },
      'peer',
    ),
    refuses(
      'CreateTransitGatewayConnectPeer',
      {
        TransitGatewayAttachmentId: ConnectId,
        PeerAddress: 'x',
        InsideCidrBlocks: ['169.254.7.0/29'],
      },
      'InvalidParameterValue',
    ),
    gives(
      'DescribeTransitGatewayConnectPeers',
      {},
      { TransitGatewayConnectPeers: [{ TransitGatewayConnectPeerId }] },
    ),
    refuses(
      'DescribeTransitGatewayConnectPeers',
      { TransitGatewayConnectPeerIds: [NO_PEER] },
      'InvalidTransitGatewayConnectPeerID.NotFound',
    ),
    refuses(
      'DeleteTransitGatewayConnect',
      { TransitGatewayAttachmentId: ConnectId },
      'IncorrectState',
    ),
    gives(
      'DeleteTransitGatewayConnectPeer',
      { TransitGatewayConnectPeerId },
      { TransitGatewayConnectPeer: { State: 'deleting' } },
    ),
    refuses(
      'DeleteTransitGatewayConnectPeer',
      { TransitGatewayConnectPeerId: NO_PEER },
      'InvalidTransitGatewayConnectPeerID.NotFound',
    ),
    gives(
      'DeleteTransitGatewayConnect',
      { TransitGatewayAttachmentId: ConnectId },
      { TransitGatewayConnect: { State: 'deleting' } },
    ),
  ],
};

export const TRANSIT_GATEWAY_STORIES: readonly Story[] = [
  gateways,
  attachments,
  shared,
  peerings,
  connects,
];
