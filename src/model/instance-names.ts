/** What people call an instance: its Name tag when no other instance has the same, else its id. */
import type { Instance } from './records.ts';
import type { Fabric } from './snapshot.ts';

export function instanceName(snapshot: Fabric, instance: Instance): string {
  const name = instance.tags.get('Name');
  if (name === undefined || !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(name))
    return instance.instanceId;
  for (const other of snapshot.instances.values()) {
    if (other === instance || other.instanceId === instance.instanceId) continue;
    if (other.state !== 'terminated' && other.tags.get('Name') === name) return instance.instanceId;
  }
  return name;
}
