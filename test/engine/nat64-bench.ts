/** A bench with an IPv6-only subnet behind a NAT gateway. */
import { type BenchOptions, subnetBlock } from './bench.ts';
import { type Nat, NatBench } from './nat-bench.ts';

export const GUEST = '2001:db8:0:102::11';
/** `SERVER` behind the prefix. */
export const SERVER_6 = '64:ff9b::198.51.100.10';

export interface Nat64Bench {
  readonly made: NatBench;
  readonly nat: Nat;
}

/** An IPv6-only subnet with the guest g1, and a NAT gateway in a subnet that knows IPv4 only. */
export function nat64Bench(options: BenchOptions = {}): Nat64Bench {
  const made = new NatBench(options);
  const block = made.ipv6();
  made.subnet('public', '10.0.1.0/24');
  made.subnet('guests', null, subnetBlock(block, 2));
  made.host('g1', 'guests', null, { ipv6: [GUEST] });
  made.host('p1', 'public', '10.0.1.21');
  made.publicHost('server', '198.51.100.10');
  made.route('public', '0.0.0.0/0', { GatewayId: made.internetGateway() });
  const nat = made.nat('public', { address: '10.0.1.50' });
  made.route('guests', '64:ff9b::/96', { NatGatewayId: nat.id });
  return { made, nat };
}
