#!/usr/bin/env python3
"""A firewall behind a Gateway Load Balancer, as small as it can be.

It takes packets in Geneve on UDP port 6081, drops those to the TCP ports that it is told to block, and sends
all others back as they came: the same UDP ports and the same Geneve header, only the outer addresses swapped.
On TCP port 80 it answers health checks: 200, or 503 while the file "sick" is there. It prints each flow once.

usage: appliance.py [PORT ...]    the TCP ports to block
"""

import http.server
import ipaddress
import os
import socket
import struct
import sys
import threading

GENEVE_PORT = struct.pack("!H", 6081)
TCP = bytes([socket.IPPROTO_TCP])
UDP = bytes([socket.IPPROTO_UDP])
LARGEST = 9001
SICK_FILE = "sick"


class HealthCheck(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if os.path.exists(SICK_FILE) else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


def checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def flow_of(packet):
    """Returns where protocol, addresses and ports of the packet inside are, as bytes; None for what is no IP."""
    version = packet[0] >> 4
    if version == 4:
        ports = (packet[0] & 15) * 4
        return packet[9:10], packet[12:16], packet[16:20], packet[ports : ports + 4]
    if version == 6:
        return packet[6:7], packet[8:24], packet[24:40], packet[40:44]
    return None


def describe(flow):
    protocol, source, destination, ports = flow
    near, far = struct.unpack("!HH", ports) if protocol in (TCP, UDP) else (0, 0)
    return f"{protocol[0]} {ipaddress.ip_address(source)}:{near} > {ipaddress.ip_address(destination)}:{far}"


def inspect(received, blocked, seen):
    """Returns the packet that goes back to the load balancer, or None."""
    start = (received[0] & 15) * 4
    if received[start + 2 : start + 4] != GENEVE_PORT:
        return None
    geneve = start + 8
    inside = geneve + 8 + (received[geneve] & 63) * 4
    flow = flow_of(received[inside:])
    if flow is None:
        return None
    is_blocked = flow[0] == TCP and flow[3][2:] in blocked
    if flow not in seen:
        seen.add(flow)
        cookie = received[inside - 4 : inside].hex()
        print("drop" if is_blocked else "pass", describe(flow), "flow", cookie, flush=True)
    if is_blocked:
        return None
    header = bytearray(received[:20])
    header[12:16], header[16:20] = received[16:20], received[12:16]
    header[10:12] = bytes(2)
    header[10:12] = struct.pack("!H", checksum(bytes(header)))
    return bytes(header) + received[start:]


def main():
    blocked = {struct.pack("!H", int(each)) for each in sys.argv[1:]}
    health = http.server.ThreadingHTTPServer(("", 80), HealthCheck)
    threading.Thread(target=health.serve_forever, daemon=True).start()
    # A socket must own the port, or the kernel says that nobody listens there; it is never read.
    owner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    owner.bind(("", struct.unpack("!H", GENEVE_PORT)[0]))
    incoming = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    outgoing = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    seen = set()
    while True:
        answer = inspect(incoming.recv(LARGEST), blocked, seen)
        if answer is not None:
            outgoing.sendto(answer, (socket.inet_ntoa(answer[16:20]), 0))


main()
