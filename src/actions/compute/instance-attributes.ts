/** The attributes of instances one by one: told, changed and reset. */
import type { InstanceOptions, Volume } from '../../model/compute.ts';
import { volumesOfInstance } from '../../model/lookups/compute.ts';
import type { Instance } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { incorrectInstanceState, invalidValue, parameterCombination } from '../errors.ts';
import { groupIdentifiers } from '../filters/security-group-shapes.ts';
import {
  choiceOf,
  optionalBoolean,
  optionalString,
  optionalStructure,
  stringOf,
  structuresOf,
} from '../input.ts';
import { replacedGroups } from '../interfaces/eni-groups.ts';
import { singleEni } from '../interfaces/single-eni.ts';
import { enisOfInstance, findInstance } from '../lookup.ts';
import { notStopped } from './compute-errors.ts';
import { instanceState } from './instance-shapes.ts';
import { checkAddressCount, checkInterfaceCount, findInstanceType } from './instance-types.ts';
import { checkUserData, readCredits } from './launch-options.ts';
import { deviceMappingShapes, rootDeviceName } from './root-volumes.ts';

/** Changes one attribute by the value of its parameter. */
type Change = (input: ActionInput, instance: Instance, draft: Draft) => void;

/** @throws IncorrectInstanceState unless the instance is stopped. */
function checkStopped(instance: Instance, { snapshot }: Draft): void {
  if (instanceState(instance, snapshot) !== 'stopped') throw notStopped(instance.instanceId);
}

function put(draft: Draft, instance: Instance, options: Partial<InstanceOptions>): void {
  draft.put('instances', instance.instanceId, {
    ...instance,
    options: { ...instance.options, ...options },
  });
}

/** @returns the text of a parameter that is a structure with a `Value`. */
function textOf(input: ActionInput, name: string): string {
  return optionalString(optionalStructure(input, name) ?? {}, 'Value') ?? '';
}

/** The new type must bear the interfaces and addresses that there are. @throws as they say. */
function changeType(input: ActionInput, instance: Instance, draft: Draft): void {
  checkStopped(instance, draft);
  const type = findInstanceType(textOf(input, 'InstanceType'));
  const cpuCredits = readCredits(undefined, type);
  const changed: Instance = {
    ...instance,
    instanceType: type.name,
    options: { ...instance.options, cpuCredits },
  };
  draft.put('instances', instance.instanceId, changed);
  const enis = enisOfInstance(draft.snapshot, changed);
  checkInterfaceCount(changed, enis.length);
  for (const eni of enis) checkAddressCount(draft.snapshot, eni);
}

function changeEni(input: ActionInput, instance: Instance, draft: Draft): void {
  const eni = singleEni(draft.snapshot, instance);
  draft.put('enis', eni.eniId, {
    ...eni,
    sourceDestCheck: optionalBoolean(input, 'SourceDestCheck') ?? eni.sourceDestCheck,
    groupIds:
      input['Groups'] === undefined ? eni.groupIds : replacedGroups(input, draft.snapshot, eni),
  });
}

/** @throws InvalidInstanceAttributeValue when the instance has no such device. */
function changeMappings(input: ActionInput, instance: Instance, draft: Draft): void {
  for (const entry of structuresOf(input, 'BlockDeviceMappings')) {
    const volume = volumeAt(draft.snapshot, instance, stringOf(entry, 'DeviceName'));
    const ebs = optionalStructure(entry, 'Ebs') ?? {};
    const deleteOnTermination = optionalBoolean(ebs, 'DeleteOnTermination');
    if (volume.attachment === null || deleteOnTermination === undefined) continue;
    const attachment = { ...volume.attachment, deleteOnTermination };
    draft.put('volumes', volume.volumeId, { ...volume, attachment });
  }
}

function volumeAt(snapshot: Snapshot, { instanceId }: Instance, device: string): Volume {
  const volume = volumesOfInstance(snapshot, instanceId).find(
    ({ attachment }) => attachment?.device === device,
  );
  if (volume === undefined) {
    throw invalidValue('blockDeviceMapping', device, `No device is currently mapped at ${device}`);
  }
  return volume;
}

/** By parameter of ModifyInstanceAttribute. */
const CHANGES: Readonly<Record<string, Change>> = {
  SourceDestCheck: changeEni,
  Groups: changeEni,
  InstanceType: changeType,
  BlockDeviceMappings: changeMappings,
  UserData: (input, instance, draft) => {
    checkStopped(instance, draft);
    put(draft, instance, { userData: checkUserData(textOf(input, 'UserData')) });
  },
  DisableApiTermination: (input, instance, draft) => {
    const disableApiTermination = optionalBoolean(input, 'DisableApiTermination') ?? false;
    put(draft, instance, { disableApiTermination });
  },
  DisableApiStop: (input, instance, draft) => {
    put(draft, instance, { disableApiStop: optionalBoolean(input, 'DisableApiStop') ?? false });
  },
  EbsOptimized: (input, instance, draft) => {
    checkStopped(instance, draft);
    put(draft, instance, { ebsOptimized: optionalBoolean(input, 'EbsOptimized') ?? false });
  },
  InstanceInitiatedShutdownBehavior: (input, instance, draft) => {
    const given = {
      instanceInitiatedShutdownBehavior: textOf(input, 'InstanceInitiatedShutdownBehavior'),
    };
    const choices = ['stop', 'terminate'] as const;
    put(draft, instance, {
      shutdownBehavior: choiceOf(given, 'instanceInitiatedShutdownBehavior', choices),
    });
  },
};

/** Attributes that `Attribute` and `Value` can name, to the parameter that says the same. */
const TEXT_ATTRIBUTES: Readonly<Record<string, string>> = {
  instanceType: 'InstanceType',
  userData: 'UserData',
  instanceInitiatedShutdownBehavior: 'InstanceInitiatedShutdownBehavior',
};
const BOOLEAN_ATTRIBUTES: Readonly<Record<string, string>> = {
  sourceDestCheck: 'SourceDestCheck',
  disableApiTermination: 'DisableApiTermination',
  disableApiStop: 'DisableApiStop',
  ebsOptimized: 'EbsOptimized',
};

/** @returns the request with `Attribute` and `Value` as the parameter that they stand for. */
function spelledOut({ Attribute, Value, ...others }: ActionInput): ActionInput {
  if (Attribute === undefined) return others;
  const attribute = String(Attribute);
  const text = TEXT_ATTRIBUTES[attribute];
  const flag = BOOLEAN_ATTRIBUTES[attribute];
  // The mappings of a request name their attribute beside them.
  if (attribute === 'blockDeviceMapping' && Value === undefined) return others;
  if (Value === undefined || (text ?? flag) === undefined) {
    throw invalidValue('attribute', attribute, 'Unknown attribute.');
  }
  if (text !== undefined) return { ...others, [text]: { Value } };
  const word = String(Value).toLowerCase();
  if (word !== 'true' && word !== 'false') throw invalidValue('value', String(Value));
  return { ...others, [flag ?? '']: word === 'true' };
}

/** AWS takes one attribute a request. */
function modifyInstanceAttribute(request: ActionInput, { draft }: ActionContext): ActionOutput {
  const input = spelledOut(request);
  const instance = findInstance(draft.snapshot, stringOf(input, 'InstanceId'));
  const [change, ...others] = Object.entries(CHANGES)
    .filter(([name]) => input[name] !== undefined)
    .map(([, each]) => each);
  if (change === undefined) throw parameterCombination('No attributes specified.');
  if (others.length > 0)
    throw parameterCombination('Fields for multiple attribute types specified');
  if (instance.state === 'terminated') {
    throw incorrectInstanceState(instance.instanceId, 'modified');
  }
  change(input, instance, draft);
  return {};
}

/** By AWS's name of the attribute, its member of the answer. */
const TOLD: Readonly<Record<string, (instance: Instance, snapshot: Snapshot) => ActionOutput>> = {
  blockDeviceMapping: ({ instanceId }, snapshot) => ({
    BlockDeviceMappings: deviceMappingShapes(volumesOfInstance(snapshot, instanceId)),
  }),
  disableApiStop: ({ options }) => ({ DisableApiStop: { Value: options.disableApiStop } }),
  disableApiTermination: ({ options }) => ({
    DisableApiTermination: { Value: options.disableApiTermination },
  }),
  ebsOptimized: ({ options }) => ({ EbsOptimized: { Value: options.ebsOptimized } }),
  enaSupport: () => ({ EnaSupport: { Value: true } }),
  enclaveOptions: () => ({ EnclaveOptions: { Enabled: false } }),
  groupSet: (instance, snapshot) => ({
    Groups: groupIdentifiers(snapshot, singleEni(snapshot, instance).groupIds),
  }),
  instanceInitiatedShutdownBehavior: ({ options }) => ({
    InstanceInitiatedShutdownBehavior: { Value: options.shutdownBehavior },
  }),
  instanceType: ({ instanceType }) => ({ InstanceType: { Value: instanceType } }),
  kernel: () => ({ KernelId: {} }),
  productCodes: () => ({ ProductCodes: [] }),
  ramdisk: () => ({ RamdiskId: {} }),
  rootDeviceName: ({ instanceId }, snapshot) => ({
    RootDeviceName: { Value: rootDeviceName(volumesOfInstance(snapshot, instanceId)) },
  }),
  sourceDestCheck: (instance, snapshot) => ({
    SourceDestCheck: { Value: singleEni(snapshot, instance).sourceDestCheck },
  }),
  sriovNetSupport: () => ({ SriovNetSupport: {} }),
  userData: ({ options }) => ({
    UserData: options.userData === null ? {} : { Value: options.userData },
  }),
};

function describeInstanceAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const instance = findInstance(draft.snapshot, stringOf(input, 'InstanceId'));
  const attribute = stringOf(input, 'Attribute');
  const tell = Object.hasOwn(TOLD, attribute) ? TOLD[attribute] : undefined;
  if (tell === undefined) throw invalidValue('attribute', attribute, 'Unknown attribute.');
  return { InstanceId: instance.instanceId, ...tell(instance, draft.snapshot) };
}

/** AWS resets the check of a NAT instance; kernel and RAM disk are long gone. */
function resetInstanceAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const instance = findInstance(draft.snapshot, stringOf(input, 'InstanceId'));
  const attribute = stringOf(input, 'Attribute');
  if (attribute !== 'sourceDestCheck') {
    throw invalidValue('attribute', attribute, 'Unknown attribute.');
  }
  const eni = singleEni(draft.snapshot, instance);
  draft.put('enis', eni.eniId, { ...eni, sourceDestCheck: true });
  return {};
}

export const INSTANCE_ATTRIBUTE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'ModifyInstanceAttribute',
    parameters: {
      InstanceId: 'string',
      Attribute: 'string',
      Value: 'string',
      SourceDestCheck: 'attributeBoolean',
      Groups: ['string'],
      InstanceType: { Value: 'string' },
      UserData: { Value: 'blob' },
      DisableApiTermination: 'attributeBoolean',
      DisableApiStop: 'attributeBoolean',
      EbsOptimized: 'attributeBoolean',
      InstanceInitiatedShutdownBehavior: { Value: 'string' },
      BlockDeviceMappings: [{ DeviceName: 'string', Ebs: { DeleteOnTermination: 'boolean' } }],
    },
    required: ['InstanceId'],
    perform: modifyInstanceAttribute,
  },
  {
    name: 'DescribeInstanceAttribute',
    parameters: { InstanceId: 'string', Attribute: 'string' },
    required: ['InstanceId', 'Attribute'],
    perform: describeInstanceAttribute,
  },
  {
    name: 'ResetInstanceAttribute',
    parameters: { InstanceId: 'string', Attribute: 'string' },
    required: ['InstanceId', 'Attribute'],
    perform: resetInstanceAttribute,
  },
];
