"""A small XLM-R trained from scratch: the stand-in for Glot500 where that cannot be had.

Used by the embedded default, the demo and the tests. It is a real multilingual masked language
model, only small and trained on little text; its scores say nothing about Glot500's.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import Unigram
from tokenizers.trainers import UnigramTrainer
from torch.utils.data import Dataset
from transformers import (
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerBase,
    Trainer,
    TrainingArguments,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
    XLMRobertaTokenizer,
    set_seed,
)

SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>")


@dataclass(frozen=True)
class StandInSize:
    """Shape of a stand-in; the defaults train in under a minute on two cores.

    Attributes:
        layers: Transformer layers.
        hidden: Width of the hidden states; the feed-forward layers are four times as wide.
        heads: Attention heads.
        pieces: Subword pieces wanted beyond one per distinct character.
    """

    layers: int = 4
    hidden: int = 128
    heads: int = 4
    pieces: int = 500


def train_tokenizer(sentences: Sequence[str], pieces: int) -> XLMRobertaTokenizer:
    """Train a Unigram tokenizer of XLM-R's kind that knows every character of its text.

    Args:
        sentences: Text of all languages.
        pieces: Pieces beyond one per distinct character: scripts such as Han need a piece per
            character before any piece is left for words.

    Returns:
        A tokenizer with XLM-R's special tokens and ids (`<s>` 0, `<pad>` 1, `</s>` 2, `<unk>` 3).
    """
    characters = Counter(char for sentence in sentences for char in sentence if not char.isspace())
    # Scripts used here rarely lack Latin text altogether; ASCII covers what romanisation adds.
    alphabet = sorted(set(characters) | {chr(code) for code in range(33, 127)})
    tokenizer = Tokenizer(Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    trainer = UnigramTrainer(
        vocab_size=len(alphabet) + pieces,
        special_tokens=list(SPECIAL_TOKENS),
        unk_token="<unk>",
        initial_alphabet=alphabet,
        show_progress=False,
    )
    tokenizer.train_from_iterator(sentences, trainer)
    return XLMRobertaTokenizer(vocab=_reproducible(tokenizer, alphabet), model_max_length=512)


def _reproducible(tokenizer: Tokenizer, alphabet: Iterable[str]) -> list[tuple[str, float]]:
    """The trained pieces in an order and with scores that do not differ between runs.

    The trainer gives characters without a score of their own `lowest + k * 1e-4`, numbered in hash
    order; here they all get a score just below the lowest.
    """
    trained: list[list[Any]] = json.loads(tokenizer.to_str())["model"]["vocab"]
    scores = {piece: score for piece, score in trained if piece not in SPECIAL_TOKENS}
    lowest = min(scores.values())
    for character in alphabet:
        step = (scores.get(character, lowest) - lowest) / 1e-4
        if abs(step - round(step)) < 1e-4:
            scores[character] = lowest - 1e-4
    ordered = sorted(
        ((piece, round(score, 6)) for piece, score in scores.items()),
        key=lambda item: (-item[1], item[0]),
    )
    return [*((token, 0.0) for token in SPECIAL_TOKENS), *ordered, ("<mask>", 0.0)]


def build_model(
    tokenizer: PreTrainedTokenizerBase, size: StandInSize, seed: int, max_length: int = 512
) -> XLMRobertaForMaskedLM:
    """Return a randomly initialised masked language model of the given size."""
    set_seed(seed)
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer),
        num_hidden_layers=size.layers,
        hidden_size=size.hidden,
        intermediate_size=4 * size.hidden,
        num_attention_heads=size.heads,
        max_position_embeddings=max_length + 2,
        type_vocab_size=1,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        layer_norm_eps=1e-5,
        # So small a model underfits; dropout would cost a quarter of a step's time on a CPU.
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return XLMRobertaForMaskedLM(config)


class _Sentences(Dataset[dict[str, Any]]):
    def __init__(self, ids: list[list[int]]) -> None:
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"input_ids": self.ids[index]}


def pretrain(
    model: XLMRobertaForMaskedLM,
    tokenizer: PreTrainedTokenizerBase,
    sentences: Sequence[str],
    arguments: TrainingArguments,
    max_length: int = 512,
) -> float:
    """Train a stand-in by plain masked language modelling on original-script text.

    Returns:
        The mean training loss in nats per masked token.
    """
    ids = tokenizer(list(sentences), truncation=True, max_length=max_length)["input_ids"]
    use_cache = model.config.use_cache  # which the Trainer changes
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=_Sentences(ids),
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.15),
    )
    loss = float(trainer.train().training_loss)
    model.config.use_cache = use_cache
    return loss


def unknown_rate(tokenizer: PreTrainedTokenizerBase, sentences: Sequence[str]) -> float:
    """Share of `<unk>` among the content tokens of some text, in percent."""
    ids = tokenizer(list(sentences), add_special_tokens=False)["input_ids"]
    total = sum(len(row) for row in ids)
    unknown = sum(row.count(tokenizer.unk_token_id) for row in ids)
    return 100 * unknown / max(total, 1)
