/**
 * Network ACLs: stateless, in the order of their numbers, and only at the edge of a subnet.
 * Rules: ACL-1, ACL-2, ACL-4, ACL-5.
 */
import { DROP } from '../drop-reason.ts';
import { matchRules } from '../filter-rules.ts';
import { EGRESS, INGRESS } from '../flow/connection-table.ts';
import { FILTER_RANGE_WORDS } from '../program.ts';
import { isDenyRow } from '../rule-row.ts';
import { type Layer, type LayerContext, NO_ROW } from './context.ts';

export const egressAclLayer: Layer = {
  name: 'network-acl-egress',
  run: (context) => !leavesSubnet(context) || runAcl(context, context.subnet, EGRESS),
};

export const ingressAclLayer: Layer = {
  name: 'network-acl-ingress',
  run(context: LayerContext): boolean {
    return !leavesSubnet(context) || runAcl(context, context.towards, INGRESS);
  },
};

/** Also a packet that goes to the router and comes back to its subnet has not left it (ACL-5). */
function leavesSubnet({ towards, subnet }: LayerContext): boolean {
  return towards !== subnet;
}

function runAcl(context: LayerContext, subnet: number, direction: number): boolean {
  const { program, frame, eni } = context;
  const { rules, acls } = program.filters;
  const base = (program.subnets.networkAcl[subnet] as number) * FILTER_RANGE_WORDS;
  const first = acls[base + (direction === EGRESS ? 1 : 0)] as number;
  const end = acls[base + (direction === EGRESS ? 2 : 1)] as number;
  context.isFiltered = true;
  context.rule = matchRules(program, frame, eni, direction === EGRESS, first, end);
  const isAllowed = context.rule !== NO_ROW && !isDenyRow(rules, context.rule);
  return isAllowed || context.reject(direction, DROP.SUBNET_ACL_RESTRICTION);
}
