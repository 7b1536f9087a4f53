"""Break the script barrier of multilingual encoders by transliteration-based alignment.

Sentences paired with their romanisation teach an encoder that one word is one word in any script:

    from translit_ppa import Encoder, align, build_pairs, score

    pairs = build_pairs("cldr", group="mediterranean")
    run = align("cis-lmu/glot500-base", pairs, output_dir="runs/aligned")
    vectors = run.encoder().encode(["Ελλάδα", "Ellada"])
    print(score(["cis-lmu/glot500-base", run], ["cldr"]).table())

The names below are loaded on first use: importing the package is quick, and needs neither torch
nor any other library. A mistake that a user can mend raises `TranslitError`, with the one line
that the command line prints.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from translit_ppa import publish
    from translit_ppa.building import build_pairs, check_text, rebuild_pairs
    from translit_ppa.checkpoints.extending import extend_vocabulary
    from translit_ppa.checkpoints.interpolation import interpolate
    from translit_ppa.checkpoints.restoring import restore_vocabulary
    from translit_ppa.encoder import Encoder, Hits
    from translit_ppa.errors import TranslitError
    from translit_ppa.pairs import Pairs, open_pairs
    from translit_ppa.scoring.page import results_page
    from translit_ppa.scoring.score import score
    from translit_ppa.scoring.scores import Scores, load_scores
    from translit_ppa.scoring.sentence_map import sentence_map
    from translit_ppa.scoring.sources.source_choice import recommend_source
    from translit_ppa.scoring.vocabulary import vocabulary_use
    from translit_ppa.spellings import LearntSpellings, learn_spellings
    from translit_ppa.training.ablation import ablate
    from translit_ppa.training.alignment import align
    from translit_ppa.training.runs import Run

__all__ = [
    "Encoder",
    "Hits",
    "LearntSpellings",
    "Pairs",
    "Run",
    "Scores",
    "TranslitError",
    "__version__",
    "ablate",
    "align",
    "build_pairs",
    "check_text",
    "extend_vocabulary",
    "interpolate",
    "learn_spellings",
    "load_scores",
    "open_pairs",
    "publish",
    "rebuild_pairs",
    "recommend_source",
    "restore_vocabulary",
    "results_page",
    "score",
    "sentence_map",
    "vocabulary_use",
]

_HOMES = {
    "Encoder": "encoder",
    "Hits": "encoder",
    "LearntSpellings": "spellings",
    "Pairs": "pairs",
    "Run": "training.runs",
    "Scores": "scoring.scores",
    "TranslitError": "errors",
    "ablate": "training.ablation",
    "align": "training.alignment",
    "build_pairs": "building",
    "check_text": "building",
    "extend_vocabulary": "checkpoints.extending",
    "interpolate": "checkpoints.interpolation",
    "learn_spellings": "spellings",
    "load_scores": "scoring.scores",
    "open_pairs": "pairs",
    "rebuild_pairs": "building",
    "recommend_source": "scoring.sources.source_choice",
    "restore_vocabulary": "checkpoints.restoring",
    "results_page": "scoring.page",
    "score": "scoring.score",
    "sentence_map": "scoring.sentence_map",
    "vocabulary_use": "scoring.vocabulary",
}
"""Name -> the module of this package that it is loaded from."""


def __getattr__(name: str) -> Any:
    if name == "publish":
        return import_module("translit_ppa.publish")
    if name == "__version__":
        from importlib.metadata import version

        return version("translit-ppa")
    if name in _HOMES:
        return getattr(import_module(f"translit_ppa.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
