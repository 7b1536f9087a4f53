"""What the retrieval demo searches, and examples to try: originals, and Latin letters as typed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from translit_ppa.data_builders.benchmarks import Benchmark
from translit_ppa.data_builders.transliterators import get_transliterator
from translit_ppa.data_builders.transliterators.informal.romaniser import is_spelled

__all__ = ["parallel_rows", "tries"]

SPLIT = "test"
LATIN = "_Latn"
EXAMPLES = 6
"""As many as the page has buttons; a test holds the two together."""
SHORT = 48
DRAWS = 8

Row = dict[str, str]


def parallel_rows(benchmark: Benchmark, codes: Sequence[str], most: int) -> dict[str, Row]:
    """Join the sentences that mean the same over all languages.

    Args:
        benchmark: Any retrieval benchmark.
        codes: Its languages, as it spells them.
        most: Sentences at most; of more rows, evenly spaced ones are taken.

    Returns:
        Id -> language -> sentence, sorted by id; each in at least two languages.
    """
    rows: dict[str, Row] = {}
    for source, target in combinations(codes, 2):
        if (source, target) not in benchmark.directions([source, target]):
            continue
        pair = benchmark.load_pair(source, target, SPLIT)
        for key, left, right in zip(pair.ids, pair.source, pair.target, strict=True):
            rows.setdefault(key, {}).update({source: left, target: right})
    keys = sorted(rows)
    kept = min(len(keys), most // len(codes))
    return {key: rows[key] for key in (keys[i * len(keys) // kept] for i in range(kept))}


def tries(rows: dict[str, Row]) -> list[dict[str, str]]:
    """Choose examples to click: an original, then Latin letters as people type them.

    Where it is known how people romanise a language (Greeklish, Arabizi, Hindi) one of those is
    drawn, else the romaniser's own is taken. Scripts come before further languages of a script.

    Args:
        rows: As `parallel_rows` gives them.

    Returns:
        `text` to search for, and `of`, the sentence of the corpus that it spells.
    """
    widest = max(len(row) for row in rows.values())
    full = [row for row in rows.values() if len(row) == widest]
    codes = [code for code in dict.fromkeys(c for row in full for c in row) if LATIN not in code]
    first = {code.split("_")[1]: code for code in reversed(codes)}
    codes = list(dict.fromkeys([*reversed(first.values()), *codes]))[: EXAMPLES - 1]
    found: list[dict[str, str]] = []
    for place, code in enumerate(codes, 1):
        texts = [row[code] for row in full if code in row]
        texts = [text for text in texts if 6 <= len(text) <= SHORT] or texts
        original = texts[place * len(texts) // (EXAMPLES + 1)]
        if not found:
            found.append({"text": original, "of": original})
        found.append({"text": _typed(original, code), "of": original})
    return found


def _typed(text: str, code: str) -> str:
    (plain,) = get_transliterator("uroman")([text], code)
    if not is_spelled(code):
        return plain
    drawn = [get_transliterator(f"informal@{draw}")([text], code)[0] for draw in range(DRAWS)]
    # The middle by length: a letter that slipped in or out makes for a poor example.
    told = sorted((t for t in drawn if t.isascii() and t.lower() != plain.lower()), key=len)
    return told[len(told) // 2] if told else plain
