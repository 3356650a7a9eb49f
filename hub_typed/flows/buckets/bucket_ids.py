"""Names of buckets, and paths in them, as methods and commands take them."""

from __future__ import annotations

from hub_typed.errors import HfUriError
from hub_typed.urls.hf_uri import HfUri, parse_hf_uri
from hub_typed_api.path import HFValidationError

__all__: list[str] = []

URI_PREFIX = "hf://buckets/"


def parse_bucket_path(text: str | HfUri, endpoint: str | None = None) -> HfUri:
    """Parse a bucket, or a file or folder in one.

    Args:
        text: ``hf://buckets/owner/name[/path]``, the URL of a page of a bucket, or ``owner/name[/path]``.
        endpoint: URL of a further Hub whose pages are accepted.

    Raises:
        HFValidationError: It is none of these.
    """
    if isinstance(text, HfUri):
        uri = text
    elif "://" in text:
        uri = parse_hf_uri(text, endpoint)
    else:
        uri = _parse_plain(text)
    if not uri.is_bucket:
        raise HfUriError(f"{uri.to_uri()} is not a bucket: pass {URI_PREFIX}owner/name.")
    return uri


def parse_bucket_id(bucket_id: str | HfUri, endpoint: str | None = None) -> tuple[str, str]:
    """Return owner and name of a bucket; the owner of a name alone is ``me``, the account of the token.

    Raises:
        HFValidationError: The bucket is invalid, or followed by a path.
    """
    if isinstance(bucket_id, str) and "/" not in bucket_id:
        bucket_id = f"me/{bucket_id}"
    uri = parse_bucket_path(bucket_id, endpoint)
    if uri.path_in_repo:
        raise HFValidationError(f"{bucket_id!s} is a path in the bucket {uri.id}: pass only the bucket.")
    owner, _, name = uri.id.partition("/")
    return owner, name


def _parse_plain(text: str) -> HfUri:
    owner, _, rest = text.partition("/")
    name, _, path = rest.partition("/")
    try:
        return HfUri("bucket", f"{owner}/{name}", None, path.removesuffix("/"))
    except HfUriError as error:
        raise HfUriError(f"Invalid bucket {text!r}: {error}. Pass owner/name or {URI_PREFIX}owner/name.") from None
