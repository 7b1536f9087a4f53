"""Stages the retrieval demo: the app's own files, a corpus, which models it compares, a card.

The app in `space/` runs alone on the Hub: it imports nothing of this project, and this room never
imports it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..hub.card_check import check_card
from ..hub.names import is_hub_id
from ..hub.stage import TAG, Stage
from ..records.files import Record, RecordError
from ..scores.of_weights import scores_of
from .citation import CITATION
from .model_scores import Part
from .rendering import Raw, code, render
from .score_tables import direction_sections

SPACE = Path(__file__).parents[1] / "space"
PYTHON = "3.11"
MOST_SENTENCES = 5_000
"""As many as the app searches; a test holds the two together."""
_FILES = {
    "app.py": "the page",
    "comparison.py": "asks both models",
    "corpus.py": "reads parallel text",
    "encoder.py": "embeds sentences",
    "forms.py": "folds other forms of letters",
    "sentence_modules.py": "modules and prompts of sentence models",
    "nearest.py": "finds the nearest",
    "page.py": "writes the hits",
    "scatter.py": "draws the map",
    "style.css": "looks of the page",
    "requirements.txt": "packages, pinned",
}

_MEASURED = """## Measured, by direction

How often a sentence's counterpart is the nearest, or among the ten nearest, when it is asked for in
its own script or in Latin letters. `this model` is the one after alignment."""


@dataclass(frozen=True)
class SpaceFacts:
    """What a Space is made of.

    Attributes:
        base: The model before alignment: `org/name`, or a folder of this machine.
        aligned: The model after.
        corpus: Name of the built-in corpus.
        tsv: The corpus: a header of language codes, one row a meaning.
        rows: Rows of the corpus.
        languages: Code -> {"tag": value of the attribute `lang`, "name": name}.
        source: Where the corpus is described.
        licence: Of the corpus.
        examples: To click: `text` to search for, `of` the sentence that it spells.
        scores: What was measured of both, as Markdown; empty without records.
    """

    base: str
    aligned: str
    corpus: str
    tsv: str
    rows: int
    languages: Mapping[str, Mapping[str, str]]
    source: str
    licence: str
    examples: Sequence[Mapping[str, str]]
    scores: str = ""

    @property
    def local(self) -> list[str]:
        """Models that only this machine has."""
        names = (self.base, self.aligned)
        return [name for name in names if not is_hub_id(name) or Path(name).is_dir()]


def stage_space(stage: Stage, facts: SpaceFacts) -> None:
    """Stage the Space.

    Args:
        stage: An empty stage of type `space`.
        facts: Models and corpus.

    Raises:
        PublishError: If the card would not pass the Hub.
    """
    for name, why in _FILES.items():
        stage.add_file(name, SPACE / name, why)
    # A folder is opened from wherever the app runs.
    models = {
        key: str(Path(name).resolve()) if name in facts.local else name
        for key, name in (("base", facts.base), ("aligned", facts.aligned))
    }
    settings = {
        **models,
        "languages": facts.languages,
        "corpora": {facts.corpus: {"source": facts.source, "examples": facts.examples}},
    }
    text = json.dumps(settings, ensure_ascii=False, indent=2) + "\n"
    stage.add_text("space.json", text, "which models, languages, examples")
    why = f"{facts.rows} rows, {len(facts.languages)} languages"
    stage.add_text(f"corpora/{facts.corpus}.tsv", facts.tsv, why)
    if facts.scores:
        stage.add_text("scores.md", facts.scores, "what was measured of both models")
    card = space_card(stage.repo_id, facts)
    check_card(card, "space")
    stage.add_text("README.md", card, "card: how the Hub runs it")
    stage.replaces += ("*.py", "*.css", "corpora/*", "scores.md")


def space_card(repo_id: str, facts: SpaceFacts) -> str:
    """Render the card; its YAML is what the Hub starts the app by.

    Args:
        repo_id: `org/name`.
        facts: Models and corpus.

    Returns:
        The whole README.md, YAML first.
    """
    from huggingface_hub import SpaceCardData

    data = SpaceCardData(
        title="Retrieval across scripts",
        emoji="🔎",
        colorFrom="green",
        colorTo="gray",
        sdk="gradio",
        sdk_version=gradio_version(),
        python_version=PYTHON,
        app_file="app.py",
        license="apache-2.0",
        short_description="Nearest sentences across scripts, before and after",
        models=[name for name in (facts.base, facts.aligned) if name not in facts.local],
        tags=[TAG, "transliteration", "sentence-similarity"],
    )
    shown = {
        "title": repo_id.partition("/")[2],
        "base": _model(facts, facts.base),
        "aligned": _model(facts, facts.aligned),
        "corpus": facts.corpus.replace("_", " "),
        "rows": facts.rows,
        "languages": ", ".join(facts.languages),
        "source": facts.source,
        "licence": facts.licence,
        "citation": CITATION,
    }
    return f"---\n{data.to_yaml()}\n---\n\n{render('space.md', shown)}"


def _model(facts: SpaceFacts, name: str) -> Raw:
    return code(Path(name).name if name in facts.local else name)


def gradio_version() -> str:
    """Read the version of Gradio that the requirements pin."""
    text = (SPACE / "requirements.txt").read_text(encoding="utf-8")
    (version,) = re.findall(r"^gradio==(\S+)", text, flags=re.MULTILINE)
    return str(version)


def space_scores(records: Sequence[Record], base: str, aligned: str) -> str:
    """Write the tables of directions of two models as Markdown.

    Args:
        records: Of any kind, of any models.
        base: Digest of the weights before alignment.
        aligned: Digest of those after.

    Returns:
        A heading, and a table for each benchmark and romaniser.

    Raises:
        RecordError: No directions of both models are among the records, or records disagree.
    """
    before, after = scores_of(records, base), scores_of(records, aligned)
    parts = [
        Part(conditions, scores, base=before[conditions])
        for conditions, scores in after.items()
        if conditions in before and not scores.is_task
    ]
    tables = direction_sections(parts)
    if tables is None:
        raise RecordError(
            f"the records hold no retrieval by direction of both models ({base} and {aligned}); "
            "translit-ppa eval --directions --model BASE ALIGNED writes it"
        )
    return f"{_MEASURED}\n\n{tables}\n"
