"""Which languages the paper fine-tunes (or queries) in and which it tests, by group and task.

Source: arXiv 2406.19759, tables 2, 3 and 7 to 12. English is never a target; a source is no target
of its own row.
"""

from __future__ import annotations

from dataclasses import dataclass

TASKS = ("srb", "taxi1500", "sib200", "ner", "pos")
"""The benchmarks of the paper's tables."""


@dataclass(frozen=True)
class Design:
    """Sources, and targets before a row's own source is taken out."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]


def _design(sources: str, targets: str) -> Design:
    return Design(tuple(sources.split()), tuple(targets.split()))


_MED = "tur_Latn mlt_Latn ell_Grek heb_Hebr amh_Ethi"
_DESIGNS = {
    "mediterranean": {
        "srb": _design(
            "eng_Latn fas_Arab ell_Grek heb_Hebr", f"{_MED} arz_Arab ary_Arab arb_Arab fas_Arab"
        ),
        "taxi1500": _design(
            "eng_Latn fas_Arab ell_Grek heb_Hebr", f"{_MED} arz_Arab ary_Arab fas_Arab"
        ),
        "sib200": _design(
            "eng_Latn arz_Arab ell_Grek heb_Hebr", f"{_MED} arz_Arab ary_Arab arb_Arab"
        ),
        "ner": _design("eng_Latn ara_Arab ell_Grek heb_Hebr", f"{_MED} ara_Arab arz_Arab fas_Arab"),
        "pos": _design("eng_Latn ara_Arab ell_Grek heb_Hebr", f"{_MED} ara_Arab fas_Arab"),
    },
    "sea": {
        "srb": _design(
            "eng_Latn kor_Hang zho_Hani tha_Thai",
            "tha_Thai kor_Hang yue_Hani zho_Hani lzh_Hani lao_Laoo lhu_Latn mya_Mymr bod_Tibt",
        ),
        "taxi1500": _design(
            "eng_Latn kor_Hang zho_Hani tha_Thai",
            "tha_Thai kor_Hang yue_Hani zho_Hani lzh_Hani lao_Laoo lhu_Latn mya_Mymr",
        ),
        "sib200": _design(
            "eng_Latn kor_Hang yue_Hani tha_Thai",
            "tha_Thai kor_Hang yue_Hani lao_Laoo mya_Mymr bod_Tibt",
        ),
        "ner": _design(
            "eng_Latn kor_Hang zho_Hani tha_Thai",
            "tha_Thai kor_Hang yue_Hani wuu_Hani zho_Hani lzh_Hani mya_Mymr bod_Tibt",
        ),
        # The paper has no column with a Thai source here.
        "pos": _design(
            "eng_Latn kor_Hang zho_Hani", "tha_Thai kor_Hang yue_Hani zho_Hani lzh_Hani"
        ),
    },
}


def paper_design(group: str, task: str) -> Design | None:
    """Return the paper's sources and targets.

    Args:
        group: `mediterranean` or `sea`.
        task: One of `TASKS`.

    Returns:
        The design, or None for a group or a task that the paper does not have.
    """
    return _DESIGNS.get(group, {}).get(task)
