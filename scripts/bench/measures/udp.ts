/** Small datagrams from one sender as fast as it can (`programs/flood.c`), and how many arrive. */
import { killChild } from '../../../src/host/child.ts';
import { startProgram, writes } from '../workplace.ts';
import { inside, type Measure, perSecond, runInside } from './measure.ts';

const SECONDS = 2;
/** The sender goes on until the receiver has its time. */
const SENDER_SECONDS = SECONDS + 0.2;

export const udp: Measure = {
  part: 'udp',
  figures: [
    { name: 'udpDelivered', title: 'UDP 64 B delivered, k/s', digits: 1 },
    { name: 'udpSent', title: 'UDP 64 B sent, k/s', digits: 1 },
  ],
  run: async ({ client, server }, { flood }, port) => {
    const receive = [flood, 'receive', String(port), String(SECONDS)];
    const receiving = startProgram(inside(server, receive));
    try {
      await writes(receiving, /^ready$/m);
      const send = [flood, 'send', server.ipv4, String(port), String(SENDER_SECONDS)];
      const [received, sent] = await Promise.all([
        writes(receiving, /^\d+ \d+$/m),
        runInside(client, send),
      ]);
      return { udpDelivered: perSecond(received) / 1000, udpSent: perSecond(sent) / 1000 };
    } finally {
      await killChild(receiving);
    }
  },
};
