"""HTTP as the Hub speaks it: bodies, ranges, error codes and tokens of one request; no routes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from loopback_store import Account, Refused, Repo

if TYPE_CHECKING:
    from loopback_hub import LoopbackHub

Route = tuple[str, str, Callable[..., None]]


class Server(ThreadingHTTPServer):
    """One port of a hub; `hub` is what all its ports share."""

    daemon_threads = True

    def __init__(self, hub: LoopbackHub, handler: type[Handler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.hub = hub

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class Handler(BaseHTTPRequestHandler):
    """A request: its account, its body, its answer. `ROUTES` is filled by the subclass."""

    ROUTES: tuple[Route, ...] = ()
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *args: Any) -> None:
        pass

    def handle_request(self) -> None:
        hub = self.server.hub
        hub.requests.append((self.command, self.path))
        if any(fault(self) for fault in list(hub.faults)):
            return
        url = urlsplit(self.path)
        self.query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        self.content = self.body()
        try:
            for method, pattern, route in self.ROUTES:
                match = re.fullmatch(pattern, url.path)
                if match and self.command in method.split():
                    words = {k: unquote(v) for k, v in match.groupdict("").items()}
                    if "kinds" in words:
                        words["kind"] = words.pop("kinds").rstrip("s") or "model"
                    route(self, **words)
                    return
            raise Refused(404, f"this Hub has no {self.command} {url.path}")
        except Refused as refused:
            self.answer(refused.status, {"error": refused.message}, refused.code, refused.message)

    do_GET = do_HEAD = do_POST = do_PUT = handle_request

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline().strip(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(
        self,
        status: int,
        content: Any = None,
        code: str | None = None,
        message: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = dict(headers or {})
        if status == 200 and isinstance(content, bytes) and "Range" in self.headers:
            first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
            start, stop = int(first), min(int(last or len(data) - 1), len(data) - 1) + 1
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
            status, data = 206, data[start:stop]
        self.send_response(status)
        if code:
            headers["X-Error-Code"] = code
        if message:
            headers["X-Error-Message"] = message
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    @property
    def account(self) -> Account | None:
        header = self.headers.get("Authorization")
        if header is None:
            return None
        account = self.server.hub.store.accounts.get(header.removeprefix("Bearer "))
        if account is None:
            raise Refused(401, "Invalid credentials in Authorization header")
        return account

    def writer(self, name: str) -> Account:
        account = self.account
        if account is None:
            raise Refused(401, "Invalid username or password.")
        if account.role != "write" or not account.owns(name):
            raise Refused(403, f"You don't have the rights to write to {name}")
        return account

    def repo(self, kind: str, name: str, write: bool = False) -> Repo:
        if write:
            self.writer(name)
        return self.server.hub.store.repo(kind, name, self.account)
