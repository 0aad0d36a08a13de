/** How elastic addresses hang on the private addresses of interfaces, and go with them. */
import type { Ipv4Addr } from '../../addr/ipv4.ts';
import type { AddressAssociation, ElasticAddress } from '../../model/elastic-addresses.ts';
import type { EniId } from '../../model/ids.ts';
import { elasticAddressAt } from '../../model/lookups/elastic-addresses.ts';
import type { Draft } from '../../model/store.ts';

/** Maps the elastic address anew, or to nothing. */
export function setAssociation(
  draft: Draft,
  address: ElasticAddress,
  association: AddressAssociation | null,
): void {
  draft.put('elasticAddresses', address.allocationId, { ...address, association });
}

/** Frees the elastic addresses of addresses that the interface loses. @source ENI-6 */
export function freeElasticAddresses(
  draft: Draft,
  eniId: EniId,
  privateAddrs: readonly Ipv4Addr[],
): void {
  for (const privateAddr of privateAddrs) {
    const address = elasticAddressAt(draft.snapshot, eniId, privateAddr);
    if (address !== undefined) setAssociation(draft, address, null);
  }
}

/** Takes the elastic address of a private address along to another interface. @source ENI-5 */
export function moveElasticAddress(
  draft: Draft,
  privateAddr: Ipv4Addr,
  from: EniId,
  to: EniId,
): void {
  const address = elasticAddressAt(draft.snapshot, from, privateAddr);
  if (address === undefined || address.association === null) return;
  setAssociation(draft, address, { ...address.association, eniId: to });
}
