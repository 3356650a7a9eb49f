"""Commits, from the arguments to the requests."""

from __future__ import annotations

import asyncio
import io as stdio
import logging
import pickle
import tracemalloc

import pytest

from hub_typed.errors import (
    BadRequestError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    ProtocolError,
    RepositoryNotFoundError,
)
from hub_typed.flows.commits.create import create_commit, upload_file
from hub_typed.flows.commits.history import list_repo_commits
from hub_typed.flows.commits.operations import CommitOperationAdd as Add, CommitOperationDelete as Delete
from hub_typed.http.async_io import AsyncIo
from hub_typed.http.io import drive
from hub_typed.http.thread_io import ThreadIo
from hub_typed.settings import Settings

HEAD, NEW = "a" * 40, "b" * 40


def commit(run, operations, **words):
    return run(lambda io: create_commit(io, "me/repo", operations, **{"commit_message": "m", **words}))


def test_the_body_is_byte_for_byte_what_the_hub_reads(run, hub):
    large = bytes(1000)
    changes = [Add("a.txt", b"hello"), Delete("old.txt"), Add("w.bin", large), Delete("logs/"), Add("empty.bin", b"")]
    commit(run, changes, commit_description="why", parent_commit="abcdef0")

    (sent,) = hub.of("commit")
    assert sent.headers["content-type"] == "application/x-ndjson"
    assert (
        sent.body
        == (
            b'{"key": "header", "value": {"summary": "m", "description": "why", "parentCommit": "abcdef0"}}\n'
            b'{"key": "file", "value": {"content": "aGVsbG8=", "path": "a.txt", "encoding": "base64"}}\n'
            b'{"key": "deletedFile", "value": {"path": "old.txt"}}\n'
            b'{"key": "lfsFile", "value": {"path": "w.bin", "algo": "sha256", "oid": "%b", "size": 1000}}\n'
            b'{"key": "deletedFolder", "value": {"path": "logs/"}}\n'
            b'{"key": "file", "value": {"content": "", "path": "empty.bin", "encoding": "base64"}}\n'
        )
        % hub.sha256(large).encode()
    )


def test_regular_files_are_never_in_memory_together(hub, tmp_path):
    class Far(type(hub)):
        """A Hub that discards the bodies of commit requests."""

        def read(self, request, *, whole):
            if "/commit/" not in request.path:
                return super().read(request, whole=whole)
            assert request.body.measured()[0] == sum(map(len, request.body.open()))
            return b""

    (tmp_path / "file").write_bytes(bytes(1 << 20))
    sources = [tmp_path / "file", open(tmp_path / "file", "rb"), bytes(1 << 20)]  # noqa: SIM115  # closed below
    changes = [Add(f"{n}.txt", sources[n % 3]) for n in range(48)]
    io = ThreadIo(Settings(endpoint="https://hub.test"), Far(), "hf_token", {"user-agent": "test"})
    tracemalloc.start()
    try:
        drive(create_commit(io, "me/repo", changes, commit_message="m"))
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
    finally:
        tracemalloc.stop()
        sources[1].close()


def test_an_empty_description_is_sent(run, hub):
    commit(run, [Delete("x")])
    value = {"summary": "m", "description": "", "parentCommit": HEAD}
    assert hub.of("commit")[0].lines[0] == {"key": "header", "value": value}


def test_the_parent_is_the_head_that_the_hub_told_with_the_upload_modes(run, hub):
    commit(run, [Add("a", b"a"), Delete("x")])
    assert hub.kinds == ["preupload", "commit"]
    assert hub.of("commit")[0].lines[0]["value"]["parentCommit"] == HEAD


@pytest.mark.parametrize("added", [0, 1])
def test_the_head_is_read_where_the_hub_did_not_tell_it(run, hub, added):
    hub.fail("preupload", hub.answered(200, {"files": [{"path": "a", "uploadMode": "regular"}]}))
    commit(run, [Delete("x"), *(Add("a", b"a") for _ in range(added))])
    assert hub.kinds[-2:] == ["commits", "commit"]
    assert hub.of("commits")[0].query == {"limit": ["1"]}
    assert hub.of("commit")[0].lines[0]["value"]["parentCommit"] == HEAD


def test_a_pull_request_is_based_on_what_the_hub_takes(run, hub):
    commit(run, [Add("a", b"a")], create_pr=True)
    assert "parentCommit" not in hub.of("commit")[0].lines[0]["value"]


def test_the_hub_sees_the_first_bytes_of_each_file(run, hub):
    commit(run, [Add("a", b"x" * 600)])
    (sent,) = hub.of("preupload")
    assert sent.json == {"files": [{"path": "a", "size": 600, "sample": "eHh4" * 170 + "eHg="}]}
    assert sent.path == "/api/models/me/repo/preupload/main"


def test_type_revision_and_pull_request_are_told_everywhere(run, hub):
    info = commit(run, [Add("w.bin", b"w")], repo_type="dataset", revision="refs/pr/3", create_pr=True)
    assert [one.path for one in hub.sent[:2]] == [
        "/api/datasets/me/repo/preupload/refs/pr/3",
        "/datasets/me/repo.git/info/lfs/objects/batch",
    ]
    assert hub.of("commit")[0].path == "/api/datasets/me/repo/commit/refs/pr/3"
    assert [one.query for one in hub.sent if one.kind in ("preupload", "commit")] == [{"create_pr": ["1"]}] * 2
    assert "ref" not in hub.of("batch")[0].json
    assert (info.pr_num, info.pr_revision) == (7, "refs/pr/7")


def test_files_are_asked_about_256_at_a_time(run, hub):
    commit(run, [Add(f"{n}.txt", b"") for n in range(600)])
    assert sorted(len(one.json["files"]) for one in hub.of("preupload")) == [88, 256, 256]
    assert [line["value"]["path"] for line in hub.of("commit")[0].lines[1:]] == [f"{n}.txt" for n in range(600)]


def test_a_gitignore_of_the_same_commit_is_shown_and_obeyed(run, hub):
    hub.ignored = {"secret.txt"}
    commit(run, [Add("secret.txt", b"s"), Add(".gitignore", b"secret.txt\n"), Add("a.txt", b"a")])
    assert hub.of("preupload")[0].json["gitIgnore"] == "secret.txt\n"
    assert [line["value"]["path"] for line in hub.of("commit")[0].lines[1:]] == [".gitignore", "a.txt"]


def test_gitattributes_of_the_same_commit_are_shown(run, hub):
    commit(run, [Add(".gitattributes", b"*.txt filter=lfs\n"), Add("d/.gitattributes", b"no"), Add("a.txt", b"a")])
    assert hub.of("preupload")[0].json["gitAttributes"] == "*.txt filter=lfs\n"


def test_the_later_of_two_gitignores_counts(run, hub):
    with pytest.warns(UserWarning, match="twice"):
        commit(run, [Add(".gitignore", b"old"), Add(".gitignore", b"new")])
    assert hub.of("preupload")[0].json["gitIgnore"] == "new"


def test_a_file_that_is_ignored_is_not_read(run, hub, tmp_path):
    hub.ignored = {"w.bin"}
    path = tmp_path / "w.bin"
    path.write_bytes(b"w")
    addition = Add("w.bin", path)
    preupload = hub.preupload

    def without_the_file(one):
        path.unlink()
        return preupload(one)

    hub.preupload = without_the_file
    commit(run, [addition, Delete("x")])
    assert [line["value"]["path"] for line in hub.of("commit")[0].lines[1:]] == ["x"]


def test_both_worlds_send_the_same(hub):
    def sent(world, drive_in):
        there = type(hub)(files={"same.txt": hub.git_id(b"same")}, part_size=3, verifies=True)
        io = world(Settings(endpoint="https://hub.test"), there, "hf_token", {"user-agent": "test"})
        changes = [Delete("d/"), Add("README.md", b"r"), Add("same.txt", b"same"), Add("w.bin", b"www w")]
        drive_in(create_commit(io, "me/repo", changes, commit_message="m"))
        io.close()
        return sorted((one.kind, one.path, str(one.query), one.body) for one in there.sent)

    threads = sent(ThreadIo, drive)
    assert threads == sent(AsyncIo, asyncio.run)
    assert [kind for kind, *_ in threads] == [
        "batch",
        "commit",
        "complete",
        "preupload",
        "put",
        "put",
        "validate",
        "verify",
    ]


def test_files_that_have_not_changed_are_left_out(run, hub):
    hub.files = {"a.txt": hub.git_id(b"a"), "w.bin": hub.sha256(b"w"), "b.txt": hub.git_id(b"b")}
    commit(run, [Add("a.txt", b"a"), Add("w.bin", b"w"), Add("b.txt", b"changed")])
    assert hub.kinds == ["preupload", "commit"]
    assert [line["value"]["path"] for line in hub.of("commit")[0].lines[1:]] == ["b.txt"]


def test_where_nothing_has_changed_no_commit_is_made(run, hub, caplog):
    hub.files = {"a.txt": hub.git_id(b"a")}
    with caplog.at_level(logging.WARNING, "hub_typed"):
        info = commit(run, [Add("a.txt", b"a")], repo_type="space", create_pr=True)
    assert hub.kinds == ["preupload", "commits"]
    assert (info.oid, info.commit_url) == (HEAD, f"https://hub.test/spaces/me/repo/commit/{HEAD}")
    assert (info.pr_url, info.pr_num, info.pr_revision) == (None, None, None)
    assert info.repo_url.repo_type == "space"
    assert "nothing has changed" in caplog.text


@pytest.mark.parametrize("deletion", ["d/a.txt", "d/"])
def test_a_file_that_the_same_commit_deletes_is_added_even_if_unchanged(run, hub, deletion):
    hub.files = {"d/a.txt": hub.git_id(b"a")}
    commit(run, [Delete(deletion), Add("d/a.txt", b"a")])
    assert [line["key"] for line in hub.of("commit")[0].lines[1:]] == [
        "deletedFolder" if deletion == "d/" else "deletedFile",
        "file",
    ]


def test_the_later_of_two_files_counts_even_if_unchanged(run, hub):
    hub.files = {"a.txt": hub.git_id(b"a")}
    with pytest.warns(UserWarning, match=r"writes a\.txt twice"):
        commit(run, [Add("a.txt", b"new"), Add("a.txt", b"a")])
    assert [line["value"]["content"] for line in hub.of("commit")[0].lines[1:]] == ["bmV3", "YQ=="]


@pytest.mark.parametrize("deletion", ["d/e/a.txt", "d/e/", "d/"])
def test_deleting_what_was_just_added_is_warned_of(run, deletion):
    with pytest.warns(UserWarning, match=f"writes to {deletion} and then deletes it"):
        commit(run, [Add("d/e/a.txt", b"a"), Delete(deletion)])


@pytest.mark.parametrize(
    ("paths", "warning"),
    [
        (["d/x.arrow"], r"adds d/x\.arrow to a space"),
        (["a.txt", "x.parquet", "y.parquet", "z.arrow"], r"adds x\.parquet and 2 other data files to a space"),
    ],
)
def test_data_that_does_not_go_to_a_dataset_is_warned_of_once(run, paths, warning):
    with pytest.warns(UserWarning, match=f"{warning} repository.*repo_type='dataset'") as caught:
        commit(run, [Add(path, b"x") for path in paths], repo_type="space")
    assert len(caught) == 1


def test_data_belongs_into_a_dataset(run):
    commit(run, [Add("x.parquet", b"x")], repo_type="dataset")  # a warning would be an error here


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"commit_message": ""}, "commit_message is empty"),
        ({"commit_message": " \n"}, "commit_message is empty"),
        ({"parent_commit": "main"}, "parent_commit"),
        ({"parent_commit": "abcd"}, "parent_commit"),
        ({"parent_commit": "a" * 41}, "parent_commit"),
        ({"repo_type": "bucket"}, "repo type"),
        ({"revision": "a..b"}, "revision"),
        ({"revision": ""}, "revision"),
    ],
)
def test_what_cannot_be_right_is_refused_before_any_request(run, hub, words, message):
    with pytest.raises(ValueError, match=message):
        commit(run, [Add("README.md", b"a")], **words)
    assert hub.sent == []


def test_what_is_no_operation_is_refused_before_any_request(run, hub):
    with pytest.raises(TypeError, match="is not a commit operation"):
        commit(run, ["a.txt"])
    assert hub.sent == []


def test_a_readme_is_checked_before_anything_is_uploaded(run, hub):
    hub.fail("validate", hub.answered(400, {"errors": [{"message": '"license" must be known'}]}))
    with pytest.raises(ValueError, match='"license" must be known') as caught:
        commit(run, [Add("w.bin", b"w"), Add("README.md", b"---\nlicense: x\n---\n")], repo_type="dataset")
    assert hub.kinds == ["validate"]
    assert hub.sent[0].json == {"content": "---\nlicense: x\n---\n", "repoType": "dataset"}
    assert isinstance(caught.value, BadRequestError)
    assert "Nothing was uploaded to me/repo" in str(caught.value)


def test_what_the_hub_warns_of_in_a_readme_is_shown(run, hub):
    hub.fail("validate", hub.answered(200, {"errors": [], "warnings": [{"message": "empty block"}]}))
    with pytest.warns(UserWarning, match=r"README\.md: empty block"):
        commit(run, [Add("README.md", b"x")])
    assert hub.kinds == ["validate", "preupload", "commit"]


def test_only_the_readme_of_the_root_is_checked(run, hub):
    commit(run, [Add("docs/README.md", b"x")])
    assert hub.of("validate") == []


@pytest.mark.parametrize("listed", [[], [{"id": HEAD, "title": "t", "message": "", "authors": [], "date": {"a": [1]}}]])
def test_a_branch_without_a_readable_commit_is_an_error(run, hub, listed):
    hub.fail("preupload", hub.answered(200, {"files": [{"path": "w.bin", "uploadMode": "lfs", "shouldIgnore": False}]}))
    hub.fail("commits", hub.answered(200, listed))
    with pytest.raises(ProtocolError, match="the head of the branch is unknown"):
        commit(run, [Add("w.bin", b"x")])
    assert hub.of("commit") == []


@pytest.mark.parametrize("wrong", [{"files": []}, {"files": [{"path": "a", "uploadMode": "pigeon"}]}])
def test_an_answer_that_leaves_a_file_out_is_refused(run, hub, wrong):
    hub.fail("preupload", hub.answered(200, wrong))
    with pytest.raises(ProtocolError, match="no valid upload mode of a"):
        commit(run, [Add("a", b"a")])
    assert hub.of("commit") == []


def test_the_answer_becomes_a_commit_info(run):
    info = commit(run, [Add("a", b"a")], commit_description="why")
    assert (info.oid, info.commit_message, info.commit_description) == (NEW, "m", "why")
    assert info == info.commit_url == f"https://hub.test/me/repo/commit/{NEW}"
    assert (info.repo_url.repo_id, info.repo_url.endpoint) == ("me/repo", "https://hub.test")


def test_a_mirror_shows_its_own_addresses(run, hub):
    made = {"success": True, "commitOid": NEW, "commitUrl": f"https://huggingface.co/me/repo/commit/{NEW}"}
    hub.fail("commit", hub.answered(200, made | {"pullRequestUrl": "https://huggingface.co/me/repo/discussions/2"}))
    info = commit(run, [Delete("x")], create_pr=True)
    assert info.commit_url == f"https://hub.test/me/repo/commit/{NEW}"
    assert info.pr_url == "https://hub.test/me/repo/discussions/2"


def test_a_commit_is_sent_again_where_the_hub_asks_for_it(run, hub):
    hub.fail("commit", hub.answered(429, {"error": "slow down"}, retry_after="0"))
    commit(run, [Add("a", b"a")])
    first, second = hub.of("commit")
    assert second.body.startswith(first.body)
    assert second.lines[1]["value"]["content"] == "YQ=="


def test_a_refusal_is_told_as_it_is(run, hub):
    hub.fail("commit", hub.answered(412, {"error": "A commit has happened since."}))
    with pytest.raises(HfHubHTTPError, match="A commit has happened since") as caught:
        commit(run, [Add("a", b"a")], parent_commit=HEAD)
    assert "may have been" not in str(caught.value)
    assert hub.kinds == ["preupload", "commit"]


def test_a_repository_that_is_not_there_costs_one_request(run, hub):
    hub.fail("preupload", hub.answered(404, {"error": "no"}, x_error_code="RepoNotFound"))
    with pytest.raises(RepositoryNotFoundError, match="me/repo"):
        commit(run, [Add("w.bin", b"w")])
    assert hub.kinds == ["preupload"]


def test_offline_nothing_may_have_been_committed(hub):
    io = ThreadIo(Settings(endpoint="https://hub.test", offline=True), hub, None, {"user-agent": "test"})
    with pytest.raises(OfflineModeIsEnabled) as caught:
        drive(create_commit(io, "me/repo", [Delete("x")], commit_message="m"))
    assert "may have been" not in str(caught.value)


def test_one_file_is_committed_by_itself(run, hub):
    info = run(lambda io: upload_file(io, path_or_fileobj=b"a", path_in_repo="./d/a b.txt", repo_id="me/repo"))
    lines = hub.of("commit")[0].lines
    summary = "Upload d/a b.txt with huggingface_hub"
    assert lines[0]["value"] == {"summary": summary, "description": "", "parentCommit": HEAD}
    assert lines[1]["value"]["path"] == "d/a b.txt"
    assert str(info) == "https://hub.test/me/repo/blob/main/d/a%20b.txt"
    assert info.commit_url == f"https://hub.test/me/repo/commit/{NEW}"


def test_a_file_of_a_pull_request_is_seen_there(run):
    info = run(
        lambda io: upload_file(
            io,
            path_or_fileobj=stdio.BytesIO(b"a"),
            path_in_repo="a.txt",
            repo_id="me/repo",
            commit_message="m",
            create_pr=True,
        )
    )
    assert str(info) == "https://hub.test/me/repo/blob/refs%2Fpr%2F7/a.txt"
    assert pickle.loads(pickle.dumps(info)) == info


def test_the_history_is_a_list(run, hub):
    (found,) = run(lambda io: list_repo_commits(io, "me/repo", repo_type="dataset", formatted=True))
    assert found.commit_id == HEAD
    assert (hub.sent[0].path, hub.sent[0].query) == (
        "/api/datasets/me/repo/commits/main",
        {"expand[]": ["formatted"]},
    )
