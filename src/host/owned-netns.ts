/** Namespaces that go with the lab that made them, however it ends. */
import type { Journal } from './journal.ts';
import { createNetns, netnsExists } from './netns.ts';

/**
 * Makes a namespace, and has the journal name it.
 * @param what Whose it is, such as `instance "r1"`. @param wanted What to change when the name is taken.
 * @throws Error when the name is taken, by whomever; SystemCallError
 */
export function createOwnedNetns(
  netns: string,
  journal: Journal,
  { what, wanted }: { readonly what: string; readonly wanted: string },
): void {
  // Before the journal names it: what it names is removed with the lab.
  if (netnsExists(netns)) {
    throw new Error(
      `Cannot make ${what}: network namespace "${netns}" is there already, wanted ${wanted}`,
    );
  }
  journal.record('netns', netns);
  createNetns(netns);
}
