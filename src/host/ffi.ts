/**
 * libc through koffi: the only place that loads it. Every call here is a system call or close to one.
 * On the frame path buffers go as addresses (`bufferAddress`), which koffi passes without a look.
 */
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');

export const O_RDWR = 0o2;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const EINTR = 4;
export const EAGAIN = 11;

type Call<A extends unknown[]> = (...args: A) => number;

export const open = libc.func('int open(const char *path, int flags)') as Call<[string, number]>;
export const close = libc.func('int close(int fd)') as Call<[number]>;
/** @param address From `bufferAddress`. */
export const read = libc.func('int64_t read(int fd, uintptr_t address, size_t size)') as Call<
  [number, number, number]
>;
/** @param address From `bufferAddress`. */
export const write = libc.func('int64_t write(int fd, uintptr_t address, size_t size)') as Call<
  [number, number, number]
>;
export const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)') as Call<
  [number, number, Uint8Array]
>;
/** For the requests that take a number where others take a pointer. */
export const ioctlByValue = libc.func('ioctl', 'int', [
  'int',
  'unsigned long',
  'unsigned long',
]) as Call<[number, number, number]>;
export const flock = libc.func('int flock(int fd, int operation)') as Call<[number, number]>;
export const setns = libc.func('int setns(int fd, int kind)') as Call<[number, number]>;
export const unshare = libc.func('int unshare(int flags)') as Call<[number]>;
export const mount = libc.func(
  'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *options)',
) as Call<[string, string, string | null, number, string | null]>;
export const umount2 = libc.func('int umount2(const char *target, int flags)') as Call<
  [string, number]
>;
export const epollCreate1 = libc.func('int epoll_create1(int flags)') as Call<[number]>;
export const epollCtl = libc.func('int epoll_ctl(int epoll, int op, int fd, void *event)') as Call<
  [number, number, number, Uint8Array]
>;
export const epollWait = libc.func(
  'int epoll_wait(int epoll, uintptr_t events, int count, int timeout)',
) as Call<[number, number, number, number]>;
export const eventfd = libc.func('int eventfd(unsigned int value, int flags)') as Call<
  [number, number]
>;
export const socket = libc.func('int socket(int domain, int type, int protocol)') as Call<
  [number, number, number]
>;

export const setsockopt = libc.func(
  'int setsockopt(int fd, int level, int option, void *value, unsigned int size)',
) as Call<[number, number, number, Uint8Array, number]>;
export const bind = libc.func('int bind(int fd, void *address, unsigned int size)') as Call<
  [number, Uint8Array, number]
>;
export const connect = libc.func('int connect(int fd, void *address, unsigned int size)') as Call<
  [number, Uint8Array, number]
>;
/** @param size In and out, a word of four bytes. */
export const getsockname = libc.func('int getsockname(int fd, void *address, void *size)') as Call<
  [number, Uint8Array, Uint8Array]
>;
export const timerfdCreate = libc.func('int timerfd_create(int clock, int flags)') as Call<
  [number, number]
>;
export const timerfdSettime = libc.func(
  'int timerfd_settime(int fd, int flags, void *times, void *before)',
) as Call<[number, number, Uint8Array, null]>;

/** @returns the errno of the last failed call on this thread. */
export function errno(): number {
  return koffi.errno();
}

/** @returns the address of a buffer's memory. The buffer must outlive every use of the address. */
export function bufferAddress(buffer: Uint8Array): number {
  return Number(koffi.address(buffer));
}

const ERRNO_NAMES = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));

/** @returns `EPERM`, `ENOENT`, … */
export function errnoName(number: number): string {
  return ERRNO_NAMES.get(number) ?? `errno ${number}`;
}

/** A system call that failed. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  /** `EPERM`, `ENOENT`, … */
  readonly code: string;

  constructor(what: string) {
    const code = errnoName(errno());
    super(`Cannot ${what}: ${code}`);
    this.code = code;
  }
}

/** @returns the result of a system call. @throws SystemCallError when it is negative. */
export function checked(result: number, what: string): number {
  if (result < 0) throw new SystemCallError(what);
  return result;
}
