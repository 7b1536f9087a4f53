"""Text to try a romaniser on: real lines of a folder, and random strings made to hurt."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Iterator
from pathlib import Path

from data_builders.transliterators.uroman_core import BRAILLE, core

_CODE = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")
_NASTY = [
    *"っ ッ ੱ ー ゃ \u0300 \u0301 . , - 1 23 ½ ② 4 分之 百分之 三万 a n k ch chr Th A É Θ ß".split(),
    *"「 。 ， ” ' ’ ( 😀 \u094d \u09bc อ เ \u0e48 ์ ་ ² ፡ ፡፡ ⠓⠠⠑ 嗯 ၩ เ–า รร ါ ្ \U0001e900".split(),
    *("\u200d", "\u200c", "\xa0", " ", "  "),
]
"""Letters, marks, numbers and signs that uroman treats by their neighbours."""


def lines_by_language(folder: Path) -> dict[str, list[str]]:
    """Reads every text file below a folder whose path names a language.

    Args:
        folder: holds ``.txt``, ``.tsv`` (last column) and ``.conllu`` files, also as ``.gz``.

    Returns:
        Distinct lines by language code (``tha_Thai``), in an order that is random and fixed.
    """
    found: dict[str, dict[str, None]] = {}
    for path in sorted(folder.rglob("*")):
        code = _CODE.search(str(path.relative_to(folder)))
        if code is None or not re.search(r"\.(txt|tsv|conllu)(\.gz)?$", path.name):
            continue
        data = path.read_bytes()
        text_of_file = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
        for line in text_of_file.split("\n"):
            if ".conllu" in path.name:
                line = line.partition("# text = ")[2]
            text = line.rpartition("\t")[2]
            if text.strip():
                found.setdefault(code.group(), {})[text] = None
    shuffled = {code: list(lines) for code, lines in found.items()}
    for lines in shuffled.values():
        random.Random(0).shuffle(lines)
    return shuffled


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
