"""A Hub that breaks in every way, on the loopback interface, and commands that use it.

The sockets are bound before the clients are loaded, so that they know no other Hub; every process
that runs cases serves them itself, from an empty store.
"""

from __future__ import annotations

import resource
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from loopback_hub import ACCOUNTS, READ, WRITE, LoopbackHub
from loopback_store import Store
from soak.kinds.broken_hub import arm, faults
from soak.kinds.inputs import half_written
from soak.kinds.targets import OUT
from soak.verdict import ACCEPTED, WRONG, Demand, Verdict, Watched, judged
from soak.worker import Case, command
from soak.world import BUILD, EVAL, LICENCE, copy

SECRETS = (WRITE, READ)
PATIENCE = 600.0
"""Seconds that a command may plan to sleep in all; the sleeps themselves are cut short."""

PUBLISH = {
    "publish pairs": ("dataset", "org/pairs", ("publish", "dataset", "pairs"), ("pairs",)),
    "publish a model": ("model", "org/run", ("publish", "model", "run"), ("run",)),
    "publish a recipe": ("dataset", "org/recipe", ("publish", "dataset", "built"), ("built",)),
    "publish a twin": (
        "model",
        "org/run-sentence",
        ("publish", "sentence-model", "run"),
        ("run",),
    ),
}
"""What is published: kind and name of the repository, the command, the parts of the world."""
READS = {
    "read pairs": (
        ("vocabulary", "--model", "base", "--pairs", "org/pairs", "--out", OUT),
        ("base",),
    ),
    "read a model": (
        ("map", *EVAL, "--count", "5", "--out", OUT, "--model", "org/run"),
        ("bench/parallel",),
    ),
    "rebuild": (
        (
            "rebuild",
            "org/recipe",
            "mediterranean",
            "--source",
            "files:text",
            "--out",
            OUT,
            "--quiet",
        ),
        ("text",),
    ),
    "build from the Hub": (
        (
            "build",
            *BUILD[2:],
            "--source",
            "hub:org/pairs",
            "--hub-config",
            "mediterranean",
            "--languages",
            "ell_Grek",
            "--out",
            OUT,
            "--quiet",
        ),
        (),
    ),
}
OLDER = ("README.md", ".gitattributes")
"""What an older publication has left."""
PUBLISHING = (
    *("whoami", "repos/create", "validate-yaml", "preupload", "lfs/objects/batch", "verify"),
    *("/put/", "/commit/", "/commit/", "GET /api/(models|datasets)", "/tree/", "/api/", ""),
)
READING = ("/revision/", "/tree/", "/resolve/", "HEAD", "/get/", "paths-info", "/refs", "/api/", "")
"""Parts of `METHOD path`, as `LoopbackHub.on` takes them; the empty one fits every request."""


def cases(name: str) -> st.SearchStrategy[Case]:
    """Draw faults on some requests of an operation, what was there before, and a full disk."""
    paths = st.sampled_from(PUBLISHING if name in PUBLISH else READING)
    fault = st.tuples(
        paths, st.integers(0, 2), st.sampled_from((1, 1, 2, 100)), faults(name in PUBLISH)
    ).map(list)
    return st.fixed_dictionaries(
        {
            "faults": st.lists(fault, min_size=1, max_size=2),
            "older": st.booleans() if name in PUBLISH else st.just(False),
            "disk": st.sampled_from((None, None, None, None, 0, 500, 2048, 20_000)),
        }
    )


def run(name: str, case: Case, place: Path, world: Path, hub: LoopbackHub) -> Verdict:
    """Run one case, and the same command again with a Hub that is well."""
    published = _published(world, hub)
    hub.store = _store(published, READS if name in READS else ())
    kind, repo, words, parts = _operation(name)
    if name in PUBLISH and case["older"]:
        hub.store = _store(published, (), older=(kind, repo))
    copy(world, parts, place)
    before = _head(hub, kind, repo)
    for path, skip, times, fault in case["faults"]:
        arm(hub, path, skip, times, fault)
    watched = Watched(place / OUT)
    with _fresh_client(), _short_sleeps() as slept, _full_disk(case["disk"]):
        outcome = command(words)
    hub.faults.clear()
    after = _head(hub, kind, repo)
    verdict = judged(outcome, watched, Demand(SECRETS), lambda: half_written(place / OUT))
    if verdict.name == WRONG:
        return verdict
    if sum(slept) > PATIENCE:
        return Verdict(WRONG, "sleeps for longer than its user will wait", str(slept))
    said = outcome.out + outcome.err
    if name in PUBLISH:
        new = published[kind, repo]
        if verdict.name == ACCEPTED and _files(hub, kind, repo) != new:
            return Verdict(WRONG, "published, but not what was to be", said[-2000:])
        if "nothing was published" in said and after != before and _files(hub, kind, repo) == new:
            return Verdict(WRONG, "it says that nothing was published, and it was", said[-2000:])
    with _fresh_client(), _short_sleeps():
        again = command(words)
    if again.status != 0:
        return Verdict(WRONG, "the same command again fails", again.trace or again.err[-2000:])
    if name in PUBLISH and _files(hub, kind, repo) != published[kind, repo]:
        return Verdict(WRONG, "the same command again leaves something else", again.err[-2000:])
    if name in PUBLISH and _count(hub, kind, repo) > 3:
        return Verdict(WRONG, "published twice", again.out[-2000:])
    return verdict


def _operation(name: str) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    if name in READS:
        return ("model", "", *READS[name])
    kind, repo, words, parts = PUBLISH[name]
    more = ("--recipe-only",) if name == "publish a recipe" else ()
    return kind, repo, (*words, repo, *LICENCE, *more), parts


@cache
def serve(hub: LoopbackHub) -> None:
    """Serve the sockets from this process; once, for threads do not come along with a fork."""
    for server in hub.servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()


_Files = dict[str, str]


@cache
def _published(world: Path, hub: LoopbackHub) -> dict[tuple[str, str], _Files]:
    """Publish everything once without faults; return the files of each repository by digest."""
    found = {}
    hub.store = Store(ACCOUNTS)
    place = Path.cwd() / "undisturbed"
    place.mkdir()
    copy(world, ("pairs", "run", "built"), place)
    import os

    os.chdir(place)
    for name in PUBLISH:
        kind, repo, words, _ = _operation(name)
        with _fresh_client():
            outcome = command(words)
        if outcome.status != 0:
            raise RuntimeError(f"{name}: {outcome.trace or outcome.err}")
        found[kind, repo] = _files(hub, kind, repo)
    os.chdir(place.parent)
    shutil.rmtree(place)
    _KEPT.update(hub.store.repos)
    return found


_KEPT: dict[tuple[str, str], Any] = {}


def _store(published: Any, wanted: Any, older: tuple[str, str] | None = None) -> Store:
    """A fresh store: with everything for readers, or with an older publication."""
    store = Store(ACCOUNTS)
    for (kind, name), repo in _KEPT.items():
        if wanted or (kind, name) == older:
            commit = repo.at("main")
            files = dict(commit.files)
            made = store.create(kind, name, False)
            if older:
                files = {path: blob for path, blob in files.items() if path in OLDER}
            made.add("main", "an older one", files)
            store.objects |= {blob.etag: blob.data for blob in files.values() if blob.large}
    return store


def _head(hub: LoopbackHub, kind: str, name: str) -> str | None:
    repo = hub.store.repos.get((kind, name))
    return repo.at("main").sha if repo else None


def _count(hub: LoopbackHub, kind: str, name: str) -> int:
    return len(hub.store.repos[kind, name].history("main"))


def _files(hub: LoopbackHub, kind: str, name: str) -> _Files:
    repo = hub.store.repos.get((kind, name))
    return {p: b.oid for p, b in repo.at("main").files.items()} if repo else {}


@contextmanager
def _fresh_client() -> Iterator[None]:
    """A client that has nothing in its cache."""
    from huggingface_hub import constants

    shutil.rmtree(constants.HF_HOME, ignore_errors=True)
    yield


@contextmanager
def _short_sleeps() -> Iterator[list[float]]:
    """Cut the pauses of retries short; return what was asked for."""
    asked: list[float] = []
    sleep, owner = time.sleep, threading.get_ident()

    def short(seconds: float) -> None:
        if threading.get_ident() == owner:
            asked.append(seconds)
        sleep(min(seconds, 0.002))

    time.sleep = short
    try:
        yield asked
    finally:
        time.sleep = sleep


@contextmanager
def _full_disk(most: int | None) -> Iterator[None]:
    """Let writing fail past so many bytes of a file, as on a full disk."""
    if most is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
