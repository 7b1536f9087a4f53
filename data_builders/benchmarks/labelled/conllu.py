"""CoNLL-U: reading sentences, and making one word of a fused token.

In: a `.conllu` file, plain or `.gz`. Out: tokens as they stand, and `(form, tag)` per word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ...errors import DataError
from ...reading.lines import read_lines

UPOS = tuple(
    "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split()
)
"""The universal tags, alphabetical."""

PRECEDENCE = "VERB NOUN PROPN PRON ADJ NUM ADV INTJ AUX ADP DET PART CCONJ SCONJ X PUNCT".split()
"""Whose tag a fused token gets when several of its words stand equally high in the tree."""

MOST_WORDS = 9999
MOST_FUSED = 100
"""Words of a sentence, and of a fused token; treebanks have some hundreds, and five."""
_ID = re.compile("([0-9]{1,4})(?:-([0-9]{1,4})|([.][0-9]{1,4}))?")
NUMBER = re.compile("[0-9]{1,4}")


@dataclass(frozen=True)
class Token:
    """A line of CoNLL-U: `3` is a word, `3-4` a fused token."""

    id: str
    form: str
    upos: str
    head: int


def read_conllu(path: Path) -> list[list[Token]]:
    """Read the sentences of a file; empty nodes (`3.1`) are left out.

    Args:
        path: Plain or `.gz`.

    Returns:
        Tokens by sentence.

    Raises:
        DataError: A line has not ten columns, its id is none, or it names words that are not there.
    """
    sentences: list[list[Token]] = [[]]
    number = 0
    for number, line in enumerate(read_lines(path), 1):
        if not line.strip():
            _require_words(sentences[-1], path, number)
            sentences.append([])
            continue
        if line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 10:
            raise DataError(f"pos: {path}, line {number}: {len(cells)} columns, CoNLL-U has 10")
        match = _ID.fullmatch(cells[0])
        if not match or (match[2] and not 0 <= int(match[2]) - int(match[1]) < MOST_FUSED):
            raise DataError(
                f"pos: {path}, line {number}: id {cells[0][:40]!r}; legal are N, N-M and N.M, of "
                f"at most {len(str(MOST_WORDS))} digits, and at most {MOST_FUSED} words in N-M"
            )
        if match[3] is None:
            head = int(cells[6]) if NUMBER.fullmatch(cells[6]) else 0
            sentences[-1].append(Token(cells[0], cells[1], cells[3], head))
    _require_words(sentences[-1], path, number)
    return [sentence for sentence in sentences if sentence]


def _require_words(sentence: list[Token], path: Path, number: int) -> None:
    """See that a sentence, which ends in this line, has the words that it fuses."""
    there = {int(token.id) for token in sentence if "-" not in token.id}
    for token in sentence:
        first, _, last = token.id.partition("-")
        if last and not there.issuperset(range(int(first), int(last) + 1)):
            raise DataError(
                f"pos: {path}: in the sentence that ends in line {number} the token {token.id} "
                f"{token.form[:40]!r} fuses words that are not there; the file is damaged"
            )


def withheld(sentence: list[Token]) -> bool:
    """True for a sentence whose text its treebank may not publish: all forms are `_`."""
    return all(token.form == "_" for token in sentence)


def fuse(sentence: list[Token]) -> list[tuple[str, str]]:
    """Make one word of each fused token.

    Its tag is that of the word nearest to the root; among several equally near, the first whose
    tag comes first in `PRECEDENCE`. The rule is that of the converter (conllu_to_conll.py of
    ud-conversion-tools) that XTREME, Glot500 and the paper prepared their data with.

    Args:
        sentence: Words and fused tokens, in any order.

    Returns:
        `(form, tag)` in the order of the sentence; a word without a tag is `X`.
    """
    words = {int(token.id): token for token in sentence if "-" not in token.id}
    fused: dict[int, tuple[int, str]] = {}
    for token in sentence:
        if "-" in token.id:
            first, last = (int(part) for part in token.id.split("-"))
            fused[first] = (last, token.form)
    result = []
    number = 1
    for start in sorted({*words, *fused}):
        if start < number:
            continue
        last, form = fused.get(start, (start, ""))
        span = [i for i in range(start, last + 1) if i in words]
        if span:
            result.append((form or words[start].form, _tag(span, words)))
        number = last + 1
    return result


def _tag(span: list[int], words: dict[int, Token]) -> str:
    # What stands alone needs no rank, and ranks are slow in a long chain.
    depths = {i: _depth(i, words) if len(span) > 1 else 0 for i in span}
    highest = [words[i].upos for i in span if depths[i] == min(depths.values())]
    ranks = [PRECEDENCE.index(t) if t in PRECEDENCE else len(PRECEDENCE) for t in highest]
    tag = highest[ranks.index(min(ranks))]
    return "X" if tag == "_" else tag


def _depth(number: int, words: dict[int, Token]) -> int:
    """Arcs from a word to the root; a broken tree ends at its first repeated word."""
    seen: set[int] = set()
    while number in words and number not in seen:
        seen.add(number)
        number = words[number].head
    return len(seen)
