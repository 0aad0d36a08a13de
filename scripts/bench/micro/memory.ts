/** What one look at memory costs when each depends on the one before: what bounds large tables. */
const READS = 2_000_000;
const SIZES_MB = [4, 64, 512];

export interface MemoryCost {
  readonly megabytes: number;
  /** Nanoseconds of one read at a random place. */
  readonly readNs: number;
}

export function measureMemory(): MemoryCost[] {
  return SIZES_MB.map((megabytes) => {
    const words = new Int32Array((megabytes * 1024 * 1024) / 4).fill(1);
    readAtRandom(words);
    const before = process.cpuUsage();
    readAtRandom(words);
    const { user, system } = process.cpuUsage(before);
    return { megabytes, readNs: ((user + system) * 1000) / READS };
  });
}

/** @returns a number that depends on every read, so that none can be left out or begun early. */
function readAtRandom(words: Int32Array): number {
  let place = 1;
  let sum = 0;
  for (let read = 0; read < READS; read++) {
    place = (Math.imul(place, 1_664_525) + 1_013_904_223) | 0;
    sum = (sum + (words[((place >>> 2) + sum) % words.length] as number)) & 1;
  }
  return sum;
}
