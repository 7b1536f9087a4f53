"""How long a publication waits for the Hub: for an answer, and for a pause that it asks for.

The client waits without end for all but downloads, and keeps any pause. Its one session is given
limits here, by the hooks that its HTTP library has for that.
"""

from __future__ import annotations

from typing import Any

from huggingface_hub import constants as hub_constants
from huggingface_hub import get_session
from huggingface_hub.utils import parse_ratelimit_headers

from .stage import PublishError

__all__ = ["LONGEST_PAUSE", "SENDING", "limit_waiting"]

SENDING = 6
"""What is sent has so many times the client's HF_HUB_DOWNLOAD_TIMEOUT, of 10 s unless it is set:
the Hub works on a commit before it answers."""
LONGEST_PAUSE = 300
"""Seconds that the Hub may ask for between two tries, of which the client makes six."""


def limit_waiting() -> None:
    """Give the client's session of this process its limits; again is no harm."""
    session = get_session()
    hooks = session.event_hooks
    if _limit not in hooks["request"]:
        session.event_hooks = {
            "request": [*hooks["request"], _limit],
            "response": [*hooks["response"], _refuse_long_pause],
        }


def _limit(request: Any) -> None:
    """Wait for no part of a request without end; limits that the client sets itself stay."""
    times = 1 if request.method in ("GET", "HEAD") else SENDING
    seconds = float(hub_constants.HF_HUB_DOWNLOAD_TIMEOUT * times)
    waits = request.extensions.get("timeout", {})
    request.extensions["timeout"] = {
        part: seconds if waits.get(part) is None else waits[part]
        for part in ("connect", "read", "write", "pool")
    }


def _refuse_long_pause(response: Any) -> None:
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
            "command again after it: it sends only what did not arrive yet"
        )
