"""The README in parts: its code blocks, the files it shows, the commands it gives."""

from __future__ import annotations

import re
import shlex
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*) -->\n)?^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.M | re.S
)
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
SUBCOMMANDS = ("vocabulary", "recommend-source", "map", "results")
PUBLICATIONS = ("dataset", "model", "sentence-model", "space", "card model", "convert")
CHECKPOINT = "runs/demo/mlm+seq+tlm"
TEXT = {
    "ell_Grek.txt": "Η Αθήνα είναι μεγάλη.\nΚαλημέρα σας.\n",
    "khk_Cyrl.txt": "сайн байна уу\nмонгол улс\n",
}


def in_checkout() -> bool:
    return (ROOT / "README.md").is_file() and (ROOT / "setup.cfg").is_file()


def readme() -> str:
    """The page beside the tests, else the one that the installed wheel carries."""
    if in_checkout():
        return (ROOT / "README.md").read_text(encoding="utf-8")
    facts = metadata.metadata("translit-ppa")
    return facts["Description"] or str(facts.get_payload())  # type: ignore[attr-defined]


def blocks(kind: str, mark: str | None = None) -> list[str]:
    """Bodies of the fenced blocks of a kind, or of those under the comment `<!-- mark -->`."""
    return [
        found["body"]
        for found in FENCE.finditer(readme())
        if found["kind"] == kind and (mark is None or found["mark"] == mark)
    ]


def files_shown() -> dict[str, str]:
    """Files whose whole text the page shows, under the comment `<!-- file: NAME -->`."""
    return {
        found["mark"].removeprefix("file: "): found["body"]
        for found in FENCE.finditer(readme())
        if (found["mark"] or "").startswith("file: ")
    }


def commands() -> list[list[str]]:
    """Words of every command in the shell blocks, continued lines joined."""
    lines = "".join(blocks("sh")).replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]
