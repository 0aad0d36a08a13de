/** Transit gateways: what is attached to them, and the tables between. */
import { NO_ONE, SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { type Call, gives, ref, refuses, type Story } from './story.ts';

const NO_GATEWAY = `tgw-${NO_ONE}`;
const NO_ATTACHMENT = `tgw-attach-${NO_ONE}`;
const NO_TABLE = `tgw-rtb-${NO_ONE}`;
const GONE = 'was deleted or does not exist.';
const GATEWAY_GONE = 'InvalidTransitGatewayID.NotFound';
const ATTACHMENT_GONE = 'InvalidTransitGatewayAttachmentID.NotFound';
const TABLE_GONE = 'InvalidRouteTableID.NotFound';

export const TransitGatewayId = ref('gateway.TransitGateway.TransitGatewayId');
export const TRANSIT_GATEWAY = gives(
  'CreateTransitGateway',
  {
    Description: 'hub',
    Options: { MulticastSupport: 'enable', TransitGatewayCidrBlocks: ['172.16.0.0/24'] },
  },
  { TransitGateway: { State: 'pending', Description: 'hub', Options: { AmazonSideAsn: 64_512 } } },
  'gateway',
);
export const TransitGatewayAttachmentId = ref(
  'attached.TransitGatewayVpcAttachment.TransitGatewayAttachmentId',
);
/** A VPC at a transit gateway. */
export const ATTACHED: readonly Call[] = [
  VPC,
  SUBNET,
  TRANSIT_GATEWAY,
  gives(
    'CreateTransitGatewayVpcAttachment',
    { TransitGatewayId, VpcId, SubnetIds: [SubnetId] },
    { TransitGatewayVpcAttachment: { State: 'pending', VpcId, SubnetIds: [SubnetId] } },
    'attached',
  ),
];

const gateways: Story = {
  title: 'transit gateways',
  calls: [
    TRANSIT_GATEWAY,
    refuses('CreateTransitGateway', { Options: { AmazonSideAsn: 7018 } }, 'InvalidParameterValue'),
    gives(
      'DescribeTransitGateways',
      { Filters: [{ Name: 'options.amazon-side-asn', Values: ['64512'] }] },
      { TransitGateways: [{ TransitGatewayId, State: 'available', Tags: [] }] },
    ),
    refuses(
      'DescribeTransitGateways',
      { TransitGatewayIds: [NO_GATEWAY] },
      GATEWAY_GONE,
      `Transit Gateway ${NO_GATEWAY} ${GONE}`,
    ),
    gives(
      'ModifyTransitGateway',
      { TransitGatewayId, Options: { VpnEcmpSupport: 'disable' } },
      { TransitGateway: { State: 'modifying', Options: { VpnEcmpSupport: 'disable' } } },
    ),
    refuses('ModifyTransitGateway', { TransitGatewayId: NO_GATEWAY }, GATEWAY_GONE),
    gives('DeleteTransitGateway', { TransitGatewayId }, { TransitGateway: { State: 'deleting' } }),
    refuses('DeleteTransitGateway', { TransitGatewayId: NO_GATEWAY }, GATEWAY_GONE),
  ],
};

const attachments: Story = {
  title: 'attachments of VPCs to transit gateways',
  calls: [
    ...ATTACHED,
    refuses(
      'CreateTransitGatewayVpcAttachment',
      { TransitGatewayId, VpcId, SubnetIds: [SubnetId] },
      'DuplicateTransitGatewayAttachment',
    ),
    ...['Accept', 'Reject'].map((verb) =>
      refuses(
        `${verb}TransitGatewayVpcAttachment`,
        { TransitGatewayAttachmentId },
        'IncorrectState',
      ),
    ),
    gives(
      'DescribeTransitGatewayVpcAttachments',
      { Filters: [{ Name: 'vpc-id', Values: [VpcId] }] },
      { TransitGatewayVpcAttachments: [{ State: 'available', Options: { DnsSupport: 'enable' } }] },
    ),
    gives(
      'DescribeTransitGatewayAttachments',
      { TransitGatewayAttachmentIds: [TransitGatewayAttachmentId] },
      { TransitGatewayAttachments: [{ ResourceType: 'vpc', ResourceId: VpcId }] },
    ),
    ...['DescribeTransitGatewayVpcAttachments', 'DescribeTransitGatewayAttachments'].map((name) =>
      refuses(name, { TransitGatewayAttachmentIds: [NO_ATTACHMENT] }, ATTACHMENT_GONE),
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
      'DeleteTransitGatewayVpcAttachment',
      { TransitGatewayAttachmentId },
      { TransitGatewayVpcAttachment: { State: 'deleting' } },
    ),
    refuses(
      'DeleteTransitGatewayVpcAttachment',
      { TransitGatewayAttachmentId: NO_ATTACHMENT },
      ATTACHMENT_GONE,
    ),
  ],
};

const TransitGatewayRouteTableId = ref('table.TransitGatewayRouteTable.TransitGatewayRouteTableId');
const TABLE = gives(
  'CreateTransitGatewayRouteTable',
  { TransitGatewayId },
  { TransitGatewayRouteTable: { State: 'pending', DefaultAssociationRouteTable: false } },
  'table',
);
const main = ref('gateway.TransitGateway.Options.AssociationDefaultRouteTableId');
const inMain = { TransitGatewayRouteTableId: main, TransitGatewayAttachmentId };
const pair = { TransitGatewayRouteTableId, TransitGatewayAttachmentId };

const tables: Story = {
  title: 'route tables of transit gateways',
  calls: [
    ...ATTACHED,
    TABLE,
    refuses('CreateTransitGatewayRouteTable', { TransitGatewayId: NO_GATEWAY }, GATEWAY_GONE),
    gives(
      'DescribeTransitGatewayRouteTables',
      { TransitGatewayRouteTableIds: [TransitGatewayRouteTableId] },
      { TransitGatewayRouteTables: [{ State: 'available', TransitGatewayId }] },
    ),
    refuses(
      'DescribeTransitGatewayRouteTables',
      { TransitGatewayRouteTableIds: [NO_TABLE] },
      TABLE_GONE,
      `Transit Gateway Route Table ${NO_TABLE} ${GONE}`,
    ),
    refuses('AssociateTransitGatewayRouteTable', pair, 'Resource.AlreadyAssociated'),
    refuses('DisassociateTransitGatewayRouteTable', pair, 'InvalidAssociation.NotFound'),
    gives('DisassociateTransitGatewayRouteTable', inMain, {
      Association: { State: 'disassociating', ResourceId: VpcId },
    }),
    gives('AssociateTransitGatewayRouteTable', pair, { Association: { State: 'associating' } }),
    refuses(
      'EnableTransitGatewayRouteTablePropagation',
      inMain,
      'TransitGatewayRouteTablePropagation.Duplicate',
    ),
    refuses(
      'DisableTransitGatewayRouteTablePropagation',
      pair,
      'TransitGatewayRouteTablePropagation.NotFound',
    ),
    gives('EnableTransitGatewayRouteTablePropagation', pair, { Propagation: { State: 'enabled' } }),
    gives('DisableTransitGatewayRouteTablePropagation', inMain, {
      Propagation: { State: 'disabled' },
    }),
    gives(
      'GetTransitGatewayRouteTableAssociations',
      { TransitGatewayRouteTableId },
      { Associations: [{ ResourceType: 'vpc', State: 'associated' }] },
    ),
    gives(
      'GetTransitGatewayRouteTablePropagations',
      { TransitGatewayRouteTableId },
      { TransitGatewayRouteTablePropagations: [{ ResourceId: VpcId, State: 'enabled' }] },
    ),
    gives(
      'GetTransitGatewayAttachmentPropagations',
      { TransitGatewayAttachmentId },
      { TransitGatewayAttachmentPropagations: [{ TransitGatewayRouteTableId, State: 'enabled' }] },
    ),
    refuses(
      'GetTransitGatewayAttachmentPropagations',
      { TransitGatewayAttachmentId: NO_ATTACHMENT },
      ATTACHMENT_GONE,
    ),
    refuses('DeleteTransitGatewayRouteTable', { TransitGatewayRouteTableId }, 'IncorrectState'),
    gives('DisassociateTransitGatewayRouteTable', pair, {}),
    gives(
      'DeleteTransitGatewayRouteTable',
      { TransitGatewayRouteTableId },
      { TransitGatewayRouteTable: { State: 'deleting' } },
    ),
    ...['Associations', 'Propagations'].map((what) =>
      refuses(`GetTransitGatewayRouteTable${what}`, { TransitGatewayRouteTableId }, TABLE_GONE),
    ),
  ],
};

const DestinationCidrBlock = '192.168.0.0/16';
const route = { TransitGatewayRouteTableId: main, DestinationCidrBlock };
const PrefixListId = ref('list.PrefixList.PrefixListId');
const reference = { TransitGatewayRouteTableId: main, PrefixListId };
const Blackhole = true;

const routes: Story = {
  title: 'routes of transit gateways',
  calls: [
    ...ATTACHED,
    gives(
      'CreateTransitGatewayRoute',
      { ...route, TransitGatewayAttachmentId },
      { Route: { DestinationCidrBlock, Type: 'static', State: 'active' } },
    ),
    refuses('CreateTransitGatewayRoute', { ...route, Blackhole }, 'RouteAlreadyExists'),
    gives('ReplaceTransitGatewayRoute', { ...route, Blackhole }, { Route: { State: 'blackhole' } }),
    refuses('ReplaceTransitGatewayRoute', route, 'InvalidParameterCombination'),
    gives(
      'SearchTransitGatewayRoutes',
      {
        TransitGatewayRouteTableId: main,
        Filters: [{ Name: 'route-search.longest-prefix-match', Values: ['10.0.1.1'] }],
      },
      {
        Routes: [
          {
            DestinationCidrBlock: '10.0.0.0/16',
            Type: 'propagated',
            TransitGatewayAttachments: [{ TransitGatewayAttachmentId, ResourceType: 'vpc' }],
          },
        ],
        AdditionalRoutesAvailable: false,
      },
    ),
    refuses(
      'SearchTransitGatewayRoutes',
      { TransitGatewayRouteTableId: NO_TABLE, Filters: [{ Name: 'type', Values: ['static'] }] },
      TABLE_GONE,
    ),
    refuses(
      'ExportTransitGatewayRoutes',
      { TransitGatewayRouteTableId: main, S3Bucket: 'routes' },
      'UnsupportedOperation',
    ),
    gives('DeleteTransitGatewayRoute', route, { Route: { State: 'deleted' } }),
    refuses('DeleteTransitGatewayRoute', route, 'InvalidRoute.NotFound'),
    gives(
      'CreateManagedPrefixList',
      { PrefixListName: 'list', AddressFamily: 'IPv4', MaxEntries: 2, Entries: [] },
      {},
      'list',
    ),
    gives(
      'CreateTransitGatewayPrefixListReference',
      { ...reference, TransitGatewayAttachmentId },
      { TransitGatewayPrefixListReference: { PrefixListId, Blackhole: false } },
    ),
    refuses(
      'CreateTransitGatewayPrefixListReference',
      { ...reference, Blackhole },
      'RouteAlreadyExists',
    ),
    gives(
      'ModifyTransitGatewayPrefixListReference',
      { ...reference, Blackhole },
      { TransitGatewayPrefixListReference: { Blackhole, State: 'modifying' } },
    ),
    refuses('ModifyTransitGatewayPrefixListReference', reference, 'InvalidParameterCombination'),
    gives(
      'GetTransitGatewayPrefixListReferences',
      { TransitGatewayRouteTableId: main },
      { TransitGatewayPrefixListReferences: [{ PrefixListId, State: 'available' }] },
    ),
    refuses(
      'GetTransitGatewayPrefixListReferences',
      { TransitGatewayRouteTableId: NO_TABLE },
      TABLE_GONE,
    ),
    gives('DeleteTransitGatewayPrefixListReference', reference, {}),
    refuses('DeleteTransitGatewayPrefixListReference', reference, 'InvalidPrefixListId.NotFound'),
  ],
};

export const TRANSIT_GATEWAY_STORIES: readonly Story[] = [gateways, attachments, tables, routes];
