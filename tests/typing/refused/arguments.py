"""Wrong arguments and wrong use of answers. Each line that must be refused says by what mypy and what pyright do so."""

from __future__ import annotations

from hub_typed import AsyncHfApi, AsyncHooks, CommitInfo, CommitOperationAdd, HfApi, HubClient, ModelInfo, RequestInfo
from hub_typed_api.operations import models, refs


def sync(api: HfApi) -> None:
    api.model_info()  # refused: call-overload, reportCallIssue
    api.model_info(42)  # refused: call-overload, reportArgumentType
    api.model_info("owner/name", "main")  # refused: call-overload, reportCallIssue
    api.model_info("owner/name", token=42)  # refused: call-overload, reportArgumentType
    api.list_models(limit="5")  # refused: call-overload, reportArgumentType
    api.create_commit("owner/name", ["a.txt"], commit_message="New")  # refused: list-item, reportArgumentType
    api.upload_folder(repo_id=1, folder_path="weights")  # refused: call-overload, reportArgumentType
    api.snapshot_download(3)  # refused: call-overload, reportArgumentType
    api.hf_hub_download("owner/name")  # refused: call-overload, reportCallIssue
    api.call(models.list_models())  # refused: arg-type, reportArgumentType
    api.pages(refs.list_repo_refs("owner/name"))  # refused: arg-type, reportArgumentType
    HfApi("http://127.0.0.1", None, None, None, None, None, None)  # refused: call-arg, reportCallIssue
    CommitOperationAdd("a.txt")  # refused: call-arg, reportCallIssue
    later: CommitInfo = api.upload_folder(  # refused: assignment, reportAssignmentType
        repo_id="owner/name", folder_path="weights", run_as_future=True
    )
    del later


class Fake:
    """A fake with one method of many."""

    def model_info(self, repo_id: str) -> ModelInfo:
        return ModelInfo(id=repo_id)


async def on_request(request: RequestInfo) -> None: ...


def clients_and_fakes(api: HfApi) -> None:
    HfApi(hooks=[AsyncHooks(on_request=on_request)])  # refused: list-item, reportArgumentType
    api.with_options(attempts=3)  # refused: call-arg, reportCallIssue
    api.with_response.model_info(42)  # refused: call-overload, reportArgumentType
    api.with_response.list_models()  # refused: attr-defined, reportAttributeAccessIssue
    client: HubClient = Fake()  # refused: assignment, reportAssignmentType
    later: HubClient = AsyncHfApi()  # refused: assignment, reportAssignmentType
    del client, later


async def asynchronous(api: AsyncHfApi) -> None:
    info: ModelInfo = api.model_info("owner/name")  # refused: assignment, reportAssignmentType
    del info
    await api.list_models()  # refused: misc, reportGeneralTypeIssues
    await api.upload_folder(repo_id="o", folder_path="w", run_as_future=True)  # refused: call-overload, reportCallIssue
    await HfApi().model_info("owner/name")  # refused: misc, reportGeneralTypeIssues
