/** What else is attached to transit gateways, peers and appliances, and multicast domains. */
import { INTERFACE, NetworkInterfaceId, NO_ONE, SubnetId } from './network.ts';
import { type Call, gives, ref, refuses, type Story } from './story.ts';
import {
  ATTACHED,
  TRANSIT_GATEWAY,
  TransitGatewayAttachmentId,
  TransitGatewayId,
} from './transit-gateways.ts';

const ATTACHMENT_GONE = 'InvalidTransitGatewayAttachmentID.NotFound';
const NO_ATTACHMENT = `tgw-attach-${NO_ONE}`;

const PeerTransitGatewayId = ref('peer.TransitGateway.TransitGatewayId');
const requester = ref('request.TransitGatewayPeeringAttachment.TransitGatewayAttachmentId');
const accepter = ref('request.TransitGatewayPeeringAttachment.AccepterTransitGatewayAttachmentId');
const request = {
  TransitGatewayId,
  PeerTransitGatewayId,
  PeerAccountId: '123456789012',
  PeerRegion: 'us-east-1',
};
const REQUEST = gives(
  'CreateTransitGatewayPeeringAttachment',
  request,
  { TransitGatewayPeeringAttachment: { State: 'initiatingRequest' } },
  'request',
);
/** Two transit gateways, of which one asks the other for a peering. */
const REQUESTED: readonly Call[] = [
  TRANSIT_GATEWAY,
  gives(
    'CreateTransitGateway',
    { Options: { DefaultRouteTableAssociation: 'disable' } },
    {},
    'peer',
  ),
  REQUEST,
];

const peerings: Story = {
  title: 'peerings of transit gateways',
  calls: [
    ...REQUESTED,
    refuses('CreateTransitGatewayPeeringAttachment', request, 'DuplicateTransitGatewayAttachment'),
    ...['Accept', 'Reject'].map((verb) =>
      refuses(
        `${verb}TransitGatewayPeeringAttachment`,
        { TransitGatewayAttachmentId: requester },
        'InvalidParameterValue',
      ),
    ),
    gives(
      'RejectTransitGatewayPeeringAttachment',
      { TransitGatewayAttachmentId: accepter },
      { TransitGatewayPeeringAttachment: { State: 'rejecting' } },
    ),
    REQUEST,
    gives(
      'AcceptTransitGatewayPeeringAttachment',
      { TransitGatewayAttachmentId: accepter },
      { TransitGatewayPeeringAttachment: { State: 'pending' } },
    ),
    gives(
      'DescribeTransitGatewayPeeringAttachments',
      { TransitGatewayAttachmentIds: [requester] },
      { TransitGatewayPeeringAttachments: [{ State: 'available' }] },
    ),
    refuses(
      'DescribeTransitGatewayPeeringAttachments',
      { TransitGatewayAttachmentIds: [NO_ATTACHMENT] },
      ATTACHMENT_GONE,
    ),
    gives(
      'DeleteTransitGatewayPeeringAttachment',
      { TransitGatewayAttachmentId: accepter },
      { TransitGatewayPeeringAttachment: { State: 'deleting' } },
    ),
    refuses(
      'DeleteTransitGatewayPeeringAttachment',
      { TransitGatewayAttachmentId: NO_ATTACHMENT },
      ATTACHMENT_GONE,
    ),
  ],
};

const TransitGatewayPolicyTableId = ref(
  'policy.TransitGatewayPolicyTable.TransitGatewayPolicyTableId',
);
const policyPair = { TransitGatewayPolicyTableId, TransitGatewayAttachmentId: accepter };
const NO_POLICY_TABLE = { TransitGatewayPolicyTableId: `tgw-ptb-${NO_ONE}` };
const POLICY_TABLE_GONE = 'InvalidTransitGatewayPolicyTableId.NotFound';

const policyTables: Story = {
  title: 'policy tables of transit gateways',
  calls: [
    ...REQUESTED,
    gives('AcceptTransitGatewayPeeringAttachment', { TransitGatewayAttachmentId: accepter }, {}),
    gives(
      'CreateTransitGatewayPolicyTable',
      { TransitGatewayId: PeerTransitGatewayId },
      { TransitGatewayPolicyTable: { State: 'pending' } },
      'policy',
    ),
    refuses(
      'CreateTransitGatewayPolicyTable',
      { TransitGatewayId: `tgw-${NO_ONE}` },
      'InvalidTransitGatewayID.NotFound',
    ),
    gives(
      'DescribeTransitGatewayPolicyTables',
      {},
      { TransitGatewayPolicyTables: [{ TransitGatewayPolicyTableId, State: 'available' }] },
    ),
    refuses(
      'DescribeTransitGatewayPolicyTables',
      { TransitGatewayPolicyTableIds: [`tgw-ptb-${NO_ONE}`] },
      POLICY_TABLE_GONE,
    ),
    gives('AssociateTransitGatewayPolicyTable', policyPair, {
      Association: { State: 'associating' },
    }),
    refuses('AssociateTransitGatewayPolicyTable', policyPair, 'Resource.AlreadyAssociated'),
    gives(
      'GetTransitGatewayPolicyTableAssociations',
      { TransitGatewayPolicyTableId },
      { Associations: [{ ResourceType: 'peering', State: 'associated' }] },
    ),
    gives(
      'GetTransitGatewayPolicyTableEntries',
      { TransitGatewayPolicyTableId },
      { TransitGatewayPolicyTableEntries: [] },
    ),
    gives('DisassociateTransitGatewayPolicyTable', policyPair, {
      Association: { State: 'disassociating' },
    }),
    refuses(
      'DisassociateTransitGatewayPolicyTable',
      policyPair,
      'InvalidTransitGatewayPolicyTableAssociation.NotFound',
    ),
    gives('DeleteTransitGatewayPolicyTable', { TransitGatewayPolicyTableId }, {}),
    ...[
      'DeleteTransitGatewayPolicyTable',
      'GetTransitGatewayPolicyTableAssociations',
      'GetTransitGatewayPolicyTableEntries',
    ].map((name) => refuses(name, NO_POLICY_TABLE, POLICY_TABLE_GONE)),
  ],
};

const connectId = ref('connect.TransitGatewayConnect.TransitGatewayAttachmentId');
const TransitGatewayConnectPeerId = ref(
  'peer.TransitGatewayConnectPeer.TransitGatewayConnectPeerId',
);
const connect = {
  TransportTransitGatewayAttachmentId: TransitGatewayAttachmentId,
  Options: { Protocol: 'gre' },
};
const connectPeer = {
  TransitGatewayAttachmentId: connectId,
  PeerAddress: '10.0.1.5',
  InsideCidrBlocks: ['169.254.6.0/29'],
};

const connects: Story = {
  title: 'Connect attachments and their peers',
  calls: [
    ...ATTACHED,
    gives(
      'CreateTransitGatewayConnect',
      connect,
      { TransitGatewayConnect: { State: 'pending', TransitGatewayId } },
      'connect',
    ),
    refuses(
      'CreateTransitGatewayConnect',
      { ...connect, TransportTransitGatewayAttachmentId: NO_ATTACHMENT },
      ATTACHMENT_GONE,
    ),
    gives(
      'DescribeTransitGatewayConnects',
      { TransitGatewayAttachmentIds: [connectId] },
      { TransitGatewayConnects: [{ Options: { Protocol: 'gre' }, State: 'available' }] },
    ),
    refuses(
      'DescribeTransitGatewayConnects',
      { TransitGatewayAttachmentIds: [TransitGatewayAttachmentId] },
      ATTACHMENT_GONE,
    ),
    gives(
      'CreateTransitGatewayConnectPeer',
      connectPeer,
      {
        TransitGatewayConnectPeer: {
          ConnectPeerConfiguration: {
            TransitGatewayAddress: '172.16.0.1',
            BgpConfigurations: [{ BgpStatus: 'down' }, { BgpStatus: 'down' }],
          },
        },
      },
      'peer',
    ),
    refuses('CreateTransitGatewayConnectPeer', connectPeer, 'InvalidParameterValue'),
    gives(
      'DescribeTransitGatewayConnectPeers',
      {},
      { TransitGatewayConnectPeers: [{ TransitGatewayConnectPeerId, State: 'available' }] },
    ),
    refuses(
      'DescribeTransitGatewayConnectPeers',
      { TransitGatewayConnectPeerIds: [`tgw-connect-peer-${NO_ONE}`] },
      'InvalidTransitGatewayConnectPeerID.NotFound',
    ),
    refuses(
      'DeleteTransitGatewayConnect',
      { TransitGatewayAttachmentId: connectId },
      'IncorrectState',
    ),
    gives('DeleteTransitGatewayConnectPeer', { TransitGatewayConnectPeerId }, {}),
    refuses(
      'DeleteTransitGatewayConnectPeer',
      { TransitGatewayConnectPeerId },
      'InvalidTransitGatewayConnectPeerID.NotFound',
    ),
    gives('DeleteTransitGatewayConnect', { TransitGatewayAttachmentId: connectId }, {}),
  ],
};

const TransitGatewayMulticastDomainId = ref(
  'domain.TransitGatewayMulticastDomain.TransitGatewayMulticastDomainId',
);
const NO_DOMAIN = { TransitGatewayMulticastDomainId: `tgw-mcast-domain-${NO_ONE}` };
const DOMAIN_GONE = 'InvalidTransitGatewayMulticastDomainId.NotFound';
const inDomain = {
  TransitGatewayMulticastDomainId,
  TransitGatewayAttachmentId,
  SubnetIds: [SubnetId],
};
const GroupIpAddress = '239.1.1.1';
const group = {
  TransitGatewayMulticastDomainId,
  GroupIpAddress,
  NetworkInterfaceIds: [NetworkInterfaceId],
};

const multicast: Story = {
  title: 'multicast domains and their groups',
  calls: [
    ...ATTACHED,
    INTERFACE,
    gives(
      'CreateTransitGatewayMulticastDomain',
      { TransitGatewayId, Options: { StaticSourcesSupport: 'enable' } },
      { TransitGatewayMulticastDomain: { Options: { StaticSourcesSupport: 'enable' } } },
      'domain',
    ),
    refuses(
      'CreateTransitGatewayMulticastDomain',
      { TransitGatewayId: `tgw-${NO_ONE}` },
      'InvalidTransitGatewayID.NotFound',
    ),
    gives(
      'DescribeTransitGatewayMulticastDomains',
      {},
      { TransitGatewayMulticastDomains: [{ TransitGatewayMulticastDomainId }] },
    ),
    refuses(
      'DescribeTransitGatewayMulticastDomains',
      { TransitGatewayMulticastDomainIds: [`tgw-mcast-domain-${NO_ONE}`] },
      DOMAIN_GONE,
    ),
    gives('AssociateTransitGatewayMulticastDomain', inDomain, {
      Associations: { Subnets: [{ SubnetId, State: 'associating' }] },
    }),
    refuses('AssociateTransitGatewayMulticastDomain', inDomain, 'Resource.AlreadyAssociated'),
    ...['Accept', 'Reject'].map((verb) =>
      refuses(`${verb}TransitGatewayMulticastDomainAssociations`, inDomain, 'IncorrectState'),
    ),
    gives(
      'GetTransitGatewayMulticastDomainAssociations',
      { TransitGatewayMulticastDomainId },
      { MulticastDomainAssociations: [{ Subnet: { SubnetId, State: 'associated' } }] },
    ),
    ...['Members', 'Sources'].flatMap((things) => [
      gives(`RegisterTransitGatewayMulticastGroup${things}`, group, {
        [`RegisteredMulticastGroup${things}`]: { GroupIpAddress },
      }),
      refuses(`RegisterTransitGatewayMulticastGroup${things}`, group, 'InvalidParameterValue'),
    ]),
    gives(
      'SearchTransitGatewayMulticastGroups',
      { TransitGatewayMulticastDomainId },
      { MulticastGroups: [{ GroupMember: true }, { GroupSource: true }] },
    ),
    ...['Members', 'Sources'].flatMap((things) => [
      gives(`DeregisterTransitGatewayMulticastGroup${things}`, group, {
        [`DeregisteredMulticastGroup${things}`]: { GroupIpAddress },
      }),
      refuses(`DeregisterTransitGatewayMulticastGroup${things}`, group, 'InvalidParameterValue'),
    ]),
    gives('DisassociateTransitGatewayMulticastDomain', inDomain, {}),
    refuses(
      'DisassociateTransitGatewayMulticastDomain',
      inDomain,
      'InvalidTransitGatewayMulticastDomainAssociation.NotFound',
    ),
    gives(
      'DeleteTransitGatewayMulticastDomain',
      { TransitGatewayMulticastDomainId },
      { TransitGatewayMulticastDomain: { State: 'deleting' } },
    ),
    ...[
      'DeleteTransitGatewayMulticastDomain',
      'GetTransitGatewayMulticastDomainAssociations',
      'SearchTransitGatewayMulticastGroups',
    ].map((name) => refuses(name, NO_DOMAIN, DOMAIN_GONE)),
  ],
};

export const TRANSIT_ATTACHMENT_STORIES: readonly Story[] = [
  peerings,
  policyTables,
  connects,
  multicast,
];
