"""Make the page of results from records.

    python eval.py results --records docs/records --group mediterranean --out docs/results.md

Out: the page, and its figures in a folder of the same name. A file `corpora.md` in the folder of
the records says where the texts come from; it becomes a part of the page.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from translit_ppa.data_builders import load_group
from translit_ppa.errors import user_errors_exit_2
from translit_ppa.hub_cards import load_records
from translit_ppa.hub_cards.cards.results_page import write_page


@user_errors_exit_2
def main(argv: Sequence[str] | None = None) -> int:
    """Make one page; see the module's text for the command line."""
    args = _parser().parse_args(argv)
    corpora = args.records / "corpora.md"
    page = write_page(
        load_records(args.records),
        args.group,
        args.out,
        corpora=corpora.read_text(encoding="utf-8") if corpora.is_file() else "",
        base=args.base,
        languages=load_group(args.group).scored_codes,
    )
    print(f"wrote {page} and the figures in {page.with_suffix('')}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="eval.py results",
        description="Tables, figures and what the differences support, from records alone.",
    )
    add = parser.add_argument
    add("--records", type=Path, required=True, help="folder of records, as eval.py writes them")
    add(
        "--group",
        required=True,
        help="mediterranean, sea or a group's TSV: its languages, and the paper's figures",
    )
    add("--base", help="the model that others are compared with (default: from the records)")
    add("--out", type=Path, required=True, help="the Markdown file to write")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
