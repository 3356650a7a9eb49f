"""Local files of jobs: scripts and folders that are uploaded to a bucket, with both clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub_typed import Volume
from hub_typed.local import LocalHub
from tests.scenarios import Scenario, player

BUCKET = "local-user/jobs-artifacts"


@pytest.fixture(autouse=True)
def _xet_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`hf_xet` remembers for each storage, by its URL, what it has: a Hub of another test may have had the same one."""
    monkeypatch.setenv("HF_XET_CACHE", str(tmp_path / "xet"))


@pytest.fixture
def play(kind: str, tmp_path: Path) -> Iterator[Callable[[Scenario], None]]:
    """Plays a scenario, with Xet, over sockets: `hf_xet` needs a server."""
    with LocalHub(xet=True) as hub:
        yield player(hub, "socket", kind, cache_dir=str(tmp_path / "cache"), xet=True)


async def listed(api):
    return [one.path async for one in api.list_bucket_tree(BUCKET, recursive=True) if hasattr(one, "size")]


def test_local_files_of_a_script_are_mounted_in_the_job(play, tmp_path):
    async def scenario(side):
        for name in ("my train.py", "a/config.yaml", "b/config.yaml"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(name)
        script, *configs = (str(tmp_path / name) for name in ("my train.py", "a/config.yaml", "b/config.yaml"))
        extra = Volume(type="bucket", source=BUCKET, mount_path="/more")
        await side.api.create_bucket(BUCKET, private=True)
        job = await side.api.run_uv_job(script, script_args=[*configs, configs[0], "--fast"], volumes=[extra])
        names = ["/data/my_train.py", "/data/config.yaml", "/data/config(0).yaml", "/data/config.yaml"]
        assert job.command == ["uv", "run", *names, "--fast"]
        mounted = {one.mount_path: one for one in job.volumes}
        assert set(mounted) == {"/more", "/data"}
        volume = mounted["/data"]
        assert (volume.type, volume.source, volume.read_only) == ("bucket", BUCKET, False)
        files = ["config(0).yaml", "config.yaml", "my_train.py"]
        assert sorted(await listed(side.api)) == [f"{volume.path}/{name}" for name in files]
        assert job.labels["name"].startswith("my-train-")
        made = await side.api.create_scheduled_uv_job(script, schedule="@daily")
        assert made.job_spec.volumes[0].path != volume.path
        taken = Volume(type="bucket", source=BUCKET, mount_path="/data")
        with pytest.raises(ValueError, match="mount the other volume elsewhere"):
            await side.api.run_uv_job(script, volumes=[taken])

    play(scenario)


def test_a_local_folder_is_a_volume(play, tmp_path):
    async def scenario(side):
        folder = tmp_path / "my data"
        folder.mkdir()
        empty = await side.api.sync_job_volume(folder, "/out", read_only=False)
        assert (empty.type, empty.source, empty.mount_path, empty.read_only) == ("bucket", BUCKET, "/out", False)
        assert empty.path.startswith("my_data-")
        assert await listed(side.api) == [f"{empty.path}/.keep"]
        assert (await side.api.bucket_info(BUCKET)).private
        (folder / "a.txt").write_text("a")
        again = await side.api.sync_job_volume(str(folder), "/in", namespace=side.hub.user)
        assert (again.path, again.read_only) == (empty.path, True)
        named = await side.api.sync_job_volume(folder, "/in", remote_name="data")
        assert {f"{empty.path}/a.txt", "data/a.txt"} <= set(await listed(side.api))
        job = await side.api.run_job(image="python:3.12", command=["ls", "/in"], volumes=[named])
        assert job.volumes[0].path == "data"
        with pytest.raises(ValueError, match="is not absolute"):
            await side.api.sync_job_volume(folder, "in")
        with pytest.raises(ValueError, match="nowhere is no folder"):
            await side.api.sync_job_volume(tmp_path / "nowhere", "/in")

    play(scenario)


def test_a_public_bucket_of_jobs_is_warned_of(play, tmp_path):
    async def scenario(side):
        await side.api.create_bucket(BUCKET, private=False)
        (tmp_path / "a.txt").write_text("a")
        with pytest.warns(UserWarning, match=f"{BUCKET} is public"):
            await side.api.sync_job_volume(tmp_path, "/in")

    play(scenario)
