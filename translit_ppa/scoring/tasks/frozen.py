"""Labels from the vectors of models as they are: what may be asked, and how models are opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from translit_ppa.data_builders.errors import DataError
from translit_ppa.scoring.models import Model, opener, resolved_layers
from translit_ppa.scoring.tasks.task import Vectors

__all__ = ["require_frozen", "vectors_of"]

TEXTS = ("sib200", "taxi1500")


def require_frozen(
    specs: Sequence[str], shots: int, keep_models: bool, layers: Any, tuning: Sequence[Any]
) -> None:
    """Refuse what has no meaning where nothing is fine-tuned.

    Args:
        specs: The benchmarks.
        shots: Examples of the target.
        keep_models: Whether fine-tuned models are to be kept.
        layers: Several layers.
        tuning: Settings of fine-tuning that were given.

    Raises:
        DataError: One of them is asked for.
    """
    others = [spec for spec in specs if spec.partition(":")[0] not in TEXTS]
    if others:
        raise DataError(f"--frozen is for {' and '.join(TEXTS)}; came {', '.join(others)}")
    if shots or keep_models or layers or any(tuning):
        raise DataError(
            "--frozen fine-tunes nothing and reads one layer; leave out --shots, --keep-models, "
            "--layers, --epochs, --learning-rate, --max-length and --bf16"
        )


def vectors_of(
    layer: int | None,
    pooling: str | None,
    revision: str | None,
    batch_size: int,
    prompt: str | Sequence[str] | None,
) -> Callable[[Model], Vectors]:
    """Give what opens a model at its first text; no text is encoded twice.

    Args:
        layer: Index into `hidden_states`; None for the checkpoint's.
        pooling: None for the checkpoint's.
        revision: Of the model.
        batch_size: Texts encoded at a time.
        prompt: As for retrieval.
    """
    from translit_ppa.modeling.tasks.frozen import FrozenSettings, remembered

    known: dict[str, Vectors] = {}

    def of(model: Model) -> Vectors:
        if model.name not in known:
            ((number, pooled),) = resolved_layers(model, layer, None, pooling, revision, prompt)
            at = opener(model, revision, pooling, batch_size, prompt)
            known[model.name] = Vectors(
                FrozenSettings(number, pooled),
                remembered(lambda texts: at(number).encode(texts, show_progress=False)),
            )
        return known[model.name]

    return of
