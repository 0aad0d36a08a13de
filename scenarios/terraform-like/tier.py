#!/usr/bin/python3
"""The daemon of every tier: answers with its name, and passes requests on.

GET /ADDRESS/REST asks the host at ADDRESS for /REST, and puts its own name before the answer.
"""

import http.server
import socket
import socketserver
import urllib.error
import urllib.request

PORT = 8080


class Tier(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        address, _, rest = self.path.lstrip("/").partition("/")
        if address:
            try:
                url = f"http://{address}:{PORT}/{rest}"
                with urllib.request.urlopen(url, timeout=1) as answer:
                    self.say(200, f"{socket.gethostname()} {answer.read().decode()}")
            except (urllib.error.URLError, TimeoutError):
                self.say(504, f"{socket.gethostname()} gets no answer of {address}")
        else:
            self.say(200, socket.gethostname())

    def say(self, status, text):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())


class Server(socketserver.ThreadingTCPServer):
    # Not the server of http.server, which asks DNS for its own name.
    allow_reuse_address = True
    daemon_threads = True


Server(("", PORT), Tier).serve_forever()
