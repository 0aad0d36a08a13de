/** vpclab itself: a lab started by its command line. */
import { FULL_POLICY, labText, POLICY_WORDS } from '../lab-text.ts';
import { vpclab, vpclabJson } from '../vpclab.ts';
import type { ContestantKind, Host } from './contestant.ts';

interface ShownInstance {
  readonly name: string;
  readonly netns: string;
  readonly interfaces: readonly [{ readonly addresses: readonly [string, string] }];
}

export const vpclabLab: ContestantKind = {
  name: 'vpclab',
  description: `a lab of two instances in two subnets: ${POLICY_WORDS}`,
  start: async (workplace) => {
    const lab = workplace.lab('lab');
    await vpclab(['up', '-'], labText(lab, { pairs: 1, count: 1, ...FULL_POLICY }));
    const status = (await vpclabJson(['ps', '-n', lab])) as Record<
      string,
      { readonly instances: readonly ShownInstance[] }
    >;
    const host = (name: string): Host => {
      const instance = status[lab]?.instances.find((each) => each.name === name);
      if (instance === undefined)
        throw new Error(`Cannot measure lab "${lab}": no "${name}" in it`);
      const [ipv4, ipv6] = instance.interfaces[0].addresses;
      return { netns: instance.netns, ipv4, ipv6 };
    };
    return { name: 'vpclab', client: host('client1'), server: host('server1') };
  },
};
