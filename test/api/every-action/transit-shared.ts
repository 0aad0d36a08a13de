/** What another account shares, which waits until that account accepts or rejects. */
import type { Lab } from '../../actions/lab.ts';
import { SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { type Aside, type Call, gives, ref, type Story } from './story.ts';
import {
  ATTACHED,
  TRANSIT_GATEWAY,
  TransitGatewayAttachmentId,
  TransitGatewayId,
} from './transit-gateways.ts';

/** All transit gateways and multicast domains are another account's from here on. */
const SHARED: Aside = {
  aside: ({ store }: Lab) =>
    store.edit((draft) => {
      const { transitGateways, transitGatewayMulticastDomains } = draft.snapshot;
      const ownerId = '210987654321';
      for (const [id, each] of transitGateways) {
        draft.put('transitGateways', id, { ...each, ownerId });
      }
      for (const [id, each] of transitGatewayMulticastDomains) {
        draft.put('transitGatewayMulticastDomains', id, { ...each, ownerId });
      }
    }),
};

const attach = (name: string): Call =>
  gives(
    'CreateTransitGatewayVpcAttachment',
    { TransitGatewayId, VpcId, SubnetIds: [SubnetId] },
    { TransitGatewayVpcAttachment: { VpcId } },
    name,
  );
const attachmentOf = (name: string) => ({
  TransitGatewayAttachmentId: ref(`${name}.TransitGatewayVpcAttachment.TransitGatewayAttachmentId`),
});

const attachments: Story = {
  title: 'a VPC at the transit gateway of another account',
  calls: [
    VPC,
    SUBNET,
    TRANSIT_GATEWAY,
    SHARED,
    attach('first'),
    gives('RejectTransitGatewayVpcAttachment', attachmentOf('first'), {
      TransitGatewayVpcAttachment: { State: 'rejecting' },
    }),
    attach('second'),
    gives('AcceptTransitGatewayVpcAttachment', attachmentOf('second'), {
      TransitGatewayVpcAttachment: { State: 'pending' },
    }),
  ],
};

const TransitGatewayMulticastDomainId = ref(
  'domain.TransitGatewayMulticastDomain.TransitGatewayMulticastDomainId',
);
const SUBNETS = {
  TransitGatewayMulticastDomainId,
  TransitGatewayAttachmentId,
  SubnetIds: [SubnetId],
};
const Associations = { TransitGatewayMulticastDomainId };

const domains: Story = {
  title: 'a subnet in the multicast domain of another account',
  calls: [
    ...ATTACHED,
    gives('CreateTransitGatewayMulticastDomain', { TransitGatewayId }, {}, 'domain'),
    SHARED,
    gives('AssociateTransitGatewayMulticastDomain', SUBNETS, {}),
    gives('RejectTransitGatewayMulticastDomainAssociations', SUBNETS, { Associations }),
    gives('AssociateTransitGatewayMulticastDomain', SUBNETS, {}),
    gives('AcceptTransitGatewayMulticastDomainAssociations', SUBNETS, { Associations }),
  ],
};

export const TRANSIT_SHARED_STORIES: readonly Story[] = [attachments, domains];
