"""Requests and responses as errors and sessions show them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self

import attrs

__all__ = ["ErrorContext", "HubRequest", "HubResponse"]


@attrs.frozen(kw_only=True)
class ErrorContext:
    """Request and response of an error.

    Attributes:
        operation: Name of the operation, such as ``refs.list_repo_refs``.
        method: HTTP method.
        url: URL without its query.
        status: HTTP status of the response.
        code: The Hub's ``X-Error-Code``, such as ``RepoNotFound``.
        server_message: Error message of the Hub.
        request_id: ID of the request, for reports to the Hub.
        repo_id: Repository of the request.
        retry_after: Seconds before the next request, as requested by the Hub.
    """

    operation: str
    method: str
    url: str
    status: int
    code: str | None = None
    server_message: str | None = None
    request_id: str | None = None
    repo_id: str | None = None
    retry_after: float | None = None

    @classmethod
    def of_response(cls, response: HubResponse, server_message: str | None) -> Self:
        """Return what a response tells of itself, without its request."""
        return cls(
            operation="",
            method="",
            url=response.url,
            status=response.status_code,
            code=response.headers.get("x-error-code"),
            server_message=server_message,
            request_id=response.headers.get("x-request-id") or response.headers.get("x-amzn-trace-id"),
        )


class _Headers(dict[str, str]):
    """Headers with case-insensitive names."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


def any_case(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return headers with case-insensitive names."""
    return _Headers({name.lower(): value for name, value in headers.items()})


@attrs.frozen
class HubRequest:
    """Request of a response, with the attributes of the reference's requests.

    Attributes:
        method: HTTP method.
        url: URL without its query.
        headers: Headers with case-insensitive names; the values of secret ones are replaced by ``...``.
    """

    method: str
    url: str
    headers: Mapping[str, str] = attrs.field(factory=_Headers)


class HubResponse:
    """Response of an error, with the attributes of the reference's responses.

    Secrets of the request and headers that hold credentials are replaced by ``...``.

    Attributes:
        status_code: HTTP status.
        headers: Headers, with case-insensitive names.
        url: URL of the response, without its query.
        request: The request; its method is empty if it is not known.
    """

    def __init__(
        self, status_code: int, headers: Mapping[str, str], content: bytes, url: str, request: HubRequest | None = None
    ) -> None:
        self.status_code = status_code
        self.headers: Mapping[str, str] = any_case(headers)
        self.url = url
        self.request: HubRequest = request or HubRequest("", url)
        self._content = content

    @property
    def content(self) -> bytes:
        """Body as bytes."""
        return self._content

    @property
    def text(self) -> str:
        """Body as text."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """Parse the body as JSON.

        Raises:
            ValueError: The body is not JSON.
        """
        try:
            return json.loads(self.content)
        except RecursionError:
            raise ValueError("the JSON is nested too deeply") from None

    def __repr__(self) -> str:
        return f"<HubResponse [{self.status_code}]>"
