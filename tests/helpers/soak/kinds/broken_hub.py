"""What a Hub can do wrong with a request: drawn by hypothesis, done in its handler."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from loopback_hub import WRITE, LoopbackHub

STATUSES = (400, 401, 403, 404, 408, 409, 412, 413, 422, 429, 500, 502, 503, 504)
CONTENTS: tuple[Any, ...] = (None, [], {}, "", 3, True, [None], {"sha": 3}, {"error": "x" * 3000})
BODIES = (
    b"",
    b"{",
    b"<html>\n<body>502</body>\n</html>\n",
    b"\xff\xfe",
    b"[" * 100_000,
    b"\x1b[2J",
)
OLDER = ("README.md", ".gitattributes")
"""What an older publication has left."""


def faults(publishing: bool) -> st.SearchStrategy[list[Any]]:
    """Draw a fault: its name, its arguments. Readers wait as long as their libraries do."""
    silence = (9.0,) if publishing else ()
    return st.one_of(
        st.tuples(st.just("status"), st.sampled_from(STATUSES)),
        st.tuples(st.just("answer"), st.sampled_from(CONTENTS)),
        st.tuples(st.just("body"), st.sampled_from(BODIES).map(lambda b: b.decode("latin-1"))),
        st.tuples(
            st.just("lose"), st.sampled_from((None, 200, 500, 504)), st.sampled_from(CONTENTS)
        ),
        st.tuples(st.just("hang up")),
        st.tuples(st.just("cut request")),
        st.tuples(st.just("cut answer"), st.integers(0, 2000)),
        st.tuples(st.just("slow"), st.sampled_from((0.1, 0.1, 0.1, 1.2, *silence))),
        st.tuples(st.just("wait"), st.sampled_from(("5", "x", "-1", "100000", "9" * 20))),
        st.tuples(st.just("elsewhere"), st.sampled_from(("/nowhere", "http://127.0.0.1:9/x"))),
        st.tuples(st.just("message"), st.sampled_from(("a\nb", f"token {WRITE}", "é\x1b[2J"))),
    ).map(list)


def arm(hub: LoopbackHub, path: str, skip: int, times: int, fault: list[Any]) -> None:
    """Let a fault meet the requests for a path, after some that it lets pass."""
    left = [skip]

    def act(handler: Any) -> bool:
        if left[0]:
            left[0] -= 1
            return False
        return _act(handler, *fault)

    hub.on(path, times + skip, act)


def _act(handler: Any, name: str, *arguments: Any) -> bool:
    if name == "lose":
        _swallow(handler, lambda: _answer(handler, *arguments))
        return False
    if name == "slow":
        threading.Event().wait(arguments[0])
        return False
    if name == "cut answer":
        return _cut(handler, arguments[0])
    if name == "cut request":
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0) // 2)
        handler.close_connection = True
        return True
    handler.body()
    if name == "hang up":
        handler.close_connection = True
    elif name == "status":
        handler.answer(arguments[0], {"error": "out of order"})
    elif name == "answer":
        handler.answer(200, arguments[0])
    elif name == "body":
        handler.answer(200, arguments[0].encode("latin-1"))
    elif name == "wait":
        handler.answer(429, {"error": "too many"}, headers={"Retry-After": arguments[0]})
    elif name == "elsewhere":
        handler.answer(302, b"", headers={"Location": arguments[0]})
    elif name == "message":
        handler.answer(400, {"error": arguments[0]})
    return True


def _answer(handler: Any, status: int | None, content: Any) -> None:
    if status is None:
        handler.close_connection = True
    else:
        handler.answer(status, content)


def _swallow(handler: Any, instead: Callable[[], None]) -> None:
    """Do what the request asks for, and answer something else."""

    def answer(*args: object, **more: object) -> None:
        del handler.answer  # the method of the class again
        instead()

    handler.answer = answer


def _cut(handler: Any, after: int) -> bool:
    """Send the right answer, but only its first bytes."""
    write = handler.wfile.write
    left = [after]
    handler.close_connection = True

    def some(data: bytes) -> int:
        part = data[: left[0]]
        left[0] -= len(part)
        write(part)
        return len(data)

    handler.wfile.write = some
    return False
