"""Downloads of whole repositories."""

from __future__ import annotations

import errno
import json
import os
import threading
from collections import Counter
from pathlib import Path

import attrs
import pytest

from hub_typed.errors import (
    DiskError,
    EntryNotFoundError,
    GatedRepoError,
    IntegrityError,
    LocalEntryNotFoundError,
    ProtocolError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    TransportError,
    UnsafePathError,
)
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.snapshot import snapshot_download

REPO = "org/model"
FOLDER = "models--org--model"
README = b"# A model\n"
WEIGHTS = b"0123456789abcdef"
WEIGHTS_ID = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f"


@pytest.fixture
def commit(hub, large):
    return hub.commit(
        {"README.md": README, "a/weights.bin": large(WEIGHTS), "b/weights.bin": large(WEIGHTS), "x": b"x"}
    )


def files(folder):
    root = Path(folder)
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".cache" not in path.parts
    }


ALL = {"README.md": README, "a/weights.bin": WEIGHTS, "b/weights.bin": WEIGHTS, "x": b"x"}


def test_all_files(run, hub, cache, commit):
    folder = run(snapshot_download, REPO)
    assert folder == str(cache / FOLDER / "snapshots" / commit)
    assert files(folder) == ALL
    assert (cache / FOLDER / "refs" / "main").read_text() == commit
    assert sorted(hub.asked) == sorted(
        [
            "GET /api/models/org/model/revision/main",
            f"GET /api/models/org/model/tree/{commit}",
            f"GET /org/model/resolve/{commit}/README.md",
            f"GET /org/model/resolve/{commit}/x",
            # Two files with the same content: whoever is first fetches it.
            *(asked for asked in hub.asked if asked.endswith("weights.bin")),
            f"GET https://storage.test/{WEIGHTS_ID}",
        ]
    )
    assert sum(asked.endswith("weights.bin") for asked in hub.asked) == 1
    assert "sha" in hub.requests[0].path.partition("?")[2]


def test_what_is_there_asks_for_no_file(run, hub, commit):
    folder = run(snapshot_download, REPO)
    hub.forget()
    assert run(snapshot_download, REPO) == folder
    assert hub.asked == ["GET /api/models/org/model/revision/main"]
    hub.forget()
    assert run(snapshot_download, REPO, revision=commit) == folder
    assert hub.asked == []


def test_what_is_missing_is_fetched(run, hub, cache, commit):
    folder = run(snapshot_download, REPO)
    (Path(folder) / "x").resolve().unlink()
    (Path(folder) / "README.md").resolve().write_bytes(b"cut")
    hub.forget()
    run(snapshot_download, REPO, revision=commit)
    assert sorted(hub.asked) == [f"GET /org/model/resolve/{commit}/README.md", f"GET /org/model/resolve/{commit}/x"]
    assert files(folder) == ALL


def test_the_list_of_files_comes_in_pages(run, hub, commit):
    hub.page = 1
    assert files(run(snapshot_download, REPO)) == ALL


def test_patterns(run, commit):
    folder = run(snapshot_download, REPO, allow_patterns=["*.bin", "*.md"], ignore_patterns="b/")
    assert sorted(files(folder)) == ["README.md", "a/weights.bin"]
    folder = run(snapshot_download, REPO, allow_patterns="b/")
    assert sorted(files(folder)) == ["README.md", "a/weights.bin", "b/weights.bin"]


@pytest.mark.parametrize("repo_type", ["dataset", "space"])
def test_other_types(run, hub, cache, repo_type):
    hub.repo_type, hub.repo_id = repo_type, "name"
    commit = hub.commit({"a": b"a"}, ref="v1.0")
    folder = run(snapshot_download, "name", repo_type=repo_type, revision="v1.0")
    assert folder == str(cache / f"{repo_type}s--name" / "snapshots" / commit)
    assert files(folder) == {"a": b"a"}


def test_at_most_so_many_at_once(run, hub, monkeypatch):
    hub.commit({f"{number:02}": b"%d" % number for number in range(20)})
    running, most, lock = [], [], threading.Lock()
    three, four = threading.Event(), threading.Event()
    send = type(hub).send

    def counted(self, request, **how):
        if "/resolve/" not in request.path:
            return send(self, request, **how)
        with lock:
            running.append(request)
            most.append(len(running))
            if len(running) == 3:
                three.set()
            if len(running) > 3:
                four.set()
        three.wait(5)
        if len(most) <= 3:
            four.wait(0.2)  # time for one too many
        try:
            return send(self, request, **how)
        finally:
            with lock:
                running.remove(request)

    monkeypatch.setattr(type(hub), "send", counted)
    assert len(files(run(snapshot_download, REPO, max_workers=3))) == 20
    assert max(most) == 3


def test_a_wrong_small_file_is_requested_once_more(run, hub, cache, commit, spoil):
    spoil(body=b"wrong")
    assert files(run(snapshot_download, REPO)) == ALL
    assert len([asked for asked in hub.asked if "/resolve/" in asked]) == 4


def test_files_that_stay_wrong_are_an_error_and_a_later_run_brings_them(run, hub, cache, commit, spoil):
    for _ in range(6):
        spoil(body=b"wrong")
    with pytest.raises(IntegrityError):
        run(snapshot_download, REPO, max_workers=1)
    assert len([asked for asked in hub.asked if "/resolve/" in asked]) == 4, "three at first, then the first one alone"
    assert not (cache / FOLDER / "refs").exists(), "a ref points to what is there"
    hub.spoilt.clear()
    assert files(run(snapshot_download, REPO)) == ALL


def test_force_download(run, hub, commit):
    run(snapshot_download, REPO)
    hub.forget()
    assert files(run(snapshot_download, REPO, force_download=True)) == ALL
    assert len([asked for asked in hub.asked if "/resolve/" in asked]) == 3, "two files have the same content"


def test_a_local_folder(run, hub, cache, commit, tmp_path):
    folder = run(snapshot_download, REPO, local_dir=tmp_path / "mine")
    assert folder == str(tmp_path / "mine")
    assert files(folder) == ALL
    assert not any(path.is_symlink() for path in Path(folder).rglob("*"))
    assert not cache.exists()
    hub.forget()
    run(snapshot_download, REPO, local_dir=folder)
    assert hub.asked == ["GET /api/models/org/model/revision/main"]
    newer = hub.commit({**hub.commits[commit], "x": b"newer"})
    hub.forget()
    run(snapshot_download, REPO, local_dir=folder)
    assert files(folder) == {**ALL, "x": b"newer"}
    assert hub.asked[2:] == [f"GET /org/model/resolve/{newer}/x"]
    hub.forget()
    run(snapshot_download, REPO, local_dir=folder, revision=newer)
    assert hub.asked == []


# --- the kept list of files


def test_the_list_is_kept_as_official_clients_keep_it(run, cache, commit):
    run(snapshot_download, REPO, allow_patterns="x")
    kept = json.loads((cache / FOLDER / "trees" / f"{commit}.json").read_text())
    assert kept["format_version"] == 1
    assert sorted(kept["files"]) == sorted(ALL)
    assert kept["files"]["x"] == {"size": 1, "blob_id": "c1b0730e0133447badcfd47fd144e254807b06e1"}
    assert kept["files"]["a/weights.bin"] == {
        "size": 16,
        "blob_id": kept["files"]["a/weights.bin"]["blob_id"],
        "lfs_sha256": WEIGHTS_ID,
        "lfs_size": 16,
        "xet_hash": "e" * 64,
    }


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "{}",
        "[]",
        '{"format_version": 2, "files": {}}',
        '{"format_version": 1, "files": []}',
        '{"format_version": 1, "files": {"x": {"size": "1"}}}',
        '{"format_version": 1, "files": {"x": {"size": 1, "blob_id": "../x"}}}',
    ],
)
def test_a_list_that_cannot_be_read_is_asked_for_again(run, hub, cache, commit, kept):
    run(snapshot_download, REPO)
    (cache / FOLDER / "trees" / f"{commit}.json").write_text(kept)
    hub.forget()
    assert files(run(snapshot_download, REPO, revision=commit)) == ALL
    assert hub.asked == [f"GET /api/models/org/model/tree/{commit}"]


# --- without the Hub


@pytest.mark.parametrize("down", [TransportError("no route"), 503])
@pytest.mark.parametrize("where", ["cache", "local"])
def test_the_folder_of_the_last_time(run, hub, commit, tmp_path, down, where, caplog):
    place = {} if where == "cache" else {"local_dir": tmp_path / "mine"}
    folder = run(snapshot_download, REPO, **place)
    hub.down = down
    hub.forget()
    assert run(snapshot_download, REPO, **place) == folder
    assert len(hub.asked) == 1
    assert "unavailable for org/model" in caplog.text
    assert run(snapshot_download, REPO, local_files_only=True, **place) == folder
    assert len(hub.asked) == 1


def test_a_folder_that_lacks_files_is_not_taken_for_whole(run, hub, commit):
    folder = run(snapshot_download, REPO, allow_patterns="x")
    hub.down = TransportError("no route")
    assert run(snapshot_download, REPO, allow_patterns="x") == folder
    for named in ({}, {"local_files_only": True}):
        with pytest.raises(LocalEntryNotFoundError, match=r"A part of org/model .*3 files are missing, README.md"):
            run(snapshot_download, REPO, **named)


def test_a_folder_of_single_files_has_no_list_and_is_taken_as_it_is(run, hub, commit):
    path = run(hf_hub_download, REPO, "x")
    hub.down = TransportError("no route")
    assert run(snapshot_download, REPO) == str(Path(path).parent)


@pytest.mark.parametrize("named", [{}, {"local_files_only": True}, {"revision": "other", "local_files_only": True}])
def test_neither_hub_nor_folder(run, hub, tmp_path, named):
    hub.down = TransportError("no route")
    for place in ({}, {"local_dir": tmp_path / "mine"}):
        with pytest.raises(LocalEntryNotFoundError, match="org/model at revision"):
            run(snapshot_download, REPO, **named, **place)


def test_the_files_that_are_missing_cannot_be_had_while_the_hub_is_down(run, hub, commit):
    """The list is cached, so only the files are requested."""
    run(snapshot_download, REPO, allow_patterns="x")
    hub.down = TransportError("no route")
    with pytest.raises(TransportError, match="no route"):
        run(snapshot_download, REPO, revision=commit)


def test_offline_mode(run, hub, commit):
    folder = run(snapshot_download, REPO)
    hub.forget()
    run.set(offline=True)
    assert run(snapshot_download, REPO) == folder
    with pytest.raises(LocalEntryNotFoundError, match="HF_HUB_OFFLINE"):
        run(snapshot_download, "org/other")
    Path(folder, "x").unlink()
    for revision in ("main", commit):
        with pytest.raises(LocalEntryNotFoundError, match="1 files are missing, x among"):
            run(snapshot_download, REPO, revision=revision)
    assert hub.asked == []


# --- what the Hub says


def test_errors_of_the_hub(run, hub, commit):
    run(snapshot_download, REPO)
    with pytest.raises(RepositoryNotFoundError):
        run(snapshot_download, "org/other")
    with pytest.raises(RevisionNotFoundError):
        run(snapshot_download, REPO, revision="other")
    with pytest.raises(RevisionNotFoundError):
        run(snapshot_download, REPO, revision="a" * 40)


def test_hashes_that_are_hidden_from_strangers(run, hub, cache, commit):
    """Without access, the list of a gated repository has asterisks instead of hashes."""
    hub.tree = [
        {"type": "file", "path": "a/weights.bin", "oid": "a" * 40, "size": 16}
        | {"lfs": {"oid": "*" * 64, "size": 16, "pointerSize": 130}}
    ]
    assert files(run(snapshot_download, REPO)) == {"a/weights.bin": WEIGHTS}
    assert not (cache / FOLDER / "trees").exists(), "with a token, the list is another one"
    hub.gone = (401, {"x-error-code": "GatedRepo"})
    with pytest.raises(GatedRepoError):
        run(snapshot_download, REPO, force_download=True)


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", ".git/hooks/x", "a\0b", "a//b", ".", "x" * 256])
@pytest.mark.parametrize("where", ["cache", "local"])
def test_a_path_that_would_be_anywhere(run, hub, commit, tmp_path, path, where):
    place = {} if where == "cache" else {"local_dir": tmp_path / "mine"}
    hub.tree = [
        {"type": "file", "path": "x", "oid": "c1b0730e0133447badcfd47fd144e254807b06e1", "size": 1},
        {"type": "file", "path": path, "oid": "a" * 40, "size": 1},
    ]
    before = set(tmp_path.iterdir())
    for force in (False, True):
        with pytest.raises(UnsafePathError) as caught:
            run(snapshot_download, REPO, force_download=force, **place)
        assert repr(path) in str(caught.value)
    assert not [asked for asked in hub.asked if "/resolve/" in asked], "it is refused before a byte is asked for"
    assert set(tmp_path.iterdir()) - before <= {tmp_path / "cache", tmp_path / "mine"}
    assert files(run(snapshot_download, REPO, ignore_patterns=[path.replace("[", "[[]")], **place)) == {"x": b"x"}


def test_a_file_that_is_a_folder_too(run, hub, commit):
    hub.tree = [{"type": "file", "path": path, "oid": "a" * 40, "size": 1} for path in ("x/y", "x")]
    with pytest.raises(UnsafePathError, match="cannot both exist"):
        run(snapshot_download, REPO)


def test_twins_are_fine_on_this_disk(run, hub, cache):
    hub.commit({"a": b"1", "A": b"2"})
    (cache / "PROBE").mkdir(parents=True)
    if (cache / "probe").exists():
        pytest.skip("this disk takes A and a for the same")
    assert files(run(snapshot_download, REPO)) == {"a": b"1", "A": b"2"}


@pytest.mark.parametrize("sha", [None, "", "../x", "main"])
def test_a_commit_that_is_none(run, hub, cache, commit, monkeypatch, sha):
    monkeypatch.setattr(type(hub), "_commit", lambda self, revision: revision if revision in self.commits else commit)
    api = type(hub)._api

    def spoilt(self, *how):
        status, headers, _ = api(self, *how)
        return status, headers, json.dumps({"_id": "1", "id": REPO, "sha": sha}).encode()

    monkeypatch.setattr(type(hub), "_api", spoilt)
    with pytest.raises(ProtocolError, match="the commit of revision 'main'"):
        run(snapshot_download, REPO)
    assert not cache.exists()


def test_an_entry_that_vanished(run, hub, commit, spoil):
    hub.tree = [{"type": "file", "path": "gone", "oid": "a" * 40, "size": 1}]
    with pytest.raises(EntryNotFoundError):
        run(snapshot_download, REPO)


def test_folders_are_no_files(run, hub, commit):
    hub.tree = [
        {"type": "directory", "path": "a", "oid": "b" * 40, "size": 0},
        {"type": "file", "path": "x", "oid": "c1b0730e0133447badcfd47fd144e254807b06e1", "size": 1},
    ]
    assert files(run(snapshot_download, REPO)) == {"x": b"x"}


def test_the_bar_is_the_callers(run, commit):
    class Bar:
        made, closed = [], []

        def __init__(self, **how):
            self.n = how["initial"]
            self.name = how["desc"]
            self.made.append((how["desc"], how["total"]))

        def update(self, count):
            self.n += count

        def refresh(self):
            pass

        def close(self):
            self.closed.append((self.name, self.n))

    run.set(progress=True)
    run(snapshot_download, REPO, tqdm_class=Bar, ignore_patterns="b/*")
    assert Bar.made == Bar.closed == [("Fetching", 3), (REPO, 27)]


@pytest.mark.parametrize("parameter", ["resume_download", "local_dir_use_symlinks"])
def test_deprecated_parameters(run, commit, parameter):
    with pytest.warns(FutureWarning, match=parameter):
        run(snapshot_download, REPO, **{parameter: True})


@pytest.mark.parametrize("workers", [0, -1])
def test_fewer_than_one_worker_is_refused(run, hub, workers):
    with pytest.raises(ValueError, match=f"max_workers={workers} is out of bounds: it must be at least 1"):
        run(snapshot_download, REPO, max_workers=workers)
    assert not hub.requests


PORTALS = {
    "a redirect in a circle": ProtocolError("more than 10 redirects"),
    "a status of a proxy": 407,
    "no status of the Hub": 521,
    "not implemented": 501,
}


@pytest.mark.parametrize("portal", PORTALS)
@pytest.mark.parametrize("local", [False, True])
def test_what_is_here_is_given_whatever_answers_in_the_place_of_the_hub(run, hub, commit, tmp_path, portal, local):
    words = {"local_dir": tmp_path / "local"} if local else {}
    folder = run(snapshot_download, REPO, **words)
    file = run(hf_hub_download, REPO, "x", **words)
    hub.down = PORTALS[portal]
    assert run(snapshot_download, REPO, **words) == folder
    assert run(hf_hub_download, REPO, "x", **words) == file


@pytest.mark.parametrize("asked", [(snapshot_download, REPO), (hf_hub_download, REPO, "x")])
def test_where_nothing_is_here_an_answer_that_makes_no_sense_is_told(run, hub, commit, asked):
    hub.down = ProtocolError("more than 10 redirects")
    with pytest.raises(ProtocolError, match="more than 10"):
        run(*asked)


def test_a_file_in_the_place_of_the_folder_is_an_error_of_the_disk(run, hub, commit, tmp_path):
    (tmp_path / "file").write_text("a file")
    for place in ("file", "file/below"):
        with pytest.raises(DiskError, match="A folder is in place of a file, or a file in place of a folder"):
            run(snapshot_download, REPO, local_dir=tmp_path / place)
    assert (tmp_path / "file").read_text() == "a file"


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("call", ["listdir", "stat"])
def test_a_place_that_cannot_be_looked_at_is_an_error_of_the_disk(run, hub, commit, tmp_path, monkeypatch, local, call):
    words = {"local_dir": tmp_path / "local"} if local else {}
    run(hf_hub_download, REPO, "a/weights.bin", **words)
    failed = 0
    for number in range(1, 40):
        broken = BrokenAt(number, getattr(os, call))
        with monkeypatch.context() as patch:
            patch.setattr(os, call, broken)
            try:
                run(hf_hub_download, REPO, "x", force_download=True, **words)
            except DiskError:  # nothing else
                failed += 1
    assert failed


class BrokenAt:
    """A call of the system of which one, by its number, fails."""

    def __init__(self, number, real):
        self._left = number
        self._real = real

    def __call__(self, *arguments, **more):
        self._left -= 1
        if self._left == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return self._real(*arguments, **more)


def test_a_list_on_this_disk_that_nests_too_deeply_is_asked_for_anew(run, hub, cache, commit):
    run(snapshot_download, REPO)
    (cache / FOLDER / "trees" / f"{commit}.json").write_text('{"format_version": ' + "[" * 100_000)
    hub.forget()
    assert files(run(snapshot_download, REPO)) == ALL
    assert f"GET /api/models/org/model/tree/{commit}" in hub.asked


@pytest.mark.parametrize("workers", [1, 8])
def test_a_snapshot_waits_for_the_quota_before_it_is_refused(run, hub, monkeypatch, workers):
    hub.commit({f"{number}.txt": b"%d" % number for number in range(60)})
    run.set(deadline=10**9)  # the clock advances by the sleeps of all threads together
    counts: Counter[tuple[str, float]] = Counter()
    send = type(hub).send

    def metered(self, request, **options):
        policy = "resolvers" if "/resolve/" in request.path else "api"
        window, elapsed = divmod(run.io.now(), 300)
        counts[policy, window] += 1
        assert counts[policy, window] <= 25
        left = f'"{policy}";r={25 - counts[policy, window]};t={int(300 - elapsed)}'
        response = send(self, request, **options)
        limits = {"ratelimit": left, "ratelimit-policy": f'"fixed window";"{policy}";q=25;w=300'}
        return attrs.evolve(response, headers={**response.headers, **limits})

    monkeypatch.setattr(type(hub), "send", metered)
    folder = run(snapshot_download, REPO, max_workers=workers)
    assert len(os.listdir(folder)) == 60
    assert run.io.waited > 300
