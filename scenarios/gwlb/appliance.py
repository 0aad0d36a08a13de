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

GENEVE_PORT = 6081
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


def ends_of(packet):
    """Returns protocol, addresses and ports of the packet inside; None for what is no IP."""
    version = packet[0] >> 4
    if version == 4:
        start = (packet[0] & 15) * 4
        protocol = packet[9]
        addresses = packet[12:16], packet[16:20]
    elif version == 6:
        start, protocol = 40, packet[6]
        addresses = packet[8:24], packet[24:40]
    else:
        return None
    has_ports = protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP)
    ports = struct.unpack_from("!HH", packet, start) if has_ports else (0, 0)
    source, destination = (str(ipaddress.ip_address(each)) for each in addresses)
    return protocol, source, ports[0], destination, ports[1]


def inspect(received, blocked, seen):
    """Returns the packet that goes back to the load balancer, or None."""
    start = (received[0] & 15) * 4
    if struct.unpack_from("!H", received, start + 2)[0] != GENEVE_PORT:
        return None
    geneve = start + 8
    options = (received[geneve] & 63) * 4
    cookie = received[geneve + options + 4 : geneve + options + 8].hex()
    flow = ends_of(received[geneve + 8 + options :])
    if flow is None:
        return None
    protocol, source, source_port, destination, port = flow
    verdict = "drop" if protocol == socket.IPPROTO_TCP and port in blocked else "pass"
    if flow not in seen:
        seen.add(flow)
        print(verdict, protocol, f"{source}:{source_port} > {destination}:{port} flow {cookie}", flush=True)
    if verdict == "drop":
        return None
    header = bytearray(received[:20])
    header[12:16], header[16:20] = received[16:20], received[12:16]
    header[10:12] = bytes(2)
    header[10:12] = struct.pack("!H", checksum(bytes(header)))
    return bytes(header) + received[start:]


def main():
    blocked = {int(each) for each in sys.argv[1:]}
    health = http.server.ThreadingHTTPServer(("", 80), HealthCheck)
    threading.Thread(target=health.serve_forever, daemon=True).start()
    # A socket must own the port, or the kernel says that nobody listens there; it is never read.
    owner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    owner.bind(("", GENEVE_PORT))
    incoming = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    outgoing = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    seen = set()
    while True:
        answer = inspect(incoming.recv(LARGEST), blocked, seen)
        if answer is not None:
            outgoing.sendto(answer, (str(ipaddress.ip_address(answer[16:20])), 0))


main()
