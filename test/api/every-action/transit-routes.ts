/** Route tables and policy tables of transit gateways. */
import { NO_ONE, SUBNET, VPC } from './network.ts';
import { type Call, gives, ref, refuses, type Story } from './story.ts';
import {
  ATTACHMENT,
  gateway,
  NO_ATTACHMENT,
  TransitGatewayAttachmentId,
  TransitGatewayId,
} from './transit-gateways.ts';

const TransitGatewayRouteTableId = ref('table.TransitGatewayRouteTable.TransitGatewayRouteTableId');
const NO_TABLE = { TransitGatewayRouteTableId: `tgw-rtb-${NO_ONE}` };
const NOT_FOUND = 'InvalidRouteTableID.NotFound';
/** Attachments are in no table by themselves. */
const NO_DEFAULTS = {
  DefaultRouteTableAssociation: 'disable',
  DefaultRouteTablePropagation: 'disable',
};
const BEGIN: readonly Call[] = [
  VPC,
  SUBNET,
  gateway(NO_DEFAULTS),
  ATTACHMENT,
  gives(
    'CreateTransitGatewayRouteTable',
    { TransitGatewayId },
    { TransitGatewayRouteTable: { TransitGatewayId, State: 'pending' } },
    'table',
  ),
];
const TABLE = { TransitGatewayRouteTableId };
const PAIR = { TransitGatewayRouteTableId, TransitGatewayAttachmentId };

const tables: Story = {
  title: 'route tables of transit gateways',
  calls: [
    ...BEGIN,
    refuses(
      'CreateTransitGatewayRouteTable',
      { TransitGatewayId: `tgw-${NO_ONE}` },
      'InvalidTransitGatewayID.NotFound',
    ),
    gives(
      'DescribeTransitGatewayRouteTables',
      { TransitGatewayRouteTableIds: [TransitGatewayRouteTableId] },
      { TransitGatewayRouteTables: [{ State: 'available' }] },
    ),
    refuses(
      'DescribeTransitGatewayRouteTables',
      { TransitGatewayRouteTableIds: [NO_TABLE.TransitGatewayRouteTableId] },
      NOT_FOUND,
    ),
    gives('AssociateTransitGatewayRouteTable', PAIR, {
      Association: { ...PAIR, State: 'associating' },
    }),
    refuses(
      'AssociateTransitGatewayRouteTable',
      { ...TABLE, TransitGatewayAttachmentId: NO_ATTACHMENT },
      'InvalidTransitGatewayAttachmentID.NotFound',
    ),
    gives('GetTransitGatewayRouteTableAssociations', TABLE, {
      Associations: [{ TransitGatewayAttachmentId, State: 'associated' }],
    }),
    refuses('GetTransitGatewayRouteTableAssociations', NO_TABLE, NOT_FOUND),
    gives('EnableTransitGatewayRouteTablePropagation', PAIR, {
      Propagation: { ...PAIR, State: 'enabled' },
    }),
    refuses(
      'EnableTransitGatewayRouteTablePropagation',
      { ...TABLE, TransitGatewayAttachmentId: NO_ATTACHMENT },
      'InvalidTransitGatewayAttachmentID.NotFound',
    ),
    gives('GetTransitGatewayRouteTablePropagations', TABLE, {
      TransitGatewayRouteTablePropagations: [{ TransitGatewayAttachmentId }],
    }),
    refuses('GetTransitGatewayRouteTablePropagations', NO_TABLE, NOT_FOUND),
    gives('DisableTransitGatewayRouteTablePropagation', PAIR, { Propagation: PAIR }),
    refuses('DisableTransitGatewayRouteTablePropagation', { ...PAIR, ...NO_TABLE }, NOT_FOUND),
    refuses('DeleteTransitGatewayRouteTable', TABLE, 'IncorrectState'),
    gives('DisassociateTransitGatewayRouteTable', PAIR, { Association: PAIR }),
    refuses('DisassociateTransitGatewayRouteTable', { ...PAIR, ...NO_TABLE }, NOT_FOUND),
    gives('DeleteTransitGatewayRouteTable', TABLE, {
      TransitGatewayRouteTable: { State: 'deleting' },
    }),
  ],
};

const DestinationCidrBlock = '192.0.2.0/24';
const ROUTE = { ...PAIR, DestinationCidrBlock };
const Filters = [{ Name: 'type', Values: ['static'] }];

const routes: Story = {
  title: 'routes of transit gateways',
  calls: [
    ...BEGIN,
    gives('CreateTransitGatewayRoute', ROUTE, { Route: { DestinationCidrBlock, Type: 'static' } }),
    refuses('CreateTransitGatewayRoute', ROUTE, 'RouteAlreadyExists'),
    gives(
      'ReplaceTransitGatewayRoute',
      { ...TABLE, DestinationCidrBlock, Blackhole: true },
      { Route: { State: 'blackhole' } },
    ),
    refuses('ReplaceTransitGatewayRoute', { ...ROUTE, ...NO_TABLE }, NOT_FOUND),
    gives(
      'SearchTransitGatewayRoutes',
      { ...TABLE, Filters },
      { Routes: [{ DestinationCidrBlock }], AdditionalRoutesAvailable: false },
    ),
    refuses('SearchTransitGatewayRoutes', { ...NO_TABLE, Filters }, NOT_FOUND),
    refuses('ExportTransitGatewayRoutes', { ...TABLE, S3Bucket: 'x' }, 'UnsupportedOperation'),
    gives('DeleteTransitGatewayRoute', { ...TABLE, DestinationCidrBlock }, { Route: {} }),
    refuses(
      'DeleteTransitGatewayRoute',
      { ...TABLE, DestinationCidrBlock },
      'InvalidRoute.NotFound',
    ),
  ],
};

const PrefixListId = ref('list.PrefixList.PrefixListId');
const REFERENCE = { ...PAIR, PrefixListId };
const SHAPE = 'TransitGatewayPrefixListReference';

const references: Story = {
  title: 'prefix lists in the routes of transit gateways',
  calls: [
    ...BEGIN,
    gives(
      'CreateManagedPrefixList',
      { PrefixListName: 'x', AddressFamily: 'IPv4', MaxEntries: 2, ClientToken: 'references' },
      { PrefixList: {} },
      'list',
    ),
    gives('CreateTransitGatewayPrefixListReference', REFERENCE, {
      [SHAPE]: { PrefixListId, Blackhole: false },
    }),
    refuses(
      'CreateTransitGatewayPrefixListReference',
      { ...REFERENCE, PrefixListId: `pl-${NO_ONE}` },
      'InvalidPrefixListID.NotFound',
    ),
    gives(
      'ModifyTransitGatewayPrefixListReference',
      { ...TABLE, PrefixListId, Blackhole: true },
      { [SHAPE]: { Blackhole: true } },
    ),
    refuses(
      'ModifyTransitGatewayPrefixListReference',
      { ...NO_TABLE, PrefixListId, Blackhole: true },
      NOT_FOUND,
    ),
    gives('GetTransitGatewayPrefixListReferences', TABLE, {
      TransitGatewayPrefixListReferences: [{ PrefixListId }],
    }),
    refuses('GetTransitGatewayPrefixListReferences', NO_TABLE, NOT_FOUND),
    gives(
      'DeleteTransitGatewayPrefixListReference',
      { ...TABLE, PrefixListId },
      { [SHAPE]: { State: 'deleting' } },
    ),
    refuses('DeleteTransitGatewayPrefixListReference', { ...NO_TABLE, PrefixListId }, NOT_FOUND),
  ],
};

const TransitGatewayPolicyTableId = ref(
  'policy.TransitGatewayPolicyTable.TransitGatewayPolicyTableId',
);
const POLICY = { TransitGatewayPolicyTableId };
const POLICY_PAIR = {
  ...POLICY,
  TransitGatewayAttachmentId: ref(
    'peer.TransitGatewayPeeringAttachment.TransitGatewayAttachmentId',
  ),
};
const NO_POLICY = { TransitGatewayPolicyTableId: `tgw-ptb-${NO_ONE}` };
const NO_POLICY_FOUND = 'InvalidTransitGatewayPolicyTableId.NotFound';

const policies: Story = {
  title: 'policy tables of transit gateways',
  calls: [
    gateway(NO_DEFAULTS),
    gateway({}, 'other'),
    gives(
      'CreateTransitGatewayPeeringAttachment',
      {
        TransitGatewayId,
        PeerTransitGatewayId: ref('other.TransitGateway.TransitGatewayId'),
        PeerAccountId: '123456789012',
        PeerRegion: 'us-east-1',
      },
      { TransitGatewayPeeringAttachment: {} },
      'peer',
    ),
    gives(
      'AcceptTransitGatewayPeeringAttachment',
      {
        TransitGatewayAttachmentId: ref(
          'peer.TransitGatewayPeeringAttachment.AccepterTransitGatewayAttachmentId',
        ),
      },
      {},
    ),
    gives(
      'CreateTransitGatewayPolicyTable',
      { TransitGatewayId },
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
      { TransitGatewayPolicyTables: [{ ...POLICY, State: 'available' }] },
    ),
    refuses(
      'DescribeTransitGatewayPolicyTables',
      { TransitGatewayPolicyTableIds: [NO_POLICY.TransitGatewayPolicyTableId] },
      NO_POLICY_FOUND,
    ),
    gives('AssociateTransitGatewayPolicyTable', POLICY_PAIR, { Association: POLICY_PAIR }),
    refuses(
      'AssociateTransitGatewayPolicyTable',
      { ...POLICY_PAIR, ...NO_POLICY },
      NO_POLICY_FOUND,
    ),
    gives('GetTransitGatewayPolicyTableAssociations', POLICY, { Associations: [POLICY_PAIR] }),
    refuses('GetTransitGatewayPolicyTableAssociations', NO_POLICY, NO_POLICY_FOUND),
    gives('GetTransitGatewayPolicyTableEntries', POLICY, { TransitGatewayPolicyTableEntries: [] }),
    refuses('GetTransitGatewayPolicyTableEntries', NO_POLICY, NO_POLICY_FOUND),
    refuses('DeleteTransitGatewayPolicyTable', POLICY, 'IncorrectState'),
    gives('DisassociateTransitGatewayPolicyTable', POLICY_PAIR, { Association: POLICY_PAIR }),
    refuses(
      'DisassociateTransitGatewayPolicyTable',
      { ...POLICY_PAIR, ...NO_POLICY },
      NO_POLICY_FOUND,
    ),
    gives('DeleteTransitGatewayPolicyTable', POLICY, {
      TransitGatewayPolicyTable: { State: 'deleting' },
    }),
  ],
};

export const TRANSIT_ROUTE_STORIES: readonly Story[] = [tables, routes, references, policies];
