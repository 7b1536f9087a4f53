"""`results_page`: the page of results, from records alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from translit_ppa.data_builders import load_group
from translit_ppa.data_builders.text_file import read_text
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards import load_records
from translit_ppa.hub_cards.cards.results_page import write_page


@raises_translit_error
def results_page(
    records: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    group: str | Sequence[str] = "mediterranean",
    base: str | None = None,
) -> Path:
    """Write tables, figures and what the differences support, as Markdown.

    Args:
        records: Folder of records, as `score(..., out=...)` writes it. A file `corpora.md` in it
            says where the texts come from, and becomes a part of the page.
        out: The Markdown file; its figures go into a folder of the same name.
        group: Its languages, and the paper's figures: `mediterranean`, `sea` or a group's TSV.
            Several stand beside one another, benchmark by benchmark.
        base: The model that others are compared with; by default as the records say.

    Returns:
        The path of the page.

    Raises:
        TranslitError: There are no records of models or scores, or no such model.
    """
    corpora = Path(records) / "corpora.md"
    names = [group] if isinstance(group, str) else list(dict.fromkeys(group))
    languages = {name: load_group(name).scored_codes for name in names}
    return write_page(
        load_records(records),
        languages if len(names) > 1 else names[0],
        Path(out),
        corpora=read_text(corpora) if corpora.exists() else "",
        base=base,
        languages=languages[names[0]],
    )
