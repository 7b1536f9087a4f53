"""A mark of the functions that may read from the Hub: none of them waits for it without end."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["reads_hub"]

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def reads_hub(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Give the client of the Hub its limits before a function that may ask it; see `patience`."""

    @functools.wraps(function)
    def wrapped(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        # Not above: this loads the client, which whoever asks for help does not need.
        from translit_ppa.hub_cards.hub.patience import ask_anew, limit_waiting

        limit_waiting()
        ask_anew()
        return function(*args, **kwargs)

    return wrapped
