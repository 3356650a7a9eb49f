"""A Hub returns to saved states, whatever happened since."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from hub_typed import CommitOperationAdd, HfApi, RepositoryNotFoundError, operations
from hub_typed.local import LocalHub
from hub_typed.local.faults import Status
from hub_typed.local.server import running_calls
from hub_typed.local.server.app import Hub
from hub_typed.local.server.in_process import LocalTransport

LARGE = b"weights" * 10_000


@pytest.fixture
def hub():
    with LocalHub(xet=True) as hub:
        yield hub


@pytest.fixture
def api(hub):
    with HfApi(transport=hub.transport, token=hub.token) as api:
        api.create_repo("local-user/m")
        api.upload_file(path_or_fileobj=LARGE, path_in_repo="model.safetensors", repo_id="local-user/m")
        yield api


def content(root: Path) -> dict[str, bytes]:
    """All that is stored, but for what belongs to the running Hub."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.relative_to(root).parts[0] not in ("states", "hooks", ".lock")
    }


def test_everything_returns_to_what_it_was(hub, api, tmp_path):
    hub.add_organization("lab")
    api.create_tag("local-user/m", tag="v1")
    api.create_webhook(url="http://127.0.0.1:9/", watched=[{"type": "user", "name": "local-user"}])
    api.hf_hub_download("local-user/m", "model.safetensors", cache_dir=tmp_path)  # counted in place
    state, before = hub.save(), content(hub.root)

    api.upload_file(path_or_fileobj=b"other", path_in_repo="model.safetensors", repo_id="local-user/m")
    api.create_repo("lab/other", repo_type="dataset")
    api.delete_tag("local-user/m", tag="v1")
    api.create_discussion("local-user/m", title="a question")
    api.move_repo("local-user/m", "lab/m")
    api.hf_hub_download("lab/m", "model.safetensors", cache_dir=tmp_path)
    api.create_collection("one")
    stranger = hub.add_user("eve")
    hub.delete_token(hub.read_token)
    assert content(hub.root) != before
    hub.restore(state)

    assert content(hub.root) == before
    assert [one.name for one in api.list_repo_refs("local-user/m").tags] == ["v1"]
    assert (
        Path(api.hf_hub_download("local-user/m", "model.safetensors", cache_dir=tmp_path / "new")).read_bytes() == LARGE
    )
    assert len(api.list_webhooks()) == 1
    with pytest.raises(RepositoryNotFoundError):
        api.repo_info("lab/m")
    assert stranger not in [one.token for one in hub.hub.accounts.tokens_of("local-user")]
    assert [one.name for one in hub.hub.accounts.users()] == ["local-user"]


def test_a_deleted_repository_returns_with_its_large_files(hub, api, tmp_path):
    state = hub.save()
    api.delete_repo("local-user/m")
    hub.hub.lfs.remove(next(iter(api_oids(hub))))
    hub.restore(state)

    assert Path(api.hf_hub_download("local-user/m", "model.safetensors", cache_dir=tmp_path)).read_bytes() == LARGE


def api_oids(hub: LocalHub) -> list[str]:
    return [path.name for path in (hub.root / "lfs").rglob("*") if len(path.name) == 64]


def test_states_are_independent_and_can_be_restored_again_and_again(hub, api):
    first = hub.save()
    api.upload_file(path_or_fileobj=b"1", path_in_repo="one", repo_id="local-user/m")
    second = hub.save()
    for _ in range(2):
        hub.restore(first)
        assert not api.file_exists("local-user/m", "one")
        api.upload_file(path_or_fileobj=b"2", path_in_repo="two", repo_id="local-user/m")
        hub.restore(second)
        assert api.file_exists("local-user/m", "one")
        assert not api.file_exists("local-user/m", "two")


def test_faults_counts_and_settings_return(hub, api):
    hub.hub.page_size = 7
    state = hub.save()
    hub.hub.page_size, hub.hub.lfs.part_size, hub.hub.xet_tokens.lifetime = 1, 2, 3
    hub.hub.intercept = lambda _request: None
    hub.faults.add(Status(503))
    hub.restore(state)

    assert (hub.hub.page_size, hub.hub.lfs.part_size, hub.hub.xet_tokens.lifetime) == (7, 512 << 20, 900)
    assert (hub.faults.rules, hub.hub.intercept, hub.stats.snapshot().requests) == ([], None, {})


def test_a_push_is_undone(hub, api, tmp_path):
    state = hub.save()
    url = hub.endpoint.replace("http://", f"http://user:{hub.token}@") + "/local-user/m"
    folder = str(tmp_path / "clone")
    environment = os.environ | {"GIT_LFS_SKIP_SMUDGE": "1", "GIT_CONFIG_GLOBAL": os.devnull}

    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.test", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout

    git("clone", url, folder)
    git("-C", folder, "commit", "--allow-empty", "-m", "pushed")
    git("-C", folder, "push")
    assert "pushed" in [commit.title for commit in api.list_repo_commits("local-user/m")]
    hub.restore(state)

    assert "pushed" not in [commit.title for commit in api.list_repo_commits("local-user/m")]
    git("-C", folder, "push")
    assert "pushed" in [commit.title for commit in api.list_repo_commits("local-user/m")]


def test_a_state_of_another_hub_or_of_a_stopped_one_is_refused(hub, api):
    state = hub.save()
    with LocalHub() as other, pytest.raises(ValueError, match="not one of this embedded Hub"):
        other.restore(state)
    hub.stop()
    with pytest.raises(ValueError, match="the Hub was stopped"):
        hub.restore(state)


def test_states_of_a_killed_process_are_removed(tmp_path):
    (tmp_path / "states" / "1").mkdir(parents=True)
    with LocalHub(tmp_path) as hub:
        assert not (tmp_path / "states").exists()
        hub.save()
        assert (tmp_path / "states").exists()
    assert not (tmp_path / "states").exists()


def test_a_request_that_runs_ends_before_the_state_changes(hub, api):
    state = hub.save()
    began, goes_on = threading.Event(), threading.Event()

    def wait(_request):
        began.set()
        assert goes_on.wait(20)

    hub.hub.intercept = wait
    writer = threading.Thread(target=api.create_repo, args=("local-user/late",))
    writer.start()
    assert began.wait(20)
    restorer = threading.Thread(target=hub.restore, args=(state,))
    restorer.start()
    restorer.join(0.05)
    assert restorer.is_alive()
    goes_on.set()
    writer.join()
    restorer.join()

    assert [model.id for model in api.list_models()] == ["local-user/m"]


def test_a_request_without_an_end_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(running_calls, "TIMEOUT", 0.01)
    hub = Hub(tmp_path)
    caught: list[str] = []

    def save(_request):
        with pytest.raises(RuntimeError) as error:
            hub.save()
        caught.append(str(error.value))

    hub.intercept = save
    with HfApi(transport=LocalTransport(hub)) as api:
        api.call(operations.models.list_models())
        hub.intercept = None
        assert api.call(operations.models.list_models()) == []

    assert caught == [
        "The embedded Hub still handles GET /api/models after 0.01 s: wait for it, or close the client that sends it"
    ]
    assert hub.save()


def test_webhooks_of_the_time_between_are_not_delivered(hub, api):
    state = hub.save()
    webhooks = hub.hub.webhooks
    api.create_webhook(url="http://127.0.0.1:9/", watched=[{"type": "user", "name": "local-user"}])
    webhooks.queue.retry_delay = 0.01
    for number in range(3):
        api.create_commit("local-user/m", [CommitOperationAdd(f"file-{number}", b"")], commit_message="a commit")
    hub.restore(state)

    assert webhooks.queue.wait()
    assert {one.state for one in webhooks.deliveries} <= {"dropped", "failed"}
    assert (list(hub.hub.webhooks.deliveries), api.list_webhooks()) == ([], [])
    assert not (hub.root / "webhooks.json").exists()


def test_files_are_shared_with_a_state(hub, api):
    oid = api_oids(hub)[0]
    before = hub.hub.lfs.path(oid).stat()
    state = hub.save()
    assert hub.hub.lfs.path(oid).stat().st_nlink == before.st_nlink + 1
    hub.restore(state)
    assert hub.hub.lfs.path(oid).stat().st_ino == before.st_ino


def test_a_file_system_without_hard_links_gets_copies(hub, api, monkeypatch):
    def refuse(_source, _target):
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    before = content(hub.root)
    state = hub.save()
    api.delete_repo("local-user/m")
    hub.restore(state)
    assert content(hub.root) == before
