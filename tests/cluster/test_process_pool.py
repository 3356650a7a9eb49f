"""Downloads and uploads by a pool of processes."""

from __future__ import annotations

import os
import pickle
import signal
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from hub_typed import HfApi, HfHubHTTPError, LocalEntryNotFoundError, cluster
from hub_typed.cluster.worker_client import worker_client
from hub_typed.flows.xet.uploads import XetCommit
from tests.cluster.conftest import FILES, LARGE, commits, contents, stored

pytestmark = pytest.mark.usefixtures("small_batches")


@pytest.fixture
def repo_id(hub_repo) -> str:
    return hub_repo(FILES).repo_id


def test_workers_fill_a_cache_with_each_content_once(local_hub, repo_id, pool, tmp_path):
    before = local_hub.stats.snapshot()
    root = Path(cluster.snapshot_download(pool, repo_id, cache_dir=tmp_path / "cache"))
    assert contents(root) == FILES
    sent = (local_hub.stats.snapshot() - before).requests
    assert sent["storage.download"] == len(LARGE)
    assert sent["tree.list_repo_tree"] == 1

    before = local_hub.stats.snapshot()
    assert Path(cluster.snapshot_download(pool, repo_id, cache_dir=tmp_path / "cache")) == root
    assert sum((local_hub.stats.snapshot() - before).requests.values()) == 1
    with HfApi() as api:
        assert api.snapshot_download(repo_id, cache_dir=tmp_path / "cache", local_files_only=True) == str(root)


def test_only_files_that_match_are_downloaded(repo_id, pool, tmp_path):
    root = cluster.snapshot_download(
        pool, repo_id, cache_dir=tmp_path, allow_patterns="weights/*", ignore_patterns="*/same.bin"
    )
    assert contents(Path(root)) == LARGE


def test_after_a_killed_worker_another_pool_downloads_the_rest(local_hub, repo_id, pool, tmp_path, held, until):
    asked = held.begin("/_storage/", 4)
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(cluster.snapshot_download, pool, repo_id, cache_dir=tmp_path / "cache")
        until(lambda: len(asked) >= 4)
        os.kill(next(iter(pool._processes)), signal.SIGKILL)
        with pytest.raises(BrokenProcessPool):
            done.result()
    held.end()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as other:
        root = cluster.snapshot_download(other, repo_id, cache_dir=tmp_path / "cache")
    assert contents(Path(root)) == FILES


def test_workers_that_do_not_share_the_cache_are_found_out(repo_id, tmp_path):
    class Elsewhere:
        """Does nothing."""

        def submit(self, fn, /, *args, **kwargs):
            future: Future[None] = Future()
            future.set_result(None)
            return future

    with pytest.raises(LocalEntryNotFoundError, match=r"files of .* are missing .* all workers share"):
        cluster.snapshot_download(Elsewhere(), repo_id, cache_dir=tmp_path)


def test_the_representation_of_a_task_has_no_secrets(local_hub, repo_id, tmp_path):
    token = local_hub.token

    class Recorded(ThreadPoolExecutor):
        """Keeps what it was given."""

        def submit(self, fn, /, *args, **kwargs):
            tasks.append((fn, args))
            return super().submit(fn, *args, **kwargs)

    tasks: list[tuple[object, object]] = []
    client = HfApi(token=token, headers={"X-Key": "hidden"})
    with Recorded(1) as executor:
        cluster.snapshot_download(executor, repo_id, cache_dir=tmp_path, client=client, send_token=True)
    assert tasks
    assert token not in repr(tasks)
    assert "hidden" not in repr(tasks)
    assert token.encode() in pickle.dumps(tasks)


def test_an_error_of_a_worker_is_raised_and_batches_that_have_not_begun_are_cancelled(repo_id, tmp_path):
    class Failing:
        """Fails with the first task, and begins no other."""

        def __init__(self) -> None:
            self.futures: list[Future[None]] = []

        def submit(self, fn, /, *args, **kwargs):
            self.futures.append(Future())
            if len(self.futures) == 1:
                self.futures[0].set_exception(OSError("no disk"))
            return self.futures[-1]

    executor = Failing()
    with pytest.raises(OSError, match="no disk"):
        cluster.snapshot_download(executor, repo_id, cache_dir=tmp_path)
    assert len(executor.futures) > 2
    assert all(future.cancelled() for future in executor.futures[1:])


def test_batches_wait_for_the_allowance(repo_id, tmp_path):
    class Timed(ThreadPoolExecutor):
        """Notes when it was given a task."""

        def submit(self, fn, /, *args, **kwargs):
            begun.append(time.monotonic())
            return super().submit(fn, *args, **kwargs)

    begun: list[float] = []
    allowance = cluster.Allowance(requests=10, window=0.02)
    with Timed(2) as executor:
        root = cluster.snapshot_download(executor, repo_id, cache_dir=tmp_path, allowance=allowance)
    assert contents(Path(root)) == FILES
    assert len(begun) >= 10
    assert all(later - sooner >= 0.02 for sooner, later in zip(begun, begun[2:], strict=False))


def test_the_token_is_pickled_only_if_it_is_to_be_sent(local_hub):
    client = HfApi(token=local_hub.token, headers={"X-Key": "hidden"})
    kept = pickle.dumps(worker_client(client, send_token=False))
    assert local_hub.token.encode() not in kept
    assert b"hidden" not in kept
    sent = pickle.dumps(worker_client(client, send_token=True))
    assert local_hub.token.encode() in sent
    assert worker_client(HfApi(token=False), send_token=False).token is False


def test_workers_without_a_token_fail_with_the_answer_of_the_hub(local_hub, hub_repo, pool, tmp_path, monkeypatch):
    repo_id = hub_repo(FILES, private=True).repo_id
    client = HfApi(token=local_hub.token)
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(HfHubHTTPError) as caught:
        cluster.snapshot_download(pool, repo_id, cache_dir=tmp_path / "a", client=client)
    assert local_hub.token not in repr(caught.value) + str(caught.value)
    root = cluster.snapshot_download(pool, repo_id, cache_dir=tmp_path / "b", client=client, send_token=True)
    assert contents(Path(root)) == FILES


def test_workers_upload_each_content_and_the_caller_commits(local_hub, folder, pool, tmp_path):
    repo_id = f"{local_hub.user}/large"
    cluster.upload_folder(pool, repo_id, folder, repo_type="model")
    assert len(set(stored(local_hub))) == len(LARGE)
    with HfApi() as api:
        assert contents(Path(api.snapshot_download(repo_id, cache_dir=tmp_path / "cache"))) == FILES
    before = commits(local_hub), len(stored(local_hub))
    cluster.upload_folder(pool, repo_id, folder, repo_type="model")
    assert (commits(local_hub), len(stored(local_hub))) == before


def test_the_caller_does_not_read_what_workers_have_uploaded_to_xet(xet_hub, folder, tmp_path, monkeypatch):
    monkeypatch.delenv("HF_HUB_DISABLE_XET", raising=False)
    repo_id = f"{xet_hub.user}/large"
    read: list[str] = []

    with ThreadPoolExecutor(2) as threads:
        send = XetCommit.send

        async def counted(self, path, content, sha256):
            read.append(path)
            return await send(self, path, content, sha256)

        monkeypatch.setattr(XetCommit, "send", counted)
        cluster.upload_folder(threads, repo_id, folder, repo_type="model")
    assert sorted(read) == sorted(LARGE | {"weights/same.bin": b""})
    with HfApi() as api:
        assert contents(Path(api.snapshot_download(repo_id, cache_dir=tmp_path / "cache"))) == FILES


def test_after_a_killed_worker_another_pool_uploads_the_rest(local_hub, folder, pool, tmp_path, held, until):
    repo_id = f"{local_hub.user}/large"
    asked = held.begin("/_storage/", 4)
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(cluster.upload_folder, pool, repo_id, folder, repo_type="model")
        until(lambda: len(asked) >= 4)
        os.kill(next(iter(pool._processes)), signal.SIGKILL)
        with pytest.raises(BrokenProcessPool):
            done.result()
    assert commits(local_hub) == 0
    held.end()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as other:
        cluster.upload_folder(other, repo_id, folder, repo_type="model")
    with HfApi() as api:
        assert contents(Path(api.snapshot_download(repo_id, cache_dir=tmp_path / "cache"))) == FILES
        assert len(api.list_repo_commits(repo_id)) == 1 + commits(local_hub)
