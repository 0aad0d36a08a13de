/**
 * Longest-prefix match over typed arrays (RT-3): a binary trie with three words a node.
 * Built once by `compile/`, read by the dataplane; nothing is allocated on a lookup.
 */

/** Words per node: child for bit 0, child for bit 1, value; 0 is no child, -1 is no value. */
const NODE_WORDS = 3;

/** One prefix: 32-bit words, most significant first, and what a match gives. */
export interface LpmEntry {
  readonly words: readonly number[];
  readonly prefixLength: number;
  /** >= 0. */
  readonly value: number;
}

/** @param entries Later entries of the same prefix replace earlier ones. */
export function buildLpm(entries: readonly LpmEntry[]): Int32Array {
  const nodes: number[] = [0, 0, -1];
  for (const entry of entries) {
    let node = 0;
    for (let bit = 0; bit < entry.prefixLength; bit++) {
      const word = entry.words[bit >> 5] ?? 0;
      const slot = node + ((word >>> (31 - (bit & 31))) & 1);
      let next = nodes[slot] ?? 0;
      if (next === 0) {
        next = nodes.length;
        nodes.push(0, 0, -1);
        nodes[slot] = next;
      }
      node = next;
    }
    nodes[node + 2] = entry.value;
  }
  return Int32Array.from(nodes);
}

/** @returns the value of the longest matching prefix, or -1. */
export function lookupLpm4(nodes: Int32Array, addr: number): number {
  return walk(nodes, addr, 0, 0, 0, 32);
}

/** @returns the value of the longest matching prefix, or -1. */
export function lookupLpm6(
  nodes: Int32Array,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): number {
  return walk(nodes, w0, w1, w2, w3, 128);
}

function walk(
  nodes: Int32Array,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
  bits: number,
): number {
  let node = 0;
  let best = nodes[2] as number;
  for (let bit = 0; bit < bits; bit++) {
    const word = bit < 32 ? w0 : bit < 64 ? w1 : bit < 96 ? w2 : w3;
    node = nodes[node + ((word >>> (31 - (bit & 31))) & 1)] as number;
    if (node === 0) return best;
    const value = nodes[node + NODE_WORDS - 1] as number;
    if (value !== -1) best = value;
  }
  return best;
}
