"""What goes wrong while publishing: one line, nothing half-published, and the retry sends the rest.

Faults happen in the server or in the client's system; the clients are the real ones.
"""

from __future__ import annotations

import hashlib
import socket
import threading

import pytest

from corridor_examples import write_pairs
from loopback_clients import ask, publish, published
from loopback_hub import WRITE, loopback_hub
from loopback_store import Blob

REPO = "org/pairs"
LICENCE = ("--license", "cc0-1.0")


@pytest.fixture
def hub():
    with loopback_hub() as running:
        yield running


@pytest.fixture
def before(hub, tmp_path):
    """A first publication, and the words of the next one, whose two shards are all new."""
    old = write_pairs(tmp_path / "old", 4)
    published(hub, tmp_path / "h", "dataset", old, REPO, *LICENCE)
    new = write_pairs(tmp_path / "new", 12)
    hub.requests.clear()
    hub.stored.clear()
    return ("dataset", new, REPO, *LICENCE)


def shards(words):
    """SHA-256 of the shards that a publication sends."""
    files = sorted((words[1] / "mediterranean").glob("translit-*.parquet"))
    assert len(files) == 2
    return {hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def failed_with(done):
    """The error of a command that exited with 2; above it may stand what the client retried."""
    assert done.returncode == 2, done.stderr
    *above, error = done.stderr.splitlines()
    assert error.startswith("error: ") and "Traceback" not in done.stderr
    assert not [line for line in above if line.startswith("error")]
    return error


def refused(hub, home, words, expected, **more):
    """Publish in vain: one line, and every branch where it was."""
    state = hub.history("dataset", REPO)[0].sha
    assert expected in failed_with(publish(hub, home, *words, **more))
    assert hub.history("dataset", REPO)[0].sha == state


def rows_on(hub, home):
    return ask(
        hub,
        home,
        f"""
from datasets import load_dataset
answer = {{s: d.num_rows for s, d in load_dataset("{REPO}", "mediterranean").items()}}
""",
    )


@pytest.mark.slow
def test_a_cut_upload_is_taken_up_again(hub, before, tmp_path):
    missing = hashlib.sha256(
        next((before[1] / "mediterranean").glob("translit-train-*")).read_bytes()
    ).hexdigest()
    hub.cut(f"PUT /put/{missing}", 100)
    # The client tries six times, with pauses, before it gives up.
    refused(hub, tmp_path / "h", before, "nothing was published; the same command again sends only")
    assert sum(missing in path for _, path in hub.requests) == 6
    assert set(hub.stored) == shards(before) - {missing}
    assert rows_on(hub, tmp_path / "fresh") == {"train": 15, "validation": 5}
    hub.faults.clear()
    hub.stored.clear()
    published(hub, tmp_path / "h", *before)
    assert hub.stored == [missing]
    assert len(hub.history("dataset", REPO)) == 3
    assert rows_on(hub, tmp_path / "fresh2") == {"train": 55, "validation": 5}


def test_short_faults_are_mended_by_the_client_itself(hub, before, tmp_path):
    hub.cut("PUT /put/", 1)
    hub.fail("POST .*/preupload/", 503, 1)
    hub.fail("POST .*/objects/batch", 502, 1)
    published(hub, tmp_path / "h", *before)
    assert set(hub.stored) == shards(before) and len(hub.stored) == 2
    assert len(hub.history("dataset", REPO)) == 3


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (503, "the Hub is out of order (503): nothing was published; the same command again"),
        (403, "your token may not write to org/pairs (403)"),
        (401, "the Hub does not know this token (401)"),
        (404, "there is no org/pairs on the Hub (404), or your token may not see it"),
    ],
)
def test_a_commit_that_fails_is_repeated_without_the_shards(
    hub, before, tmp_path, status, expected
):
    hub.fail("POST .*/commit/", status, 1)
    refused(hub, tmp_path / "h", before, expected)
    assert set(hub.stored) == shards(before)
    published(hub, tmp_path / "h", *before)
    assert len(hub.stored) == 2
    assert len(hub.history("dataset", REPO)) == 3


def test_somebody_else_commits_meanwhile(hub, before, tmp_path):
    repo = hub.store.repos["dataset", REPO]

    def theirs(handler):
        files = {**repo.at("main").files, "notes.txt": Blob(b"mine\n", False)}
        theirs.commit = repo.add("main", "a note", files)
        return False

    hub.on("POST .*/commit/", 1, theirs)
    error = failed_with(publish(hub, tmp_path / "h", *before))
    assert "somebody else has changed org/pairs meanwhile (412)" in error
    assert hub.history("dataset", REPO)[0] is theirs.commit
    published(hub, tmp_path / "h", *before)
    assert len(hub.stored) == 2
    assert hub.files("dataset", REPO)["notes.txt"] == b"mine\n"
    assert len(hub.history("dataset", REPO)) == 4


def test_a_hub_that_is_out_of_order_or_out_of_reach(hub, before, tmp_path):
    hub.fail("GET /api/datasets/", 500, 100)
    refused(hub, tmp_path / "h", before, "the Hub is out of order (500)")
    hub.faults.clear()
    with socket.socket() as closed:
        # Bound, but nobody listens: nobody else can take the port meanwhile.
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        refused(
            hub,
            tmp_path / "h",
            before,
            f"no connection to {nowhere}",
            environment={"HF_ENDPOINT": nowhere},
        )
    assert hub.stored == []


@pytest.mark.parametrize("what", ["disk", "cache", "stage"])
def test_the_client_cannot_write(hub, before, tmp_path, what):
    a_file = tmp_path / "file"
    a_file.write_text("in the way")
    if what == "disk":
        # The card is longer than this.
        refused(hub, tmp_path / "h", before, "File too large", file_size=2048)
    elif what == "cache":
        environment = {"HF_HOME": str(a_file)}
        refused(hub, tmp_path / "h", before, str(a_file), environment=environment)
    else:
        words = (*before, "--stage", a_file / "stage")
        refused(hub, tmp_path / "h", words, str(a_file))
    assert {method for method, _ in hub.requests} <= {"GET", "HEAD"}
    assert a_file.read_text() == "in the way"
    published(hub, tmp_path / "h", *before)
    assert set(hub.stored) == shards(before)


@pytest.mark.parametrize(
    ("status", "content"),
    [(None, None), (504, {"error": "timeout"}), (500, b""), (200, None), (200, []), (200, b"{")],
    ids=str,
)
def test_a_commit_whose_answer_is_lost_is_found(hub, before, tmp_path, status, content):
    hub.lose("POST .*/commit/", 1, status, content)
    told = published(hub, tmp_path / "h", *before)
    head = hub.history("dataset", REPO)[0].sha
    assert f"published {hub.endpoint}/datasets/{REPO}/commit/{head}" in told
    assert len(hub.history("dataset", REPO)) == 3
    assert "published" not in published(hub, tmp_path / "h", *before).replace(REPO, "")
    assert len(hub.history("dataset", REPO)) == 3


def test_a_lost_answer_that_nobody_can_look_up_is_unknown(hub, before, tmp_path):
    hub.lose("POST .*/commit/", 1, 504)

    def then(handler):
        hub.fail("GET /api/datasets/", 500, 100)
        return False

    hub.on("POST .*/commit/", 1, then)
    error = failed_with(publish(hub, tmp_path / "h", *before))
    where = f"{hub.endpoint}/datasets/{REPO}/commits/main"
    assert f"unknown whether it was published; look at {where}" in error
    hub.faults.clear()
    assert len(hub.history("dataset", REPO)) == 3
    published(hub, tmp_path / "h", *before)
    assert len(hub.history("dataset", REPO)) == 3


def test_a_lost_answer_and_somebody_elses_commit_are_unknown(hub, before, tmp_path):
    repo = hub.store.repos["dataset", REPO]

    def theirs(handler):
        files = {**repo.at("main").files, "notes.txt": Blob(b"mine\n", False)}
        repo.add("main", "a note", files)
        handler.body()
        handler.close_connection = True
        return True

    hub.on("POST .*/commit/", 1, theirs)
    error = failed_with(publish(hub, tmp_path / "h", *before))
    assert "unknown whether it was published" in error


def test_a_lost_pull_request_is_unknown(hub, before, tmp_path):
    hub.lose("POST .*/commit/", 1, 504)
    error = failed_with(publish(hub, tmp_path / "h", *before, "--create-pr"))
    assert f"look at {hub.endpoint}/datasets/{REPO}/discussions" in error
    assert "may open a second pull request" in error


@pytest.mark.parametrize("content", [None, [], {}, "", 3, b"", b"{"], ids=str)
def test_an_answer_that_is_none_is_one_line(hub, before, tmp_path, content):
    def odd(handler):
        handler.body()
        handler.answer(200, content)
        return True

    hub.on(f"GET /api/datasets/{REPO}", 100, odd)
    refused(hub, tmp_path / "h", before, "gave no answer that can be understood about org/pairs")


def test_an_answer_that_quotes_the_token_is_told_without_it(hub, before, tmp_path):
    def quote(handler):
        handler.body()
        handler.answer(400, {"error": f"what is {WRITE}?"})
        return True

    hub.on("POST .*/commit/", 1, quote)
    done = publish(hub, tmp_path / "h", *before)
    assert "the Hub refused (400): what is (your token)?" in failed_with(done)
    assert WRITE not in done.stdout + done.stderr


def test_a_hub_that_never_answers_is_not_waited_for(hub, before, tmp_path):
    done = threading.Event()
    hub.on(f"GET /api/datasets/{REPO}", 100, lambda handler: done.wait(60))
    try:
        environment = {"HF_HUB_DOWNLOAD_TIMEOUT": "1"}
        refused(hub, tmp_path / "h", before, "no connection to", environment=environment)
    finally:
        done.set()


def test_a_commit_that_is_never_answered_is_looked_for(hub, before, tmp_path):
    done = threading.Event()

    def commits_in_silence(handler):
        handler.answer = lambda *args, **more: done.wait(60)
        return False

    hub.on("POST .*/commit/", 1, commits_in_silence)
    try:
        told = publish(hub, tmp_path / "h", *before, environment={"HF_HUB_DOWNLOAD_TIMEOUT": "1"})
    finally:
        done.set()
    assert told.returncode == 0, told.stderr
    assert f"/datasets/{REPO}/commit/{hub.history('dataset', REPO)[0].sha}" in told.stdout
    assert len(hub.history("dataset", REPO)) == 3


@pytest.mark.parametrize(
    "headers", [{"Retry-After": "100000"}, {"ratelimit": '"api";r=0;t=100000'}]
)
def test_a_long_pause_is_told_and_not_kept(hub, before, tmp_path, headers):
    def later(handler):
        handler.body()
        handler.answer(429, {"error": "too many"}, headers=headers)
        return True

    hub.on("POST .*/objects/batch", 1, later)
    refused(hub, tmp_path / "h", before, "the Hub asks for a pause of 100,000 s (429)")
    published(hub, tmp_path / "h", *before)
