"""Text to try a romaniser on: real lines of a folder, and random strings made to hurt."""

from __future__ import annotations

import gzip
import random
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.transliterators.uroman.boundaries import BARE_AT_END
from translit_ppa.data_builders.transliterators.uroman.core import core
from translit_ppa.data_builders.transliterators.uroman.package_lattices import BRAILLE

_CODE = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")
_LEGAL = ".txt, .tsv or .conllu files (or .gz of them) whose path names a language: tha_Thai.txt"
_NASTY = [
    *"っ ッ ੱ ー ゃ \u0300 \u0301 . , - 1 23 ½ ② 4 分之 百分之 三万 a n k ch chr Th A É Θ ß".split(),
    *"「 。 ， ” ' ’ ( 😀 \u094d \u09bc อ เ \u0e48 ์ ་ ² ፡ ፡፡ ⠓⠠⠑ 嗯 ၩ เ–า รร ါ ្ \U0001e900".split(),
    *("\u200d", "\u200c", "\xa0", " ", "  "),
]
"""Letters, marks, numbers and signs that uroman treats by their neighbours."""


def text_files(folder: Path) -> dict[str, list[Path]]:
    """Finds the text files below a folder whose path names a language.

    Args:
        folder: holds ``.txt``, ``.tsv`` (last column) and ``.conllu`` files, also as ``.gz``.

    Returns:
        Files by language code (``tha_Thai``).

    Raises:
        DataError: there is no such folder, or no such file in it.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder; give one with {_LEGAL}")
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        code = _CODE.search(str(path.relative_to(folder)))
        if code and re.search(r"\.(txt|tsv|conllu)(\.gz)?$", path.name):
            found.setdefault(code.group(), []).append(path)
    if not found:
        raise DataError(f"{folder}: no file names a language; rename them: legal are {_LEGAL}")
    return found


def distinct_lines(files: Iterable[Path]) -> list[str]:
    """Reads the lines of files, each once, in an order that is random and fixed.

    Raises:
        DataError: a file is no UTF-8 text.
    """
    found: dict[str, None] = {}
    for path in files:
        data = path.read_bytes()
        try:
            text_of_file = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
        except (UnicodeDecodeError, OSError, EOFError, zlib.error) as error:
            raise DataError(
                f"{path} cannot be read ({error}); legal is UTF-8 text, plain or .gz: save it as "
                "such, or take it out of the folder"
            ) from error
        for line in text_of_file.split("\n"):
            if ".conllu" in path.name:
                line = line.partition("# text = ")[2]
            text = line.rpartition("\t")[2]
            if text.strip():
                found[text] = None
    lines = list(found)
    random.Random(0).shuffle(lines)
    return lines


def language_codes() -> list[str | None]:
    """Gives None and every code that uroman has rules for, or another inherent vowel."""
    codes = {code for _, rule in core().rules() for code in rule["lcodes"] or ()}
    # uroman switches rules off by a code that is none, such as mkd2.
    codes = {code for code in codes if len(code) == 3}
    return [None, *sorted(codes.union(BARE_AT_END, ("san",)))]


def scripts() -> dict[str, list[str]]:
    """Gives the characters of each script that uroman knows, Braille apart."""
    groups = {name: sorted(chars) for name, chars in core().chars_by("script").items() if name}
    return {
        name: chars for name, chars in groups.items() if not BRAILLE[0] <= chars[0] <= BRAILLE[1]
    }


def random_strings(script: str, seed: int = 0) -> Iterator[str]:
    """Draws strings of a script, mixed with what stands at the borders of uroman's rules.

    Args:
        script: name as uroman has it.
        seed: of the draw.

    Yields:
        Strings of 1 to 10 draws, without end.
    """
    groups = scripts()
    own = groups[script]
    others = sorted({char for chars in groups.values() for char in chars})
    rules = sorted({key for key, _ in core().rules() if len(key) > 1})
    rules_of = [key for key in rules if core().script(key[0]) == script] or rules
    draw = random.Random(f"{script} {seed}")
    while True:
        pools = draw.choices(
            (own, rules_of, _NASTY, others), (70, 10, 16, 4), k=draw.randint(1, 10)
        )
        yield "".join(map(draw.choice, pools))
