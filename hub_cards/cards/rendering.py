"""Turns facts into Markdown through the templates; whatever is inserted is escaped.

A value that is missing reads "not measured". Text from corpora and records can hold anything, so a
template inserts it escaped unless it was made by this room and marked `Raw`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from ..hub.stage import PublishError

NOT_MEASURED = "not measured"
# What starts HTML, emphasis, code, links, tables or formulas; the lookarounds are for bare links.
_MARKUP = r"[\\`*_{}\[\]#!|<>&~$@^=]|:(?=//)|(?<=[wW]{3})\."
_SAFE_CODE = re.compile(r"[\w./:@+,=|* -]*")
# ZERO WIDTH (NON-)JOINER: invisible, but part of the spelling of Persian and of Indic scripts.
_JOINERS = "\u200c\u200d"


class Raw(str):
    """Markdown that this room made itself and that is inserted as it is."""


def escape(text: object) -> str:
    """Make any text harmless in Markdown and HTML, on one line.

    Args:
        text: A sentence, a name, a number.

    Returns:
        The text with ASCII punctuation as character references, without control characters (which
        could reverse or hide what follows).
    """
    kept = "".join(
        " " if char.isspace() else "" if _is_control(char) else char for char in str(text)
    )
    kept = re.sub(_MARKUP, lambda match: f"&#{ord(match[0])};", kept)
    return " ".join(kept.split())


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs") and char not in _JOINERS


def code(text: object) -> Raw:
    """Write an identifier as inline code; one with markup in it is escaped."""
    if _SAFE_CODE.fullmatch(str(text)):
        return Raw(f"`{text}`")
    return Raw(f"<code>{escape(text)}</code>")


def number(value: float | int | None, digits: int = 1) -> str:
    """Write a number with thousands separated; a missing one is "not measured"."""
    if value is None:
        return NOT_MEASURED
    return f"{value:,}" if isinstance(value, int) else f"{value:,.{digits}f}"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Raw:
    """Write a Markdown table; cells are escaped unless they are `Raw`."""

    def line(cells: Iterable[object]) -> str:
        return "| " + " | ".join(_insert(cell) for cell in cells) + " |"

    rule = "| " + " | ".join(["---"] * len(header)) + " |"
    return Raw("\n".join([line(header), rule, *map(line, rows)]))


def _insert(value: Any) -> str:
    if value is None:
        return NOT_MEASURED
    if isinstance(value, Raw):
        return str.__str__(value)
    return escape(number(value) if isinstance(value, int | float) else value)


def render(template: str, facts: dict[str, Any]) -> str:
    """Render a template of this room.

    Args:
        template: File name below `templates`.
        facts: Values by name; one that a template asks for and is not there is an error.

    Returns:
        Markdown that ends with one newline.

    Raises:
        PublishError: If jinja2 is not installed.
    """
    try:
        import jinja2
    except ImportError as error:
        raise PublishError(
            "jinja2 is not installed; run: pip install 'translit-ppa[cards]'"
        ) from error
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        undefined=jinja2.StrictUndefined,
        finalize=_insert,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = code
    text = environment.get_template(template).render(facts)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
