/** The actions on key pairs. AWS makes or takes the public half and never keeps the private one. */
import type { KeyPair } from '../../model/compute.ts';
import { keyPairNamed } from '../../model/lookups/compute.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { FILTERS, type Filters, filterRows, tagFilters } from '../describe.ts';
import { invalidValue, missingOneOf } from '../errors.ts';
import { optionalBoolean, optionalString, stringOf, stringsOf } from '../input.ts';
import { findRows } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { duplicateKeyPair, invalidKeyFormat, unknownKeyPair } from './compute-errors.ts';
import { importedFingerprint, parsePublicKey } from './public-keys.ts';

/** What AWS takes as a name: 1 to 255 printable ASCII characters. */
const NAME = /^[ -~]{1,255}$/;

/** @throws InvalidKeyPair.NotFound */
export function findKeyPairByName(snapshot: Snapshot, name: string): KeyPair {
  const pair = keyPairNamed(snapshot, name);
  if (pair === undefined) throw unknownKeyPair(name);
  return pair;
}

/** @throws InvalidKeyPair.Duplicate */
function readName(input: ActionInput, snapshot: Snapshot): string {
  const name = stringOf(input, 'KeyName');
  if (!NAME.test(name) || name.trim() !== name) throw invalidValue('keyName', name);
  if (keyPairNamed(snapshot, name) !== undefined) throw duplicateKeyPair(name);
  return name;
}

function readType(input: ActionInput): KeyPair['type'] {
  const type = optionalString(input, 'KeyType') ?? 'rsa';
  if (type !== 'rsa' && type !== 'ed25519') throw invalidValue('keyType', type);
  return type;
}

/** What the answers to CreateKeyPair and ImportKeyPair have in common. */
function newPairShape(pair: KeyPair): ActionOutput {
  return {
    KeyName: pair.name,
    KeyPairId: pair.keyPairId,
    KeyFingerprint: pair.fingerprint,
    Tags: pair.tags.size === 0 ? undefined : tagSet(pair.tags),
  };
}

/** The answer is the only place where the private key ever is. */
function createKeyPair(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId, nowMs, newKeyPair } = context;
  const tags = tagsFor(input, 'key-pair');
  const name = readName(input, draft.snapshot);
  const type = readType(input);
  const format = optionalString(input, 'KeyFormat') ?? 'pem';
  if (format !== 'pem') throw invalidValue('keyFormat', format, 'Only pem is supported.');
  const { privateKey, publicKey, fingerprint } = newKeyPair(type);
  const keyPairId = newId('key');
  const pair: KeyPair = {
    keyPairId,
    name,
    type,
    fingerprint,
    publicKey: `${publicKey} ${name}`,
    createTimeMs: nowMs,
    tags,
  };
  draft.put('keyPairs', keyPairId, pair);
  return { ...newPairShape(pair), KeyMaterial: privateKey };
}

/** The material is Base64 on the wire, as all blobs are. */
function importKeyPair(input: ActionInput, { draft, newId, nowMs }: ActionContext): ActionOutput {
  const tags = tagsFor(input, 'key-pair');
  const name = readName(input, draft.snapshot);
  const text = Buffer.from(stringOf(input, 'PublicKeyMaterial'), 'base64').toString('utf8');
  const key = parsePublicKey(text);
  if (key === null) throw invalidKeyFormat();
  const keyPairId = newId('key');
  const pair: KeyPair = {
    keyPairId,
    name,
    type: key.type,
    fingerprint: importedFingerprint(key),
    publicKey: text.trim(),
    createTimeMs: nowMs,
    tags,
  };
  draft.put('keyPairs', keyPairId, pair);
  return newPairShape(pair);
}

const KEY_FILTERS: Filters<KeyPair> = {
  fingerprint: (pair) => [pair.fingerprint],
  'key-name': (pair) => [pair.name],
  'key-pair-id': (pair) => [pair.keyPairId],
};

function describeKeyPairs(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const names = [...new Set(stringsOf(input, 'KeyNames'))];
  const ids = stringsOf(input, 'KeyPairIds');
  const isAll = names.length + ids.length === 0;
  const chosen = new Set([
    ...names.map((name) => findKeyPairByName(snapshot, name)),
    ...findRows(snapshot.keyPairs, 'key', ids),
    ...(isAll ? snapshot.keyPairs.values() : []),
  ]);
  const filters = { ...tagFilters<KeyPair>(input), ...KEY_FILTERS };
  const withKeys = optionalBoolean(input, 'IncludePublicKey') === true;
  const shapes = filterRows([...chosen], filters, input, snapshot).map((pair) => ({
    KeyPairId: pair.keyPairId,
    KeyName: pair.name,
    KeyType: pair.type,
    KeyFingerprint: pair.fingerprint,
    PublicKey: withKeys ? pair.publicKey : undefined,
    CreateTime: new Date(pair.createTimeMs).toISOString(),
    Tags: tagSet(pair.tags),
  }));
  return { KeyPairs: shapes };
}

/** A key pair that there is not is deleted with success; instances keep the name. */
function deleteKeyPair(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const name = optionalString(input, 'KeyName');
  const id = optionalString(input, 'KeyPairId');
  if (name === undefined && id === undefined) throw missingOneOf(['keyName', 'keyPairId']);
  const pair = [...draft.snapshot.keyPairs.values()].find(
    (each) => each.name === (name ?? each.name) && each.keyPairId === (id ?? each.keyPairId),
  );
  if (pair !== undefined) draft.delete('keyPairs', pair.keyPairId);
  return { Return: true, KeyPairId: pair?.keyPairId };
}

export const KEY_PAIR_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateKeyPair',
    parameters: {
      KeyName: 'string',
      KeyType: 'string',
      KeyFormat: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['KeyName'],
    perform: createKeyPair,
  },
  {
    name: 'ImportKeyPair',
    parameters: {
      KeyName: 'string',
      PublicKeyMaterial: 'blob',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['KeyName', 'PublicKeyMaterial'],
    perform: importKeyPair,
  },
  {
    name: 'DescribeKeyPairs',
    parameters: {
      Filters: FILTERS,
      KeyNames: ['string'],
      KeyPairIds: ['string'],
      IncludePublicKey: 'boolean',
    },
    required: [],
    perform: describeKeyPairs,
  },
  {
    name: 'DeleteKeyPair',
    parameters: { KeyName: 'string', KeyPairId: 'string' },
    required: [],
    perform: deleteKeyPair,
  },
];
