/** TCP throughput by iperf3: one stream, four, and one over IPv6; and what CPU a Gbit costs. */
import { z } from 'zod';
import { killChild } from '../../../src/host/child.ts';
import type { Contestant } from '../contestants/contestant.ts';
import { startProgram, writes } from '../workplace.ts';
import { busySeconds } from './busy.ts';
import { inside, type Measure, runInside } from './measure.ts';

const SECONDS = 2;

const reportSchema = z.object({
  end: z.object({ sum_received: z.object({ bits_per_second: z.number(), bytes: z.number() }) }),
});

/** Each alternates for itself between the contestants. */
export const tcp: readonly Measure[] = [
  {
    part: 'tcp',
    figures: [
      { name: 'tcp1', title: 'TCP, 1 stream, Gbit/s', digits: 2 },
      { name: 'cpu', title: 'CPU s/Gbit', digits: 3 },
    ],
    run: async (contestant, _programs, port) => {
      const busyBefore = busySeconds();
      const { bits_per_second, bytes } = await iperf(contestant, contestant.server.ipv4, port, 1);
      const cpu = (busySeconds() - busyBefore) / ((bytes * 8) / 1e9);
      return { tcp1: bits_per_second / 1e9, cpu };
    },
  },
  {
    part: 'tcp',
    figures: [{ name: 'tcp4', title: 'TCP, 4 streams, Gbit/s', digits: 2 }],
    run: async (contestant, _programs, port) => {
      const { bits_per_second } = await iperf(contestant, contestant.server.ipv4, port, 4);
      return { tcp4: bits_per_second / 1e9 };
    },
  },
  {
    part: 'tcp',
    figures: [{ name: 'tcp6', title: 'TCP over IPv6, Gbit/s', digits: 2 }],
    run: async (contestant, _programs, port) => {
      const { bits_per_second } = await iperf(contestant, contestant.server.ipv6, port, 1);
      return { tcp6: bits_per_second / 1e9 };
    },
  },
];

/** @returns what the server received. */
async function iperf(
  { client, server }: Contestant,
  address: string,
  port: number,
  streams: number,
): Promise<z.infer<typeof reportSchema>['end']['sum_received']> {
  const serve = ['iperf3', '-s', '-1', '--forceflush', '-p', `${port}`];
  const serving = startProgram(inside(server, serve));
  try {
    await writes(serving, /listening/);
    const options = ['-c', address, '-p', port, '-t', SECONDS, '-P', streams, '-J'].map(String);
    const text = await runInside(client, ['iperf3', ...options]);
    return reportSchema.parse(JSON.parse(text)).end.sum_received;
  } finally {
    await killChild(serving);
  }
}
