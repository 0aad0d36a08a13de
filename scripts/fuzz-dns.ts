/** Fuzzes the resolver: what guests send it, and what other servers answer it. */
import { decode } from 'dns-packet';
import { performAction } from '../src/actions/table.ts';
import type { VpcId } from '../src/model/ids.ts';
import { readU16 } from '../src/packet/bytes.ts';
import { readAnswers } from '../src/services/dns/forwarding.ts';
import { parseQuery } from '../src/services/dns/query.ts';
import { emitReply } from '../src/services/dns/reply.ts';
import { resolve } from '../src/services/dns/resolve.ts';
import { HEADER_SIZE } from '../src/services/dns/wire.ts';
import { zoneTableOf } from '../src/services/dns/zone-table.ts';
import { Lab } from '../test/actions/lab.ts';
import type { FuzzTarget } from './fuzz-target.ts';

const LIMITS = [512, 1232, 65_535] as const;

export function dnsTargets(): readonly FuzzTarget[] {
  const zones = fuzzedZones();
  return [
    { name: 'dns', corpus: 'dns', run: (bytes) => answer(bytes, zones) },
    { name: 'dns-upstream', corpus: 'dns-upstream', run: readUpstream },
  ];
}

/** Of a VPC with names, and with a hosted zone that has wildcards and aliases. */
function fuzzedZones(): ReturnType<typeof zoneTableOf> {
  const lab = new Lab();
  const VpcId = lab.vpc();
  lab.act('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
  const sets = [
    ['*.corp.example', 'TXT', 'any'],
    ['www.corp.example', 'CNAME', 'web.corp.example'],
    ['web.corp.example', 'CNAME', 'www.corp.example'],
    ['*.alias.corp.example', 'CNAME', 'ip-10-0-0-5.ec2.internal'],
  ];
  performAction(
    lab.store,
    'PutHostedZone',
    {
      CallerReference: 'fuzz',
      Name: 'corp.example',
      VPCs: [{ VPCRegion: lab.snapshot.region, VPCId: VpcId }],
      ResourceRecordSets: sets.map(([Name, Type, value]) => ({
        Name,
        Type,
        TTL: 1,
        ResourceRecords: [value],
      })),
    },
    lab.environment,
  );
  const vpc = lab.snapshot.vpcs.get(VpcId as VpcId);
  if (vpc === undefined) throw new Error('the VPC is gone');
  return zoneTableOf(lab.snapshot, vpc);
}

/** An answer fits, repeats what was asked, and can be read by others. */
function answer(bytes: Uint8Array, zones: ReturnType<typeof zoneTableOf>): void {
  const parsed = parseQuery(bytes);
  if (parsed.kind !== 'query') return;
  const { query } = parsed;
  const found = resolve(zones, query.name, query.type);
  for (const limit of LIMITS) {
    const reply = emitReply(query, found, limit);
    demand(reply.length <= limit, 'an answer is too long');
    demand(readU16(reply, 0) === query.id, 'an answer has another id');
    const echoed = Buffer.from(reply.subarray(HEADER_SIZE, HEADER_SIZE + query.question.length));
    demand(echoed.equals(query.question), 'an answer has another question');
    decode(Buffer.from(reply));
  }
}

function readUpstream(bytes: Uint8Array): void {
  if (bytes.length < HEADER_SIZE) return;
  const reply = readAnswers(bytes);
  if (reply === null) return;
  const question = Uint8Array.of(0, 0, 1, 0, 1);
  const query = { id: 1, flags: 0, opcode: 0, question, name: '', type: 1, class: 1, edns: null };
  const size = emitReply(query, reply, LIMITS[2]).length;
  demand(size <= LIMITS[2], 'an answer is too long');
}

function demand(isKept: boolean, promise: string): asserts isKept {
  if (!isKept) throw new Error(promise);
}
