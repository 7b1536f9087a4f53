"""Whether the rows of a source are documents, to be split into sentences, or sentences already."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...errors import DataError
from .splitter import Splitter

__all__ = ["SPLITTING", "choose_splitter"]

SPLITTING = ("auto", "yes", "no")
_LONG = 500
"""Characters above which a row counts as more than a sentence."""


def choose_splitter(
    wanted: str,
    name: str,
    documents: bool | None,
    first: Iterable[str],
    *,
    ready: bool,
    longest: int,
    say: Callable[[str], None],
) -> Splitter | None:
    """Decide whether documents are split into sentences, and say what was decided.

    Args:
        wanted: `auto`, `yes` or `no`.
        name: Of the source, for messages.
        documents: Whether its rows are documents; None where it does not say.
        first: Texts of its first rows, which are looked at where it does not say.
        ready: Whether the source brings its own romanisation.
        longest: Most characters of a sentence.
        say: Prints a line.

    Returns:
        What splits them; None where rows are taken as they are.

    Raises:
        DataError: Another word, or pairs that cannot be split.
    """
    if wanted not in SPLITTING:
        raise DataError(f"split_sentences {wanted!r}; legal are {', '.join(SPLITTING)}")
    if ready and wanted == "yes":
        raise DataError(
            "split_sentences yes, and the source brings pairs, whose romanisation cannot be split "
            "with them; legal are auto and no"
        )
    if wanted == "auto" and ready:
        return None
    if wanted != "auto":
        return Splitter(longest) if wanted == "yes" else None
    why = f"as {name} has them"
    if documents is None:
        texts = [text.strip() for text in first if text.strip()]
        long = sum(len(text) > _LONG or len(text.splitlines()) > 1 for text in texts)
        documents = 2 * long > len(texts)
        why = f"{long:,} of the first {len(texts):,} have several lines or over {_LONG} characters"
    if documents:
        say(f"rows are documents ({why}): they are split; --split-sentences no takes whole rows")
        return Splitter(longest)
    say(f"rows are sentences ({why}); --split-sentences yes splits them")
    return None
