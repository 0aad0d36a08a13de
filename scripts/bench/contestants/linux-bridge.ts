/** veth and the Linux bridge: no frame leaves the kernel. What other lab tools use. */
import { type ContestantKind, ip, MTU, twoHosts } from './contestant.ts';

export const linuxBridge: ContestantKind = {
  name: 'bridge',
  description: 'two veth pairs and a Linux bridge: no userspace at all, no rules',
  start: (workplace) =>
    twoHosts(workplace, 'bridge', MTU, async (client, server) => {
      const netns = workplace.netns('bridge');
      await ip(netns, ['link', 'add', 'br0', 'mtu', String(MTU), 'type', 'bridge']);
      await ip(netns, ['link', 'set', 'br0', 'up']);
      for (const [port, host] of [
        ['port1', client],
        ['port2', server],
      ] as const) {
        const peer = ['peer', 'name', 'eth0', 'netns', host];
        await ip(netns, ['link', 'add', port, 'mtu', String(MTU), 'type', 'veth', ...peer]);
        await ip(netns, ['link', 'set', port, 'master', 'br0', 'up']);
      }
    }),
};
