"""What all commands share: a mistake is one line, a default is the API's, old spellings go on.

A command declares its options with `Options`, which takes each default from the API function that
the command calls; what a user does not give is not passed on. Options are spelled with hyphens.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from translit_ppa.commands.options.numbers import number, whole_number
from translit_ppa.errors import TranslitError

__all__ = ["Options", "Parser", "given", "modern"]


class Parser(argparse.ArgumentParser):
    """argparse, but a mistake is one line, and no option is guessed from its first letters."""

    def __init__(self, prog: str, description: str, **more: Any) -> None:
        """Keep the name under which the command is called, and what it does."""
        more.setdefault("allow_abbrev", False)
        super().__init__(prog=prog, description=description, **more)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; argparse itself trips over `--option --`, where a value is missing."""
        try:
            return super().parse_known_args(args, namespace)
        except TranslitError:
            raise
        except ValueError:
            self.error("an option is followed by -- instead of its value")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line, instead of after a page of usage.

        Raises:
            TranslitError: Always.
        """
        raise TranslitError(f"{message}; see {self.prog} --help")


class Options:
    """Adds options to a parser or a group of it, with the defaults of an API function."""

    def __init__(self, place: Any, api: Callable[..., Any]) -> None:
        """Keep where options go, and the function that they are for."""
        self.place = place
        self.api = api
        self._defaults = {
            name: parameter.default
            for name, parameter in inspect.signature(api).parameters.items()
            if parameter.default is not inspect.Parameter.empty
        }

    def __call__(self, *names: str, help: str, **more: Any) -> None:
        """Add one option; its help ends with the default, where there is one to tell."""
        if "action" not in more or more["action"] == "extend":
            name = more.get("dest") or names[-1].lstrip("-").replace("-", "_")
            default = self._defaults.get(name)
            if default not in (None, (), []) and "(default" not in help:
                several = isinstance(default, (list, tuple))
                told = " ".join(map(str, default)) if several else default
                help = f"{help} (default: {told})".replace("%", "%%")
        # Python's own readers take ٣, 1_0 and nan as well.
        readers: dict[Any, Any] = {int: whole_number, float: number}
        if "type" in more:
            more["type"] = readers.get(more["type"], more["type"])
        more.setdefault("default", argparse.SUPPRESS)
        self.place.add_argument(*names, help=help, **more)


def given(args: argparse.Namespace) -> dict[str, Any]:
    """Return what was given on the command line, as keyword arguments of the API."""
    return {name: value for name, value in vars(args).items() if not name.startswith("_")}


def modern(words: Sequence[str], old: Mapping[str, str] | None = None) -> list[str]:
    """Turn old spellings of options into today's, with one line of warning for all of them.

    Args:
        words: Of a command line.
        old: Former name -> today's, both with hyphens.

    Returns:
        The words with hyphens and today's names. An option with underscores is understood.

    Raises:
        TranslitError: A value is `--`.
    """
    found: list[str] = []
    changed: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name.startswith("--") and value == "--":
            # argparse takes it for the end of the options and gives an empty list as value.
            raise TranslitError(f"{word}: -- is no value; legal: what --help says of {name}")
        if name.startswith("--") and len(name) > 2 and name[2].isalpha():
            today = name.replace("_", "-")
            today = (old or {}).get(today, today)
            if today != name:
                changed[name] = today
            found.append(today + equals + value)
        else:
            found.append(word)
    if changed:
        told = ", ".join(f"{name} is now {today}" for name, today in changed.items())
        print(f"notice: {told}; the old spelling goes with the next release", file=sys.stderr)
    return found
