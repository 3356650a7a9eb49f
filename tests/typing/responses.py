"""Hooks, clients with other options, and results with their responses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import assert_type

from hub_typed import (
    ApiResponse,
    AsyncHfApi,
    AsyncHooks,
    HfApi,
    Hooks,
    Page,
    RequestFailure,
    RequestInfo,
    ResponseInfo,
    RetryInfo,
    WhoAmI,
    operations,
)
from hub_typed_api.models import ListedModel, ModelDetail, ModelDetailWithSizes


def on_request(request: RequestInfo) -> None:
    assert_type(request.operation, str)


async def on_response(response: ResponseInfo) -> None:
    assert_type(response.request, RequestInfo)
    assert_type(response.request_id, str | None)


def on_error(failure: RequestFailure) -> None:
    assert_type(failure.error, BaseException)


def on_retry(retry: RetryInfo) -> None:
    assert_type(retry.delay, float)


class LoggingApi(HfApi):
    """A client of a program's own."""


def synchronous() -> None:
    api = LoggingApi(hooks=[Hooks(on_request=on_request, on_error=on_error, on_retry=on_retry)])
    assert_type(api.with_options(timeout=5, retries=0, headers={"x-team": "a"}), LoggingApi)
    answer = api.with_response.whoami()
    assert_type(answer, ApiResponse[WhoAmI])
    assert_type(answer.value.name, str)
    assert_type(answer.retries, int)
    info = api.with_options(timeout=5).with_response.model_info("owner/name", files_metadata=True)
    assert_type(info.value, ModelDetailWithSizes)
    assert_type(api.with_response.delete_repo("owner/name", missing_ok=True), ApiResponse[None])
    called = api.with_response.call(operations.models.model_info("owner/name"))
    assert_type(called, ApiResponse[ModelDetail])
    pages = api.with_response.pages(operations.models.list_models(limit=10))
    assert_type(pages, Iterator[ApiResponse[Page[ListedModel]]])


async def asynchronous() -> None:
    api = AsyncHfApi(hooks=[AsyncHooks(on_response=on_response), Hooks(on_request=on_request)])
    assert_type(api.with_options(retries=2), AsyncHfApi)
    answer = await api.with_response.model_info("owner/name")
    assert_type(answer, ApiResponse[ModelDetail])
    called = await api.with_response.call(operations.models.model_info("owner/name"))
    assert_type(called, ApiResponse[ModelDetail])
    pages = api.with_response.pages(operations.models.list_models(limit=10))
    assert_type(pages, AsyncIterator[ApiResponse[Page[ListedModel]]])
