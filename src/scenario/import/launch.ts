/** The metadata options and the tags of instances. */
import { DEFAULT_METADATA_OPTIONS } from '../../model/compute.ts';
import type { LabFileInstance } from '../file/schema-instances.ts';
import { isTakenTag } from '../names.ts';
import type { AwsInstance } from './aws-shapes.ts';

export function launchFieldsOf({
  MetadataOptions = {},
  Tags,
}: AwsInstance): Pick<LabFileInstance, 'metadata' | 'tags'> {
  const given = {
    tokens: other(MetadataOptions.HttpTokens, DEFAULT_METADATA_OPTIONS.httpTokens),
    hopLimit: other(
      MetadataOptions.HttpPutResponseHopLimit,
      DEFAULT_METADATA_OPTIONS.httpPutResponseHopLimit,
    ),
    endpoint: other(MetadataOptions.HttpEndpoint, DEFAULT_METADATA_OPTIONS.httpEndpoint),
    ipv6: other(MetadataOptions.HttpProtocolIpv6, DEFAULT_METADATA_OPTIONS.httpProtocolIpv6),
    tags: other(
      MetadataOptions.InstanceMetadataTags,
      DEFAULT_METADATA_OPTIONS.instanceMetadataTags,
    ),
  };
  const metadata = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  const tags = Tags.filter(({ Key }) => !isTakenTag(Key));
  return {
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(tags.length === 0
      ? {}
      : { tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) }),
  };
}

/** @returns undefined for what a lab file need not say. */
function other<T>(value: T | undefined, usual: T): T | undefined {
  return value === usual ? undefined : value;
}
