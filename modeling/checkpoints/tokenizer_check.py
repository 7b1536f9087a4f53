"""Is a tokenizer what its folder claims: size, special ids, words of many scripts there and back.

A conversion that went wrong raises nothing: it reads text as other pieces, and a model that is
trained or scored with it is a bad one without a line. What is checked is the tokenizer against its
own vocabulary, against the model's config, and against `sentencepiece.bpe.model` beside it.
"""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path
from typing import Any

from transformers.utils import cached_file

from ..aligned.errors import AlignmentError

__all__ = ["SENTENCEPIECE", "carry_sentencepiece", "check_tokenizer"]

SENTENCEPIECE = ("sentencepiece.bpe.model", "spm.model")
"""What the file is called: of XLM-R, of mDeBERTa."""
FEWEST = 0.9
"""Share of the embeddings that have a piece, at least; some are there to make the number round."""
_SPECIAL = 16
"""A tokenizer has so many pieces more than its SentencePiece model, at most."""
PROBES = (
    *("language", "γλώσσα", "язык", "լեզու", "ენა", "שפה", "لغة", "ቋንቋ", "भाषा", "ভাষা", "ਭਾਸ਼ਾ"),
    *("ભાષા", "மொழி", "భాష", "ಭಾಷೆ", "ഭാഷ", "භාෂාව", "ภาษา", "ພາສາ", "སྐད", "ဘာသာ", "ភាសា"),
    *("언어", "语言", "ことば"),
)
"""The word for language in the scripts that encoders are made for."""


def check_tokenizer(config: Any, rows: int, tokenizer: Any, name: str) -> None:
    """See that a tokenizer is whole, and the one of its model.

    Args:
        config: Of the model.
        rows: How many embeddings it has.
        tokenizer: Of transformers.
        name: Hub id or folder.

    Raises:
        AlignmentError: It is not; says what came, and what was to come.
    """
    pieces = len(tokenizer)
    if pieces < FEWEST * rows:
        raise AlignmentError(
            f"{name}: the tokenizer has {pieces:,} pieces, the model {rows:,} embeddings; it is "
            "that of another model, or a broken conversion. Copy the tokenizer's files again."
        )
    told = getattr(config, "pad_token_id", None)
    if None not in (told, tokenizer.pad_token_id) and told != tokenizer.pad_token_id:
        raise AlignmentError(
            f"{name}: {tokenizer.pad_token} is {tokenizer.pad_token_id} in the tokenizer and "
            f"{told} in config.json (pad_token_id). Copy the tokenizer's files again, or mend it."
        )
    try:
        framed = tokenizer("a")["input_ids"]
    except BaseException as error:  # settings of any type are taken, and first used here
        # tokenizers is written in Rust: what it did not foresee is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise AlignmentError(
            f"{name}: the tokenizer cannot read 'a' ({type(error).__name__}: {error}); its "
            "settings are damaged. Copy tokenizer.json and tokenizer_config.json again."
        ) from error
    ends = ((tokenizer.cls_token_id, framed[:1]), (tokenizer.sep_token_id, framed[-1:]))
    for wanted, found in ends:
        if wanted is not None and found != [wanted]:
            raise AlignmentError(
                f"{name}: the tokenizer has {tokenizer.cls_token} and {tokenizer.sep_token}, but "
                f"reads 'a' as {' '.join(tokenizer.convert_ids_to_tokens(framed))}. Copy the "
                "tokenizer's files again."
            )
    known = _alphabet(tokenizer)
    for probe in PROBES:
        if known is None or set(unicodedata.normalize("NFKC", probe)) <= known:
            _round_trip(tokenizer, f"{probe} {probe}", name)
    for path in (Path(name) / file for file in SENTENCEPIECE):
        if path.is_file():
            _compare(tokenizer, path, name)


def _find(name: str, revision: str | None) -> Path | None:
    """Find the SentencePiece model of a checkpoint, in its folder or on the Hub."""
    for file in SENTENCEPIECE:
        found = Path(name) / file
        if not Path(name).is_dir():
            cached = cached_file(
                name,
                file,
                revision=revision,
                _raise_exceptions_for_missing_entries=False,
                _raise_exceptions_for_connection_errors=False,
                _raise_exceptions_for_gated_repo=False,
            )
            found = Path(cached or "")
        if found.is_file():
            return found
    return None


def carry_sentencepiece(
    source: str, tokenizer: Any, out: Path, revision: str | None = None
) -> bool | None:
    """Copy the SentencePiece model of a checkpoint beside a tokenizer of the same pieces.

    Tools that read `tokenizer.vocab_file`, such as spacy-transformers, need it.

    Args:
        source: Hub id or folder that the tokenizer comes from.
        tokenizer: That was written.
        out: Where.
        revision: Commit, tag or branch on the Hub.

    Returns:
        Whether it fits, and was copied; None if there is none.
    """
    path = _find(source, revision)
    if path is None:
        return None
    if not _fits(tokenizer, _opened(path)):
        return False
    shutil.copyfile(path, out / path.name)
    return True


def _alphabet(tokenizer: Any) -> set[str] | None:
    """The characters that are pieces of their own; None where bytes are, so that all are known."""
    vocabulary = tokenizer.get_vocab()
    backend = getattr(tokenizer, "backend_tokenizer", None)
    # Not by a piece such as Ġ, which is a letter of Maltese too.
    if "<0x41>" in vocabulary or "ByteLevel" in repr(getattr(backend, "decoder", None)):
        return None
    alone = {piece for piece in vocabulary if len(piece) == 1}
    inside = {piece[2:] for piece in vocabulary if len(piece) == 3 and piece[:2] == "##"}
    return alone & inside if inside else alone


def _round_trip(tokenizer: Any, text: str, name: str) -> None:
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    back = tokenizer.decode(ids, skip_special_tokens=False)
    if tokenizer.unk_token_id in ids or _key(back) != _key(text):
        pieces = " ".join(map(str, tokenizer.convert_ids_to_tokens(ids)))
        raise AlignmentError(
            f"{name}: the tokenizer is broken: it has the characters of {text!r}, but reads it as "
            f"{pieces} and gives back {back!r}. Copy the tokenizer's files again."
        )


def _key(text: str) -> str:
    """What is left when case, marks, forms and spaces do not count: a tokenizer may change them."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parts if not c.isspace() and unicodedata.category(c) != "Mn")


def _opened(path: Path) -> Any:
    from sentencepiece import SentencePieceProcessor

    try:
        return SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        raise AlignmentError(f"{path} is no SentencePiece model; copy it again") from error


def _fits(tokenizer: Any, model: Any) -> bool:
    return 0 <= len(tokenizer) - model.get_piece_size() <= _SPECIAL


def _compare(tokenizer: Any, path: Path, name: str) -> None:
    """See that the tokenizer reads text as the SentencePiece model beside it does."""
    model = _opened(path)
    if not _fits(tokenizer, model):
        raise AlignmentError(
            f"{name}: the tokenizer has {len(tokenizer):,} pieces, {path.name} beside it "
            f"{model.get_piece_size():,}: they are of two models. Remove the one that is wrong."
        )
    for probe in PROBES:
        theirs = model.encode(probe, out_type=str)
        ids = tokenizer(probe, add_special_tokens=False)["input_ids"]
        ours = tokenizer.convert_ids_to_tokens(ids)
        if tokenizer.unk_token not in ours and ours != theirs:
            raise AlignmentError(
                f"{name}: the tokenizer reads {probe!r} as {' '.join(ours)}, {path.name} "
                f"beside it as {' '.join(theirs)}. Copy the tokenizer's files again."
            )
