#!/usr/bin/env python3
"""Keeps ten connections to an echo service open, and says now and then how many of them answer.

usage: connections.py ADDRESS PORT
"""

import socket
import sys
import time

COUNT = 10
WAIT_S = 0.3


def connect(address):
    while True:
        try:
            return socket.create_connection(address, timeout=1)
        except OSError:
            time.sleep(WAIT_S)


def answers(connection):
    try:
        connection.settimeout(WAIT_S)
        connection.sendall(b"?")
        return connection.recv(16) != b""
    except OSError:
        return False


def main():
    address = sys.argv[1], int(sys.argv[2])
    connections = [connect(address) for _ in range(COUNT)]
    while True:
        print(sum(answers(each) for each in connections), "of", COUNT, flush=True)
        time.sleep(WAIT_S)


main()
