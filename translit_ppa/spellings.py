"""Learn how people write a script in Latin letters, for pairs that look like it."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from translit_ppa.errors import TranslitError, raises_translit_error

DRAWS = 10
MOST_READ = 1_000_000
MOST_TRIED = 4_000
FEWEST_TRIED = 20


@dataclass(frozen=True)
class LearntSpellings:
    """A table of spellings that was learnt, and how it did on words that were held back.

    Attributes:
        path: The file; `informal:PATH` is the romaniser that writes so.
        learnt_from: Romanised words that it was learnt from.
        read: Romanised words that were read.
        letters: Letters that it has.
        held_back: Words that it was tried on; 0 where the lexicon is too small for that.
        drawn: Of how many of them one draw is a spelling that someone wrote, in per cent.
        among_ten: Of how many one of ten draws is.
        uroman: Of how many uroman's is.
    """

    path: Path
    learnt_from: int
    read: int
    letters: int
    held_back: int
    drawn: float
    among_ten: float
    uroman: float

    def trial(self) -> str:
        """Say what it was learnt from, and how it did."""
        told = f"Learnt from {self.learnt_from:,} of {self.read:,} romanised words."
        if not self.held_back:
            return f"{told} None was held back to try it on."
        return (
            f"{told} Of {self.held_back:,} others it gives a spelling that someone wrote in "
            f"{self.drawn:.1f} %, among {DRAWS} draws in {self.among_ten:.1f} %, uroman in "
            f"{self.uroman:.1f} %."
        )

    def __str__(self) -> str:
        return (
            f"{self.path}: spellings of {self.letters:,} letters. {self.trial()}\n"
            f"romanise so with --transliterator informal:{self.path}"
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
        out: The table, `NAME.tsv`, that is not there yet: letter, what stands behind it, spellings
            with their shares in per cent.
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
    from translit_ppa.data_builders.sentences.filters import normalise
    from translit_ppa.data_builders.sources.lexicon import word_pairs
    from translit_ppa.data_builders.text_file import name_of
    from translit_ppa.data_builders.transliterators import get_transliterator
    from translit_ppa.data_builders.transliterators.informal import learning
    from translit_ppa.hub_cards.records.files import write_atomically

    path, out = Path(lexicon), Path(out)
    if os.path.lexists(out):
        raise TranslitError(f"{out} is there already; give another name, or remove it")
    if out.suffix != ".tsv" or set(str(out)) & set("@#"):
        raise TranslitError(f"{out}: a table is named NAME.tsv, without @ and #")
    if any("\ud800" <= char <= "\udfff" for char in note):
        raise TranslitError(f"the note {note[:80]!r} is no text; give it in UTF-8")
    pairs = islice(word_pairs(path, Columns(text_column, transliteration_column)), MOST_READ)
    # Normalised as the sentences of a build, which are to be spelled.
    entries = [
        learning.LexiconEntry(normalise(word), normalise(latin), people)
        for word, latin, people in pairs
    ]
    learnt, held = learning.apart(entries)
    tried = learning.chosen(held, MOST_TRIED)
    if len(tried) < FEWEST_TRIED:
        learnt, tried = entries, []
    learnt = learning.chosen(learnt)
    table = learning.learn_table(learnt, name_of(path))
    uroman = get_transliterator("uroman")

    def drawn(word: str, count: int) -> list[str]:
        # What the table lacks is uroman's, as for the romaniser; slips are left out.
        return uroman([table.write(word, random.Random(f"{word}{i}")) for i in range(count)])

    words, one = learning.share_written(tried, lambda word: drawn(word, 1))
    _, among = learning.share_written(tried, lambda word: drawn(word, DRAWS))
    _, usual = learning.share_written(tried, lambda word: uroman([word]))
    letters = len({letter for letter, _ in table.rows})
    found = LearntSpellings(out, len(learnt), len(entries), letters, words, one, among, usual)
    write_atomically(out, table.written(f"{found.trial()}\n{note}".strip()).encode())
    return found
