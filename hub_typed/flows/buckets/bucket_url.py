"""URL of a bucket, with its parts."""

from __future__ import annotations

import attrs

from hub_typed.errors import HfUriError
from hub_typed.settings import Settings
from hub_typed.urls.endpoint import Endpoint
from hub_typed.urls.hf_uri import HfUri, parse_hf_uri
from hub_typed.urls.url import display_url
from hub_typed_api.fields import Fields

__all__ = ["BucketUrl"]


@attrs.define
class BucketUrl(Fields):
    """URL of a bucket, with its parts as attributes.

    Attributes:
        url: URL of its page, or only the path of it.
        endpoint: URL of the Hub; if not given, ``HF_ENDPOINT`` or https://huggingface.co.
        namespace: Owner.
        bucket_id: Name, ``owner/name``.
        uri: The bucket as ``hf://buckets/owner/name``.

    Raises:
        ValueError: ``url`` is not the URL of a bucket.
    """

    url: str
    endpoint: str = ""
    namespace: str = attrs.field(init=False)
    bucket_id: str = attrs.field(init=False)
    uri: HfUri = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        home = Endpoint.of(self.endpoint) if self.endpoint else Settings.from_environment().endpoint
        self.endpoint = home
        uri = self._parse(home)
        if uri is None or not uri.is_bucket or uri.path_in_repo:
            raise ValueError(f"{display_url(self.url)!r} is not the URL of a bucket.")
        self.uri, self.bucket_id = uri, uri.id
        self.namespace = uri.id.partition("/")[0]

    def _parse(self, home: str) -> HfUri | None:
        is_absolute = "://" in self.url
        text = self.url if is_absolute else f"{home}/buckets/{self.url.strip('/').removeprefix('buckets/')}"
        try:
            return parse_hf_uri(text, home)
        except HfUriError:
            return None
