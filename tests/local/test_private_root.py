"""Only one user may read the files of the Hub."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub
from hub_typed.local.json_files import make_private, write_json


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_root_is_private(tmp_path):
    with LocalHub(tmp_path / "a" / "hub") as hub:
        assert hub.token
        assert mode(tmp_path / "a" / "hub") == 0o700
        assert mode(tmp_path / "a" / "hub" / "accounts.json") == 0o600
        assert mode(tmp_path / "a" / "hub" / "secret.json") == 0o600


@pytest.mark.parametrize("before", [0o755, 0o777, 0o750, 0o701])
def test_a_root_that_others_can_look_into_is_closed(tmp_path, before):
    root = tmp_path / "hub"
    root.mkdir()
    root.chmod(before)
    with LocalHub(root):
        assert mode(root) == 0o700


def test_a_root_without_a_name_is_private():
    with LocalHub() as hub:
        assert mode(hub.root) == 0o700


def test_a_folder_of_everybody_is_no_root(tmp_path):
    root = tmp_path / "tmp"
    root.mkdir()
    root.chmod(0o1777)
    with pytest.raises(PermissionError, match="choose a new one"):
        LocalHub(root)
    assert mode(root) == 0o1777


def test_a_folder_of_somebody_else_is_no_root(tmp_path, monkeypatch):
    root = tmp_path / "theirs"
    root.mkdir()
    root.chmod(0o777)
    monkeypatch.setattr(os, "geteuid", lambda: root.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="choose a new one"):
        LocalHub(root)
    root.chmod(0o700)
    make_private(root)  # nobody else can look into it


def test_all_that_the_command_writes_is_private(tmp_path):
    root = tmp_path / "hub"
    command = [sys.executable, "-m", "hub_typed.local", "--root", str(root), "--host", "hub.example"]
    previous = os.umask(0o022)
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    finally:
        os.umask(previous)
    assert process.stdout is not None
    with process:
        try:
            endpoint, token = (process.stdout.readline().strip().partition("=")[2] for _ in range(2))
            api = HfApi(endpoint=endpoint, token=token)
            api.create_repo("local-user/m")
            api.upload_file(path_or_fileobj=b"x\0", path_in_repo="x.bin", repo_id="local-user/m")
        finally:
            process.terminate()
    every = [Path(folder) / name for folder, folders, files in os.walk(root) for name in (*folders, *files)]
    assert len(every) > 20
    assert [path for path in every if path.name != "pre-receive" and mode(path) & 0o077] == []


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        write_json(tmp_path / "x.json", {"a": object()})
    assert list(tmp_path.iterdir()) == []
