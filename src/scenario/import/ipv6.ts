/** Which of the IPv6 blocks that AWS tells of a lab file can have: one a VPC, one a subnet. */
import { cidrContains, formatCidr, type Ipv6Cidr, parseIpv6Cidr } from '../../addr/cidr.ts';
import { SUBNET_PREFIX_LENGTH, VPC_PREFIX_LENGTH } from '../file/ipv6-blocks.ts';
import type { AwsVpc } from './aws-shapes.ts';
import type { ImportContext, ImportIpv6 } from './context.ts';

/** Chooses the blocks; the others are left out. */
export function chooseIpv6({
  records,
  names,
  leftOut,
}: Pick<ImportContext, 'records' | 'names' | 'leftOut'>): ImportIpv6 {
  const vpcs = new Map<string, string>();
  const subnets = new Map<string, string>();
  const chosenOf = new Map<string, Ipv6Cidr>();
  for (const [id, vpc] of records.vpcs) {
    const blocks = blocksOf(vpc);
    const chosen = blocks.find(({ prefixLength }) => prefixLength === VPC_PREFIX_LENGTH);
    if (chosen !== undefined) {
      chosenOf.set(id, chosen);
      vpcs.set(id, formatCidr(chosen));
    }
    for (const block of blocks.filter((each) => each !== chosen)) {
      const what = `IPv6 block ${formatCidr(block)} of VPC ${names.vpcs.get(id)}`;
      const reason = `a lab file gives a VPC one block, a /${VPC_PREFIX_LENGTH}`;
      leftOut.push({ what, id, reason });
    }
  }
  for (const [id, subnet] of records.subnets) {
    const outer = chosenOf.get(subnet.VpcId);
    const blocks = blocksOf(subnet);
    const chosen = blocks.find(
      (block) =>
        block.prefixLength === SUBNET_PREFIX_LENGTH &&
        outer !== undefined &&
        cidrContains(outer, block),
    );
    if (chosen !== undefined) subnets.set(id, formatCidr(chosen));
    for (const block of blocks.filter((each) => each !== chosen)) {
      const what = `IPv6 block ${formatCidr(block)} of subnet ${names.subnets.get(id)}`;
      const reason = `a lab file gives a subnet one block, a /${SUBNET_PREFIX_LENGTH} of that of its VPC`;
      leftOut.push({ what, id, reason });
    }
  }
  return { vpcs, subnets };
}

function blocksOf({
  Ipv6CidrBlockAssociationSet,
}: Pick<AwsVpc, 'Ipv6CidrBlockAssociationSet'>): Ipv6Cidr[] {
  return Ipv6CidrBlockAssociationSet.filter((each) => isThere(each.Ipv6CidrBlockState)).flatMap(
    ({ Ipv6CidrBlock }) => parseIpv6Cidr(Ipv6CidrBlock) ?? [],
  );
}

/** @returns true for a block that is not gone, or going. */
export function isThere(state: { readonly State?: string | undefined } | undefined): boolean {
  return state?.State === undefined || ['associated', 'associating'].includes(state.State);
}
