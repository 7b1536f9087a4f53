"""A Hub that never answers is one line after the stated wait, whatever was to be read from it."""

from __future__ import annotations

import threading

import pytest

from corridor_examples import QUICK
from loopback_clients import run_module
from loopback_hub import loopback_hub

WAIT = {"HF_HUB_DOWNLOAD_TIMEOUT": "1", "HF_HUB_ETAG_TIMEOUT": "1"}
COMMANDS = {
    "pairs": (("vocabulary", "--model", "org/y", "--pairs", "org/x"), "has not answered 3 times"),
    "a model": (("eval", "--model", "org/x", "--benchmark", "cldr"), "has not answered 3 times"),
    "a base": (("train", "--base", "org/x", "--pairs", "x", *QUICK), "has not answered 3 times"),
    "a recipe": (("rebuild", "org/x", "mediterranean"), "timed out. Check the name, the network"),
    "a corpus": (("build", "--source", "hub:org/x"), "timed out. Check the name, the network"),
    "a benchmark": (("eval", "--model", "x", "--benchmark", "ntrex"), "cannot load"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_hub_that_never_answers(tmp_path, name):
    over = threading.Event()
    words, expected = COMMANDS[name]
    out = "--output-dir" if words[0] == "train" else "--out"
    with loopback_hub() as hub:
        hub.on("", 10_000, lambda handler: over.wait(300) and False)
        try:
            words = (*words, out, tmp_path / "out")
            done = run_module(
                "translit_ppa.command_line", hub, tmp_path / "h", *words, environment=WAIT
            )
        finally:
            over.set()
    assert done.returncode == 2, done.stderr[-2000:]
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: ") and expected in last and done.stderr.count("error: ") == 1
    assert 1 <= len(hub.requests) <= 3 and not (tmp_path / "out").exists()


def test_limits_outlast_a_session():
    """The client makes another one after a lost connection, and in every process that is forked."""
    from huggingface_hub import close_session, get_session

    from translit_ppa.hub_cards.hub.patience import limit_waiting

    for _ in range(2):
        limit_waiting()
        hooks = get_session().event_hooks
        assert [len([h for h in hooks[kind] if "patience" in h.__module__]) for kind in hooks] == [
            1,
            1,
        ]
        close_session()
