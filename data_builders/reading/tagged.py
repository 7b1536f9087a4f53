"""Words with a tag each, in the layouts in which they are released.

In: a word a line and a blank line between sentences. Out: sentences of words and tags.
CoNLL-2003 and CoNLL-2002 split cells by blanks and end with the entity, as does MultiCoNER, with
two signs between; GermEval 2014, Universal NER and WikiNEuRal number the words, and the (outer)
entity follows the word; WikiANN (PAN-X) writes the language before each word; MasakhaNER splits
word and tag by a blank; KLUE tags characters, and the blanks between words too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError
from .lines import read_lines

__all__ = ["Tagged", "read_tagged", "to_iob2"]

_NUMBER = re.compile("[0-9]{1,4}")
_ENTITY = re.compile(r"O|[BI]-\S+")
_COMMENT = re.compile(
    r"#( \S+( id)? = .*| new(doc|par)"  # CoNLL-U
    r"| id \S+(\s+domain=\S+)?\s*|DOCSTART\s*"  # MultiCoNER, WikiNEuRal
    r"|\t.*\]\s*"  # GermEval: a tab, the source, its date in brackets
    r"|# (?!(O|[BI]-\S+)\s*$).*)",  # KLUE: `## `, then anything
    re.DOTALL,
)
"""`#` and `##` may also be words."""
_MOST_WORDS = 2000
"""Of a sentence. Without a limit, a file that parts none would be one, and be cut."""
_HEADER = re.compile(r"(tokens?|words?|text)\s+(tags?|labels?|ner(_tags?)?|entity)", re.IGNORECASE)
_CONLL = {
    3: "token, part of speech, entity (CoNLL-2002)",
    4: "token, part of speech, chunk, entity (CoNLL-2003)",
    5: "token, lemma, part of speech, chunk, entity (CoNLL-2003, German)",
}
"""Columns by their number; the entity is the last."""
_NUMBERED = {
    3: "number, token, entity (WikiNEuRal)",
    4: "number, token, outer, inner entity (GermEval 2014)",
    5: "number, token, tag, -, annotator (Universal NER)",
}
"""The same where words are numbered; the entity is the third."""
_BEGIN, _INSIDE = ("U", "S"), ("L", "E", "M")
"""How BILOU and BMES call the only word of an entity, and its further ones."""


@dataclass(frozen=True)
class Tagged:
    """A tagged file.

    Attributes:
        form: The layout that it was taken for, in words.
        words: Words of each sentence, at least one.
        tags: Tags of each sentence, as many as words.
        left_out: Lines that are no words, by what they are.
    """

    form: str
    words: list[list[str]]
    tags: list[list[str]]
    left_out: dict[str, int]


@dataclass(frozen=True)
class _Cells:
    """How the lines of a file are split, and where word and tag are."""

    form: str
    word: int
    tag: int
    width: int
    split: Callable[[str], list[str]]


def read_tagged(path: Path, name: str) -> Tagged:
    """Read a tagged file.

    Args:
        path: Plain or packed.
        name: The benchmark, for messages.

    Returns:
        At least one sentence.

    Raises:
        DataError: The columns are none that are known, a line has another number of them, or there
            is no sentence.
    """
    lines = read_lines(path)
    left_out: dict[str, int] = {}
    kept: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        what = "names of columns" if number == 1 and _HEADER.fullmatch(line) else _no_word(line)
        if what:
            left_out[what] = left_out.get(what, 0) + 1
        # A document starts a sentence; a comment stands between two.
        kept.append((number, "" if what else line))
    cells = _cells([line for _, line in kept if line.strip()], f"{name}: {path}")
    words: list[list[str]] = [[]]
    tags: list[list[str]] = [[]]
    for number, line in kept:
        if not line.strip():
            words.append([])
            tags.append([])
            continue
        found = cells.split(line)
        while len(found) > cells.width and not found[-1]:
            found.pop()  # GermEval 2014 ends a line with a tab that stands before nothing.
        if len(found) != cells.width or not found[cells.word]:
            raise DataError(
                f"{name}: {path}, line {number}: legal is {cells.form}, {cells.width} cells in "
                f"every line, not {len(found) if all(found) else 'an empty one'}"
            )
        if not found[cells.word].strip():
            left_out["blanks"] = left_out.get("blanks", 0) + 1
            continue
        if len(words[-1]) == _MOST_WORDS:
            raise DataError(
                f"{name}: {path}, line {number}: a sentence of more than {_MOST_WORDS:,} words; a "
                "blank line parts two sentences"
            )
        words[-1].append(found[cells.word])
        tags[-1].append(found[cells.tag].strip())
    words, tags = [w for w in words if w], [t for t in tags if t]
    return Tagged(cells.form, _without_language(words), tags, left_out)


def _no_word(line: str) -> str:
    if line.startswith("-DOCSTART-"):
        return "-DOCSTART-"
    return "comments" if _COMMENT.fullmatch(line) else ""


def _cells(lines: Sequence[str], where: str) -> _Cells:
    """Find out how lines are split, by the first one of the width that most of them have."""
    if not lines:
        raise DataError(f"{where} has no sentence; legal: token<TAB>tag lines")
    lines = [line.rstrip("\t") for line in lines]
    tabs = Counter(line.count("\t") for line in lines).most_common(1)[0][0]
    first = next(line for line in lines if line.count("\t") == tabs).split("\t")
    if len(first) == 2:
        return _Cells("token, a tab, and its tag", 0, 1, 2, _by_tabs)
    if len(first) == 1:
        return _by_blanks(lines, where)
    numbers = all(_NUMBER.fullmatch(line.partition("\t")[0]) for line in lines)
    if numbers and len(first) in _NUMBERED:
        return _Cells(_NUMBERED[len(first)], 1, 2, len(first), _by_tabs)
    return _conll(lines, first, _by_tabs, where)


def _by_blanks(lines: Sequence[str], where: str) -> _Cells:
    first = _split_blanks(lines[0])
    if len(first) == 2:
        return _Cells("token, a blank, and its tag", 0, 1, 2, _split_blanks)
    if len(first) == 1:
        raise DataError(f"{where}, line 1: legal is token, a tab, and its tag")
    return _conll(lines, first, _split_blanks, where)


def _conll(
    lines: Sequence[str], first: Sequence[str], split: Callable[[str], list[str]], where: str
) -> _Cells:
    width = len(first)
    if width in _CONLL and all(_ENTITY.fullmatch(split(line)[-1].strip()) for line in lines):
        return _Cells(_CONLL[width], 0, width - 1, width, split)
    raise _unknown(first, where)


def _by_tabs(line: str) -> list[str]:
    return line.split("\t")


def _split_blanks(line: str) -> list[str]:
    return line.rstrip().split(" ")


def _unknown(cells: Sequence[str], where: str) -> DataError:
    shown = " | ".join(cell[:20] for cell in cells[:6])
    return DataError(
        f"{where}: {len(cells)} columns ({shown}) are no layout known here; legal are token and "
        "tag, CoNLL-2002 (3), CoNLL-2003 (4, German 5), GermEval 2014 (4) and Universal NER (5); "
        "keep the two columns of token and tag: cut -f"
    )


def _without_language(words: list[list[str]]) -> list[list[str]]:
    """Take off the language that PAN-X writes before each token."""
    starts = {token.partition(":")[0] if ":" in token else "" for w in words for token in w}
    if len(starts) == 1 and (start := starts.pop()):
        return [[token.removeprefix(f"{start}:") or ":" for token in w] for w in words]
    return words


def to_iob2(tags: Sequence[str]) -> list[str]:
    """Write tags as IOB2 does: `B-` begins an entity, `I-` goes on with it.

    CoNLL-2003 was released in IOB1, which begins with `I-` where nothing else is meant; BILOU and
    BMES also say which word is the last or the only one.

    Args:
        tags: Tags of a sentence.

    Returns:
        The same entities.
    """
    before = "O"
    done = []
    for place, _, kind in (tag.partition("-") for tag in tags):
        place = "B" if place in _BEGIN and kind else "I" if place in _INSIDE and kind else place
        tag = f"{place}-{kind}" if kind else place
        goes_on = before[2:] == tag[2:] and before != "O"
        done.append(f"B-{tag[2:]}" if tag.startswith("I-") and not goes_on else tag)
        before = tag
    return done
