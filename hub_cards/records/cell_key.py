"""Who a number is: which model, on what, from which to which language, measured how."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import Any

_RETRIEVAL_ONLY = ("layer", "pooling")
_TASK_ONLY = ("shots", "settings")


@dataclass(frozen=True)
class CellKey:
    """Who a number is.

    Retrieval has `layer` and `pooling`, a task has `shots` and `settings`; what does not apply is
    None. Two keys of one content may differ in `model`: folders are renamed, and weights stay what
    they are.

    Attributes:
        model: Name or folder, as the command line had it.
        model_digest: Digest of the weights; `unknown` where nobody can tell.
        tokenizer: Digest of what the tokenizer does.
        version: Of this package.
        benchmark: `name@revision`.
        protocol: `retrieval`, or how a task is fine-tuned for.
        split: Of the benchmark.
        source: Language of the queries, or of the fine-tuning.
        target: Language that is searched, or tested.
        input: `original` or `latin`, the script that the model was given.
        target_input: Script of what is searched, where it is another than that of the queries,
            which `input` then names; None where both are in one.
        transliterator: Signature of what made the Latin; None for the original script.
        seed: Of the head, the order and the dropout of a task; retrieval draws nothing.
        layer: Index into `hidden_states`.
        pooling: How tokens became a sentence.
        shots: Labelled target examples seen.
        settings: Everything else that decides a fine-tuned score.
        folded: Steps that brought some of the text into other letters before it was romanised,
            such as `zawgyi`; None where nothing was changed.
    """

    model: str
    model_digest: str
    tokenizer: str
    version: str
    benchmark: str
    protocol: str
    split: str
    source: str
    target: str
    input: str
    transliterator: str | None
    seed: int
    layer: int | None = None
    pooling: str | None = None
    shots: int | None = None
    settings: dict[str, Any] | None = field(default=None, hash=False)
    target_input: str | None = None
    folded: str | None = None

    @classmethod
    def of(cls, record: Any) -> CellKey:
        """Read the key off whatever has its fields; what is not there is None."""
        found: dict[str, Any] = {p.name: getattr(record, p.name, None) for p in fields(cls)}
        return cls(**found)

    @property
    def is_task(self) -> bool:
        """Whether the model was fine-tuned for this number."""
        return self.settings is not None

    @property
    def pair(self) -> tuple[str, str]:
        """(source, target)."""
        return self.source, self.target

    def told(self) -> dict[str, Any]:
        """Return the fields that apply, by name."""
        out: tuple[str, ...] = _RETRIEVAL_ONLY if self.is_task else _TASK_ONLY
        # What was added later stays out where it says nothing, so that digests stay.
        out += tuple(name for name in ("target_input", "folded") if getattr(self, name) is None)
        return {p.name: getattr(self, p.name) for p in fields(self) if p.name not in out}

    def digest(self) -> str | None:
        """Identify the cell by its content: what must not be measured a second time.

        Returns:
            64 hex digits; None where the weights are not known, so that nothing is known to be
            the same.
        """
        if self.model_digest in ("", "unknown"):
            return None
        # Retrieval draws nothing, so that its seed (of the training) decides no score.
        out = {"model"} if self.is_task else {"model", "seed"}
        content = {name: value for name, value in self.told().items() if name not in out}
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()

    def order(self) -> tuple[Any, ...]:
        """Where the cell stands among others of its model and benchmark, in a file."""
        settings = json.dumps(self.settings, sort_keys=True)
        return (
            *(self.input != "original", self.target_input or "", self.source, self.target),
            *(-1 if self.layer is None else self.layer, self.pooling or ""),
            *(self.shots or 0, settings, self.seed, self.split),
            *(self.transliterator or "", self.version, self.model_digest, self.tokenizer),
            self.folded or "",
        )


def short_digest(settings: Any) -> str:
    """Name fine-tuning settings by eight hex digits."""
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:8]
