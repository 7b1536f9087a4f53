"""Make the API reference from the docstrings, with pdoc.

    python docs/make_reference.py [build/docs]

In: the installed package. Out: HTML pages, one for each public module. A public name without a
docstring ends it, before anything is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdoc.doc import Doc, Module

PAGES = (
    "translit_ppa",
    "translit_ppa.publish",
    "translit_ppa.data_builders",
    "translit_ppa.data_builders.benchmarks",
    "translit_ppa.data_builders.sources.registry",
    "translit_ppa.data_builders.transliterators",
    "translit_ppa.modeling",
    "translit_ppa.modeling.aligned.objectives",
    "translit_ppa.modeling.aligned.modeling_families",
    "translit_ppa.hub_cards",
    "translit_ppa.hub_cards.records.files",
)
"""The API, then the doors of the rooms: where further things are plugged in."""


def main(words: Sequence[str]) -> int:
    """Check the docstrings and write the pages.

    Args:
        words: The folder to write, or nothing.

    Returns:
        Exit status: 1 where a public name has no docstring.
    """
    from pdoc import render

    out = Path(words[0] if words else "build/docs")
    missing = undocumented()
    if missing:
        print("error: no docstring: " + ", ".join(missing), file=sys.stderr)
        return 1
    render.configure(docformat="google", show_source=False)
    modules = {name: _module(name) for name in PAGES}
    pages = {f"{name.replace('.', '/')}.html": module for name, module in modules.items()}
    texts = {path: render.html_module(module, modules) for path, module in pages.items()}
    texts |= {"index.html": render.html_index(modules), "search.js": render.search_index(modules)}
    for path, text in texts.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text, encoding="utf-8")
    print(f"wrote {out / 'index.html'}")
    return 0


def undocumented() -> list[str]:
    """List the public names of all pages that have no docstring; variables may go without."""
    return sorted({name for page in PAGES for name in _without(_module(page))})


def _module(name: str) -> Module:
    from pdoc.doc import Module

    module = import_module(name)
    # pdoc looks only at what is there already, and these packages load on first use.
    for public in getattr(module, "__all__", ()):
        vars(module)[public] = getattr(module, public)
    return Module(module)


def _without(module: Module) -> Iterator[str]:
    if not module.docstring:
        yield module.fullname
    for member in _public(module):
        if not member.docstring and member.kind != "variable":
            yield f"{module.fullname}.{member.qualname}"


def _public(module: Module) -> Iterator[Doc]:
    """Give what a module shows: its names, and the methods of its own classes."""
    for member in module.members.values():
        if member.kind == "module" or member.name.startswith("_"):
            continue
        yield member
        if member.kind == "class":
            yield from (
                inner
                for inner in member.own_members
                if not inner.name.startswith("_") and inner.kind == "function"
            )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
