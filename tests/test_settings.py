"""Settings of a client, read from the environment."""

from __future__ import annotations

import os

import attrs
import pytest

from hub_typed.errors import SettingsError
from hub_typed.settings import DEFAULT_ENDPOINT, Settings


def read(**environ):
    return Settings.from_environment({"HOME": os.environ["HOME"], **environ})


def test_an_empty_environment_gives_the_published_defaults():
    found = read()
    assert found.endpoint == DEFAULT_ENDPOINT == "https://huggingface.co"
    assert (found.connect_timeout, found.read_timeout, found.etag_timeout, found.download_timeout) == (10, 30, 10, 10)
    assert (found.attempts, found.backoff, found.longest_backoff, found.longest_wait) == (5, 0.5, 20, 300)
    assert (found.implicit_token, found.offline, found.symlinks, found.progress) == (True, False, True, None)
    assert (found.proxies, found.no_proxy, found.ca_bundle) == (None, "", None)


@pytest.mark.parametrize(
    ("environ", "name", "value"),
    [
        ({"HF_ENDPOINT": "https://mirror.test/hf/"}, "endpoint", "https://mirror.test/hf"),
        ({"HF_ENDPOINT": ""}, "endpoint", DEFAULT_ENDPOINT),
        ({"HF_HOME": "/h"}, "cache_dir", "/h/hub"),
        ({"HF_HOME": "/h"}, "token_path", "/h/token"),
        ({"XDG_CACHE_HOME": "/x"}, "cache_dir", "/x/huggingface/hub"),
        ({"XDG_CACHE_HOME": "/x", "HF_HOME": "/h"}, "cache_dir", "/h/hub"),
        ({"HF_HOME": "/h", "HF_HUB_CACHE": "/c"}, "cache_dir", "/c"),
        ({"HUGGINGFACE_HUB_CACHE": "/old"}, "cache_dir", "/old"),
        ({"HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "/c"}, "cache_dir", "/c"),
        ({"HF_HOME": "/h", "HF_TOKEN_PATH": "/t"}, "token_path", "/t"),
        ({"HF_HUB_OFFLINE": "1"}, "offline", True),
        ({"TRANSFORMERS_OFFLINE": "yes"}, "offline", True),
        ({"HF_HUB_OFFLINE": "0"}, "offline", False),
        ({"HF_HUB_DISABLE_IMPLICIT_TOKEN": "TRUE"}, "implicit_token", False),
        ({"HF_HUB_DISABLE_SYMLINKS": "on"}, "symlinks", False),
        ({"HF_HUB_DISABLE_PROGRESS_BARS": "1"}, "progress", False),
        ({"HF_HUB_DISABLE_PROGRESS_BARS": "0"}, "progress", True),
        ({"HF_HUB_ETAG_TIMEOUT": "3.5"}, "etag_timeout", 3.5),
        ({"HF_HUB_DOWNLOAD_TIMEOUT": "60"}, "download_timeout", 60),
        ({"HUB_TYPED_MAX_DOWNLOAD_RATE": "2.5e6"}, "max_download_rate", 2_500_000),
        ({"HUB_TYPED_MAX_DOWNLOAD_RATE": ""}, "max_download_rate", None),
        ({"HUB_TYPED_MAX_UPLOAD_RATE": "1000"}, "max_upload_rate", 1000),
        ({"REQUESTS_CA_BUNDLE": "/r.pem", "SSL_CERT_FILE": "/s.pem"}, "ca_bundle", "/r.pem"),
        ({"SSL_CERT_FILE": "/s.pem"}, "ca_bundle", "/s.pem"),
        ({"NO_PROXY": "a.test"}, "no_proxy", "a.test"),
        ({"NO_PROXY": "a.test", "no_proxy": "b.test"}, "no_proxy", "b.test"),
        ({"NO_PROXY": "a.test", "no_proxy": ""}, "no_proxy", ""),
        ({"HTTPS_PROXY": "http://p:1"}, "proxies", {"https": "http://p:1"}),
        ({"http_proxy": "a", "HTTP_PROXY": "b", "ALL_PROXY": "c"}, "proxies", {"http": "a", "all": "c"}),
        ({"http_proxy": "", "HTTP_PROXY": "b", "HTTPS_PROXY": "c"}, "proxies", {"https": "c"}),
        ({"all_proxy": "", "ALL_PROXY": "b"}, "proxies", None),
    ],
)
def test_a_variable_decides_its_setting(environ, name, value):
    assert getattr(read(**environ), name) == value


@pytest.mark.parametrize("text", ["1", "on", "ON", "yes", "true", "True"])
def test_what_counts_as_true(text):
    assert read(HF_HUB_OFFLINE=text).offline


@pytest.mark.parametrize("text", ["", "0", "off", "no", "false", "2", "y"])
def test_all_else_counts_as_false(text):
    assert not read(HF_HUB_OFFLINE=text).offline


def test_home_and_variables_in_a_path_are_filled_in(monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("DISK", "/mnt/disk")
    assert read(HF_HOME="~/hf").cache_dir == "/home/somebody/hf/hub"
    assert read(HF_HUB_CACHE="$DISK/cache").cache_dir == "/mnt/disk/cache"
    assert read().cache_dir == "/home/somebody/.cache/huggingface/hub"


@pytest.mark.parametrize("name", ["HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT"])
def test_a_time_out_that_is_no_number_is_told_with_its_variable(name):
    with pytest.raises(ValueError, match=f"{name}.*'soon'"):
        read(**{name: "soon"})


@pytest.mark.parametrize("text", ["0", "-1", "10MB", "nan", "inf", "-inf"])
@pytest.mark.parametrize("kind", ["download", "upload"])
def test_a_rate_that_is_no_positive_number_is_told_with_its_variable(text, kind):
    variable = f"HUB_TYPED_MAX_{kind.upper()}_RATE"
    with pytest.raises(ValueError, match=f"'{text}'.*{variable}"):
        read(**{variable: text})
    with pytest.raises(ValueError, match=f"max_{kind}_rate"):
        Settings(**{f"max_{kind}_rate": 0})


def test_the_environment_is_read_when_settings_are_made(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "https://one.test")
    first = Settings.from_environment()
    monkeypatch.setenv("HF_ENDPOINT", "https://two.test")
    assert (first.endpoint, Settings.from_environment().endpoint) == ("https://one.test", "https://two.test")
    assert Settings().endpoint == DEFAULT_ENDPOINT


def test_settings_are_values():
    settings = Settings(endpoint="https://a.test/")
    assert settings == Settings(endpoint="https://a.test")
    assert attrs.evolve(settings, attempts=1) != settings
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        settings.attempts = 1


@pytest.mark.parametrize("text", [" https://hub.test", "https://hub.test\n", "\t https://hub.test/ "])
def test_blanks_around_an_endpoint_are_removed(text):
    assert Settings(endpoint=text).endpoint == "https://hub.test"
    assert Settings.from_environment({"HF_ENDPOINT": text}).endpoint == "https://hub.test"


def test_trusted_certificates_are_found_as_requests_and_curl_find_them():
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    environ = {name: f"/{name}" for name in names}
    for name in names:
        assert Settings.from_environment(environ).ca_bundle == f"/{name}"
        del environ[name]
    assert Settings.from_environment(environ).ca_bundle is None


@pytest.mark.parametrize("concurrency", [0, -1])
def test_the_concurrency_is_at_least_1(concurrency):
    with pytest.raises(SettingsError, match=rf"concurrency is {concurrency}: pass at least 1"):
        Settings(concurrency=concurrency)


@pytest.mark.parametrize("name", ["connect_timeout", "read_timeout", "write_timeout", "answer_timeout"])
@pytest.mark.parametrize("value", [0, -1, "3", None, True])
def test_timeouts_are_positive_numbers(name, value):
    with pytest.raises(SettingsError, match=rf"{name} is {value!r}: pass a positive number of seconds"):
        Settings(**{name: value})
    assert getattr(Settings(**{name: 0.5}), name) == 0.5
