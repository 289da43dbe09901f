# SPDX-License-Identifier: Apache-2.0
"""A UDP proxy between one client and a relay that can change the address the relay sees."""
import select
import socket
import threading


class Proxy:
    """`address` is where the client connects; rebind() gives it a new port towards the relay, as a NAT would."""

    def __init__(self, relay_port):
        self.relay = ("127.0.0.1", relay_port)
        self.inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.inside.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.inside.getsockname()[1]}"
        self.outside, self.client, self.running = self._socket(), None, True
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @staticmethod
    def _socket():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        return s

    def rebind(self):
        old, self.outside = self.outside, self._socket()
        old.close()

    def _forward(self, ready, outside):
        if ready is self.inside:
            data, self.client = self.inside.recvfrom(65536)
            outside.sendto(data, self.relay)
        elif self.client:
            self.inside.sendto(ready.recv(65536), self.client)

    def _run(self):
        while self.running:
            outside = self.outside
            try:
                for ready in select.select([self.inside, outside], [], [], 0.05)[0]:
                    self._forward(ready, outside)
            except (OSError, ValueError):
                continue  # the socket that rebind() closed

    def close(self):
        self.running = False
        self.thread.join()
        self.inside.close()
        self.outside.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
