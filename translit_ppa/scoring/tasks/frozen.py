"""Labels and tags from models as they are: what may be asked, and how models are opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from translit_ppa.data_builders.errors import DataError
from translit_ppa.scoring.models import Model, opener, resolved_layers
from translit_ppa.scoring.tasks.task import TextVectors, Vectors, WordVectors

if TYPE_CHECKING:
    from translit_ppa.modeling import SentenceEncoder

__all__ = ["require_frozen", "vectors_of"]

TEXTS, WORDS = ("sib200", "taxi1500"), ("ner", "pos")


def require_frozen(
    specs: Sequence[str],
    shots: int,
    keep_models: bool,
    layers: Any,
    tuning: Sequence[Any],
    sentences: Sequence[Any],
) -> None:
    """Refuse what has no meaning where nothing is fine-tuned.

    Args:
        specs: The benchmarks.
        shots: Examples of the target.
        keep_models: Whether fine-tuned models are to be kept.
        layers: Several layers.
        tuning: Settings of fine-tuning that were given.
        sentences: Pooling and prompt that were given, which words have none of.

    Raises:
        DataError: One of them is asked for.
    """
    names = {spec: spec.partition(":")[0] for spec in specs}
    others = [spec for spec, name in names.items() if name not in (*TEXTS, *WORDS)]
    if others:
        raise DataError(f"--frozen is for {', '.join((*TEXTS, *WORDS))}; came {', '.join(others)}")
    words = [name for name in names.values() if name in WORDS]
    if words and any(sentences):
        raise DataError(
            f"--frozen {' '.join(words)} reads words, not sentences; leave out --pooling and "
            "--prompt, or give sib200 and taxi1500 in a run of their own"
        )
    if shots or keep_models or layers or any(tuning):
        raise DataError(
            "--frozen fine-tunes nothing and reads one layer; leave out --shots, --keep-models, "
            "--layers, --epochs, --learning-rate, --max-length, --bf16 and --paper-compat"
        )


def vectors_of(
    layer: int | None,
    pooling: str | None,
    revision: str | None,
    batch_size: int,
    prompt: str | Sequence[str] | None,
) -> Callable[[Model, str], Vectors]:
    """Give what opens a model for a protocol at its first text; no text is encoded twice.

    Args:
        layer: Index into `hidden_states`; None for the checkpoint's.
        pooling: None for the checkpoint's.
        revision: Of the model.
        batch_size: Texts encoded at a time.
        prompt: As for retrieval.
    """
    from translit_ppa.modeling.embedding.words import embed_words
    from translit_ppa.modeling.tasks.frozen import FrozenSettings, remembered
    from translit_ppa.modeling.tasks.frozen_words import WordSettings, remembered_words

    known: dict[tuple[str, str], Vectors] = {}
    encoders: dict[str, Callable[[int], SentenceEncoder]] = {}

    def of(model: Model, protocol: str) -> Vectors:
        if (model.name, protocol) not in known:
            known[model.name, protocol] = opened(model, protocol)
        return known[model.name, protocol]

    def opened(model: Model, protocol: str) -> Vectors:
        ((number, pooled),) = resolved_layers(model, layer, None, pooling, revision, prompt)
        # Topics and tags in one run read the same model, which is opened once.
        if model.name not in encoders:
            encoders[model.name] = opener(model, revision, pooling, batch_size, prompt)
        at = encoders[model.name]
        if protocol == "sequence_classification":
            encode = remembered(lambda texts: at(number).encode(texts, show_progress=False))
            return TextVectors(FrozenSettings(number, pooled), encode)
        words = remembered_words(lambda sentences: embed_words(at(number), sentences))
        return WordVectors(WordSettings(number), words)

    return of
