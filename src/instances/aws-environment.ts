/** What the AWS SDKs in an instance find in their environment: the lab's API, and credentials for it. */
import { formatIpv4 } from '../addr/ipv4.ts';
import { formatIpv6 } from '../addr/ipv6.ts';
import { API } from '../addr/service-addresses.ts';
import type { Realm } from '../model/realm.ts';

/**
 * @param realm Of the instance. @param hasIpv4 false: its subnet is IPv6-only.
 * @returns variables that the SDKs and the AWS CLI read; any credentials are good for a lab.
 */
export function awsEnvironment(
  { accountId, region }: Realm,
  hasIpv4: boolean,
): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: `http://${hasIpv4 ? formatIpv4(API.ipv4) : `[${formatIpv6(API.ipv6)}]`}`,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accountId,
    AWS_SECRET_ACCESS_KEY: 'vpclab',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
