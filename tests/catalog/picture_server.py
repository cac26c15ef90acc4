"""A real web server on loopback that answers well, badly and with malice; and a policy that lets it alone be called."""

import io
import socket
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from PIL import Image

from catalog.fetching.download import picture_target
from webapp.common.addresses import Target


def picture_bytes(kind: str = "PNG", size: int = 12, color: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (size, size), color).save(out, kind)
    return out.getvalue()


class PictureServer(ThreadingHTTPServer):
    """`pages`: path -> (status, headers, body). `calls` counts paths; `most` is the most calls at one time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.calls: Counter[str] = Counter()
        self.hosts: set[str] = set()
        self.now = self.most = 0
        self.lock = threading.Lock()
        self.flaky = 0
        self.slow = 0.0
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, path: str, host: str = "pictures.test") -> str:
        return f"http://{host}:{self.port}{path}"

    def check(self, url: str) -> Target:
        """The site's own policy for all but names under .test at this server's port: those are on loopback."""
        parts = urlsplit(url)
        if (parts.hostname or "").endswith(".test") and parts.port == self.port and parts.username is None:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            return Target(parts.scheme, parts.hostname or "", self.port, "127.0.0.1", path)
        return picture_target(url)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up is what these tests are about."""


class Answering(BaseHTTPRequestHandler):
    server: PictureServer

    def do_GET(self) -> None:
        server = self.server
        with server.lock:
            server.calls[self.path] += 1
            server.hosts.add(self.headers["Host"])
            server.now += 1
            server.most = max(server.most, server.now)
        time.sleep(server.slow)
        with server.lock:
            server.now -= 1  # before the last byte: who has read it may ask for the next one
        self._answer()

    def _answer(self) -> None:
        if self.path == "/drip":
            return self._drip(b"HTTP/1.0 200 OK\r\nContent-Type: image/png\r\n\r\n")
        if self.path == "/drip-head":
            return self._drip(b"HTTP/1.0 200 OK\r\nX-A: ")
        if self.path == "/endless":
            return self._endless()
        if self.path == "/hang-up":
            return self.connection.shutdown(socket.SHUT_RDWR)
        if self.path == "/flaky" and self.server.calls["/flaky"] <= self.server.flaky:
            return self._send(503, {"Retry-After": "0"}, b"")
        return self._send(*self.server.pages.get(self.path, (404, {}, b"none")))

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "image/png", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, head: bytes) -> None:
        self.wfile.write(head)
        for _ in range(2400):  # two minutes, or until the caller hangs up
            time.sleep(0.05)
            self.wfile.write(b"x")
            self.wfile.flush()

    def _endless(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: image/png\r\n\r\n")
        for _ in range(1000):
            self.wfile.write(b"x" * 65536)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
