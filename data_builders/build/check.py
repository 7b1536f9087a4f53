"""Shows what a romaniser does to a text: unmapped characters, identity rate, examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ..errors import DataError
from ..languages.groups import resolve_code
from ..reading.arrow import is_saved
from ..reading.names import VREF, file_format, legal_names, why_no_format
from ..reading.recognise import read_rows, recognise
from ..reading.rows import Columns
from ..sentences import forms
from ..sentences.filters import FilterOptions, dominant_script, normalise
from ..sentences.split.decision import SPLITTING, choose_splitter
from ..sentences.split.splitter import Splitter
from ..sources.folder import code_or_none, language_of_file
from ..text_file import name_of
from ..transliterators import Transliterator, get_transliterator
from ..transliterators.base import RomanisationStats, romanise_each
from .door import FIRST, Seen, look, parts_of

__all__ = ["CheckReport", "check"]


@dataclass
class CheckReport:
    """What a romaniser did to one file; `str()` lays it out for a terminal.

    Attributes:
        name: File name.
        seen: What the file was taken for, its first rows, and what is left out; None where it is
            refused.
        language: Code handed to the romaniser, or None.
        romaniser: Its signature.
        scripts: Sentences by dominant script.
        passed_over: Rows that were left out (empty, too long, not UTF-8).
        not_romanised: Sentences that the romaniser cannot do; a build drops them.
        stats: Counts.
        examples: Sentences with their romanisation.
        folded: Sentences in other forms of their letters, by step; see `forms`.
        rules: Which language's rules the romaniser follows, where it says so.
        refused: Why a file of a folder cannot be read; empty where it can.
    """

    name: str
    language: str | None
    romaniser: str
    seen: Seen | None = None
    scripts: Counter[str] = field(default_factory=Counter)
    passed_over: int = 0
    not_romanised: int = 0
    stats: RomanisationStats = field(default_factory=RomanisationStats)
    examples: list[tuple[str, str]] = field(default_factory=list)
    folded: Counter[str] = field(default_factory=Counter)
    rules: str = ""
    refused: str = ""

    def __str__(self) -> str:
        if self.refused:
            return f"{self.name}: refused: {self.refused}"
        scripts = ", ".join(f"{script} {count:,}" for script, count in self.scripts.most_common())
        folded = ", ".join(f"{step} {count:,}" for step, count in sorted(self.folded.items()))
        lines = [
            str(self.seen),
            f"{self.name} ({self.language or 'language unknown'}, {self.romaniser})",
            *([f"  {self.rules}"] if self.rules else []),
            f"  sentences            {self.stats.sentences:,} ({scripts or 'none'}), "
            f"{self.passed_over:,} passed over, {self.not_romanised:,} not romanised",
            *([f"  folded forms         {folded}"] if folded else []),
            f"  identity rate        {100 * self.stats.identity_rate:.1f} %",
            f"  unmapped characters  {self.stats.unmapped.total():,}",
        ]
        lines += [
            f"    U+{ord(char):04X} {char}  {count:,}" for char, count in self.stats.top().items()
        ]
        lines += [f"  {text}\n    -> {latin}" for text, latin in self.examples]
        return "\n".join(lines)


def check(
    path: str | Path,
    *,
    language: str | None = None,
    transliterator: str = "uroman",
    paper_compat: bool = False,
    text_column: str | None = None,
    limit: int = 1000,
    examples: int = 3,
    fold_forms: bool = True,
    split_sentences: str = SPLITTING[0],
) -> Iterator[CheckReport]:
    """Romanise the text of a file, or of every text file of a folder, and count.

    Args:
        path: A file, or a folder.
        language: Code of the language; None reads it from the file name.
        transliterator: `uroman`, `identity` or `module:function`.
        paper_compat: No language code for the romaniser.
        text_column: Column of the text, by name or by position from 0.
        limit: Sentences per file, 0 for all.
        examples: Examples per file, spread evenly.
        fold_forms: Fold other forms of letters, as a build does.
        split_sentences: Whether rows are split into sentences, as for a build.

    Yields:
        One report per file.

    Raises:
        DataError: Nothing to read, or a wrong option.
    """
    path = Path(path)
    if limit < 0 or examples < 0:
        raise DataError(f"limit {limit}, examples {examples}; legal is 0 or more")
    if not path.exists():
        raise DataError(f"no file or folder {path}; legal is a text file or a folder of them")
    one = path.is_file() or is_saved(path)
    inside = [path] if one else [p for p in sorted(path.iterdir()) if p.is_file() or is_saved(p)]
    inside = [p for p in inside if one or (not p.name.startswith(".") and p.name != VREF)]
    files = [file for file in inside if file_format(file) or is_saved(file)]
    strange = [f"{name_of(p)}: {why_no_format(p)}" for p in inside if p not in files]
    others = [f"passed over: {told}" for told in strange]
    if not files:
        told = "; ".join(strange[:3]) or f"it is empty; legal are {legal_names()}"
        raise DataError(f"{path}: no text file: {told}")
    if language is not None:
        language = resolve_code(language)
    romaniser = get_transliterator(transliterator, language_code=not paper_compat)
    columns = Columns(text_column)
    splitter = choose_splitter(
        split_sentences,
        name_of(path.resolve()),
        None,
        _first_texts(files, columns, language),
        ready=all(_is_pairs(file, columns) for file in files),
        longest=FilterOptions().max_chars,
        say=lambda line: others.append(line),
    )
    for file in files:
        try:
            for code in _codes(file, language, columns):
                seen = look(file, columns, code, fold=fold_forms, splitter=splitter)
                seen.notes += others
                if code is None:
                    seen.notes.append("its name tells no language: --language CODE")
                others.clear()
                asked = (romaniser, columns, limit, examples, fold_forms, splitter)
                yield _check_file(file, code, seen, *asked)
        except DataError as error:
            if len(files) == 1:
                raise
            # One file must not hide what the others are.
            yield CheckReport(name_of(file), None, romaniser.signature(), refused=str(error))


def _first_texts(files: Sequence[Path], columns: Columns, language: str | None) -> Iterator[str]:
    """Read the first rows of each language, by which a build decides too."""
    read: Counter[str | None] = Counter()
    for file in files:
        named = language or language_of_file(file)
        try:
            for row in islice(read_rows(file, columns), FIRST):
                code = named or row.language
                read[code] += 1
                if read[code] <= FIRST:
                    yield row.text or ""
        except DataError:
            continue  # The report of the file says why.


def _is_pairs(file: Path, columns: Columns) -> bool:
    try:
        return recognise(file, columns).is_pairs
    except DataError:
        return False


def _codes(file: Path, language: str | None, columns: Columns) -> list[str | None]:
    """List the languages of a file: the one that is given, or that of its name, or of its rows."""
    code = language or language_of_file(file)
    if code is None and recognise(file, columns).many_languages:
        tags = {row.language for row in read_rows(file, columns)}
        return [*sorted(set(filter(None, map(code_or_none, tags))))]
    return [code]


def _check_file(
    path: Path,
    language: str | None,
    seen: Seen,
    romaniser: Transliterator,
    columns: Columns,
    limit: int,
    examples: int,
    fold: bool,
    splitter: Splitter | None,
) -> CheckReport:
    report = CheckReport(path.name, language, romaniser.signature(), seen)
    told = getattr(romaniser, "rules_told", None)
    report.rules = told([language]) if told and language else ""
    longest = FilterOptions().max_chars

    def usable() -> Iterator[str]:
        for row in read_rows(path, columns):
            if row.language is not None and language and code_or_none(row.language) != language:
                continue
            for part in parts_of(row, language, splitter):
                text = "" if part.drop else normalise(part.text or "")
                if fold:
                    text, steps = forms.fold_forms(text, (language or "mul").partition("_")[0])
                    report.folded.update(steps)
                broken = any("\ud800" <= char <= "\udfff" for char in text)
                if 0 < len(text) <= longest and not broken:
                    yield text
                else:
                    report.passed_over += 1

    texts = list(islice(usable(), limit or None))
    done = romanise_each(romaniser, texts, language)
    pairs = [(text, latin) for text, latin in zip(texts, done, strict=True) if latin is not None]
    report.not_romanised = len(texts) - len(pairs)
    texts = [text for text, _ in pairs]
    report.stats.add(texts, [latin for _, latin in pairs])
    report.scripts.update(dominant_script(text) for text in texts)
    step = max(1, len(texts) // examples) if examples else 1
    report.examples = pairs[::step][:examples]
    return report
