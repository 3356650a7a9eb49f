"""Endpoint of the Hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from hub_typed.urls.url import Url

__all__: list[str] = []

DEFAULT_ENDPOINT: Final = "https://huggingface.co"


class Endpoint(str):
    """URL of a Hub, without trailing slash and without user and password.

    Attributes:
        account: User and password of the URL, percent-encoded; ``None`` if it has none.
    """

    __slots__ = ("account",)

    account: str | None

    def __new__(cls, text: str, account: str | None = None) -> Self:
        self = super().__new__(cls, text)
        self.account = account
        return self

    def __reduce__(self) -> tuple[type[Endpoint], tuple[str, str | None]]:
        return Endpoint, (str(self), self.account)

    @classmethod
    def of(cls, value: str, source: str = "the argument endpoint") -> Endpoint:
        """Parse the endpoint from a caller or an environment variable.

        Args:
            source: Argument or environment variable that the error names.

        Raises:
            SettingsError: The URL is invalid, or has a query or a fragment.
        """
        if isinstance(value, Endpoint):
            return value
        value = value.strip()
        if value.rstrip("/") == DEFAULT_ENDPOINT:  # avoids the import of urllib3
            return cls(DEFAULT_ENDPOINT)
        from hub_typed.errors import SettingsError
        from hub_typed.urls.url import InvalidUrlError, display_url, parse_url

        reason: InvalidUrlError | str = "it has a query or a fragment"
        found: Url | None
        try:
            found = parse_url(value, account=True)
        except InvalidUrlError as error:
            found, reason = None, error
        if found is None or "?" in value or "#" in value:
            raise SettingsError(
                f"The endpoint {display_url(value)!r} from {source} is invalid: {reason}. Pass a URL such as "
                f"{DEFAULT_ENDPOINT!r} or 'http://localhost:8080'."
            )
        return cls(found.text.rstrip("/"), found.account)
