r"""Layouts of corpora as they are released, recognised by their first lines.

The Parallel Bible Corpus: lines of `# key: value`, then `BBCCCVVV<TAB>verse`. eBible: a verse a
line in the order of `vref.txt`, `<range>` where it is merged with the one before. Leipzig:
`number<TAB>sentence`. Tatoeba: `number<TAB>language<TAB>sentence`, `\N` for nothing. Dakshina's
lexicons: `word<TAB>romanisation<TAB>count`, and its sentences, `native<TAB>romanised`. Tanzil, the
Quran: `sura|aya|text`. The Universal Declaration of Human Rights: a few lines, `---`, the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ...errors import DataError
from ...text_file import name_of
from ..lines import Head, iter_lines, read_lines
from ..names import VREF
from ..positions import use_of
from ..rows import RANGE, Columns, Layout, Row, Use
from ..tables import Dialect, iter_cells, pick
from .lexicons import word_column

__all__ = ["BOOKS", "plain_lines", "released"]

BOOKS = (
    "GEN EXO LEV NUM DEU JOS JDG RUT 1SA 2SA 1KI 2KI 1CH 2CH EZR NEH EST JOB PSA PRO ECC SNG ISA "
    "JER LAM EZK DAN HOS JOL AMO OBA JON MIC NAM HAB ZEP HAG ZEC MAL MAT MRK LUK JHN ACT ROM 1CO "
    "2CO GAL EPH PHP COL 1TH 2TH 1TI 2TI TIT PHM HEB JAS 1PE 2PE 1JN 2JN 3JN JUD REV"
).split()
"""The books in the order of the Parallel Bible Corpus, as USFM and eBible name them."""

_RANGE = "<range>"
_VERSE = re.compile("([0-9]{7,8})\t.*", re.DOTALL)
_REFERENCE = re.compile("([0-9A-Z]{3}) ([0-9]{1,3}):([0-9]{1,3})")
_NUMBERED = re.compile("[0-9]{1,9}\t[^\t]*")
_EXPORT = re.compile(r"[0-9]{1,10}\t([a-z]{2,4}(_[a-z]+)?|\\N)\t[^\t]*(\t[^\t]*){0,3}")
_SCRIPT = re.compile("[A-Z][a-z]{3}")
_AYA = re.compile(r"([0-9]{1,3})\|([0-9]{1,3})\|(.*)", re.DOTALL)
_DECLARATION = "Universal Declaration of Human Rights - "
_RULE = "---"
_MARKUP = re.compile(
    r"</?[A-Za-z][A-Za-z0-9]*(\s[^<>]*)?/?>"  # WikiExtractor's <doc ...>, Europarl's <CHAPTER ID=1>
    r"|<(url|keywords|speaker|talkid|title|description|reviewer|translator)\b[^<>]*>.*"  # IWSLT
)
_ATTESTED = re.compile("([^\t]+)\t([^\t]+)\t[0-9]{1,8}")
_LEIPZIG = "numbered sentences, as Leipzig releases them"
_NO_CELL = r"\N"
_TABS = Dialect("\t", quoted=False)


def released(path: Path, head: Head, columns: Columns) -> Layout | None:
    """Lay out a file in one of the layouts, or say that it is in none of them.

    Args:
        path: A text file.
        head: Its start.
        columns: What is asked for; named columns are a statement of one's own about the file.

    Returns:
        The layout, or None.

    Raises:
        DataError: Most lines are verses, and some are something else.
    """
    lines = head.filled
    if not lines:
        return None
    verses = _verses(path, head, columns)
    if verses or columns.text is not None or columns.transliteration is not None:
        return verses
    rows = _all(_EXPORT, lines)
    if rows and len({line.count("\t") for line in lines}) == 1:
        if all(_SCRIPT.fullmatch(line.split("\t")[2]) for line in lines):
            raise DataError(
                f"{name_of(path)} holds Tatoeba's transcriptions, no sentences; give sentences.csv"
            )
        return _tabs(
            path,
            head,
            "sentences of many languages, as Tatoeba exports them",
            lines[0].count("\t") + 1,
            Use(text=2, id=0, language=1),
            _without_nothing,
            (rf"rows with {_NO_CELL} in place of language or sentence",),
        )
    if ayas := _ayas(path, head):
        return ayas
    cells = [line.split("\t") for line in lines]
    paired = all(len(row) == 2 for row in cells)
    if ".romanized." in path.name and paired and word_column(cells) == 0:
        use = Use(text=0, transliteration=1)
        form = "sentences and their romanisation, as Dakshina releases them"
        return _tabs(path, head, form, 2, use)
    if _all(_ATTESTED, lines) and (word := word_column(cells)) is not None:
        order = ("word, romanisation, count", "romanisation, word, count")[word]
        use = Use(text=word, transliteration=1 - word, attested=2)
        return _tabs(path, head, f"a romanisation lexicon: {order}", 3, use)
    if path.name.lower().partition(".")[2].startswith("txt") and _most(_NUMBERED, lines):
        use = Use(text=1, id=0)
        return _tabs(path, head, _LEIPZIG, 2, use)
    return None


def _all(pattern: re.Pattern[str], lines: Sequence[str]) -> bool:
    return all(map(pattern.fullmatch, lines))


def _most(pattern: re.Pattern[str], lines: Sequence[str]) -> bool:
    """Tell whether nine in ten match: a line of its own is then left out, and counted."""
    return sum(bool(pattern.fullmatch(line)) for line in lines) * 10 >= len(lines) * 9


def _ayas(path: Path, head: Head) -> Layout | None:
    """Lay out the Quran as Tanzil gives it; its terms of use follow behind `#`."""
    lines = [line for line in head.filled if not line.startswith("#")]
    if not lines or not _all(_AYA, lines):
        return None

    def read() -> Iterator[Row]:
        for number, line in enumerate(iter_lines(path), 1):
            if not line.strip() or line.startswith("#"):
                continue
            if not (match := _AYA.fullmatch(line)):
                raise DataError(
                    f"{name_of(path)}, line {number}: legal is SURA|AYA|text, as in its other lines"
                )
            yield Row(f"{match[1]}:{match[2]}", match[3])

    form = "the Quran with its numbers, as Tanzil gives it"
    use = Use(text=1, id=0)
    notes = ("lines that begin with #",)
    return Layout(path, form, head.encoding, ("id", "text"), 2, use, read, notes)


def _tabs(
    path: Path,
    head: Head,
    form: str,
    width: int,
    use: Use,
    finish: Callable[[Iterator[Row]], Iterator[Row]] = iter,
    notes: tuple[str, ...] = (),
) -> Layout:
    def read() -> Iterator[Row]:
        cells = iter_cells(path, _TABS)
        if form == _LEIPZIG:  # A line of its own, longer or shorter, misses its cells.
            cells = ((number, row if len(row) == width else row[:1]) for number, row in cells)
        yield from finish(pick(cells, path, width, use, False))

    return Layout(path, form, head.encoding, (), width, use, read, notes)


def _without_nothing(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        if row.text == _NO_CELL:
            yield row._replace(text=None)
        elif row.language == _NO_CELL:
            yield row._replace(drop="no_language", language=None)
        else:
            yield row


def _verses(path: Path, head: Head, columns: Columns) -> Layout | None:
    lines = [line for line in head.filled if not line.startswith("#")]
    found = sum(bool(_VERSE.fullmatch(line)) for line in lines)
    comments = len(head.filled) - len(lines)
    if not found or found * 2 < len(lines) or (comments and found < len(lines)):
        if comments and any(line.startswith("# language_name:") for line in head.filled):
            raise DataError(
                f"{name_of(path)} begins as the Parallel Bible Corpus and has other lines than "
                "BBCCCVVV, a tab and the verse"
            )
        return None
    if found < len(lines) and columns.text is not None:
        return None  # A table that begins with names, of which one was given.
    use = use_of(("id", "text"), path, columns, True)

    def read() -> Iterator[Row]:
        for number, line in enumerate(iter_lines(path), 1):
            if line.startswith("#"):
                continue
            verse, tab, text = line.partition("\t")
            if line.strip() and not (tab and _VERSE.fullmatch(line)):
                raise DataError(
                    f"{name_of(path)}, line {number}: legal is BBCCCVVV, a tab and the verse, as "
                    "in its other lines"
                )
            cells = (verse.zfill(8), text)
            yield Row(verse.zfill(8) if use.id is not None and verse else None, cells[use.text])

    notes = ("lines that begin with #",) * bool(comments)
    form = "verses with their numbers, as in the Parallel Bible Corpus"
    return Layout(path, form, head.encoding, ("id", "text"), 2, use, read, notes)


def plain_lines(path: Path, head: Head, columns: Columns) -> Layout:
    """Lay out a file of one sentence a line; `<range>` is none.

    Args:
        path: A text file.
        head: Its start.
        columns: What is asked for.

    Returns:
        The layout; beside a `vref.txt` with as many lines, verses have its numbers as ids.

    Raises:
        DataError: Ids or a column are asked for that lines do not have.
    """
    ids = _references(path) if columns.ids_if_any else None
    use = use_of(("",), path, columns, False) if ids is None else Use(text=0, id=0)
    declaration = bool(head.lines) and head.lines[0].startswith(_DECLARATION)
    top = head.lines.index(_RULE) + 1 if declaration and _RULE in head.lines else 0

    def read() -> Iterator[Row]:
        count = 0
        for line in iter_lines(path):
            told = ids[count] if ids is not None and count < len(ids) else None
            count += 1
            yield Row(told, line, drop="header" if count <= top else _no_text(line))
        if ids is not None and count != len(ids):
            raise DataError(
                f"{name_of(path)} has {count} lines and {VREF} beside it {len(ids)}; one of them "
                "is cut short"
            )

    verses = ids is not None or _RANGE in head.lines or path.with_name(VREF).is_file()
    form = "a verse a line, as eBible releases them" if verses else "one sentence a line"
    notes = (f"lines {_RANGE}: merged with the verse before",) * verses
    notes += (f"the lines above {_RULE}, which are about the text",) * bool(top)
    notes += ("lines that are a tag, such as <doc>",) * any(map(_is_markup, head.lines))
    notes += ("tabs, which count as blanks",) * any("\t" in line.strip() for line in head.filled)
    return Layout(path, form, head.encoding, (), 1, use, read, notes)


def _no_text(line: str) -> str | None:
    """Say why a line is no sentence, or None."""
    if not line.lstrip().startswith("<"):
        return None
    return RANGE if line.strip() == _RANGE else "markup" if _is_markup(line) else None


def _is_markup(line: str) -> bool:
    return line.strip() != _RANGE and bool(_MARKUP.fullmatch(line.strip()))


def _references(path: Path) -> list[str] | None:
    """Read the numbers BBCCCVVV of lines from the `vref.txt` beside a file, if there is one."""
    beside = path.with_name(VREF)
    if path.name == VREF or not beside.is_file():
        return None
    found = []
    for number, line in enumerate(read_lines(beside), 1):
        match = _REFERENCE.fullmatch(line.strip())
        if not match:
            raise DataError(f"{beside}, line {number}: legal are references such as GEN 1:1")
        # Books outside the canon that both sides number keep their name: they match each other.
        book = f"{BOOKS.index(match[1]) + 1:02d}" if match[1] in BOOKS else match[1]
        found.append(f"{book}{int(match[2]):03d}{int(match[3]):03d}")
    return found
