"""What a base lacked of the model that was trained from it, as the training's record keeps it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HeadTraining:
    """A language-modelling head that was taught alone first: mean losses in nats per masked token.

    `first` and `last` are of its first and last steps; `flat` says whether it learnt no more.
    """

    steps: int
    first: float
    last: float
    flat: bool


@dataclass(frozen=True)
class BaseWeights:
    """What the base lacked, where it lacked anything.

    `head` of language modelling is `trained`, `missing` or `untrained`; `lacking` are weights of
    the encoder that were drawn at random, `left_over` such that its config has no place for.
    `head_training` is null where the head was not taught alone, or in an earlier part of the run.
    """

    head: str
    lacking: list[str]
    left_over: list[str]
    head_training: HeadTraining | None

    def __str__(self) -> str:
        """In one line."""
        told = []
        if self.head != "trained":
            told.append(f"language-modelling head {self.head}")
        if self.head_training is not None:
            taught = self.head_training
            told.append(
                f"taught alone for {taught.steps} steps, loss {taught.first:.2f} to "
                f"{taught.last:.2f}{'' if taught.flat else ', not flat yet'}"
            )
        for names, what in ((self.lacking, "drawn at random"), (self.left_over, "left out")):
            if names:
                told.append(f"{len(names)} weights of the encoder {what}, such as {names[0]}")
        return "; ".join(told)
