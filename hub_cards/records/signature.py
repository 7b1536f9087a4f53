"""Signatures: the line that says under which conditions a score was measured.

Source: the form is that of sacreBLEU (Post, 2018), `benchmark|key:value|...`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar


class SignatureParts:
    """A dataclass whose fields are written under short keys; see its subclasses."""

    benchmark: str
    KEYS: ClassVar[dict[str, str]]

    def parts(self) -> dict[str, str]:
        """Give the values as text by short key, the benchmark under `benchmark`."""
        parts = {"benchmark": self.benchmark}
        for field, key in self.KEYS.items():
            value = getattr(self, field)
            parts[key] = "none" if value is None else str(value)
        # A romaniser's own signature has bars too; here they would look like further keys.
        return {key: value.replace("|", ",") for key, value in parts.items()}

    def __str__(self) -> str:
        return join_signature(self.parts())


@dataclass(frozen=True)
class Signature(SignatureParts):
    """Everything that must agree before two retrieval scores may be compared."""

    benchmark: str
    split: str
    source: str
    target: str
    input: str
    transliterator: str | None
    layer: int
    pooling: str
    n: int
    seed: int
    version: str

    KEYS: ClassVar[dict[str, str]] = {
        "split": "split",
        "source": "src",
        "target": "tgt",
        "input": "input",
        "transliterator": "translit",
        "layer": "layer",
        "pooling": "pool",
        "n": "n",
        "seed": "seed",
        "version": "v",
    }


@dataclass(frozen=True)
class TaskSignature(SignatureParts):
    """Everything that must agree before two fine-tuned scores may be compared."""

    benchmark: str
    split: str
    source: str
    target: str
    input: str
    transliterator: str | None
    shots: int
    settings: str
    n: int
    seed: int
    version: str

    KEYS: ClassVar[dict[str, str]] = {
        "split": "split",
        "source": "src",
        "target": "tgt",
        "input": "input",
        "transliterator": "translit",
        "shots": "shots",
        "settings": "tune",
        "n": "n",
        "seed": "seed",
        "version": "v",
    }


def join_signature(parts: Mapping[str, str]) -> str:
    """Write signature parts as `benchmark|key:value|...`.

    Args:
        parts: Values by short key; `benchmark` comes first and without its key.

    Returns:
        One line of text.
    """
    keyed = [f"{key}:{value}" for key, value in parts.items() if key != "benchmark"]
    return "|".join([parts["benchmark"], *keyed])


def common_signature(signatures: Iterable[SignatureParts]) -> str:
    """Write one signature for many scores.

    Args:
        signatures: At least one.

    Returns:
        A signature line; a value that differs is `*`, a count that differs is its range.
    """
    all_parts = [signature.parts() for signature in signatures]
    common = {}
    for key in all_parts[0]:
        values = list(dict.fromkeys(parts[key] for parts in all_parts))
        if len(values) == 1:
            common[key] = values[0]
        elif key == "n":
            common[key] = f"{min(values, key=int)}-{max(values, key=int)}"
        else:
            common[key] = "*"
    return join_signature(common)
