"""Error of a response that is one."""

from __future__ import annotations

from hub_typed.errors import HubError
from hub_typed.http.error_responses import excerpt
from hub_typed.logs.redaction import request_secrets
from hub_typed.urls.url import display_url
from hub_typed_api.wire import Request, Response

__all__ = ["ResponseError"]


class ResponseError(HubError, OSError):
    """The server responded with an error.

    Attributes:
        operation: Name of the operation.
        response: The response.
    """

    def __init__(self, message: str, operation: str, response: Response) -> None:
        super().__init__(message)
        self.operation = operation
        self.response = response

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self.args[0]), self.operation, self.response)

    @property
    def status(self) -> int:
        """Status of the response."""
        return self.response.status

    @classmethod
    def of(cls, sent: Request, response: Response) -> ResponseError:
        """Build the error of a response.

        Args:
            sent: The request as it was sent.
            response: The response.
        """
        said = excerpt(response.body[:4096].decode(errors="replace"), request_secrets(sent))
        where = f"{sent.method} {display_url(response.url or sent.path)}"
        return cls(
            f"{sent.operation}: {where} was answered with status {response.status}: {said}", sent.operation, response
        )
