"""Datasets of the Hub that are known by their names: what is read of them without an option.

Add one: a row of `KNOWN`, with a fixture of its layout in tests/data_builders/test_hub_known.py.
Sources: the cards and the file lists of these datasets, 2025 and 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...schema import TEXT

__all__ = ["ANY", "KNOWN", "KnownSource"]


@dataclass(frozen=True)
class KnownSource:
    """What is read of a dataset.

    Attributes:
        config: Config of a language, or (with a slash) its files: a pattern, see `configs`.
        column: Column of the text.
        documents: Whether rows are documents; None where a look at them has to tell.
        licence: Of the collection, as its card has it; that of the texts may differ.
        gated: Whether its terms have to be accepted.
        origin: Column that says where a text comes from.
        codes: Codes of its own by ISO 639-3, in place of `{iso1}`.
        escaped: Whether line ends may be written as a backslash and n.
    """

    config: str = "{code}"
    column: str = TEXT
    documents: bool | None = None
    licence: str = ""
    gated: bool = False
    origin: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    escaped: bool = False


ANY = KnownSource()
"""For a dataset that is not known."""

_WIKIPEDIAS = {"yue": "zh-yue", "lzh": "zh-classical", "nan": "zh-min-nan"}

KNOWN: Mapping[str, KnownSource] = {
    "cis-lmu/Glot500": KnownSource(documents=False, licence="mixed", origin="dataset"),
    "HuggingFaceFW/fineweb-2": KnownSource(documents=True, licence="ODC-By 1.0"),
    "HPLT/HPLT2.0_cleaned": KnownSource(documents=True, licence="CC0 1.0"),
    "HPLT/HPLT3.0": KnownSource(documents=True, licence="CC0 1.0"),
    "cis-lmu/GlotCC-V1": KnownSource(
        "{iso3}-{script}", "content", documents=True, licence="CC0 1.0"
    ),
    "wikimedia/wikipedia": KnownSource(
        "{date}.{iso1}", documents=True, licence="CC BY-SA 4.0 and GFDL", codes=_WIKIPEDIAS
    ),
    "uonlp/CulturaX": KnownSource(
        "{iso1}", documents=True, licence="ODC-By 1.0 (mC4) and CC0 1.0 (OSCAR)", gated=True
    ),
    "oscar-corpus/OSCAR-2301": KnownSource("{iso1}", documents=True, licence="CC0 1.0", gated=True),
    "allenai/MADLAD-400": KnownSource(
        "data/{iso1}/{iso1}_clean_*.jsonl.gz", documents=True, licence="ODC-By 1.0", escaped=True
    ),
}
