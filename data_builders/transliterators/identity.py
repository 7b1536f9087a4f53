"""The control: a romaniser that leaves every sentence as it is."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["IdentityTransliterator"]


class IdentityTransliterator:
    """Returns what it is given; shows what alignment does without romanisation."""

    def __call__(self, sentences: Sequence[str], lang: str | None = None) -> list[str]:
        """Copies the list.

        Args:
            sentences: Any text.
            lang: Ignored.

        Returns:
            The same strings.
        """
        return list(sentences)

    def signature(self) -> str:
        """Name the control.

        Returns:
            `identity`.
        """
        return "identity"
