"""Learns how people write a script in Latin letters from a lexicon of words and romanisations.

Nobody marked which Latin letters stand for which letter of a word. Expectation maximisation finds
it: each letter gives up to three Latin letters, in order, with a probability that depends on the
letter and on what stands behind it; all ways to part a romanisation are weighed by these
probabilities, which are then counted anew.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ...errors import DataError
from .table import ANYWHERE, SpellingTable, before

__all__ = ["LexiconEntry", "apart", "chosen", "learn_table", "share_written"]

LONGEST = 3
"""Latin letters that one letter may give; Devanagari's क्ष is three letters."""
MOST = 8_000
"""Entries that are learnt from, evenly taken: more hardly move the shares."""
ENOUGH = 60
"""Times that a letter should be met, where the lexicon has it so often."""
LONGEST_WORD = 24
MOST_PEOPLE = 1_000_000
ROUNDS = (4, 2, 4)
"""Rounds in which a letter is the same everywhere; in which what is rare by then is given up, and
with it words that need it; and by what stands behind the letter."""
LEAST_COUNT = 10.0
"""Times a letter has to be met at a place for its row."""
LEAST_SHARE = 0.1
"""Rarer spellings at a place are mostly slips and faults of the lexicon."""
RARE = 0.05
"""Spellings of a letter below this, wherever it stands, come of words that were never spelled by
letters, such as `station`."""

_Key = tuple[str, str]
_Shares = dict[_Key, dict[str, float]]


class LexiconEntry(NamedTuple):
    """One romanisation of a word, and how many people wrote it."""

    word: str
    latin: str
    people: int = 1


def chosen(entries: Sequence[LexiconEntry], most: int = MOST) -> list[LexiconEntry]:
    """Choose what is learnt from: words of letters alone, romanised by letters, evenly taken.

    Args:
        entries: Of a lexicon.
        most: About so many entries; words with letters that are rare among them come on top.
    """
    usable = [
        LexiconEntry(entry.word.lower(), entry.latin.lower(), min(entry.people, MOST_PEOPLE))
        for entry in entries
        if _usable(entry)
    ]
    step = max(1, len(usable) / most)
    evenly = {int(place * step) for place in range(min(len(usable), most))}
    found = [usable[place] for place in sorted(evenly)]
    met = Counter(letter for entry in found for letter in entry.word)
    for place, entry in enumerate(usable):
        if place not in evenly and min(met[letter] for letter in entry.word) < ENOUGH:
            found.append(entry)
            met.update(entry.word)
    return found


def learn_table(entries: Sequence[LexiconEntry], name: str = "the lexicon") -> SpellingTable:
    """Learn a table from a lexicon.

    Args:
        entries: As `chosen` gives them; a word may come several times.
        name: What it is called in errors.

    Returns:
        For each letter and place the spellings that make up at least a tenth, in per cent; the
        same entries give the same table.

    Raises:
        DataError: Too few words for a single row.

    Source:
        Many-to-many alignment as of Jiampojamarn, Kondrak and Sherif 2007, "Applying Many-to-Many
        Alignments and Hidden Markov Models to Letter-to-Phoneme Conversion", with one letter on
        the side of the script.
    """
    anywhere, spelled_out, placed = ROUNDS
    counts = shares = _Shares()
    for turn in range(anywhere + spelled_out):
        counts = _counted(entries, shares, {}, placed=False)
        least = RARE if turn >= anywhere - 1 else 0.0
        shares = {key: _divided(drawn, least) for key, drawn in counts.items()}
    rows = dict(_rows(counts))
    # The first round of places begins with what was learnt of the letter alone.
    start, shares = {letter: drawn for (letter, _), drawn in shares.items()}, {}
    for _ in range(placed):
        counts = _counted(entries, shares, start, placed=True)
        shares = {key: _divided(drawn) for key, drawn in counts.items()}
    rows = dict(sorted({**rows, **dict(_rows(counts))}.items()))
    if not rows:
        raise DataError(
            f"{name}: {len(entries):,} words with a romanisation of Latin letters are too few to "
            f"learn from, no letter was met {LEAST_COUNT:.0f} times; are words and romanisations "
            "in the columns that are read (--text-column, --transliteration-column)?"
        )
    return SpellingTable(rows)


def _rows(counts: _Shares) -> Iterator[tuple[_Key, tuple[list[str], list[int]]]]:
    """Make rows of what was counted often enough."""
    for key, drawn in counts.items():
        if sum(drawn.values()) >= LEAST_COUNT:
            kept = _divided(drawn, LEAST_SHARE)
            ordered = sorted(kept, key=lambda spelling: (-kept[spelling], spelling))
            yield key, (ordered, [max(1, round(100 * kept[spelling])) for spelling in ordered])


def apart(
    entries: Sequence[LexiconEntry], every: int = 10
) -> tuple[list[LexiconEntry], list[LexiconEntry]]:
    """Hold back every tenth word, with all its romanisations, to try a table on.

    Returns:
        What to learn from, and what is held back.
    """
    places: dict[str, int] = {}
    for entry in entries:
        places.setdefault(entry.word, len(places))
    held = [entry for entry in entries if places[entry.word] % every == every - 1]
    return [e for e in entries if places[e.word] % every != every - 1], held


def share_written(
    entries: Iterable[LexiconEntry], spell: Callable[[str], Iterable[str]]
) -> tuple[int, float]:
    """Count the words of which a romaniser gives a spelling that someone wrote.

    Args:
        entries: As `chosen` gives them.
        spell: Word -> one or several spellings.

    Returns:
        How many words, and the share of them in per cent.
    """
    written: dict[str, set[str]] = {}
    for entry in entries:
        written.setdefault(entry.word, set()).add(entry.latin)
    hits = sum(not known.isdisjoint(map(str.lower, spell(w))) for w, known in written.items())
    return len(written), 100 * hits / max(1, len(written))


def _usable(entry: LexiconEntry) -> bool:
    """Whether a word is of letters and marks alone, and its romanisation of Latin letters."""
    word, latin = entry.word, entry.latin
    return (
        entry.people > 0
        and 0 < len(word) <= LONGEST_WORD
        and 0 < len(latin) <= LONGEST * len(word)
        and latin.isascii()
        and latin.isalpha()
        and not word.isascii()
        and all(unicodedata.category(char)[0] in "LM" for char in word)
    )


def _counted(
    entries: Sequence[LexiconEntry],
    shares: _Shares,
    start: dict[str, dict[str, float]],
    placed: bool,
) -> _Shares:
    """Count how often each letter gives each spelling, by the shares so far."""
    counts: _Shares = defaultdict(lambda: defaultdict(float))
    for word, latin, weight in entries:
        keys = [
            (letter, before(word, place + 1) if placed else ANYWHERE)
            for place, letter in enumerate(word)
        ]
        drawn = [shares.get(key) or start.get(key[0]) for key in keys]
        forward, backward = _forward(latin, drawn), _backward(latin, drawn)
        total = forward[-1][-1]
        if not total:
            continue
        for place, (key, known) in enumerate(zip(keys, drawn, strict=True)):
            of_key = counts[key]
            for begin, so_far in enumerate(forward[place]):
                if so_far:
                    for end, share in _next(latin, begin, known):
                        if rest := backward[place + 1][end]:
                            spelling = latin[begin:end]
                            of_key[spelling] += weight * so_far * share * rest / total
    return counts


def _next(latin: str, begin: int, known: dict[str, float] | None) -> Iterator[tuple[int, float]]:
    """Where what a letter gives may end, and its share; at first all are alike."""
    for end in range(begin, min(begin + LONGEST, len(latin)) + 1):
        share = 1.0 if known is None else known.get(latin[begin:end], 0.0)
        if share:
            yield end, share


def _forward(latin: str, drawn: Sequence[dict[str, float] | None]) -> list[list[float]]:
    """By letter and place: how likely the letters before it give the Latin up to there."""
    table = [[0.0] * (len(latin) + 1) for _ in range(len(drawn) + 1)]
    table[0][0] = 1.0
    for place, known in enumerate(drawn):
        for begin, so_far in enumerate(table[place]):
            if so_far:
                for end, share in _next(latin, begin, known):
                    table[place + 1][end] += so_far * share
    return table


def _backward(latin: str, drawn: Sequence[dict[str, float] | None]) -> list[list[float]]:
    """By letter and place: how likely the letters from it on give the Latin from there on."""
    table = [[0.0] * (len(latin) + 1) for _ in range(len(drawn) + 1)]
    table[-1][-1] = 1.0
    for place in range(len(drawn) - 1, -1, -1):
        for begin in range(len(latin) + 1):
            table[place][begin] = sum(
                share * table[place + 1][end] for end, share in _next(latin, begin, drawn[place])
            )
    return table


def _divided(drawn: dict[str, float], least: float = 0.0) -> dict[str, float]:
    """Make shares of counts, of those alone that have at least a share of all."""
    total = sum(drawn.values())
    kept = {spelling: count for spelling, count in drawn.items() if count >= least * total}
    return {spelling: count / sum(kept.values()) for spelling, count in kept.items()}
