"""Damaged or hostile repositories: they do not affect others, and are served as far as possible."""

from __future__ import annotations

import json
import subprocess
import sys

import pygit2
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hub_typed.local.cards import card
from hub_typed.local.git import trees
from hub_typed.local.repos import snapshots
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller

KINDS = ("model", "dataset", "space", "kernel")
LISTS = [
    *(
        f"/api/{kind}s?{query}"
        for kind in KINDS
        for query in ("", "full=1", "full=1&cardData=1&config=1", "sort=id" if kind == "kernel" else "sort=createdAt")
    ),
    "/api/models?expand=safetensors&expand=cardData",
    "/api/spaces/semantic-search?q=good&includeNonRunning=1",
    "/api/models-tags-by-type",
    "/api/datasets-tags-by-type",
    "/api/tasks",
    "/api/metrics",
    "/api/users/ada/likes",
    "/api/users/ada/overview",
]
ABOUT = [
    "",
    "?blobs=1",
    "/tree/main?recursive=1&expand=1",
    "/tree/main",
    "/commits/main?expand=formatted",
    "/refs?include_prs=1",
]
SIGNATURE = b"e <e@e> 1700000000 +0000"


@pytest.fixture
def place(tmp_path):
    return Place(Hub(tmp_path / "hub"))


class Place:
    """A Hub with a good and a bad repository of each type."""

    def __init__(self, hub):
        self.hub = hub
        self.ada = Caller(hub, hub.accounts.add("ada"))
        for kind in KINDS:
            for name in ("good", "bad"):
                body = {"name": name, "type": kind, "sdk": "static" if kind == "space" else None}
                assert self.ada("POST", "/api/repos/create", body).status == 200
            self.ada("POST", f"/api/{kind}s/ada/bad/like")

    def git(self, kind):
        return pygit2.Repository(str(self.hub.store.find(kind, "ada/bad").path))

    def spoil(self, spoiler):
        """Point the branch of each bad repository to the commit that a function creates."""
        for kind in KINDS:
            git = self.git(kind)
            git.create_reference("refs/heads/main", spoiler(git), force=True)

    def check(self, *, metadata=None):
        """Check that all lists contain the good repositories; ``conftest`` checks the responses against the spec."""
        for url in LISTS:
            answer = self.ada("GET", url)
            assert answer.status == 200, (url, answer.body[:300])
        for kind in KINDS:
            members = "expand=cardData" if kind == "kernel" else "full=1&cardData=1"
            every = self.ada("GET", f"/api/{kind}s?{members}").json()
            assert {"ada/good", "ada/bad"} == {one["id"] for one in every}
            if metadata is not None:
                bad = next(one for one in every if one["id"] == "ada/bad")
                assert (bad.get("cardData") is not None) == metadata
            for path in ABOUT:
                answer = self.ada("GET", f"/api/{kind}s/ada/bad{path}")
                assert answer.status < 500, (path, answer.body[:300])


def commit(git, tree, *, author=SIGNATURE, committer=SIGNATURE, rest=b"", message=b"m"):
    """Write a commit of arbitrary bytes, as a push could."""
    lines = b"tree %s\nauthor %s\ncommitter %s\n%s\n%s" % (str(tree).encode(), author, committer, rest, message)
    return git.odb.write(pygit2.enums.ObjectType.COMMIT, lines)


def tree(git, *entries):
    """Write a tree of arbitrary names, modes and hashes."""
    data = b"".join(b"%s %s\0%s" % (mode, name, bytes.fromhex(str(oid))) for mode, name, oid in entries)
    return git.odb.write(pygit2.enums.ObjectType.TREE, data)


def one_file(name, content):
    return lambda git: commit(git, tree(git, (b"100644", name, git.create_blob(content))))


def deep(git, levels):
    inner = tree(git, (b"100644", b"f", git.create_blob(b"x")))
    for _ in range(levels):
        inner = tree(git, (b"40000", b"a", inner))
    return commit(git, inner)


def wide(git):
    """Write a few small trees that expand to a billion files."""
    inner = tree(git, (b"100644", b"f", git.create_blob(b"x")))
    for _ in range(9):
        inner = tree(git, *((b"40000", b"%d" % number, inner) for number in range(10)))
    return commit(git, inner)


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "\n".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 8)
)
UNREADABLE = {
    "brackets": "a: " + "[" * 3000,
    "a list that holds itself": "a: &a [*a]",
    "an object that holds itself": "a: &a {b: *a}",
    "aliases of aliases": BOMB,
    "a long text many times over": "a: &a " + "x" * 100_000 + "\nb: [" + ",".join(["*a"] * 1000) + "]",
    "too long": "\n".join(f"k{number}: v{number}" for number in range(40_000)),
    "a date that is none": "a: !!timestamp 2024-13-45",
    "a number that is none": "a: !!int x",
    "thousands of digits": "a: " + "9" * 5000,
    "a class of Python": "a: !!python/object:os.system x",
    "a list": "- a",
    "a broken line": "a: b: c",
}
ODD = {
    "not a number": "x: .nan\ny: [.inf, -.inf]",
    "numbers as large as JSON has none": "tags: [123456789012345678901234567890]\nx: 1" + "0" * 300,
    "half a pair": 'license: "\\ud800"\ntags: ["\\udfff"]',
    "dates": "license: 2024-01-01\ntags: [2024-01-01, 9999-99-99]\nd: !!timestamp 2024-01-01",
    "members of any shape": (
        "tags: [[1], {a: b}, 5]\nmodel-index: 7\nlanguage: {a: 1}\ndatasets: {b: 2}\nlicense: [1]\npipeline_tag: [x]\n"
        "library_name: {q: 1}\nbase_model: [{}]\nmetrics: {a: 1}\nsdk: [1]\napp_file: [2]\nmodels: 3\ntitle: {a: 1}\n"
        "paperswithcode_id: [1]\nbase_model_relation: [1]"
    ),
    "results of any shape": "model-index: [1, [], {results: 5}]",
    "results without a value": "model-index: [{results: [{dataset: {type: x}, metrics: [{value: [1]}]}]}]",
    "names that are no texts": "1: 2\ntrue: 3\nnull: 4\n1.5: 5",
    "thousands of tags": "tags: [" + ",".join(f"t{number}" for number in range(5000)) + "]",
}


@pytest.mark.parametrize("head", UNREADABLE.values(), ids=UNREADABLE)
def test_a_card_that_cannot_be_read_is_no_card(place, head):
    place.spoil(one_file(b"README.md", f"---\n{head}\n---\n".encode()))

    place.check(metadata=False)
    report = place.ada("POST", "/api/validate-yaml", {"content": f"---\n{head}\n---\n", "repoType": "model"})
    assert report.status == 400


@pytest.mark.parametrize("head", ODD.values(), ids=ODD)
def test_a_card_may_say_anything(place, head):
    place.spoil(one_file(b"README.md", f"---\n{head}\n---\n".encode()))

    place.check(metadata=True)
    assert place.ada("GET", "/api/datasets/ada/bad/leaderboard").status == 200
    assert place.ada("GET", "/api/datasets/ada/bad/croissant").status == 200
    assert place.ada("GET", "/api/datasets/x/leaderboard").status == 404


def test_tags_are_bounded(place):
    place.spoil(one_file(b"README.md", f"---\n{ODD['thousands of tags']}\n---\n".encode()))

    assert len(place.ada("GET", "/api/models/ada/bad").json()["tags"]) == 1000


def header(content):
    return len(content).to_bytes(8, "little") + content


FILES = {
    "brackets": (b"config.json", b"[" * 5000),
    "objects": (b"config.json", b'{"a":' * 5000),
    "odd members": (b"config.json", b'{"architectures":7,"model_type":[1]}'),
    "odd items": (b"config.json", b'{"architectures":[7,null,{}],"model_type":{}}'),
    "not a number": (b"config.json", b'{"architectures":[NaN],"model_type":NaN}'),
    "digits": (b"config.json", b'{"model_type":' + b"9" * 5000 + b"}"),
    "half a pair": (b"config.json", b'{"model_type":"\\ud800"}'),
    "no text": (b"config.json", b"\xff\xfe\0"),
    "a huge README": (b"README.md", b"---\nlicense: mit\n---\n" + b"x" * (3 << 20)),
    "a README of binary": (b"README.md", b"---\n\xff\xfe: \0\n---\n"),
    "texts as lengths": (b"model.safetensors", header(b'{"a":{"dtype":"F32","shape":["ab",1000000000]}}')),
    "a product without end": (
        b"model.safetensors",
        header(b'{"a":{"dtype":"F32","shape":%s}}' % json.dumps([2**60] * 60).encode()),
    ),
    "negative lengths": (b"model.safetensors", header(b'{"a":{"dtype":"F32","shape":[-5]}}')),
    "lengths that are no integers": (b"model.safetensors", header(b'{"a":{"dtype":[1],"shape":[1.5, NaN]}}')),
    "no header": (b"model.safetensors", b"\xff" * 8),
    "brackets as header": (b"model.safetensors", header(b"[" * 100_000)),
    "a pointer of no size": (
        b"x.bin",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %s\n" % (b"a" * 64, b"9" * 900),
    ),
    "a name that is no UTF-8": (b"\xff\xfe", b"x"),
    "a folder of the Hub": (b"README.md\n", b"x"),
}


@pytest.mark.parametrize(("name", "content"), FILES.values(), ids=FILES)
def test_a_file_may_hold_anything(place, name, content):
    place.spoil(one_file(name, content))

    place.check()


COMMITS = {
    "a time beyond all dates": {"committer": b"e <e@e> 300000000000 +0000", "author": b"e <e@e> 300000000000 +0000"},
    "a time of the year 9000": {"committer": b"e <e@e> 221845392000 +0000"},
    "a time before all computers": {"committer": b"e <e@e> -1 +0000"},
    "an odd time zone": {"committer": b"e <e@e> 1 +9999"},
    "an encoding that is none": {"rest": b"encoding bogus\n", "message": b"\xff", "author": b"\xff <e@e> 1 +0000"},
    "an encoding of no text": {"rest": b"encoding zlib\n", "message": b"x"},
    "an encoding in quadratic time": {"rest": b"encoding punycode\n", "message": b"a-" * 100_000},
    "bytes of no encoding": {"message": b"\xff\xfe", "author": b"\xff <\xff> 1 +0000"},
    "no name": {"author": b" <> 0 +0000"},
    "a long message": {"message": b"m" * (1 << 20) + b"\n\n" + b"n" * (1 << 20)},
    "no message": {"message": b""},
}


@pytest.mark.parametrize("words", COMMITS.values(), ids=COMMITS)
def test_a_commit_may_say_anything(place, words):
    place.spoil(lambda git: commit(git, tree(git, (b"100644", b"README.md", git.create_blob(b"x"))), **words))

    place.check()


def test_a_message_in_its_own_encoding_is_read(place):
    place.spoil(lambda git: commit(git, tree(git), rest=b"encoding ISO-8859-1\n", message=b"caf\xe9"))

    assert [one["title"] for one in place.ada("GET", "/api/models/ada/bad/commits/main").json()] == ["café"]


TREES = {
    "a README that is a folder": lambda git: commit(git, tree(git, (b"40000", b"README.md", tree(git)))),
    "a README that is a submodule": lambda git: commit(git, tree(git, (b"160000", b"README.md", "1" * 40))),
    "a README that is a link": lambda git: commit(
        git, tree(git, (b"120000", b"README.md", git.create_blob(b"README.md")))
    ),
    "nothing": lambda git: commit(git, tree(git)),
    "1,500 folders in one another": lambda git: deep(git, 1500),
    "a missing file": lambda git: commit(git, tree(git, (b"100644", b"README.md", "1" * 40))),
    "a missing folder": lambda git: commit(git, tree(git, (b"40000", b"a", "1" * 40))),
    "a missing root": lambda git: commit(git, "1" * 40),
    "more files than any memory holds": wide,
}


@pytest.mark.parametrize("spoiler", TREES.values(), ids=TREES)
def test_a_tree_may_have_any_form(place, spoiler, monkeypatch):
    monkeypatch.setattr(trees, "MAX_ENTRIES", 5000)
    place.spoil(spoiler)

    place.check()
    for kind in KINDS:
        prefix = "" if kind == "model" else f"{kind}s/"
        assert place.ada("GET", f"/{prefix}ada/bad/resolve/main/README.md").status < 500
        assert place.ada("POST", f"/api/{kind}s/ada/bad/paths-info/main", {"paths": ["README.md", "a/a"]}).status < 500


def test_a_deep_tree_is_listed_whole(place):
    place.spoil(lambda git: deep(git, 1500))

    listed = place.ada("GET", "/api/models/ada/bad/tree/main?recursive=1&limit=1000")
    assert int(listed.headers["x-total-count"]) == 1501
    assert len(place.ada("GET", "/api/models/ada/bad").json()["siblings"][0]["rfilename"]) == 3001


def test_too_many_files_are_refused_and_not_listed(place, monkeypatch):
    monkeypatch.setattr(trees, "MAX_ENTRIES", 1000)
    place.spoil(wide)

    assert place.ada("GET", "/api/models/ada/bad/tree/main?recursive=1").status == 422
    assert place.ada("GET", "/api/models/ada/bad").status == 422
    bare = next(one for one in place.ada("GET", "/api/models?full=1").json() if one["id"] == "ada/bad")
    assert bare["siblings"] == []
    assert bare.get("sha") is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_repository_without_its_branch_is_still_listed(place, kind):
    place.git(kind).references.delete("refs/heads/main")

    assert {one["id"] for one in place.ada("GET", f"/api/{kind}s?full=1").json()} == {"ada/bad", "ada/good"}
    assert place.ada("GET", f"/api/{kind}s/ada/bad").status == 404


def test_refs_may_lead_anywhere(place):
    git = place.git("model")
    blob, folder = git.create_blob(b"x"), tree(git)
    git.create_reference("refs/tags/blob", blob)
    git.create_reference("refs/tags/tree", folder)
    (place.hub.store.find("model", "ada/bad").path / "refs" / "heads" / "lost").write_text("1" * 40 + "\n")
    (place.hub.store.find("model", "ada/bad").path / "refs" / "heads" / "broken").write_text("nonsense\n")

    place.check()
    for revision in ("blob", "tree", "lost", "broken"):
        assert place.ada("GET", f"/api/models/ada/bad/revision/{revision}").status == 404


def test_objects_that_are_damaged_on_the_disk_fail_no_list(place):
    objects = place.hub.store.find("model", "ada/bad").path / "objects"
    for file in objects.glob("??/*"):
        file.chmod(0o600)
        file.write_bytes(b"damaged")

    place.check()


def test_what_the_hub_keeps_beside_git_may_be_damaged(place):
    for name in ("hub.json", "likes.json"):
        for kind in KINDS:
            (place.hub.store.find(kind, "ada/bad").path / name).write_text("{")

    for url in LISTS:
        assert place.ada("GET", url).status == 200
    assert [one["id"] for one in place.ada("GET", "/api/models").json()] == ["ada/good"]


def test_large_files_of_a_deep_history_are_found_and_taken_out(place):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 5\n" % (b"a" * 64)

    def spoiler(git):
        inner = tree(git, (b"100644", b"x.bin", git.create_blob(pointer)))
        for _ in range(1200):
            inner = tree(git, (b"40000", b"a", inner))
        return commit(git, inner, rest=b"encoding bogus\n", message=b"\xff")

    place.spoil(spoiler)
    files = place.ada("GET", "/api/models/ada/bad/lfs-files").json()
    assert [one["oid"] for one in files] == ["a" * 64]
    body = {"deletions": {"sha": [files[0]["fileOid"]], "rewriteHistory": True}}
    assert place.ada("POST", "/api/models/ada/bad/lfs-files/batch", body).status == 200
    assert place.ada("GET", "/api/models/ada/bad/lfs-files").json() == []


def test_a_snapshot_is_read_once(place, monkeypatch):
    place.spoil(one_file(b"README.md", b"---\nlicense: mit\n---\n"))
    read = []
    monkeypatch.setattr(snapshots, "card_data", lambda readme: read.append(readme) or card.card_data(readme))

    for _ in range(3):
        place.ada("GET", "/api/models?full=1")
    assert len(read) == 2  # the good one and the bad one


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates().map(str), st.just("other")
)
values = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(scalars.map(str), inner, max_size=4))
)
MEMBERS = """
    tags license language datasets model-index pipeline_tag library_name base_model base_model_relation metrics sdk
    app_file models title emoji pinned task_categories size_categories paperswithcode_id architectures model_type
"""
members = st.sampled_from(MEMBERS.split())
objects = st.dictionaries(members, values, max_size=6).map(lambda value: json.dumps(value).encode())
texts = st.one_of(
    objects, st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))
)
lines = st.binary(max_size=20).map(lambda data: bytes(byte for byte in data if byte not in b"\n<>\0"))


@pytest.fixture(scope="module")
def lasting(tmp_path_factory):
    return Place(Hub(tmp_path_factory.mktemp("bad") / "hub"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    head=texts,
    config=texts,
    name=st.binary(min_size=1, max_size=12).map(lambda data: data.replace(b"/", b"_").replace(b"\0", b"_")),
    who=lines,
    at=st.integers(-(2**40), 2**60),
    message=st.binary(max_size=40),
    encoding=st.sampled_from(["", "bogus", "latin-1", "utf-16", "idna", "hex", "\xff", "undefined"]),
)
def test_whatever_a_repository_holds_lists_are_answered(lasting, head, config, name, who, at, message, encoding):
    def spoiler(git):
        blob = git.create_blob
        files = {b"README.md": blob(b"---\n" + head + b"\n---\n"), b"config.json": blob(config), name: blob(config)}
        signed = b"%s <%s> %d +0000" % (who, who, at)
        rest = b"encoding %s\n" % encoding.encode("latin-1") if encoding else b""
        root = tree(git, *((b"100644", path, oid) for path, oid in sorted(files.items())))
        return commit(git, root, author=signed, committer=signed, rest=rest, message=message)

    lasting.spoil(spoiler)
    lasting.check()


def test_what_the_trees_of_a_push_write_out_to_is_measured(tmp_path):
    git = pygit2.init_repository(str(tmp_path), bare=True)
    script = "import sys; from hub_typed.local.git.pushed_trees import too_large_trees as t; print(t(sys.argv[1:]))"

    for oid, expected in ((one_file(b"a", b"x")(git), "False"), (wide(git), "True"), (deep(git, 2500), "True")):
        done = subprocess.run(
            [sys.executable, "-c", script, str(oid)], cwd=tmp_path, stdout=subprocess.PIPE, check=True
        )
        assert done.stdout.decode().strip() == expected
