/**
 * TAP interfaces with offloads: a frame is read and written behind a 12-byte virtio header, so that
 * super-frames and unfinished checksums cross as they are.
 * Read first: Linux Documentation/networking/tuntap.rst, virtio 1.2 section 5.1.6.
 */
import { type MacAddr, macHigh16, macLow32 } from '../addr/mac.ts';
import {
  checked,
  close,
  ioctl,
  ioctlByValue,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
  open,
  socket,
} from './ffi.ts';
import { insideNetns } from './netns.ts';

/** Bytes in front of each frame. */
export const TAP_HEADER_SIZE = 12;
/** The largest super-frame with its header. */
export const MAX_TAP_READ = TAP_HEADER_SIZE + 14 + 65535;

const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const TUNSETIFF = 0x400454ca;
const TUNGETIFF = 0x800454d2;
const TUNSETOFFLOAD = 0x400454d0;
const TUNSETVNETHDRSZ = 0x400454d8;
const TUNSETPERSIST = 0x400454cb;
const TUN_F_CSUM_TSO4_TSO6 = 1 | 2 | 4;

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const SIOCSIFHWADDR = 0x8924;
const IFF_UP = 1;
const ARPHRD_ETHER = 1;
const IFREQ_SIZE = 40;
const IFREQ_VALUE = 16;

/** A TAP interface of one namespace. Both ends of its life may be called more than once. */
export interface TapPort {
  /** Non-blocking. */
  readonly fd: number;
  /** Removes the interface; the kernel takes some 16 ms for each, and nothing else runs meanwhile. */
  close(): void;
  /** Leaves the interface to its namespace, which is about to be deleted: that removes many at once. */
  abandon(): void;
  /** Takes the link down behind the guest's back. */
  down(): void;
}

/**
 * Makes an interface inside a namespace; it is left down, for the guest to bring up.
 * @param device Its name, such as `eth0`. @throws SystemCallError
 */
export function openTap(netns: string, device: string, mac: MacAddr): TapPort {
  return insideNetns(netns, () => {
    const fd = checked(
      open('/dev/net/tun', O_RDWR | O_NONBLOCK | O_CLOEXEC),
      'open "/dev/net/tun"',
    );
    try {
      const request = interfaceRequest(device);
      new DataView(request.buffer).setUint16(IFREQ_VALUE, IFF_TAP | IFF_NO_PI | IFF_VNET_HDR, true);
      checked(ioctl(fd, TUNSETIFF, request), `make interface "${device}" in "${netns}"`);
      checked(ioctl(fd, TUNSETVNETHDRSZ, word(TAP_HEADER_SIZE)), 'set the virtio header size');
      checked(ioctlByValue(fd, TUNSETOFFLOAD, TUN_F_CSUM_TSO4_TSO6), 'set offloads');
      setMac(device, mac);
    } catch (error) {
      close(fd);
      throw error;
    }
    return tapPort(netns, device, fd);
  });
}

/** Brings the loopback interface of a namespace up. */
export function bringLoopbackUp(netns: string): void {
  setLink(netns, 'lo', true);
}

function tapPort(netns: string, device: string, fd: number): TapPort {
  let isOpen = true;
  const end = (): void => {
    if (isOpen) close(fd);
    isOpen = false;
  };
  return {
    fd,
    close: end,
    abandon() {
      if (isOpen && currentName(fd) !== null)
        checked(ioctlByValue(fd, TUNSETPERSIST, 1), `keep interface "${device}"`);
      end();
    },
    down() {
      const name = isOpen ? currentName(fd) : null;
      if (name !== null) setLink(netns, name, false);
    },
  };
}

/** @returns what the guest calls the interface by now; null when it has deleted it. */
function currentName(fd: number): string | null {
  const request = new Uint8Array(IFREQ_SIZE);
  if (ioctl(fd, TUNGETIFF, request) !== 0) return null;
  return Buffer.from(request.subarray(0, request.indexOf(0))).toString('ascii');
}

function setLink(netns: string, device: string, isUp: boolean): void {
  insideNetns(netns, () => {
    withControlSocket((control) => {
      const request = interfaceRequest(device);
      const view = new DataView(request.buffer);
      checked(ioctl(control, SIOCGIFFLAGS, request), `read the state of "${device}" in "${netns}"`);
      const flags = view.getUint16(IFREQ_VALUE, true);
      view.setUint16(IFREQ_VALUE, isUp ? flags | IFF_UP : flags & ~IFF_UP, true);
      checked(ioctl(control, SIOCSIFFLAGS, request), `set the state of "${device}" in "${netns}"`);
    });
  });
}

function setMac(device: string, mac: MacAddr): void {
  withControlSocket((control) => {
    const request = interfaceRequest(device);
    const view = new DataView(request.buffer);
    view.setUint16(IFREQ_VALUE, ARPHRD_ETHER, true);
    view.setUint16(IFREQ_VALUE + 2, macHigh16(mac));
    view.setInt32(IFREQ_VALUE + 4, macLow32(mac));
    checked(ioctl(control, SIOCSIFHWADDR, request), `set the MAC address of "${device}"`);
  });
}

function withControlSocket(use: (fd: number) => void): void {
  const fd = checked(socket(AF_INET, SOCK_DGRAM | O_CLOEXEC, 0), 'open a control socket');
  try {
    use(fd);
  } finally {
    close(fd);
  }
}

function interfaceRequest(device: string): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(IFREQ_SIZE);
  request.set(Buffer.from(device, 'ascii').subarray(0, 15));
  return request;
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
