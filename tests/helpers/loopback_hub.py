"""A Hub on 127.0.0.1 for real clients: strict on tokens, revisions, LFS, Xet and stale parents.

It serves what `huggingface_hub` 2.4, `datasets` 5.2 and `transformers` 5.23 ask for, with Xet only
where the Hub has been given a store for it. Large files come from a second port: clients follow a
redirect within one origin and would lose the headers of the first answer.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from loopback_http import Handler, Server
from loopback_routes import HubRoutes
from loopback_store import Account, Commit, Store
from loopback_xet import XetStore

WRITE, READ = "hf_write_0123456789", "hf_read_0123456789"
ACCOUNTS = {WRITE: Account("ada", ("org",)), READ: Account("ada", ("org",), "read")}


class LoopbackHub:
    """The server and its faults.

    `requests` keeps every request as (method, path), `stored` the id of every large object that
    arrived whole, as often as it arrived.
    """

    def __init__(self) -> None:
        self.store = Store(ACCOUNTS)
        self.requests: list[tuple[str, str]] = []
        self.stored: list[str] = []
        self.xet: XetStore | None = None
        self.faults: list[Callable[[Handler], bool]] = []
        self.servers = [Server(self, HubRoutes) for _ in range(2)]
        self.endpoint, self.storage = (
            f"http://127.0.0.1:{server.server_address[1]}" for server in self.servers
        )

    def files(self, kind: str, name: str, revision: str = "main") -> dict[str, bytes]:
        commit = self.store.repos[kind, name].at(revision)
        return {path: blob.data for path, blob in commit.files.items()}

    def history(self, kind: str, name: str) -> list[Commit]:
        return self.store.repos[kind, name].history("main")

    def on(self, pattern: str, times: int, fault: Callable[[Handler], bool]) -> None:
        """Let a fault meet the next requests whose `METHOD path` matches.

        A fault that returns True has answered, or not, for the Hub; one that returns False has only
        done something beforehand.
        """
        left = [times]

        def once(handler: Handler) -> bool:
            if not left[0] or not re.search(pattern, f"{handler.command} {handler.path}"):
                return False
            left[0] -= 1
            return fault(handler)

        self.faults.append(once)

    def fail(self, pattern: str, status: int, times: int) -> None:
        """Answer the next requests that match `METHOD path` with a status."""

        def refuse(handler: Handler) -> bool:
            handler.body()
            handler.answer(status, {"error": "out of order"})
            return True

        self.on(pattern, times, refuse)

    def lose(self, pattern: str, times: int, status: int | None, content: object = None) -> None:
        """Do what the next matching requests ask for, and lose the answer: hang up, or another."""

        def swallow(handler: Handler) -> bool:
            def answer(*args: object, **more: object) -> None:
                del handler.answer  # the method of the class again
                if status is None:
                    handler.close_connection = True
                else:
                    handler.answer(status, content)

            handler.answer = answer
            return False

        self.on(pattern, times, swallow)

    def cut(self, pattern: str, times: int) -> None:
        """Close the connection in the middle of the next matching uploads."""

        def hang_up(handler: Handler) -> bool:
            handler.rfile.read(int(handler.headers["Content-Length"]) // 2)
            handler.close_connection = True
            return True

        self.on(pattern, times, hang_up)

    def client_environment(self, home: Path, token: str | None = None) -> dict[str, str]:
        """Environment of a client that knows no Hub but this one; `home` is its cache."""
        mine = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT")
        return {
            **{name: os.environ[name] for name in mine if name in os.environ},
            "HOME": str(home),
            "HF_ENDPOINT": self.endpoint,
            "HF_HOME": str(home / "hf"),
            "HF_HUB_DISABLE_XET": "0" if self.xet else "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "OMP_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false",
            **({"HF_TOKEN": token} if token else {}),
        }


@contextmanager
def loopback_hub() -> Iterator[LoopbackHub]:
    hub = LoopbackHub()
    for server in hub.servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield hub
    finally:
        for server in hub.servers:
            server.shutdown()
            server.server_close()
