"""The kinds of names that a file or a download may bring, each checked where it comes in.

A name becomes a folder, a file, a config or an address. One that passed here holds no separator and
no dots that lead elsewhere, so that nothing behind the door need ask again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .errors import DataError

__all__ = ["CommitId", "ConfigName", "LanguageCode", "NameOf", "RepositoryId", "Sha256"]


@dataclass(frozen=True)
class NameOf:
    """A kind of name; called with what came, it gives back the string (a plain one, for YAML).

    Attributes:
        kind: What it is called.
        legal: Its shape in words.
        shape: The same as a pattern of the whole name.
    """

    kind: str
    legal: str
    shape: str

    def __call__(self, text: Any, where: object = "") -> str:
        """Check a name.

        Args:
            text: What came; anything else than a string is refused too.
            where: What to name in the message, such as a file.

        Returns:
            The name.

        Raises:
            DataError: It has another shape.
        """
        if isinstance(text, str) and re.fullmatch(self.shape, text):
            return text
        came = repr(text)
        came = came if len(came) <= 60 else f"{came[:57]}..."
        before = f"{where}: " if where else ""
        raise DataError(f"{before}{came} is no {self.kind}; legal: {self.legal}")


LanguageCode = NameOf(
    "language code", "iso639-3_Script, such as amh_Ethi", r"[a-z]{3}_[A-Z][a-z]{3}"
)
ConfigName = NameOf(
    "name of a config",
    "at most 96 letters, digits, '-' and '_', but not 'data' or 'default'",
    # `datasets` refuses "data" and treats "default" apart.
    r"(?!(?:data|default)\Z)[A-Za-z0-9][A-Za-z0-9_-]{0,95}",
)
RepositoryId = NameOf(
    "repository",
    "org/name, of letters, digits, '-', '_' and '.'",
    r"(?!.*(?:\.\.|--))[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}",
)
CommitId = NameOf("commit", "40 hexadecimal digits", r"[0-9a-f]{40}")
"""A branch or a tag may move, and a record means one state."""
Sha256 = NameOf("SHA-256", "64 hexadecimal digits", r"[0-9a-f]{64}")
