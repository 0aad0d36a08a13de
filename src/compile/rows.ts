/** Rows of a snapshot by index, and the forms that their addresses take in a program. */
import type { Cidr } from '../addr/cidr.ts';
import { type Ipv4Addr, ipv4FromWord } from '../addr/ipv4.ts';
import { ipv6ToWords } from '../addr/ipv6.ts';
import type { LpmEntry } from '../addr/lpm.ts';
import type { Vpc } from '../model/records.ts';
import type { Fabric } from '../model/snapshot.ts';

/** Indexes of the rows that a program has. */
export interface Indexes {
  readonly vpcs: ReadonlyMap<string, number>;
  readonly subnets: ReadonlyMap<string, number>;
  readonly enis: ReadonlyMap<string, number>;
  readonly routeTables: ReadonlyMap<string, number>;
  readonly securityGroups: ReadonlyMap<string, number>;
  readonly networkAcls: ReadonlyMap<string, number>;
  readonly prefixLists: ReadonlyMap<string, number>;
}

const INDEXED = [
  'vpcs',
  'subnets',
  'enis',
  'routeTables',
  'securityGroups',
  'networkAcls',
  'prefixLists',
] as const satisfies readonly (keyof Indexes & keyof Fabric)[];

/** Gives a table the same map for as long as it has the same rows in the same order. */
export class IndexCache {
  readonly #last = new Map<string, { rows: object; index: ReadonlyMap<string, number> }>();

  of(snapshot: Fabric): Indexes {
    const entries = INDEXED.map((table) => [table, this.#indexOf(table, snapshot[table])] as const);
    return Object.fromEntries(entries) as unknown as Indexes;
  }

  #indexOf(table: string, rows: ReadonlyMap<string, unknown>): ReadonlyMap<string, number> {
    const last = this.#last.get(table);
    if (last !== undefined && (last.rows === rows || hasSameKeys(last.index, rows))) {
      last.rows = rows;
      return last.index;
    }
    const index = new Map([...rows.keys()].map((id, place) => [id, place]));
    this.#last.set(table, { rows, index });
    return index;
  }
}

function hasSameKeys(
  index: ReadonlyMap<string, number>,
  rows: ReadonlyMap<string, unknown>,
): boolean {
  if (index.size !== rows.size) return false;
  let place = 0;
  for (const id of rows.keys()) if (index.get(id) !== place++) return false;
  return true;
}

/** @returns the address of the resolver of a VPC (DNS-1). */
export function resolverOf(vpc: Vpc): Ipv4Addr {
  return ipv4FromWord(vpc.cidrs[0].cidr.addr + 2);
}

/** @returns the entry of a block for a trie. @param value >= 0. */
export function lpmEntry(cidr: Cidr, value: number): LpmEntry {
  const words = cidr.family === 4 ? [cidr.addr | 0] : ipv6ToWords(cidr.addr);
  return { words, prefixLength: cidr.prefixLength, value };
}

/** @returns the index of a row. @throws Error when a snapshot names a row that it has not. */
export function indexIn(indexes: ReadonlyMap<string, number>, id: string): number {
  const index = indexes.get(id);
  if (index === undefined) throw new Error(`the snapshot names "${id}", which it has not`);
  return index;
}
