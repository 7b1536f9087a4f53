"""Shows what a romaniser does to a text: unmapped characters, identity rate, examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ...errors import DataError
from ...languages.groups import resolve_code
from ...reading.arrow import is_saved
from ...reading.names import VREF, file_format, legal_names, why_no_format
from ...reading.recognise import recognise
from ...reading.rows import Columns, Layout
from ...sentences import forms
from ...sentences.filters import FilterOptions, dominant_script, normalise
from ...sentences.split.decision import SPLITTING, choose_splitter
from ...sentences.split.splitter import Splitter
from ...sources.folder import language_of_file
from ...sources.in_folders import code_or_none, documents_layout, files_in_folders, is_document
from ...text_file import name_of
from ...transliterators import Transliterator, get_transliterator
from ...transliterators.base import RomanisationStats, romanise_each
from .look import FIRST, Seen, look, parts_of

__all__ = ["CheckReport", "check"]


@dataclass(frozen=True)
class _Text:
    """What has a report of its own: a file, or the documents of a language's folder.

    Attributes:
        name: As the report calls it.
        path: Of the file, or of the first document.
        language: That of its folder, of its name, or the one that is given; None: its rows tell.
        documents: The files, where each is a document.
    """

    name: str
    path: Path
    language: str | None
    documents: tuple[Path, ...] = ()

    def layout(self, columns: Columns) -> Layout:
        return documents_layout(self.documents) if self.documents else recognise(self.path, columns)


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
        path: A file, or a folder of files or of folders that are named by a language.
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
    if language is not None:
        language = resolve_code(language)
    texts = [_Text(name_of(file), file, language or language_of_file(file)) for file in files]
    texts += [] if one else _in_folders(path)
    if not texts:
        folders = ", ".join(name_of(p) for p in sorted(path.iterdir()) if p.is_dir())[:90]
        none = f"it holds folders alone ({folders})" if folders else "it is empty"
        told = "; ".join(strange[:3]) or f"{none}; legal are {legal_names()}"
        raise DataError(f"{path}: no text file: {told}")
    romaniser = get_transliterator(transliterator, language_code=not paper_compat)
    columns = Columns(text_column)
    splitter = choose_splitter(
        split_sentences,
        name_of(path.resolve()),
        any(text.documents for text in texts) or None,
        _first_texts(texts, columns),
        ready=all(_is_pairs(text, columns) for text in texts),
        longest=FilterOptions().max_chars,
        say=lambda line: others.append(line),
    )
    for text in texts:
        try:
            layout = text.layout(columns)
            for code in _codes(text, layout):
                seen = look(
                    *(text.path, columns, code), fold=fold_forms, splitter=splitter, layout=layout
                )
                seen.name = text.name
                seen.notes += others
                if code is None:
                    seen.notes.append("its name tells no language: --language CODE")
                others.clear()
                asked = (romaniser, limit, examples, fold_forms, splitter)
                yield _check(text.name, code, seen, layout, *asked)
        except DataError as error:
            if len(texts) == 1:
                raise
            # One file must not hide what the others are.
            yield CheckReport(text.name, None, romaniser.signature(), refused=str(error))


def _in_folders(path: Path) -> list[_Text]:
    """List what lies in folders that are named by a language, their documents together."""
    found = []
    for code, files in files_in_folders(path).items():
        for file in files:
            if not is_document(file):
                found.append(_Text(f"{code}/{name_of(file)}", file, code))
        if documents := tuple(file for file in files if is_document(file)):
            found.append(
                _Text(documents[0].relative_to(path).parts[0], documents[0], code, documents)
            )
    return found


def _first_texts(texts: Sequence[_Text], columns: Columns) -> Iterator[str]:
    """Read the first rows of each language, by which a build decides too."""
    read: Counter[str | None] = Counter()
    for text in texts:
        try:
            for row in islice(text.layout(columns).read(), FIRST):
                code = text.language or row.language
                read[code] += 1
                if read[code] <= FIRST:
                    yield row.text or ""
        except DataError:
            continue  # The report of the file says why.


def _is_pairs(text: _Text, columns: Columns) -> bool:
    try:
        return text.layout(columns).is_pairs
    except DataError:
        return False


def _codes(text: _Text, layout: Layout) -> list[str | None]:
    """List the languages of a file: the one that is given, or that of its name, or of its rows."""
    if text.language is None and layout.many_languages:
        tags = {row.language for row in layout.read()}
        return [*sorted(set(filter(None, map(code_or_none, tags))))]
    return [text.language]


def _check(
    name: str,
    language: str | None,
    seen: Seen,
    layout: Layout,
    romaniser: Transliterator,
    limit: int,
    examples: int,
    fold: bool,
    splitter: Splitter | None,
) -> CheckReport:
    report = CheckReport(name, language, romaniser.signature(), seen)
    told = getattr(romaniser, "rules_told", None)
    report.rules = told([language]) if told and language else ""
    longest = FilterOptions().max_chars

    def usable() -> Iterator[str]:
        for row in layout.read():
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
