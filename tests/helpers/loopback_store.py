"""What a Hub keeps: repositories, commits, refs, large objects, tokens. Knows nothing of HTTP."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from typing import Any

import yaml

# What goes by LFS on the Hub: by suffix as in its .gitattributes, or by size.
LARGE = (".safetensors", ".parquet", ".bin", ".png", ".model", "tokenizer.json")
LARGE_SIZE = 1 << 20


class Refused(Exception):
    """An HTTP status with the Hub's error code."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code


@dataclass(frozen=True)
class Blob:
    data: bytes
    large: bool

    @property
    def oid(self) -> str:
        """The git object id; of a large file that of its content, which is as unique."""
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data).hexdigest()

    @property
    def etag(self) -> str:
        return hashlib.sha256(self.data).hexdigest() if self.large else self.oid

    def entry(self, path: str) -> dict[str, Any]:
        entry = {"type": "file", "path": path, "size": len(self.data), "oid": self.oid}
        if self.large:
            entry["lfs"] = {"oid": self.etag, "size": len(self.data), "pointerSize": 130}
        return entry


@dataclass(frozen=True)
class Commit:
    sha: str
    parent: str | None
    title: str
    files: dict[str, Blob]


@dataclass
class Repo:
    kind: str
    name: str
    private: bool
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    pulls: int = 0
    gated: bool = False
    granted: tuple[str, ...] = ()

    def add(self, branch: str, title: str, files: dict[str, Blob]) -> Commit:
        parent = self.branches.get(branch)
        facts = repr((parent, title, sorted((p, b.oid) for p, b in files.items())))
        sha = hashlib.sha1(facts.encode()).hexdigest()
        commit = Commit(sha, parent, title, files)
        self.commits[sha] = commit
        self.branches[branch] = sha
        return commit

    def at(self, revision: str) -> Commit:
        sha = self.branches.get(revision) or self.tags.get(revision) or revision
        if sha not in self.commits:
            raise Refused(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return self.commits[sha]

    def history(self, revision: str) -> list[Commit]:
        found = [self.at(revision)]
        while found[-1].parent:
            found.append(self.commits[found[-1].parent])
        return found

    def info(self, commit: Commit) -> dict[str, Any]:
        readme = commit.files.get("README.md")
        return {
            "_id": hashlib.sha1(self.name.encode()).hexdigest()[:24],
            "id": self.name,
            "modelId": self.name,
            "author": self.name.partition("/")[0],
            "sha": commit.sha,
            "private": self.private,
            "gated": "auto" if self.gated else False,
            "disabled": False,
            "downloads": 0,
            "likes": 0,
            "tags": [],
            "createdAt": "2026-01-01T00:00:00.000Z",
            "lastModified": "2026-01-01T00:00:00.000Z",
            "cardData": front_matter(readme.data.decode()) if readme else None,
            "siblings": [
                {"rfilename": path, "size": len(blob.data), "blobId": blob.oid}
                for path, blob in sorted(commit.files.items())
            ],
        }

    def tree(self, commit: Commit, below: str, recursive: bool) -> list[dict[str, Any]]:
        prefix = f"{below.strip('/')}/" if below.strip("/") else ""
        entries: dict[str, dict[str, Any]] = {}
        for path, blob in sorted(commit.files.items()):
            if not path.startswith(prefix):
                continue
            parts = path[len(prefix) :].split("/")
            for depth in range(1, len(parts) if recursive else min(2, len(parts))):
                folder = prefix + "/".join(parts[:depth])
                entries[folder] = {"type": "directory", "path": folder, "size": 0, "oid": "0" * 40}
            if recursive or len(parts) == 1:
                entries[path] = blob.entry(path)
        if prefix and not entries:
            raise Refused(404, f"{below} does not exist on {commit.sha}", "EntryNotFound")
        return list(entries.values())


@dataclass(frozen=True)
class Account:
    user: str
    organisations: tuple[str, ...]
    role: str = "write"

    def owns(self, name: str) -> bool:
        return name.partition("/")[0] in (self.user, *self.organisations)


class Store:
    """All repositories; one lock, so that a commit happens whole or not at all."""

    def __init__(self, accounts: dict[str, Account]) -> None:
        self.accounts = accounts
        self.repos: dict[tuple[str, str], Repo] = {}
        self.objects: dict[str, bytes] = {}
        self.lock = threading.RLock()

    def create(self, kind: str, name: str, private: bool) -> Repo:
        with self.lock:
            if any(k == kind and n.lower() == name.lower() for k, n in self.repos):
                raise Refused(409, f"You already created this {kind} repo: {name}")
            repo = self.repos[kind, name] = Repo(kind, name, private)
            repo.add("main", "initial commit", {".gitattributes": Blob(b"* text=auto\n", False)})
            return repo

    def repo(self, kind: str, name: str, account: Account | None) -> Repo:
        repo = self.repos.get((kind, name))
        if repo is None or (repo.private and not (account and account.owns(name))):
            # The Hub does not tell strangers whether a private repository exists.
            raise Refused(404 if account else 401, "Repository not found", "RepoNotFound")
        return repo

    def commit(self, repo: Repo, branch: str, lines: list[dict[str, Any]], pull: bool) -> Commit:
        import base64

        with self.lock:
            (header,) = (line["value"] for line in lines if line["key"] == "header")
            now = repo.at(branch)
            if branch not in repo.branches:
                raise Refused(400, f"{branch} is no branch")
            if header.get("parentCommit") not in (None, now.sha):
                raise Refused(412, "A commit has happened since. Please refresh and try again.")
            files = dict(now.files)
            for line in lines:
                value = line["value"]
                if line["key"] == "file":
                    assert value["encoding"] == "base64"
                    files[value["path"]] = Blob(base64.b64decode(value["content"]), False)
                elif line["key"] == "lfsFile":
                    if value["oid"] not in self.objects:
                        raise Refused(422, f"{value['path']}: LFS pointer to a missing object")
                    files[value["path"]] = Blob(self.objects[value["oid"]], True)
                elif line["key"] == "deletedFile":
                    if value["path"] not in files:
                        raise Refused(404, "A file with this name doesn't exist", "EntryNotFound")
                    del files[value["path"]]
                elif line["key"] != "header":
                    raise Refused(400, f"this Hub does not know {line['key']}")
            if pull:
                repo.pulls += 1
                branch = f"refs/pr/{repo.pulls}"
                repo.branches[branch] = now.sha
            return repo.add(branch, header["summary"], files)


def front_matter(text: str) -> dict[str, Any] | None:
    """The YAML at the head of a card; a ValueError where it cannot be read."""
    if not text.startswith("---\n"):
        return None
    head, end, _ = text[4:].partition("\n---")
    if not end:
        raise ValueError("the YAML block has no end")
    try:
        data = yaml.safe_load(head) or {}
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    if not isinstance(data, dict):
        raise ValueError("the YAML block is no mapping")
    return data
