/**
 * The private hosted zones of a lab file. Names of records are relative to the zone unless they end in
 * a dot or in the zone's own name; a name that is a value is relative when it is one label.
 */
import type { RecordSet } from '../../model/hosted-zones.ts';
import {
  parseDomainName,
  parseOwnerName,
  parseRecordValue,
  RECORD_TYPES,
} from '../../model/record-values.ts';
import type { LabHostedZone } from '../lab-dns.ts';
import { type Path, type Reporter, wantedName } from './problems.ts';
import type { LabFile } from './schema.ts';
import type { LabFileHostedZone } from './schema-dns.ts';
import type { Scope } from './scope.ts';

const DEFAULT_TTL_S = 300;
const APEX = '@';

type LabFileRecords = NonNullable<LabFileHostedZone['records']>[string];

export function resolveHostedZones(file: LabFile, { report }: Scope): LabHostedZone[] {
  const vpcs = Object.keys(file.vpcs ?? {});
  const found: LabHostedZone[] = [];
  for (const [key, fields] of Object.entries(file.hostedZones ?? {})) {
    const path = ['hostedZones', key];
    const name = parseDomainName(fields.name ?? key);
    if (name === null) {
      const wanted = 'a domain name such as corp.example, or one as its "name"';
      report.atKey(path, `Cannot use "${key}": found no domain name, wanted ${wanted}`);
      continue;
    }
    const zone = {
      key,
      name,
      vpcs: fields.vpcs,
      recordSets: recordSetsOf(name, fields, report, path),
    };
    checkVpcs(zone, vpcs, found, report, path);
    found.push(zone);
  }
  return found;
}

/** A VPC is of one zone of a name. */
function checkVpcs(
  { name, vpcs }: LabHostedZone,
  known: readonly string[],
  before: readonly LabHostedZone[],
  report: Reporter,
  path: Path,
): void {
  const twins = before.filter((each) => each.name === name);
  for (const [index, vpc] of vpcs.entries()) {
    const at = [...path, 'vpcs', index];
    if (!known.includes(vpc)) {
      const wanted = wantedName(vpc, known, 'a VPC');
      report.at(at, `Cannot use "${vpc}": found an unknown VPC, wanted ${wanted}`);
    } else if (vpcs.indexOf(vpc) < index) {
      report.at(at, `Cannot use "${vpc}": found it twice, wanted each VPC once`);
    } else if (twins.some((each) => each.vpcs.includes(vpc))) {
      const state = `found another zone "${name}" of this VPC above`;
      report.at(at, `Cannot use "${vpc}": ${state}, wanted one zone of a name for each VPC`);
    }
  }
}

function recordSetsOf(
  zone: string,
  { records = {} }: LabFileHostedZone,
  report: Reporter,
  above: Path,
): RecordSet[] {
  const owners = new Map<string, string>();
  return Object.entries(records).flatMap(([owner, fields]) => {
    const path = [...above, 'records', owner];
    const name = ownerName(owner, zone);
    const before = name === null ? undefined : owners.get(name);
    if (name === null) {
      const wanted = `@, a name such as www, or one that ends in .${zone}`;
      report.atKey(
        path,
        `Cannot use "${owner}": found no name in zone "${zone}", wanted ${wanted}`,
      );
      return [];
    }
    if (before !== undefined) {
      const state = `found the same name as "${before}" above`;
      report.atKey(path, `Cannot use "${owner}": ${state}, wanted all its records in one place`);
      return [];
    }
    owners.set(name, owner);
    checkAlias(name, zone, fields, report, path);
    return recordsOf(name, zone, fields, report, path);
  });
}

function ownerName(owner: string, zone: string): string | null {
  if (owner === APEX) return zone;
  if (owner === '*') return `*.${zone}`;
  const text = owner.toLowerCase();
  const bare = text.replace(/\.$/, '');
  const isInside = bare === zone || bare.endsWith(`.${zone}`);
  if (text.endsWith('.') && !isInside) return null;
  return parseOwnerName(isInside ? bare : `${text}.${zone}`);
}

function checkAlias(
  name: string,
  zone: string,
  fields: LabFileRecords,
  report: Reporter,
  path: Path,
): void {
  if (fields.CNAME === undefined) return;
  const at = [...path, 'CNAME'];
  const others = RECORD_TYPES.filter((type) => type !== 'CNAME' && fields[type] !== undefined);
  if (name === zone) {
    report.atKey(at, 'Cannot use "CNAME": found it at the zone itself, wanted a name below it');
  } else if (others.length > 0) {
    const state = `found ${others.join(', ')} beside it`;
    report.atKey(at, `Cannot use "CNAME": ${state}, wanted nothing else at that name`);
  }
}

function recordsOf(
  name: string,
  zone: string,
  fields: LabFileRecords,
  report: Reporter,
  path: Path,
): RecordSet[] {
  return RECORD_TYPES.flatMap((type) => {
    const given = fields[type];
    if (given === undefined) return [];
    const isList = Array.isArray(given);
    const values = [given].flat().map((text, index) => {
      const value = absoluteValue(type, text, zone);
      const read = parseRecordValue(type, value);
      if ('wanted' in read) {
        const at = [...path, type, ...(isList ? [index] : [])];
        report.at(at, `Cannot use "${text}": found no ${type} record, wanted ${read.wanted}`);
      }
      return value;
    });
    return [{ name, type, ttl: fields.ttl ?? DEFAULT_TTL_S, values }];
  });
}

/** A single label at the end of a value is a name in the zone. */
function absoluteValue(type: RecordSet['type'], text: string, zone: string): string {
  if (type === 'A' || type === 'AAAA' || type === 'TXT' || type === 'SOA') return text;
  return text.replace(/(^|\s)(@|[\w-]+)$/, (_, before, label) =>
    label === APEX ? `${before}${zone}` : `${before}${label}.${zone}`,
  );
}
