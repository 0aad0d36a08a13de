/** A timer as a descriptor that epoll waits for. Read first: timerfd_create(2). */
import {
  bufferAddress,
  checked,
  O_CLOEXEC,
  O_NONBLOCK,
  read,
  timerfdCreate,
  timerfdSettime,
} from './ffi.ts';

const CLOCK_MONOTONIC = 1;
/** `struct itimerspec`: interval and first expiry, each in seconds and nanoseconds. */
const ITIMERSPEC_SIZE = 32;

/** @param intervalNs Below a second. @returns a descriptor that is readable once an interval. */
export function openTicker(intervalNs: number): number {
  const fd = checked(timerfdCreate(CLOCK_MONOTONIC, O_NONBLOCK | O_CLOEXEC), 'make a timer');
  const times = new Uint8Array(ITIMERSPEC_SIZE);
  const view = new DataView(times.buffer);
  view.setBigInt64(8, BigInt(intervalNs), true);
  view.setBigInt64(24, BigInt(intervalNs), true);
  checked(timerfdSettime(fd, 0, times, null), 'start a timer');
  return fd;
}

const expirations = new Uint8Array(8);
const expirationsAddress = bufferAddress(expirations);

/** Takes the expirations there were, however many. */
export function drainTicker(fd: number): void {
  read(fd, expirationsAddress, expirations.length);
}
