/** What hangs on an instance, and what has a name. */
import type { KeyPair, LaunchTemplate, Volume } from '../compute.ts';
import type { InstanceId } from '../ids.ts';
import type { Snapshot } from '../snapshot.ts';

/** @returns the volumes of the instance, the root first. */
export function volumesOfInstance(snapshot: Snapshot, instanceId: InstanceId): Volume[] {
  return [...snapshot.volumes.values()].filter(
    ({ attachment }) => attachment?.instanceId === instanceId,
  );
}

export function keyPairNamed(snapshot: Snapshot, name: string): KeyPair | undefined {
  return [...snapshot.keyPairs.values()].find((pair) => pair.name === name);
}

export function launchTemplateNamed(snapshot: Snapshot, name: string): LaunchTemplate | undefined {
  return [...snapshot.launchTemplates.values()].find((template) => template.name === name);
}
