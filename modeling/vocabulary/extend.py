"""Adds pieces for romanised words to a checkpoint's vocabulary; everything else stays as it is.

Romanised text is cut into many short pieces. New ones are learnt by joining the pieces that stand
side by side in romanised words, most frequent first (Sennrich et al. 2016, arXiv 1508.07909, begun
from the old pieces instead of characters). They are of Latin letters alone, so that no text
in another script can use them: a word without such letters keeps its very pieces, whatever stands
beside it. A word that has some, in whatever text, may be cut anew, since nothing tells it from a
romanised one; pieces that some text to keep would use are left out.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PreTrainedModel
from transformers import PreTrainedTokenizerBase as Tokenizer

from ..aligned.errors import AlignmentError
from .tokenizer_state import state_of, with_state

__all__ = ["SEGMENTERS", "NewPiece", "extend_model", "extend_tokenizer", "learn_pieces"]

SEGMENTERS = ("Unigram", "BPE")
FEWEST = 2
"""Times that a new piece stands in the text, at least."""
_AHEAD = 0.1
"""By how much a new piece of a Unigram vocabulary beats its old pieces, at least; in nats."""


@dataclass(frozen=True)
class NewPiece:
    """A piece that is added.

    Attributes:
        text: As the vocabulary has it.
        left: The piece that it begins with, an old one or one added before.
        right: The piece that it ends with.
        old: The old pieces that it was cut into.
        count: How often it stood in the text when it was learnt.
    """

    text: str
    left: str
    right: str
    old: tuple[str, ...]
    count: int


def learn_pieces(tokenizer: Tokenizer, words: Mapping[str, int], count: int) -> list[NewPiece]:
    """Join old pieces inside romanised words, the most frequent pair first.

    Args:
        tokenizer: With a fast backend.
        words: Romanised words, and how often each stands in the text.
        count: Pieces to learn; fewer where no pair stands twice.

    Raises:
        AlignmentError: `count` is below 1, or the tokenizer is of another kind.
    """
    if count < 1:
        raise AlignmentError(f"count is {count}. Legal: 1 or more.")
    state_of(tokenizer, SEGMENTERS, "extended")
    vocabulary = tokenizer.get_vocab()
    listed = list(words)
    encoded = tokenizer(listed, add_special_tokens=False)["input_ids"] if listed else []
    rows = [tokenizer.convert_ids_to_tokens(ids) for ids in encoded]
    sizes = [words[word] for word in listed]
    pairs: Counter[tuple[str, str]] = Counter()
    where: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for number, row in enumerate(rows):
        for pair in itertools.pairwise(row):
            pairs[pair] += sizes[number]
            where[pair].add(number)
    learnt: dict[str, NewPiece] = {}
    heap = [(-found, pair) for pair, found in pairs.items() if found >= FEWEST]
    heapq.heapify(heap)
    while len(learnt) < count and heap:
        found, pair = heapq.heappop(heap)
        text = "".join(pair)
        if (
            -found != pairs[pair]
        ):  # it was joined with another since; where it counts, it came again
            continue
        if text in vocabulary or not _is_latin(text):
            continue
        old = [learnt[side].old if side in learnt else (side,) for side in pair]
        learnt.setdefault(text, NewPiece(text, *pair, old[0] + old[1], pairs[pair]))
        changed: set[tuple[str, str]] = set()
        for number in list(where[pair]):
            before, after = rows[number], _joined(rows[number], pair)
            for each in itertools.pairwise(before):
                pairs[each] -= sizes[number]
                where[each].discard(number)
            for each in itertools.pairwise(after):
                pairs[each] += sizes[number]
                where[each].add(number)
            rows[number] = after
            changed |= {
                *itertools.pairwise(before),
                *itertools.pairwise(after),
            }
        for each in changed:
            if pairs[each] >= FEWEST:
                heapq.heappush(heap, (-pairs[each], each))
    return list(learnt.values())


def _joined(row: Sequence[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    place = 0
    while place < len(row):
        both = tuple(row[place : place + 2]) == pair
        joined.append("".join(pair) if both else row[place])
        place += 2 if both else 1
    return joined


def _is_latin(text: str) -> bool:
    """Whether a piece is of Latin letters without marks; a sign for the space may lead."""
    letters = text.lstrip("▁Ġ")
    return letters.isascii() and letters.isalpha()


def extend_tokenizer(
    tokenizer: Tokenizer, pieces: Sequence[NewPiece], keep: Iterable[str] = ()
) -> tuple[Tokenizer, list[NewPiece]]:
    """Return a tokenizer with new pieces behind the old ones, whose ids stay.

    Args:
        tokenizer: With a fast backend.
        pieces: From `learn_pieces`, in that order.
        keep: Text that is to be cut as before: a piece that it would use is left out, and with it
            those that are made of it.

    Returns:
        The tokenizer, and the pieces that were added; their ids follow one another.
    """
    added = list(pieces)
    kept = list(keep)
    first = len(tokenizer)
    while True:
        extended = _with(tokenizer, added)
        ids = extended(kept, add_special_tokens=False)["input_ids"] if kept else []
        used = {added[i - first].text for row in ids for i in row if i >= first}
        if not used:
            return extended, added
        rest: list[NewPiece] = []
        gone = set(used)
        for piece in added:
            if piece.text in gone or piece.left in gone or piece.right in gone:
                gone.add(piece.text)
            else:
                rest.append(piece)
        added = rest


def _with(tokenizer: Tokenizer, pieces: Sequence[NewPiece]) -> Tokenizer:
    state = state_of(tokenizer, SEGMENTERS, "extended")
    model = state["model"]
    first = len(tokenizer)
    _take_in(state, first)
    if model["type"] == "Unigram":
        scores = dict(model["vocab"])
        lowest = min(scores.values())  # what an unknown character costs follows from it
        total = sum(piece.count for piece in pieces)
        for piece in pieces:
            # Above its old pieces, or it would never be taken; as likely as it was found else.
            whole = sum(scores[side] for side in piece.old) + _AHEAD
            model["vocab"].append([piece.text, max(whole, lowest, math.log(piece.count / total))])
    else:
        for number, piece in enumerate(pieces):
            model["vocab"][piece.text] = first + number
        # Behind all old ones: these are done first, and only what they leave is joined.
        listed = bool(model["merges"]) and isinstance(model["merges"][0], list)
        pairs = [[piece.left, piece.right] for piece in pieces]
        model["merges"] += pairs if listed else [" ".join(pair) for pair in pairs]
    return with_state(tokenizer, state)


def _take_in(state: dict[str, Any], first: int) -> None:
    """Put tokens that were added behind the vocabulary into it: they keep their ids as it grows.

    They stay unreachable there, without a merge and at the lowest score.
    """
    model = state["model"]
    unigram = model["type"] == "Unigram"
    names = [name for name, _ in model["vocab"]] if unigram else list(model["vocab"])
    ids = list(range(len(names))) if unigram else list(model["vocab"].values())
    lowest = min((score for _, score in model["vocab"]), default=0.0) if unigram else 0.0
    known = set(names)
    for token in sorted(state["added_tokens"], key=lambda token: token["id"]):
        if token["content"] in known:
            continue
        ids.append(token["id"])
        if unigram:
            model["vocab"].append([token["content"], lowest])
        else:
            model["vocab"][token["content"]] = token["id"]
    if sorted(ids) != list(range(first)):
        raise AlignmentError(
            f"the vocabulary has {len(ids)} pieces with ids up to {max(ids)}: its ids have gaps, "
            "and new pieces would have no place. Legal: ids that follow one another."
        )


def extend_model(
    model: PreTrainedModel, first: int, vectors: torch.Tensor, biases: torch.Tensor
) -> PreTrainedModel:
    """Give new pieces their embeddings, in place; the old rows stay as they are.

    Args:
        model: A masked language model, or an encoder alone.
        first: Id of the first new piece. Rows that lay there unused are taken.
        vectors: *Shape:* (pieces, hidden).
        biases: Of the head, if there is one. *Shape:* (pieces,).

    Returns:
        The model.
    """
    config: Any = model.config
    inputs: Any = model.get_input_embeddings()
    outputs: Any = model.get_output_embeddings()
    rows = max(len(inputs.weight), first + len(vectors))
    tied = outputs is not None and outputs.weight is inputs.weight
    untied = None if outputs is None or tied else outputs.weight

    def grown(old: torch.Tensor, new: torch.Tensor) -> torch.nn.Parameter:
        whole = old.new_zeros(rows, *old.shape[1:])
        whole[: len(old)] = old.detach()
        whole[first : first + len(new)] = new.to(old.dtype)
        return torch.nn.Parameter(whole)

    inputs.weight = grown(inputs.weight, vectors)
    inputs.num_embeddings = rows
    if outputs is not None:
        outputs.weight = inputs.weight if untied is None else grown(untied, vectors)
        outputs.out_features = rows
        if outputs.bias is not None:
            bias = grown(outputs.bias, biases)
            for module in model.modules():  # heads hold the decoder's bias a second time
                if getattr(module, "bias", None) is outputs.bias and module is not outputs:
                    module.bias = bias
            outputs.bias = bias
    config.vocab_size = rows
    return model
