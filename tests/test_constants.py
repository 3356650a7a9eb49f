"""Constants of the reference, and assignments to them."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from hub_typed import HfApi, OfflineModeIsEnabled, Settings, constants, model_info, settings

SWITCHES = [
    ("HF_HUB_OFFLINE", lambda found: found.offline),
    ("HF_HUB_DISABLE_SYMLINKS", lambda found: not found.symlinks),
    ("HF_HUB_DISABLE_IMPLICIT_TOKEN", lambda found: not found.implicit_token),
    ("HF_HUB_DISABLE_XET", lambda found: not found.xet),
]


@pytest.fixture(autouse=True)
def _nothing_stays_assigned():
    yield
    assert settings._assigned == {}


@pytest.mark.parametrize("name", constants.__all__)
def test_every_constant_has_a_value(name):
    assert name in dir(constants)
    getattr(constants, name)


def test_a_name_that_is_none_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'HF_NOTHING'"):
        constants.HF_NOTHING  # noqa: B018


def test_folders_follow_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert str(tmp_path) == constants.HF_HOME
    assert str(tmp_path / "hub") == constants.HF_HUB_CACHE == constants.HUGGINGFACE_HUB_CACHE
    assert str(tmp_path / "assets") == constants.HF_ASSETS_CACHE
    assert str(tmp_path / "token") == constants.HF_TOKEN_PATH
    monkeypatch.setenv("HF_ASSETS_CACHE", "~/assets")
    assert not constants.HF_ASSETS_CACHE.startswith("~")


@pytest.mark.parametrize(("name", "setting"), SWITCHES)
def test_a_switch_is_that_of_the_settings(monkeypatch, name, setting):
    for value, expected in (("1", True), ("0", False)):
        monkeypatch.setenv(name, value)
        assert getattr(constants, name) is expected
        assert setting(Settings.from_environment()) is expected


@pytest.mark.parametrize(("name", "setting"), SWITCHES)
@pytest.mark.parametrize("value", [True, False])
def test_an_assignment_takes_the_place_of_the_variable(monkeypatch, name, setting, value):
    monkeypatch.setenv(name, "0" if value else "1")
    with patch.object(constants, name, value):
        assert getattr(constants, name) is value
        assert setting(Settings.from_environment()) is value
        assert setting(HfApi().settings) is value
    assert getattr(constants, name) is not value


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        ("ENDPOINT", "https://other.test", "endpoint"),
        ("HF_HUB_CACHE", "/elsewhere", "cache_dir"),
        ("HF_TOKEN_PATH", "/elsewhere/token", "token_path"),
        ("HF_HUB_ETAG_TIMEOUT", 2.5, "etag_timeout"),
    ],
)
def test_an_assigned_value_is_that_of_the_settings(name, value, setting):
    with patch.object(constants, name, value):
        assert getattr(constants, name) == value == getattr(Settings.from_environment(), setting)


def test_functions_of_the_package_heed_an_assignment():
    with patch.object(constants, "HF_HUB_OFFLINE", True), pytest.raises(OfflineModeIsEnabled):
        model_info("owner/name")


def test_offline_off_takes_precedence_over_the_variable_of_transformers(monkeypatch):
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
    assert constants.is_offline_mode()
    with patch.object(constants, "HF_HUB_OFFLINE", False):
        assert not constants.is_offline_mode()


def test_monkeypatch_leaves_nothing_behind(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("hub_typed.constants.HF_HUB_OFFLINE", True)
        assert constants.is_offline_mode()
    assert settings._assigned == {}
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert constants.HF_HUB_OFFLINE


def test_a_constant_that_no_setting_has_can_be_assigned_too(monkeypatch):
    with patch.object(constants, "HUGGINGFACE_CO_URL_TEMPLATE", "there/{repo_id}"):
        assert constants.HUGGINGFACE_CO_URL_TEMPLATE == "there/{repo_id}"
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.test")
    assert constants.HUGGINGFACE_CO_URL_TEMPLATE.startswith("https://hub.test/{repo_id}/")
