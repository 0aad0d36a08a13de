/** Finds interfaces by what names stand for. Made once for each state of the fabric. */
import type { Ipv4Addr } from '../../addr/ipv4.ts';
import type { InstanceId, VpcId } from '../../model/ids.ts';
import type { Eni } from '../../model/records.ts';
import type { Fabric } from '../../model/snapshot.ts';
import { reverseName6 } from './reverse-names.ts';

/** A public address at an interface. */
export interface PublicAddress {
  readonly eni: Eni;
  readonly privateAddr: Ipv4Addr;
}

export interface AddressIndex {
  /** The first interface of each instance. */
  readonly primaryEnis: ReadonlyMap<InstanceId, Eni>;
  readonly publicAddresses: ReadonlyMap<Ipv4Addr, PublicAddress>;
  /** Interfaces by the reverse names of their IPv6 addresses, which VPCs may share. */
  readonly reverse6: ReadonlyMap<VpcId, ReadonlyMap<string, Eni>>;
}

const indexes = new WeakMap<Fabric, AddressIndex>();

export function indexOf(fabric: Fabric): AddressIndex {
  const known = indexes.get(fabric);
  if (known !== undefined) return known;
  const index = makeIndex(fabric);
  indexes.set(fabric, index);
  return index;
}

function makeIndex(fabric: Fabric): AddressIndex {
  const primaryEnis = new Map<InstanceId, Eni>();
  const publicAddresses = new Map<Ipv4Addr, PublicAddress>();
  const reverse6 = new Map<VpcId, Map<string, Eni>>();
  for (const eni of fabric.enis.values()) {
    const { attachment, autoPublicAddress, ipv6Addresses } = eni;
    if (attachment?.deviceIndex === 0) primaryEnis.set(attachment.instanceId, eni);
    const [privateAddr] = eni.addresses;
    const publicAddr = autoPublicAddress?.publicAddr ?? null;
    if (publicAddr !== null && privateAddr !== undefined)
      publicAddresses.set(publicAddr, { eni, privateAddr });
    const ofVpc = reverse6.get(eni.vpcId) ?? new Map<string, Eni>();
    reverse6.set(eni.vpcId, ofVpc);
    for (const addr of ipv6Addresses) ofVpc.set(reverseName6(addr), eni);
  }
  for (const { association, publicAddr } of fabric.elasticAddresses.values()) {
    const eni = association && fabric.enis.get(association.eniId);
    if (eni != null && association !== null)
      publicAddresses.set(publicAddr, { eni, privateAddr: association.privateAddr });
  }
  return { primaryEnis, publicAddresses, reverse6 };
}
