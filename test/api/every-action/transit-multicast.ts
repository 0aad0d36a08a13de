/** Multicast of transit gateways. */
import type { Lab } from '../../actions/lab.ts';
import { INTERFACE, NetworkInterfaceId, NO_ONE, SUBNET, SubnetId, VPC } from './network.ts';
import { type Aside, type Call, gives, ref, refuses, type Story } from './story.ts';
import {
  ATTACHMENT,
  gateway,
  TransitGatewayAttachmentId,
  TransitGatewayId,
} from './transit-gateways.ts';

const TransitGatewayMulticastDomainId = ref(
  'domain.TransitGatewayMulticastDomain.TransitGatewayMulticastDomainId',
);
const DOMAIN = { TransitGatewayMulticastDomainId };
const NO_DOMAIN = { TransitGatewayMulticastDomainId: `tgw-mcast-domain-${NO_ONE}` };
const NOT_FOUND = 'InvalidTransitGatewayMulticastDomainId.NotFound';
const SUBNETS = { ...DOMAIN, TransitGatewayAttachmentId, SubnetIds: [SubnetId] };
const BEGIN: readonly Call[] = [
  VPC,
  SUBNET,
  gateway({ MulticastSupport: 'enable' }),
  ATTACHMENT,
  gives(
    'CreateTransitGatewayMulticastDomain',
    { TransitGatewayId, Options: { StaticSourcesSupport: 'enable' } },
    { TransitGatewayMulticastDomain: { State: 'pending' } },
    'domain',
  ),
];

const domains: Story = {
  title: 'multicast domains',
  calls: [
    ...BEGIN,
    refuses(
      'CreateTransitGatewayMulticastDomain',
      { TransitGatewayId: `tgw-${NO_ONE}` },
      'InvalidTransitGatewayID.NotFound',
    ),
    gives(
      'DescribeTransitGatewayMulticastDomains',
      {},
      { TransitGatewayMulticastDomains: [{ ...DOMAIN, State: 'available' }] },
    ),
    refuses(
      'DescribeTransitGatewayMulticastDomains',
      { TransitGatewayMulticastDomainIds: [NO_DOMAIN.TransitGatewayMulticastDomainId] },
      NOT_FOUND,
    ),
    gives('AssociateTransitGatewayMulticastDomain', SUBNETS, { Associations: DOMAIN }),
    refuses('AssociateTransitGatewayMulticastDomain', { ...SUBNETS, ...NO_DOMAIN }, NOT_FOUND),
    gives('GetTransitGatewayMulticastDomainAssociations', DOMAIN, {
      MulticastDomainAssociations: [{ Subnet: { SubnetId, State: 'associated' } }],
    }),
    refuses('GetTransitGatewayMulticastDomainAssociations', NO_DOMAIN, NOT_FOUND),
    refuses('AcceptTransitGatewayMulticastDomainAssociations', SUBNETS, 'IncorrectState'),
    refuses('RejectTransitGatewayMulticastDomainAssociations', SUBNETS, 'IncorrectState'),
    refuses('DeleteTransitGatewayMulticastDomain', NO_DOMAIN, NOT_FOUND),
    gives('DisassociateTransitGatewayMulticastDomain', SUBNETS, { Associations: DOMAIN }),
    refuses('DisassociateTransitGatewayMulticastDomain', { ...SUBNETS, ...NO_DOMAIN }, NOT_FOUND),
    gives('DeleteTransitGatewayMulticastDomain', DOMAIN, {
      TransitGatewayMulticastDomain: { State: 'deleting' },
    }),
  ],
};

const GroupIpAddress = '239.1.1.1';
const GROUP = { ...DOMAIN, GroupIpAddress, NetworkInterfaceIds: [NetworkInterfaceId] };

const groups: Story = {
  title: 'multicast groups',
  calls: [
    ...BEGIN,
    INTERFACE,
    gives('AssociateTransitGatewayMulticastDomain', SUBNETS, {}),
    ...(['Members', 'Sources'] as const).flatMap((kind): Call[] => [
      gives(`RegisterTransitGatewayMulticastGroup${kind}`, GROUP, {
        [`RegisteredMulticastGroup${kind}`]: { ...DOMAIN, GroupIpAddress },
      }),
      refuses(`RegisterTransitGatewayMulticastGroup${kind}`, { ...GROUP, ...NO_DOMAIN }, NOT_FOUND),
    ]),
    gives('SearchTransitGatewayMulticastGroups', DOMAIN, {
      MulticastGroups: [{ GroupIpAddress, NetworkInterfaceId }],
    }),
    refuses('SearchTransitGatewayMulticastGroups', NO_DOMAIN, NOT_FOUND),
    ...(['Members', 'Sources'] as const).flatMap((kind): Call[] => [
      gives(`DeregisterTransitGatewayMulticastGroup${kind}`, GROUP, {
        [`DeregisteredMulticastGroup${kind}`]: { ...DOMAIN, GroupIpAddress },
      }),
      refuses(
        `DeregisterTransitGatewayMulticastGroup${kind}`,
        { ...GROUP, ...NO_DOMAIN },
        NOT_FOUND,
      ),
    ]),
  ],
};

/** The domains are those of another account, which shares them. */
const SHARED: Aside = {
  aside: ({ store }: Lab) =>
    store.edit((draft) => {
      for (const [id, each] of draft.snapshot.transitGatewayMulticastDomains) {
        draft.put('transitGatewayMulticastDomains', id, { ...each, ownerId: '210987654321' });
      }
    }),
};

const shared: Story = {
  title: 'subnets in the multicast domain of another account',
  calls: [
    ...BEGIN,
    SHARED,
    gives('AssociateTransitGatewayMulticastDomain', SUBNETS, {}),
    gives('RejectTransitGatewayMulticastDomainAssociations', SUBNETS, { Associations: DOMAIN }),
    gives('AssociateTransitGatewayMulticastDomain', SUBNETS, {}),
    gives('AcceptTransitGatewayMulticastDomainAssociations', SUBNETS, { Associations: DOMAIN }),
  ],
};

export const TRANSIT_MULTICAST_STORIES: readonly Story[] = [domains, groups, shared];
