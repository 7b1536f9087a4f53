"""Vocabulary use as a table and a figure: pieces, fertility, coverage, unknown rate.

Input: a VocabularyRecord. Fertility is pieces per word, words being what white space separates;
coverage is the share of characters that no unknown token stands for. Where the group and the
tokenizer are the paper's, its Table 6 stands below.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path

from .. import paper
from ..paper.results import GROUPS
from ..records.figure_records import LanguageUse, UseCounts, VocabularyRecord
from ..table import Table
from . import drawing
from .saving import png_path, save

UNSPACED_SCRIPTS = ("Hani", "Jpan", "Khmr", "Lana", "Laoo", "Mymr", "Talu", "Tavt", "Thai", "Tibt")
"""Scripts that put no space between words (Unicode Standard Annex 14, classes ID and SA, and
Tibetan, whose tsheg stands between syllables): what lies between spaces there is no word."""

PAPER_BASE = "glot500-base"


def vocabulary_table(record: VocabularyRecord) -> Table:
    """Show originals beside transliterations, a row per language and one for all.

    Args:
        record: The counts.

    Returns:
        The table; `-` where a language does not separate words by spaces.
    """
    header: tuple[str, ...] = (
        "language",
        "sentences",
        "pieces",
        "pieces latin",
        "latin / original",
    )
    for title in ("pieces per word", "pieces per character", "coverage %", "unknown %"):
        header += (title, f"{title} latin")
    rows = [_row(use, [use]) for use in record.languages]
    rows.append(_row(record.whole, record.languages))
    paper = paper_pieces(record)
    if paper is not None:
        original, latin = paper
        texts = ("paper, Table 6", "-", f"{original:,}", f"{latin:,}", _percent(latin, original))
        rows.append((*texts, *["-"] * (len(header) - len(texts))))
    return Table(
        f"Vocabulary of {record.model}: what originals and transliterations use of "
        f"{record.vocabulary:,} pieces",
        header,
        tuple(rows),
        record.signature(),
        tuple(_notes(record, paper is not None)),
    )


def paper_pieces(record: VocabularyRecord) -> tuple[int, int] | None:
    """Give the paper's distinct pieces, of originals and transliterations.

    Args:
        record: A record; its group and the base of its model decide.

    Returns:
        Both counts (the paper prints thousands); None unless both are the paper's.
    """
    if Path(record.base).name.lower() != PAPER_BASE:
        return None
    text = resources.files(paper).joinpath("table6.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        if GROUPS[row["group"]] == record.data.config:
            return int(row["original_tokens"]), int(row["transliterated_tokens"])
    return None


def spaced(code: str) -> bool:
    """Tell whether a language's script puts spaces between words."""
    return drawing.script_of(code) not in UNSPACED_SCRIPTS


def fertility(uses: Iterable[LanguageUse], side: str) -> float | None:
    """Average the pieces per word over the words of some languages.

    Args:
        uses: Languages; those without spaces between words are left out.
        side: `original` or `latin`.

    Returns:
        Pieces per word; None if no language is left.
    """
    counts: list[UseCounts] = [getattr(use, side) for use in uses if spaced(use.code)]
    return _ratio(sum(c.tokens for c in counts), sum(c.words for c in counts))


def vocabulary_figure(record: VocabularyRecord, path: str | os.PathLike[str]) -> Path:
    """Draw pieces and fertility by language, original beside Latin; the numbers go to a CSV.

    Args:
        record: The counts.
        path: The PNG to write.

    Returns:
        The path of the PNG.

    Raises:
        RecordError: The path is no PNG, or matplotlib is missing.
    """
    path = png_path(path)
    table = vocabulary_table(record)
    return save(path, _draw(record), [table.header, *table.rows])


@drawing.plain_style()
def _draw(record: VocabularyRecord) -> bytes:
    uses = [*record.languages, record.whole]
    panels: list[tuple[str, Callable[[LanguageUse, str], float | None]]] = [
        ("distinct pieces", lambda use, side: float(getattr(use, side).pieces)),
        ("pieces per word", lambda use, side: _fertility_of(use, record, side)),
    ]
    figure = drawing.new_figure(9.0, 1.6 + 0.42 * len(uses))
    axes = figure.subplots(1, 2, sharey=True)
    sides = (("original", drawing.COLOURS[0]), ("latin", drawing.COLOURS[1]))
    for axis, (title, value) in zip(axes, panels, strict=True):
        for (side, colour), shift in zip(sides, (-0.2, 0.2), strict=True):
            found = [(place, value(use, side)) for place, use in enumerate(uses)]
            axis.barh(
                [place + shift for place, number in found if number is not None],
                [number for _, number in found if number is not None],
                height=0.38,
                color=colour,
                label="transliteration" if side == "latin" else side,
            )
        for place, use in enumerate(uses):
            if value(use, "original") is None:
                axis.text(0, place, " no spaces between words", va="center", color=drawing.GREY)
        axis.set_title(title, fontsize=10.5, color=drawing.INK)
        axis.grid(axis="x", color=drawing.EMPTY)
        axis.set_axisbelow(True)
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.tick_params(length=0, labelcolor=drawing.INK)
    axes[0].set_yticks(range(len(uses)), [use.code for use in uses])
    axes[0].invert_yaxis()
    figure.legend(*axes[0].get_legend_handles_labels(), frameon=False, ncols=2, loc="upper right")
    figure.suptitle(
        f"What text uses of {record.vocabulary:,} pieces",
        x=0.012,
        ha="left",
        fontsize=12,
        weight="bold",
        color=drawing.INK,
    )
    figure.supxlabel(
        f"signature: {record.signature()}", x=0.012, ha="left", fontsize=6.5, color=drawing.GREY
    )
    return drawing.png_bytes(figure)


def _fertility_of(use: LanguageUse, record: VocabularyRecord, side: str) -> float | None:
    return fertility(record.languages if use is record.whole else [use], side)


def _row(use: LanguageUse, parts: list[LanguageUse]) -> tuple[str, ...]:
    both = (use.original, use.latin)
    old, new = both
    texts = [use.code, f"{use.sentences:,}", f"{old.pieces:,}", f"{new.pieces:,}"]
    texts.append(_percent(new.pieces, old.pieces))
    texts += [_number(fertility(parts, side)) for side in ("original", "latin")]
    texts += [_number(_ratio(c.tokens, c.characters)) for c in both]
    texts += [_percent(c.characters - c.uncovered, c.characters, 2) for c in both]
    texts += [_percent(c.unknown, c.tokens, 2) for c in both]
    return tuple(texts)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _percent(part: int, whole: int, decimals: int = 1) -> str:
    return f"{100 * part / whole:.{decimals}f}" if whole else "-"


def _notes(record: VocabularyRecord, with_paper: bool) -> Iterable[str]:
    data = record.data
    yield (
        f"pairs: {data.name}, {data.config}, split {record.split}, {data.rows:,} rows; "
        f"latin / original in %; the pieces of `{record.whole.code}` are distinct over all rows"
    )
    dense = [use.code for use in record.languages if not spaced(use.code)]
    if dense:
        yield (
            f"no pieces per word for {', '.join(dense)}: no spaces between words, in "
            "uroman's output neither; they are no part of the mean"
        )
    if with_paper:
        yield (
            "the paper counts over its own sample of the group, which is not published, and "
            "prints thousands"
        )
