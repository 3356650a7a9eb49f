"""Repositories are made, deleted and looked up, and what the Hub says meanwhile is understood."""

from __future__ import annotations

import json

import pytest

from hub_typed.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from hub_typed.flows.repos import create_repo, delete_repo, repo_exists, repo_info, revision_exists
from hub_typed_api.models import DatasetInfo, KernelInfo, ModelInfo, SpaceInfo, Volume

BUSY = {"error": "Cannot create repo: another conflicting operation is in progress"}
MADE = {"url": "https://hub.test/o/n", "name": "o/n", "id": "1"}
THERE = {"error": "You already created this model repo", "url": "https://hub.test/o/n"}


def members(request):
    return json.loads(request.body)


# --- created


def test_a_repository_is_created_and_its_url_taken_apart(hub):
    url = hub.run(create_repo(hub.says(200, MADE).io(), "o/n", private=True, resource_group_id="f" * 24))
    assert (url, url.repo_id, url.repo_type, url.endpoint) == (
        "https://hub.test/o/n",
        "o/n",
        "model",
        "https://hub.test",
    )
    (asked,) = hub.asked
    assert (asked.method, asked.path) == ("POST", "https://hub.test/api/repos/create")
    assert members(asked) == {"name": "n", "organization": "o", "private": True, "resourceGroupId": "f" * 24}


def test_a_name_without_an_owner_belongs_to_the_account(hub):
    url = hub.run(create_repo(hub.says(200, {"url": "https://hub.test/datasets/me/n"}).io(), "n", repo_type="dataset"))
    assert (url.repo_id, url.repo_type) == ("me/n", "dataset")
    assert members(hub.asked[0]) == {"name": "n", "type": "dataset"}


def test_a_url_of_the_default_host_is_one_of_the_mirror(hub):
    hub.says(200, {"url": "https://huggingface.co/o/n"})
    assert hub.run(create_repo(hub.io(), "o/n")) == "https://hub.test/o/n"


def test_a_hub_behind_a_proxy_may_not_know_its_own_name(hub):
    hub.says(200, {"url": "http://10.0.0.7:3000/datasets/o/n"})
    url = hub.run(create_repo(hub.io(), "o/n", repo_type="dataset"))
    assert (url, url.repo_id, url.repo_type) == ("https://hub.test/datasets/o/n", "o/n", "dataset")


def test_a_space_is_created_with_all_that_belongs_to_it(hub):
    hub.says(200, {"url": "https://hub.test/spaces/o/n"})
    flow = create_repo(
        hub.io(),
        "o/n",
        repo_type="space",
        space_sdk="gradio",
        space_hardware="t4-small",
        space_storage="small",
        space_sleep_time=-1,
        space_secrets=[{"key": "A", "value": "1", "description": "first"}],
        space_variables=[{"key": "B", "value": "2"}],
    )
    assert hub.run(flow).repo_type == "space"
    assert members(hub.asked[0]) == {
        "name": "n",
        "organization": "o",
        "type": "space",
        "sdk": "gradio",
        "hardware": "t4-small",
        "storageTier": "small",
        "sleepTimeSeconds": -1,
        "secrets": [{"key": "A", "value": "1", "description": "first"}],
        "variables": [{"key": "B", "value": "2"}],
    }


TEMPLATES = {"templates": [{"name": "Lab", "repoId": "org/lab", "sdk": "docker", "preferredPrivate": True}]}
SPACE = {"url": "https://hub.test/spaces/o/n"}


@pytest.mark.parametrize("template", ["Lab", "org/lab"])
@pytest.mark.parametrize("given", [{}, {"visibility": "public"}, {"private": False}])
def test_a_template_gives_a_space_its_sdk_and_visibility(hub, template, given):
    volume = Volume(type="bucket", source="o/b", mount_path="/data")
    hub.says(200, TEMPLATES).says(200, SPACE)
    flow = create_repo(hub.io(), "o/n", repo_type="space", space_template=template, space_volumes=[volume], **given)
    assert hub.run(flow).repo_id == "o/n"
    assert members(hub.asked[1]) == {
        "name": "n",
        "organization": "o",
        "type": "space",
        **(given or {"private": True}),
        "sdk": "docker",
        "volumes": [{"type": "bucket", "source": "o/b", "mountPath": "/data"}],
        "template": "org/lab",
    }


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"repo_type": "space", "space_template": "Leb"}, "space_template='Leb' is not known: pass one of Lab"),
        ({"repo_type": "space", "space_template": "Lab", "space_sdk": "gradio"}, "has the SDK 'docker', not 'gradio'"),
        ({"space_template": "Lab"}, "only for Spaces"),
        ({"private": True, "visibility": "public"}, "not both"),
        ({"visibility": "protected"}, "only for Spaces"),
        ({"region": "mars"}, "region='mars' is not known"),
    ],
)
def test_a_repository_with_arguments_that_do_not_fit_is_not_created(hub, given, reason):
    hub.says(200, TEMPLATES)
    with pytest.raises(ValueError, match=reason):
        hub.run(create_repo(hub.io(), "o/n", **given))
    assert not [asked for asked in hub.asked if asked.method == "POST"]


def test_a_repository_has_the_visibility_and_region_that_are_given(hub):
    hub.run(create_repo(hub.says(200, MADE).io(), "o/n", visibility="private", region="eu"))
    assert members(hub.asked[0]) == {"name": "n", "organization": "o", "visibility": "private", "region": "eu"}


def test_a_space_without_an_sdk_is_refused_before_any_request(hub):
    with pytest.raises(ValueError, match="space_sdk"):
        hub.run(create_repo(hub.io(), "o/n", repo_type="space"))


@pytest.mark.parametrize(("repo_id", "repo_type"), [("o/n/x", None), ("o--n", None), ("o/n", "bucket")])
@pytest.mark.parametrize("flow", [create_repo, delete_repo])
def test_what_cannot_be_is_refused_before_any_request(hub, flow, repo_id, repo_type):
    with pytest.raises(HFValidationError):
        hub.run(flow(hub.io(), repo_id, repo_type=repo_type))


def test_what_is_for_spaces_is_not_sent_for_a_model_and_said_so(hub):
    with pytest.warns(UserWarning, match="space_sdk, space_secrets"):
        hub.run(create_repo(hub.says(200, MADE).io(), "o/n", space_sdk="gradio", space_secrets=[]))
    assert members(hub.asked[0]) == {"name": "n", "organization": "o"}


def test_a_repository_that_is_there_is_an_error_that_names_it(hub):
    with pytest.raises(HfHubHTTPError, match="already created") as caught:
        hub.run(create_repo(hub.says(409, THERE).io(), "o/n"))
    assert "Repository: o/n" in str(caught.value)


def test_a_repository_that_is_there_is_fine_where_that_was_allowed(hub):
    answered = {"error": "You already created this model repo", "url": "https://hub.test/me/n"}
    assert hub.run(create_repo(hub.says(409, answered).io(), "n", exist_ok=True)).repo_id == "me/n"
    hub.says(409, b"Conflict", content_type="text/plain")
    assert hub.run(create_repo(hub.io(), "o/n", repo_type="dataset", exist_ok=True)) == "https://hub.test/datasets/o/n"


@pytest.mark.parametrize("status", [401, 403])
def test_who_may_not_create_is_told_so_unless_the_repository_is_there_to_be_read(hub, status):
    with pytest.raises(HfHubHTTPError, match=f"^{status}"):
        hub.run(create_repo(hub.says(status).io(), "o/n"))
    hub.says(status).says(200, {"id": "o/n"})
    assert hub.run(create_repo(hub.io(), "o/n", exist_ok=True)) == "https://hub.test/o/n"
    assert hub.asked[-1].path == "https://hub.test/api/models/o/n"
    hub.says(status).says(404, x_error_code="RepoNotFound")
    with pytest.raises(HfHubHTTPError, match=f"^{status}"):
        hub.run(create_repo(hub.io(), "o/n", exist_ok=True))


def test_a_name_without_an_owner_is_not_taken_for_the_canonical_model_of_that_name(hub):
    with pytest.raises(HfHubHTTPError, match=r"^403"):
        hub.run(create_repo(hub.says(403).io(), "gpt2", exist_ok=True))


@pytest.mark.parametrize("exist_ok", [True, False])
def test_another_operation_under_way_is_waited_for(hub, exist_ok):
    hub.says(409, BUSY).says(409, BUSY).says(200, MADE)
    assert hub.run(create_repo(hub.io(), "o/n", exist_ok=exist_ok)) == "https://hub.test/o/n"
    assert hub.waited == [0.5, 1.0]


def test_another_operation_that_does_not_end_is_an_error_and_no_repository(hub):
    for _ in range(3):
        hub.says(409, BUSY)
    with pytest.raises(HfHubHTTPError, match="in progress"):
        hub.run(create_repo(hub.io(attempts=3), "o/n", exist_ok=True))


# --- deleted


def test_a_repository_is_deleted(hub):
    hub.run(delete_repo(hub.says(200, b"OK", content_type="text/plain").io(), "o/n", repo_type="space"))
    (asked,) = hub.asked
    assert (asked.method, asked.path) == ("DELETE", "https://hub.test/api/repos/delete")
    assert members(asked) == {"name": "n", "organization": "o", "type": "space"}


def test_a_missing_repository_may_be_fine(hub):
    with pytest.raises(RepositoryNotFoundError, match="Repository: o/n"):
        hub.run(delete_repo(hub.says(404, x_error_code="RepoNotFound").io(), "o/n"))
    hub.run(delete_repo(hub.says(404, x_error_code="RepoNotFound").io(), "o/n", missing_ok=True))


@pytest.mark.parametrize(("status", "headers"), [(403, {"x_error_code": "GatedRepo"}), (403, {}), (401, {})])
def test_what_could_not_be_deleted_is_not_missing(hub, status, headers):
    with pytest.raises(HfHubHTTPError):
        hub.run(delete_repo(hub.says(status, **headers).io(), "o/n", missing_ok=True))


# --- looked up


@pytest.mark.parametrize(
    ("repo_type", "path", "kind"),
    [
        (None, "/api/models/o/n", ModelInfo),
        ("model", "/api/models/o/n", ModelInfo),
        ("dataset", "/api/datasets/o/n", DatasetInfo),
        ("space", "/api/spaces/o/n", SpaceInfo),
    ],
)
def test_the_type_decides_where_the_info_lies_and_what_it_is(hub, repo_type, path, kind):
    hub.says(200, {"id": "o/n"}).says(200, {"id": "o/n"})

    async def both():
        io = hub.io()
        one = await repo_info(io, "o/n", repo_type=repo_type, files_metadata=True, timeout=3)
        return one, await repo_info(io, "o/n", repo_type=repo_type, revision="refs/pr/1", expand=["sha", "tags"])

    assert [type(info) for info in hub.run(both())] == [kind, kind]
    assert [asked.path for asked in hub.asked] == [
        f"https://hub.test{path}?blobs=true",
        f"https://hub.test{path}/revision/refs%2Fpr%2F1?expand=sha&expand=tags",
    ]
    assert hub.timeouts[0] == 3


def test_the_info_of_a_kernel_has_fixed_fields(hub):
    hub.says(200, {"id": "o/n", "repoType": "kernel"})
    assert type(hub.run(repo_info(hub.io(), "o/n", repo_type="kernel"))) is KernelInfo
    hub.says(200, {"id": "o/n"})
    hub.run(repo_info(hub.io(), "o/n", repo_type="kernel", revision="refs/pr/1", timeout=3))
    assert [asked.path for asked in hub.asked] == [
        "https://hub.test/api/kernels/o/n",
        "https://hub.test/api/kernels/o/n/revision/refs%2Fpr%2F1",
    ]
    for unsupported in ({"files_metadata": True}, {"expand": ["sha"]}):
        with pytest.raises(ValueError, match=r"kernel o/n has fixed fields: omit files_metadata= and expand="):
            hub.run(repo_info(hub.io(), "o/n", repo_type="kernel", **unsupported))
    assert len(hub.asked) == 2


@pytest.mark.parametrize("repo_type", [None, "dataset", "space"])
def test_contradictions_are_refused_before_any_request(hub, repo_type):
    with pytest.raises(ValueError, match=r"expand.*files_metadata"):
        hub.run(repo_info(hub.io(), "o/n", repo_type=repo_type, expand=["sha"], files_metadata=True))


@pytest.mark.parametrize(
    ("status", "headers", "there"),
    [
        (200, {}, True),
        (403, {"x_error_code": "GatedRepo"}, True),
        (401, {"x_error_code": "GatedRepo"}, True),
        (404, {"x_error_code": "RepoNotFound"}, False),
        (401, {}, False),
    ],
)
def test_a_repository_exists_as_far_as_one_may_see(hub, status, headers, there):
    assert hub.run(repo_exists(hub.says(status, {"id": "o/n"}, **headers).io(), "o/n")) is there


@pytest.mark.parametrize(
    ("status", "headers", "there"),
    [
        (200, {}, True),
        (404, {"x_error_code": "RevisionNotFound"}, False),
        (404, {"x_error_code": "RepoNotFound"}, False),
    ],
)
def test_a_revision_exists_if_its_repository_does(hub, status, headers, there):
    hub.says(status, {"id": "o/n"}, **headers)
    assert hub.run(revision_exists(hub.io(), "o/n", "a/b", repo_type="dataset")) is there
    assert hub.asked[0].path == "https://hub.test/api/datasets/o/n/revision/a%2Fb"


@pytest.mark.parametrize("flow", [repo_exists, lambda io, repo: revision_exists(io, repo, "main")])
def test_a_hub_that_does_not_answer_does_not_say_that_there_is_nothing(hub, flow):
    with pytest.raises(HfHubHTTPError, match=r"^500"):
        hub.run(flow(hub.says(500).io(attempts=1), "o/n"))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("RepoNotFound", RepositoryNotFoundError),
        ("RevisionNotFound", RevisionNotFoundError),
        ("GatedRepo", GatedRepoError),
    ],
)
def test_what_is_missing_is_told(hub, code, kind):
    with pytest.raises(kind):
        hub.run(repo_info(hub.says(404, x_error_code=code).io(), "o/n"))


def test_an_unknown_sdk_is_refused_before_any_request(hub):
    with pytest.raises(ValueError, match="space_sdk='bogus' is not known: pass one of 'gradio'"):
        hub.run(create_repo(hub.io(), "o/s", repo_type="space", space_sdk="bogus"))
    assert hub.asked == []
