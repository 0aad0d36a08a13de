import t from 'tap';
import { at, Lab, type LabOptions, listAt, textAt } from './lab.ts';
import {
  ACCOUNT,
  attachedLab,
  defaultTable,
  newTable,
  searched,
  transitGateway,
  vpcAttachment,
} from './transit-gateway-lab.ts';

/** Two VPCs at a transit gateway, with one more table. */
function twoVpcs(options: LabOptions = {}) {
  const first = attachedLab(options);
  const { lab, tgw } = first;
  const otherVpc = lab.vpc('10.9.0.0/16');
  const other = vpcAttachment(lab, tgw, otherVpc, [lab.subnet(otherVpc, '10.9.1.0/24')]);
  const main = defaultTable(lab, tgw);
  const table = newTable(lab, tgw);
  const route = (DestinationCidrBlock: string, attachmentId?: string) => ({
    TransitGatewayRouteTableId: table,
    DestinationCidrBlock,
    ...(attachmentId === undefined
      ? { Blackhole: true }
      : { TransitGatewayAttachmentId: attachmentId }),
  });
  return { ...first, otherVpc, other, main, table, route };
}

t.test('[TGW-2] an attachment is in one table and propagates to many', async (t) => {
  const { lab, tgw, vpcId, attachment, main, table } = twoVpcs();
  const pair = { TransitGatewayRouteTableId: table, TransitGatewayAttachmentId: attachment };
  const inMain = { ...pair, TransitGatewayRouteTableId: main };
  t.match(lab.refuse('AssociateTransitGatewayRouteTable', pair), {
    code: 'Resource.AlreadyAssociated',
    message: `Transit Gateway Attachment ${attachment} is already associated to a route table.`,
  });
  t.equal(
    lab.refuse('DisassociateTransitGatewayRouteTable', pair).code,
    'InvalidAssociation.NotFound',
  );
  t.match(lab.act('DisassociateTransitGatewayRouteTable', inMain), {
    Association: { State: 'disassociating', TransitGatewayRouteTableId: main },
  });
  t.match(lab.act('AssociateTransitGatewayRouteTable', pair), {
    Association: { State: 'associating', ResourceId: vpcId, ResourceType: 'vpc' },
  });
  const associations = (TransitGatewayRouteTableId: string, Filters: object[] = []) => {
    const input = { TransitGatewayRouteTableId, Filters };
    return listAt(lab.act('GetTransitGatewayRouteTableAssociations', input), 'Associations');
  };
  t.equal(associations(main).length, 1);
  t.match(associations(table, [{ Name: 'resource-id', Values: [vpcId] }]), [
    { TransitGatewayAttachmentId: attachment, State: 'associated' },
  ]);
  const byTable = [{ Name: 'association.transit-gateway-route-table-id', Values: [table] }];
  const shown = lab.act('DescribeTransitGatewayAttachments', { Filters: byTable });
  t.equal(listAt(shown, 'TransitGatewayAttachments').length, 1);
  t.match(lab.refuse('EnableTransitGatewayRouteTablePropagation', inMain), {
    code: 'TransitGatewayRouteTablePropagation.Duplicate',
    message: `Propagation ${attachment} already exists in Transit Gateway Route Table ${main}.`,
  });
  t.match(lab.act('EnableTransitGatewayRouteTablePropagation', pair), {
    Propagation: { State: 'enabled', TransitGatewayRouteTableId: table, ResourceId: vpcId },
  });
  const tables = lab.act('GetTransitGatewayAttachmentPropagations', {
    TransitGatewayAttachmentId: attachment,
  });
  t.equal(listAt(tables, 'TransitGatewayAttachmentPropagations').length, 2);
  const propagations = lab.act('GetTransitGatewayRouteTablePropagations', {
    TransitGatewayRouteTableId: table,
    Filters: [{ Name: 'transit-gateway-attachment-id', Values: [attachment] }],
  });
  t.match(at(propagations, 'TransitGatewayRouteTablePropagations', 0), { State: 'enabled' });
  t.same(searched(lab, table), [`10.0.0.0/16 ${attachment} propagated active`]);
  t.match(lab.act('DisableTransitGatewayRouteTablePropagation', pair), {
    Propagation: { State: 'disabled' },
  });
  t.same(searched(lab, table), []);
  t.equal(
    lab.refuse('DisableTransitGatewayRouteTablePropagation', pair).code,
    'TransitGatewayRouteTablePropagation.NotFound',
  );
  const remove = { TransitGatewayRouteTableId: table };
  t.match(lab.refuse('DeleteTransitGatewayRouteTable', remove), {
    code: 'IncorrectState',
    message: `${table} has associated attachments`,
  });
  lab.act('DisassociateTransitGatewayRouteTable', pair);
  t.match(lab.act('DeleteTransitGatewayRouteTable', remove), {
    TransitGatewayRouteTable: { State: 'deleting', TransitGatewayId: tgw },
  });
  for (const name of [
    'GetTransitGatewayRouteTableAssociations',
    'GetTransitGatewayRouteTablePropagations',
    'DeleteTransitGatewayRouteTable',
  ]) {
    t.equal(lab.refuse(name, remove).code, 'InvalidRouteTableID.NotFound', name);
  }
});

t.test('[TGW-11] a transit gateway has so many tables, and so many static routes', async (t) => {
  const { lab, tgw, attachment, route } = twoVpcs({
    quotas: { routeTablesPerTransitGateway: 2, staticRoutesPerTransitGateway: 12 },
  });
  t.equal(
    lab.refuse('CreateTransitGatewayRouteTable', { TransitGatewayId: tgw }).code,
    'TransitGatewayRouteTableLimitExceeded',
  );
  lab.act('CreateTransitGatewayRoute', route('10.1.0.0/16'));
  lab.act('CreateTransitGatewayRoute', route('10.2.0.0/16'));
  const { DestinationCidrBlock: _destination, ...target } = route('', attachment);
  const list = { ...target, PrefixListId: lab.prefixList(['10.3.0.0/16']) };
  lab.act('CreateTransitGatewayPrefixListReference', list);
  const one = route('10.4.0.0/16');
  t.equal(lab.refuse('CreateTransitGatewayRoute', one).code, 'RouteLimitExceeded');
  const bigger = { PrefixListId: list.PrefixListId, MaxEntries: 11 };
  t.equal(lab.refuse('ModifyManagedPrefixList', bigger).code, 'RouteLimitExceeded');
  const second = { ...list, PrefixListId: lab.prefixList([], { MaxEntries: 1 }) };
  t.equal(lab.refuse('CreateTransitGatewayPrefixListReference', second).code, 'RouteLimitExceeded');
});

t.test('propagated routes follow the blocks of their VPC, as they are', async (t) => {
  const { lab, vpcId, otherVpc, attachment, other, main } = twoVpcs();
  const both = [
    `10.0.0.0/16 ${attachment} propagated active`,
    `10.9.0.0/16 ${other} propagated active`,
  ];
  t.same(searched(lab, main), both);
  const added = lab.act('AssociateVpcCidrBlock', { VpcId: vpcId, CidrBlock: '10.7.0.0/16' });
  t.ok(searched(lab, main).includes(`10.7.0.0/16 ${attachment} propagated active`));
  lab.act('AssociateVpcCidrBlock', { VpcId: otherVpc, CidrBlock: '10.7.0.0/16' });
  t.equal(searched(lab, main).length, 3, 'the second of the same block is not there (TGW-4)');
  lab.act('DisassociateVpcCidrBlock', {
    AssociationId: textAt(added, 'CidrBlockAssociation', 'AssociationId'),
  });
  t.ok(searched(lab, main).includes(`10.7.0.0/16 ${other} propagated active`));
});

t.test('static routes win, drop, lose their attachment, and are replaced (TGW-3)', async (t) => {
  const { lab, attachment, other, table, route } = twoVpcs();
  lab.act('EnableTransitGatewayRouteTablePropagation', {
    TransitGatewayRouteTableId: table,
    TransitGatewayAttachmentId: other,
  });
  t.match(lab.act('CreateTransitGatewayRoute', route('10.9.0.0/16', attachment)), {
    Route: {
      DestinationCidrBlock: '10.9.0.0/16',
      Type: 'static',
      State: 'active',
      TransitGatewayAttachments: [{ TransitGatewayAttachmentId: attachment, ResourceType: 'vpc' }],
    },
  });
  t.same(searched(lab, table), [`10.9.0.0/16 ${attachment} static active`], 'the winner only');
  t.match(lab.refuse('CreateTransitGatewayRoute', route('10.9.0.0/16')), {
    code: 'RouteAlreadyExists',
    message: `Route 10.9.0.0/16 already exists in Transit Gateway Route Table ${table}.`,
  });
  const remove = { TransitGatewayRouteTableId: table, DestinationCidrBlock: '10.9.0.0/16' };
  t.match(lab.act('DeleteTransitGatewayRoute', remove), { Route: { State: 'deleted' } });
  t.same(searched(lab, table), [`10.9.0.0/16 ${other} propagated active`]);
  t.match(lab.refuse('DeleteTransitGatewayRoute', remove), {
    code: 'InvalidRoute.NotFound',
    message: `The route 10.9.0.0/16 does not exist in Transit Gateway Route Table ${table}.`,
  });
  lab.act('ReplaceTransitGatewayRoute', route('0.0.0.0/0'));
  t.match(searched(lab, table, { state: 'blackhole' }), ['0.0.0.0/0 - static blackhole']);
  t.match(lab.act('ReplaceTransitGatewayRoute', route('0.0.0.0/0', attachment)), {
    Route: { State: 'active' },
  });
  lab.act('DeleteTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: attachment });
  t.same(searched(lab, table, { type: 'static' }), ['0.0.0.0/0 - static blackhole']);
  const rows: readonly (readonly [object, string])[] = [
    [route('10.1.0.0/16', attachment), 'IncorrectState'],
    [{ ...route('10.1.0.0/16', other), Blackhole: true }, 'InvalidParameterCombination'],
    [{ ...route('10.1.0.0/16'), Blackhole: false }, 'InvalidParameterCombination'],
    [route('x', other), 'InvalidParameterValue'],
    [route('10.1.0.0/16', 'tgw-attach-12345678'), 'InvalidTransitGatewayAttachmentID.NotFound'],
  ];
  for (const [input, code] of rows) {
    for (const name of ['CreateTransitGatewayRoute', 'ReplaceTransitGatewayRoute']) {
      t.equal(lab.refuse(name, { ...input }).code, code, `${name} ${JSON.stringify(input)}`);
    }
  }
});

t.test('routes are searched by their blocks, attachments, types and states', async (t) => {
  const { lab, vpcId, attachment, other, table, route } = twoVpcs();
  for (const destination of ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '2001:db8::/32']) {
    lab.act('CreateTransitGatewayRoute', route(destination, attachment));
  }
  lab.act('CreateTransitGatewayRoute', route('0.0.0.0/0', other));
  lab.act('CreateTransitGatewayRoute', route('10.1.2.3/32'));
  const found = (filters: Record<string, string>) =>
    searched(lab, table, filters).map((line) => line.split(' ')[0]);
  const search = (name: string, value: string) => found({ [`route-search.${name}`]: value });
  t.same(search('exact-match', '10.1.0.0/16'), ['10.1.0.0/16']);
  t.same(search('exact-match', '10.1.0.0/17'), []);
  t.same(search('longest-prefix-match', '10.1.2.4'), ['10.1.2.0/24']);
  t.same(search('longest-prefix-match', '10.1.0.0/20'), ['10.1.0.0/16']);
  t.same(search('longest-prefix-match', '192.0.2.1'), ['0.0.0.0/0']);
  t.same(search('longest-prefix-match', '2001:db8::1'), ['2001:db8::/32']);
  t.same(search('longest-prefix-match', 'fd00::1'), []);
  t.same(search('subnet-of-match', '10.1.0.0/16'), ['10.1.0.0/16', '10.1.2.0/24', '10.1.2.3/32']);
  t.same(search('supernet-of-match', '10.1.0.0/17'), ['10.0.0.0/8', '10.1.0.0/16', '0.0.0.0/0']);
  t.same(found({ 'attachment.transit-gateway-attachment-id': other }), ['0.0.0.0/0']);
  t.equal(found({ 'attachment.resource-id': vpcId }).length, 4);
  t.equal(found({ 'attachment.resource-type': 'vpc' }).length, 5);
  t.same(found({ state: 'blackhole' }), ['10.1.2.3/32']);
  t.same(found({ type: 'propagated' }), []);
  t.same(found({ state: 'active', 'route-search.subnet-of-match': '10.1.2.0/24' }), [
    '10.1.2.0/24',
  ]);
  const input = { TransitGatewayRouteTableId: table };
  const Filters = [{ Name: 'type', Values: ['static'] }];
  const page = lab.act('SearchTransitGatewayRoutes', { ...input, Filters, MaxResults: 5 });
  t.equal(listAt(page, 'Routes').length, 5);
  t.equal(at(page, 'AdditionalRoutesAvailable'), true);
  const refused = (Name: string, Values: string[]) =>
    lab.refuse('SearchTransitGatewayRoutes', { ...input, Filters: [{ Name, Values }] }).code;
  t.equal(refused('route-search.exact-match', ['x']), 'InvalidParameterValue');
  t.equal(refused('route-search.exact-match', []), 'MissingParameter');
  t.equal(refused('route-search.other', ['10.0.0.0/8']), 'InvalidParameterValue');
  t.equal(lab.refuse('SearchTransitGatewayRoutes', input).code, 'MissingParameter');
  t.match(lab.refuse('ExportTransitGatewayRoutes', { ...input, S3Bucket: 'routes' }), {
    code: 'UnsupportedOperation',
  });
});

t.test('a table names prefix lists, whose entries are routes', async (t) => {
  const { lab, attachment, other, otherVpc, table, route } = twoVpcs();
  const PrefixListId = lab.prefixList(['10.1.0.0/16', '10.9.0.0/16']);
  const list = { TransitGatewayRouteTableId: table, PrefixListId };
  const toOther = { ...list, TransitGatewayAttachmentId: other };
  t.equal(
    lab.refuse('ModifyTransitGatewayPrefixListReference', toOther).code,
    'InvalidPrefixListId.NotFound',
  );
  t.match(lab.act('CreateTransitGatewayPrefixListReference', toOther), {
    TransitGatewayPrefixListReference: {
      State: 'pending',
      Blackhole: false,
      PrefixListOwnerId: ACCOUNT,
      TransitGatewayAttachment: { TransitGatewayAttachmentId: other, ResourceId: otherVpc },
    },
  });
  t.equal(
    lab.refuse('CreateTransitGatewayPrefixListReference', toOther).code,
    'RouteAlreadyExists',
  );
  lab.act('CreateTransitGatewayRoute', route('10.1.0.0/16', attachment));
  lab.act('EnableTransitGatewayRouteTablePropagation', {
    TransitGatewayRouteTableId: table,
    TransitGatewayAttachmentId: attachment,
  });
  t.same(searched(lab, table), [
    `10.1.0.0/16 ${attachment} static active`,
    `10.9.0.0/16 ${other} static active`,
    `10.0.0.0/16 ${attachment} propagated active`,
  ]);
  t.equal(searched(lab, table, { 'prefix-list-id': PrefixListId }).length, 1);
  lab.act('ModifyManagedPrefixList', {
    PrefixListId,
    CurrentVersion: 1,
    AddEntries: [{ Cidr: '10.8.0.0/16' }],
  });
  t.equal(searched(lab, table, { 'prefix-list-id': PrefixListId }).length, 2);
  t.match(lab.act('GetManagedPrefixListAssociations', { PrefixListId }), {
    PrefixListAssociations: [{ ResourceId: table }],
  });
  t.equal(lab.refuse('DeleteManagedPrefixList', { PrefixListId }).code, 'DependencyViolation');
  t.match(lab.act('ModifyTransitGatewayPrefixListReference', { ...list, Blackhole: true }), {
    TransitGatewayPrefixListReference: { State: 'modifying', Blackhole: true },
  });
  const references = (...filter: [Name: string, value: string]) => {
    const Filters = [{ Name: filter[0], Values: [filter[1]] }];
    const input = { TransitGatewayRouteTableId: table, Filters };
    return listAt(
      lab.act('GetTransitGatewayPrefixListReferences', input),
      'TransitGatewayPrefixListReferences',
    );
  };
  t.match(references('is-blackhole', 'true'), [{ PrefixListId, State: 'available' }]);
  t.same(references('attachment.transit-gateway-attachment-id', other), []);
  t.match(lab.act('DeleteTransitGatewayPrefixListReference', list), {
    TransitGatewayPrefixListReference: { State: 'deleting' },
  });
  t.equal(
    lab.refuse('DeleteTransitGatewayPrefixListReference', list).code,
    'InvalidPrefixListId.NotFound',
  );
  const nowhere = { TransitGatewayRouteTableId: 'tgw-rtb-12345678' };
  t.equal(
    lab.refuse('GetTransitGatewayPrefixListReferences', nowhere).code,
    'InvalidRouteTableID.NotFound',
  );
  lab.act('DeleteManagedPrefixList', { PrefixListId });
});

t.test('a peering has a policy table in place of a route table', async (t) => {
  const lab = new Lab({ quotas: { policyTablesPerTransitGateway: 1 } });
  const tgw = transitGateway(lab, { DefaultRouteTableAssociation: 'disable' });
  const peering = lab.act('CreateTransitGatewayPeeringAttachment', {
    TransitGatewayId: transitGateway(lab),
    PeerTransitGatewayId: tgw,
    PeerAccountId: ACCOUNT,
    PeerRegion: 'us-east-1',
  });
  const attachment = textAt(
    peering,
    ...['TransitGatewayPeeringAttachment', 'AccepterTransitGatewayAttachmentId'],
  );
  lab.act('AcceptTransitGatewayPeeringAttachment', { TransitGatewayAttachmentId: attachment });
  const made = lab.act('CreateTransitGatewayPolicyTable', { TransitGatewayId: tgw });
  t.match(at(made, 'TransitGatewayPolicyTable'), { State: 'pending', TransitGatewayId: tgw });
  t.equal(
    lab.refuse('CreateTransitGatewayPolicyTable', { TransitGatewayId: tgw }).code,
    'TransitGatewayPolicyTableLimitExceeded',
  );
  const TransitGatewayPolicyTableId = textAt(
    made,
    ...['TransitGatewayPolicyTable', 'TransitGatewayPolicyTableId'],
  );
  const table = { TransitGatewayPolicyTableId };
  const pair = { ...table, TransitGatewayAttachmentId: attachment };
  t.equal(
    lab.refuse('DisassociateTransitGatewayPolicyTable', pair).code,
    'InvalidTransitGatewayPolicyTableAssociation.NotFound',
  );
  const vpcId = lab.vpc();
  const ofVpc = vpcAttachment(lab, tgw, vpcId, [lab.subnet(vpcId, '10.0.1.0/24')]);
  t.equal(
    lab.refuse('AssociateTransitGatewayPolicyTable', {
      ...table,
      TransitGatewayAttachmentId: ofVpc,
    }).code,
    'UnsupportedOperation',
  );
  t.match(lab.act('AssociateTransitGatewayPolicyTable', pair), {
    Association: { State: 'associating', ResourceType: 'peering' },
  });
  t.equal(
    lab.refuse('AssociateTransitGatewayPolicyTable', pair).code,
    'Resource.AlreadyAssociated',
  );
  const route = {
    TransitGatewayRouteTableId: newTable(lab, tgw),
    TransitGatewayAttachmentId: attachment,
  };
  t.equal(
    lab.refuse('AssociateTransitGatewayRouteTable', route).code,
    'Resource.AlreadyAssociated',
  );
  t.match(lab.act('GetTransitGatewayPolicyTableAssociations', table), {
    Associations: [{ TransitGatewayAttachmentId: attachment, State: 'associated' }],
  });
  t.same(lab.act('GetTransitGatewayPolicyTableEntries', table), {
    TransitGatewayPolicyTableEntries: [],
  });
  t.equal(lab.refuse('DeleteTransitGatewayPolicyTable', table).code, 'IncorrectState');
  t.match(lab.act('DisassociateTransitGatewayPolicyTable', pair), {
    Association: { State: 'disassociating' },
  });
  const byGateway = [{ Name: 'transit-gateway-id', Values: [tgw] }];
  const shown = lab.act('DescribeTransitGatewayPolicyTables', { Filters: byGateway });
  t.match(at(shown, 'TransitGatewayPolicyTables'), [{ ...table, State: 'available' }]);
  t.match(lab.act('DeleteTransitGatewayPolicyTable', table), {
    TransitGatewayPolicyTable: { State: 'deleting' },
  });
  for (const name of [
    'GetTransitGatewayPolicyTableAssociations',
    'GetTransitGatewayPolicyTableEntries',
    'DeleteTransitGatewayPolicyTable',
  ]) {
    t.equal(lab.refuse(name, table).code, 'InvalidTransitGatewayPolicyTableId.NotFound', name);
  }
});
