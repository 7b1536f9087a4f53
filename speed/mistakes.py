"""A user's mistake as one line and exit status 2, for the programs of this folder."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence

from translit_ppa.errors import TranslitError, raises_translit_error


def one_line(main: Callable[[Sequence[str] | None], int]) -> Callable[..., int]:
    """Make a program print a user's mistake in one line on standard error."""

    @functools.wraps(main)
    def wrapped(argv: Sequence[str] | None = None) -> int:
        try:
            return raises_translit_error(main)(argv)
        except TranslitError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2

    return wrapped
