/** How the reasons are found and worded for which something of a running lab must go. */

export const REMOVED = 'not in the lab file any more';

export function changed(what: string, from: string, to: string): string {
  return `its ${what} changed from ${from} to ${to}`;
}

/** @returns why each object must go, by its name; those that stay are not in it. */
export function leaving<Now, Wanted>(
  now: ReadonlyMap<string, Now>,
  wanted: ReadonlyMap<string, Wanted>,
  reasonOf: (now: Now, wanted: Wanted) => string | null,
): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const [name, object] of now) {
    const target = wanted.get(name);
    const reason = target === undefined ? REMOVED : reasonOf(object, target);
    if (reason !== null) reasons.set(name, reason);
  }
  return reasons;
}
