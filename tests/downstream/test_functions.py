"""Functions that other libraries use."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path

import pytest

from hub_typed import HFValidationError, cached_assets_path, repo_type_and_id_from_hf_id
from hub_typed.downstream import telemetry
from hub_typed.file_download import repo_folder_name
from hub_typed.logs.logger import log
from hub_typed.utils import (
    DEFAULT_IGNORE_PATTERNS,
    SoftTemporaryDirectory,
    WeakFileLock,
    chunk_iterable,
    dump_environment_info,
    experimental,
    filter_repo_objects,
    get_python_version,
    get_tf_version,
    get_token_to_send,
    insecure_hashlib,
    is_google_colab,
    is_notebook,
    is_package_available,
    logging as hub_logging,
    send_telemetry,
    tqdm,
    validate_hf_hub_args,
    validate_repo_id,
    yaml_dump,
)
from hub_typed.utils._validators import smoothly_deprecate_legacy_arguments


def test_a_folder_of_assets_is_created(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_ASSETS_CACHE", str(tmp_path))
    assert cached_assets_path("a lib", "owner/name") == (tmp_path / "a--lib" / "owner--name" / "default").resolve()
    assert cached_assets_path("lib", assets_dir=tmp_path / "x").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="a file is in the place of a folder"):
        cached_assets_path("file")
    with pytest.raises(ValueError, match="cannot be the name of a folder"):
        cached_assets_path("..")


def test_items_are_filtered_by_their_paths():
    assert list(filter_repo_objects(["a.bin", "b.txt", "c/d.bin"], allow_patterns="*.bin", ignore_patterns=["c/"])) == [
        "a.bin"
    ]
    assert list(filter_repo_objects([Path(".git/x"), Path("y")], ignore_patterns=DEFAULT_IGNORE_PATTERNS)) == [
        Path("y")
    ]
    assert list(filter_repo_objects([1, 22], allow_patterns="1*", key=str)) == [1]
    with pytest.raises(ValueError, match="pass key="):
        list(filter_repo_objects([1]))


def test_items_come_in_batches():
    assert [list(batch) for batch in chunk_iterable(range(5), 2)] == [[0, 1], [2, 3], [4]]
    with pytest.raises(ValueError, match="positive"):
        list(chunk_iterable([], 0))


def test_the_id_of_a_repository_is_checked():
    validate_repo_id(None)
    validate_repo_id("owner/name")
    with pytest.raises(HFValidationError):
        validate_repo_id("a/b/c")

    @validate_hf_hub_args
    def call(repo_id: str, *, other: int = 1, **more: object) -> tuple[object, ...]:
        return repo_id, other, more

    assert call("owner/name", other=2, x=3) == ("owner/name", 2, {"x": 3})
    for arguments in (("--bad",), ()):
        with pytest.raises(HFValidationError):
            call(*arguments, **({} if arguments else {"repo_id": "--bad"}))
    assert call.__name__ == "call"


def test_arguments_of_the_past_are_left_out_with_a_warning():
    with pytest.warns(UserWarning, match="'proxies' has no effect"):
        assert smoothly_deprecate_legacy_arguments("f", {"proxies": {}, "a": 1}) == {"a": 1}


def test_an_experimental_function_warns_unless_that_is_switched_off(monkeypatch):
    called = experimental(len)
    with pytest.warns(UserWarning, match="len is experimental"):
        assert called([1]) == 1
    monkeypatch.setenv("HF_HUB_DISABLE_EXPERIMENTAL_WARNING", "1")
    assert called([1]) == 1


def test_the_folder_of_a_repository_has_its_type_and_name():
    assert repo_folder_name(repo_id="owner/name", repo_type="dataset") == "datasets--owner--name"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://huggingface.co/datasets/o/n", ("dataset", "o", "n")),
        ("https://huggingface.co/o/n", (None, "o", "n")),
        ("hf://spaces/o/n", ("space", "o", "n")),
        ("o/n", (None, "o", "n")),
        ("gpt2", (None, None, "gpt2")),
    ],
)
def test_a_url_names_type_owner_and_name(text, expected):
    assert repo_type_and_id_from_hf_id(text) == expected


def test_versions_of_packages_are_told(capsys):
    assert get_python_version() == ".".join(map(str, sys.version_info[:3]))
    assert is_package_available("attrs")
    assert not is_package_available("no-such-package")
    assert get_tf_version() == "N/A"
    assert not is_google_colab()
    assert not is_notebook()
    assert dump_environment_info()["Python version"] in capsys.readouterr().out


def test_telemetry_is_sent_only_when_it_is_switched_on(monkeypatch, local_hub):
    def wait() -> None:
        for thread in threading.enumerate():
            if thread.name == "hub-typed-telemetry":
                thread.join()

    send_telemetry("lib/used")
    monkeypatch.setenv(telemetry.VARIABLE, "1")
    for name in ("HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "HF_HUB_OFFLINE"):
        with monkeypatch.context() as patched:
            patched.setenv(name, "1")
            send_telemetry("lib/used")
    wait()
    assert not local_hub.hub.requests
    send_telemetry("lib/used", library_name="lib")
    wait()
    (request,) = local_hub.hub.requests
    assert (request.method, request.path) == ("HEAD", "/api/telemetry/lib/used")


def test_the_token_to_send_is_that_of_the_argument(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_stored_token")
    assert get_token_to_send(None) == get_token_to_send(True) == "hf_stored_token"
    assert get_token_to_send(False) is None
    assert get_token_to_send("hf_other_token") == "hf_other_token"


def test_a_temporary_folder_is_removed(tmp_path):
    with SoftTemporaryDirectory(dir=tmp_path, prefix="a-") as folder:
        (folder / "x").touch()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_is_held_during_the_block(tmp_path):
    from filelock import FileLock, Timeout

    with WeakFileLock(tmp_path / "x.lock"):
        with pytest.raises(Timeout), WeakFileLock(tmp_path / "x.lock", timeout=0.01):
            pass
        with pytest.raises(Timeout):
            FileLock(tmp_path / "x.lock").acquire(timeout=0)
    with WeakFileLock(tmp_path / "x.lock", timeout=0.01):
        pass


def test_yaml_is_written_as_unicode():
    assert yaml_dump({"b": "ü", "a": [1]}, sort_keys=False) == "b: ü\na:\n- 1\n"


def test_hashes_are_those_of_the_standard_library():
    assert insecure_hashlib.sha256(b"x").hexdigest().startswith("2d711642")


def test_the_verbosity_is_that_of_the_logger(monkeypatch):
    monkeypatch.setattr(log, "level", log.level)
    hub_logging.set_verbosity_debug()
    assert hub_logging.get_verbosity() == logging.DEBUG
    hub_logging.set_verbosity(logging.NOTSET)
    assert hub_logging.get_logger() is log
    assert hub_logging.get_logger("mine").name == "mine"
    monkeypatch.setattr(log, "propagate", True)
    hub_logging.disable_propagation()
    assert not log.propagate
    hub_logging.enable_propagation()
    assert log.propagate


def test_a_bar_is_switched_off_by_its_name(monkeypatch):
    monkeypatch.delenv("HF_HUB_DISABLE_PROGRESS_BARS")
    from hub_typed import disable_progress_bars

    assert not tqdm([1], name="mine").disable
    with disable_progress_bars("mine"):
        assert tqdm([1], name="mine").disable
        assert list(tqdm([1, 2], name="mine")) == [1, 2]
