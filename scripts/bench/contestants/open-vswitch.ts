/** Open vSwitch with its userspace datapath, two TAPs, and offloads as far as it has them. */
import fs from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { type ContestantKind, giveInterface, MTU, twoHosts } from './contestant.ts';

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';
const OFFLOADS = ['--', 'set', 'Open_vSwitch', '.', 'other_config:userspace-tso-enable=true'];

export const openVswitch: ContestantKind = {
  name: 'ovs',
  description:
    'Open vSwitch, userspace datapath (`datapath_type=netdev`, `userspace-tso-enable`), two TAPs, no rules',
  start: (workplace) =>
    twoHosts(workplace, 'ovs', MTU, async (client, server) => {
      const netns = workplace.netns('ovs');
      const folder = path.join(workplace.folder, 'ovs');
      fs.mkdirSync(folder);
      const database = path.join(folder, 'conf.db');
      const socket = `unix:${path.join(folder, 'db.sock')}`;
      const inside = ['ip', 'netns', 'exec', netns, 'env', `OVS_RUNDIR=${folder}`];
      const quiet = ['-vconsole:off', `--log-file=${folder}/log`];
      await execa('ovsdb-tool', ['create', database, SCHEMA]);
      const remote = `--remote=p${socket}`;
      await workplace.start([...inside, 'ovsdb-server', database, remote, ...quiet], null);
      const configure = (commands: readonly string[]) =>
        execa('ovs-vsctl', ['--timeout=10', '--retry', `--db=${socket}`, ...commands]);
      await configure(['--no-wait', 'init', ...OFFLOADS]);
      await workplace.start([...inside, 'ovs-vswitchd', socket, ...quiet], null);
      await configure(bridgeCommands());
      await giveInterface(netns, 'tap1', client);
      await giveInterface(netns, 'tap2', server);
    }),
};

function bridgeCommands(): string[] {
  const ports = ['tap1', 'tap2'].flatMap((tap) => [
    ...['--', 'add-port', 'br0', tap],
    ...['--', 'set', 'interface', tap, 'type=tap', `mtu_request=${MTU}`],
  ]);
  return ['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev', ...ports];
}
