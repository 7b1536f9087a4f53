"""The one family of exceptions: what a user can cause and mend.

Each room raises an error of its own kind; the functions of the API turn them into `TranslitError`,
whose text is the one line that the command prints.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["TranslitError", "raises_translit_error"]

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PANIC = "PanicException"
"""How libraries written in Rust end where they did not foresee a file; it is no `Exception`."""
_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class TranslitError(ValueError):
    """A mistake that a user can make and mend.

    Its text is one line: what came, what is legal, what to do next. The error of the library or of
    the room that found it is its `__cause__`.
    """

    def __init__(self, message: str) -> None:
        """Keep the text in one line: what came may hold line ends, or speak to the terminal."""
        super().__init__(_CONTROLS.sub(lambda found: repr(found[0])[1:-1], message))


def raises_translit_error(
    function: Callable[_Arguments, _Result],
) -> Callable[_Arguments, _Result]:
    """Make a function of the API raise nothing but `TranslitError` for a user's mistake."""

    @functools.wraps(function)
    def wrapped(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        try:
            return function(*args, **kwargs)
        except TranslitError:
            raise
        except Exception as error:
            if not isinstance(error, _mistakes()):
                raise
            # transformers and huggingface_hub report unknown models and lost networks over many
            # lines.
            raise TranslitError(" ".join(str(error).split())) from error
        except BaseException as error:
            if type(error).__name__ != _PANIC:
                raise
            raise TranslitError(
                f"a library gave up: {' '.join(str(error).split())}; a file that it read is "
                "damaged (tokenizer.json, weights). Copy the model's files again."
            ) from error

    return wrapped


def _mistakes() -> tuple[type[Exception], ...]:
    """Errors of the rooms, and of the system: an unknown model, a lost network, a full disk.

    The client of the Hub lets those of its HTTP library pass where there is no answer at all.
    """
    from translit_ppa.data_builders.errors import DataError
    from translit_ppa.hub_cards.records.schema_check import RecordError
    from translit_ppa.modeling.aligned.errors import AlignmentError

    hub = sys.modules.get("huggingface_hub.errors")
    bases = hub.HfHubHTTPError.__mro__ if hub else ()
    network = [base for base in bases if base.__name__ == "HTTPError"]
    return (DataError, AlignmentError, RecordError, OSError, *network)
