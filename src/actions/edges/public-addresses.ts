/** The public IPv4 addresses of the region: elastic ones, and those that come and go with instances. */
import { type Ipv4Addr, ipv4FromWord } from '../../addr/ipv4.ts';
import type { ElasticAddress } from '../../model/elastic-addresses.ts';
import type { EniId } from '../../model/ids.ts';
import { elasticAddressAt } from '../../model/lookups/elastic-addresses.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type { ActionContext } from '../action.ts';
import { enisOfInstance } from '../lookup.ts';
import { addressPoolEmpty } from './gateway-errors.ts';

export function elasticAddressOf(
  snapshot: Snapshot,
  publicAddr: Ipv4Addr,
): ElasticAddress | undefined {
  return [...snapshot.elasticAddresses.values()].find((each) => each.publicAddr === publicAddr);
}

/** @returns true when somebody has the public address, in whatever region of whatever account. */
export function isPublicAddressTaken(
  { draft, fabric }: Pick<ActionContext, 'draft' | 'fabric'>,
  addr: Ipv4Addr,
): boolean {
  const places = [draft.snapshot, ...(fabric === undefined ? [] : [fabric()])];
  return places.some(
    ({ elasticAddresses, enis }) =>
      [...elasticAddresses.values()].some(({ publicAddr }) => publicAddr === addr) ||
      [...enis.values()].some((eni) => eni.autoPublicAddress?.publicAddr === addr),
  );
}

/** Draws a free address of the region's pool, neither its first nor its last one. */
export function drawPublicAddress(context: ActionContext): Ipv4Addr {
  const { draft, random } = context;
  const { elasticAddressPool: pool } = draft.snapshot.settings;
  const size = 2 ** (32 - pool.prefixLength) - 2;
  for (let index = 0, at = size > 0 ? random(size) : 0; index < size; index++, at++) {
    const addr = ipv4FromWord(pool.addr + 1 + (at % size));
    if (!isPublicAddressTaken(context, addr)) return addr;
  }
  throw addressPoolEmpty();
}

/**
 * Gives the interface a public address if it is to have one by itself and has none: while its
 * instance runs, has no other interface, and no elastic address is mapped to the primary one.
 * @source ENI-10; the EC2 user guide, "Public IPv4 addresses"
 */
export function renewPublicAddress(context: ActionContext, eniId: EniId): void {
  const { draft } = context;
  const eni = draft.snapshot.enis.get(eniId);
  const instance = draft.snapshot.instances.get(eni?.attachment?.instanceId ?? 'i-');
  const [primary] = eni?.addresses ?? [];
  if (eni === undefined || eni.autoPublicAddress?.publicAddr !== null) return;
  if (primary === undefined || instance?.state !== 'running') return;
  if (elasticAddressAt(draft.snapshot, eniId, primary) !== undefined) return;
  if (enisOfInstance(draft.snapshot, instance).length > 1) return;
  const autoPublicAddress = { publicAddr: drawPublicAddress(context) };
  draft.put('enis', eniId, { ...eni, autoPublicAddress });
}

/** Takes the address back that the interface got by itself, if it has one. */
export function releasePublicAddress(draft: Draft, eniId: EniId): void {
  const eni = draft.snapshot.enis.get(eniId);
  if (eni === undefined || eni.autoPublicAddress === null) return;
  draft.put('enis', eniId, { ...eni, autoPublicAddress: { publicAddr: null } });
}
