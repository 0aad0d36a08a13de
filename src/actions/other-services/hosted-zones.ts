/**
 * Private hosted zones, which on AWS are made with Route 53's API. A lab has no such API: its lab
 * file puts a zone whole, and takes it away. Members and codes are Route 53's.
 */
import type { RecordData } from '../../model/dns-records.ts';
import type { HostedZone, RecordSet } from '../../model/hosted-zones.ts';
import type { HostedZoneId, VpcId } from '../../model/ids.ts';
import {
  parseDomainName,
  parseOwnerName,
  parseRecordValue,
  RECORD_TYPES,
} from '../../model/record-values.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { ApiError } from '../api-error.ts';
import { choiceOf, integerOf, stringOf, stringsOf, structuresOf } from '../input.ts';

const MAX_TTL_S = 2_147_483_647;

/** Makes the zone, or makes the one with the same reference as this one says. */
function putHostedZone(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId } = context;
  const { snapshot } = draft;
  const callerReference = stringOf(input, 'CallerReference');
  const name = parseDomainName(stringOf(input, 'Name'));
  if (name === null) throw new ApiError('InvalidDomainName', `${input['Name']} is no domain name`);
  const vpcIds = structuresOf(input, 'VPCs').map((each) =>
    findVpcId(context, stringOf(each, 'VPCRegion'), stringOf(each, 'VPCId')),
  );
  const recordSets = structuresOf(input, 'ResourceRecordSets').map((each) =>
    readRecordSet(each, name),
  );
  checkTogether(recordSets, name);
  const before = zoneOf(snapshot, callerReference);
  const hostedZoneId = before?.hostedZoneId ?? hostedZoneIdOf(newId('z'));
  const zone: HostedZone = { hostedZoneId, callerReference, name, vpcIds, recordSets };
  checkConflicts(snapshot, zone);
  draft.put('hostedZones', hostedZoneId, zone);
  return { HostedZone: { Id: hostedZoneId } };
}

function deleteHostedZone(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const reference = stringOf(input, 'CallerReference');
  const zone = zoneOf(draft.snapshot, reference);
  if (zone === undefined)
    throw new ApiError(
      'NoSuchHostedZone',
      `No hosted zone found with reference: ${reference}`,
      404,
    );
  draft.delete('hostedZones', zone.hostedZoneId);
  return {};
}

function zoneOf(snapshot: Snapshot, reference: string): HostedZone | undefined {
  return [...snapshot.hostedZones.values()].find((each) => each.callerReference === reference);
}

/** Ids of Route 53 are capitals and digits. */
function hostedZoneIdOf(id: string): HostedZoneId {
  return `Z${id.slice(id.indexOf('-') + 1).toUpperCase()}`;
}

function findVpcId({ draft, draftOf }: ActionContext, region: string, id: string): VpcId {
  const { accountId } = draft.snapshot;
  const vpc = draftOf({ accountId, region })?.snapshot.vpcs.get(id as VpcId);
  if (vpc === undefined) throw new ApiError('InvalidVPCId', `The VPC: ${id} is not found`);
  return vpc.vpcId;
}

function readRecordSet(input: ActionInput, zone: string): RecordSet {
  const name = parseOwnerName(stringOf(input, 'Name'));
  if (name === null || (name !== zone && !name.endsWith(`.${zone}`)))
    throw invalidChange(`${input['Name']} is no name in zone ${zone}`);
  const type = choiceOf(input, 'Type', RECORD_TYPES) as RecordData['type'];
  const ttl = integerOf(input, 'TTL');
  if (ttl < 0 || ttl > MAX_TTL_S) throw invalidChange(`the TTL of ${name} is ${ttl}`);
  const values = stringsOf(input, 'ResourceRecords');
  if (values.length === 0) throw invalidChange(`${type} of ${name} has no value`);
  for (const value of values) {
    const read = parseRecordValue(type, value);
    if ('wanted' in read)
      throw invalidChange(`${type} "${value}" of ${name}, wanted ${read.wanted}`);
  }
  return { name, type, ttl, values };
}

/** An alias is all that there is at its name, and no zone is one. @source RFC 1034 3.6.2 */
function checkTogether(recordSets: readonly RecordSet[], zone: string): void {
  const seen = new Map<string, Set<string>>();
  for (const { name, type, values } of recordSets) {
    const types = seen.get(name) ?? new Set();
    seen.set(name, types);
    if (types.has(type)) throw invalidChange(`${type} of ${name} is there twice`);
    types.add(type);
    if (type === 'CNAME' && (name === zone || values.length > 1))
      throw invalidChange(`a CNAME of ${name} is one value, and not at the zone itself`);
    if (types.has('CNAME') && types.size > 1)
      throw invalidChange(`${name} has a CNAME and other records`);
  }
}

function checkConflicts(snapshot: Snapshot, { name, vpcIds, callerReference }: HostedZone): void {
  for (const other of snapshot.hostedZones.values()) {
    if (other.name !== name || other.callerReference === callerReference) continue;
    const shared = other.vpcIds.find((id) => vpcIds.includes(id));
    if (shared !== undefined)
      throw new ApiError(
        'ConflictingDomainExists',
        `The VPC ${shared} has already been associated with hosted zone ${other.hostedZoneId} with the same domain name`,
      );
  }
}

function invalidChange(message: string): ApiError {
  return new ApiError('InvalidChangeBatch', message);
}

export const HOSTED_ZONE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'PutHostedZone',
    parameters: {
      CallerReference: 'string',
      Name: 'string',
      VPCs: [{ VPCRegion: 'string', VPCId: 'string' }],
      ResourceRecordSets: [
        { Name: 'string', Type: 'string', TTL: 'integer', ResourceRecords: ['string'] },
      ],
    },
    required: ['CallerReference', 'Name', 'VPCs'],
    perform: putHostedZone,
  },
  {
    name: 'DeleteHostedZone',
    parameters: { CallerReference: 'string' },
    required: ['CallerReference'],
    perform: deleteHostedZone,
  },
];
