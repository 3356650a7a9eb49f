"""Handlers of buckets and their files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, cast

import attrs

from hub_typed.local.buckets.store import Bucket
from hub_typed.local.errors import conflict, entry_missing, not_found, too_large
from hub_typed.local.handlers.storage import object_url
from hub_typed.local.request.bucket_batch import apply_batch
from hub_typed.local.request.byte_ranges import content_disposition
from hub_typed.local.request.call import Call
from hub_typed.local.request.creation import (
    check_choice,
    check_owner,
    is_private,
    is_private_by_default,
    requested_group,
)
from hub_typed.local.request.resource_groups import described_group, move_to_group
from hub_typed.local.request.xet_access import storage_root
from hub_typed.local.views.bucket_entries import file_entry, list_entries
from hub_typed.local.webhooks.events import Event
from hub_typed_api import models
from hub_typed_api.codec.buckets import unstructure_bucket_file_source
from hub_typed_api.path import checked_repo_id
from hub_typed_api.serve import Answer, Given, Route
from hub_typed_api.server import buckets

__all__ = ["BUCKET_ROUTES", "Buckets"]

_XET_INFO: Final = "application/vnd.xet-fileinfo+json"
_PROVIDERS: Final = ("gcp", "aws")
_REGIONS: Final = ("us", "eu")
_MAX_PATHS: Final = 2000


class Buckets(buckets.BucketsHandlers[Call]):
    """Handlers of the operations in the area ``buckets``."""

    def list_buckets(self, call: Call, *, namespace: str, search: str | None = None) -> Sequence[models.BucketInfo]:
        owner = call.owner(namespace)
        if call.accounts.user(owner) is None and call.accounts.organization(owner) is None:
            raise not_found(f"There is no user or organization {owner}")
        words = (search or "").lower().split()
        return [
            _info(bucket)
            for bucket in call.buckets.all()
            if bucket.namespace == owner
            and all(word in bucket.repo_id.lower() for word in words)
            and call.may_read(bucket)
        ]

    def bucket_info(self, call: Call, *, namespace: str, bucket: str) -> models.BucketInfo:
        return _info(call.readable_bucket(f"{namespace}/{bucket}"))

    def create_bucket(
        self,
        call: Call,
        *,
        namespace: str,
        bucket: str,
        private: bool | None = None,
        visibility: str | None = None,
        resource_group_id: str | None = None,
        region: str | None = None,
        cdn: Sequence[models.BucketCdnRegion] | None = None,
    ) -> models.CreatedBucket:
        user = call.writer().user.name
        owner = call.owner(namespace)
        name = checked_repo_id(f"{owner}/{bucket}")
        group = requested_group(call, owner, resource_group_id)
        check_owner(call, owner, "bucket", group)
        check_choice("region", region, _REGIONS)
        hidden = is_private("bucket", visibility, private)
        existing = call.buckets.find(name)
        if existing is not None:
            url = call.web_url("bucket", existing.repo_id)
            raise conflict("You already created this bucket repo", url=url, id=existing.facts.id)
        made = call.buckets.create(
            name,
            user=user,
            private=is_private_by_default(call, owner) if hidden is None else hidden,
            cdn=_checked_regions("cdn", cdn or ()),
        )
        if group is not None:
            call.accounts.groups.place([made.facts.id], group, user)
        call.publish(Event(action="create", scope="repo", repo=call.subject(made)))
        return models.CreatedBucket(url=call.web_url("bucket", name), name=name, id=made.facts.id)

    def delete_bucket(self, call: Call, *, namespace: str, bucket: str) -> None:
        found = call.writable_bucket(f"{namespace}/{bucket}")
        deleted = Event(action="delete", scope="repo", repo=call.subject(found))
        key = found.facts.id
        call.buckets.delete(found)
        call.lfs.forget_uploads(key)
        call.publish(deleted)

    def update_bucket_settings(
        self,
        call: Call,
        *,
        namespace: str,
        bucket: str,
        private: bool | None = None,
        cdn_regions: Sequence[models.BucketRegion] | None = None,
    ) -> models.BucketSettings:
        found = call.writable_bucket(f"{namespace}/{bucket}")
        facts = found.facts
        call.change(
            found,
            private=facts.private if private is None else private,
            cdn=facts.cdn if cdn_regions is None else _checked_regions("cdnRegions", cdn_regions),
        )
        facts = found.facts
        regions = [models.BucketRegion(provider=provider, region=region) for provider, region in facts.cdn]
        return models.BucketSettings(private=facts.private, cdn_regions=regions)

    def get_bucket_resource_group(self, call: Call, *, namespace: str, bucket: str) -> models.ResourceGroup:
        found = call.readable_bucket(f"{namespace}/{bucket}")
        return described_group(call, found.namespace, found.facts.id)

    def set_bucket_resource_group(
        self, call: Call, *, namespace: str, bucket: str, resource_group_id: str | None
    ) -> models.RepoSummary:
        found = call.writable_bucket(f"{namespace}/{bucket}")
        return move_to_group(call, found, resource_group_id)

    def list_bucket_tree(
        self,
        call: Call,
        *,
        namespace: str,
        bucket: str,
        prefix: str | None = None,
        recursive: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        sort: str | None = None,
        direction: str | None = None,
    ) -> Sequence[models.BucketEntry]:
        check_choice("sort", sort, ("path", "uploadedAt"))
        check_choice("direction", direction, ("asc", "desc"))
        return list_entries(
            call.readable_bucket(f"{namespace}/{bucket}").files,
            prefix or "",
            recursive=recursive is not False,
            by_upload=sort == "uploadedAt",
            descending=direction == "desc",
        )

    def get_bucket_paths_info(
        self, call: Call, *, namespace: str, bucket: str, paths: Sequence[str]
    ) -> list[models.BucketEntry]:
        if len(paths) > _MAX_PATHS:
            raise too_large(f"A request has at most {_MAX_PATHS} paths, this one has {len(paths)}")
        files = call.readable_bucket(f"{namespace}/{bucket}").files
        return [file_entry(path, file) for path in paths if (file := files.get(path)) is not None]

    def batch_bucket_files(
        self, call: Call, *, namespace: str, bucket: str, lines: Iterator[models.BucketLine]
    ) -> models.BucketBatch:
        found = call.writable_bucket(f"{namespace}/{bucket}")
        result = apply_batch(call, found, lines)
        if result.succeeded:
            call.publish(Event(action="update", scope="repo.content", repo=call.subject(found)))
        return result

    def get_bucket_file_metadata(self, call: Call, *, namespace: str, bucket: str, path_in_bucket: str) -> Answer:
        return self.resolve_bucket_file(call, namespace=namespace, bucket=bucket, path_in_bucket=path_in_bucket)

    def resolve_bucket_file(
        self,
        call: Call,
        *,
        namespace: str,
        bucket: str,
        path_in_bucket: str,
        no_content_disposition: bool = False,
        download: bool = False,
        byte_range: str | None = None,
    ) -> Answer:
        found = call.readable_bucket(f"{namespace}/{bucket}")
        file = found.files.get(path_in_bucket)
        if file is None:
            raise entry_missing()
        etag = f'"{file.xet_hash}"'
        headers = {"accept-ranges": "bytes", "x-linked-size": str(file.size), "x-linked-etag": etag}
        if call.xet is not None:
            token = f"{call.request.origin}/api/buckets/{found.repo_id}/xet-read-token"
            reconstruction = f"{storage_root(call)}/v1/reconstructions/{file.xet_hash}"
            headers |= {
                "x-xet-hash": file.xet_hash,
                "x-xet-refresh-route": token,
                "link": f'<{token}>; rel="xet-auth", <{reconstruction}>; rel="xet-reconstruction-info"',
            }
            if _XET_INFO in call.request.headers.get("accept", ""):
                source = models.BucketFileSource(
                    hash=file.xet_hash,
                    refresh_url=token,
                    reconstruction_url=reconstruction,
                    etag=etag,
                    size=file.size,
                    content_type=file.content_type,
                )
                body = json.dumps(unstructure_bucket_file_source(source)).encode()
                return Answer(headers={**headers, "content-type": _XET_INFO}, body=body)
        if not file.size:  # which the storage has no object for
            return Answer(headers={**headers, "etag": etag, "content-type": "application/octet-stream"})
        disposition = None if no_content_disposition else content_disposition(path_in_bucket, as_attachment=download)
        location = object_url(call, file.sha256, content_type=file.content_type, disposition=disposition)
        text = f"Found. Redirecting to {location}".encode()
        headers |= {"content-type": "text/plain; charset=utf-8", "content-length": str(len(text)), "location": location}
        return Answer(status=302, headers=headers, body=text)


def _checked_regions(at: str, regions: Sequence[models.BucketCdnRegion | models.BucketRegion]) -> list[tuple[str, str]]:
    for one in regions:
        check_choice(f"{at}.provider", one.provider, _PROVIDERS)
        check_choice(f"{at}.region", one.region, _REGIONS)
    return [(one.provider, one.region) for one in regions]


def _info(bucket: Bucket) -> models.BucketInfo:
    facts, files = bucket.facts, bucket.files
    return models.BucketInfo(
        id=bucket.repo_id,
        author=bucket.namespace,
        private=facts.private,
        created_at=datetime.fromisoformat(facts.created_at),
        updated_at=datetime.fromisoformat(bucket.updated_at),
        size=files.size,
        total_files=len(files),
        repo_type="bucket",
        cdn_regions=[models.BucketCdnRegion(provider=provider, region=region) for provider, region in facts.cdn],
    )


def _batch(route: Route[Any, Call], handlers: Buckets, call: Call, given: Given) -> object:
    """Return the result of a batch, with status 422 if every line failed."""
    result = cast(dict[str, Any], route.bind(handlers, call, given))
    if result["succeeded"] or not result["failed"]:
        return result
    headers = {"content-type": "application/json; charset=utf-8"}
    return Answer(status=422, headers=headers, body=json.dumps(result).encode())


BUCKET_ROUTES: Sequence[Route[Any, Call]] = tuple(
    attrs.evolve(route, bind=partial(_batch, route)) if route.operation == "buckets.batch_bucket_files" else route
    for route in buckets.ROUTES
)
