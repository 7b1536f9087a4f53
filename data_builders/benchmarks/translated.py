"""Translated sentences of the Hub: FLORES+, BOUQuET, and the premises of XNLI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from ..reading.rows import Columns
from .parallel_set import ParallelSet

__all__ = ["XNLI", "BOUQuET", "FLORESPlus"]

_CODE = r"(?P<code>[a-z]{3}_[A-Z][a-z]{3}(?:_[a-z]{4}[0-9]{4})?)"
"""As the sets write it: a variety by its Glottocode follows the script."""


class FLORESPlus(ParallelSet):
    """Sentences of Wikimedia, translated from English; two sets of about 1,000.

    `test` is what FLORES calls devtest, `validation` its dev. Of FLORES-200 in a folder, line
    numbers are the ids.
    """

    name = "flores"
    licence = "CC BY-SA 4.0"
    citation = "NLLB Team (2024), Scaling neural machine translation to 200 languages, Nature 630"
    hub = (
        "openlanguagedata/flores_plus, gated, a config per language (ell_Grek), splits dev and "
        "devtest, columns id and text: as public programs read it; not verified against the Hub"
    )
    splits = ("validation", "test")
    repository = "openlanguagedata/flores_plus"
    hub_splits: ClassVar[Mapping[str, str]] = {"validation": "dev", "test": "devtest"}
    columns = ("id", "text")
    places: ClassVar[Mapping[str, str]] = {
        ours: rf"(?:.*/)?{theirs}/(?:{theirs}\.)?{_CODE}(?:\.{theirs}|\.parquet|\.jsonl)?"
        for ours, theirs in hub_splits.items()
    }
    _what = "its folders dev and devtest, as released (ell_Grek.parquet, .jsonl or .devtest)"


class BOUQuET(ParallelSet):
    """Sentences of eight languages and many registers, translated: 504 and 854 of them."""

    name = "bouquet"
    licence = "CC BY-SA 4.0"
    citation = "Omnilingual MT Team (2025), BOUQuET, arXiv 2502.04314"
    hub = (
        "facebook/bouquet, gated, a config per language (ell_Grek) with its sentences, splits dev "
        "and test, columns uniq_id and src_text: as its card and public programs have it; not "
        "verified against the Hub"
    )
    splits = ("validation", "test")
    repository = "facebook/bouquet"
    hub_splits: ClassVar[Mapping[str, str]] = {"validation": "dev", "test": "test"}
    no_languages = (
        *("default", "sentence_level", "paragraph_level", "benchmark"),
        *("benchmark_sentence_level", "benchmark_paragraph_level"),
    )
    columns = ("uniq_id", "src_text")
    file_columns = Columns(text="src_text", ids_if_any=True)
    places: ClassVar[Mapping[str, str]] = {
        ours: rf"(?:.*/)?sentence_level/{theirs}/{_CODE}\.parquet"
        for ours, theirs in hub_splits.items()
    }
    _what = "its folder data/sentence_level, as released (test/ell_Grek.parquet)"


class XNLI(ParallelSet):
    """The premises of XNLI, each once: sentences of ten genres in fifteen languages.

    Rows are parallel by their number. A premise has three hypotheses, and so three rows.
    """

    name = "xnli"
    licence = "CC BY-NC 4.0"
    citation = "Conneau et al. (2018), XNLI: Evaluating cross-lingual sentence representations"
    hub = (
        "facebook/xnli, a config per language (el), splits validation and test, column premise: "
        "as its card has it; not verified against the Hub"
    )
    splits = ("validation", "test")
    repository = "facebook/xnli"
    hub_splits: ClassVar[Mapping[str, str]] = {"validation": "validation", "test": "test"}
    no_languages = ("default", "all_languages")
    columns = ("premise",)
    file_columns = Columns(text="premise", ids_if_any=True)
    places: ClassVar[Mapping[str, str]] = {
        split: rf"(?:.*/)?(?P<code>[a-z]{{2}})/{split}-00000-of-00001\.parquet"
        for split in hub_splits
    }
    _what = "its folders of languages, as on the Hub (el/test-00000-of-00001.parquet)"

    def _picked(self, rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, str, str]]:
        """Give each premise once, where it comes first."""
        seen = set()
        for number, (premise,) in enumerate(rows, 1):
            if premise not in seen:
                seen.add(premise)
                yield str(number), premise, premise
