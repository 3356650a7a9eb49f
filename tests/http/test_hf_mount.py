"""Mounts as text, and back."""

from __future__ import annotations

import pytest

from hub_typed import HfMount, HfUri, parse_hf_mount
from hub_typed.errors import HfUriError


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        ("hf://ann/model:/data", HfMount(HfUri("model", "ann/model"), "/data")),
        (
            "hf://datasets/ann/set@v1/part:/data/set:ro",
            HfMount(HfUri("dataset", "ann/set", "v1", "part"), "/data/set", True),
        ),
        ("hf://buckets/ann/out/a:b:/out:rw", HfMount(HfUri("bucket", "ann/out", None, "a:b"), "/out", False)),
    ],
)
def test_a_mount_is_what_it_says(text, mount):
    assert parse_hf_mount(text) == mount
    assert parse_hf_mount(mount.to_uri()) == mount


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hf://ann/model", "has no mount path: append :/PATH"),
        ("hf://ann/model:ro", "has no mount path"),
        ("hf://ann/model:/", "not an absolute path below /"),
        ("hf://buckets/ann/out@v1:/data", "has no revisions"),
        ("./data:/data", "does not begin with hf://"),
    ],
)
def test_other_texts_are_no_mounts(text, reason):
    with pytest.raises(HfUriError, match=reason):
        parse_hf_mount(text)
