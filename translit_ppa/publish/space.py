"""What publish.py needs for the retrieval demo: models, and the embedded names as its corpus."""

from __future__ import annotations

import argparse
from pathlib import Path

from translit_ppa.data_builders import load_group
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sources.cldr.names import LOCALES, key_splits, names
from translit_ppa.hub_cards.cards.space_stage import SpaceFacts, stage_space
from translit_ppa.hub_cards.hub.repository import Remote
from translit_ppa.hub_cards.hub.stage import PublishError, Stage

SPLIT = "test"


def fill_space(args: argparse.Namespace, stage: Stage, remote: Remote) -> None:
    """Stage the retrieval demo.

    Raises:
        DataError: If the embedded names cover no two languages of the group.
        PublishError: If a Space on the Hub would have to open a folder of this machine.
    """
    facts = space_facts(args.base, args.aligned, args.group)
    for model in facts.local:
        if not (Path(model) / "config.json").is_file():
            raise PublishError(f"there is no checkpoint in {model}; give a folder, or org/name")
    if facts.local and not getattr(args, "dry_run", True):
        raise PublishError(
            f"a Space opens its models from the Hub, and {', '.join(facts.local)} is a folder; "
            "publish it first (publish.py model), then give org/name"
        )
    stage_space(stage, facts)


def space_facts(base: str, aligned: str, group: str) -> SpaceFacts:
    """Gather models and the embedded corpus: CLDR names that were held out of training.

    Args:
        base: `org/name` or folder.
        aligned: `org/name` or folder.
        group: Language group; languages that the CLDR lacks are left out.

    Returns:
        The facts, with one row a key that at least two languages name.

    Raises:
        DataError: If fewer than two languages are covered.
    """
    chosen = load_group(group)
    rows = (*chosen.languages, *chosen.evaluation_sources)
    titles = {row.code: row.name.partition(" (")[0] or row.code for row in rows}
    codes = [code for code in chosen.scored_codes if code in LOCALES]
    if len(codes) < 2:
        raise DataError(f"the embedded names cover no two languages of {group}")
    columns = [names(code) for code in codes]
    lines = ["\t".join(["id", *codes])]
    for key in sorted(key_splits()[SPLIT]):
        cells = [column.get(key, "") for column in columns]
        if sum(map(bool, cells)) > 1:
            lines.append("\t".join([key, *cells]))
    return SpaceFacts(
        base=base,
        aligned=aligned,
        corpus=f"CLDR_names_{chosen.path.stem}",
        tsv="\n".join(lines) + "\n",
        rows=len(lines) - 1,
        languages={
            code: {"tag": LOCALES[code].replace("_", "-"), "name": titles[code]} for code in codes
        },
    )
