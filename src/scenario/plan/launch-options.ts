/** Plans what instances are launched with besides their place in the network. */
import type { ActionInput } from '../../actions/action.ts';
import { DEFAULT_METADATA_OPTIONS, type MetadataOptions } from '../../model/compute.ts';
import type { Instance } from '../../model/records.ts';
import type { LabInstance } from '../lab.ts';
import { NAME_TAG } from '../names.ts';
import { type PlanContext, realmOf } from './context.ts';
import { LAB_TAG, tagSpecifications } from './planned-action.ts';

/** Of EC2's names to those of the model. */
const METADATA_MEMBERS = {
  HttpTokens: 'httpTokens',
  HttpPutResponseHopLimit: 'httpPutResponseHopLimit',
  HttpEndpoint: 'httpEndpoint',
  HttpProtocolIpv6: 'httpProtocolIpv6',
  InstanceMetadataTags: 'instanceMetadataTags',
} as const satisfies Readonly<Record<string, keyof MetadataOptions>>;

/** @returns the parameters of RunInstances; what AWS has by default is not said. */
export function launchOptions(instance: LabInstance, lab: string): ActionInput {
  const metadata = changes(instance.metadata, DEFAULT_METADATA_OPTIONS);
  const own = [...(instance.tags ?? [])].map(([Key, Value]) => ({ Key, Value }));
  return {
    ...(Object.keys(metadata).length === 0 ? {} : { MetadataOptions: metadata }),
    ...(instance.userData === null ? {} : { UserData: instance.userData }),
    ...tagSpecifications('instance', instance.name, lab, own),
  };
}

/** Of an instance that goes on running. */
export function planLaunchOptions(context: PlanContext, wanted: LabInstance, now: Instance): void {
  const { plan } = context;
  const place = { realm: realmOf(context, wanted.subnet), subject: `instance ${wanted.name}` };
  const { instanceId, options } = now;
  const metadata = changes(wanted.metadata, options.metadata);
  if (Object.keys(metadata).length > 0) {
    const reason = Object.entries(metadata)
      .map(([member, value]) => `${member}: ${value}`)
      .join(', ');
    const input = { InstanceId: instanceId, ...metadata };
    plan.add('ModifyInstanceMetadataOptions', input, { ...place, reason });
  }
  if (wanted.tags === null) return;
  const others = [...wanted.tags].filter(([key, value]) => now.tags.get(key) !== value);
  if (others.length > 0) {
    const Tags = others.map(([Key, Value]) => ({ Key, Value }));
    const reason = `tags: ${others.map(([key, value]) => `${key}=${value}`).join(', ')}`;
    plan.add('CreateTags', { Resources: [instanceId], Tags }, { ...place, reason });
  }
  const stays = new Set([NAME_TAG, LAB_TAG, ...wanted.tags.keys()]);
  const leaving = [...now.tags.keys()].filter((key) => !stays.has(key));
  if (leaving.length === 0) return;
  const Tags = leaving.map((Key) => ({ Key }));
  const reason = `tags ${leaving.join(', ')} not in the lab file any more`;
  plan.add('DeleteTags', { Resources: [instanceId], Tags }, { ...place, reason });
}

function changes(wanted: MetadataOptions, now: MetadataOptions): ActionInput {
  const members = Object.entries(METADATA_MEMBERS);
  return Object.fromEntries(
    members.flatMap(([member, field]) =>
      wanted[field] === now[field] ? [] : [[member, wanted[field]]],
    ),
  );
}
