/** New TCP connections a second (`programs/connections.c`), each of a port pair never seen before. */
import { killChild } from '../../../src/host/child.ts';
import { startProgram, writes } from '../workplace.ts';
import { inside, type Measure, perSecond, runInside } from './measure.ts';

const SECONDS = 2;
const PARALLEL = 64;

export const connections: Measure = {
  part: 'connections',
  figures: [{ name: 'connections', title: 'new TCP connections/s', digits: 0 }],
  run: async ({ client, server }, programs, port) => {
    const serving = startProgram(inside(server, [programs.connections, 'serve', String(port)]));
    try {
      await writes(serving, /^ready$/m);
      const call = [server.ipv4, port, SECONDS, PARALLEL].map(String);
      const text = await runInside(client, [programs.connections, 'call', ...call]);
      return { connections: perSecond(text) };
    } finally {
      await killChild(serving);
    }
  },
};
