import t from 'tap';
import { at, type LabOptions, listAt, textAt } from './lab.ts';
import { attachedLab, attachmentState, defaultTable } from './transit-gateway-lab.ts';

function connected(options: LabOptions = {}) {
  const made = attachedLab(options, {
    TransitGatewayCidrBlocks: ['172.16.0.0/24', 'fd00:1::/64'],
  });
  const { lab, attachment } = made;
  const connect = lab.act('CreateTransitGatewayConnect', {
    TransportTransitGatewayAttachmentId: attachment,
    Options: { Protocol: 'gre' },
  });
  const id = textAt(connect, 'TransitGatewayConnect', 'TransitGatewayAttachmentId');
  const peer = (more: object = {}) => ({
    TransitGatewayAttachmentId: id,
    PeerAddress: '10.0.1.5',
    InsideCidrBlocks: ['169.254.6.0/29'],
    ...more,
  });
  const create = (more: object = {}) =>
    at(lab.act('CreateTransitGatewayConnectPeer', peer(more)), 'TransitGatewayConnectPeer');
  return { ...made, connect, id, peer, create };
}

t.test('a Connect attachment is carried by the attachment of a VPC', async (t) => {
  const { lab, tgw, attachment, connect, id } = connected();
  t.match(at(connect, 'TransitGatewayConnect'), {
    State: 'pending',
    TransitGatewayId: tgw,
    TransportTransitGatewayAttachmentId: attachment,
    Options: { Protocol: 'gre' },
  });
  const shown = lab.act('DescribeTransitGatewayConnects', {
    Filters: [
      { Name: 'options.protocol', Values: ['gre'] },
      { Name: 'transport-transit-gateway-attachment-id', Values: [attachment] },
      { Name: 'state', Values: ['available'] },
    ],
  });
  t.equal(listAt(shown, 'TransitGatewayConnects').length, 1);
  const ofKind = [{ Name: 'resource-type', Values: ['connect'] }];
  const attachments = lab.act('DescribeTransitGatewayAttachments', { Filters: ofKind });
  t.match(at(attachments, 'TransitGatewayAttachments', 0), {
    ResourceId: attachment,
    Association: { TransitGatewayRouteTableId: defaultTable(lab, tgw) },
  });
  const create = (TransportTransitGatewayAttachmentId: string, Protocol = 'gre') =>
    lab.refuse('CreateTransitGatewayConnect', {
      TransportTransitGatewayAttachmentId,
      Options: { Protocol },
    }).code;
  t.equal(create(id), 'InvalidTransitGatewayAttachmentID.NotFound', 'no Connect over Connect');
  t.equal(create(attachment, 'ipsec'), 'InvalidParameterValue');
  t.match(
    lab.refuse('CreateTransitGatewayRoute', {
      TransitGatewayRouteTableId: defaultTable(lab, tgw),
      DestinationCidrBlock: '10.5.0.0/16',
      TransitGatewayAttachmentId: id,
    }),
    { code: 'UnsupportedOperation' },
    'no static routes (TGWC-2)',
  );
  const transport = { TransitGatewayAttachmentId: attachment };
  t.match(lab.refuse('DeleteTransitGatewayVpcAttachment', transport), {
    code: 'IncorrectState',
    message: `${attachment} has non-deleted Connect Attachments: ${id}.`,
  });
  const remove = { TransitGatewayAttachmentId: id };
  t.match(lab.act('DeleteTransitGatewayConnect', remove), {
    TransitGatewayConnect: { State: 'deleting' },
  });
  t.equal(attachmentState(lab, id), 'deleted');
  t.equal(lab.refuse('DeleteTransitGatewayConnect', remove).code, 'IncorrectState');
  lab.act('DeleteTransitGatewayVpcAttachment', transport);
});

t.test('a Connect peer has two BGP sessions, on the first inside hosts (TGWC-1)', async (t) => {
  const { lab, id, create } = connected();
  const first = create({ BgpOptions: { PeerAsn: 65_100 } });
  const bgp = { TransitGatewayAsn: 64_512, PeerAsn: 65_100, BgpStatus: 'down' };
  t.match(first, {
    State: 'pending',
    TransitGatewayAttachmentId: id,
    ConnectPeerConfiguration: {
      TransitGatewayAddress: '172.16.0.1',
      PeerAddress: '10.0.1.5',
      InsideCidrBlocks: ['169.254.6.0/29'],
      Protocol: 'gre',
      BgpConfigurations: [
        { ...bgp, PeerAddress: '169.254.6.1', TransitGatewayAddress: '169.254.6.2' },
        { ...bgp, PeerAddress: '169.254.6.1', TransitGatewayAddress: '169.254.6.3' },
      ],
    },
  });
  t.match(
    create({ InsideCidrBlocks: ['169.254.6.8/29', 'fd00:2::/125'] }),
    {
      ConnectPeerConfiguration: {
        TransitGatewayAddress: '172.16.0.2',
        InsideCidrBlocks: ['169.254.6.8/29', 'fd00:2::/125'],
        BgpConfigurations: [{ PeerAsn: 64_512 }, { PeerAsn: 64_512 }],
      },
    },
    'the ASN of the transit gateway when none is told',
  );
  t.match(create({ InsideCidrBlocks: ['169.254.6.16/29'], PeerAddress: 'fd00:9::5' }), {
    ConnectPeerConfiguration: { TransitGatewayAddress: 'fd00:1::1' },
  });
  const other = { InsideCidrBlocks: ['169.254.6.24/29'], PeerAddress: '10.0.1.6' };
  t.match(create({ ...other, TransitGatewayAddress: '172.16.0.1' }), {
    ConnectPeerConfiguration: { TransitGatewayAddress: '172.16.0.1' },
  });
  const connectPeerId = textAt(first, 'TransitGatewayConnectPeerId');
  const shown = lab.act('DescribeTransitGatewayConnectPeers', {
    Filters: [
      { Name: 'transit-gateway-connect-peer-id', Values: [connectPeerId] },
      { Name: 'state', Values: ['available'] },
    ],
  });
  t.equal(listAt(shown, 'TransitGatewayConnectPeers').length, 1);
  t.match(lab.refuse('DeleteTransitGatewayConnect', { TransitGatewayAttachmentId: id }), {
    code: 'IncorrectState',
    message: new RegExp(`^${id} has non-deleted Connect Peers: ${connectPeerId}, `),
  });
  const remove = { TransitGatewayConnectPeerId: connectPeerId };
  t.match(lab.act('DeleteTransitGatewayConnectPeer', remove), {
    TransitGatewayConnectPeer: { State: 'deleting' },
  });
  t.equal(
    lab.refuse('DeleteTransitGatewayConnectPeer', remove).code,
    'InvalidTransitGatewayConnectPeerID.NotFound',
  );
});

t.test('what a Connect peer may not have is refused (TGWC-1, TGWC-3)', async (t) => {
  const { lab, tgw, id, attachment, peer, create } = connected({
    quotas: { peersPerConnectAttachment: 2 },
  });
  create();
  const rows: readonly (readonly [object, string])[] = [
    [{}, 'InvalidParameterValue'],
    ...['x', '169.254.6.8/30', '10.0.0.0/29', '169.254.5.0/29', '169.254.169.248/29'].map(
      (text) => [{ InsideCidrBlocks: [text] }, 'InvalidParameterValue'] as const,
    ),
    [{ InsideCidrBlocks: ['fd00:2::/125'] }, 'InvalidParameterValue'],
    [{ InsideCidrBlocks: ['169.254.7.0/29', '169.254.7.8/29'] }, 'InvalidParameterValue'],
    [{ InsideCidrBlocks: ['169.254.7.0/29', '2001:db8::/125'] }, 'InvalidParameterValue'],
  ];
  const inside = { InsideCidrBlocks: ['169.254.7.0/29'] };
  const others: readonly (readonly [object, string])[] = [
    [{ ...inside, PeerAddress: 'x' }, 'InvalidParameterValue'],
    [{ ...inside, TransitGatewayAddress: '172.16.1.1' }, 'InvalidParameterValue'],
    [{ ...inside, TransitGatewayAddress: 'fd00:1::1' }, 'InvalidParameterValue'],
    [{ ...inside, TransitGatewayAddress: '172.16.0.1' }, 'InvalidParameterValue'],
    [{ ...inside, BgpOptions: { PeerAsn: 0 } }, 'InvalidParameterValue'],
    [
      { ...inside, TransitGatewayAttachmentId: attachment },
      'InvalidTransitGatewayAttachmentID.NotFound',
    ],
  ];
  for (const [more, code] of [...rows, ...others]) {
    const refused = lab.refuse('CreateTransitGatewayConnectPeer', peer(more));
    t.equal(refused.code, code, JSON.stringify(more));
  }
  const Options = { RemoveTransitGatewayCidrBlocks: ['172.16.0.0/24'] };
  const modify = { TransitGatewayId: tgw, Options };
  t.equal(lab.refuse('ModifyTransitGateway', modify).code, 'IncorrectState');
  create({ ...inside, PeerAddress: '10.0.1.6' });
  const third = peer({ InsideCidrBlocks: ['169.254.8.0/29'] });
  t.equal(
    lab.refuse('CreateTransitGatewayConnectPeer', third).code,
    'TransitGatewayConnectPeerLimitExceeded',
  );
  const peers = lab.act('DescribeTransitGatewayConnectPeers');
  for (const each of listAt(peers, 'TransitGatewayConnectPeers')) {
    const TransitGatewayConnectPeerId = textAt(each, 'TransitGatewayConnectPeerId');
    lab.act('DeleteTransitGatewayConnectPeer', { TransitGatewayConnectPeerId });
  }
  lab.act('ModifyTransitGateway', modify);
  t.match(lab.refuse('CreateTransitGatewayConnectPeer', peer()), {
    code: 'IncorrectState',
    message: `${tgw} has no free address in an IPv4 CIDR block`,
  });
  lab.act('DeleteTransitGatewayConnect', { TransitGatewayAttachmentId: id });
  t.equal(lab.refuse('CreateTransitGatewayConnectPeer', peer()).code, 'IncorrectState');
});
