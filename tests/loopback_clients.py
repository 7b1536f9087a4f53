"""Real clients against the loopback Hub, each in a fresh process that knows no other Hub."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from loopback_hub import WRITE, LoopbackHub


def publish(
    hub: LoopbackHub, home: Path, *words: str, token: str | None = WRITE
) -> subprocess.CompletedProcess[str]:
    """Run `python -m publish` with words; the token goes by HF_TOKEN."""
    return _run([sys.executable, "-m", "publish", *map(str, words)], hub, home, token)


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


def _run(
    command: list[str], hub: LoopbackHub, home: Path, token: str | None
) -> subprocess.CompletedProcess[str]:
    home.mkdir(parents=True, exist_ok=True)
    environment = hub.client_environment(home, token)
    return subprocess.run(
        command, cwd=home, env=environment, capture_output=True, text=True, timeout=300
    )
