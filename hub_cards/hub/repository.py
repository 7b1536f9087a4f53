"""Talks to the Hub: looks at a repository, and commits a stage in one step.

The token is the one of the Hub's own login or of HF_TOKEN; it is handed to the client and goes
nowhere else. Every failure becomes one line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
from huggingface_hub import constants as hub_constants
from huggingface_hub.errors import (
    HfHubHTTPError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import disable_progress_bars

from ..json_file import read_bounded
from .card_check import check_card, front_matter
from .outcome import Outcome, look_again
from .patience import limit_waiting
from .stage import TAG, PublishError, Stage

# What the client's HTTP library raises without an answer; its package changes between releases.
NetworkError: type[Exception] = next(
    base for base in HfHubHTTPError.__mro__ if base.__name__ == "HTTPError"
)
# What the client trips over where the Hub answers null, a list, nothing or half of it.
_NO_ANSWER = (TypeError, KeyError, AttributeError, IndexError, json.JSONDecodeError)
# A repository that holds nothing but these is free.
_EMPTY = {".gitattributes", "README.md", "LICENSE"}


@dataclass(frozen=True)
class Remote:
    """A repository as it was when it was looked at.

    Attributes:
        exists: Whether there is one.
        commit: The commit on the branch; what is published is built upon it.
        files: Paths of all files.
        texts: Contents of README.md and of the files that were asked for.
        private: Whether it is private; None where there is none.
    """

    exists: bool = False
    commit: str | None = None
    files: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    private: bool | None = None


def look(repo_id: str, repo_type: str, revision: str | None, wanted: str = "README.md") -> Remote:
    """Look at a repository before publishing to it.

    Args:
        repo_id: `org/name`.
        repo_type: `model` or `dataset`.
        revision: Branch; None is `main`. One that does not exist yet will start from `main`.
        wanted: Pattern of text files to read besides README.md.

    Returns:
        The state; of a repository that does not exist, an empty one.

    Raises:
        PublishError: If the Hub cannot be asked, or the repository holds something else.
    """
    api = HfApi(token=get_token())
    with _one_line(repo_id):
        try:
            info: Any = api.repo_info(repo_id, repo_type=repo_type, revision=revision)
        except RevisionNotFoundError:
            info = api.repo_info(repo_id, repo_type=repo_type)
        except RepositoryNotFoundError as error:
            # With a token that the Hub does not know, every repository is "not found".
            api.whoami()
            if error.response is not None and error.response.status_code == 401:
                raise
            return Remote()
        if not isinstance(info.sha, str):
            raise TypeError("the answer names no commit")
        files = tuple(str(entry.rfilename) for entry in info.siblings or ())
        texts = {}
        for path in files:
            if path == "README.md" or fnmatchcase(path, wanted):
                found = api.hf_hub_download(repo_id, path, repo_type=repo_type, revision=info.sha)
                texts[path] = read_bounded(found).decode("utf-8")
    _refuse_clash(repo_id, files, texts.get("README.md"))
    return Remote(True, info.sha, files, texts, bool(info.private))


def refuse_exposure(repo_id: str, remote: Remote, private: bool) -> None:
    """Refuse to put into a public repository what was to be private.

    Raises:
        PublishError: If it exists, is public, and `private` is wanted.
    """
    if private and remote.private is False:
        raise PublishError(
            f"{repo_id} exists and is public; make it private in its settings first, or leave out "
            "--private"
        )


def deletions(stage: Stage, remote: Remote) -> list[str]:
    """List the files of a repository that a stage replaces by nothing."""
    sizes = stage.sizes()
    return [
        path
        for path in remote.files
        if path not in sizes and any(_matches(path, own) for own in stage.replaces)
    ]


def _matches(path: str, own: str) -> bool:
    # `*` reaches over slashes: `*.py` must not mean somebody's notebooks/x.py.
    return fnmatchcase(path, own) and ("/" in own or "/" not in path)


def _refuse_clash(repo_id: str, files: tuple[str, ...], readme: str | None) -> None:
    if set(files) <= _EMPTY:
        return
    tags = (front_matter(readme).get("tags") or []) if readme is not None else []
    if TAG not in (tags if isinstance(tags, list) else [tags]):
        raise PublishError(
            f"{repo_id} exists and holds something else (its card lacks the tag {TAG}); give "
            "another name"
        )


def publish(
    stage: Stage,
    remote: Remote,
    *,
    private: bool = False,
    revision: str | None = None,
    create_pr: bool = False,
) -> str | None:
    """Send a stage up as one commit.

    What was sent before a failure is kept by the Hub, so that the same call again sends the rest.

    Args:
        stage: What goes up.
        remote: From `look`; somebody else's commit since then is an error, not overwritten.
        private: Whether a repository that is created now is private.
        revision: Branch; created from `main` if need be.
        create_pr: Open a pull request instead of committing to the branch.

    Returns:
        The URL of the commit, or of the pull request; None where nothing differs.

    Raises:
        PublishError: In one line: no token, no right, no network, a stale parent, a wrong card, a
            public repository where a private one was wanted.
    """
    refuse_exposure(stage.repo_id, remote, private)
    sizes = stage.sizes()
    check_card((stage.folder / "README.md").read_text(encoding="utf-8"), stage.repo_type)
    token = get_token()
    if token is None:
        raise PublishError(
            "no token: log in with `hf auth login`, or set HF_TOKEN to a token that may write"
        )
    api = HfApi(token=token)
    kind, name = stage.repo_type, stage.repo_id
    if not sys.stderr.isatty():
        # In a log a bar is noise, and what is left of one would follow the line of an error.
        disable_progress_bars()
    with _one_line(name, sending=True):
        parent = remote.commit
        if not remote.exists:
            sdk = "gradio" if kind == "space" else None
            api.create_repo(name, repo_type=kind, private=private, space_sdk=sdk)
            parent = api.repo_info(name, repo_type=kind).sha
        if revision is not None:
            api.create_branch(name, repo_type=kind, branch=revision, revision=parent, exist_ok=True)
        operations: list[CommitOperationAdd | CommitOperationDelete] = [
            CommitOperationAdd(path, str(stage.folder / path)) for path in sizes
        ]
        operations += [CommitOperationDelete(path) for path in deletions(stage, remote)]
        gone = [change.path_in_repo for change in operations if _is_deletion(change)]
        try:
            done = api.create_commit(
                name,
                operations,
                repo_type=kind,
                commit_message=f"Publish {len(sizes)} files with translit-ppa",
                revision=revision,
                create_pr=create_pr,
                parent_commit=parent,
            )
            if done.oid == parent and done.pr_url is None:
                return None
            return str(done.pr_url or done.commit_url)
        except (NetworkError, *_NO_ANSWER) as error:
            if not _is_lost(error):
                raise
            lost = error
        if create_pr:
            place = "" if kind == "model" else f"{kind}s/"
            found = Outcome(None, f"{api.endpoint}/{place}{name}/discussions")
        else:
            found = look_again(api, stage, gone, parent, revision)
        if found.published:
            return found.url
        if found.published is None and _status(lost) != 412:
            raise PublishError(
                f"{_explain(lost, name, False)}: unknown whether it was published; look at "
                f"{found.url}, then give the same command again: it sends only what is missing"
                f"{', but may open a second pull request' if create_pr else ''}"
            ) from lost
        raise lost


def _is_deletion(change: CommitOperationAdd | CommitOperationDelete) -> bool:
    return isinstance(change, CommitOperationDelete)


def _status(error: BaseException) -> int | None:
    """Give the status that the Hub answered with; None where it did not answer."""
    if isinstance(error, HfHubHTTPError) and error.response is not None:
        return int(error.response.status_code)
    return None


def _is_lost(error: BaseException) -> bool:
    """Tell whether a commit may have been taken although this came of it.

    412 is among them: a proxy that repeats a request meets the commit of its first try.
    """
    status = _status(error)
    return status is None or status >= 500 or status in (408, 409, 412)


@contextmanager
def _one_line(repo_id: str, sending: bool = False) -> Iterator[None]:
    """Turn what the client raises, or waits for too long, into a PublishError of one line."""
    limit_waiting()
    try:
        yield
    except PublishError:
        raise
    except LocalTokenNotFoundError as error:
        raise PublishError(
            "no token: log in with `hf auth login`, or set HF_TOKEN to a token that may write"
        ) from error
    except OfflineModeIsEnabled as error:
        raise PublishError("HF_HUB_OFFLINE is set; unset it to publish") from error
    except _NO_ANSWER as error:
        raise PublishError(
            f"{hub_constants.ENDPOINT} gave no answer that can be understood about {repo_id} "
            f"({type(error).__name__}: {_first_line(error)}); is it a Hub? Try again later"
        ) from error
    except (NetworkError, OSError, RuntimeError, ValueError) as error:
        raise PublishError(_explain(error, repo_id, sending)) from error


def _explain(error: BaseException, repo_id: str, sending: bool) -> str:
    chain = [error]
    while chain[-1].__cause__ or chain[-1].__context__:
        chain.append(chain[-1].__cause__ or chain[-1].__context__)  # type: ignore[arg-type]
    again = ": nothing was published; the same command again sends only what did not arrive yet"
    again = again if sending else ""
    for link in chain:
        if isinstance(link, HfHubHTTPError) and link.response is not None:
            status = link.response.status_code
            lines = {
                401: "the Hub does not know this token (401): log in with `hf auth login`, or set "
                "HF_TOKEN",
                403: f"your token may not write to {repo_id} (403): it needs the right 'write' "
                f"for {repo_id.partition('/')[0]}",
                404: f"there is no {repo_id} on the Hub (404), or your token may not see it",
                409: f"the name {repo_id} is taken on the Hub (409): give another name",
                412: f"somebody else has changed {repo_id} meanwhile (412): nothing was "
                "published; look at it, then give the same command again",
            }
            if status in lines:
                return lines[status]
            if status >= 500:
                return f"the Hub is out of order ({status}){again}"
            return f"the Hub refused ({status}): {_first_line(link)}"
    if any(isinstance(link, NetworkError) for link in chain):
        return f"no connection to {hub_constants.ENDPOINT} ({_first_line(chain[-1])}){again}"
    return f"{_first_line(error)}{again}"


def _first_line(error: BaseException) -> str:
    text = getattr(error, "server_message", None) or str(error) or type(error).__name__
    if token := get_token():
        text = text.replace(token, "(your token)")  # an answer may quote what it was asked with
    return " ".join(text.split("\n")[0].split())
