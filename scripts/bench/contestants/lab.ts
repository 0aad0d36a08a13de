/** Contestants that are labs, started by the command line. */
import { vpclab, vpclabJson } from '../vpclab.ts';
import type { Workplace } from '../workplace.ts';
import type { Contestant, Host } from './contestant.ts';

interface ShownInstance {
  readonly name: string;
  readonly netns: string;
  readonly interfaces: readonly [{ readonly addresses: readonly [string, string] }];
}

/**
 * Measures between `client1` and `server1` of a lab.
 * @param text Makes the lab file for the full name of the lab.
 */
export async function startLab(
  workplace: Workplace,
  name: string,
  text: (lab: string) => string,
): Promise<Contestant> {
  const lab = workplace.lab(name);
  await vpclab(['up', '-'], text(lab));
  const status = (await vpclabJson(['ps', '-n', lab])) as Record<
    string,
    { readonly instances: readonly ShownInstance[] }
  >;
  const host = (hostName: string): Host => {
    const instance = status[lab]?.instances.find((each) => each.name === hostName);
    if (instance === undefined)
      throw new Error(`Cannot measure lab "${lab}": no "${hostName}" in it`);
    const [ipv4, ipv6] = instance.interfaces[0].addresses;
    return { netns: instance.netns, ipv4, ipv6 };
  };
  return { name, client: host('client1'), server: host('server1') };
}
