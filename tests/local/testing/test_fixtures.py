"""Repositories, users, environment and network of the fixtures."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from hub_typed import GatedRepoError, HfApi, HfHubHTTPError, RepositoryNotFoundError, hf_hub_download
from hub_typed.local import LocalHub
from hub_typed.local.testing import HubBucketFactory, HubRepoFactory, NetworkRefusedError, hub_environment


def test_a_repository_is_made_from_text_bytes_and_files(hub_api, hub_repo, local_hub, tmp_path):
    (tmp_path / "weights").write_bytes(b"\0" * 1000)
    repo = hub_repo(
        {"README.md": "grüße", "data/a.bin": b"\0\1", "model.safetensors": tmp_path / "weights"},
        repo_type="dataset",
        name="named",
        private=True,
    )

    assert (repo.repo_id, repo.repo_type) == ("local-user/named", "dataset")
    assert repo.url == f"{local_hub.endpoint}/datasets/local-user/named"
    assert repo.commit == hub_api.dataset_info(repo.repo_id).sha
    assert hub_api.dataset_info(repo.repo_id).private
    files = {".gitattributes", "README.md", "data/a.bin", "model.safetensors"}
    assert set(hub_api.list_repo_files(repo.repo_id, repo_type="dataset")) == files
    path = hub_api.hf_hub_download(repo.repo_id, "README.md", repo_type="dataset")
    assert Path(path).read_text(encoding="utf-8") == "grüße"
    assert local_hub.token not in repr(repo)


def test_a_path_of_a_file_and_of_a_folder_is_refused_before_anything_is_created(hub_api, hub_repo):
    with pytest.raises(ValueError, match="a/b cannot be a file and a folder"):
        hub_repo({"a/b": "1", "a/b/c/d": "2"})
    assert list(hub_api.list_models(author="local-user")) == []


def test_a_bucket_is_made_from_text_bytes_and_files(hub_bucket, xet_hub, tmp_path):
    (tmp_path / "table.csv").write_bytes(b"1,2")

    bucket = hub_bucket({"a/text": "text", "empty": b"", "table.csv": tmp_path / "table.csv"}, name="b", private=True)

    assert (bucket.bucket_id, bucket.url) == ("local-user/b", f"{xet_hub.endpoint}/buckets/local-user/b")
    found = xet_hub.hub.buckets.find("local-user/b")
    assert found.facts.private
    assert {path: (file.size, file.content_type) for path, file in found.files.all().items()} == {
        "a/text": (4, None),
        "empty": (0, None),
        "table.csv": (3, "text/csv"),
    }
    for path, content in (("a/text", b"text"), ("empty", b""), ("table.csv", b"1,2")):
        asked = Request(f"{bucket.url}/resolve/{path}")
        asked.add_unredirected_header("Authorization", f"Bearer {xet_hub.token}")
        with urlopen(asked) as answer:
            assert answer.read() == content


def test_buckets_belong_to_any_user_or_organization(hub_bucket, hub_users):
    assert hub_bucket(owner=hub_users.organization).bucket_id == "local-org/bucket-1"
    assert hub_bucket(owner="new").bucket_id == "new/bucket-2"


def test_a_hub_without_xet_has_no_files_in_buckets(local_hub):
    with pytest.raises(ValueError, match="xet_hub"):
        HubBucketFactory(local_hub)({"a": "b"})


def test_repositories_without_a_name_are_numbered(hub_repo):
    assert [hub_repo().repo_id for _ in range(2)] == ["local-user/repo-1", "local-user/repo-2"]


def test_repositories_belong_to_any_user_or_organization(hub_api, hub_repo, hub_users, local_hub):
    assert hub_repo({"a": "b"}, owner=hub_users.organization).repo_id == "local-org/repo-1"
    assert hub_repo(owner=hub_users.outsider.name).repo_id == "local-outsider/repo-2"
    assert hub_repo(owner="new", repo_type="space").repo_id == "new/repo-3"
    assert hub_api.space_info("new/repo-3").sdk == "static"
    local_hub.add_organization("headless", {"eve": "read"})
    with pytest.raises(ValueError, match="headless has no admin"):
        hub_repo(owner="headless")
    with pytest.raises(HfHubHTTPError, match="409"):
        hub_repo(name="repo-1", owner=hub_users.organization)


def test_a_repository_can_be_cloned_with_git(hub_repo, tmp_path):
    repo = hub_repo({"README.md": "# A model"}, private=True)
    subprocess.run(["git", "clone", "--quiet", repo.git_url, str(tmp_path / "clone")], check=True)
    assert (tmp_path / "clone" / "README.md").read_text() == "# A model"


def test_users_have_different_permissions(hub_repo, hub_users, local_hub):
    repo = hub_repo(owner=hub_users.organization, private=True)
    gated = hub_repo({"a": "b"}, owner=hub_users.organization, gated="manual")

    def api(token: str) -> HfApi:
        return HfApi(token=token)

    api(hub_users.owner.token).update_repo_settings(repo.repo_id, private=True)
    api(hub_users.member.token).upload_file(path_or_fileobj=b"1", path_in_repo="a", repo_id=repo.repo_id)
    for token in (hub_users.reader.token, hub_users.member.read_token):
        assert api(token).file_exists(repo.repo_id, "a")
        with pytest.raises(HfHubHTTPError, match="403"):
            api(token).upload_file(path_or_fileobj=b"2", path_in_repo="a", repo_id=repo.repo_id)
    with pytest.raises(RepositoryNotFoundError):
        api(hub_users.outsider.token).model_info(repo.repo_id)
    with pytest.raises(GatedRepoError):
        api(hub_users.outsider.token).hf_hub_download(gated.repo_id, "a")
    assert hub_users.owner.name == local_hub.user
    assert hub_users.owner.token not in repr(hub_users)


def test_the_fixtures_follow_xet_hub(xet_hub, hub_api, hub_repo, hub_users):
    repo = hub_repo({"model.safetensors": b"weights" * 100_000})
    assert Path(hub_api.hf_hub_download(repo.repo_id, "model.safetensors")).read_bytes() == b"weights" * 100_000
    assert repo.url.startswith(xet_hub.endpoint)
    assert os.environ["HF_HUB_DISABLE_XET"] == "0"


def test_the_environment_leads_to_the_hub_and_returns(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_TOKEN", "hf_before")
    monkeypatch.setenv("HF_HUB_CACHE", "/nowhere")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("NO_PROXY", "example.org")
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    before = dict(os.environ)
    with LocalHub(xet=False) as hub:
        HubRepoFactory(hub)({"README.md": "# A model"}, name="m")
        with hub_environment(hub, tmp_path):
            path = hf_hub_download("local-user/m", "README.md")
            assert Path(path).is_relative_to(tmp_path / "hub")
            script = "import hub_typed; print(hub_typed.whoami()['name'])"
            child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
            assert child.stdout == "local-user\n"
            assert os.environ["NO_PROXY"] == "example.org,127.0.0.1,localhost"
        assert dict(os.environ) == before
        with hub_environment(hub, token=hub.read_token):
            home = Path(os.environ["HF_HOME"])
            assert HfApi().whoami()["auth"]["accessToken"]["role"] == "read"
        assert not home.exists()


def test_without_proxies_the_environment_names_none(local_hub):
    assert "NO_PROXY" not in os.environ


def test_other_machines_are_refused(local_hub, loopback_only, hub_api):
    assert hub_api.whoami()["name"] == "local-user"
    for address in (("192.0.2.1", 80), ("example.org", 80)):
        with pytest.raises(NetworkRefusedError, match=address[0]), socket.socket() as one:
            one.connect(address)
        with pytest.raises(NetworkRefusedError), socket.socket() as one:
            one.connect_ex(address)
    with pytest.raises(NetworkRefusedError):
        socket.create_connection(("huggingface.co", 443))
    with pytest.raises(NetworkRefusedError, match=r"huggingface\.co"):
        HfApi(endpoint="https://huggingface.co").model_info("gpt2")
    first, second = socket.socketpair()
    first.close(), second.close()
