r"""What a file of another format shows where sentences were expected, one a line.

In: the start of a file. Out: nothing, or the real cause why it is no text: JSON, XML, tagged words,
subtitles, marked-up Bibles, catalogues of messages, tables, and lines that begin with a number or
an id of their own. Read as sentences, all of these would become pairs without a word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from ...errors import DataError
from ...text_file import name_of
from ..lines import Head
from ..rows import Columns

__all__ = ["has_columns", "refuse_formats", "refuse_strangers"]

_FEWEST = 3
"""Lines that must agree; one line may begin with anything."""
_TAGGED = re.compile(r"\S+[ \t](\S+[ \t])*(O|[BI]-[A-Za-z]\S*)")
_CONLLU = re.compile(r"[0-9]+(-[0-9]+|\.[0-9]+)?\t([^\t]*\t){8}[^\t]*")
_TIMES = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?[,.][0-9]{3} --> .*")
_USFM = re.compile(r"\\(id|h|c|v|p|mt[0-9]?|s[0-9]?|q[0-9]?)\b.*")
_GETTEXT = re.compile(r'(msgid|msgstr|msgctxt)(\[[0-9]\]|_plural)? ".*')
_NUMBER = re.compile(r"([0-9]{1,9})[.):]?[ \u00a0]+\S.*")
_REFERENCE = re.compile(
    r"((?:\S{1,20} ){0,3})([0-9]{1,3}):([0-9]{1,3})[.:]?[ \u00a0]\S.*",
)
_TIME = re.compile(r"[\[(]([0-9]{1,2}:)?[0-9]{1,3}:[0-9]{2}([.,][0-9]+)?[\])] *\S.*")
_LABEL = re.compile(r"__label__\S+ .*")
_ALIGNED = re.compile(r".*\S \|\|\| \S.*")
_PIECES = re.compile(r"(▁\S+)( ▁?\S+)*|(.* )?\S+@@ .*")
_JSON = re.compile(r'(?:[][{}:,0-9.+\s-]|"(?:[^"\\]|\\.)*"|true|false|null)+')
_ID = re.compile(r"(?=\S*[0-9])([A-Za-z0-9][A-Za-z0-9_.-]{5,}) \S.*")
_HOUR = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]\b")
_DATE = re.compile(r"[0-9]{1,4}([-./])[0-9]{1,2}\1[0-9]{1,4}[.:,]?")
_FEWEST_IDS = 10
"""Lines whose first words must be ids of one shape; three may begin with dates or products."""
_NO_NUMBERS = "take them off, or, if they are text, give --text-column 0"


def refuse_strangers(path: Path, head: Head, columns: Columns) -> None:
    """Refuse what holds something else than one sentence a line.

    Args:
        path: A file that would be read as lines of text.
        head: Its start.
        columns: What is asked for; a column of one's own is a statement about the file.

    Raises:
        DataError: It is another format; the line says which, and what is legal.
    """
    if columns.text is not None:
        return
    lines = [line.strip() for line in head.filled]
    refuse_formats(path, lines, head.whole)
    told = _table(lines)
    if told is None and len(lines) >= _FEWEST:
        told = _numbered(lines)
    if told:
        raise DataError(f"{name_of(path)} should hold one sentence a line, and {told}")


def refuse_formats(path: Path, lines: Sequence[str], whole: bool) -> None:
    """Refuse what is no text at all, be it by lines, in a table or a document.

    Args:
        path: The file, for messages.
        lines: Its first lines that are not blank, trimmed.
        whole: Whether these are all.

    Raises:
        DataError: It is another format; the line says which, and what is legal.
    """
    if told := _whole_file(lines, whole):
        raise DataError(f"{name_of(path)} should hold text, and {told}")


def _share(pattern: re.Pattern[str], lines: Sequence[str]) -> float:
    return sum(bool(pattern.fullmatch(line)) for line in lines) / max(1, len(lines))


def _whole_file(lines: Sequence[str], whole: bool) -> str | None:
    """Say which format that is not made of sentences the lines show."""
    if not lines:
        return None
    first, last = lines[0], lines[-1]
    if first.startswith("<?xml") or re.match("<!doctype|<html|<(src|ref|tst)set", first, re.I):
        return "it is XML, HTML or SGML; name it as such (.xml, .sgm, .tmx), or take its text out"
    if sum(line.startswith("{") and line.endswith(("}", "},")) for line in lines) * 2 > len(lines):
        return "its lines are JSON; name it .jsonl"
    if re.match(r"[\[{]\s*([\[{\"]|$)", first) and (
        last.endswith(("]", "}")) if whole else _begins_json(lines)
    ):
        return "it is JSON; legal is .jsonl, one object a line: jq -c '.[]'"
    if len(lines) < _FEWEST:
        return None
    words = [line for line in lines if not line.startswith("#")]
    if _share(_TAGGED, words) >= 0.9 and _cells_agree(words):
        return "its lines are words with a tag each; these are a benchmark, ner:DIR"
    if _share(_CONLLU, words) >= 0.9:
        return "it is CoNLL-U; that is a benchmark, pos:DIR"
    if _share(_LABEL, lines) >= 0.9:
        return "its lines begin with labels of fastText; take them off"
    if _share(_ALIGNED, lines) >= 0.9:
        return "its lines are pairs, parted by |||; keep one side"
    if _share(_PIECES, lines) >= 0.5:
        return "it is cut into pieces of words (@@ or ▁); put them together again"
    if _share(_TIMES, lines) >= 0.1:
        return "it is subtitles; take numbers and times off"
    if _share(_USFM, lines) >= 0.5:
        return "it is USFM, a Bible with marks; legal is a verse a line"
    if _share(_GETTEXT, lines) >= 0.3:
        return "it is a catalogue of gettext; take the messages out"
    return None


def _begins_json(lines: Sequence[str]) -> bool:
    """Tell whether lines begin a document of JSON whose end is not seen; `[[` also begins text."""
    if len(lines[0]) > 1 and _JSON.fullmatch(lines[0]):
        return True
    return sum(line[0] in '{}[]"' for line in lines) * 2 > len(lines)


def _cells_agree(lines: Sequence[str]) -> bool:
    """Tell whether nine lines in ten have as many words and tags, as sentences hardly have."""
    counts = Counter(len(line.split()) for line in lines)
    return counts.most_common(1)[0][1] * 10 >= len(lines) * 9


def has_columns(lines: Sequence[str]) -> bool:
    """Tell whether lines are the rows of a table: nine in ten have a tab.

    Args:
        lines: The first lines that are not blank.
    """
    return sum("\t" in line for line in lines) * 10 >= len(lines) * 9


def _table(lines: Sequence[str]) -> str | None:
    tabs = sum("\t" in line for line in lines)
    if not lines or not has_columns(lines):
        return None
    which = "all its lines" if tabs == len(lines) else f"{tabs:,} of its first {len(lines):,} lines"
    return (
        f"{which} have tabs; if it is a table, say which column is the text: --text-column INDEX "
        "(from 0)"
    )


def _numbered(lines: Sequence[str]) -> str | None:
    """Say what all lines begin with that is no part of their sentences."""
    numbers = [match and int(match[1]) for match in map(_NUMBER.fullmatch, lines)]
    if None not in numbers and all(
        after is not None and before is not None and after == before + 1
        for before, after in pairwise(numbers)
    ):
        return f"its lines begin with their numbers; {_NO_NUMBERS}"
    if _are_references(lines):
        return f"its lines begin with references such as 1:1; {_NO_NUMBERS}"
    if _share(_TIME, lines) >= 0.9:
        return f"its lines begin with times such as [00:01]; {_NO_NUMBERS}"
    ids = [match[1] for match in map(_ID.fullmatch, lines) if match]
    if len(ids) == len(lines) == len(set(ids)) >= _FEWEST_IDS and _are_ids(ids):
        return f"its lines begin with ids such as {ids[0][:40]!r}; {_NO_NUMBERS}"
    return None


def _are_ids(words: Sequence[str]) -> bool:
    """Tell whether words are of one shape, letters and digits in the same places, and no dates."""
    shapes = {re.sub("[0-9]+", "0", re.sub("[A-Za-z]+", "a", word)) for word in words}
    return len(shapes) == 1 and not all(map(_DATE.fullmatch, words))


def _are_references(lines: Sequence[str]) -> bool:
    """Tell whether lines begin with chapter and verse: of a few books, verse after verse."""
    found = [match for match in map(_REFERENCE.fullmatch, lines) if match]
    if len(found) * 10 < len(lines) * 9 or all(map(_HOUR.match, lines)):
        return False
    places = [(match[1], int(match[2]), int(match[3])) for match in found]
    follow = sum(
        one[:2] == other[:2] and 0 <= other[2] - one[2] <= 2 for one, other in pairwise(places)
    )
    return follow * 2 >= len(places) - 1
