/** Shares out addresses to those that ask for any, past those that others ask for by name. */
import { type Ipv4Cidr, lastIpv4 } from '../../addr/cidr.ts';
import type { Ipv4Addr } from '../../addr/ipv4.ts';
import type { Ipv6Addr } from '../../addr/ipv6.ts';
import { isReservedIpv6 } from '../file/checks-ipv6.ts';
import { reservedReason } from '../file/reserved-addresses.ts';
import type { Lab, LabSubnet } from '../lab.ts';
import type { CurrentLab } from './current.ts';

export class FreeAddresses {
  readonly #lab: Lab;
  /** `vpc/subnet/address`. */
  readonly #wanted = new Set<string>();
  readonly #taken = new Set<string>();
  readonly #next = new Map<string, number>();
  readonly #takenIpv6 = new Set<bigint>();

  constructor(lab: Lab, current: CurrentLab) {
    this.#lab = lab;
    for (const owner of [...lab.interfaces.values(), ...lab.instances.values()]) {
      for (const address of [owner.address, ...owner.secondaryAddresses]) {
        if (address !== null) this.#wanted.add(`${owner.subnet}/${address}`);
      }
      for (const address of owner.ipv6Addresses ?? []) this.#takenIpv6.add(address);
    }
    for (const { subnet, privateAddress } of lab.natGateways.values()) {
      if (privateAddress !== null) this.#wanted.add(`${subnet}/${privateAddress}`);
    }
    for (const eni of current.fabric?.enis.values() ?? []) {
      const subnet = current.subnetKeys.get(eni.subnetId);
      for (const address of eni.addresses) this.#taken.add(`${subnet}/${address}`);
      for (const address of eni.ipv6Addresses) this.#takenIpv6.add(address);
    }
  }

  /** @returns true when the lab file gives the address to somebody. */
  isWanted(subnetKey: string, address: Ipv4Addr): boolean {
    return this.#wanted.has(`${subnetKey}/${address}`);
  }

  /** @returns null when the subnet is IPv6-only, or full; AWS then says so. */
  take(subnetKey: string): Ipv4Addr | null {
    const subnet = this.#lab.subnets.get(subnetKey);
    if (subnet === undefined || subnet.cidr === null) return null;
    const last = lastIpv4(subnet.cidr);
    let address = this.#next.get(subnetKey) ?? subnet.cidr.addr;
    while (address <= last && !this.#isFree(subnet, subnet.cidr, address)) address += 1;
    this.#next.set(subnetKey, address + 1);
    return address > last ? null : (address as Ipv4Addr);
  }

  /** @returns the lowest free IPv6 address, or none when the subnet has no IPv6. */
  takeIpv6(subnetKey: string): readonly Ipv6Addr[] {
    const block = this.#lab.subnets.get(subnetKey)?.ipv6 ?? null;
    if (block === null) return [];
    let address: bigint = block.addr;
    while (isReservedIpv6(block, address) || this.#takenIpv6.has(address)) address += 1n;
    this.#takenIpv6.add(address);
    return [address as Ipv6Addr];
  }

  #isFree(subnet: LabSubnet, block: Ipv4Cidr, address: number): boolean {
    if (reservedReason(block, address) !== null) return false;
    const reserved = subnet.reservations.some(
      ({ cidr }) => address >= cidr.addr && address <= lastIpv4(cidr),
    );
    const key = `${subnet.key}/${address}`;
    return !reserved && !this.#wanted.has(key) && !this.#taken.has(key);
  }
}
