"""The written pages in parts: their fenced blocks with marks, the commands, the files they show.

A comment on the line before a fence says what the block is, where its kind alone does not:
`<!-- file: NAME -->` shows a whole file, `<!-- output -->` shows what the block before it prints,
`<!-- no test: REASON -->` is not run. Every other Python and shell block is.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import page_runner
from places import ROOT

MADE_FROM_RECORDS = ("docs/results.md", "docs/performance.md", "docs/demo-retrieval.md")
FENCE = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*) -->\n)?^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.M | re.S
)
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
KINDS = {"python": ("file", "no test"), "sh": ("no test",), "text": ("file", "output", "tree")}
PROGRAMS = {("python", "train.py"): "train", ("python", "eval.py"): "eval"}


@dataclass(frozen=True)
class Block:
    """A fenced block: where it starts, its kind (python, sh, text), its mark, what it holds."""

    page: str
    line: int
    kind: str
    mark: str
    body: str

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"

    def marked(self, word: str) -> bool:
        return self.mark.partition(":")[0] == word


def in_checkout() -> bool:
    return (ROOT / "README.md").is_file() and (ROOT / "setup.cfg").is_file()


def pages() -> list[str]:
    """The pages that people write: those beside the tests, and the README in any case."""
    found = ["README.md", "CONTRIBUTING.md"]
    found += sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))
    there = [page for page in found if page == "README.md" or (ROOT / page).is_file()]
    return [page for page in there if page not in MADE_FROM_RECORDS]


def text_of(page: str) -> str:
    """A page beside the tests; the README of an installed wheel where there is none."""
    if page == "README.md" and not (ROOT / page).is_file():
        facts = metadata.metadata("translit-ppa")
        return facts["Description"] or str(facts.get_payload())  # type: ignore[attr-defined]
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    """All fenced blocks of a page, in order."""
    text = text_of(page)
    return [
        Block(
            page,
            text.count("\n", 0, found.start("kind")) + 1,
            found["kind"],
            found["mark"] or "",
            found["body"],
        )
        for found in FENCE.finditer(text)
    ]


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", text_of(page))


def files_shown() -> dict[str, str]:
    """Files whose whole text some page shows, by name."""
    return {
        block.mark.removeprefix("file: "): block.body
        for page in pages()
        for block in blocks(page)
        if block.marked("file")
    }


def commands(block: Block) -> list[list[str]]:
    """Words of every command in a shell block, continued lines joined, comments left out."""
    lines = block.body.replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


LAUNCHERS = {"train.py": "train", "eval.py": "eval"}


def ours(words: list[str]) -> list[str] | None:
    """A command of this package as words behind `translit-ppa`; None for any other program."""
    if words[0] == "translit-ppa":
        return words[1:]
    if words[0] == "torchrun":
        place, program = next((i, p) for i, word in enumerate(words) if (p := LAUNCHERS.get(word)))
        return [program, *words[place + 1 :]]
    program = PROGRAMS.get((words[0], words[1] if len(words) > 1 else ""))
    return None if program is None else [program, *words[2:]]


def steps_of(page: str) -> list[dict[str, Any]]:
    """What of a page is run, as the runner takes it."""
    found = []
    for block in blocks(page):
        kind = "output" if block.marked("output") else block.kind
        if block.marked("no test") or block.marked("file") or kind not in page_runner.KINDS:
            continue
        step: dict[str, Any] = {"where": block.where, "kind": kind, "body": block.body}
        if kind == "sh":
            step["commands"] = [words for words in map(ours, commands(block)) if words]
        found.append(step)
    return found


def notebook_steps(name: str) -> list[dict[str, Any]]:
    """The code cells of a notebook, as the runner takes them."""
    cells = json.loads((ROOT / name).read_text(encoding="utf-8"))["cells"]
    return [
        {"where": f"{name}:{number}", "kind": "python", "body": "".join(cell["source"])}
        for number, cell in enumerate(cells)
        if cell["cell_type"] == "code"
    ]


def run_steps(
    steps: list[dict[str, Any]], folder: Path, environment: Mapping[str, str], answer: str
) -> Any:
    """Run steps in a fresh process, and return what the expression `answer` then gives."""
    done = subprocess.run(
        [sys.executable, page_runner.__file__],
        input=json.dumps({"steps": steps, "answer": answer}),
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=550,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
    return json.loads(done.stdout.rpartition("\nANSWER ")[2])


def all_commands() -> list[tuple[Block, list[str]]]:
    """Every command of every page, with its block."""
    return [
        (block, words)
        for page in pages()
        for block in blocks(page)
        if block.kind == "sh"
        for words in commands(block)
    ]
