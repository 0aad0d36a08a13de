/** MAC addresses of subnet routers and interfaces: locally administered unicast, unique (L2-11). */
import { type MacAddr, macFromWords } from '../../addr/mac.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext } from '../action.ts';

/** First octets of AWS's addresses: the local bit set, the group bit clear. */
const FIRST_OCTETS = [0x02, 0x06, 0x0a, 0x0e] as const;

/** Draws an address that no router and no interface of the account has. @source L2-11 */
export function newMac({ draft, random }: ActionContext): MacAddr {
  for (;;) {
    const first = FIRST_OCTETS[random(FIRST_OCTETS.length)] ?? FIRST_OCTETS[0];
    const mac = macFromWords(first * 0x100 + random(0x100), random(0x1_0000_0000));
    if (!isTaken(draft.snapshot, mac)) return mac;
  }
}

function isTaken(snapshot: Snapshot, mac: MacAddr): boolean {
  for (const subnet of snapshot.subnets.values()) if (subnet.routerMac === mac) return true;
  for (const eni of snapshot.enis.values()) if (eni.mac === mac) return true;
  return false;
}
