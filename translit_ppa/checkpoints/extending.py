"""A base with pieces for romanised words, learnt from the romanised side of pairs."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from translit_ppa.errors import raises_translit_error
from translit_ppa.pairs import Pairs, open_pairs

__all__ = ["extend_vocabulary"]


@raises_translit_error
def extend_vocabulary(
    base: str | os.PathLike[str],
    pairs: Pairs | str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    count: int = 2000,
    init: str = "mean",
    group: str = "mediterranean",
    keep: Sequence[str | os.PathLike[str]] = (),
    revision: str | None = None,
    pairs_revision: str | None = None,
    text_column: str = "text",
    transliteration_column: str = "transliteration",
) -> Path:
    """Write a base with new pieces for romanised words; all else stays as it is.

    The originals of the pairs, and the text of `keep`, are cut into the very pieces that they were
    cut into before: new pieces that they would use are left out. So is every word without the
    letters a to z, in whatever text; a word that has some may be cut anew.

    Args:
        base: Hub id or folder, with a vocabulary of the kind Unigram (XLM-R) or BPE (ModernBERT).
        pairs: Hub id or folder of paired data, or what `build_pairs` returned; new pieces are
            learnt from the romanised side of its train split.
        out: A folder that is not there yet.
        count: Pieces to learn.
        init: Where their embeddings begin: `mean` of the old pieces that they were cut into, or
            `transmi`, the mean of the pieces of other scripts that are romanised so, or `focus`, a
            weighted mean of old pieces that stand in like places of the romanised side.
        group: Of the pairs: the language group, or a group's TSV.
        keep: Text files, or folders of such, that are to be cut as before too.
        revision: Commit, tag or branch of the base.
        pairs_revision: Commit, tag or branch of the pairs.
        text_column: Column of the originals.
        transliteration_column: Column of the Latin forms.

    Returns:
        The folder; what was learnt is printed.

    Raises:
        TranslitError: Base or pairs cannot be opened, nothing is learnt, or `out` is there.
    """
    from transformers import AutoTokenizer

    from translit_ppa.data_builders.transliterators import get_transliterator
    from translit_ppa.modeling import AlignmentError
    from translit_ppa.modeling.checkpoints.saving import save_checkpoint
    from translit_ppa.modeling.checkpoints.sentence_files import carry_sentence_files
    from translit_ppa.modeling.checkpoints.stock import open_stock
    from translit_ppa.modeling.opening import OWN_CODE, opening, require_fitting
    from translit_ppa.modeling.vocabulary.beginnings import BEGINNINGS, begin
    from translit_ppa.modeling.vocabulary.extend import (
        extend_model,
        extend_tokenizer,
        learn_pieces,
    )
    from translit_ppa.modeling.vocabulary.focus import mixtures
    from translit_ppa.training.inputs import kept_source, lines_of

    folder, name = Path(out), os.fspath(base)
    if folder.exists():
        raise AlignmentError(f"{folder} is there already; give another folder.")
    if init not in BEGINNINGS:
        raise AlignmentError(f"init is {init!r}. Legal: {', '.join(BEGINNINGS)}.")
    sources: list[Any] = [kept_source(os.fspath(each)) for each in keep]
    columns = (text_column, transliteration_column)
    if isinstance(pairs, Pairs):
        rows = open_pairs(pairs.name, pairs.config, pairs.revision, "train", columns)["train"]
    else:
        rows = open_pairs(pairs, group, pairs_revision, "train", columns)["train"]
    originals, latin = rows[text_column], rows[transliteration_column]
    words = Counter(
        f" {word}"
        for original, text in zip(originals, latin, strict=True)
        if original != text
        for word in text.split()
    )
    with opening(name):
        tokenizer = AutoTokenizer.from_pretrained(name, revision=revision, **OWN_CODE)
        model, _ = open_stock(name, revision=revision, dtype="auto")
    require_fitting(model, tokenizer, name)
    kept = [*dict.fromkeys(originals)]
    for source in sources:
        if not isinstance(source, list):
            raise AlignmentError("keep names a benchmark. Legal: text files and folders of such.")
        kept += lines_of(source)
    learnt = learn_pieces(tokenizer, words, count)
    extended, added = extend_tokenizer(tokenizer, learnt, kept)
    if not added:
        raise AlignmentError(f"{len(words):,} romanised words gave no new piece; give more text")
    vocabulary = tokenizer.get_vocab()
    romanised = None
    if init == "transmi":
        bare = sorted({piece.lstrip("▁Ġ") for piece in vocabulary} - {""})
        others = [piece for piece in bare if piece.isalpha() and not piece.isascii()]
        romanised = dict(zip(others, get_transliterator("uroman")(others, None), strict=True))
    embeddings = model.get_input_embeddings().weight.detach()
    mixed: list[Any] = []
    if init == "focus":
        cut = extended([*latin], add_special_tokens=False)["input_ids"]
        mixed = mixtures(cut, len(tokenizer), len(added))
    vectors, met = begin(embeddings, vocabulary, added, init, romanised, mixed)
    head = model.get_output_embeddings()
    biases = embeddings[:0, 0]
    if head is not None and head.bias is not None:
        biases, _ = begin(head.bias.detach(), vocabulary, added, init, romanised, mixed)
    extend_model(model, len(tokenizer), vectors, biases)
    before, after = (_pieces_per_word(each, words) for each in (tokenizer, extended))
    aside = folder.with_name(f".{folder.name}.saving")
    shutil.rmtree(aside, ignore_errors=True)
    aside.parent.mkdir(parents=True, exist_ok=True)
    try:
        save_checkpoint(model, extended, aside)
        carry_sentence_files(name, aside)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    begun = {"transmi": "pieces of other scripts", "focus": "pieces in like places"}.get(init)
    begun = f", {met:,} of them begun at {begun}" if begun else ""
    print(
        f"vocabulary: {len(added):,} pieces added to {len(tokenizer):,} ({len(learnt):,} learnt; "
        f"the others would have changed text that is kept){begun}; pieces per romanised word "
        f"{before:.2f} -> {after:.2f}"
    )
    return folder


def _pieces_per_word(tokenizer: Any, words: Counter[str]) -> float:
    listed = list(words)
    ids = tokenizer(listed, add_special_tokens=False)["input_ids"]
    total = sum(len(row) * words[word] for word, row in zip(listed, ids, strict=True))
    return total / sum(words.values())
