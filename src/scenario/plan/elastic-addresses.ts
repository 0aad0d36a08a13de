/** Plans elastic addresses and who has them; those of NAT gateways are given when the gateway is made. */
import { formatIpv4 } from '../../addr/ipv4.ts';
import type { EniId } from '../../model/ids.ts';
import { creationReason, kept, type PlanContext, realmNow } from './context.ts';
import { realmOfRow } from './current.ts';
import { reference, tagSpecifications } from './planned-action.ts';

export function planElasticAddresses(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  plan.nextStage();
  for (const { name, realm, address } of lab.elasticAddresses.values()) {
    if (kept(current.elasticAddresses, departures.elasticAddresses, name) !== undefined) continue;
    plan.add(
      'AllocateAddress',
      {
        Domain: 'vpc',
        ...(address === null ? {} : { Address: formatIpv4(address) }),
        ...tagSpecifications('elastic-ip', name, lab.name),
      },
      {
        realm,
        subject: `elastic address ${name}`,
        reason: creationReason(departures.elasticAddresses, name),
      },
      [{ name: `elasticAddress:${name}`, at: ['AllocationId'] }],
    );
  }
}

/** An address goes to the primary one of its owner's interface. */
export function planAddressAssociations(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  plan.nextStage();
  for (const { elasticAddress, interfaceName, eniId, owner } of interfaceOwners(context)) {
    if (elasticAddress === null) continue;
    const now = kept(current.elasticAddresses, departures.elasticAddresses, elasticAddress);
    const isThere = eniId !== undefined && now?.association?.eniId === eniId;
    const { realm } = lab.elasticAddresses.get(elasticAddress) ?? { realm: lab.home };
    if (isThere) continue;
    const input = {
      AllocationId: reference('elasticAddress', elasticAddress),
      NetworkInterfaceId: reference('interface', interfaceName),
    };
    plan.add('AssociateAddress', input, {
      realm,
      subject: `elastic address ${elasticAddress}`,
      reason: `${owner} does not have it yet`,
    });
  }
}

interface InterfaceOwner {
  readonly owner: string;
  readonly elasticAddress: string | null;
  readonly interfaceName: string;
  /** undefined: it is not there yet. */
  readonly eniId: EniId | undefined;
}

function interfaceOwners({ lab, current, departures }: PlanContext): InterfaceOwner[] {
  const instances = [...lab.instances.values()].map(({ name, elasticAddress }) => {
    const instance = kept(current.instances, departures.instances, name);
    const eni = instance === undefined ? undefined : current.primaryEnis.get(instance.instanceId);
    return {
      owner: `instance ${name}`,
      elasticAddress,
      interfaceName: `${name}.eth0`,
      eniId: eni?.eniId,
    };
  });
  const interfaces = [...lab.interfaces.values()].map(({ name, elasticAddress }) => ({
    owner: `interface ${name}`,
    elasticAddress,
    interfaceName: name,
    eniId: kept(current.interfaces, departures.interfaces, name)?.eniId,
  }));
  return [...instances, ...interfaces];
}

/** Addresses that their owners are to lose; what goes with its owner is free by itself. */
export function planAddressLosses(context: PlanContext): void {
  const { current, departures, plan } = context;
  const owners = interfaceOwners(context);
  plan.nextStage();
  for (const [name, { association, allocationId }] of current.elasticAddresses) {
    const eni = current.fabric?.enis.get(association?.eniId ?? 'eni-');
    if (association === null || eni === undefined || eni.madeFor !== null) continue;
    const reason = departures.elasticAddresses.get(name);
    const keeper = owners.find(({ eniId }) => eniId === eni.eniId);
    const isMoving = owners.some(({ elasticAddress }) => elasticAddress === name);
    // Association takes it from where it is.
    if (reason === undefined && isMoving) continue;
    plan.add(
      'DisassociateAddress',
      { AssociationId: association.associationId },
      {
        realm: realmNow(context, eni),
        subject: `elastic address ${name} (${allocationId})`,
        reason: reason ?? `${keeper?.owner ?? eni.eniId} is not to have it any more`,
      },
    );
  }
}

/** Addresses that the file does not have any more, when nobody has them. */
export function planReleases({ lab, current, departures, plan }: PlanContext): void {
  plan.nextStage();
  for (const [name, reason] of departures.elasticAddresses) {
    const AllocationId = current.elasticAddresses.get(name)?.allocationId;
    const realm = realmOfRow(current, 'elasticAddresses', AllocationId ?? '', lab.home);
    const subject = `elastic address ${name}`;
    plan.add('ReleaseAddress', { AllocationId }, { realm, subject, reason });
  }
}
