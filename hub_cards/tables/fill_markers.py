"""Put a rendered table between its markers in a page, so that no number is ever typed.

    python -m translit_ppa.hub_cards.tables.fill_markers PAGE.md "some table=table.md"

The page holds `<!-- some table -->` and `<!-- /some table -->`; what lies between is replaced.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ..records.files import RecordError, write_atomically


def fill(page: str, name: str, content: str) -> str:
    """Replace what stands between the markers of `name`.

    Args:
        page: Markdown with `<!-- name -->` and `<!-- /name -->`.
        name: Name of the markers.
        content: What belongs between them.

    Returns:
        The page; filling it again changes nothing.

    Raises:
        RecordError: If a marker is missing, doubled or in the wrong order.
    """
    opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
    if page.count(opening) != 1 or page.count(closing) != 1:
        raise RecordError(f"the page needs {opening} and {closing} exactly once each")
    before, _, rest = page.partition(opening)
    _, found, after = rest.partition(closing)
    if not found:
        raise RecordError(f"{closing} stands before {opening}; put it behind")
    return f"{before}{opening}\n{content.strip()}\n{closing}{after}"


def main(argv: Sequence[str] | None = None) -> int:
    """Fill one page from files; see the module's text for the command line."""
    page, *pairs = sys.argv[1:] if argv is None else argv
    text = Path(page).read_text(encoding="utf-8")
    for pair in pairs:
        name, _, source = pair.partition("=")
        text = fill(text, name, Path(source).read_text(encoding="utf-8"))
    write_atomically(Path(page), text.encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
