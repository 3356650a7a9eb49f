"""Download of one file into the cache: files on disk, requests, and use without the Hub."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from filelock import FileLock

from hub_typed.errors import (
    EntryNotFoundError,
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    HubTimeoutError,
    LocalEntryNotFoundError,
    ProtocolError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    TransportError,
    UnsafePathError,
)
from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.cache_lookup import _CACHED_NO_EXIST, try_to_load_from_cache
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.snapshot import snapshot_download

REPO = "org/model"
FOLDER = "models--org--model"
README = b"# A model\n"
WEIGHTS = b"0123456789abcdef"
README_ID = "c06b64da4b222b355e7a83daac91e2572f67e525"
WEIGHTS_ID = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f"


def content(path):
    return Path(path).read_bytes()


@pytest.fixture
def commit(hub, large):
    return hub.commit({"README.md": README, "sub/weights.bin": large(WEIGHTS)})


def test_what_is_in_the_cache(run, hub, cache, commit, listing):
    readme = run(hf_hub_download, REPO, "README.md")
    weights = run(hf_hub_download, REPO, "weights.bin", subfolder="sub")
    assert readme == str(cache / FOLDER / "snapshots" / commit / "README.md")
    assert weights == str(cache / FOLDER / "snapshots" / commit / "sub" / "weights.bin")
    found = listing(cache)
    assert found.pop("CACHEDIR.TAG").startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert found == {
        f".locks/{FOLDER}/{README_ID}.lock": "",
        f".locks/{FOLDER}/{WEIGHTS_ID}.lock": "",
        f"{FOLDER}/blobs/{README_ID}": README.decode(),
        f"{FOLDER}/blobs/{WEIGHTS_ID}": WEIGHTS.decode(),
        f"{FOLDER}/refs/main": commit,
        f"{FOLDER}/snapshots/{commit}/README.md": f"-> ../../blobs/{README_ID}",
        f"{FOLDER}/snapshots/{commit}/sub/weights.bin": f"-> ../../../blobs/{WEIGHTS_ID}",
    }


def test_the_folders_of_other_types_and_of_refs_with_slashes(run, hub, cache, listing):
    hub.repo_type, hub.repo_id = "dataset", "squad"
    commit = hub.commit({"a.txt": b"a"}, ref="refs/convert/parquet")
    run(hf_hub_download, "squad", "a.txt", repo_type="dataset", revision="refs/convert/parquet")
    assert listing(cache)["datasets--squad/refs/refs/convert/parquet"] == commit
    assert hub.asked[0] == "HEAD /datasets/squad/resolve/refs%2Fconvert%2Fparquet/a.txt"


def test_what_is_asked(run, hub, commit):
    run(hf_hub_download, REPO, "sub/weights.bin")
    assert hub.asked == [
        "HEAD /org/model/resolve/main/sub/weights.bin",
        f"GET /org/model/resolve/{commit}/sub/weights.bin",
        f"GET https://storage.test/{WEIGHTS_ID}",
    ]
    signed = [request.headers.get("authorization") for request in hub.requests]
    assert signed == ["Bearer hf_secret", "Bearer hf_secret", None]
    hub.forget()
    run(hf_hub_download, REPO, "sub/weights.bin")
    assert hub.asked == ["HEAD /org/model/resolve/main/sub/weights.bin"]


def test_a_file_of_a_commit_that_is_there_asks_nothing(run, hub, commit):
    first = run(hf_hub_download, REPO, "README.md", revision=commit)
    hub.down = TransportError("nobody is to be asked")
    assert run(hf_hub_download, REPO, "README.md", revision=commit) == first


def test_no_ref_for_a_commit(run, cache, commit):
    run(hf_hub_download, REPO, "README.md", revision=commit)
    assert not (cache / FOLDER / "refs").exists()


def test_a_new_commit_with_the_same_file_brings_no_bytes(run, hub, cache, commit):
    run(hf_hub_download, REPO, "README.md")
    newer = hub.commit({"README.md": README, "more": b"more"})
    hub.forget()
    path = run(hf_hub_download, REPO, "README.md")
    assert hub.asked == ["HEAD /org/model/resolve/main/README.md"]
    assert path == str(cache / FOLDER / "snapshots" / newer / "README.md")
    assert (cache / FOLDER / "refs" / "main").read_text() == newer
    assert len(list((cache / FOLDER / "blobs").iterdir())) == 1


def test_an_empty_file_needs_no_content(run, hub):
    hub.commit({"empty": b""})
    path = run(hf_hub_download, REPO, "empty")
    assert content(path) == b""
    assert hub.asked == ["HEAD /org/model/resolve/main/empty"]


def test_rights_are_those_of_any_new_file(run, cache, commit):
    before = os.umask(0o027)
    try:
        path = run(hf_hub_download, REPO, "README.md")
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640


def test_force_download(run, hub, commit):
    path = run(hf_hub_download, REPO, "README.md", revision=commit)
    os.truncate(path, 0)
    hub.forget()
    assert run(hf_hub_download, REPO, "README.md", revision=commit, force_download=True) == path
    assert content(path) == README
    assert len(hub.asked) == 2


def test_force_download_starts_anew(run, hub, cache, commit):
    run(hf_hub_download, REPO, "README.md")
    blob = next((cache / FOLDER / "blobs").iterdir())
    blob.with_name(f"{blob.name}.incomplete").write_bytes(README[:4])
    hub.forget()
    run(hf_hub_download, REPO, "README.md", force_download=True)
    assert hub.asked[1:] == [f"GET /org/model/resolve/{commit}/README.md"]


@pytest.mark.parametrize("left", [b"", README[:5], README + b"x"])
def test_a_blob_of_the_wrong_size_is_mended(run, cache, commit, left):
    path = run(hf_hub_download, REPO, "README.md")
    next((cache / FOLDER / "blobs").iterdir()).write_bytes(left)
    assert run(hf_hub_download, REPO, "README.md") == path
    assert content(path) == README


def test_a_link_into_nowhere_is_mended(run, hub, cache, commit):
    path = run(hf_hub_download, REPO, "README.md", revision=commit)
    next((cache / FOLDER / "blobs").iterdir()).unlink()
    assert run(hf_hub_download, REPO, "README.md", revision=commit) == path
    assert content(path) == README


def test_a_blob_that_is_itself_a_link_is_never_written_through(run, cache, commit):
    """Newer official clients link to blobs shared by all repositories."""
    path = run(hf_hub_download, REPO, "README.md")
    blob = next((cache / FOLDER / "blobs").iterdir())
    shared = cache / "blobs" / "shared"
    shared.parent.mkdir()
    shared.write_bytes(b"of others")
    blob.unlink()
    blob.symlink_to(shared)
    assert run(hf_hub_download, REPO, "README.md") == path
    assert content(path) == README
    assert shared.read_bytes() == b"of others"


# --- without symbolic links


def test_without_links_a_new_blob_is_moved_and_a_known_one_copied(run, hub, cache, commit, listing):
    run(hf_hub_download, REPO, "README.md")
    blob = next((cache / FOLDER / "blobs").iterdir())
    newer = hub.commit({"README.md": README, "more": b"more"})
    run.set(symlinks=False)
    for name in ("README.md", "more"):
        run(hf_hub_download, REPO, name)
    assert listing(cache / FOLDER) == {
        f"blobs/{blob.name}": README.decode(),
        "refs/main": newer,
        f"snapshots/{commit}/README.md": f"-> ../../blobs/{blob.name}",
        f"snapshots/{newer}/README.md": README.decode(),
        f"snapshots/{newer}/more": "more",
    }
    hub.forget()
    run(hf_hub_download, REPO, "more")
    assert hub.asked == ["HEAD /org/model/resolve/main/more"]


def test_where_links_are_refused_the_same_is_done(run, cache, commit, listing, monkeypatch):
    def refused(*_, **__):
        raise OSError(1314, "A required privilege is not held by the client")

    monkeypatch.setattr(os, "symlink", refused)
    run(hf_hub_download, REPO, "README.md")
    assert listing(cache / FOLDER) == {"refs/main": commit, f"snapshots/{commit}/README.md": README.decode()}


# --- without the Hub


@pytest.mark.parametrize(
    "down", [TransportError("no route"), HubTimeoutError("mute"), 500, 502, 503, 504, 429], ids=str
)
def test_the_file_of_the_last_time_when_the_hub_does_not_answer(run, hub, commit, down, caplog):
    path = run(hf_hub_download, REPO, "README.md")
    hub.down = down
    hub.forget()
    assert run(hf_hub_download, REPO, "README.md") == path
    assert "unavailable for README.md" in caplog.text
    if down != 429:
        assert len(hub.asked) == 1, "with something to fall back on, the Hub is asked once"


def test_what_answers_in_the_hubs_place_counts_as_no_answer(run, hub, commit):
    path = run(hf_hub_download, REPO, "README.md")
    hub.head = {"x-repo-commit": None, "etag": None, "content-length": "1234"}
    assert run(hf_hub_download, REPO, "README.md") == path


@pytest.mark.parametrize("down", [TransportError("no route"), 503])
def test_neither_hub_nor_file(run, hub, down):
    hub.down = down
    with pytest.raises(
        LocalEntryNotFoundError, match=r"org/model: x at revision 'main' is not in .*models--org--model"
    ) as caught:
        run(hf_hub_download, REPO, "x")
    assert "Check the connection" in str(caught.value)
    assert isinstance(caught.value.__cause__, TransportError | HfHubHTTPError)
    assert len(hub.asked) == run.settings.attempts


def test_the_error_of_a_forced_download_is_not_hidden(run, hub, commit):
    run(hf_hub_download, REPO, "README.md")
    hub.down = TransportError("no route")
    with pytest.raises(TransportError, match="no route"):
        run(hf_hub_download, REPO, "README.md", force_download=True)


def test_local_files_only(run, hub, commit):
    with pytest.raises(LocalEntryNotFoundError, match="local_files_only=True"):
        run(hf_hub_download, REPO, "README.md", local_files_only=True)
    assert hub.asked == []
    path = run(hf_hub_download, REPO, "README.md")
    hub.forget()
    for revision in (None, "main", commit):
        assert run(hf_hub_download, REPO, "README.md", revision=revision, local_files_only=True) == path
    assert hub.asked == []
    with pytest.raises(LocalEntryNotFoundError):
        run(hf_hub_download, REPO, "README.md", revision="other", local_files_only=True)


def test_offline_mode(run, hub, commit):
    path = run(hf_hub_download, REPO, "README.md")
    run.set(offline=True)
    hub.forget()
    assert run(hf_hub_download, REPO, "README.md") == path
    with pytest.raises(LocalEntryNotFoundError, match="HF_HUB_OFFLINE"):
        run(hf_hub_download, REPO, "other")
    assert hub.asked == []


@pytest.mark.parametrize("flow", [hf_hub_download, snapshot_download])
def test_a_download_cannot_be_forced_without_the_hub(run, hub, commit, flow):
    file = ("README.md",) if flow is hf_hub_download else ()
    run(flow, REPO, *file)
    hub.forget()
    with pytest.raises(ValueError, match="local_files_only=True forbids"):
        run(flow, REPO, *file, force_download=True, local_files_only=True)
    run.set(offline=True)
    with pytest.raises(ValueError, match="HF_HUB_OFFLINE"):
        run(flow, REPO, *file, force_download=True)
    assert hub.asked == []


def test_a_cache_that_may_not_be_written_is_read(run, hub, cache, commit, monkeypatch):
    path = run(hf_hub_download, REPO, "README.md")
    before = {str(file): file.lstat().st_mtime_ns for file in cache.rglob("*")}

    def refused(*_, **__):
        raise PermissionError("read-only")

    for name in ("mkdir", "replace", "symlink", "unlink"):
        monkeypatch.setattr(os, name, refused)
    monkeypatch.setattr(FileLock, "acquire", refused)
    assert run(hf_hub_download, REPO, "README.md") == path
    hub.down = TransportError("no route")
    assert run(hf_hub_download, REPO, "README.md") == path
    assert {str(file): file.lstat().st_mtime_ns for file in cache.rglob("*")} == before


# --- errors of the Hub


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (404, {"x-error-code": "RepoNotFound"}, RepositoryNotFoundError),
        (401, {}, RepositoryNotFoundError),
        (403, {"x-error-code": "GatedRepo"}, GatedRepoError),
        (404, {"x-error-code": "RevisionNotFound"}, RevisionNotFoundError),
        (404, {"x-error-code": "EntryNotFound"}, EntryNotFoundError),
        (403, {}, HfHubHTTPError),
    ],
)
def test_what_the_hub_does_say_is_raised_though_the_file_is_there(run, hub, commit, status, headers, error):
    run(hf_hub_download, REPO, "README.md")
    hub.gone = (status, headers)
    with pytest.raises(error) as caught:
        run(hf_hub_download, REPO, "README.md")
    assert not isinstance(caught.value, LocalEntryNotFoundError)


def test_a_missing_file_is_remembered(run, hub, cache, commit, listing):
    with pytest.raises(EntryNotFoundError):
        run(hf_hub_download, REPO, "a/missing.json")
    found = listing(cache / FOLDER)
    assert found == {f".no_exist/{commit}/a/missing.json": "", "refs/main": commit}
    assert try_to_load_from_cache(REPO, "a/missing.json", cache) is _CACHED_NO_EXIST
    assert try_to_load_from_cache(REPO, "a/missing.json", cache, revision=commit) is _CACHED_NO_EXIST
    assert try_to_load_from_cache(REPO, "b", cache) is None


@pytest.mark.parametrize("commit_of_error", [None, "", "../../etc", "A" * 40, "main"])
def test_a_missing_file_of_no_known_commit_is_not_remembered(run, hub, cache, commit_of_error):
    named = {} if commit_of_error is None else {"x-repo-commit": commit_of_error}
    hub.gone = (404, {"x-error-code": "EntryNotFound", **named})
    with pytest.raises(EntryNotFoundError):
        run(hf_hub_download, REPO, "missing.json")
    assert not cache.exists()


@pytest.mark.parametrize("etag", ["../../../../tmp/x", '"../x"', "a" * 39, "A" * 40, "*" * 64, "a/" * 20])
@pytest.mark.parametrize("header", ["etag", "x-linked-etag"])
def test_an_etag_that_is_no_hash(run, hub, cache, commit, etag, header):
    hub.head, hub.api_status = {header: etag}, 404
    with pytest.raises(ProtocolError, match=r"org/model: the ETag of 'README.md' is"):
        run(hf_hub_download, REPO, "README.md")
    assert not cache.exists()


@pytest.mark.parametrize("value", ["../../../../tmp/x", "main", "a" * 39, "A" * 40])
def test_a_commit_that_is_none(run, hub, cache, commit, value):
    hub.head = {"x-repo-commit": value}
    with pytest.raises(ProtocolError, match="X-Repo-Commit"):
        run(hf_hub_download, REPO, "README.md")
    assert not cache.exists()


@pytest.mark.parametrize("header", ["x-repo-commit", "etag", "content-length"])
def test_an_answer_that_lacks_what_a_download_needs(run, hub, commit, header):
    hub.head = {header: None}
    hub.api_status = 404
    with pytest.raises(LocalEntryNotFoundError) as caught:
        run(hf_hub_download, REPO, "README.md")
    assert isinstance(caught.value.__cause__, FileMetadataError)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "", "a//b", "a\0b"])
def test_a_file_name_that_cannot_be(run, hub, cache, name):
    with pytest.raises(HFValidationError):
        run(hf_hub_download, REPO, name)
    assert not cache.exists()
    assert hub.asked == []


@pytest.mark.parametrize(
    ("repo_id", "named"), [("../x", {}), ("a--b/c", {}), ("a/b", {"revision": "../x"}), ("a/b", {"repo_type": "x"})]
)
def test_other_names_that_cannot_be(run, hub, cache, repo_id, named):
    with pytest.raises(HFValidationError):
        run(hf_hub_download, repo_id, "x", **named)
    assert hub.asked == []


def test_a_file_in_a_folder_of_git(run, hub, cache):
    hub.commit({".git/hooks/x": b"evil"})
    with pytest.raises(UnsafePathError):
        run(hf_hub_download, REPO, ".git/hooks/x")
    assert not cache.exists()


def test_a_folder_of_the_cache_that_leads_elsewhere(run, cache, commit, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    snapshot = cache / FOLDER / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (snapshot / "sub").symlink_to(outside)
    with pytest.raises(UnsafePathError, match="symbolic link"):
        run(hf_hub_download, REPO, "sub/weights.bin")
    assert list(outside.iterdir()) == []


# --- parameters


@pytest.mark.parametrize(
    ("parameter", "advice"),
    [
        ({"resume_download": False}, "force_download"),
        ({"force_filename": "x"}, "local_dir"),
        ({"local_dir_use_symlinks": False}, "not linked"),
    ],
)
def test_deprecated_parameters(run, commit, parameter, advice):
    with pytest.warns(FutureWarning, match=f"{next(iter(parameter))}.*{advice}"):
        path = run(hf_hub_download, REPO, "README.md", **parameter)
    assert content(path) == README


@pytest.mark.parametrize(("asked", "setting", "used"), [(None, 7, 7), (10, 7, 7), (3, 7, 3)])
def test_the_time_for_metadata(run, hub, commit, monkeypatch, asked, setting, used):
    seen = []
    send = type(hub).send
    monkeypatch.setattr(
        type(hub), "send", lambda self, request, **how: (seen.append(how["timeout"]), send(self, request, **how))[1]
    )
    run.set(etag_timeout=setting, download_timeout=99)
    run(hf_hub_download, REPO, "README.md", **({} if asked is None else {"etag_timeout": asked}))
    assert seen == [used, 99]


def test_another_cache(run, commit, tmp_path, cache):
    path = run(hf_hub_download, REPO, "README.md", cache_dir=tmp_path / "other")
    assert path.startswith(str(tmp_path / "other" / FOLDER))
    assert not cache.exists()


@pytest.mark.parametrize("kept", ["", "main", "x" * 40, "\n", "é", "../snapshots/{commit}"])
def test_a_damaged_ref_is_no_ref(run, cache, commit, kept):
    path = run(hf_hub_download, REPO, "README.md")
    (cache / FOLDER / "refs" / "main").write_text(kept.format(commit=commit))
    with pytest.raises(LocalEntryNotFoundError):
        run(hf_hub_download, REPO, "README.md", local_files_only=True)
    assert run(hf_hub_download, REPO, "README.md") == path
    assert (cache / FOLDER / "refs" / "main").read_text() == commit


def test_try_to_load_from_cache(run, cache, commit):
    path = run(hf_hub_download, REPO, "README.md")
    assert try_to_load_from_cache(REPO, "README.md", cache) == path
    assert try_to_load_from_cache(REPO, "README.md", cache, commit) == path
    assert try_to_load_from_cache(REPO, "README.md", cache, "other") is None
    assert try_to_load_from_cache(REPO, "sub/weights.bin", cache) is None
    assert try_to_load_from_cache("org/other", "README.md", cache) is None
    assert try_to_load_from_cache(REPO, "README.md", cache, repo_type="dataset") is None


def test_where_a_repository_is(tmp_path):
    names = {("gpt2", None): "models--gpt2", ("a/B.c", "dataset"): "datasets--a--B.c", ("a/b", "space"): "spaces--a--b"}
    names["a/b", "kernel"] = "kernels--a--b"
    for (repo_id, repo_type), name in names.items():
        assert CachedRepo.of(tmp_path, repo_id, repo_type).folder == tmp_path / name


def test_errors_do_not_show_signatures(run, hub, commit, spoil):
    spoil(status=403)
    with pytest.raises(HfHubHTTPError) as caught:
        run(hf_hub_download, REPO, "sub/weights.bin")
    assert not re.search("secret|signature", str(caught.value))
