"""Where our defaults differ from the authors' code, in one table.

`--paper-compat` on a command line takes the third column; an option that is also given by name
keeps the value given. Source: protocol notes on the authors' repository, cited per row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CompatRow:
    """One option: ours, the authors', and why ours differs.

    Attributes:
        command: The command that takes the option.
        option: Name on that command's line, without dashes.
        default: Our value.
        paper_compat: The value that reproduces the authors' code.
        why: What the authors' value does.
    """

    command: str
    option: str
    default: Any
    paper_compat: Any
    why: str


PAPER_COMPAT = (
    CompatRow("train", "seq_weight", 1.0, 0.5, "the code halves the paper's contrastive loss"),
    CompatRow(
        "train",
        "gather_with_gradient",
        True,
        False,
        "each rank differentiates only its own sentences: 1/world_size of the true gradient",
    ),
    CompatRow("train", "weight_decay", 0.01, 0.0, "the paper says 0.01, the code passes none"),
    CompatRow(
        "train",
        "mask_equal_texts",
        True,
        False,
        "equal texts and Latin texts equal to their original count as negatives",
    ),
    CompatRow(
        "train", "keep_separator", True, False, "an over-long joint view loses its last </s>"
    ),
    CompatRow(
        "train", "replace_with_special", False, True, "random replacements may be <s> or <pad>"
    ),
    CompatRow(
        "train",
        "mask_at_least_one",
        True,
        False,
        "a short sentence may have nothing masked (then its batch may have no loss at all)",
    ),
    CompatRow("build", "language_code", True, False, "uroman is not told the language"),
    CompatRow(
        "eval", "pooling", "attended", "attended", "retrieval pools <s> and </s> too (as ours)"
    ),
)


def compat_values(command: str) -> dict[str, Any]:
    """Return option -> authors' value for one command."""
    return {row.option: row.paper_compat for row in PAPER_COMPAT if row.command == command}


def compat_markdown() -> str:
    """Return the table as Markdown, as docs/reproduce.md shows it."""
    lines = [
        "| command | option | default | `--paper-compat` | what the authors' code does |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{row.command}` | `{row.option}` | {row.default} | {row.paper_compat} | {row.why} |"
        for row in PAPER_COMPAT
    ]
    return "\n".join(lines)
