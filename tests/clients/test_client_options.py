"""Options of the client that functions have, and methods have not."""

from __future__ import annotations

import inspect

import pytest

import hub_typed
from hub_typed import HfApi
from hub_typed.clients import default
from hub_typed.local import LocalHub
from hub_typed_api.serve import Answer

OPTIONS = {"endpoint", "library_name", "library_version", "user_agent", "headers"}


@pytest.fixture
def repo(local_hub):
    hub_typed.create_repo("m")
    return f"{local_hub.user}/m"


@pytest.fixture
def seen(local_hub):
    """Requests that the Hub received."""
    requests = []

    def record(incoming) -> Answer | None:
        requests.append(incoming)
        return None

    local_hub.hub.intercept = record
    return requests


@pytest.mark.parametrize("name", ["hf_hub_download", "snapshot_download", "get_hf_file_metadata"])
def test_functions_have_them(name):
    assert set(inspect.signature(getattr(hub_typed, name)).parameters) >= OPTIONS
    assert not set(inspect.signature(getattr(HfApi, name)).parameters) & OPTIONS


def test_the_requests_carry_them(repo, seen):
    options = {"library_name": "lib", "library_version": "7", "user_agent": "more/1", "headers": {"x-own": "yes"}}
    hub_typed.hf_hub_download(repo, ".gitattributes", **options)
    hub_typed.snapshot_download(repo, **options, force_download=True)
    assert len(seen) >= 2
    for request in seen:
        assert request.headers["user-agent"].startswith("lib/7;")
        assert "more/1" in request.headers["user-agent"]
        assert request.headers["x-own"] == "yes"


def test_another_endpoint(local_hub, tmp_path):
    with LocalHub() as other:
        HfApi(other.endpoint, other.token).create_repo("only-there")
        name = f"{other.user}/only-there"
        path = hub_typed.hf_hub_download(
            name, ".gitattributes", endpoint=other.endpoint, token=other.token, cache_dir=tmp_path
        )
        assert path.startswith(str(tmp_path))


def test_clients_are_reused(repo, monkeypatch):
    monkeypatch.setattr(default, "MAX_CLIENTS", 2)
    for number in (1, 2, 3, 3, 2):
        hub_typed.hf_hub_download(repo, ".gitattributes", library_name=f"lib{number}")
    assert len(default._clients) == 2
    kept = list(default._clients.values())
    hub_typed.hf_hub_download(repo, ".gitattributes", library_name="lib3")
    assert set(map(id, default._clients.values())) == set(map(id, kept))
    hub_typed.hf_hub_download(repo, ".gitattributes")
    assert len(default._clients) == 2


def test_a_bar_of_the_caller(repo, tmp_path):
    made = []

    class Bar:
        n = 0

        def __init__(self, **given):
            made.append(given["desc"])

        def update(self, count):
            self.n += count

        def refresh(self):
            pass

        def close(self):
            pass

    hub_typed.hf_hub_download(repo, ".gitattributes", tqdm_class=Bar, cache_dir=tmp_path)
    assert made == [".gitattributes"]


def test_metadata_take_them_by_position(local_hub, repo, seen):
    names = list(inspect.signature(hub_typed.get_hf_file_metadata).parameters)
    assert names == [
        *("url", "token", "proxies", "timeout"),
        *("library_name", "library_version", "user_agent", "headers", "endpoint"),
    ]
    url = hub_typed.hf_hub_url(repo, ".gitattributes", endpoint=local_hub.endpoint)
    hub_typed.get_hf_file_metadata(url, local_hub.token, None, 5, "lib", "7", "more/1", {"x-own": "yes"})
    assert seen[-1].headers["user-agent"].startswith("lib/7;")
    assert (seen[-1].headers["x-own"], seen[-1].headers["authorization"]) == ("yes", f"Bearer {local_hub.token}")
