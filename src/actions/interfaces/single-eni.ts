/** The interface that an instance stands for. */
import type { Eni, Instance } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { multipleInterfaces, noInterface } from '../errors.ts';
import { enisOfInstance } from '../lookup.ts';

/**
 * The single interface of an instance, for which the instance stands in a request.
 * @throws InvalidInstanceID when there are several, or none.
 * @source RT-13, CHK-4
 */
export function singleEni(snapshot: Snapshot, instance: Instance): Eni {
  const [eni, ...others] = enisOfInstance(snapshot, instance);
  if (others.length > 0) throw multipleInterfaces(instance.instanceId);
  if (eni === undefined) throw noInterface(instance.instanceId);
  return eni;
}
