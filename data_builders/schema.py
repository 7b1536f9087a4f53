"""Column names and row shape of every file of pairs: they live here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "COLUMNS",
    "END",
    "LANG",
    "PLACE",
    "ROW",
    "SCRIPT",
    "SOURCE",
    "START",
    "TEXT",
    "TRAIN",
    "TRANSLITERATION",
    "VALIDATION",
    "WHERE",
    "PairRow",
    "arrow_schema",
]

TEXT = "text"
TRANSLITERATION = "transliteration"
LANG = "lang"
SCRIPT = "script"
SOURCE = "source"
ROW, START, END = "row", "start", "end"
"""Which row of its language in the source a pair came from, from 0, and which of its characters;
no characters stand there where rows are sentences, which become pairs whole.

They never are among the columns; a group has them in files of their own, see `row_index`.
"""
WHERE = (ROW, START, END)
PLACE = "place"
"""Where the hash of a pair's text lies: the lowest are validation; never among the columns."""
COLUMNS = (TEXT, TRANSLITERATION, LANG, SCRIPT, SOURCE)

TRAIN = "train"
VALIDATION = "validation"


class PairRow(TypedDict):
    """One sentence in its own script and in Latin letters.

    `lang` is ISO 639-3 (`amh`), `script` ISO 15924 (`Ethi`), `source` the origin of the
    sentence (`cldr-47`, `cis-lmu/Glot500@<commit>#<corpus>`, `files:amh_Ethi.txt`).
    """

    text: str
    transliteration: str
    lang: str
    script: str
    source: str


def arrow_schema() -> pa.Schema:
    """Give the Arrow schema of the pairs.

    Returns:
        Five string columns in the order of `COLUMNS`.
    """
    import pyarrow as pa

    return pa.schema([(name, pa.string()) for name in COLUMNS])
