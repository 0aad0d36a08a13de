/** The actions that show one attribute of an interface, or set it back to what AWS makes it. */
import type { Eni } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { invalidValue, parameterCombination } from '../errors.ts';
import { groupIdentifiers } from '../filters/security-group-shapes.ts';
import { optionalString, stringOf } from '../input.ts';
import { findEni, findOwnEni } from '../lookup.ts';
import { ownAttachmentShape } from './eni-shapes.ts';

/** AWS's names of attributes to what they show. */
const ATTRIBUTES: Readonly<Record<string, (eni: Eni, snapshot: Snapshot) => ActionOutput>> = {
  description: ({ description }) => ({ Description: { Value: description } }),
  groupSet: ({ groupIds }, snapshot) => ({ Groups: groupIdentifiers(snapshot, groupIds) }),
  sourceDestCheck: ({ sourceDestCheck }) => ({ SourceDestCheck: { Value: sourceDestCheck } }),
  attachment: (eni, snapshot) => ({ Attachment: ownAttachmentShape(eni, snapshot) }),
};

/** AWS shows one attribute a request. @source ENI-1 */
function describeAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const eni = findEni(draft.snapshot, stringOf(input, 'NetworkInterfaceId'));
  const name = stringOf(input, 'Attribute');
  const show = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
  if (show === undefined) throw invalidValue('attribute', name);
  return { NetworkInterfaceId: eni.eniId, ...show(eni, draft.snapshot) };
}

/** `SourceDestCheck` is the only attribute that AWS sets back, to on. @source CHK-4 */
function resetAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const eni = findOwnEni(draft.snapshot, stringOf(input, 'NetworkInterfaceId'));
  if (optionalString(input, 'SourceDestCheck') === undefined) {
    throw parameterCombination('No attributes specified.');
  }
  draft.put('enis', eni.eniId, { ...eni, sourceDestCheck: true });
  return {};
}

export const ENI_ATTRIBUTE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeNetworkInterfaceAttribute',
    parameters: { NetworkInterfaceId: 'string', Attribute: 'string' },
    required: ['NetworkInterfaceId'],
    perform: describeAttribute,
  },
  {
    name: 'ResetNetworkInterfaceAttribute',
    parameters: { NetworkInterfaceId: 'string', SourceDestCheck: 'string' },
    required: ['NetworkInterfaceId'],
    perform: resetAttribute,
  },
];
