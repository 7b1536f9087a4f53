"""Publish the retrieval demo: a base beside an aligned model, and a benchmark to search in."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from translit_ppa.data_builders import get_benchmark, load_group
from translit_ppa.data_builders.benchmarks.cldr import CldrNames
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sources.cldr.names import LOCALES
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards import load_records
from translit_ppa.hub_cards.cards.space_scores import space_scores
from translit_ppa.hub_cards.cards.space_stage import MOST_SENTENCES, SpaceFacts, stage_space
from translit_ppa.hub_cards.hub.repository import Remote
from translit_ppa.hub_cards.hub.stage import PublishError, Stage
from translit_ppa.identity import model_digest
from translit_ppa.publish.publication import Publication, Sending, deliver
from translit_ppa.publish.space_corpus import parallel_rows, tries

__all__ = ["fill_space", "space", "space_facts"]


@raises_translit_error
def space(
    repo_id: str,
    *,
    base: str | os.PathLike[str],
    aligned: str | os.PathLike[str],
    group: str = "mediterranean",
    corpus: str = "cldr",
    records: Sequence[str | os.PathLike[str]] = (),
    dry_run: bool = False,
    private: bool = False,
    revision: str | None = None,
    create_pr: bool = False,
    stage: str | os.PathLike[str] | None = None,
    announce: Callable[[Publication], None] | None = None,
) -> Publication:
    """Publish the retrieval demo as a Space.

    Args:
        repo_id: `org/name`.
        base: The model before: `org/name`; a folder only where nothing is sent.
        aligned: The model after: `org/name`; a folder only where nothing is sent.
        group: Group of languages.
        corpus: What is searched: a retrieval benchmark, such as `parallel:DIR`; its texts become
            part of the Space.
        records: Files or folders of records of both models' scores by direction; the page shows
            them.
        dry_run: Stage and list, send nothing.
        private: If the repository is created now, make it private.
        revision: Branch to commit to; None is `main`.
        create_pr: Open a pull request instead of committing.
        stage: Gather the files in this folder and keep them; the demo runs from there.
        announce: Called with what goes up before anything is sent.

    Returns:
        What was published.

    Raises:
        TranslitError: A model is not there, or the Space cannot be sent.
    """
    fill = partial(
        fill_space,
        base=os.fspath(base),
        aligned=os.fspath(aligned),
        group=group,
        corpus=corpus,
        records=records,
        folders=dry_run,
    )
    sending = Sending(dry_run, private, revision, create_pr, stage, announce)
    return deliver(repo_id, "space", fill, sending)


def fill_space(
    stage: Stage,
    remote: Remote,
    *,
    base: str,
    aligned: str,
    group: str = "mediterranean",
    corpus: str = "cldr",
    records: Sequence[str | os.PathLike[str]] = (),
    folders: bool = True,
    ask_hub: bool = True,
) -> None:
    """Stage the retrieval demo; `folders` says whether a model may be a folder of this machine.

    Raises:
        DataError: If the corpus covers no two languages of the group.
        PublishError: If a Space on the Hub would have to open a folder of this machine.
        AlignmentError: If a folder holds a checkpoint that the demo could not open.
        RecordError: If records are given that tell nothing of the two models by direction.
    """
    facts = space_facts(base, aligned, group, corpus)
    for model in facts.local:
        if not (Path(model) / "config.json").is_file():
            raise PublishError(f"there is no checkpoint in {model}; give a folder, or org/name")
    if facts.local and not folders:
        raise PublishError(
            f"a Space opens its models from the Hub, and {', '.join(facts.local)} is a folder; "
            "publish it first (translit-ppa publish model), then give org/name"
        )
    for model in facts.local:
        _require_open(model)
    if records:
        found = [record for path in records for record in load_records(path)]
        told = space_scores(found, model_digest(base), model_digest(aligned))
        facts = replace(facts, scores=told)
    stage_space(stage, facts)


def _require_open(folder: str) -> None:
    """Open a checkpoint as the demo will."""
    from translit_ppa.modeling import SentenceEncoder
    from translit_ppa.publish.checkpoint import quiet_libraries

    with quiet_libraries():
        SentenceEncoder.from_pretrained(folder)


def space_facts(base: str, aligned: str, group: str, corpus: str = "cldr") -> SpaceFacts:
    """Gather models, what is searched, and examples to click.

    Args:
        base: `org/name` or folder.
        aligned: `org/name` or folder.
        group: Language group; languages that the corpus lacks are left out.
        corpus: A retrieval benchmark; its test split is searched.

    Returns:
        The facts, with one row a sentence that at least two languages have.

    Raises:
        DataError: If fewer than two languages are covered.
    """
    chosen = load_group(group)
    benchmark = get_benchmark(corpus)
    scored = (*chosen.languages, *chosen.evaluation_sources)
    titles = {
        benchmark.own_code(row.code): row.name.partition(" (")[0] or row.code for row in scored
    }
    codes = [code for code in titles if code in benchmark.languages()]
    if len(codes) < 2:
        raise DataError(
            f"{corpus} covers no two languages of {group}; it has "
            f"{', '.join(benchmark.languages())}"
        )
    rows = parallel_rows(benchmark, codes, MOST_SENTENCES)
    lines = ["\t".join(["id", *codes])]
    lines += ["\t".join([key, *(row.get(code, "") for code in codes)]) for key, row in rows.items()]
    name = "CLDR_names" if benchmark.name == CldrNames.name else benchmark.signature()
    name = name.partition("@")[0].replace(":", "_")
    return SpaceFacts(
        base=base,
        aligned=aligned,
        corpus=f"{name}_{chosen.name}",
        tsv="\n".join(lines) + "\n",
        rows=len(rows),
        languages={
            code: {"tag": LOCALES.get(code, code).replace("_", "-"), "name": titles[code]}
            for code in codes
        },
        source=benchmark.citation,
        licence=benchmark.licence,
        examples=tries(rows),
    )
