"""A web server on this machine that answers as publishers do, on good days and on bad ones."""

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Route:
    """How one path answers.

    ``cut`` closes the connection after so many bytes, ``drip`` sends a byte at a time, ``fail`` answers
    with a status so many times before it answers well.
    """

    body: bytes = b""
    status: int = 200
    headers: dict = field(default_factory=dict)
    etag: str = '"one"'
    ranges: bool = True
    honest: bool = True
    cut: int | None = None
    drip: float = 0.0
    fail: list = field(default_factory=list)
    chunked: bool = False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        route = self.server.routes.get(self.path.split("?")[0], Route(b"no", status=404))
        self.server.seen.append((self.path, dict(self.headers)))
        self.close_connection = True
        if route.fail:
            self._answer(route.fail.pop(0), b"busy", {})
        elif route.etag and self.headers.get("If-None-Match") == route.etag:
            self._answer(304, b"", {"ETag": route.etag})
        else:
            self._send(route)

    def _send(self, route):
        body, status, headers = route.body, route.status, dict(route.headers)
        if route.etag:
            headers["ETag"] = route.etag
        asked = self.headers.get("Range")
        fresh = self.headers.get("If-Range") in (None, route.etag) or not route.honest
        if asked and route.ranges and fresh:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            body, status = body[start:], 206
        self._answer(status, body, headers, route)

    def _answer(self, status, body, headers, route=None):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if route is not None and route.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if route is not None and route.drip:
            self._drip(body, route.drip)
        elif route is not None and route.cut is not None:
            self.wfile.write(body[: route.cut])
            route.cut = None
        else:
            self.wfile.write(body)

    def _drip(self, body, pause):
        until = time.monotonic() + 2
        for at in range(len(body)):
            if time.monotonic() > until or self.server.ending:
                return
            try:
                self.wfile.write(body[at : at + 1])
            except OSError:
                return
            time.sleep(pause)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    ending = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes, self.seen = {}, []

    def url(self, path):
        return f"http://127.0.0.1:{self.server_port}{path}"

    def ranges(self):
        """Return the Range header of each request, or None."""
        return [headers.get("Range") for _, headers in self.seen]

    def handle_error(self, *_):
        """A client that has gone away is what some tests are about."""


@contextmanager
def serving():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ending = True
        server.shutdown()
        server.server_close()
        thread.join(5)
