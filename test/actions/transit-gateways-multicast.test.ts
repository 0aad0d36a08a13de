import t from 'tap';
import { at, type LabOptions, listAt, textAt } from './lab.ts';
import { ACCOUNT, attachedLab, OTHER_ACCOUNT, transitGateway } from './transit-gateway-lab.ts';

/** A domain with the subnet of an attached VPC. */
function domainLab(Options: object = {}, options: LabOptions = {}) {
  const made = attachedLab(options, { MulticastSupport: 'enable' });
  const { lab, tgw, subnet, attachment, vpcId } = made;
  const output = lab.act('CreateTransitGatewayMulticastDomain', { TransitGatewayId: tgw, Options });
  const shape = at(output, 'TransitGatewayMulticastDomain');
  const domain = {
    TransitGatewayMulticastDomainId: textAt(shape, 'TransitGatewayMulticastDomainId'),
  };
  const subnets = (...SubnetIds: string[]) => ({
    ...domain,
    TransitGatewayAttachmentId: attachment,
    SubnetIds,
  });
  const second = lab.subnet(vpcId, '10.0.2.0/24');
  const group = (GroupIpAddress: string, ...NetworkInterfaceIds: string[]) => ({
    ...domain,
    GroupIpAddress,
    NetworkInterfaceIds,
  });
  const search = (filters: Record<string, string> = {}) => {
    const Filters = Object.entries(filters).map(([Name, value]) => ({ Name, Values: [value] }));
    const input = { ...domain, Filters };
    return listAt(lab.act('SearchTransitGatewayMulticastGroups', input), 'MulticastGroups');
  };
  return { ...made, shape, domain, subnets, subnet, second, group, search };
}

t.test('a multicast domain is made on a transit gateway with multicast', async (t) => {
  const { lab, tgw, shape, domain } = domainLab(
    { StaticSourcesSupport: 'enable' },
    { quotas: { multicastDomainsPerTransitGateway: 1 } },
  );
  t.match(shape, {
    State: 'pending',
    OwnerId: ACCOUNT,
    TransitGatewayId: tgw,
    Options: {
      Igmpv2Support: 'disable',
      StaticSourcesSupport: 'enable',
      AutoAcceptSharedAssociations: 'disable',
    },
  });
  const create = (TransitGatewayId: string, Options: object = {}) =>
    lab.refuse('CreateTransitGatewayMulticastDomain', { TransitGatewayId, Options }).code;
  t.equal(create(tgw), 'TransitGatewayMulticastDomainLimitExceeded');
  t.equal(create(transitGateway(lab)), 'IncorrectState');
  const other = transitGateway(lab, { MulticastSupport: 'enable' });
  t.equal(
    create(other, { Igmpv2Support: 'enable', StaticSourcesSupport: 'enable' }),
    'InvalidParameterCombination',
  );
  const byGateway = [{ Name: 'transit-gateway-id', Values: [tgw] }];
  const shown = lab.act('DescribeTransitGatewayMulticastDomains', { Filters: byGateway });
  t.match(at(shown, 'TransitGatewayMulticastDomains'), [{ ...domain, State: 'available' }]);
  t.match(lab.act('DeleteTransitGatewayMulticastDomain', domain), {
    TransitGatewayMulticastDomain: { State: 'deleting' },
  });
  t.equal(
    lab.refuse('DeleteTransitGatewayMulticastDomain', domain).code,
    'InvalidTransitGatewayMulticastDomainId.NotFound',
  );
});

t.test('[MC-1] a subnet is in one domain', async (t) => {
  const { lab, tgw, vpcId, attachment, domain, subnets, subnet, second } = domainLab();
  t.match(lab.act('AssociateTransitGatewayMulticastDomain', subnets(subnet, second)), {
    Associations: {
      ...domain,
      ResourceId: vpcId,
      ResourceType: 'vpc',
      ResourceOwnerId: ACCOUNT,
      Subnets: [
        { SubnetId: subnet, State: 'associating' },
        { SubnetId: second, State: 'associating' },
      ],
    },
  });
  const made = lab.act('CreateTransitGatewayMulticastDomain', { TransitGatewayId: tgw });
  const path = ['TransitGatewayMulticastDomain', 'TransitGatewayMulticastDomainId'];
  const elsewhere = { ...subnets(subnet), TransitGatewayMulticastDomainId: textAt(made, ...path) };
  t.match(lab.refuse('AssociateTransitGatewayMulticastDomain', elsewhere), {
    code: 'Resource.AlreadyAssociated',
    message: new RegExp(
      `^Subnet ${subnet} is already associated with .* ${textAt(domain, 'TransitGatewayMulticastDomainId')}`,
    ),
  });
  const foreign = lab.subnet(lab.vpc('10.9.0.0/16'), '10.9.1.0/24');
  t.equal(
    lab.refuse('AssociateTransitGatewayMulticastDomain', subnets(foreign)).code,
    'InvalidSubnetID.NotFound',
  );
  const associations = (...filter: [Name: string, value: string]) => {
    const Filters = [{ Name: filter[0], Values: [filter[1]] }];
    const input = { ...domain, Filters };
    return listAt(
      lab.act('GetTransitGatewayMulticastDomainAssociations', input),
      'MulticastDomainAssociations',
    );
  };
  t.match(associations('subnet-id', second), [
    { TransitGatewayAttachmentId: attachment, Subnet: { State: 'associated' } },
  ]);
  t.equal(associations('resource-id', vpcId).length, 2);
  t.equal(lab.refuse('DeleteTransitGatewayMulticastDomain', domain).code, 'IncorrectState');
  t.match(lab.act('DisassociateTransitGatewayMulticastDomain', subnets(subnet)), {
    Associations: { Subnets: [{ SubnetId: subnet, State: 'disassociating' }] },
  });
  t.equal(
    lab.refuse('DisassociateTransitGatewayMulticastDomain', subnets(subnet)).code,
    'InvalidTransitGatewayMulticastDomainAssociation.NotFound',
  );
  t.equal(associations('state', 'associated').length, 1);
  lab.act('DeleteSubnet', { SubnetId: second });
  t.same(associations('state', 'associated'), [], 'a subnet that is gone is in no domain');
  lab.act('AssociateTransitGatewayMulticastDomain', subnets(subnet));
  lab.act('DeleteTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: attachment });
  lab.act('DeleteTransitGatewayMulticastDomain', domain);
});

t.test('the subnets of another account wait for the owner of the domain', async (t) => {
  const { lab, subnets, subnet, second } = domainLab();
  lab.store.edit((draft) => {
    for (const [id, each] of draft.snapshot.transitGatewayMulticastDomains) {
      draft.put('transitGatewayMulticastDomains', id, { ...each, ownerId: OTHER_ACCOUNT });
    }
  });
  const answered = (state: string) => ({ Associations: { Subnets: [{ State: state }] } });
  t.match(
    lab.act('AssociateTransitGatewayMulticastDomain', subnets(subnet, second)),
    answered('pendingAcceptance'),
  );
  const accept = 'AcceptTransitGatewayMulticastDomainAssociations';
  const reject = 'RejectTransitGatewayMulticastDomainAssociations';
  t.match(lab.act(accept, subnets(subnet)), answered('associating'));
  t.equal(lab.refuse(accept, subnets(subnet)).code, 'IncorrectState');
  t.equal(lab.refuse(reject, subnets(subnet)).code, 'IncorrectState');
  t.match(lab.act(reject, subnets(second)), answered('rejected'));
  t.equal(
    lab.refuse(accept, subnets(second)).code,
    'InvalidTransitGatewayMulticastDomainAssociation.NotFound',
  );
});

t.test('interfaces are members and sources of groups, in the subnets of the domain', async (t) => {
  const { lab, vpcId, attachment, domain, subnets, subnet, second, group, search } = domainLab({
    StaticSourcesSupport: 'enable',
  });
  lab.act('AssociateTransitGatewayMulticastDomain', subnets(subnet));
  const [one, two, outside] = [lab.eni(subnet), lab.eni(subnet), lab.eni(second)];
  const members = 'RegisterTransitGatewayMulticastGroupMembers';
  const sources = 'RegisterTransitGatewayMulticastGroupSources';
  t.match(lab.act(members, group('239.1.1.1', one, two)), {
    RegisteredMulticastGroupMembers: {
      ...domain,
      RegisteredNetworkInterfaceIds: [one, two],
      GroupIpAddress: '239.1.1.1',
    },
  });
  lab.act(members, group('ff15::1', one));
  t.match(lab.act(sources, group('239.1.1.1', one)), {
    RegisteredMulticastGroupSources: { RegisteredNetworkInterfaceIds: [one] },
  });
  const rows: readonly (readonly [string, object, string])[] = [
    [members, group('239.1.1.1', one), 'InvalidParameterValue'],
    [sources, group('239.1.1.1', one), 'InvalidParameterValue'],
    [members, group('10.0.1.1', one), 'InvalidParameterValue'],
    [members, group('fd00::1', one), 'InvalidParameterValue'],
    [members, group('x', one), 'InvalidParameterValue'],
    [members, group('239.1.1.2', outside), 'InvalidParameterValue'],
    [members, group('239.1.1.2', 'eni-12345678'), 'InvalidNetworkInterfaceID.NotFound'],
  ];
  for (const [name, input, code] of rows) {
    t.equal(lab.refuse(name, { ...input }).code, code, `${name} ${JSON.stringify(input)}`);
  }
  t.match(search({ 'is-group-source': 'true' }), [
    {
      GroupIpAddress: '239.1.1.1',
      NetworkInterfaceId: one,
      SubnetId: subnet,
      TransitGatewayAttachmentId: attachment,
      ResourceId: vpcId,
      ResourceType: 'vpc',
      GroupMember: false,
      GroupSource: true,
      SourceType: 'static',
      MemberType: undefined,
    },
  ]);
  t.equal(search({ 'group-ip-address': '239.1.1.1', 'is-group-member': 'true' }).length, 2);
  t.equal(search({ 'member-type': 'static' }).length, 3);
  t.equal(search({ 'member-type': 'igmp' }).length, 0);
  const leave = 'DeregisterTransitGatewayMulticastGroupMembers';
  t.match(lab.act(leave, group('239.1.1.1', two)), {
    DeregisteredMulticastGroupMembers: { DeregisteredNetworkInterfaceIds: [two] },
  });
  t.equal(lab.refuse(leave, group('239.1.1.1', two)).code, 'InvalidParameterValue');
  t.match(lab.act(leave, domain), {
    DeregisteredMulticastGroupMembers: { DeregisteredNetworkInterfaceIds: [one] },
  });
  t.equal(search().length, 1, 'the source is there still');
  const { NetworkInterfaceIds: _all, ...everybody } = group('239.1.1.1');
  lab.act('DeregisterTransitGatewayMulticastGroupSources', everybody);
  t.equal(
    lab.refuse('DeregisterTransitGatewayMulticastGroupSources', group('239.1.1.1', one)).code,
    'InvalidParameterValue',
  );
  t.same(search(), []);
});

t.test('an interface or subnet that goes is in no group', async (t) => {
  const { lab, subnets, subnet, second, group, search } = domainLab();
  lab.act('AssociateTransitGatewayMulticastDomain', subnets(subnet, second));
  const [one, two] = [lab.eni(subnet), lab.eni(second)];
  lab.act('RegisterTransitGatewayMulticastGroupMembers', group('239.1.1.1', one, two));
  lab.act('DeleteNetworkInterface', { NetworkInterfaceId: one });
  t.match(search(), [{ NetworkInterfaceId: two }]);
  lab.act('DisassociateTransitGatewayMulticastDomain', subnets(second));
  t.same(search(), []);
  const source = group('239.1.1.1', two);
  t.equal(
    lab.refuse('RegisterTransitGatewayMulticastGroupSources', source).code,
    'UnsupportedOperation',
    'the domain has no static sources',
  );
  const nowhere = { TransitGatewayMulticastDomainId: 'tgw-mcast-domain-12345678' };
  for (const name of [
    'SearchTransitGatewayMulticastGroups',
    'GetTransitGatewayMulticastDomainAssociations',
  ]) {
    t.equal(lab.refuse(name, nowhere).code, 'InvalidTransitGatewayMulticastDomainId.NotFound');
  }
});

t.test('[MC-7] a group has so many members, one source, and all count together', async (t) => {
  const { lab, subnets, subnet, group } = domainLab(
    { StaticSourcesSupport: 'enable' },
    { quotas: { membersPerMulticastGroup: 2, multicastMembershipsPerTransitGateway: 4 } },
  );
  lab.act('AssociateTransitGatewayMulticastDomain', subnets(subnet));
  const [one, two, three] = [lab.eni(subnet), lab.eni(subnet), lab.eni(subnet)];
  const code = 'TransitGatewayMulticastGroupLimitExceeded';
  const members = 'RegisterTransitGatewayMulticastGroupMembers';
  const sources = 'RegisterTransitGatewayMulticastGroupSources';
  t.equal(lab.refuse(members, group('239.1.1.1', one, two, three)).code, code);
  lab.act(members, group('239.1.1.1', one, two));
  t.equal(lab.refuse(sources, group('239.1.1.1', one, two)).code, code);
  lab.act(sources, group('239.1.1.1', one));
  lab.act(members, group('239.1.1.2', one));
  t.equal(lab.refuse(members, group('239.1.1.3', one)).code, code);
});
