"""The HTML of the demo: lists of hits and notices. Whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from nearest import Hit

Romanise = Callable[[str, str | None], str]
LONGEST = 240


class Languages:
    """What a code is called, and the tag that browsers know it by.

    Args:
        table: Code -> {"tag": ..., "name": ...}; other codes stand for themselves.
    """

    def __init__(self, table: Mapping[str, Mapping[str, str]]) -> None:
        self._table = table

    def name(self, code: str) -> str:
        """Give the name to show."""
        return self._table.get(code, {}).get("name", code)

    def tag(self, code: str) -> str:
        """Give the value of the attribute `lang`."""
        return self._table.get(code, {}).get("tag", code.replace("_", "-"))


def shorten(text: str) -> str:
    """Cut what is too long for a line of the page."""
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "…"


def notice(lines: Sequence[str], kind: str = "note") -> str:
    """Write messages in a box that screen readers announce; nothing for no message."""
    if not lines:
        return ""
    items = "".join(f"<p>{escape(line)}</p>" for line in lines)
    role = "alert" if kind == "error" else "status"
    return f'<div class="notice {kind}" role="{role}">{items}</div>'


def query_line(text: str, latin: str) -> str:
    """Write the query with its romanisation."""
    return (
        '<div class="query"><span class="caption">you asked for</span>'
        f'<bdi class="text" dir="auto">{escape(shorten(text))}</bdi>'
        f'<span class="latin" lang="und-Latn" dir="ltr">{escape(shorten(latin))}</span></div>'
    )


def hit_list(
    title: str,
    model: str,
    hits: Sequence[Hit],
    same: set[int],
    languages: Languages,
    romanise: Romanise,
) -> str:
    """Write the hits of one model.

    Args:
        title: `before` or `after`.
        model: Name of the model.
        hits: Nearest first.
        same: Rows that mean the same as the query; empty if nobody knows.
        languages: Names and tags.
        romanise: The romaniser.
    """
    items = "".join(_hit(hit, hit.sentence.row in same, languages, romanise) for hit in hits)
    found = sum(hit.sentence.row in same for hit in hits)
    count = f'<p class="count">{found} of {len(hits)} mean the same</p>' if same else ""
    return (
        f'<section class="hits {escape(title)}"><h2><span class="caption">{escape(title)}</span> '
        f"{escape(model)}</h2>{count}<ol>{items}</ol></section>"
    )


def _hit(hit: Hit, same: bool, languages: Languages, romanise: Romanise) -> str:
    _, code, text, _ = hit.sentence
    tag, text = languages.tag(code), shorten(text)
    latin = f"{tag.partition('-')[0]}-Latn"
    mark = '<span class="mark">✓ same meaning</span>' if same else ""
    return (
        f'<li class="{"same" if same else "other"}">'
        f'<div class="line"><bdi class="text" lang="{escape(tag)}" dir="auto">{escape(text)}</bdi>'
        f'<span class="score">{hit.cosine:.3f}</span></div>'
        f'<div class="line"><span class="latin" lang="{escape(latin)}" dir="ltr">'
        f"{escape(romanise(text, code))}</span>{mark}"
        f'<span class="meta">{escape(languages.name(code))}</span></div></li>'
    )
