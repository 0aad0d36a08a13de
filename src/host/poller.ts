/**
 * epoll over many descriptors and an eventfd that wakes it: the heart of the dataplane worker.
 * Read first: epoll(7), eventfd(2).
 */
import {
  bufferAddress,
  checked,
  close,
  EINTR,
  epollCreate1,
  epollCtl,
  epollWait,
  errno,
  eventfd,
  O_CLOEXEC,
  O_NONBLOCK,
  read,
  write,
} from './ffi.ts';

const EPOLLIN = 1;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
/** `struct epoll_event` is packed on x86-64 only. */
const EVENT_SIZE = process.arch === 'x64' ? 12 : 16;
const EVENT_TOKEN = process.arch === 'x64' ? 4 : 8;

export class Poller {
  readonly #epoll = checked(epollCreate1(O_CLOEXEC), 'make an epoll descriptor');
  readonly #events: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #address: number;
  readonly #count: number;
  #isOpen = true;

  /** @param count Events that one `wait` can give. */
  constructor(count: number) {
    this.#count = count;
    this.#events = new Uint8Array(count * EVENT_SIZE);
    this.#view = new DataView(this.#events.buffer);
    this.#address = bufferAddress(this.#events);
  }

  /** @param token What `token` gives when the descriptor is readable; 0..2^32-1. */
  add(fd: number, token: number): void {
    const event = new Uint8Array(EVENT_SIZE);
    const view = new DataView(event.buffer);
    view.setUint32(0, EPOLLIN, true);
    view.setUint32(EVENT_TOKEN, token, true);
    checked(epollCtl(this.#epoll, EPOLL_CTL_ADD, fd, event), 'poll a descriptor');
  }

  remove(fd: number): void {
    epollCtl(this.#epoll, EPOLL_CTL_DEL, fd, new Uint8Array(EVENT_SIZE));
  }

  /** Blocks the thread. @param timeoutMs -1 is for ever. @returns the number of ready descriptors. */
  wait(timeoutMs: number): number {
    const ready = epollWait(this.#epoll, this.#address, this.#count, timeoutMs);
    if (ready < 0 && errno() === EINTR) return 0;
    return checked(ready, 'wait for descriptors');
  }

  /** @returns the token of a ready descriptor. @param index Below what `wait` returned. */
  token(index: number): number {
    return this.#view.getUint32(index * EVENT_SIZE + EVENT_TOKEN, true);
  }

  close(): void {
    if (this.#isOpen) close(this.#epoll);
    this.#isOpen = false;
  }
}

/** @returns a descriptor that one thread signals and another polls. */
export function openWakeup(): number {
  return checked(eventfd(0, O_NONBLOCK | O_CLOEXEC), 'make an eventfd');
}

const one = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);
const oneAddress = bufferAddress(one);
const drained = new Uint8Array(8);
const drainedAddress = bufferAddress(drained);

export function signalWakeup(fd: number): void {
  write(fd, oneAddress, one.length);
}

export function drainWakeup(fd: number): void {
  read(fd, drainedAddress, drained.length);
}
