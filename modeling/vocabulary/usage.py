"""What text uses of a tokenizer's vocabulary: distinct pieces, tokens, unknown ones, coverage.

In: a tokenizer and sentences. Out: counts, from which fertility, unknown rate and coverage follow.

Source: arXiv 2406.19759, Table 6 (unique tokens before and after transliteration).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from transformers import PreTrainedTokenizerBase

from ..aligned.alignment_config import AlignmentError


@dataclass
class VocabularyUse:
    """Counts over some sentences; special tokens are no pieces, `<unk>` is a token but no piece.

    Attributes:
        piece_ids: Ids of the distinct pieces used.
        tokens: Tokens, unknown ones included.
        unknown: Tokens that are `<unk>`; several unknown characters in a row may be one.
        words: Runs of characters between white space.
        characters: Characters that are not white space.
        uncovered: Those of them that `<unk>` stands for.
    """

    piece_ids: set[int] = field(default_factory=set)
    tokens: int = 0
    unknown: int = 0
    words: int = 0
    characters: int = 0
    uncovered: int = 0

    def __add__(self, other: VocabularyUse) -> VocabularyUse:
        """Join the counts of two texts; a piece that both use counts once."""
        return VocabularyUse(
            self.piece_ids | other.piece_ids,
            self.tokens + other.tokens,
            self.unknown + other.unknown,
            self.words + other.words,
            self.characters + other.characters,
            self.uncovered + other.uncovered,
        )

    def counts(self) -> dict[str, int]:
        """Give everything as numbers; `pieces` is how many distinct ones there are."""
        names = ("tokens", "unknown", "words", "characters", "uncovered")
        return {"pieces": len(self.piece_ids), **{name: getattr(self, name) for name in names}}


def vocabulary_use(
    tokenizer: PreTrainedTokenizerBase, sentences: Iterable[str], batch_size: int = 1000
) -> VocabularyUse:
    """Tokenise sentences, untruncated, and count.

    Args:
        tokenizer: A fast tokenizer: what `<unk>` stands for is read from its offsets.
        sentences: The text.
        batch_size: Sentences tokenised at a time.

    Raises:
        AlignmentError: The tokenizer is not a fast one.
    """
    if not tokenizer.is_fast:
        raise AlignmentError(
            f"{type(tokenizer).__name__} gives no offsets; the vocabulary analysis needs a fast "
            "tokenizer (a folder with tokenizer.json)"
        )
    use = VocabularyUse()
    batch: list[str] = []
    for sentence in sentences:
        batch.append(sentence)
        if len(batch) == batch_size:
            _count(tokenizer, batch, use)
            batch = []
    if batch:
        _count(tokenizer, batch, use)
    return use


def _count(tokenizer: PreTrainedTokenizerBase, batch: Sequence[str], use: VocabularyUse) -> None:
    encoded = tokenizer(
        list(batch),
        add_special_tokens=False,
        return_attention_mask=False,
        return_offsets_mapping=True,
        verbose=False,
    )
    unknown = tokenizer.unk_token_id
    special = set(tokenizer.all_special_ids)
    for text, ids, offsets in zip(
        batch, encoded["input_ids"], encoded["offset_mapping"], strict=True
    ):
        # Text may spell out a special token; that is no piece of the vocabulary it uses.
        use.piece_ids.update(set(ids) - special)
        use.tokens += len(ids)
        use.words += len(text.split())
        use.characters += sum(not char.isspace() for char in text)
        if unknown not in ids:
            continue
        hidden: set[int] = set()
        for token, (start, end) in zip(ids, offsets, strict=True):
            if token == unknown:
                use.unknown += 1
                hidden.update(range(start, end))
        use.uncovered += sum(not text[place].isspace() for place in hidden)
