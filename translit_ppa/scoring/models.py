"""The models that are scored: who they are, how they are opened, which layers are read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from glob import glob
from typing import TYPE_CHECKING, Any

from translit_ppa.data_builders.errors import DataError
from translit_ppa.hub_cards.records.environment import now, package_version
from translit_ppa.hub_cards.records.files import ModelRecord, TrainRecord
from translit_ppa.identity import model_digest, tokenizer_digest, training_of

if TYPE_CHECKING:
    from translit_ppa.modeling import SentenceEncoder


@dataclass(frozen=True)
class Model:
    """A model to score.

    Attributes:
        name: Or folder.
        digest: Of the weights.
        tokenizer: Digest of the tokenizer.
        layers: How deep it is.
        positions: How many tokens a text may have, special ones included.
        training: Record that lies beside the weights.
    """

    name: str
    digest: str
    tokenizer: str
    layers: int
    positions: int
    training: TrainRecord | None

    def record(self) -> ModelRecord:
        """Say what is scored, with the training record that lies beside the weights."""
        return ModelRecord(
            kind="model",
            version=package_version(),
            created=now(),
            model=self.name,
            model_digest=self.digest,
            tokenizer=self.tokenizer,
            training=self.training,
        )


def names_of(models: Any) -> list[str]:
    """Name models: ids, folders, or what has a folder; one, several, or several by name."""
    if isinstance(models, (str, os.PathLike)) or hasattr(models, "folder"):
        models = [models]
    elif isinstance(models, Mapping):
        models = models.values()
    return [str(getattr(model, "folder", model)) for model in models]


def open_models(names: Sequence[str], revision: str | None) -> list[Model]:
    """Identify models before anything is measured.

    Args:
        names: Hub ids, folders, or patterns such as `runs/train/checkpoint-*`.
        revision: Commit, tag or branch, for every model.

    Raises:
        AlignmentError: One of them is not there.
        DataError: A pattern matches nothing.
    """
    from transformers import AutoConfig, AutoTokenizer

    from translit_ppa.modeling.opening import (
        OWN_CODE,
        opening,
        position_count,
        require_pieces,
    )

    found = []
    for name in expanded(names):
        with opening(name):
            config = AutoConfig.from_pretrained(name, revision=revision, **OWN_CODE)
            tokenizer = AutoTokenizer.from_pretrained(name, revision=revision, **OWN_CODE)
            require_pieces(tokenizer, name)
        digest = model_digest(name, revision)
        training = training_of(name)
        layers, positions = config.num_hidden_layers, position_count(config)
        digests = (digest, tokenizer_digest(tokenizer))
        found.append(Model(name, *digests, layers, positions, training))
    return found


def expanded(names: Sequence[str]) -> list[str]:
    """Replace patterns by the folders they match, and name each model once.

    Raises:
        DataError: A pattern matches nothing.
    """
    found: list[str] = []
    for name in names:
        if "*" not in name:
            found.append(name)
            continue
        # checkpoint-900 comes before checkpoint-1000.
        matches = sorted(glob(name), key=lambda p: [int(n) for n in re.findall(r"\d+", p)])
        if not matches:
            raise DataError(f"--model {name} matches no folder; give Hub ids or folders")
        found += matches
    return list(dict.fromkeys(found))


def opener(
    model: Model,
    revision: str | None,
    pooling: str | None,
    batch_size: int,
    prompt: str | Sequence[str] | None = None,
) -> Callable[[int], SentenceEncoder]:
    """Give what opens a model at its first use, once, and sets the layer."""
    from translit_ppa.modeling import SentenceEncoder

    @cache
    def opened() -> SentenceEncoder:
        return SentenceEncoder.from_pretrained(
            model.name, revision=revision, pooling=pooling, batch_size=batch_size, prompt=prompt
        )

    def at(layer: int) -> SentenceEncoder:
        encoder = opened()
        encoder.layer = layer
        return encoder

    return at


def resolved_layers(
    model: Model,
    layer: int | None,
    layers: Sequence[int | str] | str | None,
    pooling: str | None,
    revision: str | None,
    prompt: str | Sequence[str] | None = None,
) -> list[tuple[int, str]]:
    """Resolve which layers of a model are scored, and how sentences are pooled at each.

    Layer, pooling and prompt are as asked, else the model's own.
    """
    from transformers import AutoConfig

    from translit_ppa.modeling import AlignmentError
    from translit_ppa.modeling.checkpoints.place import (
        label_of,
        own_way,
        read_way_for,
        resolve_place,
    )
    from translit_ppa.modeling.checkpoints.sentence_way import resolve_prompts
    from translit_ppa.modeling.opening import OWN_CODE, opening

    with opening(model.name):
        config: Any = AutoConfig.from_pretrained(model.name, revision=revision, **OWN_CODE)
        asked = layer if layers is None else 0
        way = read_way_for(model.name, revision, asked, pooling)
    if layers is None:
        wanted = [layer]
    elif layers == "all" or list(layers) == ["all"]:
        wanted = list(range(model.layers + 1))
    else:
        try:
            wanted = [int(number) for number in layers]
        except ValueError as error:
            told = " ".join(map(str, layers))
            raise AlignmentError(f"--layers {told}; legal: all, or numbers") from error
    words = resolve_prompts(prompt, way)
    found = dict.fromkeys(resolve_place(config, way, number, pooling) for number in wanted)
    return [
        (number, label_of(own_way(way, number, pooled, config), pooled, *words))
        for number, pooled in found
    ]
