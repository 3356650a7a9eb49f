"""Buckets themselves: create, look up, list, rename and delete them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

from hub_typed.errors import BucketNotFoundError, HfHubHTTPError, HubError, ProtocolError
from hub_typed.flows.argument_checks import check_choice
from hub_typed.flows.buckets.bucket_ids import parse_bucket_id
from hub_typed.flows.buckets.bucket_url import BucketUrl
from hub_typed.flows.named_repo import with_repo_id
from hub_typed.flows.repos import existing_repo_url
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.requests import hub_url
from hub_typed.http.send import execute
from hub_typed.urls.hf_uri import HfUri
from hub_typed.urls.url import display_url, parse_url
from hub_typed_api.models import BucketInfo
from hub_typed_api.operations import buckets as operations, repos as repo_operations

__all__ = [
    "bucket_info",
    "create_bucket",
    "delete_bucket",
    "list_buckets",
    "move_bucket",
    "update_bucket_settings",
]


async def create_bucket(
    io: Io,
    bucket_id: str | HfUri,
    *,
    private: bool | None = None,
    visibility: Literal["public", "private"] | None = None,
    resource_group_id: str | None = None,
    region: Literal["us", "eu"] | None = None,
    exist_ok: bool = False,
) -> BucketUrl:
    """Create a bucket and return its URL.

    Args:
        bucket_id: Name, ``owner/name``; the owner defaults to the account of the token.
        private: Whether others cannot see it; the default of the owner if not given.
        visibility: Visibility, instead of ``private``.
        resource_group_id: Resource group of the organization, 24 hexadecimal digits.
        region: Region of the storage, which needs a subscription: ``us`` or ``eu``.
        exist_ok: Keep an existing bucket unchanged, instead of raising an error.

    Raises:
        ValueError: Both ``private`` and ``visibility`` are given, or one has an unknown value.
        HfHubHTTPError: The bucket already exists (409), or the token may not create it (401, 403).
    """
    owner, name = parse_bucket_id(bucket_id, io.settings.endpoint)
    check_choice("region", region, ("us", "eu"))
    check_choice("visibility", visibility, ("public", "private"))
    if private is not None and visibility is not None:
        raise ValueError("Pass either private= or visibility=, not both.")
    if private is not None:
        visibility = "private" if private else "public"
    creation = operations.create_bucket(
        owner, name, visibility=visibility, resource_group_id=resource_group_id, region=region
    )
    try:
        url = (await execute(io, with_repo_id(creation, f"{owner}/{name}"))).url
    except HfHubHTTPError as error:
        existing = await _find_existing(io, error, owner, name) if exist_ok else None
        if existing is None:
            raise
        url = existing
    return _bucket_url(io, url)


async def _find_existing(io: Io, error: HfHubHTTPError, owner: str, name: str) -> str | None:
    """Return the URL of the existing bucket, or ``None`` if creation failed for another reason."""
    default = f"{io.settings.endpoint}/buckets/{owner}/{name}"
    if error.response.status_code == 409:
        return existing_repo_url(error.response) or default
    if error.response.status_code not in (401, 403):
        return None
    try:
        info = await execute(io, operations.bucket_info(owner, name))
    except HubError:
        return None  # the caller raises the first error, which is more specific
    return f"{io.settings.endpoint}/buckets/{info.id}"


def _bucket_url(io: Io, url: str) -> BucketUrl:
    """Return the URL of a bucket in a response as a `BucketUrl` at the client's endpoint.

    Raises:
        ProtocolError: The text is not the URL of a bucket.
    """
    endpoint = io.settings.endpoint
    try:
        absolute = hub_url(url, io.settings)
        if not absolute.startswith(f"{endpoint}/"):  # behind a proxy, a Hub may not know its own host name
            absolute = endpoint + parse_url(absolute).path
        return BucketUrl(absolute, endpoint)
    except ValueError as error:
        raise ProtocolError(
            f"buckets.create_bucket: {display_url(endpoint)} returned {display_url(url)} as the URL of the bucket, "
            "which is not one."
        ) from error


async def bucket_info(io: Io, bucket_id: str | HfUri) -> BucketInfo:
    """Get the info of a bucket: size, number of files, visibility.

    Args:
        bucket_id: Name, ``owner/name``.

    Raises:
        BucketNotFoundError: The bucket does not exist, or the token has no access to it.
    """
    return await execute(io, operations.bucket_info(*parse_bucket_id(bucket_id, io.settings.endpoint)))


async def list_buckets(io: Io, namespace: str | None = None, *, search: str | None = None) -> AsyncIterator[BucketInfo]:
    """List the buckets of a user or an organization.

    Args:
        namespace: Owner of the buckets; the account of the token if not given.
        search: Text that the names contain.

    Raises:
        HfHubHTTPError: There is no such account (404), or no token for the own buckets (401).
    """
    async for bucket in items(io, operations.list_buckets(namespace or "me", search=search)):
        yield bucket


async def delete_bucket(io: Io, bucket_id: str | HfUri, *, missing_ok: bool = False) -> None:
    """Delete a bucket and all its files permanently.

    Args:
        bucket_id: Name, ``owner/name``.
        missing_ok: Ignore a missing bucket, instead of raising an error.

    Raises:
        BucketNotFoundError: The bucket does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not delete it (403).
    """
    try:
        await execute(io, operations.delete_bucket(*parse_bucket_id(bucket_id, io.settings.endpoint)))
    except BucketNotFoundError:
        if not missing_ok:
            raise


async def move_bucket(io: Io, from_id: str | HfUri, to_id: str | HfUri) -> None:
    """Rename a bucket or transfer it to another owner.

    Args:
        from_id: Current name, ``owner/name``.
        to_id: New name, ``owner/name``.

    Raises:
        BucketNotFoundError: The bucket does not exist, or the token has no access to it.
        HfHubHTTPError: The new name is taken (409), or the token may not write to the bucket or create the new one
            (403).
    """
    endpoint = io.settings.endpoint
    source, target = ("/".join(parse_bucket_id(one, endpoint)) for one in (from_id, to_id))
    moving = repo_operations.move_repo(from_repo=source, to_repo=target, repo_type="bucket")
    try:
        await execute(io, with_repo_id(moving, source))
    except HubError as error:
        if error.may_be_done and await _is_moved(io, source, target):
            return
        if isinstance(error, HfHubHTTPError) and error.context.code == "RepoNotFound":  # of a URL without the bucket
            missing = BucketNotFoundError(str(error), error.response, context=error.context)
            missing.bucket_id = source
            raise missing from None
        raise


async def _is_moved(io: Io, source: str, target: str) -> bool:
    """Whether the old name of a bucket leads to the new one, or is gone while the new one exists."""
    try:
        return (await bucket_info(io, source)).id == target
    except BucketNotFoundError:
        pass
    except HubError:
        return False  # the caller raises the first error
    try:
        return (await bucket_info(io, target)).id == target
    except HubError:
        return False


async def update_bucket_settings(io: Io, bucket_id: str | HfUri, *, private: bool) -> None:
    """Make a bucket private or public.

    Args:
        bucket_id: Name, ``owner/name``.
        private: Whether others cannot see it.

    Raises:
        BucketNotFoundError: The bucket does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not change it (403).
    """
    bucket = parse_bucket_id(bucket_id, io.settings.endpoint)
    await execute(io, operations.update_bucket_settings(*bucket, private=private))
