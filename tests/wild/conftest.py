"""A Hub with every kind of object, created again for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import pygit2
import pytest

from hub_typed import CommitOperationAdd, HfApi, Volume, operations
from hub_typed.local import LocalHub
from hub_typed.local.community.papers import stable_id
from hub_typed.local.server.app import Hub
from hub_typed.local.webhooks.delivery import Delivery
from hub_typed_api import models
from tests.local.xet.material import put_for_bucket
from tests.wild.guided import BACK, LARGE, OWNERS, PAPER, PASSWORD, REPOS, known_id

ENDPOINT = "http://hub.test"
KINDS = ("model", "dataset", "space", "kernel")
GATED = ("model", "dataset")
"""Of which access can be asked for."""
HEADER = b'{"weight":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'
FILES = {
    "README.md": b"---\nlicense: mit\ntags: [wild]\n---\n# Wild\n",
    "data/a.txt": b"a\n",
    "large.bin": LARGE,
    "model.safetensors.index.json": b'{"metadata": {}, "weight_map": {"weight": "model.safetensors"}}',
    "model.safetensors": len(HEADER).to_bytes(8, "little") + HEADER + b"\0",
}


@attrs.frozen
class Place:
    """A furnished Hub, and a token of ada, who has logged in and owns half of what is there."""

    hub: Hub
    token: str


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a Hub that nobody works with, and the token of ada, who has logged in."""
    root = tmp_path_factory.mktemp("wild") / "hub"
    given: dict[str, str] = {}
    with LocalHub(root) as local:
        tokens = [local.add_user(name) for name in OWNERS]
        local.add_user("eve")
        local.hub.accounts.add("ada", password=PASSWORD)
        local.add_organization("lab", {"ada": "admin", "bob": "read"})
        local.follow("bob", "ada")
        local.follow("ada", "bob")
        ada, bob = (HfApi(ENDPOINT, token, transport=local.transport) for token in tokens)
        with ada, bob:
            for api, owner, other in ((ada, "ada", bob), (bob, "bob", ada)):
                for repo_id in (f"{owner}/{repo}" for repo in REPOS):
                    for kind in KINDS:
                        given |= _repository(api, repo_id, kind)
                        if kind in GATED:
                            other.call(operations.access.ask_access(repo_id, repo_type=kind, members={}))
            given |= _belongings(ada) | _talks(local, ada) | _provisioned(ada)
            for repo in REPOS:
                _bucket(local, ada, f"ada/{repo}")
        token = local.hub.accounts.log_in("ada", PASSWORD)
    for file in root.rglob("*.json"):
        text = file.read_text()
        for id_, known in given.items():
            text = text.replace(id_, known)
        file.write_text(text)
        file.rename(file.with_stem(given.get(file.stem, file.stem)))
    for repository in root.glob("*/*/*.git"):  # one folder of objects is copied faster than fifty
        pygit2.Repository(str(repository)).pack()
        for loose in repository.glob("objects/??"):
            shutil.rmtree(loose)
    return root, token


@pytest.fixture
def place(furnished: tuple[Path, str], tmp_path: Path) -> Iterator[Place]:
    """A Hub of this test's own, furnished."""
    origin, token = furnished
    root = tmp_path / "hub"
    shutil.copytree(origin, root)
    with LocalHub(root) as local:
        made = Delivery(id=known_id("delivery"), webhook_id=known_id("webhook"), url="https://other.test", payload={})
        local.hub.webhooks.deliveries.append(made)
        yield Place(local.hub, token)


def _repository(api: HfApi, repo_id: str, repo_type: str) -> Mapping[str, str]:
    """Make a repository with files, a tag, a branch, a discussion and a pull request; what is to be renamed."""
    if repo_type == "space":
        api.create_repo(
            repo_id,
            repo_type=repo_type,
            space_sdk="docker",
            space_hardware="t4-small",
            space_storage="small",
            space_variables=[{"key": "PLACE", "value": "here"}],
        )
        api.set_space_volumes(repo_id, [Volume(type="model", source="ada/full", mount_path="/model")])
    else:
        api.create_repo(repo_id, repo_type=repo_type)
    files = [CommitOperationAdd(path, content) for path, content in FILES.items()]
    api.create_commit(repo_id, files, commit_message="The files", repo_type=repo_type)
    api.call(operations.refs.create_tag(repo_id, tag="v1", repo_type=repo_type))
    api.call(operations.refs.create_branch(repo_id, branch="dev", repo_type=repo_type))
    api.create_discussion(repo_id, "A question", description="Why?", repo_type=repo_type)
    comment = api.comment_discussion(repo_id, 1, "Because.", repo_type=repo_type)
    proposed = [CommitOperationAdd("proposed.txt", b"proposed\n")]
    api.create_commit(repo_id, proposed, commit_message="Propose", create_pr=True, repo_type=repo_type)
    closed = api.create_pull_request(repo_id, "Not now", repo_type=repo_type)
    api.change_discussion_status(repo_id, closed.num, "closed", repo_type=repo_type)
    if repo_type in GATED:
        api.update_repo_settings(repo_id, gated="manual", repo_type=repo_type)
    return {comment.id: known_id("comment")}


def _bucket(local: LocalHub, api: HfApi, bucket: str) -> None:
    """Make a bucket with the same paths as a repository."""
    api.create_bucket(bucket)
    content = put_for_bucket(local.hub, bucket, "ada", LARGE)
    added = [models.BucketAddFile(path=path, xet_hash=content) for path in FILES]
    api.call(operations.buckets.batch_bucket_files(*bucket.split("/"), lines=lambda: added))


def _talks(local: LocalHub, api: HfApi) -> Mapping[str, str]:
    """Make a post, articles, comments on them, and an author of a paper; what is to be renamed."""
    local.hub.community.publications.add_post("ada", "first", "First")
    local.hub.community.publications.add_article("long", "Long", author="ada")
    local.hub.community.publications.add_article("news", "News")
    made = [
        operations.community.comment_post(username="ada", post_slug="first", comment="Good."),
        operations.community.comment_namespaced_blog_post(namespace="ada", slug="long", comment="Good."),
        operations.community.comment_blog_post(slug="news", comment="Good."),
        operations.community.comment_paper(paper_id=PAPER, comment="Good."),
    ]
    author = stable_id(PAPER, "Marta Lindqvist")
    api.call(operations.papers.claim_paper(paper_id=PAPER, claim_author_id=author))
    return {api.call(one).new_message.id: known_id("comment") for one in made}


def _provisioned(api: HfApi) -> Mapping[str, str]:
    """Provision a user and a group at both SCIM servers; what is to be renamed."""
    emails = [models.ScimEmailInput(value="sid@lab.org")]
    name = models.ScimUserNameInput(given_name="Sid", family_name="D")
    scim, groups = operations.scim, operations.scim_groups
    user = api.call(
        scim.scim_create_user("lab", schemas=[], user_name="sid", emails=emails, name=name, external_id="1")
    )
    api.call(scim.scim_provisioning_create_user("lab", schemas=[], user_name="sid", emails=emails, external_id="1"))
    members = [models.ScimMember(value=user.id)]
    made = [
        api.call(groups.scim_create_group("lab", display_name="all", members=members)),
        api.call(groups.scim_provisioning_create_group("lab", display_name="all", members=members)),
    ]
    return {user.id: known_id("provisioned user")} | {group.id: known_id("group") for group in made}


def _belongings(api: HfApi) -> Mapping[str, str]:
    """Make one of everything that is not a repository or a bucket; what is to be renamed."""
    query = api.call(operations.sql_console.create_sql_console_embed("ada/full", sql="SELECT 1", title="Row", views=[]))
    collection = api.create_collection("All")
    collection = api.add_collection_item(collection.slug, PAPER, "paper", note="Read it.")
    webhook = api.create_webhook(url="http://127.0.0.1:9/told", watched=[{"type": "user", "name": "bob"}])
    job = api.run_job(image="python:3.12", command=["python"], labels={"kind": "wild"})
    group = api.call(
        operations.resource_groups.create_resource_group(
            "lab", name="One", users=[models.NewResourceGroupUser(user="bob", role="read")]
        )
    )
    account = api.call(operations.service_accounts.create_service_account("lab", name="Robot"))
    token = api.call(operations.service_accounts.create_service_account_token("lab", account.internal_id))
    assert token.token_info is not None
    app = api.call(operations.oauth.oauth_register(redirect_uris=[BACK]))
    login = api.call(operations.oauth.oauth_device_code(client_id="program"))
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    given_token = api.call(
        operations.oauth.oauth_token(grant_type=grant, client_id="program", device_code=login.device_code)
    )
    scheduled = api.create_scheduled_job(image="python:3.12", command=["python"], schedule="@hourly")
    return {
        group.id: known_id("resource group"),
        account.internal_id: known_id("service account"),
        token.token_info.internal_id: known_id("token"),
        str(app.client_id): known_id("app"),
        str(given_token.refresh_token): known_id("refresh token"),
        job.id: known_id("job"),
        scheduled.id: known_id("scheduled job"),
        collection.slug.rpartition("-")[2]: known_id("collection"),
        collection.items[0].item_object_id: known_id("item"),
        webhook.id: known_id("webhook"),
        query.internal_id: known_id("query"),
    }
