import t from 'tap';
import { formatMac } from '../../src/addr/mac.ts';
import { at, Lab, listAt, textAt } from './lab.ts';

t.test('[SUB-1] CreateSubnet takes /16 to /28 inside a block of the VPC', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  lab.subnet(lab.vpc(), '10.0.0.0/16');
  t.match(lab.act('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.0.0.0/28' }), {
    Subnet: {
      State: 'available',
      CidrBlock: '10.0.0.0/28',
      AvailabilityZone: 'us-east-1a',
      AvailableIpAddressCount: 11,
      MapPublicIpOnLaunch: false,
      Tags: [],
    },
  });
  for (const cidr of ['10.0.1.0/29', '10.0.0.0/15', '10.1.0.0/24', '192.168.0.0/24']) {
    t.match(lab.refuse('CreateSubnet', { VpcId: vpcId, CidrBlock: cidr }), {
      code: 'InvalidSubnet.Range',
      message: `The CIDR '${cidr}' is invalid.`,
    });
  }
  const text = lab.refuse('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.0.1.0' });
  t.equal(text.code, 'InvalidParameterValue');
});

t.test('[SUB-4] CreateSubnet clears the host bits', async (t) => {
  const lab = new Lab();
  const output = lab.act('CreateSubnet', { VpcId: lab.vpc(), CidrBlock: '10.0.1.77/24' });
  t.equal(at(output, 'Subnet', 'CidrBlock'), '10.0.1.0/24');
});

t.test('[SUB-5] subnets of a VPC do not overlap and lie in one zone of the region', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  lab.subnet(vpcId, '10.0.1.0/24', { AvailabilityZone: 'us-east-1b' });
  for (const cidr of ['10.0.1.0/24', '10.0.1.128/25', '10.0.0.0/20']) {
    t.match(lab.refuse('CreateSubnet', { VpcId: vpcId, CidrBlock: cidr }), {
      code: 'InvalidSubnet.Conflict',
      message: `The CIDR '${cidr}' conflicts with another subnet`,
    });
  }
  lab.subnet(vpcId, '10.0.2.0/24');
  lab.subnet(lab.vpc(), '10.0.1.0/24');
  const zone = { VpcId: vpcId, CidrBlock: '10.0.3.0/24', AvailabilityZone: 'eu-west-1a' };
  t.match(lab.refuse('CreateSubnet', zone), {
    code: 'InvalidParameterValue',
    message:
      'Value (eu-west-1a) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: us-east-1a, us-east-1b.',
  });
});

t.test('[L2-11] routers and interfaces have unlike local unicast MAC addresses', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  for (let index = 0; index < 20; index++) lab.eni(lab.subnet(vpcId, `10.0.${index}.0/24`));
  const macs = [...lab.snapshot.subnets.values()].map((subnet) => formatMac(subnet.routerMac));
  macs.push(...[...lab.snapshot.enis.values()].map((eni) => formatMac(eni.mac)));
  for (const mac of macs) t.match(mac, /^0[26ae]:/);
  t.equal(new Set(macs).size, 40);
  t.equal(new Set(macs.map((mac) => mac.slice(0, 2))).size, 4, 'all four first octets are used');
});

t.test('[SUB-2] CreateNetworkInterface refuses the five reserved addresses', async (t) => {
  const lab = new Lab();
  const subnetId = lab.subnet(lab.vpc(), '10.0.1.0/24');
  for (const last of [0, 1, 2, 3, 255]) {
    const input = { SubnetId: subnetId, PrivateIpAddress: `10.0.1.${last}` };
    t.match(lab.refuse('CreateNetworkInterface', input), {
      code: 'InvalidParameterValue',
      message: `Address 10.0.1.${last} is in subnet's reserved address range`,
    });
  }
  for (const last of [4, 254]) lab.eni(subnetId, { PrivateIpAddress: `10.0.1.${last}` });
});

t.test('[SUB-2] a /28 gives eleven addresses, chosen in no order', async (t) => {
  const lab = new Lab();
  const subnetId = lab.subnet(lab.vpc(), '10.0.1.16/28');
  const chosen: unknown[] = [];
  for (let left = 11; left > 0; left--) {
    t.equal(at(lab.act('DescribeSubnets'), 'Subnets', 0, 'AvailableIpAddressCount'), left);
    chosen.push(...lab.addresses(lab.eni(subnetId)));
  }
  t.match(lab.refuse('CreateNetworkInterface', { SubnetId: subnetId }), {
    code: 'InsufficientFreeAddressesInSubnet',
    message: 'The specified subnet does not have enough free addresses to satisfy the request.',
  });
  const all = Array.from({ length: 11 }, (_, index) => `10.0.1.${20 + index}`);
  t.same([...chosen].sort(), all);
  t.notSame(chosen, all);
});

t.test('[SUB-3] the third address is reserved in every subnet of every VPC', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc('10.10.0.0/16');
  lab.act('AssociateVpcCidrBlock', { VpcId: vpcId, CidrBlock: '10.11.0.0/16' });
  for (const start of ['10.10.0', '10.10.9', '10.11.0', '10.11.5']) {
    const SubnetId = lab.subnet(vpcId, `${start}.0/24`);
    const input = { SubnetId, PrivateIpAddress: `${start}.2` };
    t.match(lab.refuse('CreateNetworkInterface', input).message, /reserved address range$/);
    lab.eni(SubnetId, { PrivateIpAddress: `${start}.4` });
  }
});

t.test('[SUB-10] the first four and the last IPv6 address are reserved', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc('10.0.0.0/16', { AmazonProvidedIpv6CidrBlock: true });
  const path = ['Vpcs', 0, 'Ipv6CidrBlockAssociationSet', 0, 'Ipv6CidrBlock'];
  const block = textAt(lab.act('DescribeVpcs'), ...path).replace('/56', '');
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24', { Ipv6CidrBlock: `${block}/64` });
  const rows = [
    [`${block}`, /reserved address range/],
    [`${block}1`, /reserved address range/],
    [`${block}3`, /reserved address range/],
    [`${block.slice(0, -1)}ffff:ffff:ffff:ffff`, /reserved address range/],
    ['2001:db8::5', /does not fall within/],
    ['nonsense', /Invalid IP address/],
  ] as const;
  for (const [Ipv6Address, message] of rows) {
    const input = { SubnetId: subnetId, Ipv6Addresses: [{ Ipv6Address }] };
    t.match(lab.refuse('CreateNetworkInterface', input), {
      code: 'InvalidParameterValue',
      message,
    });
  }
  lab.eni(subnetId, { Ipv6Addresses: [{ Ipv6Address: `${block}4` }] });
});

t.test(
  '[SUB-11] addresses of a CIDR reservation are never chosen, but may be asked for',
  async (t) => {
    const lab = new Lab();
    const subnetId = lab.subnet(lab.vpc(), '10.0.1.0/27');
    const reserve = (Cidr: string, ReservationType: string) => ({
      SubnetId: subnetId,
      Cidr,
      ReservationType,
      Description: 'kept',
    });
    const name = 'CreateSubnetCidrReservation';
    const made = lab.act(name, reserve('10.0.1.16/29', 'explicit'));
    t.match(made, {
      SubnetCidrReservation: {
        SubnetId: subnetId,
        Cidr: '10.0.1.16/29',
        ReservationType: 'explicit',
        Description: 'kept',
      },
    });
    lab.act(name, reserve('10.0.1.24/29', 'prefix'));
    const rows = [
      [reserve('10.0.1.0/29', 'other'), 'Value (other) for parameter reservationType is invalid.'],
      [reserve('10.0.1.20/30', 'prefix'), /has overlap with existing reserved CIDR block/],
      [reserve('10.0.2.0/29', 'explicit'), /within subnet CIDR block \(10\.0\.1\.0\/27\)/],
      [reserve('10.0.1.0', 'explicit'), /This is not a valid CIDR block/],
    ] as const;
    for (const [input, message] of rows) {
      t.match(lab.refuse(name, input), { code: 'InvalidParameterValue', message });
    }
    const chosen: unknown[] = [];
    for (let index = 4; index < 16; index++) chosen.push(...lab.addresses(lab.eni(subnetId)));
    t.same(
      chosen.map((each) => Number(String(each).split('.')[3])).sort((a, b) => a - b),
      [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    );
    const full = lab.refuse('CreateNetworkInterface', { SubnetId: subnetId });
    t.equal(full.code, 'InsufficientFreeAddressesInSubnet');
    lab.eni(subnetId, { PrivateIpAddress: '10.0.1.17' });
    const get = () => lab.act('GetSubnetCidrReservations', { SubnetId: subnetId });
    t.equal(listAt(get(), 'SubnetIpv4CidrReservations').length, 2);
    const id = at(made, 'SubnetCidrReservation', 'SubnetCidrReservationId');
    lab.act('DeleteSubnetCidrReservation', { SubnetCidrReservationId: id });
    t.equal(listAt(get(), 'SubnetIpv4CidrReservations').length, 1);
    const again = lab.refuse('DeleteSubnetCidrReservation', { SubnetCidrReservationId: id });
    t.equal(again.code, 'InvalidSubnetCidrReservationID.NotFound');
    t.ok(lab.eni(subnetId));
  },
);

t.test('DeleteSubnet is refused while an interface is in it and ends associations', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const SubnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const RouteTableId = at(
    lab.act('CreateRouteTable', { VpcId: vpcId }),
    'RouteTable',
    'RouteTableId',
  );
  lab.act('AssociateRouteTable', { RouteTableId, SubnetId });
  const NetworkInterfaceId = lab.eni(SubnetId);
  t.match(lab.refuse('DeleteSubnet', { SubnetId }), {
    code: 'DependencyViolation',
    message: `The subnet '${SubnetId}' has dependencies and cannot be deleted.`,
  });
  lab.act('DeleteNetworkInterface', { NetworkInterfaceId });
  lab.act('DeleteSubnet', { SubnetId });
  lab.act('DeleteRouteTable', { RouteTableId });
  t.equal(lab.refuse('DeleteSubnet', { SubnetId }).code, 'InvalidSubnetID.NotFound');
});
