/** Which gateways, peerings and addresses become part of a lab file: those of its VPCs that are still there. */
import type { LeftOut } from './context.ts';
import type { AwsRecords } from './records.ts';

type Gateways = Pick<
  AwsRecords,
  'internetGateways' | 'egressOnlyGateways' | 'natGateways' | 'endpoints' | 'peerings' | 'addresses'
>;

const GONE: ReadonlySet<string> = new Set(['deleted', 'deleting', 'rejected', 'expired', 'failed']);

/**
 * @param vpcs Those of the lab file.
 * @param wanted Ids of VPCs; none: all.
 */
export function selectGateways(
  records: AwsRecords,
  vpcs: ReadonlyMap<string, unknown>,
  wanted: readonly string[],
  leftOut: LeftOut[],
): Gateways {
  const isHere = (vpcId: string | undefined) => vpcs.has(vpcId ?? '');
  const isThere = (state: string) => !GONE.has(state.toLowerCase());
  const chosen = <R>(rows: ReadonlyMap<string, R>, test: (row: R) => boolean) =>
    new Map([...rows].filter(([, row]) => test(row)));
  if (wanted.length === 0) {
    for (const [id, { Attachments }] of records.internetGateways) {
      if (Attachments.length > 0) continue;
      leftOut.push({ what: 'internet gateway', id, reason: 'it is attached to nothing' });
    }
  }
  return {
    internetGateways: chosen(records.internetGateways, ({ Attachments: [first] }) =>
      isHere(first?.VpcId),
    ),
    egressOnlyGateways: chosen(records.egressOnlyGateways, ({ Attachments: [first] }) =>
      isHere(first?.VpcId),
    ),
    natGateways: chosen(records.natGateways, ({ VpcId, State }) => isHere(VpcId) && isThere(State)),
    endpoints: chosen(records.endpoints, ({ VpcId, State }) => isHere(VpcId) && isThere(State)),
    peerings: chosen(
      records.peerings,
      ({ RequesterVpcInfo, AccepterVpcInfo, Status }) =>
        (isHere(RequesterVpcInfo.VpcId) || isHere(AccepterVpcInfo.VpcId)) && isThere(Status.Code),
    ),
    addresses: chosen(records.addresses, ({ AllocationId, NetworkInterfaceId }) => {
      if (AllocationId === '') return false;
      const subnet = records.interfaces.get(NetworkInterfaceId ?? '')?.SubnetId;
      const vpcId = records.subnets.get(subnet ?? '')?.VpcId;
      return vpcId === undefined ? wanted.length === 0 : isHere(vpcId);
    }),
  };
}
