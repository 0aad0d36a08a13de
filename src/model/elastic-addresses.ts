/** Elastic IP addresses: public IPv4 addresses of the account, mapped to private ones (ENI-10). */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { AddressAssociationId, AllocationId, EniId } from './ids.ts';
import type { Tagged } from './tags.ts';

export interface AddressAssociation {
  readonly associationId: AddressAssociationId;
  readonly eniId: EniId;
  /** One of the interface's IPv4 addresses; no other elastic address has it. */
  readonly privateAddr: Ipv4Addr;
}

export interface ElasticAddress extends Tagged {
  readonly allocationId: AllocationId;
  readonly publicAddr: Ipv4Addr;
  readonly association: AddressAssociation | null;
  /** The name that the address is said to have, with a dot at its end; null: AWS's own. */
  readonly ptrRecord: string | null;
}
