"""Runs what a page shows, in the order of the page, as its reader would: one process, one folder.

    python page_runner.py < plan.json

The plan is a list of blocks (`where`, `kind`, `body`, and `commands` for the shell) and a last
expression. Python blocks share their names; commands of this package run in the same process;
an `output` block must be what the block before it printed. The last line out is the expression as
JSON. The process is fresh, so that the environment decides which Hub there is.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

KINDS = ("python", "sh", "output")


def make_room(words: list[str]) -> None:
    """Remove what the Python block before a command wrote: a reader runs one of the two."""
    place = None
    if words[0] == "restore-vocabulary":
        place = words[3]
    elif words[0] == "interpolate" or (words[0] == "build" and "informal" in words):
        place = words[words.index("--out") + 1]
    elif words[0] == "train" and "--resume-from-checkpoint" not in words:
        place = words[words.index("--output-dir") + 1]
    if place is not None:
        shutil.rmtree(place, ignore_errors=True)


def run_command(words: list[str]) -> str:
    """Run one command of ours, and return what it printed; old spellings are mistakes here."""
    from translit_ppa.command_line import run

    make_room(words)
    with redirect_stderr(io.StringIO()) as errors, redirect_stdout(io.StringIO()) as out:
        status = run(words[0], words[1:])
    told = errors.getvalue()
    assert status == 0, f"translit-ppa {' '.join(words)}: status {status}\n{told[-4000:]}"
    assert "notice:" not in told, f"translit-ppa {' '.join(words)}: {told[-1000:]}"
    return out.getvalue()


def run_page(steps: list[dict[str, Any]], names: dict[str, Any]) -> None:
    """Run the blocks of a page one after the other; the first that fails ends it."""
    printed = ""
    for step in steps:
        try:
            if step["kind"] == "python":
                # Blank lines before it give an error the line of the page.
                page, _, line = step["where"].rpartition(":")
                code = compile("\n" * int(line) + step["body"], page, "exec")
                with redirect_stdout(io.StringIO()) as out:
                    exec(code, names)
                printed = out.getvalue()
            elif step["kind"] == "sh":
                printed = "".join(run_command(words) for words in step["commands"])
            else:
                assert printed.strip() == step["body"].strip(), f"it prints\n{printed}"
        except BaseException as error:
            error.add_note(f"in {step['where']}")
            raise


def main() -> int:
    """Run the plan that comes on standard input."""
    plan = json.load(sys.stdin)
    sys.path.insert(0, "")  # a page's own files, as for `python` in the folder
    names: dict[str, Any] = {"__name__": "__main__"}
    run_page(plan["steps"], names)
    print("\nANSWER", json.dumps(eval(plan["answer"], names)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
