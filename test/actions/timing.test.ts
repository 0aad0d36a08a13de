/** `timing: aws`: states that are told for a while, and what is refused meanwhile. */
import t from 'tap';
import type { ActionInput } from '../../src/actions/action.ts';
import type { IdSource } from '../../src/actions/ids.ts';
import { performAction } from '../../src/actions/table.ts';
import { actionEnvironment } from '../../src/engine/action-environment.ts';
import { drawMs, TRANSITION_TIMES } from '../../src/model/timing.ts';
import { at, IMAGE, Lab, listAt, textAt } from './lab.ts';

const AWS = { timing: 'aws' } as const;

interface Slow {
  readonly lab: Lab;
  readonly vpcId: string;
  readonly subnetId: string;
}

function slow(settings = {}): Slow {
  const lab = new Lab({ settings: { ...AWS, ...settings } });
  const vpcId = lab.vpc();
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  return { lab, vpcId, subnetId };
}

/** Lets so much time pass that all is settled. */
function wait(lab: Lab): void {
  lab.nowMs += 600_000;
}

function instanceOf(lab: Lab, InstanceIds: string): unknown {
  const output = lab.act('DescribeInstances', { InstanceIds: [InstanceIds] });
  return at(output, 'Reservations', 0, 'Instances', 0);
}

function stateOf(lab: Lab, id: string): unknown {
  return at(instanceOf(lab, id), 'State', 'Name');
}

function filtered(lab: Lab, action: string, member: string, Name: string, value: string): number {
  return listAt(lab.act(action, { Filters: [{ Name, Values: [value] }] }), member).length;
}

t.test('a VPC is pending for the time of its kind, and a describe changes nothing', async (t) => {
  const { lab, vpcId } = slow();
  const made = lab.nowMs;
  const state = (): unknown => at(lab.act('DescribeVpcs', { VpcIds: [vpcId] }), 'Vpcs', 0, 'State');
  const before = lab.snapshot;
  t.equal(state(), 'pending');
  t.equal(filtered(lab, 'DescribeVpcs', 'Vpcs', 'state', 'available'), 0);
  lab.nowMs = made + TRANSITION_TIMES.createVpc[0] - 1;
  t.equal(state(), 'pending', 'the least time is not over');
  lab.nowMs = made + TRANSITION_TIMES.createVpc[1];
  t.equal(state(), 'available', 'the most is');
  t.equal(filtered(lab, 'DescribeVpcs', 'Vpcs', 'state', 'available'), 1);
  t.equal(lab.snapshot, before);
  lab.vpc('10.1.0.0/16');
  t.equal(lab.snapshot.transitions.size, 1, 'an edit forgets what is over');
});

t.test('drawMs stays in its range, scaled', async (t) => {
  t.equal(
    drawMs([1000, 5000], 0.1, () => 0),
    100,
  );
  t.equal(
    drawMs([1000, 5000], 0.1, (limit) => limit - 1),
    500,
  );
  const { lab, vpcId } = slow({ timingScale: 0 });
  t.equal(at(lab.act('DescribeVpcs', { VpcIds: [vpcId] }), 'Vpcs', 0, 'State'), 'available');
});

t.test('instances pass through pending, stopping and shutting-down', async (t) => {
  const { lab, subnetId } = slow();
  wait(lab);
  const id = lab.instance(subnetId);
  const InstanceIds = [id];
  t.equal(stateOf(lab, id), 'pending');
  t.equal(lab.refuse('StopInstances', { InstanceIds }).code, 'IncorrectInstanceState');
  t.equal(lab.refuse('RebootInstances', { InstanceIds }).code, 'IncorrectInstanceState');
  t.match(lab.act('StartInstances', { InstanceIds }), {
    StartingInstances: [{ CurrentState: { Name: 'pending' }, PreviousState: { Name: 'pending' } }],
  });
  wait(lab);
  t.equal(stateOf(lab, id), 'running');
  t.match(lab.act('StopInstances', { InstanceIds }), {
    StoppingInstances: [{ CurrentState: { Name: 'stopping' }, PreviousState: { Name: 'running' } }],
  });
  t.equal(stateOf(lab, id), 'stopping');
  t.equal(lab.snapshot.instances.get(id as `i-${string}`)?.state, 'stopped', 'the guest is off');
  t.same(lab.refuse('StartInstances', { InstanceIds }), {
    code: 'IncorrectInstanceState',
    message: `The instance '${id}' is not in a state from which it can be started.`,
    status: 400,
  });
  const states = ['stopping', 'stopped'];
  const found = (state: string): number =>
    filtered(lab, 'DescribeInstances', 'Reservations', 'instance-state-name', state);
  t.same(states.map(found), [1, 0]);
  wait(lab);
  t.same(states.map(found), [0, 1]);
  lab.act('TerminateInstances', { InstanceIds });
  t.equal(stateOf(lab, id), 'shutting-down');
  t.equal(lab.refuse('DeleteSubnet', { SubnetId: subnetId }).code, 'DependencyViolation');
  wait(lab);
  t.equal(stateOf(lab, id), 'terminated');
  lab.act('DeleteSubnet', { SubnetId: subnetId });
});

t.test('a pending instance takes no elastic address and no interface', async (t) => {
  const { lab, vpcId, subnetId } = slow();
  lab.internetGateway(vpcId);
  const AllocationId = lab.elasticAddress();
  const InstanceId = lab.instance(subnetId);
  t.same(lab.refuse('AssociateAddress', { AllocationId, InstanceId }), {
    code: 'InvalidInstanceID',
    message: `The pending instance '${InstanceId}' is not in a valid state for this operation.`,
    status: 400,
  });
  const attach = { NetworkInterfaceId: lab.eni(subnetId), InstanceId, DeviceIndex: 1 };
  t.equal(lab.refuse('AttachNetworkInterface', attach).code, 'IncorrectState');
  wait(lab);
  lab.act('AssociateAddress', { AllocationId, InstanceId });
  lab.act('AttachNetworkInterface', attach);
});

t.test('an interface is attaching, then attached; detaching, then available', async (t) => {
  const { lab, subnetId } = slow();
  const [one, other] = [lab.instance(subnetId), lab.instance(subnetId)];
  const eniId = lab.eni(subnetId);
  const eni = (): unknown =>
    at(
      lab.act('DescribeNetworkInterfaces', { NetworkInterfaceIds: [eniId] }),
      ...['NetworkInterfaces', 0],
    );
  t.match(eni(), { Status: 'pending', Attachment: undefined });
  wait(lab);
  const attach = { NetworkInterfaceId: eniId, InstanceId: one, DeviceIndex: 1 };
  const AttachmentId = textAt(lab.act('AttachNetworkInterface', attach), 'AttachmentId');
  t.match(eni(), { Status: 'in-use', Attachment: { Status: 'attaching', InstanceId: one } });
  wait(lab);
  t.match(eni(), { Status: 'in-use', Attachment: { Status: 'attached' } });
  lab.act('DetachNetworkInterface', { AttachmentId, Force: true });
  t.match(eni(), { Status: 'in-use', Attachment: { Status: 'detaching', AttachmentId } });
  const status = (value: string): number =>
    filtered(lab, 'DescribeNetworkInterfaces', 'NetworkInterfaces', 'attachment.status', value);
  t.equal(status('detaching'), 1);
  const move = { ...attach, InstanceId: other };
  t.equal(lab.refuse('AttachNetworkInterface', move).code, 'InvalidNetworkInterface.InUse');
  t.equal(
    lab.refuse('DeleteNetworkInterface', { NetworkInterfaceId: eniId }).code,
    'InvalidParameterValue',
  );
  wait(lab);
  t.match(eni(), { Status: 'available', Attachment: undefined });
  lab.act('AttachNetworkInterface', move);
});

t.test('no route goes to a NAT gateway that is pending, nor to one that is deleting', async (t) => {
  const { lab, vpcId, subnetId } = slow();
  const igw = lab.internetGateway(vpcId);
  const AllocationId = lab.elasticAddress();
  const id = lab.natGateway(subnetId, { AllocationId });
  const state = (): unknown =>
    at(lab.act('DescribeNatGateways', { NatGatewayIds: [id] }), 'NatGateways', 0, 'State');
  const route: ActionInput = {
    RouteTableId: lab.mainTable(vpcId),
    DestinationCidrBlock: '0.0.0.0/0',
    NatGatewayId: id,
  };
  t.equal(state(), 'pending');
  t.equal(lab.refuse('CreateRoute', route).code, 'InvalidNatGatewayID.NotFound');
  wait(lab);
  t.equal(state(), 'available');
  lab.act('CreateRoute', route);
  lab.act('DeleteNatGateway', { NatGatewayId: id });
  t.equal(state(), 'deleting');
  t.equal(lab.refuse('ReleaseAddress', { AllocationId }).code, 'InvalidIPAddress.InUse');
  t.equal(lab.refuse('DeleteSubnet', { SubnetId: subnetId }).code, 'DependencyViolation');
  t.equal(
    lab.refuse('DetachInternetGateway', { InternetGatewayId: igw, VpcId: vpcId }).code,
    'DependencyViolation',
  );
  wait(lab);
  t.equal(state(), 'deleted');
  lab.act('ReleaseAddress', { AllocationId });
  lab.act('DetachInternetGateway', { InternetGatewayId: igw, VpcId: vpcId });
});

t.test('VPN connections and the attachments of their gateways take minutes', async (t) => {
  const { lab, vpcId } = slow();
  const gateway = lab.vpnGateway(vpcId);
  const id = lab.vpnConnection(gateway, lab.customerGateway());
  const connection = (): unknown =>
    at(lab.act('DescribeVpnConnections', { VpnConnectionIds: [id] }), 'VpnConnections', 0, 'State');
  const attachment = (): unknown =>
    at(lab.act('DescribeVpnGateways'), 'VpnGateways', 0, 'VpcAttachments', 0, 'State');
  t.same([connection(), attachment()], ['pending', 'attaching']);
  const route = { VpnConnectionId: id, DestinationCidrBlock: '192.168.0.0/16' };
  t.same(lab.refuse('CreateVpnConnectionRoute', route), {
    code: 'InvalidVpnConnection.InvalidState',
    message: 'The VPN connection must be in the available state to complete the request.',
    status: 400,
  });
  const propagation = { GatewayId: gateway, RouteTableId: lab.mainTable(vpcId) };
  t.equal(lab.refuse('EnableVgwRoutePropagation', propagation).code, 'Gateway.NotAttached');
  const detach = { VpnGatewayId: gateway, VpcId: vpcId };
  t.equal(lab.refuse('DetachVpnGateway', detach).code, 'InvalidVpnGatewayState');
  wait(lab);
  t.same([connection(), attachment()], ['available', 'attached']);
  lab.act('CreateVpnConnectionRoute', route);
  lab.act('EnableVgwRoutePropagation', propagation);
});

t.test('[PCX-3] a peering is initiating, waits, is provisioning, active, deleting', async (t) => {
  const { lab, vpcId } = slow();
  const id = lab.peering(vpcId, lab.vpc('10.1.0.0/16'));
  const code = (): unknown =>
    at(lab.act('DescribeVpcPeeringConnections'), 'VpcPeeringConnections', 0, 'Status', 'Code');
  t.equal(code(), 'initiating-request');
  const asked = { VpcPeeringConnectionId: id };
  t.equal(lab.refuse('AcceptVpcPeeringConnection', asked).code, 'InvalidStateTransition');
  wait(lab);
  t.equal(code(), 'pending-acceptance');
  lab.act('AcceptVpcPeeringConnection', asked);
  t.equal(code(), 'provisioning');
  wait(lab);
  t.equal(code(), 'active');
  lab.act('DeleteVpcPeeringConnection', asked);
  t.equal(code(), 'deleting');
  wait(lab);
  t.equal(code(), 'deleted');
});

t.test('transit gateways and their attachments are pending for minutes', async (t) => {
  const { lab, vpcId, subnetId } = slow();
  const made = lab.act('CreateTransitGateway');
  const TransitGatewayId = textAt(made, 'TransitGateway', 'TransitGatewayId');
  const attach = { TransitGatewayId, VpcId: vpcId, SubnetIds: [subnetId] };
  const gateways = (): unknown =>
    at(lab.act('DescribeTransitGateways'), 'TransitGateways', 0, 'State');
  t.equal(gateways(), 'pending');
  t.equal(lab.refuse('CreateTransitGatewayVpcAttachment', attach).code, 'IncorrectState');
  t.equal(lab.refuse('DeleteTransitGateway', { TransitGatewayId }).code, 'IncorrectState');
  wait(lab);
  t.equal(gateways(), 'available');
  const attached = lab.act('CreateTransitGatewayVpcAttachment', attach);
  const id = textAt(attached, 'TransitGatewayVpcAttachment', 'TransitGatewayAttachmentId');
  const states = (): unknown[] =>
    ['TransitGatewayVpcAttachments', 'TransitGatewayAttachments'].map((member) =>
      at(lab.act(`Describe${member}`), member, 0, 'State'),
    );
  t.same(states(), ['pending', 'pending']);
  const asked = { TransitGatewayAttachmentId: id };
  t.equal(lab.refuse('DeleteTransitGatewayVpcAttachment', asked).code, 'IncorrectState');
  wait(lab);
  t.same(states(), ['available', 'available']);
  lab.act('DeleteTransitGatewayVpcAttachment', asked);
  t.same(states(), ['deleting', 'deleting']);
  t.equal(lab.refuse('DeleteSubnet', { SubnetId: subnetId }).code, 'DependencyViolation');
  wait(lab);
  t.same(states(), ['deleted', 'deleted']);
  lab.act('DeleteSubnet', { SubnetId: subnetId });
});

t.test('both sides of a peering of transit gateways tell of states that pass', async (t) => {
  const { lab } = slow();
  const [one, other] = [0, 1].map(() =>
    textAt(lab.act('CreateTransitGateway'), 'TransitGateway', 'TransitGatewayId'),
  );
  wait(lab);
  const made = lab.act('CreateTransitGatewayPeeringAttachment', {
    TransitGatewayId: one,
    PeerTransitGatewayId: other,
    PeerAccountId: lab.snapshot.accountId,
    PeerRegion: lab.snapshot.region,
  });
  t.equal(at(made, 'TransitGatewayPeeringAttachment', 'State'), 'initiatingRequest');
  const peerings = (): unknown[] =>
    listAt(lab.act('DescribeTransitGatewayPeeringAttachments'), 'TransitGatewayPeeringAttachments');
  const states = (): unknown[] => peerings().map((each) => at(each, 'State'));
  t.same(states(), ['initiatingRequest', 'initiatingRequest']);
  const asked = { TransitGatewayAttachmentId: at(peerings()[1], 'TransitGatewayAttachmentId') };
  t.equal(lab.refuse('AcceptTransitGatewayPeeringAttachment', asked).code, 'IncorrectState');
  wait(lab);
  t.same(states(), ['pendingAcceptance', 'pendingAcceptance']);
  lab.act('AcceptTransitGatewayPeeringAttachment', asked);
  t.same(states(), ['pending', 'pending']);
  wait(lab);
  t.same(states(), ['available', 'available']);
});

t.test('an endpoint is pending first, and its subnet is in use for a while after it', async (t) => {
  const { lab, vpcId, subnetId } = slow();
  const made = lab.act('CreateVpcEndpoint', {
    VpcId: vpcId,
    ServiceName: 'com.amazonaws.us-east-1.ec2',
    VpcEndpointType: 'Interface',
    SubnetIds: [subnetId],
    PrivateDnsEnabled: false,
  });
  const id = textAt(made, 'VpcEndpoint', 'VpcEndpointId');
  const states = (): unknown[] =>
    listAt(lab.act('DescribeVpcEndpoints'), 'VpcEndpoints').map((each) => at(each, 'State'));
  t.same(states(), ['pending']);
  wait(lab);
  t.same(states(), ['available']);
  lab.act('DeleteVpcEndpoints', { VpcEndpointIds: [id] });
  t.equal(lab.refuse('DeleteSubnet', { SubnetId: subnetId }).code, 'DependencyViolation');
  wait(lab);
  lab.act('DeleteSubnet', { SubnetId: subnetId });
});

t.test('blocks are associating; a prefix list takes one change at a time', async (t) => {
  const { lab, vpcId } = slow();
  lab.act('AssociateVpcCidrBlock', { VpcId: vpcId, CidrBlock: '10.9.0.0/16' });
  const states = (): unknown =>
    listAt(lab.act('DescribeVpcs'), 'Vpcs', 0, 'CidrBlockAssociationSet').map((each) =>
      at(each, 'CidrBlockState', 'State'),
    );
  t.same(states(), ['associated', 'associating']);
  const PrefixListId = lab.prefixList(['192.0.2.0/24']);
  const change = { PrefixListId, PrefixListName: 'other' };
  t.match(lab.refuse('ModifyManagedPrefixList', change), {
    code: 'IncorrectState',
    message: /\(create-in-progress\)/,
  });
  wait(lab);
  t.same(states(), ['associated', 'associated']);
  lab.act('ModifyManagedPrefixList', change);
});

const IDS: IdSource = {
  newId: (prefix) => `${prefix}-00000000000000009`,
  random: () => 0,
};

t.test('what a lab file asks for waits for nothing and takes no time', async (t) => {
  const { lab, vpcId, subnetId } = slow();
  const nat = lab.natGateway(subnetId);
  const atOnce = (name: string, input: ActionInput): unknown =>
    performAction(lab.store, name, input, {
      ...actionEnvironment(IDS, lab.nowMs),
      isInstant: true,
    });
  const RouteTableId = lab.mainTable(vpcId);
  const route = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: nat };
  t.equal(lab.refuse('CreateRoute', route).code, 'InvalidNatGatewayID.NotFound');
  atOnce('CreateRoute', route);
  atOnce('RunInstances', { ImageId: IMAGE, MinCount: 1, MaxCount: 1, SubnetId: subnetId });
  t.equal(stateOf(lab, 'i-00000000000000009'), 'running');
});

t.test('without timing there are no transitions', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const id = lab.instance(lab.subnet(vpcId, '10.0.1.0/24'));
  t.equal(stateOf(lab, id), 'running');
  t.equal(lab.snapshot.transitions.size, 0);
});
