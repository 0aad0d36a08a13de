/** Every scenario of the repository is played, and all its steps hold. */
import fs from 'node:fs';
import { execa } from 'execa';
import t from 'tap';

const SCENARIOS = 'scenarios';
/** The longest takes half a minute on a quiet machine. */
const TIMEOUT_MS = 180_000;
const canRun = process.geteuid?.() === 0 && fs.existsSync('/dev/net/tun');

/** The titles of those that prove facts; the others have their name. */
const TITLES: Readonly<Record<string, string>> = {
  'ha-replace-route':
    '[HA-1] [HA-5] ha-replace-route: a notify script moves a route to another zone',
  'ha-secondary-address':
    '[HA-2] [HA-5] [ENI-9] ha-secondary-address: a notify script moves a secondary address',
  'ha-eni-move': '[HA-4] [ENI-3] ha-eni-move: a monitor moves an interface',
  dns: '[DNS-1] [DNS-2] [DNS-3] [DNS-4] [DNS-5] [UNF-1] dns: real clients ask the resolver',
  'cloud-init': '[IMDS-2] cloud-init: it boots instances from metadata and user data',
  'ec2-net-utils':
    '[IMDS-7] [ENI-6] ec2-net-utils: guests make the addresses that the metadata tells',
  'ha-resource-agent':
    '[HA-1] [HA-2] ha-resource-agent: the agents of Debian, unmodified, move two addresses',
  'ha-pacemaker': '[HA-1] [ACL-1] ha-pacemaker: a cluster moves an address between zones by itself',
  peering: '[PCX-1] [PCX-2] [PCX-3] [PCX-4] [PCX-5] [RT-11] peering: three VPCs in a row',
  'peering-regions': '[PCX-1] [PCX-4] [PCX-5] [MTU-1] [MTU-5] peering-regions: two regions',
  'service-insertion':
    '[EDGE-1] [EDGE-2] [EDGE-3] [EDGE-4] [EDGE-5] service-insertion: a firewall behind the gateway',
  gwlb: '[GWLB-1] [GWLB-2] [GWLB-3] [GWLB-5] [GWLB-6] [GWLB-7] [GWLB-8] [EDGE-3] [RT-5] gwlb: two firewalls behind a load balancer',
  'service-insertion-subnets':
    '[RT-2] [RT-5] [RT-11] service-insertion-subnets: a firewall between two subnets',
  'hub-firewall-nat-instance':
    '[CHK-1] [CHK-3] [CHK-4] [MTU-4] hub-firewall-nat-instance: an instance is NAT and firewall',
  'gateway-endpoint': '[GWEP-1] [GWEP-2] gateway-endpoint: S3 without a public address',
  time: '[NTP-1] [UNF-1] time: chrony and ntpdate measure their offset on the link',
  'internet-gateway':
    '[IGW-1] [IGW-2] [IGW-4] [IGW-5] [HA-3] [ENI-10] internet-gateway: one public address for one private one',
  nat64: '[NAT-8] nat64: guests without IPv4 reach it by DNS64 and a NAT gateway',
  'nat-gateway': '[NAT-4] [NAT-5] [NAT-6] [NAT-7] nat-gateway: private instances share an address',
  'egress-only': '[EIGW-1] egress-only: IPv6 goes out, and only answers come in',
  pmtu: '[MTU-3] [MTU-4] pmtu: senders hear of a smaller path, or hang',
};

interface Line {
  readonly type: 'step' | 'summary';
  readonly name?: string;
  readonly ok?: boolean;
  readonly message?: string;
  readonly passed?: number;
  readonly failed?: number;
}

t.setTimeout(20 * TIMEOUT_MS);
t.test('vpclab run', { skip: canRun ? false : 'needs root and /dev/net/tun' }, async (t) => {
  // They mostly wait for timers of daemons, so some at once cost little.
  t.jobs = 3;
  for (const name of fs.readdirSync(SCENARIOS)) {
    void t.test(TITLES[name] ?? name, { timeout: TIMEOUT_MS, buffered: true }, async (t) => {
      const { stdout, stderr, exitCode } = await execa(
        process.execPath,
        ['dist/cli/main.js', 'run', `${SCENARIOS}/${name}`, '--json'],
        { reject: false },
      );
      const lines = stdout.split('\n').map((line) => JSON.parse(line) as Line);
      const failed = lines.filter(({ type, ok }) => type === 'step' && ok !== true);
      t.strictSame(failed, [], stderr);
      const summary = lines.at(-1);
      t.equal(summary?.failed, 0);
      t.ok((summary?.passed ?? 0) > 0, `${summary?.passed} steps`);
      t.equal(exitCode, 0);
    });
  }
});
