"""Fill docs/romanised-pieces.md from the records in docs/records/pieces.

    python docs/make_romanised_pieces.py

No number of its tables is typed; tests/documents/test_romanised_pieces.py fills it again and
compares.
"""

from __future__ import annotations

import json
from pathlib import Path

from translit_ppa.hub_cards import Table, to_markdown
from translit_ppa.hub_cards.figures.vocabulary import fertility
from translit_ppa.hub_cards.records.figure_records import LanguageUse, VocabularyRecord
from translit_ppa.hub_cards.records.files import load_records, write_atomically
from translit_ppa.hub_cards.tables.fill_markers import fill

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "romanised-pieces.md"
RECORDS = DOCS / "records" / "pieces"
SPEED = DOCS / "performance" / "encode-new-pieces.json"
NAMES = ("base", "extended")


def records() -> list[VocabularyRecord]:
    """Read what the base and the extended base make of the same text."""
    found = []
    for name in NAMES:
        (record,) = load_records(RECORDS / f"{name}.json", kind="vocabulary")
        assert isinstance(record, VocabularyRecord)
        found.append(record)
    assert found[0].data == found[1].data
    return found


def filled(page: str) -> str:
    """Return the page with its table made anew."""
    base, extended = records()
    page = fill(page, "pieces", to_markdown(_table(base, extended)))
    return fill(page, "speed", to_markdown(_speed()))


def _speed() -> Table:
    """Make the table of what shorter text is worth, from the record of the benchmark."""
    record = json.loads(SPEED.read_text(encoding="utf-8"))
    (row,) = record["rows"]
    times = tuple(f"{row[side]:.2f}" for side in ("authors", "ours"))
    spread = f"{row['ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
    header = (row["what"], "without, ms", "with, ms", "times as fast")
    notes = (
        row["note"],
        f"median and range of {row['rounds']} rounds in turn, {record['settings']['threads']} "
        f"thread; {record['machine']['processor']}; torch {record['libraries']['torch']}; "
        f"v{record['version']}",
    )
    return Table("What shorter text is worth", header, (("CPU time", *times, spread),), notes=notes)


def _table(base: VocabularyRecord, extended: VocabularyRecord) -> Table:
    pairs = list(zip(base.languages, extended.languages, strict=True))
    rows = [_row(*pair, [pair]) for pair in pairs]
    rows.append(_row(base.whole, extended.whole, pairs))
    header = ("language", "pieces per romanised word", "per 100 romanised characters",
              "fewer, %", "pieces of the originals")  # fmt: skip
    notes = (
        f"{base.data.rows:,} sentences; {base.model} has {base.vocabulary:,} pieces, "
        f"{extended.model} {extended.vocabulary:,}; romaniser {base.transliterator}",
        "before -> after; no pieces per word where a script has no spaces between words",
        f"after: `{extended.signature()}`",
    )
    title = f"Pieces of romanised text, {base.model} -> {extended.model}"
    return Table(title, header, tuple(rows), base.signature(), notes)


def _row(
    before: LanguageUse, after: LanguageUse, pairs: list[tuple[LanguageUse, LanguageUse]]
) -> tuple[str, ...]:
    words = [fertility(side, "latin") for side in zip(*pairs, strict=True)]
    signs = [100 * use.latin.tokens / use.latin.characters for use in (before, after)]
    fewer = 100 * (1 - after.latin.tokens / before.latin.tokens)
    told = [f"{word:.2f}" for word in words if word is not None]
    originals = f"{before.original.tokens:,} -> {after.original.tokens:,}"
    return (
        before.code,
        " -> ".join(told) or "-",
        " -> ".join(f"{sign:.1f}" for sign in signs),
        f"{fewer:.1f}",
        originals,
    )


def main() -> None:
    """Write the page."""
    write_atomically(PAGE, filled(PAGE.read_text(encoding="utf-8")).encode())


if __name__ == "__main__":
    main()
