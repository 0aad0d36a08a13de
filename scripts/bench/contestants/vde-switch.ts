/** vde_switch with two TAPs: a learning switch in C, without offloads. */
import path from 'node:path';
import { type ContestantKind, giveInterface, twoHosts } from './contestant.ts';

/** Its buffers take no larger frames. */
const VDE_MTU = 1500;

export const vdeSwitch: ContestantKind = {
  name: 'vde',
  description: `vde_switch with two TAPs: a switch in userspace, no offloads, MTU ${VDE_MTU}, no rules`,
  start: (workplace) =>
    twoHosts(workplace, 'vde', VDE_MTU, async (client, server) => {
      const netns = workplace.netns('vde');
      const socket = path.join(workplace.folder, 'vde');
      const argv = ['vde_switch', '-s', socket, '-tap', 'tap1', '-tap', 'tap2'];
      await workplace.start(['ip', 'netns', 'exec', netns, ...argv], null);
      await giveInterface(netns, 'tap1', client);
      await giveInterface(netns, 'tap2', server);
    }),
};
