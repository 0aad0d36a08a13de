/** Who asks a service. */
import type { EniId } from '../model/ids.ts';
import type { Realm } from '../model/realm.ts';
import type { Eni, Instance, Vpc } from '../model/records.ts';
import type { Fabric } from '../model/snapshot.ts';

/** An interface of an instance, found by the address that no guest can choose. */
export interface Caller {
  readonly eni: Eni;
  readonly vpc: Vpc;
  /** The one that has the interface. */
  readonly instance: Instance;
  /** The account and region of all three. */
  readonly realm: Realm;
  /** What there is at the moment of the question, of all accounts and regions. */
  readonly fabric: Fabric;
}

/** @returns null when the interface is gone, or on no instance. */
export function callerOfEni(fabric: Fabric, eniId: EniId): Caller | null {
  const eni = fabric.enis.get(eniId);
  const vpc = eni && fabric.vpcs.get(eni.vpcId);
  const instance = eni?.attachment && fabric.instances.get(eni.attachment.instanceId);
  if (eni === undefined || vpc === undefined || instance == null) return null;
  return { eni, vpc, instance, realm: vpc.realm, fabric };
}
