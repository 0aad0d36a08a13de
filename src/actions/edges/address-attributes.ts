/** The actions on the name of an elastic address, which reverse DNS tells. */
import { formatIpv4 } from '../../addr/ipv4.ts';
import type { ElasticAddress } from '../../model/elastic-addresses.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { pageOf } from '../describe.ts';
import { invalidValue } from '../errors.ts';
import { optionalString, stringOf, stringsOf } from '../input.ts';
import { findRows } from '../lookup.ts';
import { findElasticAddress } from './lookup-gateways.ts';

const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\.?$/i;
/** The only attribute that an address has. */
const DOMAIN_NAME = 'domain-name';

function attributeShape({ publicAddr, allocationId, ptrRecord }: ElasticAddress): ActionOutput {
  return {
    PublicIp: formatIpv4(publicAddr),
    AllocationId: allocationId,
    PtrRecord: ptrRecord ?? undefined,
  };
}

function checkAttribute(attribute: string): void {
  if (attribute !== DOMAIN_NAME) throw invalidValue('attribute', attribute);
}

/** Addresses that have only the name that AWS gives are left out. */
function describeAttributes(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { elasticAddresses } = draft.snapshot;
  const ids = stringsOf(input, 'AllocationIds');
  const asked =
    ids.length === 0 ? [...elasticAddresses.values()] : findRows(elasticAddresses, 'eipalloc', ids);
  checkAttribute(optionalString(input, 'Attribute') ?? DOMAIN_NAME);
  const named = asked.filter(({ ptrRecord }) => ptrRecord !== null);
  const { rows, nextToken } = pageOf(named, input);
  return { Addresses: rows.map(attributeShape), NextToken: nextToken };
}

function setName(
  { draft }: ActionContext,
  address: ElasticAddress,
  ptrRecord: string | null,
): ActionOutput {
  const changed: ElasticAddress = { ...address, ptrRecord };
  draft.put('elasticAddresses', changed.allocationId, changed);
  return { Address: attributeShape(changed) };
}

function modifyAttribute(input: ActionInput, context: ActionContext): ActionOutput {
  const address = findElasticAddress(context.draft.snapshot, stringOf(input, 'AllocationId'));
  const name = stringOf(input, 'DomainName');
  if (!DOMAIN.test(name)) throw invalidValue('domainName', name);
  return setName(context, address, name.endsWith('.') ? name : `${name}.`);
}

function resetAttribute(input: ActionInput, context: ActionContext): ActionOutput {
  const address = findElasticAddress(context.draft.snapshot, stringOf(input, 'AllocationId'));
  checkAttribute(stringOf(input, 'Attribute'));
  return setName(context, address, null);
}

export const ADDRESS_ATTRIBUTE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeAddressesAttribute',
    parameters: {
      AllocationIds: ['string'],
      Attribute: 'string',
      MaxResults: 'integer',
      NextToken: 'string',
    },
    required: [],
    perform: describeAttributes,
  },
  {
    name: 'ModifyAddressAttribute',
    parameters: { AllocationId: 'string', DomainName: 'string' },
    required: ['AllocationId'],
    perform: modifyAttribute,
  },
  {
    name: 'ResetAddressAttribute',
    parameters: { AllocationId: 'string', Attribute: 'string' },
    required: ['AllocationId', 'Attribute'],
    perform: resetAttribute,
  },
];
