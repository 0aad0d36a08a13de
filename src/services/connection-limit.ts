/** Bounds what one interface can hold open at a server, so that the others find room. */
import type net from 'node:net';
import { portOfPeer } from '../addr/service-addresses.ts';

/** Of one interface, at one server. */
const PER_INTERFACE = 64;
/** Of all: each takes a descriptor of the controller. */
const IN_ALL = 1024;

/** Connections beyond the bounds are reset at once. */
export function limitConnections(server: net.Server): void {
  const open = new Map<number, number>();
  server.maxConnections = IN_ALL;
  server.on('connection', (socket: net.Socket) => {
    const port = portOfPeer(socket.remoteAddress ?? '');
    const count = open.get(port) ?? 0;
    if (count >= PER_INTERFACE) {
      socket.resetAndDestroy();
      return;
    }
    open.set(port, count + 1);
    socket.once('close', () => {
      const left = (open.get(port) ?? 0) - 1;
      if (left > 0) open.set(port, left);
      else open.delete(port);
    });
  });
}
