"""``hub-typed lfs-enable-largefiles`` and the protocol of ``lfs-multipart-upload``; `tests/git` has real pushes."""

from __future__ import annotations

import json
import subprocess
import sys


def test_it_configures_a_clone(run, tmp_path):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    assert run("lfs-enable-largefiles", tmp_path, "-q").out == f"{tmp_path}\n"
    assert run("lfs-enable-largefiles", tmp_path, "--json").json() == {"path": str(tmp_path)}
    settings = (tmp_path / ".git" / "config").read_text()
    assert f"path = {sys.executable}" in settings
    assert "args = -m hub_typed lfs-multipart-upload" in settings


def test_what_is_no_clone_is_refused(run, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    ended = run("lfs-enable-largefiles", tmp_path)
    assert ended.code == 1
    assert "not in a git directory" in ended.error
    assert run("lfs-enable-largefiles", tmp_path / "none").code == 3


def test_the_agent_answers_each_event(run, tmp_path):
    events = [
        {"event": "init", "operation": "upload"},
        {"event": "upload", "oid": "0" * 64, "size": 1, "path": str(tmp_path / "none"), "action": {"href": "http://x"}},
        {"event": "terminate"},
    ]
    ended = run("lfs-multipart-upload", typed="".join(f"{json.dumps(one)}\n" for one in events))
    answers = [json.loads(line) for line in ended.lines]
    assert (ended.code, ended.err, answers[0]) == (0, "", {})
    assert answers[1]["oid"] == "0" * 64
    assert "No such file" in answers[1]["error"]["message"]
    assert len(answers) == 2
