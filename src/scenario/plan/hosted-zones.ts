/** Plans private hosted zones. Each is put whole, by an action that the EC2 API does not have. */
import type { HostedZone } from '../../model/hosted-zones.ts';
import type { LabHostedZone } from '../lab-dns.ts';
import { kept, type PlanContext, realmOf } from './context.ts';
import { REMOVED } from './departing.ts';
import { reference } from './planned-action.ts';

export function planHostedZoneDeletions({ lab, current, plan }: PlanContext): void {
  const wanted = new Set(lab.hostedZones.map(({ key }) => key));
  for (const CallerReference of current.hostedZones.keys()) {
    if (wanted.has(CallerReference)) continue;
    const subject = `hosted zone ${CallerReference}`;
    const about = { realm: lab.home, subject, reason: REMOVED };
    plan.add('DeleteHostedZone', { CallerReference }, about);
  }
}

/** The VPCs are there by now. */
export function planHostedZones(context: PlanContext): void {
  const { lab, current, plan } = context;
  plan.nextStage();
  for (const zone of lab.hostedZones) {
    const now = current.hostedZones.get(zone.key);
    const vpcs = zone.vpcs.map((name) => ({
      VPCRegion: realmOf(context, name).region,
      VPCId: vpcIdOf(context, name),
    }));
    const reason = reasonFor(
      zone,
      vpcs.map(({ VPCId }) => VPCId),
      now,
    );
    if (reason === null) continue;
    plan.add(
      'PutHostedZone',
      {
        CallerReference: zone.key,
        Name: zone.name,
        VPCs: vpcs,
        ResourceRecordSets: zone.recordSets.map(({ name, type, ttl, values }) => ({
          Name: name,
          Type: type,
          TTL: ttl,
          ResourceRecords: values,
        })),
      },
      { realm: lab.home, subject: `hosted zone ${zone.key}`, reason },
    );
  }
}

function vpcIdOf({ current, departures }: PlanContext, name: string): string {
  return kept(current.vpcs, departures.vpcs, name)?.vpcId ?? reference('vpc', name);
}

/** @returns null when the zone is as it is wanted. */
function reasonFor(
  { name, recordSets }: LabHostedZone,
  vpcIds: readonly string[],
  now: HostedZone | undefined,
): string | null {
  if (now === undefined) return 'not there yet';
  if (now.name !== name) return `its domain was ${now.name}`;
  if (now.vpcIds.join() !== vpcIds.join()) return 'it is of other VPCs';
  return JSON.stringify(now.recordSets) === JSON.stringify(recordSets)
    ? null
    : 'its records are others';
}
