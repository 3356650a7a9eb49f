"""``hub-typed call``."""

from __future__ import annotations

import json

import pytest

REPO = "local-user/m"


@pytest.fixture
def model(api) -> str:
    api.create_repo(REPO)
    return REPO


def test_without_a_name_all_operations_are_listed(run):
    names = run("call", "-q").lines
    assert len(names) > 150
    assert "refs.create_branch" in names
    assert ["refs.create_branch", "Create a branch."] in run("call").rows


def test_an_operation_can_be_described(run):
    text = run("call", "refs.create_branch", "--describe").out
    assert "revision: Branch, tag or commit to start from" in text
    assert "POST /api/{repo_type}s/{repo_id}/branch/{branch}" in text


def test_an_operation_with_parameters(run, api, model):
    ended = run("call", "refs.create_branch", "--repo-id", model, "--branch=dev", "--empty-branch")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    branches = run("call", "list_repo_refs", "--repo-id", model).json()["branches"]
    assert {one["name"] for one in branches} == {"main", "dev"}


def test_lists_are_given_one_by_one_or_as_json(run, api, model):
    for words in (["--expand", "sha", "--expand", "private"], ["--expand", '["sha", "private"]']):
        found = run("call", "models.model_info", "--repo-id", model, *words).json()
        assert set(found) >= {"sha", "private"}
        assert "siblings" not in found


def test_pages_are_joined_and_limited(run, api, model):
    for number in range(3):
        api.create_repo(f"local-user/m{number}")
    names = ("call", "models.list_models", "--author", "local-user")
    assert len(run(*names).json()) == 4
    assert len(run(*names, "--limit", "2").json()) == 2


@pytest.mark.parametrize("members", [{"branch": "x", "emptyBranch": True}, {"branch": "x", "empty_branch": True}])
def test_a_body_has_parameters_as_members(run, api, model, tmp_path, members):
    (tmp_path / "body.json").write_text(json.dumps(members))
    ended = run("call", "refs.create_branch", "--repo-id", model, "--body", f"@{tmp_path / 'body.json'}")
    assert (ended.code, ended.err) == (0, "")
    assert {one.name for one in api.list_repo_refs(model).branches} == {"main", "x"}


def test_a_body_from_stdin_with_objects(run_alone, api, local_hub, tmp_path):
    body = {"watched": [{"type": "user", "name": "local-user"}], "domains": ["repo"], "url": "https://hook.test/"}
    (tmp_path / "body").write_text(json.dumps(body))
    with (tmp_path / "body").open() as file:
        ended = run_alone("call", "webhooks.create_webhook", "--body", "-", stdin=file)
    assert (ended.code, ended.err) == (0, "")
    assert api.list_webhooks()[0].watched[0].name == "local-user"


@pytest.mark.parametrize("body", [{"deletions": {"sha": ["x"]}}, {"sha": ["x"]}])
def test_a_body_may_be_a_whole_model(run, api, model, body):
    ended = run("call", "lfs.permanently_delete_lfs_files", "--repo-id", model, "--body", json.dumps(body))
    assert ended.code == 3
    assert "stores no LFS file x" in ended.error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["refs.create_branc"], "Did you mean refs.create_branch"),
        (["refs.create_branch"], "also needs --repo-id, --branch"),
        (["refs.create_branch", "--name", "x"], "its parameters are: --repo-id, --repo-type, --branch"),
        (["refs.create_branch", "--branch"], "--branch of refs.create_branch needs a value"),
        (["refs.create_branch", "main"], "written as --name value"),
        (["models.list_models", "--full", "perhaps"], "'perhaps' is not of type bool"),
        (["refs.create_branch", "--body", "no json"], "is not JSON"),
        (["refs.create_branch", "--body", "[1]"], "must be a JSON object"),
        (["refs.create_branch", "--body", '{"branch": 5}'], "5 is not of type str"),
        (["webhooks.create_webhook", "--watched", '{"type": 1}'], "--watched"),
    ],
)
def test_wrong_arguments_are_explained(run, words, said):
    ended = run("call", *words)
    assert ended.code == 2
    assert said in ended.error


def test_errors_of_the_hub_and_of_the_network(run, api, model, local_hub, setenv):
    assert run("call", "refs.list_repo_refs", "--repo-id", "local-user/none").code == 3
    ada = local_hub.add_user("ada")
    ended = run("call", "refs.create_branch", "--repo-id", model, "--branch", "x", "--token", ada)
    assert ended.code == 4
    setenv("HF_HUB_OFFLINE", "1")
    assert run("call", "refs.list_repo_refs", "--repo-id", model).code == 5


def test_bytes_of_a_response_are_printed_as_they_are(run_alone, api, model):
    api.upload_file(path_or_fileobj=b"\x00\xff", path_in_repo="x.bin", repo_id=model)
    ended = run_alone("call", "files.resolve_file", "--repo-id", model, "--path-in-repo", "x.bin", text=False)
    assert ended.out == b"\x00\xff", ended


def test_parameters_named_like_options_of_the_command_come_after_two_dashes(run, api, model, local_hub):
    for number in range(3):
        api.create_repo(f"local-user/m{number}")
    names = run("call", "models.list_models", "--limit", "3", "--", "--author", "local-user", "--limit", "2").json()
    assert len(names) == 3
    assert [one.operation for one in local_hub.stats.latest(2)] == ["models.list_models"] * 2, "pages of two models"
    ended = run("call", "refs.create_branch", "--", "--token", "x")
    assert ended.code == 2
    assert "no parameter for --token" in ended.error
