"""Processes that download from Xet storage and are interrupted or killed, and their memory."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hub_typed import HfApi, Settings, hf_hub_url
from hub_typed.local.faults import Drip, Stall

CONTENT = random.Random(5).randbytes(20 << 20)
NAME = "weights.bin"


@pytest.fixture
def local_hub(xet_hub, monkeypatch):
    """The Hub of the programs that `start` starts."""
    monkeypatch.delenv("HF_HUB_DISABLE_XET")
    return xet_hub


@pytest.fixture
def repo_id(xet_hub):
    made = f"{xet_hub.user}/model"
    with HfApi(settings=Settings(endpoint=xet_hub.endpoint, xet=False)) as api:
        api.create_repo(made)
        api.upload_file(path_or_fileobj=CONTENT, path_in_repo=NAME, repo_id=made)
        api.get_hf_file_metadata(hf_hub_url(made, NAME, endpoint=xet_hub.endpoint))
    xet_hub.hub.stats.reset()
    return made


def sent(hub):
    """Bytes of xorbs, and of the file without Xet."""
    xorbs = sum(one.sent for one in hub.hub.requests if one.operation == "storage.download_xorb")
    return xorbs, sum(one.sent for one in hub.hub.requests if one.operation == "storage.download")


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_ctrl_c_ends_a_silent_download_within_a_second(xet_hub, repo_id, start, until, kind):
    xet_hub.faults.add(Stall(), operation="storage.download_xorb")
    program = start("hf_hub_download", kind=kind, repo_id=repo_id, filename=NAME)
    until(lambda: any(one.operation == "xet_storage.get_reconstruction" for one in xet_hub.hub.requests))
    time.sleep(0.1)
    began = time.monotonic()
    program.send_signal(signal.SIGINT)
    _, error = program.communicate(timeout=20)
    assert time.monotonic() - began < 2  # with the end of the interpreter
    assert "KeyboardInterrupt" in error
    assert program.returncode in (1, -signal.SIGINT)


def test_a_download_that_was_killed_goes_on_where_it_was(xet_hub, repo_id, start, until, tmp_path):
    rule = xet_hub.faults.add(Drip(bytes_per_second=1000), operation="storage.download_xorb", skip=2)
    program = start("hf_hub_download", repo_id=repo_id, filename=NAME, cache_dir=tmp_path)
    until(lambda: rule.count >= 1 and any(path.stat().st_blocks for path in tmp_path.rglob("*.ranges")))
    time.sleep(0.1)
    program.kill()
    program.communicate()
    assert not list(tmp_path.rglob(NAME))
    xet_hub.faults.clear()
    xet_hub.hub.stats.reset()

    found, error = start("hf_hub_download", repo_id=repo_id, filename=NAME, cache_dir=tmp_path).communicate(timeout=60)

    assert error == ""
    assert Path(found.strip()).read_bytes() == CONTENT
    xorbs, plain = sent(xet_hub)
    assert 0 < xorbs < len(CONTENT) - (3 << 20)
    assert plain == 0


def test_the_settings_bound_the_buffers_unless_an_environment_variable_does():
    from hub_typed.xet.configuration import session_config

    settings = Settings(xet_memory=16 << 20)
    config = session_config(settings, "download", {})
    assert config.get("reconstruction.download_buffer_limit") == 16 << 20
    given = session_config(settings, "download", {"HF_XET_RECONSTRUCTION_DOWNLOAD_BUFFER_LIMIT": "1gb"})
    assert given.get("reconstruction.download_buffer_limit") != 16 << 20
    unlimited = session_config(settings, "download", {"HF_XET_HIGH_PERFORMANCE": "1"})
    assert unlimited.get("reconstruction.download_buffer_limit") != 16 << 20


def test_a_download_does_not_buffer_the_file(local_hub, repo_id, repository, tmp_path):
    code = f"""
import resource
from hub_typed import HfApi, Settings
import hf_xet, attrs
settings = attrs.evolve(Settings.from_environment(), xet_memory=1 << 20)
with HfApi(settings=settings) as api:
    api.whoami()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    api.hf_hub_download({repo_id!r}, {NAME!r}, cache_dir={str(tmp_path)!r})
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    paths = os.pathsep.join([str(repository), str(repository / "generated")])
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert int(done.stdout) < 60
    assert sent(local_hub)[0] >= len(CONTENT)
