"""What is seen of a file before it is used: its format, its language, the first rows, the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ...languages.groups import Language
from ...reading.recognise import recognise
from ...reading.rows import Columns, Layout, Row
from ...reading.tagged import read_tagged, to_iob2
from ...sentences.filters import FilterOptions, dominant_script, normalise, script_share
from ...sentences.forms import fold_forms
from ...sentences.split.splitter import Splitter
from ...sources.base import Source
from ...sources.files import FilesSource
from ...sources.in_folders import code_or_none
from ...text_file import name_of

__all__ = [
    "FIRST",
    "Seen",
    "first_texts",
    "look",
    "look_at_source",
    "parts_of",
    "tagged_seen",
]

_ROWS, _FEWEST = 1000, 100
"""Rows with text that are looked at, of a language and at least of each of its files; of documents
it is sentences. Whole files are counted by the build."""
_SHOWN = 3
FIRST = 100
"""Texts of a language by which it is judged whether rows are documents."""
_WIDTH = 90


@dataclass
class Seen:
    """What was seen of one file; `str()` lays it out for a terminal.

    Attributes:
        name: Name of the file.
        language: Its language, None where it is not known.
        layout: What the file is taken for; None for a tagged file, which says it in `form`.
        form: The format, the encoding and the columns, in words.
        scripts: Rows by the script of most of their letters.
        shown: The first rows, as they are used.
        left_out: Rows that are left out, by reason.
        notes: What else is left out, and what looks wrong.
        rows: How many rows, or sentences of documents, were looked at.
        unit: Which of both.
    """

    name: str
    language: str | None
    layout: Layout | None
    form: str
    scripts: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    rows: int = 0
    unit: str = "rows"

    def __str__(self) -> str:
        total = self.scripts.total()
        told = ", ".join(f"{s} {100 * n / total:.0f} %" for s, n in self.scripts.most_common(3))
        lines = [
            f"{self.name}: {self.language or 'language unknown'} ({told or 'no text'}); {self.form}"
        ]
        lines += [
            f"    {row if len(row) <= _WIDTH else row[:_WIDTH] + ' ...'}" for row in self.shown
        ]
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in self.left_out.most_common())
        if reasons:
            lines.append(f"  left out of the first {self.rows:,} {self.unit}: {reasons}")
        lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)


def look(
    path: Path,
    columns: Columns,
    language: str | None,
    *,
    fold: bool = False,
    splitter: Splitter | None = None,
    layout: Layout | None = None,
    most: int = _ROWS,
) -> Seen:
    """Look at the first rows of a file.

    Args:
        path: The file.
        columns: What is read.
        language: Code of the language, None where it is not known.
        fold: Whether other forms of letters are folded before a row is used.
        splitter: What makes sentences of rows; None takes them as they are.
        layout: What the file is; None finds it out.
        most: Rows with text, or sentences of documents, that are looked at.

    Returns:
        What was seen.

    Raises:
        DataError: The file is neither one format nor another.
    """
    layout = layout or recognise(path, columns)
    form = f"{layout.form}; {layout.encoding}; {layout.columns_told()}"
    seen = Seen(name_of(path), language, layout, form)
    seen.notes += [f"left out: {note}" for note in layout.notes]
    seen.unit = "sentences" if splitter else "rows"
    others: Counter[str] = Counter()
    with closing(layout.read()) as rows:  # type: ignore[type-var]
        looked_at = 0
        for row in rows:
            parts: Sequence[Row] = (row,)
            if row.language is not None and language and code_or_none(row.language) != language:
                others[row.language] += 1
            else:
                parts = parts_of(row, language, splitter)
                for part in parts:
                    seen.rows += 1
                    _add(seen, part, fold)
            # Blank lines do not count: a New Testament of eBible begins with 23,213 of them.
            looked_at += len(parts) if row.text else 0
            if looked_at >= most:
                break
    if others:
        told = ", ".join(f"{tag} {count:,}" for tag, count in others.most_common(5))
        seen.notes.append(f"rows of other languages, which are theirs: {told}")
    _suspect(seen)
    return seen


def parts_of(row: Row, language: str | None, splitter: Splitter | None) -> Sequence[Row]:
    """Give the sentences of a row; one that holds none stays, and is left out with its reason."""
    if splitter is None or not row.text:
        return (row,)
    pieces = splitter.split(row.text, language and language.partition("_")[0])
    return [row._replace(text=row.text[a:b]) for a, b, _ in pieces] or (row,)


def _add(seen: Seen, row: Row, fold: bool) -> None:
    text = normalise(row.text or "")
    if fold:
        text, _ = fold_forms(text, (seen.language or "mul").partition("_")[0])
    script = None if seen.language is None else seen.language.partition("_")[2]
    reason = _reason(row, text, script)
    if (text and not reason) or reason == "wrong_script":
        seen.scripts[dominant_script(text)] += 1
    if reason:
        seen.left_out[reason] += 1
    elif len(seen.shown) < _SHOWN:
        before = f"[{row.id}] " if row.id is not None else ""
        after = f" -> {normalise(row.transliteration)}" if row.transliteration is not None else ""
        seen.shown.append(f"{before}{text}{after}")


def _reason(row: Row, text: str, script: str | None) -> str | None:
    """Say why a build drops a row, duplicates and benchmarks aside."""
    limits = FilterOptions()
    if row.drop or row.missing or row.text is None:
        return row.drop or ("missing_column" if row.missing else "null")
    if not text:
        return "empty"
    if any("\ud800" <= char <= "\udfff" for char in text):
        return "invalid_unicode"
    if len(text) > limits.max_chars:
        return "too_long"
    share = script_share(text, script or "Latn")
    if share is None:
        return "no_letters"
    known = script not in (None, "Zyyy")
    return "wrong_script" if known and share < limits.min_script_share else None


def _suspect(seen: Seen) -> None:
    """Say where a name and a text do not go together."""
    wrong, total = seen.left_out["wrong_script"], seen.scripts.total()
    if seen.language and total and wrong * 2 > total:
        script = seen.scripts.most_common(1)[0][0]
        seen.notes.append(
            f"is {seen.language} right? {100 * wrong / total:.0f} % of its rows are in another "
            f"script, most of them in {script}; rename the file, or leave it out"
        )


def look_at_source(
    source: FilesSource,
    codes: Sequence[str],
    *,
    fold: bool = False,
    splitter: Splitter | None = None,
) -> list[str]:
    """Look at all files that a build uses.

    Args:
        source: The files.
        codes: The languages built.
        fold: Whether the build folds other forms of letters.
        splitter: What makes sentences of rows; None takes them as they are.

    Returns:
        Lines: each file, what is passed over and why, and what looks wrong in the folder.

    Raises:
        DataError: A file is neither one format nor another.
    """
    lines = []
    forms: dict[str, list[str]] = {}
    for code in codes:
        paths = source.paths(code)
        documents = [path for path in paths if path in source.found.whole]
        most = max(_FEWEST, _ROWS // max(1, len(paths)))
        for path in [path for path in paths if path not in documents] + documents[:1]:
            named = None if code.startswith("mul_") else code
            layout = source.found.layout(path, source.columns_read)
            seen = look(
                *(path, source.columns_read, named),
                fold=fold,
                splitter=splitter,
                layout=layout,
                most=most,
            )
            lines.append(str(seen))
            forms.setdefault(layout.form, []).append(source.found.name(path))
        if len(paths) > 1:
            told = ", ".join(map(source.found.name, paths[:20])) + " ..." * (len(paths) > 20)
            lines.append(f"{code} has {len(paths)} files, which are read one after another: {told}")
    if len(forms) > 1:
        told = "; ".join(f"{form}: {', '.join(names[:3])}" for form, names in forms.items())
        lines.append(f"the files are of {len(forms)} formats: {told}")
    lines += [f"passed over: {name}: {why}" for name, why in source.why_skipped(codes).items()]
    return lines


def first_texts(source: Source, languages: Sequence[Language]) -> Iterator[str]:
    """Read the first rows of each language of any source.

    Args:
        source: Where they come from.
        languages: Those that it has.

    Yields:
        Texts, at most 100 of a language.
    """
    for language in languages:
        with closing(source.sentences(language)) as rows:  # type: ignore[type-var]
            yield from (row.text or "" for row in islice(rows, FIRST))


def tagged_seen(path: Path, language: str, name: str) -> Seen:
    """Look at a tagged file.

    Args:
        path: The file.
        language: Code of the language.
        name: The benchmark, for messages.

    Returns:
        What was seen.

    Raises:
        DataError: Its columns are none that are known.
    """
    found = read_tagged(path, name)
    seen = Seen(f"{path.parent.name}/{name_of(path)}", language, None, f"{found.form}; UTF-8")
    texts = [" ".join(words) for words in found.words[:_ROWS]]
    seen.rows = len(texts)
    seen.scripts.update(map(dominant_script, texts))
    for words, tags in islice(zip(found.words, found.tags, strict=True), _SHOWN):
        told = (w if t == "O" else f"{w}/{t}" for w, t in zip(words, tags, strict=True))
        seen.shown.append(" ".join(told))
    seen.notes += [f"left out: {what}, {count:,}" for what, count in found.left_out.items()]
    if other := sum(to_iob2(tags) != tags for tags in found.tags):
        seen.notes.append(f"tags of {other:,} sentences are written as IOB2 writes them")
    return seen
