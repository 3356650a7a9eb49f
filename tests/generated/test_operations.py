"""Each operation as the request it becomes: once with all of its parameters, once with no more than it needs.

The newer areas have their rows in files of their own, ``rows_<area>.py``, which are found by their names.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from hub_typed_api import models as m, operations
from hub_typed_api.operations import commits, datasets, files, lfs, models, refs, repos, spaces, tree, users
from hub_typed_api.path import HFValidationError
from hub_typed_api.wire import Paged, Request, Source, Stream
from tests.generated.rows import becomes, name_of

AREAS = [getattr(operations, area) for area in operations.__all__]
ROWS = [import_module(f"tests.generated.{path.stem}") for path in sorted(Path(__file__).parent.glob("rows_*.py"))]


def text(request: Request) -> str:
    """A request as one would write it down: the query not yet encoded, a parameter a line."""
    body = b"".join(request.body.open()) if isinstance(request.body, Source) else request.body or b""
    lines = [f"{request.method} {request.path}"]
    lines += [f"{name}={value}" for name, value in request.query]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\n".join([*lines, *body.decode().splitlines()])


def told(what: str) -> set[str]:
    """What the files of the rows say under one name."""
    return {name for rows in ROWS for name in getattr(rows, what, ())}


EVERY = [
    becomes(
        commits.list_repo_commits,
        "GET /api/datasets/ann/set/commits/refs%2Fpr%2F1",
        "p=2",
        "limit=50",
        "expand[]=formatted",
        repo_id="ann/set",
        repo_type="dataset",
        revision="refs/pr/1",
        page=2,
        limit=50,
        expand=["formatted"],
    ),
    becomes(
        commits.preupload,
        "POST /api/models/gpt2/preupload/main",
        "create_pr=1",
        "content-type: application/json",
        '{"files": [{"path": "a b.bin", "size": 2, "sample": "aGk="}], "gitIgnore": "*.tmp", "gitAttributes": "*.bin"}',
        repo_id="gpt2",
        repo_type="model",
        revision="main",
        create_pr=True,
        files=[m.PreuploadFile(path="a b.bin", size=2, sample="aGk=")],
        git_ignore="*.tmp",
        git_attributes="*.bin",
    ),
    becomes(
        commits.create_commit,
        "POST /api/spaces/ann/app/commit/dev%2F1",
        "create_pr=1",
        "content-type: application/x-ndjson",
        '{"key": "header", "value": {"summary": "Two files", "description": "", "parentCommit": "c0ffee"}}',
        '{"key": "file", "value": {"content": "aGk=", "path": "new.txt", "encoding": "base64"}}',
        '{"key": "lfsFile", "value": {"path": "new.bin", "algo": "sha256", "oid": "5eed"}}',
        '{"key": "deletedFile", "value": {"path": "old.txt"}}',
        '{"key": "deletedFolder", "value": {"path": "old"}}',
        repo_id="ann/app",
        repo_type="space",
        revision="dev/1",
        create_pr=True,
        lines=lambda: [
            m.CommitHeaderLine(value=m.CommitHeader(summary="Two files", description="", parent_commit="c0ffee")),
            m.CommitFileLine(value=m.CommitFile(content="aGk=", path="new.txt", encoding="base64")),
            m.CommitLfsFileLine(value=m.CommitLfsFile(path="new.bin", algo="sha256", oid="5eed")),
            m.CommitDeletedFileLine(value=m.CommitDeletion(path="old.txt")),
            m.CommitDeletedFolderLine(value=m.CommitDeletion(path="old")),
        ],
    ),
    becomes(
        commits.super_squash_history,
        "POST /api/datasets/ann/set/super-squash/dev%2F1",
        "content-type: application/json",
        '{"message": "One commit"}',
        repo_id="ann/set",
        repo_type="dataset",
        branch="dev/1",
        message="One commit",
    ),
    becomes(
        datasets.list_datasets,
        "GET /api/datasets",
        "search=a b",
        "search=c",
        "author=ann",
        "filter=language:en",
        "gated=false",
        "sort=likes",
        "direction=-1",
        "limit=10",
        "full=true",
        "expand=author",
        "expand=cardData",
        search=["a b", "c"],
        author="ann",
        filter=["language:en"],
        gated=False,
        sort="likes",
        direction=-1,
        limit=10,
        full=True,
        expand=["author", "cardData"],
    ),
    becomes(
        datasets.dataset_info,
        "GET /api/datasets/ann/set",
        "blobs=true",
        "expand=author",
        repo_id="ann/set",
        blobs=True,
        expand=["author"],
    ),
    becomes(
        datasets.dataset_info_at_revision,
        "GET /api/datasets/ann/set/revision/refs%2Fconvert%2Fparquet",
        "blobs=false",
        "expand=sha",
        repo_id="ann/set",
        revision="refs/convert/parquet",
        blobs=False,
        expand=["sha"],
    ),
    becomes(
        files.resolve_head,
        "HEAD /datasets/ann/set/resolve/refs%2Fpr%2F1/data/a%20b%3F%23%25.csv",
        "accept-encoding: identity",
        repo_id="ann/set",
        path_in_repo="data/a b?#%.csv",
        repo_type="dataset",
        revision="refs/pr/1",
    ),
    becomes(
        files.resolve_file,
        "GET /gpt2/resolve/v1.0/config.json",
        "range: bytes=10-",
        'if-match: "e"',
        "accept-encoding: identity",
        repo_id="gpt2",
        path_in_repo="config.json",
        repo_type="model",
        revision="v1.0",
        byte_range="bytes=10-",
        if_match='"e"',
    ),
    becomes(
        files.resolve_cached_file,
        "GET /api/resolve-cache/datasets/ann/set/5eed/data/a%20b",
        "range: bytes=10-",
        'if-match: "e"',
        "accept-encoding: identity",
        repo_id="ann/set",
        path_in_repo="data/a b",
        repo_type="dataset",
        revision="5eed",
        byte_range="bytes=10-",
        if_match='"e"',
    ),
    becomes(
        lfs.lfs_batch,
        "POST /spaces/ann/app.git/info/lfs/objects/batch",
        "content-type: application/vnd.git-lfs+json",
        "accept: application/vnd.git-lfs+json",
        '{"operation": "upload", "transfers": ["basic", "multipart"], "objects": [{"oid": "5eed", "size": 3}], '
        '"hash_algo": "sha256", "ref": {"name": "dev/1"}}',
        repo_id="ann/app",
        repo_type="space",
        operation="upload",
        transfers=["basic", "multipart"],
        objects=[m.LfsObject(oid="5eed", size=3)],
        hash_algo="sha256",
        ref=m.LfsRef(name="dev/1"),
    ),
    becomes(
        lfs.lfs_upload,
        "PUT https://store.test/part?X-Signature=a%2Fb",
        "bytes",
        upload_href="https://store.test/part?X-Signature=a%2Fb",
        body=b"bytes",
    ),
    becomes(
        lfs.lfs_complete,
        "POST https://store.test/all?X-Signature=a%2Fb",
        "content-type: application/vnd.git-lfs+json",
        "accept: application/vnd.git-lfs+json",
        '{"oid": "5eed", "parts": [{"partNumber": 1, "etag": "e"}]}',
        upload_href="https://store.test/all?X-Signature=a%2Fb",
        oid="5eed",
        parts=[m.LfsPart(part_number=1, etag="e")],
    ),
    becomes(
        lfs.lfs_verify,
        "POST https://hub.test/verify",
        "content-type: application/json",
        '{"oid": "5eed", "size": 3}',
        verify_href="https://hub.test/verify",
        oid="5eed",
        size=3,
    ),
    becomes(
        models.list_models,
        "GET /api/models",
        "search=bert",
        "author=ann",
        "filter=pytorch",
        "filter=en",
        "gated=true",
        "apps=ollama",
        "inference=warm",
        "inference_provider=together,fal-ai",
        "pipeline_tag=fill-mask",
        "num_parameters=min:1B,max:8B",
        "sort=trendingScore",
        "direction=-1",
        "limit=5",
        "full=false",
        "config=true",
        "cardData=true",
        "expand=gguf",
        search=["bert"],
        author="ann",
        filter=["pytorch", "en"],
        gated=True,
        apps=["ollama"],
        inference="warm",
        inference_provider=["together", "fal-ai"],
        pipeline_tag="fill-mask",
        num_parameters="min:1B,max:8B",
        sort="trendingScore",
        direction=-1,
        limit=5,
        full=False,
        config=True,
        card_data=True,
        expand=["gguf"],
    ),
    becomes(
        models.model_info,
        "GET /api/models/gpt2",
        "securityStatus=true",
        "blobs=true",
        "expand=sha",
        "expand=safetensors",
        repo_id="gpt2",
        security_status=True,
        blobs=True,
        expand=("sha", "safetensors"),
    ),
    becomes(
        models.model_info_at_revision,
        "GET /api/models/ann/m/revision/dev%2F1",
        "securityStatus=true",
        "blobs=false",
        "expand=sha",
        repo_id="ann/m",
        revision="dev/1",
        security_status=True,
        blobs=False,
        expand=["sha"],
    ),
    becomes(
        refs.list_repo_refs,
        "GET /api/datasets/ann/set/refs",
        "include_prs=1",
        repo_id="ann/set",
        repo_type="dataset",
        include_pull_requests=True,
    ),
    becomes(
        refs.create_branch,
        "POST /api/models/ann/m/branch/feature%2Fx",
        "content-type: application/json",
        '{"startingPoint": "main", "emptyBranch": false, "overwrite": true}',
        repo_id="ann/m",
        repo_type="model",
        branch="feature/x",
        revision="main",
        empty_branch=False,
        overwrite=True,
    ),
    becomes(
        refs.delete_branch,
        "DELETE /api/spaces/ann/app/branch/feature%2Fx",
        repo_id="ann/app",
        repo_type="space",
        branch="feature/x",
    ),
    becomes(
        refs.create_tag,
        "POST /api/datasets/ann/set/tag/refs%2Fpr%2F1",
        "content-type: application/json",
        '{"tag": "v1.0", "message": "The first"}',
        repo_id="ann/set",
        repo_type="dataset",
        revision="refs/pr/1",
        tag="v1.0",
        tag_message="The first",
    ),
    becomes(
        refs.delete_tag,
        "DELETE /api/models/ann/m/tag/v%2F1.0",
        repo_id="ann/m",
        repo_type="model",
        tag="v/1.0",
    ),
    becomes(
        repos.create_repo,
        "POST /api/repos/create",
        "content-type: application/json",
        '{"name": "app", "organization": "ann", "type": "space", "private": true, "visibility": "private", '
        '"resourceGroupId": "66", "region": "eu", "sdk": "docker", "hardware": "t4-small", "storageTier": "small", '
        '"sleepTimeSeconds": -1, "secrets": [{"key": "K", "value": "S", "description": "Secret"}], '
        '"variables": [{"key": "V", "value": "W"}], '
        '"volumes": [{"type": "bucket", "source": "ann/b", "mountPath": "/data"}], "template": "ann/start"}',
        name="app",
        organization="ann",
        repo_type="space",
        private=True,
        visibility="private",
        resource_group_id="66",
        region="eu",
        sdk="docker",
        hardware="t4-small",
        storage_tier="small",
        sleep_time_seconds=-1,
        secrets=[m.SpaceSecretInput(key="K", value="S", description="Secret")],
        variables=[m.SpaceVariableInput(key="V", value="W")],
        volumes=[m.Volume(type="bucket", source="ann/b", mount_path="/data")],
        template="ann/start",
    ),
    becomes(
        repos.delete_repo,
        "DELETE /api/repos/delete",
        "content-type: application/json",
        '{"name": "app", "organization": "ann", "type": "space"}',
        name="app",
        organization="ann",
        repo_type="space",
    ),
    becomes(
        repos.move_repo,
        "POST /api/repos/move",
        "content-type: application/json",
        '{"fromRepo": "ann/app", "toRepo": "team/app", "type": "space"}',
        from_repo="ann/app",
        to_repo="team/app",
        repo_type="space",
    ),
    becomes(
        repos.validate_yaml,
        "POST /api/validate-yaml",
        "content-type: application/json",
        '{"content": "---\\nlicense: mit\\n---\\n", "repoType": "dataset"}',
        content="---\nlicense: mit\n---\n",
        repo_type="dataset",
    ),
    becomes(
        repos.auth_check,
        "GET /api/datasets/ann/set/auth-check",
        repo_id="ann/set",
        repo_type="dataset",
    ),
    becomes(
        spaces.list_spaces,
        "GET /api/spaces",
        "search=chat",
        "author=ann",
        "filter=gradio",
        "datasets=ann/set",
        "models=gpt2",
        "models=ann/m",
        "linked=true",
        "sort=likes",
        "direction=-1",
        "limit=3",
        "full=true",
        "expand=sdk",
        search="chat",
        author="ann",
        filter=["gradio"],
        datasets=["ann/set"],
        models=["gpt2", "ann/m"],
        linked=True,
        sort="likes",
        direction=-1,
        limit=3,
        full=True,
        expand=["sdk"],
    ),
    becomes(
        spaces.space_info,
        "GET /api/spaces/ann/app",
        "blobs=true",
        "expand=runtime",
        repo_id="ann/app",
        blobs=True,
        expand=["runtime"],
    ),
    becomes(
        spaces.space_info_at_revision,
        "GET /api/spaces/ann/app/revision/dev%2F1",
        "blobs=true",
        "expand=sha",
        repo_id="ann/app",
        revision="dev/1",
        blobs=True,
        expand=["sha"],
    ),
    becomes(
        tree.list_repo_tree,
        "GET /api/datasets/ann/set/tree/refs%2Fconvert%2Fparquet/data%2Fa%20b",
        "recursive=true",
        "expand=false",
        "limit=1000",
        "cursor=Zm9v==",
        repo_id="ann/set",
        repo_type="dataset",
        revision="refs/convert/parquet",
        path_in_repo="data/a b",
        recursive=True,
        expand=False,
        limit=1000,
        cursor="Zm9v==",
    ),
    becomes(
        tree.get_paths_info,
        "POST /api/models/ann/m/paths-info/main",
        "content-type: application/x-www-form-urlencoded",
        "paths=a+b.txt&paths=data%2Fx&expand=true",
        repo_id="ann/m",
        repo_type="model",
        revision="main",
        paths=["a b.txt", "data/x"],
        expand=True,
    ),
    becomes(users.whoami, "GET /api/whoami-v2"),
    *(row for rows in ROWS for row in rows.EVERY),
]
LEAST = {
    "commits.list_repo_commits": ["GET /api/models/ann/set/commits/main"],
    "commits.preupload": [
        "POST /api/models/gpt2/preupload/main",
        "content-type: application/json",
        '{"files": [{"path": "a b.bin", "size": 2, "sample": "aGk="}]}',
    ],
    "files.resolve_cached_file": [
        "GET /api/resolve-cache/models/ann/set/main/data/a%20b",
        "accept-encoding: identity",
    ],
    "files.resolve_file": ["GET /gpt2/resolve/main/config.json", "accept-encoding: identity"],
    "lfs.lfs_batch": [
        "POST /ann/app.git/info/lfs/objects/batch",
        "content-type: application/vnd.git-lfs+json",
        "accept: application/vnd.git-lfs+json",
        '{"operation": "upload", "objects": [{"oid": "5eed", "size": 3}]}',
    ],
    "refs.create_branch": ["POST /api/models/ann/m/branch/feature%2Fx", "content-type: application/json", "{}"],
    "repos.create_repo": ["POST /api/repos/create", "content-type: application/json", '{"name": "app"}'],
    "tree.list_repo_tree": ["GET /api/models/ann/set/tree/main"],
    "tree.get_paths_info": [
        "POST /api/models/ann/m/paths-info/main",
        "content-type: application/x-www-form-urlencoded",
        "paths=a+b.txt&paths=data%2Fx",
    ],
    **{name: lines for rows in ROWS for name, lines in rows.LEAST.items()},
}
"""What some operations send with no more than they need: a type is then ``model``, a revision ``main``."""
IN_PATH = ("repo_id", "path_in_repo", "upload_href", "verify_href")
PLACES = {row.id: (*IN_PATH, *getattr(rows, "PLACES", ())) for rows in ROWS for row in rows.EVERY}
"""Parameters that stand in the paths of an area, in their order."""
POSITIONAL = {name: names for rows in ROWS for name, names in getattr(rows, "POSITIONAL", {}).items()}
"""What some operations take by position, which stands in no path or is not all that does."""
every_operation = pytest.mark.parametrize(("function", "arguments", "expected"), EVERY)


def made(function: Callable[..., Any], arguments: dict[str, Any]) -> Request:
    return function(**arguments).request


def required(function: Callable[..., Any]) -> list[str]:
    return [p.name for p in inspect.signature(function).parameters.values() if p.default is inspect.Parameter.empty]


def those(chosen: Callable[[Request], bool]) -> set[str]:
    """Names of the operations whose request is of some kind."""
    return {param.id for param in EVERY if chosen(made(*param.values[:2]))}


def test_no_operation_is_forgotten():
    assert {param.id for param in EVERY} == {name_of(getattr(area, name)) for area in AREAS for name in area.__all__}


@every_operation
def test_all_parameters_are_sent(function, arguments, expected):
    assert set(arguments) == set(inspect.signature(function).parameters)
    request = made(function, arguments)
    assert text(request) == expected
    assert request.operation == name_of(function)
    assert request.repo_id == arguments.get("repo_id")


@every_operation
def test_what_is_not_given_is_not_sent(function, arguments, expected):
    needed = required(function)
    parameters = inspect.signature(function).parameters.values()
    assert all(p.default in (None, False) for p in parameters if p.name not in needed)
    request = made(function, {name: arguments[name] for name in needed})
    assert name_of(function) in LEAST or request.query == ()
    assert text(request).splitlines() == LEAST.get(name_of(function), text(request).splitlines())


@every_operation
def test_only_what_a_path_needs_is_passed_by_position(function, arguments, expected):
    parameters = inspect.signature(function).parameters.values()
    positional = [p.name for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    in_path = PLACES.get(name_of(function), IN_PATH)
    assert positional == POSITIONAL.get(name_of(function), [name for name in in_path if name in required(function)])


def test_what_is_not_sent_again_after_a_failure():
    assert those(lambda request: not request.retry) == {
        "commits.create_commit",
        "commits.super_squash_history",
        "repos.move_repo",
        *told("ONCE"),
    }


def test_what_a_failure_means_after_an_attempt_without_a_clear_response():
    assert those(lambda request: request.repeated == {409: "unclear"}) == {
        "buckets.create_bucket",
        "collections.add_collection_item",
        "collections.create_collection",
        "refs.create_branch",
        "refs.create_tag",
        "repos.create_repo",
        "repos.duplicate_repo",
    }
    deletions = those(lambda request: request.method == "DELETE")
    assert deletions
    assert those(lambda request: request.repeated == {404: "done"}) == deletions
    assert those(lambda request: request.repeated not in ({}, {404: "done"}, {409: "unclear"})) == set()


def test_where_the_token_does_not_go():
    assert those(lambda request: not request.authenticated) == {
        "lfs.lfs_upload",
        "lfs.lfs_complete",
        *told("WITHOUT_TOKEN"),
    }


def test_where_an_absolute_redirect_is_the_answer():
    relative = those(lambda request: request.redirect == "relative")
    assert relative == {"files.resolve_head", *told("RELATIVE")}


def test_what_comes_in_pages():
    assert {param.id for param in EVERY if isinstance(param.values[0](**param.values[1]), Paged)} == {
        "commits.list_repo_commits",
        "datasets.list_datasets",
        "models.list_models",
        "spaces.list_spaces",
        "tree.list_repo_tree",
        *told("PAGED"),
    }


def test_what_is_a_stream_of_events():
    assert {param.id for param in EVERY if isinstance(param.values[0](**param.values[1]), Stream)} == told("STREAMS")


def test_what_lives_on_another_host():
    assert {param.id: host for param in EVERY if (host := made(*param.values[:2]).server)} == {
        name: host for rows in ROWS for name, host in getattr(rows, "HOSTS", {}).items()
    }


def test_lines_can_be_sent_twice_and_are_counted():
    ((function, arguments, _),) = [param.values for param in EVERY if param.id == "commits.create_commit"]
    body = made(function, arguments).body
    first, again = b"".join(body.open()), b"".join(body.open())
    assert first == again
    assert body.measured()[0] == len(first)


@pytest.mark.parametrize(
    ("function", "name", "wrong"),
    [
        *[(param.values[0], "repo_id", "a/b/c") for param in EVERY if "repo_id" in param.values[1]],
        (refs.list_repo_refs, "repo_type", "bucket"),
        (files.resolve_head, "repo_type", "bucket"),
        (commits.create_commit, "revision", "a..b"),
        (refs.create_branch, "branch", ""),
        (refs.delete_tag, "tag", "-x"),
        (files.resolve_file, "path_in_repo", "../up"),
        (tree.list_repo_tree, "path_in_repo", ""),
        (operations.collections.get_collection, "collection_slug", "title-64f9a55bb3115b4f513ec026"),
        (lfs.lfs_upload, "upload_href", "ftp://store.test"),
        (lfs.lfs_verify, "verify_href", "/verify"),
    ],
    ids=lambda value: name_of(value) if callable(value) else None,
)
def test_what_cannot_be_right_is_refused_before_there_is_a_request(function, name, wrong):
    ((_, arguments, _),) = [param.values for param in EVERY if param.values[0] is function]
    with pytest.raises(HFValidationError, match=re.escape(repr(wrong))):
        function(**{**arguments, name: wrong})
