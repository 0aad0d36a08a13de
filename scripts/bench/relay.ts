/**
 * The bare minimum between two TAPs: read here, write there, from one epoll, no rules at all.
 * `relay.ts NETNS NETNS` runs until it is killed; it tells `ready` once it forwards.
 */
import type { MacAddr } from '../../src/addr/mac.ts';
import { bufferAddress, read, write } from '../../src/host/ffi.ts';
import { Poller } from '../../src/host/poller.ts';
import { MAX_TAP_READ, openTap } from '../../src/host/tap.ts';

const FRAMES_PER_TURN = 64;
const [left = '', right = ''] = process.argv.slice(2);
const fds = [
  openTap(left, 'eth0', 0x020000000001 as MacAddr).fd,
  openTap(right, 'eth0', 0x020000000002 as MacAddr).fd,
];
const buffer = new Uint8Array(MAX_TAP_READ);
const address = bufferAddress(buffer);
const poller = new Poller(fds.length);
fds.forEach((fd, index) => {
  poller.add(fd, index);
});
process.stdout.write('ready\n');
for (;;) {
  const ready = poller.wait(1000);
  for (let index = 0; index < ready; index++) {
    const from = poller.token(index);
    for (let count = 0; count < FRAMES_PER_TURN; count++) {
      const size = read(fds[from] ?? -1, address, MAX_TAP_READ);
      if (size <= 0) break;
      write(fds[1 - from] ?? -1, address, size);
    }
  }
}
