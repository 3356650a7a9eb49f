"""``hub-typed env``."""

from __future__ import annotations


def test_env_shows_settings_without_secrets(run, local_hub, setenv):
    setenv("HF_ENDPOINT", local_hub.endpoint.replace("://", "://ada:password@"))
    ended = run("env", "--json")
    assert ended.code == 0
    found = ended.json()
    assert found["token"] == "yes"
    assert "HF_TOKEN" in found["variables"]
    assert found["pygit2"]
    for output in (ended.out, run("env").out, run("env", terminal=True).out):
        assert local_hub.token not in output
        assert "password" not in output


def test_env_with_a_wrong_setting(run, monkeypatch):
    monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "soon")
    ended = run("env")
    assert ended.code == 2
    assert "HF_HUB_ETAG_TIMEOUT" in ended.error
