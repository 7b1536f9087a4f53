"""How long anything waits for the Hub: for an answer, and for a pause that it asks for.

The client waits without end for all but downloads, and keeps any pause. Its sessions are given
limits here, by the hooks that its HTTP library has for that. `datasets` and `transformers` ask by
the same client.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from huggingface_hub import constants as hub_constants
from huggingface_hub import set_client_factory
from huggingface_hub.utils import _http, parse_ratelimit_headers

from .stage import PublishError

__all__ = ["LONGEST_PAUSE", "SENDING", "ask_anew", "limit_waiting"]

SENDING = 6
"""What is sent has so many times the client's HF_HUB_DOWNLOAD_TIMEOUT, of 10 s unless it is set:
the Hub works on a commit before it answers. No limit that the client sets itself is longer."""
UNANSWERED = 3
"""Readings in a row without an answer, after which no more is asked: libraries try ever again."""
LONGEST_PAUSE = 300
"""Seconds that the Hub may ask for between two tries, of which the client makes six."""


class _Limited:
    """Makes sessions with limits, out of what made them before.

    A session would not do: the client makes another one after a fork and after a lost connection.
    """

    def __init__(self, made: Callable[[], Any]) -> None:
        self.made = made

    def __call__(self) -> Any:
        session = self.made()
        hooks = session.event_hooks
        session.event_hooks = {
            "request": [*hooks["request"], _limit],
            "response": [*hooks["response"], _answered],
        }
        return session


def limit_waiting() -> None:
    """Give all sessions of the client in this process their limits; again is no harm."""
    made = _http._GLOBAL_CLIENT_FACTORY
    if not isinstance(made, _Limited):
        set_client_factory(_Limited(made))


def ask_anew() -> None:
    """Give up on the Hub no more than once a call: a notebook goes on when the network is back."""
    global _call
    _call += 1


def _limit(request: Any) -> None:
    """Wait for no part of a request without end, and for no Hub that is silent."""
    reads = request.method in ("GET", "HEAD")
    if _count.call != _call:
        _count.call, _count.unanswered = _call, 0
    if reads and _count.unanswered >= UNANSWERED:
        raise PublishError(
            f"{hub_constants.ENDPOINT} has not answered {UNANSWERED} times in a row; is there a "
            "network? Give the same command again later"
        )
    _count.unanswered += reads
    unit = float(hub_constants.HF_HUB_DOWNLOAD_TIMEOUT)
    waits = request.extensions.get("timeout", {})
    request.extensions["timeout"] = {
        part: (unit if reads else SENDING * unit)
        if waits.get(part) is None
        else min(waits[part], SENDING * unit)
        for part in ("connect", "read", "write", "pool")
    }


class _Count(threading.local):
    """How many readings of a thread are without an answer: tries of one are made in one thread."""

    call = 0
    unanswered = 0


_count = _Count()
_call = 0
"""Counts `ask_anew`; threads that libraries keep learn of it here."""


def _answered(response: Any) -> None:
    _count.unanswered = 0
    if response.status_code < 400:
        return
    asked = response.headers.get("Retry-After", "").strip()
    limits = parse_ratelimit_headers(response.headers)
    pause = int(asked[:18]) if asked.isascii() and asked.isdecimal() else 0
    if limits is not None and limits.remaining == 0:
        pause = max(pause, limits.reset_in_seconds)
    if pause > LONGEST_PAUSE:
        raise PublishError(
            f"the Hub asks for a pause of {pause:,} s ({response.status_code}); give the same "
            "command again after it; what arrived is kept"
        )
