"""Parallel sentences from a TSV: one column a language, one row a meaning.

The first line names the languages (`ell_Grek`, `el`, `pt-BR`); a first column `id` is passed over.
An empty cell means that the language lacks the sentence. Letters that fonts, keyboards and PDFs
left in other forms are folded first, as a build of pairs does; so are those of queries.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from forms import fold_forms

MAX_BYTES = 4_000_000
MAX_SENTENCES = 5_000
_FOLDED = {
    "be": "bel", "ckb": "ckb", "fa": "fas", "my": "mya", "pes": "fas", "ro": "ron", "uk": "ukr",
    "ur": "urd",
}  # fmt: skip
"""Codes that a file may use for languages with steps of their own -> ISO 639-3."""
_CODE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*")
# GREEK SMALL LETTER ALPHA, HANGUL SYLLABLE GA, CJK UNIFIED IDEOGRAPH-4E00, THAI CHARACTER KO KAI
_LETTER = re.compile(
    r"(.+?) (?:CAPITAL |SMALL |UNIFIED |VOWEL |FINAL )*"
    r"(?:LETTER|SYLLABLE|IDEOGRAPH|CHARACTER|SIGN)\b"
)


class CorpusError(ValueError):
    """A file that cannot be searched; the message is one line for its owner."""


class Sentence(NamedTuple):
    """One cell: its row, the column's code, its text, the script of its letters."""

    row: int
    language: str
    text: str
    script: str


@dataclass(frozen=True)
class Corpus:
    """Sentences that are searched, in the order of the file.

    Attributes:
        name: What the choice of corpora shows.
        languages: Codes of the columns.
        sentences: All cells that are not empty.
        folded: How many cells came in other forms of their letters, by step.
    """

    name: str
    languages: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    folded: tuple[tuple[str, int], ...] = ()

    @property
    def scripts(self) -> list[str]:
        """Scripts of the sentences, the most frequent first."""
        return [name for name, _ in Counter(s.script for s in self.sentences).most_common()]

    @cached_property
    def _languages_of_scripts(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for sentence in self.sentences:
            found.setdefault(sentence.script, set()).add(sentence.language)
        return found

    def in_letters(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Read a query in the letters that Unicode has for it.

        Its language is that of the corpus with this script; where there are several, only what
        holds for every language is folded.

        Returns:
            The text, and the names of the steps that changed it.
        """
        codes = self._languages_of_scripts.get(script_of(text), set())
        return in_letters(text, codes.copy().pop() if len(codes) == 1 else None)

    def rows_with(self, text: str) -> set[int]:
        """Rows that hold a text in some language; case and spacing do not count."""
        wanted = fold(text)
        return {s.row for s in self.sentences if fold(s.text) == wanted}


def read_tsv(path: Path, name: str) -> Corpus:
    """Read a parallel TSV.

    Raises:
        CorpusError: If it is too large, no UTF-8, or its lines do not fit the header.
    """
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise CorpusError(f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError("the file is not UTF-8; save it as UTF-8 text") from error
    lines = [
        (number, [" ".join(cell.split()) for cell in line.split("\t")])
        for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1)
        if line.strip()
    ]
    if not lines:
        raise CorpusError("the file is empty; the first line names the language of each column")
    languages = _header(*lines[0])
    sentences = []
    folded: Counter[str] = Counter()
    for row, (number, cells) in enumerate(lines[1:]):
        if len(cells) != len(languages):
            raise CorpusError(
                f"line {number} has {len(cells)} cells, the header has {len(languages)}; cells "
                "are separated by tabs"
            )
        for code, cell in zip(languages, cells, strict=True):
            if code and cell:
                text, steps = in_letters(cell, code)
                folded.update(steps)
                sentences.append(Sentence(row, code, text, script_of(text)))
    if not sentences:
        raise CorpusError("there are no sentences below the first line")
    if len(sentences) > MAX_SENTENCES:
        raise CorpusError(
            f"the file has {len(sentences):,} sentences; at most {MAX_SENTENCES:,} are searched "
            "here: leave rows or columns out"
        )
    named = tuple(filter(None, languages))
    return Corpus(name, named, tuple(sentences), tuple(sorted(folded.items())))


def in_letters(text: str, code: str | None) -> tuple[str, tuple[str, ...]]:
    """Bring a text into the letters that Unicode has for it.

    Args:
        text: Any text.
        code: Of its language, as a file writes it; None where it is not known.

    Returns:
        The text, NFC, and the names of the steps that changed it.
    """
    short = re.split("[_-]", code)[0].lower() if code else None
    return fold_forms(unicodedata.normalize("NFC", text), short and _FOLDED.get(short, short))


def _header(number: int, cells: list[str]) -> list[str]:
    """Check the codes; a first column `id` becomes the empty code."""
    codes = ["" if i == 0 and cell.lower() == "id" else cell for i, cell in enumerate(cells)]
    wrong = [code for i, code in enumerate(codes) if not _CODE.fullmatch(code) and (code or i)]
    if wrong or not any(codes):
        came = f"{wrong[0][:40]!r} is no language code" if wrong else "there is no language"
        raise CorpusError(
            f"line {number}: {came}; the first line names the language of each column, such as "
            "ell_Grek or el, separated by tabs"
        )
    twice = [code for code, count in Counter(codes).items() if count > 1]
    if twice:
        raise CorpusError(f"line {number}: two columns are called {twice[0]}")
    return codes


def fold(text: str) -> str:
    """Give the form under which two texts count as the same."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def _script_of_letter(letter: str) -> str | None:
    match = _LETTER.match(unicodedata.name(letter, ""))
    return match[1].title().replace("Cjk", "Han") if match else None


def script_of(text: str) -> str:
    """Name the script that most letters of a text are of; "Other" where there are none."""
    letters = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c)[0] == "L")
    counts = Counter(name for name in map(_script_of_letter, letters) if name)
    return counts.most_common(1)[0][0] if counts else "Other"
