"""Real clients against the loopback Hub, each in a fresh process that knows no other Hub."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loopback_hub import WRITE, LoopbackHub

BUILD = "translit_ppa.command_line"
TRAIN = "translit_ppa.training.run"


def publish(
    hub: LoopbackHub,
    home: Path,
    *words: str,
    token: str | None = WRITE,
    environment: Mapping[str, str] | None = None,
    file_size: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the publishing program with words; the token goes by HF_TOKEN.

    `environment` is added to the client's; writing past `file_size` bytes of a file fails in it, as
    it does on a full disk.
    """
    return run_module(
        "translit_ppa.command_line",
        hub,
        home,
        "publish",
        *words,
        token=token,
        environment=environment,
        file_size=file_size,
    )


def published(hub: LoopbackHub, home: Path, *words: str) -> str:
    """Publish, fail with the output if it fails, and return what was printed."""
    done = publish(hub, home, *words)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert WRITE not in done.stdout + done.stderr
    return done.stdout


def ask(hub: LoopbackHub, home: Path, code: str, token: str | None = None) -> Any:
    """Run code in a fresh process, without a token, and return its variable `answer`."""
    report = "\nimport json\nprint('ANSWER', json.dumps(answer))"
    done = _run([sys.executable, "-c", code + report], hub, home, token)
    assert done.returncode == 0, done.stderr[-4000:]
    (line,) = [x for x in done.stdout.splitlines() if x.startswith("ANSWER ")]
    return json.loads(line.removeprefix("ANSWER "))


def run_module(
    module: str, hub: LoopbackHub, home: Path, *words: str, token: str | None = None, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run `python -m module` with words, without a token unless one is given."""
    return _run([sys.executable, "-m", module, *map(str, words)], hub, home, token, **more)


def _run(
    command: list[str],
    hub: LoopbackHub,
    home: Path,
    token: str | None,
    environment: Mapping[str, str] | None = None,
    file_size: int | None = None,
) -> subprocess.CompletedProcess[str]:
    home.mkdir(parents=True, exist_ok=True)

    def limit() -> None:
        if file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    return subprocess.run(
        command,
        cwd=home,
        env=hub.client_environment(home, token) | dict(environment or {}),
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=300,
    )
