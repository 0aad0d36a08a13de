/** The actions on network interfaces, except for their addresses. */
import { formatIpv4 } from '../../addr/ipv4.ts';
import { formatIpv6 } from '../../addr/ipv6.ts';
import { formatMac } from '../../addr/mac.ts';
import { eniDnsName } from '../../model/names.ts';
import type { Eni, EniAttachment, Instance } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { instanceState } from '../compute/instance-shapes.ts';
import { checkAddressCount, checkInterfaceCount } from '../compute/instance-types.ts';
import { type DescribeSpec, describe, type Filters, PAGE_PARAMETERS } from '../describe.ts';
import { byAssociation } from '../edges/association-shapes.ts';
import { freeElasticAddresses } from '../edges/elastic-associations.ts';
import {
  incorrectState,
  interfaceInUse,
  invalidValue,
  noPrimaryIpv6,
  operationNotPermitted,
  parameterCombination,
  parameterValue,
  primaryIpv6Stays,
  unknownId,
} from '../errors.ts';
import { integerOf, optionalBoolean, optionalStructure, stringOf } from '../input.ts';
import {
  enisOfInstance,
  findEni,
  findInstance,
  findOwnEni,
  findSubnet,
  subnetOf,
} from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagsFor } from '../tag-set.ts';
import { begin } from '../transition.ts';
import {
  CONNECTION_TRACKING,
  groupNames,
  readConnectionTracking,
  replacedGroups,
} from './eni-groups.ts';
import { dropPermissions } from './eni-permissions.ts';
import {
  attachmentOf,
  attachmentStatus,
  eniShape,
  eniStatus,
  interfaceType,
} from './eni-shapes.ts';
import { NEW_ENI_PARAMETERS, newEni } from './new-eni.ts';

function createNetworkInterface(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const tags = tagsFor(input, 'network-interface');
  const subnet = findSubnet(draft.snapshot, stringOf(input, 'SubnetId'));
  const made = newEni(input, context, subnet, tags);
  const eni: Eni = { ...made, hasPrimaryIpv6: primaryIpv6Of(input, made) };
  draft.put('enis', eni.eniId, eni);
  const Status = begin(context, eni.eniId, 'pending', 'createInterface');
  return { NetworkInterface: { ...eniShape(eni, draft.snapshot), Status } };
}

function deleteNetworkInterface(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const eni = findEni(draft.snapshot, stringOf(input, 'NetworkInterfaceId'));
  if (eniStatus(eni, draft.snapshot) === 'in-use') {
    throw parameterValue(`Network interface '${eni.eniId}' is currently in use.`);
  }
  freeElasticAddresses(draft, eni.eniId, eni.addresses);
  dropPermissions(draft, eni.eniId);
  draft.delete('enis', eni.eniId);
  return {};
}

/**
 * Checks that the interface may be attached to the instance at this place.
 * @throws InvalidNetworkInterface.InUse when it is attached already.
 * @throws InvalidParameterValue when the device index is taken.
 * @throws InvalidParameterCombination when zone or VPC differ.
 * @source ENI-2
 */
function checkAttachable(snapshot: Snapshot, eni: Eni, instance: Instance, index: number): void {
  if (eniStatus(eni, snapshot) === 'in-use') throw interfaceInUse(eni.eniId);
  if (index < 0) throw invalidValue('deviceIndex', String(index));
  const taken = enisOfInstance(snapshot, instance).some(
    (other) => other.attachment?.deviceIndex === index,
  );
  if (taken) {
    throw parameterValue(
      `Instance '${instance.instanceId}' already has an interface attached at device index '${index}'.`,
    );
  }
  if (subnetOf(snapshot, eni).availabilityZone !== subnetOf(snapshot, instance).availabilityZone) {
    throw parameterCombination(
      'You may not attach a network interface to an instance if they are not in the same availability zone',
    );
  }
  if (eni.vpcId !== instance.vpcId) {
    throw parameterCombination(
      'You may not attach a network interface to an instance if they are not in the same VPC',
    );
  }
}

/** Attaches the interface. @throws as `checkAttachable`; AttachmentLimitExceeded and others by the type. */
export function attachEni(
  context: ActionContext,
  eni: Eni,
  instance: Instance,
  deviceIndex: number,
  deleteOnTermination: boolean,
): EniAttachment {
  const { draft, newId } = context;
  checkAttachable(draft.snapshot, eni, instance, deviceIndex);
  const attachment: EniAttachment = {
    attachmentId: newId('eni-attach'),
    instanceId: instance.instanceId,
    deviceIndex,
    deleteOnTermination,
  };
  checkInterfaceCount(instance, enisOfInstance(draft.snapshot, instance).length + 1);
  const attached: Eni = { ...eni, attachment };
  checkAddressCount(draft.snapshot, attached);
  draft.put('enis', eni.eniId, attached);
  begin(context, attachment.attachmentId, 'attaching', 'attachInterface');
  return attachment;
}

function attachNetworkInterface(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const eni = findEni(snapshot, stringOf(input, 'NetworkInterfaceId'));
  const instance = findInstance(snapshot, stringOf(input, 'InstanceId'));
  const state = instanceState(instance, snapshot);
  if (state !== 'running' && state !== 'stopped') {
    throw incorrectState(`Instance '${instance.instanceId}' is not 'running' or 'stopped'.`);
  }
  const { attachmentId } = attachEni(
    context,
    eni,
    instance,
    integerOf(input, 'DeviceIndex'),
    false,
  );
  return { AttachmentId: attachmentId, NetworkCardIndex: 0 };
}

/** `Force` changes nothing here: a detachment always succeeds. @source ENI-2, ENI-4 */
function detachNetworkInterface(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const attachmentId = stringOf(input, 'AttachmentId');
  const eni = [...draft.snapshot.enis.values()].find(
    (each) => each.attachment?.attachmentId === attachmentId,
  );
  if (eni === undefined) throw unknownId('eni-attach', attachmentId);
  if (eni.attachment?.deviceIndex === 0) {
    throw operationNotPermitted(
      'The network interface at device index 0 and networkCard index 0 cannot be detached.',
    );
  }
  const { eniId, attachment } = eni;
  draft.put('enis', eniId, { ...eni, attachment: null });
  begin(context, eniId, 'detaching', 'detachInterface', { attachment });
  return {};
}

/** AWS takes one attribute a request. @source CHK-4 */
function modifyAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const eni = findOwnEni(draft.snapshot, stringOf(input, 'NetworkInterfaceId'));
  const sourceDestCheck = optionalBoolean(input, 'SourceDestCheck');
  const description = optionalStructure(input, 'Description');
  const attachment = optionalStructure(input, 'Attachment');
  const { Groups, ConnectionTrackingSpecification } = input;
  const given = [
    sourceDestCheck,
    description,
    attachment,
    Groups,
    ConnectionTrackingSpecification,
    input['EnablePrimaryIpv6'],
  ].filter((each) => each !== undefined);
  if (given.length === 0) throw parameterCombination('No attributes specified.');
  if (given.length > 1) {
    throw parameterCombination('Fields for multiple attribute types specified');
  }
  draft.put('enis', eni.eniId, {
    ...eni,
    sourceDestCheck: sourceDestCheck ?? eni.sourceDestCheck,
    description: description === undefined ? eni.description : stringOf(description, 'Value'),
    attachment: attachment === undefined ? eni.attachment : changedAttachment(eni, attachment),
    groupIds: Groups === undefined ? eni.groupIds : replacedGroups(input, draft.snapshot, eni),
    connectionTracking: readConnectionTracking(input, eni.connectionTracking),
    hasPrimaryIpv6: primaryIpv6Of(input, eni),
  });
  return {};
}

/**
 * Reads `EnablePrimaryIpv6`.
 * @throws InvalidParameterValue without an IPv6 address, or when it is to be switched off.
 */
function primaryIpv6Of(input: ActionInput, eni: Eni): boolean {
  const isOn = optionalBoolean(input, 'EnablePrimaryIpv6') ?? eni.hasPrimaryIpv6;
  if (isOn && eni.ipv6Addresses.length === 0) throw noPrimaryIpv6(eni.eniId);
  if (!isOn && eni.hasPrimaryIpv6) throw primaryIpv6Stays(eni.eniId);
  return isOn;
}

function changedAttachment(eni: Eni, change: ActionInput): EniAttachment {
  const attachmentId = stringOf(change, 'AttachmentId');
  if (eni.attachment?.attachmentId !== attachmentId) throw unknownId('eni-attach', attachmentId);
  const deleteOnTermination = optionalBoolean(change, 'DeleteOnTermination');
  return {
    ...eni.attachment,
    deleteOnTermination: deleteOnTermination ?? eni.attachment.deleteOnTermination,
  };
}

/** @returns a value of the attachment, or none when there is no attachment. */
function attached<T>(
  pick: (attachment: EniAttachment, eni: Eni, snapshot: Snapshot) => T,
): (eni: Eni, snapshot: Snapshot) => T[] {
  return (eni, snapshot) => {
    const attachment = attachmentOf(eni, snapshot);
    return attachment === null ? [] : [pick(attachment, eni, snapshot)];
  };
}

const ADDRESS_FILTERS: Filters<Eni> = {
  'association.allocation-id': byAssociation('AllocationId'),
  'association.association-id': byAssociation('AssociationId'),
  'association.ip-owner-id': byAssociation('IpOwnerId'),
  'association.public-dns-name': byAssociation('PublicDnsName'),
  'association.public-ip': byAssociation('PublicIp'),
  'addresses.association.owner-id': byAssociation('IpOwnerId'),
  'addresses.association.public-ip': byAssociation('PublicIp'),
  'addresses.private-ip-address': (eni) => eni.addresses.map(formatIpv4),
  'addresses.primary': (eni) => eni.addresses.map((_addr, index) => index === 0),
  'private-ip-address': (eni) => eni.addresses.map(formatIpv4),
  'private-dns-name': (eni, snapshot) => {
    const name = eniDnsName(snapshot.region, eni);
    return name === null ? [] : [name];
  },
  'ipv6-addresses.ipv6-address': (eni) => eni.ipv6Addresses.map(formatIpv6),
};

const DESCRIBE_ENIS: DescribeSpec<'eni', Eni> = {
  member: 'NetworkInterfaces',
  idsParameter: 'NetworkInterfaceIds',
  prefix: 'eni',
  rows: (snapshot) => snapshot.enis,
  shape: eniShape,
  filters: {
    ...ADDRESS_FILTERS,
    'attachment.attachment-id': attached((each) => each.attachmentId),
    'attachment.delete-on-termination': attached((each) => each.deleteOnTermination),
    'attachment.device-index': attached((each) => each.deviceIndex),
    'attachment.instance-id': attached((each) => each.instanceId),
    'attachment.instance-owner-id': attached((_each, _eni, { accountId }) => accountId),
    'attachment.status': attached((_each, eni, snapshot) => attachmentStatus(eni, snapshot)),
    'availability-zone': (eni, snapshot) => [subnetOf(snapshot, eni).availabilityZone],
    description: (eni) => [eni.description],
    'group-id': (eni) => eni.groupIds,
    'group-name': groupNames,
    'interface-type': (eni, snapshot) => [interfaceType(eni, snapshot)],
    'mac-address': (eni) => [formatMac(eni.mac)],
    'network-interface-id': (eni) => [eni.eniId],
    'owner-id': (_eni, snapshot) => [snapshot.accountId],
    'requester-managed': (eni) => [eni.madeFor !== null],
    'source-dest-check': (eni) => [eni.sourceDestCheck],
    status: (eni, snapshot) => [eniStatus(eni, snapshot)],
    'subnet-id': (eni) => [eni.subnetId],
    'vpc-id': (eni) => [eni.vpcId],
  },
};

export const NETWORK_INTERFACE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateNetworkInterface',
    parameters: {
      ...NEW_ENI_PARAMETERS,
      SubnetId: 'string',
      EnablePrimaryIpv6: 'boolean',
      ClientToken: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['SubnetId'],
    perform: createNetworkInterface,
  },
  {
    name: 'DeleteNetworkInterface',
    parameters: { NetworkInterfaceId: 'string' },
    required: ['NetworkInterfaceId'],
    perform: deleteNetworkInterface,
  },
  {
    name: 'DescribeNetworkInterfaces',
    parameters: { ...PAGE_PARAMETERS, NetworkInterfaceIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_ENIS, input, draft.snapshot),
  },
  {
    name: 'AttachNetworkInterface',
    parameters: { NetworkInterfaceId: 'string', InstanceId: 'string', DeviceIndex: 'integer' },
    required: ['NetworkInterfaceId', 'InstanceId', 'DeviceIndex'],
    perform: attachNetworkInterface,
  },
  {
    name: 'DetachNetworkInterface',
    parameters: { AttachmentId: 'string', Force: 'boolean' },
    required: ['AttachmentId'],
    perform: detachNetworkInterface,
  },
  {
    name: 'ModifyNetworkInterfaceAttribute',
    parameters: {
      NetworkInterfaceId: 'string',
      SourceDestCheck: 'attributeBoolean',
      Description: { Value: 'string' },
      Attachment: { AttachmentId: 'string', DeleteOnTermination: 'boolean' },
      Groups: ['string'],
      ConnectionTrackingSpecification: CONNECTION_TRACKING,
      EnablePrimaryIpv6: 'boolean',
    },
    required: ['NetworkInterfaceId'],
    perform: modifyAttribute,
  },
];
