/** Objects of the model as explanations name them. */
import { formatCidr } from '../../addr/cidr.ts';
import type { RuleOrigin } from '../../compile/rule-order.ts';
import type { RulePeer } from '../../model/filters.ts';
import type { LoadBalancerArn, VpcEndpointId } from '../../model/ids.ts';
import { instanceName } from '../../model/instance-names.ts';
import type { Eni } from '../../model/records.ts';
import type { Fabric } from '../../model/snapshot.ts';
import type { Tagged } from '../../model/tags.ts';
import type { Decision, InterfaceView, ObjectView, PeerView } from './explanation.ts';

export function objectView(id: string, object: Tagged | undefined, otherwise?: string): ObjectView {
  return { id, name: object?.tags.get('Name') ?? otherwise ?? null };
}

export function interfaceView(snapshot: Fabric, eni: Eni): InterfaceView {
  return {
    eniId: eni.eniId,
    name: interfaceName(snapshot, eni),
    subnet: objectView(eni.subnetId, snapshot.subnets.get(eni.subnetId)),
  };
}

/**
 * @returns `r1.eth0`, or else the `Name` tag; for what a gateway or a load balancer has the name of the
 *   gateway, the endpoint or the balancer; or else the id.
 */
export function interfaceName(snapshot: Fabric, eni: Eni): string {
  const { eniId, attachment, tags } = eni;
  const instance = attachment === null ? undefined : snapshot.instances.get(attachment.instanceId);
  return instance === undefined
    ? (tags.get('Name') ?? ownerName(snapshot, eni) ?? eniId)
    : `${instanceName(snapshot, instance)}.eth${attachment?.deviceIndex}`;
}

function ownerName(
  { vpcEndpoints, loadBalancers, natGateways }: Fabric,
  { eniId, madeFor }: Eni,
): string | null {
  const nat = [...natGateways.values()].find((each) => each.eniId === eniId);
  if (nat !== undefined) return nat.tags.get('Name') ?? nat.natGatewayId;
  const endpoint = vpcEndpoints.get(madeFor as VpcEndpointId);
  if (endpoint !== undefined) return endpoint.tags.get('Name') ?? endpoint.vpcEndpointId;
  return loadBalancers.get(madeFor as LoadBalancerArn)?.name ?? null;
}

/** @returns the rule that a row of the program was made from. */
export function ruleDecision(snapshot: Fabric, origin: RuleOrigin): Decision {
  if (origin.kind === 'group') {
    const { group, rule } = origin;
    return {
      kind: 'group-rule',
      group: objectView(group.groupId, group, group.name),
      ruleId: rule.ruleId,
      isEgress: rule.isEgress,
      traffic: rule.traffic,
      peer: peerView(snapshot, rule.peer),
    };
  }
  const { acl, entry } = origin;
  return {
    kind: 'acl-entry',
    acl: objectView(acl.networkAclId, acl, acl.isDefault ? 'default' : undefined),
    ruleNumber: entry.ruleNumber > LAST_ENTRY ? '*' : entry.ruleNumber,
    isEgress: entry.isEgress,
    action: entry.action,
    traffic: entry.traffic,
    cidr: formatCidr(entry.cidr),
  };
}

/** Behind it are the final denials (ACL-1). */
const LAST_ENTRY = 32_766;

function peerView({ securityGroups, prefixLists }: Fabric, peer: RulePeer): PeerView {
  switch (peer.kind) {
    case 'cidr':
      return { kind: 'cidr', cidr: formatCidr(peer.cidr) };
    case 'group':
    case 'peered-group': {
      const group = securityGroups.get(peer.groupId);
      return { kind: 'group', group: objectView(peer.groupId, group, group?.name) };
    }
    case 'prefix-list': {
      const list = prefixLists.get(peer.prefixListId);
      return { kind: 'prefix-list', list: objectView(peer.prefixListId, list, list?.name) };
    }
    default:
      return peer satisfies never;
  }
}
