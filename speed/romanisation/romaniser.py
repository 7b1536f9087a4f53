"""Romanising: the uroman package sentence by sentence, against ours with an empty memo.

Text that ours has never met: before each timing its memo is emptied, so whatever it knows of a
block it learned in that block. The package is the one that is installed, untouched.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import uroman

from speed.romanisation.text import scripts
from speed.settings import Settings
from speed.text import sentences_by_language
from speed.timing import compare, single
from translit_ppa.data_builders.languages.groups import romaniser_code
from translit_ppa.data_builders.transliterators.uroman.romaniser import UromanTransliterator

SENTENCES = 400
MIB = 1024 * 1024


def measure_romanisation(settings: Settings) -> list[dict[str, object]]:
    """Time the sentences of each language through the package and through ours.

    Args:
        settings: Text, rounds.

    Returns:
        A row per language, in milliseconds a sentence, CPU time of one process.
    """
    count = 8 if settings.quick else SENTENCES
    package, ours = uroman.Uroman(), UromanTransliterator()
    rows = []
    for code, found in sentences_by_language(settings.text, count).items():
        lcode = romaniser_code(code)
        texts = [text for text in found if romanisable(package, text, lcode)]

        def authors(texts: Sequence[str] = texts, lcode: str | None = lcode) -> list[str]:
            return [package.romanize_string(text, lcode=lcode) for text in texts]

        def unseen(texts: Sequence[str] = texts, code: str = code) -> list[str]:
            ours.forget()
            return ours(texts, code)

        def forgetful(texts: Sequence[str] = texts, code: str = code) -> None:
            for text in texts:
                ours.forget()
                ours([text], code)

        if authors() != unseen():
            raise AssertionError(f"{code}: the romanisations differ")
        looked_up, asked = ours.memo_counts()
        result = compare(authors, unseen, settings.rounds)
        share = 1 - asked / looked_up if looked_up else 1.0
        note = f"{len(texts)} unseen sentences of {sum(map(len, texts)) / len(texts):.0f} "
        note += f"characters; empty memo, then {share:.0%} of {looked_up:,} look-ups known"
        rows.append(result.row(f"romanise {code}", "ms per sentence", 1000 / len(texts), note))
        result = compare(authors, forgetful, settings.rounds)
        note = "memo emptied before every sentence"
        rows.append(
            result.row(f"romanise {code}, no memo", "ms per sentence", 1000 / len(texts), note)
        )
    return rows


def romanisable(package: Any, text: str, lcode: str | None) -> bool:
    """Tell whether the package gives an answer at all; on some fractions it raises."""
    try:
        package.romanize_string(text, lcode=lcode)
    except (AttributeError, TypeError, ValueError):
        return False
    return True


def endless_lines(
    distinct: int = 50_000, drawn: int = 5_000_000, fresh: int = 200_000
) -> Iterator[str]:
    """Draw lines of five to fifteen made-up words, of seven scripts in turn.

    Args:
        distinct: Lines that are drawn from again and again.
        drawn: How many are drawn from them.
        fresh: Lines after those, all different, each with a word that was not there before; those
            in Thai and Tibetan without spaces, as they are written.

    Yields:
        The lines.
    """
    draw = random.Random(0)
    names = ("Thai", "Myanmar", "Tibetan", "Greek", "Arabic", "Devanagari", "CJK")
    letters = [[char for char in scripts()[name] if char.isalpha()] for name in names]

    def word(own: list[str]) -> str:
        return "".join(draw.choices(own, k=draw.randint(2, 8)))

    lexicons = [[word(own) for _ in range(3_000)] for own in letters]

    def line(number: int) -> list[str]:
        return draw.choices(lexicons[number % len(lexicons)], k=draw.randint(5, 15))

    known = [" ".join(line(number)) for number in range(distinct)]
    for _ in range(drawn):
        yield draw.choice(known)
    for number in range(fresh):
        words = [*line(number), word(letters[number % len(letters)]), str(number)]
        spaced = names[number % len(names)] not in ("Thai", "Tibetan")
        yield (" " if spaced else "").join(words)


def measure_romanisation_memory(settings: Settings) -> list[dict[str, object]]:
    """Romanise input without end, and see how far memory grows after the first 100,000 lines.

    Returns:
        One row: resident memory in MiB after 100,000 lines and at the end.
    """
    sizes = (500, 20_000, 2_000) if settings.quick else (50_000, 5_000_000, 200_000)
    romanise = UromanTransliterator(language_code=False)
    lines = endless_lines(*sizes)
    warm_up = sizes[1] // 50
    early = 0.0
    done, batch = 0, []
    begun = time.process_time()
    for line in lines:
        batch.append(line)
        if len(batch) == 1000:
            romanise(batch, None)
            done += len(batch)
            batch = []
            if done == warm_up:
                early = resident()
    seconds = time.process_time() - begun
    looked_up, asked = romanise.memo_counts()
    note = f"{done:,} lines, {sizes[0]:,} distinct and {sizes[2]:,} all distinct; "
    note += f"{done / seconds:,.0f} lines per CPU second; "
    note += f"{1 - asked / looked_up:.1%} of look-ups known; grew by {resident() - early:.1f} MiB; "
    note += "both ours: left after the first lines, right at the end"
    return [
        single(
            f"memory of romanising, after {warm_up:,} lines and at the end",
            "MiB",
            early,
            resident(),
            note,
        )
    ]


def resident() -> float:
    """Resident memory of this process in MiB: now where Linux tells, else its peak."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (MIB if sys.platform == "darwin" else 1024)
