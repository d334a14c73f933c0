#!/usr/bin/env python3
"""A page of the console without a browser: takes what comes and says that it has shown it.

    bench/console_page.py URL TOKEN

Prints a line at its first picture, and when its input ends what came since: pictures a second of each stream (a camera,
raw or as the policy sees it), and how long after their stamps they were here, ms. The clock is this machine's.
"""

import base64
import http.client
import json
import os
import socket
import struct
import sys
import threading
import time
from urllib.parse import urlsplit


class Page:
    def __init__(self, url, token):
        self.host, self.origin = urlsplit(url).netloc, url.rstrip("/")
        asking = http.client.HTTPConnection(self.host)
        asking.request(
            "POST",
            "/api/sign-in",
            json.dumps({"token": token, "person": "bench"}),
            {"Content-Type": "application/json", "Origin": self.origin},
        )
        cookie = asking.getresponse().getheader("Set-Cookie").split(";")[0]
        name, port = self.host.rsplit(":", 1)
        self.socket = socket.create_connection((name, int(port)))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            (
                f"GET /api/live HTTP/1.1\r\nHost: {self.host}\r\nOrigin: {self.origin}\r\nCookie: {cookie}\r\n"
                f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )
        self.stream = self.socket.makefile("rb")
        status = self.stream.readline()
        if b" 101 " not in status:
            sys.exit(f"the console refused a page: {status.decode().strip()}")
        while self.stream.readline().strip():
            pass

    def message(self):
        """The next message: its kind, 1 text or 2 binary, and its bytes (RFC 6455)."""
        data, kind = b"", 0
        while True:
            first, second = self.stream.read(2)
            length = second & 127
            if length >= 126:
                length = int.from_bytes(self.stream.read(2 if length == 126 else 8), "big")
            part = self.stream.read(length)
            code = first & 15
            if code == 9:
                self.send(10, part)
            elif code in (0, 1, 2):
                kind, data = code or kind, data + part
                if first & 128:
                    return kind, data
            elif code == 8:
                sys.exit(f"the console closed the page: {part[2:].decode()}")

    def send(self, code, data):
        """Sends a short message, masked as those of browsers are; of zeros, which change nothing."""
        self.socket.sendall(bytes([128 | code, 128 | len(data)]) + bytes(4) + data)

    def shown(self, what):
        self.send(1, json.dumps({"shown": what}).encode())


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    page = Page(*sys.argv[1:])
    late, streams, began, said = [], set(), 0.0, 0.0
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.is_set():
        kind, data = page.message()
        now = time.time()
        if kind == 1:
            if now - said > 1:
                said = now
                page.shown("state")
            continue
        length = struct.unpack(">H", data[:2])[0]
        head = json.loads(data[2 : 2 + length])
        page.shown(f"{head['camera']} {head['kind']}")
        if not late:
            began = now
            print("shows", flush=True)
        streams.add((head["camera"], head["kind"]))
        late.append(now * 1e3 - head["stampMs"])
    late.sort()
    hz = len(late) / max(1, len(streams)) / max(1e-9, time.time() - began)
    p50, p99 = (late[min(len(late) - 1, int(q * len(late)))] if late else float("nan") for q in (0.5, 0.99))
    print(json.dumps({"hz": hz, "streams": len(streams), "p50_ms": p50, "p99_ms": p99}))


main()
