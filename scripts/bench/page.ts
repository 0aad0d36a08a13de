/** docs/performance.md: what a complete run has measured, and how to read it. */
import { ROUNDS } from './comparison.ts';
import type { ContestantKind } from './contestants/contestant.ts';
import { LAB_FLOWS } from './micro/traffic.ts';
import type { Results } from './results.ts';
import { number } from './table.ts';
import {
  apiTable,
  compileTable,
  dnsTable,
  frameTable,
  growthTable,
  labTable,
  medianTable,
  metadataTable,
  ratioTable,
  targetTable,
} from './tables.ts';
import type { Target } from './targets.ts';

export function performancePage(
  results: Results,
  targets: readonly Target[],
  kinds: readonly ContestantKind[],
): string {
  const { machine, comparison, frames, growth, memory, compile, labs, api, metadata, dns } =
    results;
  const met = targets.filter((target) => target.met).length;
  return `# Performance

Written by \`npm run bench\` on ${machine.date}; do not edit. Linux ${machine.kernel}, ${machine.cpus} CPUs (${machine.cpu}),
Node.js ${machine.node}, load ${number(machine.load, 1)} before the run. Absolute numbers are those of this machine; run it on yours.

## Targets

${met} of ${targets.length} are met. \`npm run bench -- --json FILE\` writes them as JSON.

${targetTable(targets)}
## Against others

Two hosts with kernels of their own, and between them:

${kinds.map(({ name, description }) => `- **${name}**: ${description}`).join('\n')}

${ROUNDS} rounds; in each round every figure is taken of one contestant after the other, so that all meet
the same machine. The tables have medians of the rounds, and medians of the rounds' ratios. CPU is that
of the whole machine, generators and kernels included.

${medianTable(comparison)}
${ratioTable(comparison)}
The sender, the receiver and whatever is between them share ${machine.cpus} CPUs: what a generator takes, a relay
has not, and a relay that takes much slows the hosts as well. That holds for all contestants alike, but
for the bridge, whose work the sender itself does within its system calls. A datagram that finds the
queue of the next one full is lost, as in any real network: sent minus delivered. Every new connection
is a port pair that nobody has seen before: two flows that the fabric has to decide.

## A frame without system calls

A UDP frame from one subnet to the other through the whole fabric, with the policy above. \`noise\` is
what the meter finds for a function that does nothing; \`hit\` is a frame of a known flow, \`miss\` the
first of a new one, \`punt\` an ARP request that the fabric answers; \`wrap\` and \`unwrap\` are frames of known
flows that a Gateway Load Balancer puts into Geneve for an appliance, and takes out of it. Times are CPU times, medians of
several runs; memory is the least of them: V8 allocates for itself while it compiles.

${frames === null ? '' : frameTable(frames)}
Flat means here: nowhere more than a hit may cost at all. A lab's flow table has ${number(LAB_FLOWS)} slots;
for more flows than those the table here has four slots a flow. It is then larger than any cache of the
CPU, and a frame waits for memory three times: for its flow and for two connections. One read at random
took ${memory.map(({ megabytes, readNs }) => `${number(readNs)} ns in ${megabytes} MB`).join(', ')}.

${growthTable(growth)}
## Compiling

${compile === null ? '' : compileTable(compile)}
## Labs

${labTable(labs)}
## The API

A lab with a few instances and many interfaces that nobody holds, and clients in another process that
keep their connections and send forms. Of the mixed calls, a tenth each are CreateTags and ReplaceRoute, which are
answered when the dataplane forwards by them; the others describe. An SDK costs its user more than the call.

${api === null ? '' : apiTable(api)}
## Instance metadata

Each request has a connection of its own, as with curl. All instances at once ask at a pace that is more than
the target wants, and share the CPUs with the lab that answers them.

${metadata === null ? '' : metadataTable(metadata)}
## Names

Instances of a lab ask its resolver with dnsperf, each as fast as its interface may, about names of every kind.

${dns === null ? '' : dnsTable(dns)}`;
}
