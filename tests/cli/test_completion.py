"""``hub-typed completion``."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_names_the_commands(run, shell):
    ended = run("completion", shell)
    assert (ended.code, ended.err) == (0, "")
    assert "whoami" in ended.out
    assert "--repo-type" in ended.out


def test_bash_reads_the_script(run, tmp_path):
    (tmp_path / "completion").write_text(run("completion", "bash").out)
    subprocess.run([shutil.which("bash") or "bash", "-n", tmp_path / "completion"], check=True)


def test_it_is_installed_at_home(run, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    path = Path(run("completion", "bash", "--install", "-q").out.strip())
    assert path.is_relative_to(tmp_path)
    assert "whoami" in path.read_text()


def test_an_unknown_shell(run):
    ended = run("completion", "csh")
    assert ended.code == 2
    assert '"bash"' in ended.error
