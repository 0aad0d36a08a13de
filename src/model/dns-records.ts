/**
 * DNS records, as the resolver gives them and hosted zones hold them. Read first: RFC 1035 sections 3
 * and 5.1.
 *
 * A name is text: lower-case labels with dots between and none at the end; the root is ''. Bytes that
 * host names do not have are written as a backslash and three decimal digits, dots within a label too.
 */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Ipv6Addr } from '../addr/ipv6.ts';

/** What a record says, by its type. */
export type RecordData =
  | { readonly type: 'A'; readonly addr: Ipv4Addr }
  | { readonly type: 'AAAA'; readonly addr: Ipv6Addr }
  | { readonly type: 'CNAME' | 'NS' | 'PTR'; readonly target: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  /** One byte a character, each string at most 255. */
  | { readonly type: 'TXT'; readonly strings: readonly string[] }
  | SoaData;

/** Times are in seconds. */
export interface SoaData {
  readonly type: 'SOA';
  readonly primary: string;
  /** The mailbox of whoever answers for the zone, as a name. */
  readonly mailbox: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** How long it may be remembered that there is no such name (RFC 2308). */
  readonly minimum: number;
}

/** A record without its name. */
export interface RecordValue {
  /** Seconds. */
  readonly ttl: number;
  readonly data: RecordData;
}
