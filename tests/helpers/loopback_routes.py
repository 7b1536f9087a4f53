"""What the Hub answers: one method per row of ROUTES, over the store."""

from __future__ import annotations

import hashlib
import json
import time
from urllib.parse import parse_qs, urlsplit

from loopback_http import Handler
from loopback_store import LARGE, LARGE_SIZE, Refused, front_matter

REPO = r"(?P<kind>model|dataset|space)s/(?P<name>[^/]+/[^/]+)"
FILES = r"/(?:(?P<kinds>datasets|spaces)/)?(?P<name>[^/]+/[^/]+)"


class HubRoutes(Handler):
    """Methods named as in ROUTES; the words in a pattern are their arguments."""

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

    def xet_token(self, kind: str, name: str, access: str, revision: str) -> None:
        self.repo(kind, name, write=access == "write").at(revision)
        store = self.server.hub.xet
        if store is None:
            raise Refused(404, "this Hub has no Xet store")
        facts = {"casUrl": store.url, "exp": int(time.time()) + 3600, "accessToken": "local"}
        names = ("X-Xet-Cas-Url", "X-Xet-Token-Expiration", "X-Xet-Access-Token")
        headers = dict(zip(names, map(str, facts.values()), strict=True))
        self.answer(200, facts, headers=headers)

    def verify(self, kind: str, name: str) -> None:
        self.repo(kind, name, write=True)
        wanted = json.loads(self.content)
        data = self.server.hub.store.objects.get(wanted["oid"])
        if data is None or len(data) != wanted["size"]:
            raise Refused(422, "the object did not arrive whole")
        self.answer(200, {})

    def put(self, oid: str) -> None:
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
        hub = self.server.hub
        for line in lines:
            oid = line["value"].get("oid") if line["key"] == "lfsFile" else None
            if hub.xet and oid and oid not in hub.store.objects and (data := hub.xet.read(oid)):
                hub.store.objects[oid] = data
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
        repo = self.repo(kind, name)
        if repo.gated and (self.account is None or self.account.user not in repo.granted):
            # As the Hub: what lies in a gated repository is listed to all, and read by some.
            told = f"Access to {kind} {name} is restricted"
            raise Refused(403 if self.account else 401, told, "GatedRepo")
        commit = repo.at(revision)
        headers = {"X-Repo-Commit": commit.sha}
        blob = commit.files.get(path)
        if blob is None:
            raise Refused(404, f"Entry not found: {path}", "EntryNotFound")
        if blob.large:
            headers |= {"X-Linked-Etag": f'"{blob.etag}"', "X-Linked-Size": str(len(blob.data))}
            headers["Location"] = f"{self.server.hub.storage}/get/{blob.etag}"
            if (xet := self.server.hub.xet) and blob.etag in xet.hashes:
                refresh = (
                    f"{self.server.hub.endpoint}/api/{kind}s/{name}/xet-read-token/{commit.sha}"
                )
                headers |= {"X-Xet-Hash": xet.hashes[blob.etag][0], "X-Xet-Refresh-Route": refresh}
            self.answer(302, b"", headers=headers)
        else:
            headers |= {"ETag": f'"{blob.etag}"', "Accept-Ranges": "bytes"}
            self.answer(200, blob.data, headers=headers)

    def get(self, oid: str) -> None:
        data = self.server.hub.store.objects[oid]
        self.answer(200, data, headers={"ETag": f'"{oid}"', "Accept-Ranges": "bytes"})


HubRoutes.ROUTES = (
    ("GET", "/api/whoami-v2", HubRoutes.who),
    ("POST", "/api/repos/create", HubRoutes.create),
    ("POST", "/api/validate-yaml", HubRoutes.validate),
    ("POST", rf"/api/{REPO}/preupload/(?P<revision>[^/]+)", HubRoutes.preupload),
    ("POST", rf"/api/{REPO}/commit/(?P<revision>[^/]+)", HubRoutes.commit),
    ("POST", rf"/api/{REPO}/branch/(?P<revision>[^/]+)", HubRoutes.branch),
    ("POST", rf"/api/{REPO}/tag/(?P<revision>[^/]+)", HubRoutes.tag),
    ("POST", rf"/api/{REPO}/paths-info/(?P<revision>[^/]+)", HubRoutes.paths),
    ("GET", rf"/api/{REPO}/refs", HubRoutes.refs),
    ("GET", rf"/api/{REPO}/tree/(?P<revision>[^/]+)(?P<path>/.*)?", HubRoutes.tree),
    ("GET", rf"/api/{REPO}/revision/(?P<revision>[^/]+)", HubRoutes.info),
    ("GET", rf"/api/{REPO}", HubRoutes.info),
    (
        "GET",
        rf"/api/{REPO}/xet-(?P<access>write|read)-token/(?P<revision>[^/]+)",
        HubRoutes.xet_token,
    ),
    ("POST", rf"{FILES}\.git/info/lfs/objects/batch", HubRoutes.batch),
    ("POST", rf"{FILES}\.git/info/lfs/objects/verify", HubRoutes.verify),
    ("GET HEAD", rf"{FILES}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", HubRoutes.resolve),
    ("PUT", "/put/(?P<oid>[0-9a-f]{64})", HubRoutes.put),
    ("GET HEAD", "/get/(?P<oid>[0-9a-f]{64})", HubRoutes.get),
)
