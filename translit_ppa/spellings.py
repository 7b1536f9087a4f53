"""Learn how people write a script in Latin letters, for pairs that look like it."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path

from translit_ppa.errors import TranslitError, raises_translit_error

DRAWS = 10


@dataclass(frozen=True)
class LearntSpellings:
    """A table of spellings that was learnt, and how it did on words that were held back.

    Attributes:
        path: The file; `informal:PATH` is the romaniser that writes so.
        entries: Romanised words that it was learnt from.
        letters: Letters that it has.
        held_back: Words that it was tried on.
        drawn: Of how many of them one draw is a spelling that someone wrote, in per cent.
        among_ten: Of how many one of ten draws is.
        uroman: Of how many uroman's is.
    """

    path: Path
    entries: int
    letters: int
    held_back: int
    drawn: float
    among_ten: float
    uroman: float

    def trial(self) -> str:
        """Say in one sentence how it did."""
        return (
            f"Of {self.held_back:,} words held back, it gives a spelling that someone wrote in "
            f"{self.drawn:.1f} %, among {DRAWS} draws in {self.among_ten:.1f} %, uroman in "
            f"{self.uroman:.1f} %."
        )

    def __str__(self) -> str:
        return (
            f"{self.path}: spellings of {self.letters:,} letters, learnt from {self.entries:,} "
            f"romanised words. {self.trial()}\nromanise so with --transliterator "
            f"informal:{self.path}"
        )


@raises_translit_error
def learn_spellings(
    lexicon: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    text_column: str | None = None,
    transliteration_column: str | None = None,
    note: str = "",
) -> LearntSpellings:
    """Learn from words and their romanisations which Latin letters stand for which letter.

    The romaniser `informal` knows spellings of some scripts. Where there is a lexicon of how people
    write a language (Dakshina, Aksharantar), a table of its own can be learnt: `informal:OUT`.

    Args:
        lexicon: A file whose rows are a word, a romanisation and, if it has one, how many people
            wrote it so; sentences of as many words on both sides do as well.
        out: The table, a TSV that is not there yet: letter, what stands behind it, spellings with
            their shares in per cent.
        text_column: Column of the words, by name or by position from 0.
        transliteration_column: Column of the romanisations.
        note: Where the lexicon is from, and its licence; put at the head of the table.

    Returns:
        Where the table is, and what it was learnt from.

    Raises:
        TranslitError: The file cannot be read as such, has too few words, or `out` is there.

    Source:
        `translit_ppa.data_builders.transliterators.informal.learning`.
    """
    from translit_ppa.data_builders.reading.rows import Columns
    from translit_ppa.data_builders.sources.lexicon import word_pairs
    from translit_ppa.data_builders.text_file import name_of
    from translit_ppa.data_builders.transliterators import get_transliterator
    from translit_ppa.data_builders.transliterators.informal import learning
    from translit_ppa.hub_cards.records.files import write_atomically

    path, out = Path(lexicon), Path(out)
    if os.path.lexists(out):
        raise TranslitError(f"{out} is there already; give another name, or remove it")
    columns = Columns(text_column, transliteration_column)
    entries = [learning.LexiconEntry(*pair) for pair in word_pairs(path, columns)]
    learnt, held = learning.apart(entries)
    table = learning.learn_table(learnt, name_of(path))
    uroman = get_transliterator("uroman")

    def drawn(word: str, count: int) -> list[str]:
        return [table.write(word, random.Random(f"{word}{draw}")) for draw in range(count)]

    words, one = learning.share_written(held, lambda word: drawn(word, 1))
    _, among = learning.share_written(held, lambda word: drawn(word, DRAWS))
    _, usual = learning.share_written(held, lambda word: uroman([word]))
    letters = len({letter for letter, _ in table.rows})
    found = LearntSpellings(out, len(learnt), letters, words, one, among, usual)
    told = f"Learnt from {len(learnt):,} romanised words of {name_of(path)}. {found.trial()}"
    write_atomically(out, table.written(f"{told}\n{note}".strip()).encode())
    return found
