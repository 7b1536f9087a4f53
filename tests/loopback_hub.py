"""A Hub on 127.0.0.1 for the real clients: strict on tokens, revisions, LFS and stale parents.

It serves what `huggingface_hub` 2.4, `datasets` 5.2 and `transformers` 5.23 ask for, with Xet
switched off by `client_environment`. Large files come from a second port: clients follow a redirect
within one origin and would lose the headers of the first answer.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from loopback_store import LARGE, LARGE_SIZE, Account, Commit, Refused, Repo, Store, front_matter

WRITE, READ = "hf_write_0123456789", "hf_read_0123456789"
ACCOUNTS = {WRITE: Account("ada", ("org",)), READ: Account("ada", ("org",), "read")}
REPO = r"(?P<kind>model|dataset|space)s/(?P<name>[^/]+/[^/]+)"
FILES = r"/(?:(?P<kinds>datasets|spaces)/)?(?P<name>[^/]+/[^/]+)"


class LoopbackHub:
    """The server and its faults; every request is kept in `requests` as (method, path)."""

    def __init__(self) -> None:
        self.store = Store(ACCOUNTS)
        self.requests: list[tuple[str, str]] = []
        self.stored: list[str] = []
        self.faults: list[Callable[[_Handler], bool]] = []
        self.servers = [_Server(self) for _ in range(2)]
        self.endpoint, self.storage = (
            f"http://127.0.0.1:{server.server_address[1]}" for server in self.servers
        )

    def files(self, kind: str, name: str, revision: str = "main") -> dict[str, bytes]:
        commit = self.store.repos[kind, name].at(revision)
        return {path: blob.data for path, blob in commit.files.items()}

    def history(self, kind: str, name: str) -> list[Commit]:
        return self.store.repos[kind, name].history("main")

    def fail(self, pattern: str, status: int, times: int) -> None:
        """Answer the next requests that match `METHOD path` with a status."""
        left = [times]

        def fault(handler: _Handler) -> bool:
            if not left[0] or not re.search(pattern, f"{handler.command} {handler.path}"):
                return False
            left[0] -= 1
            handler.body()
            handler.answer(status, {"error": "out of order"})
            return True

        self.faults.append(fault)

    def cut(self, pattern: str, times: int) -> None:
        """Close the connection in the middle of the next matching uploads."""
        left = [times]

        def fault(handler: _Handler) -> bool:
            if not left[0] or not re.search(pattern, f"{handler.command} {handler.path}"):
                return False
            left[0] -= 1
            handler.rfile.read(10)
            handler.connection.close()
            handler.close_connection = True
            return True

        self.faults.append(fault)

    def client_environment(self, home: Path, token: str | None = None) -> dict[str, str]:
        """Environment of a client that knows no Hub but this one; `home` is its cache."""
        mine = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT")
        return {
            **{name: os.environ[name] for name in mine if name in os.environ},
            "HOME": str(home),
            "HF_ENDPOINT": self.endpoint,
            "HF_HOME": str(home / "hf"),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "OMP_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false",
            **({"HF_TOKEN": token} if token else {}),
        }


@contextmanager
def loopback_hub() -> Iterator[LoopbackHub]:
    hub = LoopbackHub()
    for server in hub.servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield hub
    finally:
        for server in hub.servers:
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub: LoopbackHub) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *args: Any) -> None:
        pass

    def handle_request(self) -> None:
        hub = self.server.hub
        hub.requests.append((self.command, self.path))
        if any(fault(self) for fault in list(hub.faults)):
            return
        url = urlsplit(self.path)
        self.query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        self.content = self.body()
        try:
            for method, pattern, route in ROUTES:
                match = re.fullmatch(pattern, url.path)
                if match and self.command in method.split():
                    words = {k: unquote(v) for k, v in match.groupdict("").items()}
                    if "kinds" in words:
                        words["kind"] = words.pop("kinds").rstrip("s") or "model"
                    route(self, **words)
                    return
            raise Refused(404, f"this Hub has no {self.command} {url.path}")
        except Refused as refused:
            self.answer(refused.status, {"error": refused.message}, refused.code, refused.message)

    do_GET = do_HEAD = do_POST = do_PUT = handle_request

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline().strip(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(
        self,
        status: int,
        content: Any = None,
        code: str | None = None,
        message: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = dict(headers or {})
        if status == 200 and isinstance(content, bytes) and "Range" in self.headers:
            first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
            start, stop = int(first), min(int(last or len(data) - 1), len(data) - 1) + 1
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
            status, data = 206, data[start:stop]
        self.send_response(status)
        if code:
            headers["X-Error-Code"] = code
        if message:
            headers["X-Error-Message"] = message
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    @property
    def account(self) -> Account | None:
        header = self.headers.get("Authorization")
        if header is None:
            return None
        account = self.server.hub.store.accounts.get(header.removeprefix("Bearer "))
        if account is None:
            raise Refused(401, "Invalid credentials in Authorization header")
        return account

    def writer(self, name: str) -> Account:
        account = self.account
        if account is None:
            raise Refused(401, "Invalid username or password.")
        if account.role != "write" or not account.owns(name):
            raise Refused(403, f"You don't have the rights to write to {name}")
        return account

    def repo(self, kind: str, name: str, write: bool = False) -> Repo:
        if write:
            self.writer(name)
        return self.server.hub.store.repo(kind, name, self.account)

    # What follows is one method per row of ROUTES.

    def who(self) -> None:
        if self.account is None:
            raise Refused(401, "Invalid username or password.")
        role = {"role": self.account.role, "displayName": "test"}
        organisations = [{"name": name} for name in self.account.organisations]
        user = {"type": "user", "name": self.account.user, "orgs": organisations}
        self.answer(200, {**user, "auth": {"accessToken": role}})

    def create(self) -> None:
        wanted = json.loads(self.content)
        kind = wanted.get("type") or "model"
        account = self.account
        owner = wanted.get("organization") or (account.user if account else "")
        name = f"{owner}/{wanted['name']}"
        self.writer(name)
        private = wanted.get("private") or wanted.get("visibility") == "private"
        self.server.hub.store.create(kind, name, bool(private))
        prefix = "" if kind == "model" else f"{kind}s/"
        self.answer(200, {"url": f"{self.server.hub.endpoint}/{prefix}{name}", "name": name})

    def validate(self) -> None:
        try:
            front_matter(json.loads(self.content)["content"])
        except ValueError as error:
            self.answer(400, {"errors": [{"message": str(error)}], "warnings": []})
        else:
            self.answer(200, {"errors": [], "warnings": []})

    def preupload(self, kind: str, name: str, revision: str) -> None:
        commit = self.repo(kind, name, write=True).at(revision)
        files = []
        for file in json.loads(self.content)["files"]:
            path = file["path"]
            large = path.endswith(LARGE) or file["size"] > LARGE_SIZE
            old = commit.files.get(path)
            mode = {"path": path, "uploadMode": "lfs" if large else "regular"}
            # As on the Hub: the id that the client compares with, of LFS files the SHA-256.
            files.append({**mode, "shouldIgnore": False, "oid": old.etag if old else None})
        self.answer(200, {"files": files})

    def batch(self, kind: str, name: str) -> None:
        self.repo(kind, name, write=True)
        hub, objects = self.server.hub, []
        for wanted in json.loads(self.content)["objects"]:
            entry = {"oid": wanted["oid"], "size": wanted["size"]}
            if wanted["oid"] not in hub.store.objects:
                verify = f"{hub.endpoint}{urlsplit(self.path).path.removesuffix('batch')}verify"
                upload = {"href": f"{hub.storage}/put/{wanted['oid']}"}
                entry["actions"] = {"upload": upload, "verify": {"href": verify}}
            objects.append(entry)
        self.answer(200, {"transfer": "basic", "objects": objects})

    def verify(self, kind: str, name: str) -> None:
        self.repo(kind, name, write=True)
        wanted = json.loads(self.content)
        data = self.server.hub.store.objects.get(wanted["oid"])
        if data is None or len(data) != wanted["size"]:
            raise Refused(422, "the object did not arrive whole")
        self.answer(200, {})

    def put(self, oid: str) -> None:
        import hashlib

        if "Authorization" in self.headers:
            raise Refused(400, "a token was sent to the storage")
        if hashlib.sha256(self.content).hexdigest() != oid:
            raise Refused(400, "the content is not what its name says")
        self.server.hub.store.objects[oid] = self.content
        self.server.hub.stored.append(oid)
        self.answer(200, {})

    def commit(self, kind: str, name: str, revision: str) -> None:
        repo = self.repo(kind, name, write=True)
        lines = [json.loads(line) for line in self.content.splitlines() if line.strip()]
        pull = self.query.get("create_pr") == "1"
        commit = self.server.hub.store.commit(repo, revision, lines, pull)
        prefix = "" if kind == "model" else f"{kind}s/"
        url = f"{self.server.hub.endpoint}/{prefix}{name}"
        done = {"success": True, "commitUrl": f"{url}/commit/{commit.sha}", "hookOutput": ""}
        more = {"pullRequestUrl": f"{url}/discussions/{repo.pulls}"} if pull else {}
        self.answer(200, {**done, "commitOid": commit.sha, **more})

    def info(self, kind: str, name: str, revision: str = "main") -> None:
        repo = self.repo(kind, name)
        self.answer(200, repo.info(repo.at(revision or "main")))

    def refs(self, kind: str, name: str) -> None:
        repo = self.repo(kind, name)
        rows = {
            "branches": [(b, f"refs/heads/{b}", s) for b, s in repo.branches.items()],
            "tags": [(t, f"refs/tags/{t}", s) for t, s in repo.tags.items()],
            "converts": [],
        }
        self.answer(
            200,
            {
                key: [{"name": n, "ref": ref, "targetCommit": sha} for n, ref, sha in entries]
                for key, entries in rows.items()
            },
        )

    def branch(self, kind: str, name: str, revision: str) -> None:
        repo = self.repo(kind, name, write=True)
        if revision in repo.branches:
            raise Refused(409, f"Reference already exists: {revision}")
        start = (json.loads(self.content or b"{}") or {}).get("startingPoint") or "main"
        repo.branches[revision] = repo.at(start).sha
        self.answer(200, {})

    def tag(self, kind: str, name: str, revision: str) -> None:
        repo = self.repo(kind, name, write=True)
        repo.tags[json.loads(self.content)["tag"]] = repo.at(revision).sha
        self.answer(200, {})

    def tree(self, kind: str, name: str, revision: str, path: str) -> None:
        repo = self.repo(kind, name)
        recursive = self.query.get("recursive", "").lower() in ("1", "true")
        self.answer(200, repo.tree(repo.at(revision), path, recursive))

    def paths(self, kind: str, name: str, revision: str) -> None:
        commit = self.repo(kind, name).at(revision)
        wanted = parse_qs(self.content.decode()).get("paths", [])
        self.answer(200, [commit.files[p].entry(p) for p in wanted if p in commit.files])

    def resolve(self, kind: str, name: str, revision: str, path: str) -> None:
        commit = self.repo(kind, name).at(revision)
        headers = {"X-Repo-Commit": commit.sha}
        blob = commit.files.get(path)
        if blob is None:
            raise Refused(404, f"Entry not found: {path}", "EntryNotFound")
        if blob.large:
            headers |= {"X-Linked-Etag": f'"{blob.etag}"', "X-Linked-Size": str(len(blob.data))}
            headers["Location"] = f"{self.server.hub.storage}/get/{blob.etag}"
            self.answer(302, b"", headers=headers)
        else:
            headers |= {"ETag": f'"{blob.etag}"', "Accept-Ranges": "bytes"}
            self.answer(200, blob.data, headers=headers)

    def get(self, oid: str) -> None:
        data = self.server.hub.store.objects[oid]
        self.answer(200, data, headers={"ETag": f'"{oid}"', "Accept-Ranges": "bytes"})


ROUTES: list[tuple[str, str, Callable[..., None]]] = [
    ("GET", "/api/whoami-v2", _Handler.who),
    ("POST", "/api/repos/create", _Handler.create),
    ("POST", "/api/validate-yaml", _Handler.validate),
    ("POST", rf"/api/{REPO}/preupload/(?P<revision>[^/]+)", _Handler.preupload),
    ("POST", rf"/api/{REPO}/commit/(?P<revision>[^/]+)", _Handler.commit),
    ("POST", rf"/api/{REPO}/branch/(?P<revision>[^/]+)", _Handler.branch),
    ("POST", rf"/api/{REPO}/tag/(?P<revision>[^/]+)", _Handler.tag),
    ("POST", rf"/api/{REPO}/paths-info/(?P<revision>[^/]+)", _Handler.paths),
    ("GET", rf"/api/{REPO}/refs", _Handler.refs),
    ("GET", rf"/api/{REPO}/tree/(?P<revision>[^/]+)(?P<path>/.*)?", _Handler.tree),
    ("GET", rf"/api/{REPO}/revision/(?P<revision>[^/]+)", _Handler.info),
    ("GET", rf"/api/{REPO}", _Handler.info),
    ("POST", rf"{FILES}\.git/info/lfs/objects/batch", _Handler.batch),
    ("POST", rf"{FILES}\.git/info/lfs/objects/verify", _Handler.verify),
    ("GET HEAD", rf"{FILES}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", _Handler.resolve),
    ("PUT", "/put/(?P<oid>[0-9a-f]{64})", _Handler.put),
    ("GET HEAD", "/get/(?P<oid>[0-9a-f]{64})", _Handler.get),
]
