"""A Hub with every kind of user and every kind of repository, each with unique texts.

If a response contains a text of `World.secrets`, that text identifies its source. `Who` alone decides what a user may
know, from the roles and tokens created here, independently of the Hub.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import attrs

from hub_typed.local.accounts.identity import Scope
from hub_typed.local.accounts.oauth import App
from hub_typed.local.community.papers import stable_id
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller
from tests.local.xet.material import put

ORG = "lab"
TYPES = ("model", "dataset", "space", "kernel")
GATES: dict[str, dict[str, object]] = {
    "auto": {"gated": "auto"},
    "manual": {"gated": "manual"},
    "strict": {"gated": "manual", "orgMembersGated": True},
}
"""The gated kinds; ``strict`` lets not even members in."""
KINDS = ("public", "private", *GATES)
FILE = "notes.txt"
LARGE = "weights.bin"
PAPER = "2401.00000"
APP = "a" * 32
"""Id of an OAuth app."""
BACK = "http://127.0.0.1:9/back"
"""Where it expects the user."""


@attrs.frozen(kw_only=True)
class Who:
    """A user with one of their tokens, and their permissions on the repositories of the organization.

    Attributes:
        role: Role in the organization, whose admin created all its repositories.
        granted: Whether the user has access to the gated repositories.
        writes: Whether the token may change repositories of the organization.
        reads: Whether the token may read their contents.
        speaks: Whether the token may discuss, like and request access in its user's name.
        scopes: Scopes of a fine-grained token.
    """

    user: str | None
    role: str | None = None
    granted: bool = False
    reads: bool = True
    writes: bool = True
    speaks: bool = True
    scopes: tuple[Scope, ...] | None = None

    def knows(self, kind: str) -> bool:
        """Whether they may see a repository of this kind."""
        return kind != "private" or (self.role is not None and self.reads)

    def has_files(self, kind: str) -> bool:
        """Whether they may read its files."""
        if kind not in GATES:
            return self.knows(kind)
        trusted = self.role == "admin" or (self.role is not None and kind != "strict")
        return self.user is not None and self.reads and (trusted or self.granted)

    def changes(self, kind: str) -> bool:
        """Whether they may change it and its settings."""
        return self.knows(kind) and self.writes and self.role in ("write", "admin")

    def discusses(self, kind: str) -> bool:
        """Whether they may take part in its discussions."""
        return self.user is not None and self.knows(kind) and self.speaks


def _token(entity: str, *permissions: str, **able: bool) -> Who:
    """Return the admin with a fine-grained token."""
    allowed = {"reads": False, "writes": False, "speaks": False} | able
    return Who(user="ada", role="admin", scopes=(Scope(entity=entity, permissions=permissions),), **allowed)


PEOPLE = {
    "owner": Who(user="ada", role="admin"),
    "owner's read token": Who(user="ada", role="admin", writes=False, speaks=False),
    "member who writes": Who(user="wim", role="write"),
    "member who contributes": Who(user="con", role="contributor"),
    "member who reads": Who(user="rita", role="read"),
    "user with access": Who(user="gil", granted=True),
    "user who has asked": Who(user="pia"),
    "read token of who has asked": Who(user="pia", writes=False, speaks=False),
    "stranger": Who(user="eve"),
    "stranger's read token": Who(user="eve", writes=False, speaks=False),
    "nobody": Who(user=None, writes=False, speaks=False),
    "token that reads": _token(ORG, "repo.content.read", reads=True),
    "token that writes": _token(ORG, "repo.write", reads=True, writes=True),
    "token that discusses": _token(ORG, "discussion.write", speaks=True),
    "token for another place": _token("ada", "repo.write", "repo.content.read", "discussion.write"),
    "token for webhooks": _token("ada", "user.webhooks.write"),
    "token for collections": _token(ORG, "collection.write"),
}
READ_TOKENS = ("owner's read token", "read token of who has asked", "stranger's read token")


@attrs.frozen
class Secret:
    """A text that only some users may see.

    Attributes:
        level: ``known``: users who may see the repository; ``files``: users who may read its files; ``settings``: users
            who may change it; ``collections``, ``webhooks``, ``endpoints``: the owner, with a token for them;
            ``group``: members of the resource group and administrators; ``never``: no user.
    """

    text: str
    level: str
    kind: str
    where: str

    def may_see(self, who: Who) -> bool:
        if self.level == "files":
            return who.has_files(self.kind)
        if self.level == "settings":
            return who.changes(self.kind)
        if self.level == "endpoints":
            return who.user == "ada" and who.scopes is None
        if self.level in ("collections", "webhooks"):
            named = [name for scope in who.scopes or () if scope.entity == "ada" for name in scope.permissions]
            return who.user == "ada" and (who.scopes is None or any(self.level in name for name in named))
        if self.level == "group":
            return who.user in ("ada", "rita")
        if self.level == "never":
            return False
        return who.knows(self.kind)


@attrs.frozen(kw_only=True)
class Place:
    """One repository.

    Attributes:
        oid: Hash of its large file; `xet_hash` and `size` are those of that file.
        dev: Head of the branch ``dev``.
        comment: First comment of discussion 1; discussion 2 is a pull request, discussion 3 a closed one.
        query: Id of a query of the SQL console of a dataset.
    """

    type: str
    kind: str
    name: str
    oid: str
    xet_hash: str
    size: int
    dev: str
    comment: str
    query: str = ""

    @property
    def id(self) -> str:
        return f"{ORG}/{self.name}"

    @property
    def missing(self) -> Place:
        """A place of the same type without a repository."""
        return attrs.evolve(self, name="z" * len(self.name))


@attrs.define
class World:
    """The Hub and its contents.

    Attributes:
        talks: A comment on each page, by the name of the operation that replies to it.
    """

    root: Path
    tokens: dict[str, str | None] = attrs.field(factory=dict)
    places: dict[tuple[str, str], Place] = attrs.field(factory=dict)
    secrets: list[Secret] = attrs.field(factory=list)
    collection: str = ""
    item: str = ""
    webhook: str = ""
    group: str = ""
    service_account: str = ""
    service_token: str = ""
    recipe: str = ""
    job: str = ""
    scheduled_job: str = ""
    talks: dict[str, str] = attrs.field(factory=dict)
    provisioned: str = ""
    groups: tuple[str, str] = ("", "")
    member_token: str = ""
    member_token_id: str = ""

    def callers(self, hub: Hub) -> dict[str, Caller]:
        return {name: Caller(hub, token) for name, token in self.tokens.items()}

    def state(self) -> dict[str, tuple[int, int]]:
        """Return all files that the Hub stores, except the download counters."""
        found: dict[str, tuple[int, int]] = {}
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name != "scratch"]
            for name in names:
                if name != "downloads":
                    told = os.stat(path := f"{folder}/{name}")
                    found[os.path.relpath(path, self.root)] = (told.st_size, told.st_mtime_ns)
        return found

    @classmethod
    def build(cls, root: Path) -> World:
        hub, world = Hub(root, xet=True), cls(root)
        accounts = hub.accounts
        lost = accounts.add_token("rita", "read", "lost")
        world.member_token, world.member_token_id = lost.token, lost.id
        for name, who in PEOPLE.items():
            if who.user is None:
                world.tokens[name] = None
            elif who.scopes is not None:
                world.tokens[name] = accounts.add_fine_grained(who.user, who.scopes)
            else:
                world.tokens[name] = accounts.add(who.user, "read" if name in READ_TOKENS else "write")
        accounts.add_organization(ORG, {who.user: who.role for who in PEOPLE.values() if who.user and who.role})
        ada, gil, pia = (Caller(hub, accounts.add(name)) for name in ("ada", "gil", "pia"))
        for kind in KINDS:
            for repo_type in TYPES:
                if repo_type in ("model", "dataset") or kind not in GATES:
                    world.places[repo_type, kind] = world._place(ada, repo_type, kind)
        for repo_type in ("model", "dataset"):
            for kind in GATES:
                place = world.places[repo_type, kind]
                prefix = "" if repo_type == "model" else "datasets/"
                ada("POST", f"/api/{repo_type}s/{place.id}/user-access-request/grant", {"user": "gil"})
                if kind != "auto":
                    field = world._secret(f"field{repo_type}{kind}", "settings", kind, "a form")
                    asked = pia("POST", f"/{prefix}{place.id}/ask-access", {"why": field})
                    assert asked.status == 303, asked.body
        world._beside(ada, gil)
        for kind in ("public", "private"):
            world.places["bucket", kind] = world._bucket(ada, kind)
        hub.accounts.oauth.put(App(client_id=APP, redirect_uris=(BACK,), secret="s", created_at=0, details={}))
        hub.stop()
        return world

    def _secret(self, text: str, level: str, kind: str, where: str) -> str:
        marked = f"{text}{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        self.secrets.append(Secret(marked, level, kind, where))
        return marked

    def _place(self, ada: Caller, repo_type: str, kind: str) -> Place:
        def secret(what: str, level: str) -> str:
            return self._secret(f"{what}{repo_type}{kind}", level, kind, f"{what} of the {kind} {repo_type}")

        name = secret("name", "known")
        made = {"name": name, "organization": ORG, "type": repo_type, "private": kind == "private"}
        if repo_type == "space":
            made |= {
                "sdk": "gradio",
                "hardware": "t4-small",
                "storageTier": "small",
                "variables": [{"key": "V", "value": secret("variable", "settings")}],
            }
            made |= {"secrets": [{"key": "S", "value": secret("hidden", "never")}]}
        assert ada("POST", "/api/repos/create", made).status == 200
        repo, prefix = f"{repo_type}s/{ORG}/{name}", "" if repo_type == "model" else f"{repo_type}s/"
        large = secret("large", "files").encode() + b"\0"
        oid = ada.upload(large, f"{prefix}{ORG}/{name}")
        self.secrets.append(Secret(oid, "files", kind, f"hash in the {kind} {repo_type}"))
        assert ada.hub.xet is not None
        xet_hash = ada.hub.xet.hash_of(oid)
        assert xet_hash is not None
        self.secrets.append(Secret(xet_hash, "files", kind, f"hash for Xet in the {kind} {repo_type}"))
        card = f"---\ntags: [{secret('tag', 'known')}]\nsdk: gradio\nextra_gated_fields:\n  why: text\n"
        card += "pipeline_tag: text-generation\n---\n"
        body, content = secret("card", "known"), secret("content", "files").encode()
        files = [
            ada.file("README.md", f"{card}{body}\n".encode()),
            ada.file(FILE, content),
            ada.file(secret("file", "known"), b"x"),
            ada.file("data/train.parquet" if repo_type == "dataset" else "app.py", b"x"),
            ada.large(LARGE, oid),
        ]
        answer = ada.commit(repo, *files, summary=secret("commit", "known"))
        assert answer.status == 200, answer.body
        assert ada("POST", f"/api/{repo}/branch/dev").status == 200
        assert ada("POST", f"/api/{repo}/tag/main", {"tag": "v1"}).status == 200
        talk = {"title": secret("title", "known"), "description": secret("talk", "known")}
        assert ada("POST", f"/api/{repo}/discussions", talk).status == 200
        change = ada.file(FILE, content + b" and " + secret("change", "files").encode())
        assert ada.commit(repo, change, to="main?create_pr=1").status == 200
        closed = {"title": "a closed pull request", "description": "", "pullRequest": True}
        assert ada("POST", f"/api/{repo}/discussions", closed).status == 200
        assert ada("POST", f"/api/{repo}/discussions/3/status", {"status": "closed"}).status == 200
        said = {"comment": secret("comment", "known")}
        assert ada("POST", f"/api/{repo}/discussions/2/comment", said).status < 300
        if repo_type == "space":
            volumes = {"volumes": [{"type": "bucket", "source": "lab/data", "mountPath": "/data"}]}
            assert ada("PUT", f"/api/{repo}/volumes", volumes).status < 300
        query = ""
        if repo_type == "dataset":
            saved = {"sql": "SELECT 1", "title": "A query", "views": []}
            query = ada("POST", f"/api/{repo}/sql-console/embed", saved).json()["_id"]
        if kind in GATES:
            assert ada("PUT", f"/api/{repo}/settings", GATES[kind]).status == 200
        dev = next(
            one["targetCommit"] for one in ada("GET", f"/api/{repo}/refs").json()["branches"] if one["name"] == "dev"
        )
        begun = ada("GET", f"/api/{repo}/discussions/1").json()["events"][0]["id"]
        return Place(
            type=repo_type,
            kind=kind,
            name=name,
            oid=oid,
            xet_hash=xet_hash,
            size=len(large),
            dev=dev,
            comment=begun,
            query=query,
        )

    def _bucket(self, ada: Caller, kind: str) -> Place:
        def secret(what: str) -> str:
            return self._secret(f"{what}bucket{kind}", "known", kind, f"{what} of the {kind} bucket")

        name, content = secret("name"), secret("large").encode()
        assert ada("POST", f"/api/buckets/{ORG}/{name}", {"private": kind == "private"}).status == 200
        bucket = ada.hub.buckets.find(f"{ORG}/{name}")
        assert ada.hub.xet is not None
        assert bucket is not None
        file = put(ada.hub.xet, content)
        assert file.sha256 is not None
        self.secrets += [Secret(text, "known", kind, f"hash in the {kind} bucket") for text in (file.hash, file.sha256)]
        ada.hub.lfs.note_upload(file.sha256, repo=bucket.facts.id, user="ada")
        lines = [{"type": "addFile", "path": path, "xetHash": file.hash} for path in (FILE, secret("file"))]
        answer = ada("POST", f"/api/buckets/{ORG}/{name}/batch", "\n".join(map(json.dumps, lines)).encode())
        assert answer.status == 200, answer.body
        return Place(
            type="bucket",
            kind=kind,
            name=name,
            oid=file.sha256,
            xet_hash=file.hash,
            size=len(content),
            dev="",
            comment="",
        )

    def _beside(self, ada: Caller, gil: Caller) -> None:
        """Create what lies outside of repositories: collections, likes, webhooks, and a renamed repository."""

        def own(what: str, level: str) -> str:
            return self._secret(what, level, "", what)

        private = self.places["model", "private"]
        made = {
            "title": own("collection", "collections"),
            "description": own("description", "collections"),
            "namespace": "ada",
            "private": True,
        }
        made["item"] = {"type": "model", "id": self.places["model", "public"].id}
        answer = ada("POST", "/api/collections", made).json()
        self.collection, self.item = answer["slug"], answer["items"][0]["_id"]
        open_one = ada("POST", "/api/collections", {"title": "open", "namespace": "ada"}).json()["slug"]
        for place in self.places.values():
            held = {"item": {"type": place.type, "id": place.id}}
            status = 400 if place.type == "kernel" else 200  # a collection has no kernels
            assert ada("POST", f"/api/collections/{open_one}/items", held).status == status
            assert ada("POST", f"/api/{place.type}s/{place.id}/like").status == 200
        published = ada.hub.community.publications
        published.add_post("ada", "post", "A post")
        published.add_article("article", "An article")
        published.add_article("article", "Another article", author="ada")
        pages = {
            "paper_comment": f"papers/{PAPER}",
            "post_comment": "posts/ada/post",
            "blog_comment": "blog/article",
            "namespaced_blog_comment": "blog/ada/article",
        }
        for kind, page in pages.items():
            answer = gil("POST", f"/api/{page}/comment", {"comment": "A comment"})
            self.talks[f"community.reply_{kind}"] = answer.json()["newMessage"]["id"]
        claimed = {"paperId": PAPER, "claimAuthorId": stable_id(PAPER, "Marta Lindqvist")}
        assert ada("POST", "/api/settings/papers/claim", claimed).status == 200
        hook: dict[str, Any] = {"url": f"http://127.0.0.1:9/{own('hook', 'webhooks')}", "secret": own("hush", "never")}
        hook["watched"] = [{"type": "model", "name": private.id}]
        endpoint = {
            "name": "endpoint",
            "type": "private",
            "provider": {"vendor": "aws", "region": "us-east-1"},
            "compute": {"accelerator": "cpu", "instanceType": own("kind", "endpoints"), "instanceSize": "x1"},
            "model": {
                "repository": self.places["model", "public"].id,
                "framework": own("framework", "endpoints"),
                "secrets": {"KEY": own("password", "never")},
            },
        }
        assert ada("POST", "/v2/endpoint/ada", endpoint).status == 200
        job = {
            "dockerImage": own("image", "endpoints"),
            "flavor": "cpu-basic",
            "environment": {"VARIABLE": own("value", "endpoints")},
            "secrets": {"KEY": own("key", "never")},
        }
        ada.hub.jobs.simulate(held=True, logs=[own("line", "endpoints")])
        self.job = ada("POST", "/api/jobs/ada", job).json()["id"]
        scheduled = {"jobSpec": job, "schedule": "@yearly", "concurrency": True, "suspend": True}
        self.scheduled_job = ada("POST", "/api/scheduled-jobs/ada", scheduled).json()["id"]
        resources = {"name": own("resources", "group"), "users": [{"user": "rita", "role": "read"}]}
        self.group = ada("POST", f"/api/organizations/{ORG}/resource-groups", resources).json()["id"]
        accounts = f"/api/organizations/{ORG}/service-accounts"
        self.service_account = ada("POST", accounts, {"name": own("robot", "endpoints")}).json()["_id"]
        token = ada("POST", f"{accounts}/{self.service_account}/tokens", {"permissions": ["org.read"]}).json()
        self.service_token = token["tokenInfo"]["_id"]
        self.secrets.append(Secret(token["token"], "never", "", "a token"))
        user = {
            "schemas": [],
            "userName": "sid",
            "externalId": own("external", "endpoints"),
            "emails": [{"value": "sid@lab.org"}],
        }
        named = user | {"name": {"givenName": "Sid", "familyName": "D"}}
        self.provisioned = ada("POST", f"/api/organizations/{ORG}/scim/v2/Users", named).json()["id"]
        assert ada("POST", f"/api/organizations/{ORG}/scim-provisioning/v2/Users", user).status == 201
        group = {"displayName": own("group", "endpoints"), "members": [{"value": self.provisioned}]}
        first, second = (
            ada("POST", f"/api/organizations/{ORG}/{server}/v2/Groups", group).json()["id"]
            for server in ("scim", "scim-provisioning")
        )
        self.groups = (first, second)
        self.recipe = ada("GET", "/api/v1/catalog/list").json()["items"][0]["recipes"][0]["publicId"]
        self.webhook = ada("POST", "/api/settings/webhooks", hook).json()["webhook"]["id"]
        assert ada("POST", f"/api/settings/webhooks/{self.webhook}/disable").status == 200  # nobody listens
