"""What a downstream author gets from the synchronous client; read by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import assert_type

from hub_typed import (
    AccessRequest,
    AccessToken,
    ChecksumMismatch,
    Collection,
    CollectionItem,
    CommitInfo,
    CommitOperation,
    CommitOperationAdd,
    CommitOperationDelete,
    CommitScheduler,
    Discussion,
    DiscussionComment,
    DiscussionCommit,
    DiscussionEvent,
    DiscussionStatusChange,
    DiscussionTitleChange,
    DiscussionWithDetails,
    DryRunFileInfo,
    DuplicatedRepoUrl,
    FolderVerification,
    GitCommitInfo,
    GitRefs,
    HfApi,
    HubResponse,
    LFSFileInfo,
    ModelDetail,
    ModelDetailWithSizes,
    Organization,
    PaperInfo,
    RepoFile,
    RepoFolder,
    RepositoryNotFoundError,
    RepoUrl,
    SpaceHardware,
    SpaceRuntime,
    SpaceSecret,
    SpaceStage,
    SpaceVariable,
    User,
    UserLikes,
    Volume,
    WatchedItem,
    WebhookInfo,
    WebhookPayload,
    WebhookPayloadUpdatedRef,
    WebhookWatchedItem,
    WhoAmI,
    auth_switch,
    get_token,
    login,
    logout,
    parse_webhook_payload,
)
from hub_typed.errors import ErrorContext
from hub_typed_api.models import ListedModel


def read(api: HfApi) -> None:
    assert_type(api.repo_exists("owner/name", repo_type="dataset", token=False), bool)
    assert_type(api.list_models(author="owner", limit=5), Iterator[ListedModel])
    assert_type(api.list_repo_files("owner/name"), list[str])
    assert_type(api.list_repo_refs("owner/name", include_pull_requests=True), GitRefs)
    assert_type(api.list_repo_commits("owner/name", token="hf_token"), list[GitCommitInfo])
    assert_type(api.hf_hub_download("owner/name", "config.json", subfolder="onnx"), str)
    assert_type(api.snapshot_download("owner/name", allow_patterns=["*.json"]), str)
    found = api.verify_repo_checksums("owner/name", local_dir=Path("here"))
    assert_type(found, FolderVerification)
    assert_type(found.mismatches, list[ChecksumMismatch])
    assert_type(found.mismatches[0]["actual"], str)


def plan(api: HfApi, dry: bool) -> None:
    assert_type(api.hf_hub_download("owner/name", "config.json", dry_run=False), str)
    assert_type(api.hf_hub_download("owner/name", "config.json", dry_run=True), DryRunFileInfo)
    assert_type(api.hf_hub_download("owner/name", "config.json", dry_run=dry), str | DryRunFileInfo)
    files = api.snapshot_download("owner/name", dry_run=True, token=False)
    assert_type(files, list[DryRunFileInfo])
    assert_type(sum(file.bytes_to_download for file in files), int)
    assert_type(files[0].file_size, int | None)
    assert_type(api.snapshot_download("owner/name", dry_run=dry), str | list[DryRunFileInfo])


def members(api: HfApi) -> None:
    info = api.model_info("owner/name", revision="main", files_metadata=True)
    assert_type(info, ModelDetailWithSizes)
    assert_type(info.sha, str)
    assert_type(info.last_modified, datetime)
    for entry in api.list_repo_tree("owner/name", recursive=True):
        assert_type(entry, RepoFile | RepoFolder)
        if isinstance(entry, RepoFile):
            assert_type(entry.size, int)
            assert_type(entry.blob_id, str)


def write(api: HfApi, soon: bool) -> None:
    assert_type(api.create_repo("owner/name", private=True, exist_ok=True), RepoUrl)
    operations: list[CommitOperation] = [CommitOperationAdd("a.txt", b"text"), CommitOperationDelete("old/")]
    assert_type(api.create_commit("owner/name", operations, commit_message="All new"), CommitInfo)
    assert_type(
        api.create_commit("owner/name", operations, commit_message="All new", run_as_future=True), Future[CommitInfo]
    )
    assert_type(api.create_commit("owner/name", operations, commit_message="All new", run_as_future=False), CommitInfo)
    either = api.upload_folder(repo_id="owner/name", folder_path=Path("weights"), run_as_future=soon)
    assert_type(either, CommitInfo | Future[CommitInfo])
    assert_type(api.upload_folder(repo_id="owner/name", folder_path="weights").oid, str)
    assert_type(api.upload_file(path_or_fileobj=b"text", path_in_repo="a.txt", repo_id="owner/name"), CommitInfo)
    api.create_branch("owner/name", branch="try", exist_ok=True)
    api.delete_repo("owner/name", missing_ok=True)


def discuss(api: HfApi) -> None:
    listed = api.get_repo_discussions("owner/name", discussion_type="pull_request", discussion_status="open")
    assert_type(listed, Iterator[Discussion])
    pull = api.create_pull_request("owner/name", "A title", description="Why")
    assert_type(pull, DiscussionWithDetails)
    either: list[Discussion] = [pull, *listed]
    assert_type([one.url for one in either], list[str])
    assert_type(pull.git_reference, str | None)
    assert_type(pull.conflicting_files, list[str] | bool | None)
    assert_type(pull.events, list[DiscussionEvent])
    for event in pull.events:
        assert_type(event.author, str)
        if isinstance(event, DiscussionComment):
            assert_type(event.last_edited_at, datetime)
            assert_type(event.wire.data.num_edits, int | None)
        elif isinstance(event, DiscussionCommit):
            assert_type(event.oid, str)
    assert_type(api.comment_discussion("owner/name", 1, "Text"), DiscussionComment)
    assert_type(api.rename_discussion("owner/name", 1, "Another title"), DiscussionTitleChange)
    assert_type(api.change_discussion_status("owner/name", 1, "closed"), DiscussionStatusChange)
    api.merge_pull_request("owner/name", 1, comment="Thanks")


def collections(api: HfApi) -> None:
    collection = api.create_collection("Recent models", private=True, exists_ok=True)
    assert_type(collection, Collection)
    assert_type(collection.url, str)
    assert_type(collection.position, int)
    assert_type(api.list_collections(owner=["owner", "other"], sort="upvotes", limit=3), Iterator[Collection])
    for item in api.add_collection_item(collection.slug, "owner/name", "model", note="Good").items:
        assert_type(item, CollectionItem)
        assert_type(item.note, str | None)
    assert_type(api.update_collection_metadata(collection.slug, theme="pink").last_updated, datetime)


def people_and_papers(api: HfApi) -> None:
    likes = api.list_liked_repos("user")
    assert_type(likes, UserLikes)
    assert_type(likes.models, list[str])
    assert_type(api.list_repo_likers("owner/name", repo_type="space"), Iterator[User])
    assert_type(api.get_user_overview("user", False).num_followers, int | None)
    assert_type(api.get_organization_overview("owner"), Organization)
    assert_type(api.list_organization_members("owner"), Iterator[User])
    assert_type(api.list_papers(query="attention", limit=10), Iterator[PaperInfo])
    assert_type(api.list_daily_papers(week="2024-W44", sort="trending"), Iterator[PaperInfo])
    assert_type(api.paper_info("2402.17764").submitted_by, User | None)
    assert_type(api.read_paper("2402.17764"), str)


def open_and_close() -> str:
    with HfApi(endpoint="http://127.0.0.1:8080", token=False, library_name="mine", headers={"x-mine": "1"}) as api:
        assert_type(api, HfApi)
        try:
            return api.model_info("owner/name").id
        except RepositoryNotFoundError as error:
            assert_type(error.context, ErrorContext)
            assert_type(error.response, HubResponse)
            return error.server_message or str(error)


def administer(api: HfApi) -> None:
    requests = api.list_pending_access_requests("owner/name", repo_type="dataset")
    assert_type(requests, list[AccessRequest])
    assert_type(requests[0].email, str | None)
    assert_type(requests[0].timestamp, datetime)
    api.accept_access_request("owner/name", requests[0].username)
    api.reject_access_request("owner/name", request_id=requests[0].request_id, rejection_reason="No.")
    api.update_repo_settings("owner/name", gated="manual", visibility="private")
    assert_type(api.duplicate_repo("owner/name", "other"), DuplicatedRepoUrl)
    files = api.list_lfs_files("owner/name")
    assert_type(files, Iterator[LFSFileInfo])
    api.permanently_delete_lfs_files("owner/name", (file for file in files if file.size > 1 << 30))
    me = api.whoami("hf_...")
    assert_type(me, WhoAmI)
    assert_type(me.auth.access_token if me.auth else None, AccessToken | None)


def machine() -> None:
    login("hf_...", add_to_git_credential=True)
    assert_type(get_token(), str | None)
    auth_switch("mine")
    logout("mine")


class Mine(HfApi):
    """A client of one's own overrides methods as ever, and `with` gives it back."""

    def list_repo_files(
        self,
        repo_id: str,
        *,
        revision: str | None = None,
        repo_type: str | None = None,
        token: str | bool | None = None,
    ) -> list[str]:
        return sorted(super().list_repo_files(repo_id, revision=revision, repo_type=repo_type, token=token))


def subclass() -> None:
    with Mine() as api:
        assert_type(api, Mine)


def webhooks(api: HfApi, body: bytes) -> None:
    watched: list[WatchedItem] = [WebhookWatchedItem(type="org", name="owner"), {"type": "user", "name": "ann"}]
    made = api.create_webhook(url="https://example.com/hook", watched=watched, domains=["repo"])
    assert_type(made, WebhookInfo)
    assert_type(api.update_webhook(made.id, secret="hush"), WebhookInfo)
    assert_type(api.list_webhooks(), list[WebhookInfo])
    payload = parse_webhook_payload(body)
    assert_type(payload, WebhookPayload)
    assert_type(payload.repo.head_sha, str | None)
    assert_type(payload.updated_refs, list[WebhookPayloadUpdatedRef] | None)


class Ready(CommitScheduler):
    def push_to_hub(self) -> CommitInfo | None:
        return super().push_to_hub() if (self.folder_path / "ready").exists() else None


def in_the_background(api: HfApi) -> None:
    assert_type(api.run_as_future(int, "12", base=8), Future[int])
    assert_type(api.run_as_future(api.model_info, "owner/name", revision="main"), Future[ModelDetail])
    with Ready(repo_id="owner/logs", folder_path=Path("logs"), every=0.5, hf_api=api) as scheduler:
        assert_type(scheduler.trigger(), Future[CommitInfo | None])
        with scheduler.lock:
            Path("logs/a.txt").touch()


def spaces(api: HfApi) -> None:
    runtime = api.request_space_hardware("owner/app", SpaceHardware.T4_MEDIUM, sleep_time=3600)
    assert_type(runtime, SpaceRuntime)
    assert_type(runtime.requested_hardware, str | None)
    assert_type(runtime.stage == SpaceStage.RUNNING, bool)
    assert_type(api.request_space_hardware("owner/app", "newer-hardware").sleep_time, int | None)
    api.set_space_volumes("owner/app", [Volume(type="bucket", source="owner/data", mount_path="/data")])
    variables = api.add_space_variable("owner/app", "MODEL", "owner/name", description="What it runs")
    assert_type(variables, dict[str, SpaceVariable])
    assert_type(variables["MODEL"].key, str)
    assert_type(variables["MODEL"].updated_at, datetime | None)
    assert_type(api.get_space_secrets("owner/app"), dict[str, SpaceSecret])
