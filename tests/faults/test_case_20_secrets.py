"""Case 20: no error and no log contains a token, a signed query or a path of the user's machine."""

from __future__ import annotations

import logging
import re
import traceback

import pytest

from hub_typed import HubError
from hub_typed.local.faults import ExpiredUrls, RateLimited, Reset, Stall, Status, Truncated, WrongBytes

LARGE = b"\0\1" * 5000
SIGNED = re.compile(r"signature=(?!\.\.\.)|expires=\d")


async def up_and_down(api, repo, source):
    await api.upload_file(path_or_fileobj=source, path_in_repo="large.bin", repo_id=repo)
    await api.hf_hub_download(repo, "old.bin")


@pytest.mark.parametrize(
    ("fault", "operation"),
    [
        (Status(500), "storage.upload"),
        (Status(403, "signature=0123456789abcdef"), "storage.upload"),
        (ExpiredUrls(), "storage.upload"),
        (Reset(after=100), "storage.upload"),
        (Stall(), "lfs.lfs_batch"),
        (Status(307, headers={"location": "ftp://x/?signature=0123456789abcdef"}), "storage.upload"),
        (Status(500), "commits.create_commit"),
        (Reset(), "commits.create_commit"),
        (Status(403), "lfs.lfs_batch"),
        (RateLimited(10**6), "lfs.lfs_batch"),
        (WrongBytes(), "lfs.lfs_batch"),
        (Truncated(10), "commits.preupload"),
        (Status(503), "storage.download"),
        (Truncated(), "storage.download"),
        (WrongBytes(), "storage.download"),
        (ExpiredUrls(), "storage.download"),
    ],
    ids=lambda value: re.sub(r"\W+", "-", str(value)) if not isinstance(value, str) else value,
)
def test_neither_errors_nor_logs_tell_a_secret(play, caplog, tmp_path, fault, operation):
    source = tmp_path / "private folder" / "large.bin"
    source.parent.mkdir()
    source.write_bytes(LARGE)

    async def scenario(side):
        await side.api.create_repo(side.repo)
        await side.api.upload_file(path_or_fileobj=LARGE[2:], path_in_repo="old.bin", repo_id=side.repo)
        rule = side.hub.faults.add(fault, operation=operation)
        api = side.make(attempts=2, read_timeout=0.3)
        caplog.clear()
        with caplog.at_level(logging.DEBUG), pytest.raises(HubError) as caught:
            await up_and_down(api, side.repo, source)
        assert rule.count
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
        seen = [line for line in told.splitlines() if not line.lstrip().startswith(("File ", "raise ", "await "))]
        assert side.hub.token not in told
        assert not SIGNED.search("\n".join(seen)), seen
        assert "private folder" not in told

    play(scenario)
