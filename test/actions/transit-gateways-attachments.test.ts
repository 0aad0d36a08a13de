import t from 'tap';
import type { Realm } from '../../src/model/realm.ts';
import { at, Lab, type LabOptions, listAt, textAt } from './lab.ts';
import {
  ACCOUNT,
  attachedLab,
  attachmentState,
  defaultTable,
  newTable,
  OTHER_ACCOUNT,
  searched,
  transitGateway,
  vpcAttachment,
} from './transit-gateway-lab.ts';
import { ABROAD, HOME, STRANGER, TestWorld } from './world.ts';

function enis(lab: Lab): unknown[] {
  const Filters = [{ Name: 'interface-type', Values: ['transit_gateway'] }];
  return listAt(lab.act('DescribeNetworkInterfaces', { Filters }), 'NetworkInterfaces');
}

t.test('[TGW-1] the attachment of a VPC has one interface in one subnet of a zone', async (t) => {
  const lab = new Lab();
  const tgw = transitGateway(lab);
  const vpcId = lab.vpc();
  const a = lab.subnet(vpcId, '10.0.1.0/24', { AvailabilityZone: 'us-east-1a' });
  const b = lab.subnet(vpcId, '10.0.2.0/24', { AvailabilityZone: 'us-east-1b' });
  const sameZone = lab.subnet(vpcId, '10.0.3.0/24', { AvailabilityZone: 'us-east-1a' });
  const elsewhere = lab.subnet(lab.vpc('10.9.0.0/16'), '10.9.1.0/24');
  const input = { TransitGatewayId: tgw, VpcId: vpcId };
  const rows: readonly (readonly [object, string])[] = [
    [{ SubnetIds: [a, sameZone] }, 'DuplicateSubnetsInSameZone'],
    [{ SubnetIds: [elsewhere] }, 'InvalidSubnetID.NotFound'],
    [{ SubnetIds: [] }, 'MissingParameter'],
    [{ SubnetIds: [a], Options: { Ipv6Support: 'enable' } }, 'InvalidParameterValue'],
    [{ SubnetIds: [a], TransitGatewayId: 'tgw-12345678' }, 'InvalidTransitGatewayID.NotFound'],
    [{ SubnetIds: [a], VpcId: 'vpc-12345678' }, 'InvalidVpcID.NotFound'],
  ];
  for (const [more, code] of rows) {
    const refused = lab.refuse('CreateTransitGatewayVpcAttachment', { ...input, ...more });
    t.equal(refused.code, code, JSON.stringify(more));
  }
  const made = lab.act('CreateTransitGatewayVpcAttachment', { ...input, SubnetIds: [a, b] });
  const id = textAt(made, 'TransitGatewayVpcAttachment', 'TransitGatewayAttachmentId');
  t.match(at(made, 'TransitGatewayVpcAttachment'), {
    State: 'pending',
    VpcId: vpcId,
    VpcOwnerId: ACCOUNT,
    SubnetIds: [a, b],
    Options: {
      DnsSupport: 'enable',
      SecurityGroupReferencingSupport: 'enable',
      Ipv6Support: 'disable',
      ApplianceModeSupport: 'disable',
    },
  });
  t.equal(attachmentState(lab, id), 'available');
  t.same(
    enis(lab).map((eni) => at(eni, 'SubnetId')),
    [a, b],
  );
  const [eni] = enis(lab);
  t.match(eni, {
    Description: `Network Interface for Transit Gateway Attachment ${id}`,
    RequesterManaged: true,
    Status: 'in-use',
    Groups: [],
  });
  const NetworkInterfaceId = textAt(eni, 'NetworkInterfaceId');
  t.match(lab.refuse('DeleteNetworkInterface', { NetworkInterfaceId }), {
    message: `Network interface '${NetworkInterfaceId}' is currently in use.`,
  });
  const assign = { NetworkInterfaceId, SecondaryPrivateIpAddressCount: 1 };
  t.equal(lab.refuse('AssignPrivateIpAddresses', assign).code, 'AuthFailure');
  const again = { ...input, SubnetIds: [a] };
  t.match(lab.refuse('CreateTransitGatewayVpcAttachment', again), {
    code: 'DuplicateTransitGatewayAttachment',
    message: `${tgw} has non-deleted Transit Gateway Attachments with same VPC ID.`,
  });
  lab.act('DeleteTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: id });
  t.same(enis(lab), [], 'the interfaces go with it');
  t.equal(attachmentState(lab, id), 'deleted');
  vpcAttachment(lab, tgw, vpcId, [a]);
  const twice = { TransitGatewayAttachmentId: id };
  t.match(lab.refuse('DeleteTransitGatewayVpcAttachment', twice), {
    code: 'IncorrectState',
    message: `${id} is in invalid state`,
  });
});

t.test('subnets come and go, and IPv6 is switched', async (t) => {
  const lab = new Lab();
  const tgw = transitGateway(lab);
  const vpcId = lab.vpc('10.0.0.0/16', { AmazonProvidedIpv6CidrBlock: true });
  const [block] = [...lab.snapshot.vpcs.values()].flatMap((vpc) => vpc.ipv6Cidrs);
  const text = (index: number) => {
    const shown = lab.act('DescribeVpcs', { VpcIds: [vpcId] });
    const path = ['Vpcs', 0, 'Ipv6CidrBlockAssociationSet', 0, 'Ipv6CidrBlock'];
    return textAt(shown, ...path).replace(/0?::\/56$/, `${index}::/64`);
  };
  t.ok(block);
  const zoned = (cidr: string, zone: string, index: number) =>
    lab.subnet(vpcId, cidr, { AvailabilityZone: zone, Ipv6CidrBlock: text(index) });
  const a = zoned('10.0.1.0/24', 'us-east-1a', 1);
  const b = zoned('10.0.2.0/24', 'us-east-1b', 2);
  const a2 = zoned('10.0.3.0/24', 'us-east-1a', 3);
  const id = vpcAttachment(lab, tgw, vpcId, [a]);
  const modify = (input: object) =>
    at(
      lab.act('ModifyTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: id, ...input }),
      'TransitGatewayVpcAttachment',
    );
  const refused = (input: object) =>
    lab.refuse('ModifyTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: id, ...input });
  t.match(refused({ RemoveSubnetIds: [a] }), {
    code: 'InsufficientSubnetsException',
    message: 'Insufficient Subnets',
  });
  t.match(refused({ RemoveSubnetIds: [b] }), {
    code: 'InvalidSubnetID.NotFound',
    message: `${b} is not attached but supplied in RemoveSubnets`,
  });
  t.equal(refused({ AddSubnetIds: [a2] }).code, 'DuplicateSubnetsInSameZone');
  t.match(modify({ AddSubnetIds: [a2, b], RemoveSubnetIds: [a] }), {
    State: 'modifying',
    SubnetIds: [a2, b],
  });
  t.same(
    enis(lab).map((eni) => at(eni, 'SubnetId')),
    [a2, b],
  );
  const ipv6 = () => enis(lab).map((eni) => listAt(eni, 'Ipv6Addresses').length);
  t.same(ipv6(), [0, 0]);
  t.match(modify({ Options: { Ipv6Support: 'enable', ApplianceModeSupport: 'enable' } }), {
    Options: { Ipv6Support: 'enable', ApplianceModeSupport: 'enable', DnsSupport: 'enable' },
  });
  t.same(ipv6(), [1, 1]);
  const table = defaultTable(lab, tgw);
  t.equal(searched(lab, table).length, 2, 'the IPv6 block is propagated too');
  modify({ Options: { Ipv6Support: 'disable' } });
  t.same(ipv6(), [0, 0]);
  t.equal(searched(lab, table).length, 1);
  const shown = lab.act('DescribeTransitGatewayVpcAttachments', {
    Filters: [
      { Name: 'vpc-id', Values: [vpcId] },
      { Name: 'state', Values: ['available'] },
      { Name: 'transit-gateway-id', Values: [tgw] },
    ],
  });
  t.equal(listAt(shown, 'TransitGatewayVpcAttachments').length, 1);
  t.equal(
    lab.refuse('ModifyTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: 'tgw-attach-1' })
      .code,
    'InvalidTransitGatewayAttachmentID.Malformed',
  );
  const native = lab.subnet(vpcId, null, { Ipv6CidrBlock: text(4) });
  t.equal(refused({ RemoveSubnetIds: [b], AddSubnetIds: [native] }).code, 'InvalidParameterValue');
});

/** A transit gateway that another account shares with this one. */
function sharedLab() {
  const lab = new Lab();
  const tgw = transitGateway(lab);
  lab.store.edit((draft) => {
    for (const [id, gateway] of draft.snapshot.transitGateways) {
      draft.put('transitGateways', id, { ...gateway, ownerId: OTHER_ACCOUNT });
    }
  });
  const vpcId = lab.vpc();
  const subnet = lab.subnet(vpcId, '10.0.1.0/24');
  return { lab, tgw, vpcId, subnet };
}

t.test('the attachment to the transit gateway of another account waits', async (t) => {
  const { lab, tgw, vpcId, subnet } = sharedLab();
  const answer = (verb: string, id: string) =>
    [`${verb}TransitGatewayVpcAttachment`, { TransitGatewayAttachmentId: id } as const] as const;
  const first = vpcAttachment(lab, tgw, vpcId, [subnet]);
  t.equal(attachmentState(lab, first), 'pendingAcceptance');
  t.same(enis(lab), []);
  const modify = { TransitGatewayAttachmentId: first };
  t.equal(lab.refuse('ModifyTransitGatewayVpcAttachment', modify).code, 'IncorrectState');
  t.match(lab.act(...answer('Reject', first)), {
    TransitGatewayVpcAttachment: { State: 'rejecting' },
  });
  t.equal(attachmentState(lab, first), 'rejected');
  const second = vpcAttachment(lab, tgw, vpcId, [subnet]);
  t.match(lab.act(...answer('Accept', second)), {
    TransitGatewayVpcAttachment: { State: 'pending' },
  });
  t.equal(attachmentState(lab, second), 'available');
  t.equal(enis(lab).length, 1);
  for (const verb of ['Accept', 'Reject']) {
    for (const id of [first, second]) {
      t.equal(lab.refuse(...answer(verb, id)).code, 'IncorrectState', verb);
    }
  }
  const owned = lab.act('DescribeTransitGatewayAttachments', {
    Filters: [
      { Name: 'transit-gateway-owner-id', Values: [OTHER_ACCOUNT] },
      { Name: 'resource-owner-id', Values: [ACCOUNT] },
      { Name: 'state', Values: ['available'] },
    ],
  });
  t.match(at(owned, 'TransitGatewayAttachments', 0), {
    TransitGatewayAttachmentId: second,
    ResourceId: vpcId,
    ResourceType: 'vpc',
    Association: { State: 'associated' },
  });
});

t.test('a transit gateway that accepts by itself makes nobody wait', async (t) => {
  const { lab, tgw, vpcId, subnet } = sharedLab();
  lab.act('ModifyTransitGateway', {
    TransitGatewayId: tgw,
    Options: { AutoAcceptSharedAttachments: 'enable' },
  });
  t.equal(attachmentState(lab, vpcAttachment(lab, tgw, vpcId, [subnet])), 'available');
});

t.test('[TGW-11] attachments keep to the quotas of the gateway and of the VPC', async (t) => {
  const attached = (quotas: LabOptions['quotas']) => {
    const { lab, vpcId, subnet, tgw } = attachedLab({ quotas: { ...quotas } });
    const other = lab.vpc('10.9.0.0/16');
    const far = lab.subnet(other, '10.9.1.0/24');
    return {
      sameGateway: { TransitGatewayId: tgw, VpcId: other, SubnetIds: [far] },
      sameVpc: { TransitGatewayId: transitGateway(lab), VpcId: vpcId, SubnetIds: [subnet] },
      lab,
    };
  };
  const code = 'TransitGatewayAttachmentLimitExceeded';
  const name = 'CreateTransitGatewayVpcAttachment';
  const one = attached({ attachmentsPerTransitGateway: 1 });
  t.equal(one.lab.refuse(name, one.sameGateway).code, code);
  one.lab.act(name, one.sameVpc);
  const two = attached({ transitGatewaysPerVpc: 1 });
  t.equal(two.lab.refuse(name, two.sameVpc).code, code);
  two.lab.act(name, two.sameGateway);
});

function peered(options: LabOptions = {}) {
  const lab = new Lab(options);
  const one = transitGateway(lab);
  const two = transitGateway(lab);
  const input = {
    TransitGatewayId: one,
    PeerTransitGatewayId: two,
    PeerAccountId: ACCOUNT,
    PeerRegion: 'us-east-1',
  };
  const made = lab.act('CreateTransitGatewayPeeringAttachment', input);
  const shape = at(made, 'TransitGatewayPeeringAttachment');
  const requester = textAt(shape, 'TransitGatewayAttachmentId');
  const accepter = textAt(shape, 'AccepterTransitGatewayAttachmentId');
  const on = (verb: string, TransitGatewayAttachmentId: string) =>
    [`${verb}TransitGatewayPeeringAttachment`, { TransitGatewayAttachmentId }] as const;
  return { lab, one, two, input, shape, requester, accepter, on };
}

t.test('a peering has an attachment on each side, and the accepter answers', async (t) => {
  const { lab, one, two, input, shape, requester, accepter, on } = peered();
  t.match(shape, {
    State: 'initiatingRequest',
    Status: { Code: 'initiatingRequest' },
    RequesterTgwInfo: { TransitGatewayId: one, OwnerId: ACCOUNT, Region: 'us-east-1' },
    AccepterTgwInfo: { TransitGatewayId: two, OwnerId: ACCOUNT, Region: 'us-east-1' },
    Options: { DynamicRouting: 'disable' },
  });
  const states = () => [requester, accepter].map((id) => attachmentState(lab, id));
  t.same(states(), ['pendingAcceptance', 'pendingAcceptance']);
  const rows: readonly (readonly [object, string])[] = [
    [{}, 'DuplicateTransitGatewayAttachment'],
    [{ TransitGatewayId: two, PeerTransitGatewayId: one }, 'DuplicateTransitGatewayAttachment'],
    [{ PeerTransitGatewayId: one }, 'InvalidParameterValue'],
    [{ PeerRegion: 'eu-west-1' }, 'InvalidTransitGatewayID.NotFound'],
    [{ PeerAccountId: OTHER_ACCOUNT }, 'InvalidTransitGatewayID.NotFound'],
    [{ PeerTransitGatewayId: 'tgw-12345678' }, 'InvalidTransitGatewayID.NotFound'],
  ];
  for (const [more, code] of rows) {
    const refused = lab.refuse('CreateTransitGatewayPeeringAttachment', { ...input, ...more });
    t.equal(refused.code, code, JSON.stringify(more));
  }
  t.match(lab.refuse(...on('Accept', requester)), {
    code: 'InvalidParameterValue',
    message: `Cannot accept ${requester} as the source of the peering request.`,
  });
  t.equal(lab.refuse(...on('Reject', requester)).code, 'InvalidParameterValue');
  t.match(lab.act(...on('Accept', accepter)), {
    TransitGatewayPeeringAttachment: { State: 'pending', TransitGatewayAttachmentId: accepter },
  });
  t.same(states(), ['available', 'available']);
  t.equal(lab.refuse(...on('Reject', accepter)).code, 'IncorrectState');
  const ofTwo = [{ Name: 'transit-gateway-id', Values: [two] }];
  const shown = lab.act('DescribeTransitGatewayAttachments', { Filters: ofTwo });
  t.match(at(shown, 'TransitGatewayAttachments', 0), {
    TransitGatewayAttachmentId: accepter,
    ResourceType: 'peering',
    ResourceId: one,
    Association: { TransitGatewayRouteTableId: defaultTable(lab, two) },
  });
  t.same(searched(lab, defaultTable(lab, two)), [], 'nothing is propagated (TGW-4)');
  const enable = {
    TransitGatewayRouteTableId: defaultTable(lab, two),
    TransitGatewayAttachmentId: accepter,
  };
  t.equal(
    lab.refuse('EnableTransitGatewayRouteTablePropagation', enable).code,
    'UnsupportedOperation',
  );
  lab.act('CreateTransitGatewayRoute', { ...enable, DestinationCidrBlock: '10.0.0.0/8' });
  t.equal(lab.refuse('DeleteTransitGateway', { TransitGatewayId: two }).code, 'IncorrectState');
  t.match(lab.act(...on('Delete', requester)), {
    TransitGatewayPeeringAttachment: { State: 'deleting' },
  });
  t.same(states(), ['deleted', 'deleted']);
  t.same(searched(lab, defaultTable(lab, two)), ['10.0.0.0/8 - static blackhole']);
  t.equal(lab.refuse(...on('Delete', accepter)).code, 'IncorrectState');
  lab.act('DeleteTransitGateway', { TransitGatewayId: two });
});

t.test('a peering is rejected, and requests keep to their quota', async (t) => {
  const { lab, one, input, requester, accepter, on } = peered({
    quotas: { pendingPeeringsPerTransitGateway: 1, peeringsPerTransitGateway: 2 },
  });
  const third = { ...input, PeerTransitGatewayId: transitGateway(lab) };
  t.equal(
    lab.refuse('CreateTransitGatewayPeeringAttachment', third).code,
    'TransitGatewayPeeringAttachmentLimitExceeded',
  );
  t.match(lab.act(...on('Reject', accepter)), {
    TransitGatewayPeeringAttachment: { State: 'rejecting' },
  });
  t.equal(attachmentState(lab, requester), 'rejected');
  lab.act('CreateTransitGatewayPeeringAttachment', third);
  const shown = lab.act('DescribeTransitGatewayPeeringAttachments', {
    Filters: [
      { Name: 'local-owner-id', Values: [ACCOUNT] },
      { Name: 'remote-owner-id', Values: [ACCOUNT] },
      { Name: 'state', Values: ['pendingAcceptance'] },
      { Name: 'transit-gateway-id', Values: [one] },
    ],
  });
  t.equal(listAt(shown, 'TransitGatewayPeeringAttachments').length, 1);
  const { attachment } = attachedLab();
  const ids = { TransitGatewayAttachmentIds: [attachment] };
  t.equal(
    lab.refuse('DescribeTransitGatewayPeeringAttachments', ids).code,
    'InvalidTransitGatewayAttachmentID.NotFound',
  );
});

t.test('a VPN connection of a transit gateway is an attachment of it', async (t) => {
  const lab = new Lab();
  const tgw = transitGateway(lab);
  const input = { Type: 'ipsec.1', CustomerGatewayId: lab.customerGateway() };
  const both = { ...input, TransitGatewayId: tgw, VpnGatewayId: lab.vpnGateway() };
  t.equal(lab.refuse('CreateVpnConnection', both).code, 'MissingParameter');
  t.equal(lab.refuse('CreateVpnConnection', input).code, 'MissingParameter');
  const unknown = { ...input, TransitGatewayId: 'tgw-12345678' };
  t.equal(lab.refuse('CreateVpnConnection', unknown).code, 'InvalidTransitGatewayID.NotFound');
  const made = lab.act('CreateVpnConnection', {
    ...input,
    TransitGatewayId: tgw,
    Options: { StaticRoutesOnly: true },
  });
  t.match(at(made, 'VpnConnection'), { TransitGatewayId: tgw, VpnGatewayId: undefined });
  const VpnConnectionId = textAt(made, 'VpnConnection', 'VpnConnectionId');
  const Filters = [
    { Name: 'resource-id', Values: [VpnConnectionId] },
    { Name: 'resource-type', Values: ['vpn'] },
    { Name: 'transit-gateway-id', Values: [tgw] },
  ];
  const shown = lab.act('DescribeTransitGatewayAttachments', { Filters });
  t.match(at(shown, 'TransitGatewayAttachments', 0), {
    State: 'available',
    Association: { TransitGatewayRouteTableId: defaultTable(lab, tgw), State: 'associated' },
  });
  const id = textAt(shown, 'TransitGatewayAttachments', 0, 'TransitGatewayAttachmentId');
  const propagations = lab.act('GetTransitGatewayAttachmentPropagations', {
    TransitGatewayAttachmentId: id,
  });
  t.match(at(propagations, 'TransitGatewayAttachmentPropagations'), [
    { TransitGatewayRouteTableId: defaultTable(lab, tgw), State: 'enabled' },
  ]);
  const byGateway = [{ Name: 'transit-gateway-id', Values: [tgw] }];
  const connections = lab.act('DescribeVpnConnections', { Filters: byGateway });
  t.equal(listAt(connections, 'VpnConnections').length, 1);
  const route = { VpnConnectionId, DestinationCidrBlock: '192.168.0.0/16' };
  t.equal(lab.refuse('CreateVpnConnectionRoute', route).code, 'UnsupportedOperation');
  t.match(lab.refuse('DeleteTransitGateway', { TransitGatewayId: tgw }), {
    message: `${tgw} has non-deleted VPN Attachments: ${id}.`,
  });
  const asn = { TransitGatewayId: tgw, Options: { AmazonSideAsn: 65_001 } };
  t.equal(lab.refuse('ModifyTransitGateway', asn).code, 'IncorrectState');
  lab.act('DeleteVpnConnection', { VpnConnectionId });
  t.equal(attachmentState(lab, id), 'deleted');
  lab.act('ModifyTransitGateway', asn);
  lab.act('DeleteTransitGateway', { TransitGatewayId: tgw });
});

t.test('an attachment belongs to the tables of its own transit gateway', async (t) => {
  const { lab, attachment } = attachedLab();
  const TransitGatewayRouteTableId = newTable(lab, transitGateway(lab));
  const pair = { TransitGatewayRouteTableId, TransitGatewayAttachmentId: attachment };
  for (const name of [
    'AssociateTransitGatewayRouteTable',
    'DisassociateTransitGatewayRouteTable',
    'EnableTransitGatewayRouteTablePropagation',
    'DisableTransitGatewayRouteTablePropagation',
  ]) {
    t.match(
      lab.refuse(name, pair),
      {
        code: 'InvalidTransitGatewayAttachmentID.NotFound',
        message: `Transit Gateway Attachment ${attachment} was deleted or does not exist.`,
      },
      name,
    );
  }
  const propagations = { TransitGatewayAttachmentId: 'tgw-attach-12345678' };
  t.equal(
    lab.refuse('GetTransitGatewayAttachmentPropagations', propagations).code,
    'InvalidTransitGatewayAttachmentID.NotFound',
  );
});

for (const peer of [ABROAD, STRANGER]) {
  t.test(
    `a peering with ${peer.accountId} in ${peer.region} has one id on both sides`,
    async (t) => {
      const world = new TestWorld();
      const made = (realm: Realm) =>
        textAt(world.act('CreateTransitGateway', {}, realm), 'TransitGateway', 'TransitGatewayId');
      const [one, two] = [made(HOME), made(peer)];
      const input = {
        TransitGatewayId: one,
        PeerTransitGatewayId: two,
        PeerAccountId: peer.accountId,
        PeerRegion: peer.region,
      };
      const asked = world.act('CreateTransitGatewayPeeringAttachment', input);
      const shape = at(asked, 'TransitGatewayPeeringAttachment');
      const id = textAt(shape, 'TransitGatewayAttachmentId');
      t.match(shape, {
        AccepterTransitGatewayAttachmentId: id,
        RequesterTgwInfo: { TransitGatewayId: one, Region: HOME.region },
        AccepterTgwInfo: { TransitGatewayId: two, Region: peer.region, OwnerId: peer.accountId },
      });
      const ofId = { TransitGatewayAttachmentId: id };
      const shown = (realm: Realm) => {
        const ids = { TransitGatewayAttachmentIds: [id] };
        const { TransitGatewayAttachments } = world.act(
          'DescribeTransitGatewayAttachments',
          ids,
          realm,
        );
        return at(TransitGatewayAttachments, 0);
      };
      t.match(shown(peer), { TransitGatewayId: two, ResourceId: one, State: 'pendingAcceptance' });
      const accept = 'AcceptTransitGatewayPeeringAttachment';
      t.match(world.refusal(accept, ofId), /^InvalidParameterValue/, 'the requester cannot accept');
      world.act(accept, ofId, peer);
      t.match(shown(HOME), { TransitGatewayId: one, ResourceId: two, State: 'available' });
      t.match(shown(peer), { State: 'available', Association: { State: 'associated' } });
      world.act('DeleteTransitGatewayPeeringAttachment', ofId);
      t.match([shown(HOME), shown(peer)], [{ State: 'deleted' }, { State: 'deleted' }]);
      const nowhere = { ...input, PeerRegion: 'xx-nowhere-1' };
      t.match(
        world.refusal('CreateTransitGatewayPeeringAttachment', nowhere),
        /^InvalidTransitGatewayID.NotFound/,
      );
    },
  );
}
