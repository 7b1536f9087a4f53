"""`translit-ppa results`: the page of results, from records."""

from __future__ import annotations

from collections.abc import Sequence

from translit_ppa.commands.options import Options, Parser, given, modern
from translit_ppa.scoring.page import results_page


def main(words: Sequence[str]) -> int:
    """Make one page."""
    parser = Parser(
        "translit-ppa results",
        "Tables, figures and what the differences support, from records alone.",
    )
    add = Options(parser, results_page)
    add("--records", required=True, help="folder of records, as eval writes them")
    add(
        "--group",
        nargs="+",
        action="extend",
        help="mediterranean, sea or a group's TSV, or several: languages, and the paper's figures",
    )
    add("--base", help="the model that others are compared with (default: from the records)")
    add("--out", required=True, help="the Markdown file to write")
    page = results_page(**given(parser.parse_args(modern(words))))
    print(f"wrote {page} and the figures in {page.with_suffix('')}")
    return 0
