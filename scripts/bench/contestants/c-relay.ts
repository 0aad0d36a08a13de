/** The least that userspace can do: `programs/relay.c`, two TAPs with the offloads of vpclab's. */
import { netnsPath } from '../../../src/host/netns.ts';
import { type ContestantKind, MTU, twoHosts } from './contestant.ts';

export const cRelay: ContestantKind = {
  name: 'relay',
  description: 'a relay in C between two TAPs with offloads: the limit of userspace, no rules',
  start: (workplace, { relay }) =>
    twoHosts(workplace, 'relay', MTU, (client, server) =>
      workplace.start([relay, netnsPath(client), netnsPath(server)], /^ready$/m),
    ),
};
