/** Round trips at a thousand a second. */
import { percentile } from '../statistics.ts';
import { type Measure, runInside } from './measure.ts';

const COUNT = 2000;
/** Caches, ARP and the code itself get warm. */
const WARM_UP = 100;

export const ping: Measure = {
  part: 'ping',
  figures: [
    { name: 'pingP50', title: 'ping p50, µs', digits: 0 },
    { name: 'pingP99', title: 'ping p99, µs', digits: 0 },
  ],
  run: async ({ client, server }) => {
    const options = ['-n', '-i', '0.001', '-c', String(WARM_UP + COUNT), server.ipv4];
    const text = await runInside(client, ['ping', ...options]);
    const us = [...text.matchAll(/time=([\d.]+) ms/g)]
      .slice(WARM_UP)
      .map((match) => Number(match[1]) * 1000);
    return { pingP50: percentile(us, 0.5), pingP99: percentile(us, 0.99) };
  },
};
