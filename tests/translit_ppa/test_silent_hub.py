"""A Hub that never answers is one line after the stated wait, whatever was to be read from it."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

import translit_ppa
import translit_ppa.publish
from corridor_examples import QUICK
from loopback_clients import run_module
from loopback_hub import loopback_hub
from translit_ppa.hub_cards.hub import patience, repository
from translit_ppa.hub_cards.hub.stage import PublishError
from translit_ppa.hub_reading import reads_hub

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


LOCAL = {
    "check_text": "files alone",
    "learn_spellings": "files alone",
    "load_scores": "records alone",
    "results_page": "records alone",
    "publish.card": "never asks the Hub",
    "publish.convert": "a folder alone",
}
"""Functions of the API that never ask the Hub."""


class Limited(BaseException):
    """The client was given its limits; no `except Exception` on the way takes it."""


def api() -> dict[str, Callable[..., object]]:
    """Functions of the API, and the one class that opens something by its name."""
    functions = {name: getattr(translit_ppa, name) for name in translit_ppa.__all__}
    publish = translit_ppa.publish
    functions |= {f"publish.{name}": getattr(publish, name) for name in publish.__all__}
    return {
        name: found
        for name, found in functions.items()
        if inspect.isfunction(found) or name == "Encoder"
    }


@pytest.mark.parametrize("name", api())
def test_all_that_may_ask_the_hub_does_so_with_limits(name, monkeypatch):
    def limit():
        raise Limited

    monkeypatch.setattr(patience, "limit_waiting", limit)
    monkeypatch.setattr(repository, "limit_waiting", limit)
    function = api()[name]
    needed = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    words = [p.name for p in needed if p.kind is p.POSITIONAL_OR_KEYWORD]
    named = {p.name: "org/x" for p in needed if p.kind is p.KEYWORD_ONLY}
    expected = translit_ppa.TranslitError if name in LOCAL else Limited
    with pytest.raises(expected):
        function(*["org/x"] * len(words), **named)


def test_the_next_call_asks_again():
    """In a notebook the network comes back; the limit of one call is not that of the next."""

    class Request:
        method = "GET"

        def __init__(self):
            self.extensions = {}

    def silent():
        for _ in range(patience.UNANSWERED):
            patience._limit(Request())
        with pytest.raises(PublishError, match="has not answered 3 times in a row"):
            patience._limit(Request())

    call = reads_hub(silent)
    call()
    with pytest.raises(PublishError):
        patience._limit(Request())
    call()
    with ThreadPoolExecutor(1) as pool:  # threads that a library keeps
        pool.submit(silent).result()
        patience.ask_anew()
        pool.submit(silent).result()
