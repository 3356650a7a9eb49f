"""``python -m hub_typed.local``: what it prints, how it ends, and what it says if it cannot serve."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hub_typed import HfApi

MOST = 30.0
"""Seconds within which the command must end; it takes far less, unless the machine is busy."""


@contextmanager
def command(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command; it is killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hub_typed.local", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def exports(process: subprocess.Popen[str], count: int = 6) -> dict[str, str]:
    """Read the variables that the command prints once it serves."""
    assert process.stdout is not None
    lines = [process.stdout.readline().strip() for _ in range(count)]
    return {name: value for name, _, value in (line.removeprefix("export ").partition("=") for line in lines)}


def refused(*arguments: str) -> str:
    """Run the command, which cannot serve; return the line that it prints."""
    with command(*arguments) as process:
        output, errors = process.communicate(timeout=MOST)
    assert (process.returncode, output) == (1, ""), errors
    assert len(errors.splitlines()) == 1, errors
    return errors


def ends(process: subprocess.Popen[str], number: int) -> None:
    """The command ends quietly after a signal."""
    process.send_signal(number)
    output, errors = process.communicate(timeout=MOST)
    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_quietly(number):
    with command() as process:
        found = exports(process)
        assert found["HF_HUB_DISABLE_XET"] == "0"
        assert found["HF_INFERENCE_ENDPOINTS_ENDPOINT"] == found["HF_ENDPOINT"]
        api = HfApi(endpoint=found["HF_ENDPOINT"], token=found["HF_TOKEN"])
        assert api.whoami()["name"] == "local-user"
        ends(process, number)


def test_without_xet_it_says_so_to_the_official_client():
    with command("--no-xet") as process:
        assert exports(process)["HF_HUB_DISABLE_XET"] == "1"


def test_two_signals_end_it_quietly_as_well():
    with command() as process:
        exports(process)
        process.send_signal(signal.SIGINT)
        ends(process, signal.SIGTERM)


@pytest.mark.parametrize("what", ["download", "clone"])
def test_a_request_whose_client_does_not_read_is_cut_off(what):
    with command() as process:
        found = exports(process)
        api = HfApi(endpoint=found["HF_ENDPOINT"], token=found["HF_TOKEN"])
        api.create_repo("local-user/m")
        # Text that does not shrink when packed.
        text = os.urandom(4 << 20).hex().encode()
        sha = api.upload_file(path_or_fileobj=text, path_in_repo="x.txt", repo_id="local-user/m").oid
        host = found["HF_ENDPOINT"].removeprefix("http://")
        name, _, port = host.partition(":")
        with socket.create_connection((name, int(port))) as client:
            if what == "download":
                client.sendall(f"GET /local-user/m/resolve/main/x.txt HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            else:
                body = f"0032want {sha}\n00000009done\n"
                head = (
                    f"POST /local-user/m.git/git-upload-pack HTTP/1.1\r\nHost: {host}\r\n"
                    f"Content-Type: application/x-git-upload-pack-request\r\nContent-Length: {len(body)}\r\n\r\n"
                )
                client.sendall((head + body).encode())
            assert client.recv(12) == b"HTTP/1.1 200"
            start = time.monotonic()
            ends(process, signal.SIGTERM)
            assert time.monotonic() - start < MOST / 2


def test_a_taken_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused("--port", str(port))
    assert line.startswith(f"python -m hub_typed.local: port {port} of 127.0.0.1 is in use: ")
    assert "choose another --port" in line


def test_a_root_in_use_is_named(tmp_path):
    with command("--root", str(tmp_path / "hub")) as process:
        exports(process)
        assert f"Another embedded Hub uses the folder {tmp_path / 'hub'}" in refused("--root", str(tmp_path / "hub"))


def test_a_wrong_seed_file_is_one_line(tmp_path):
    file = tmp_path / "seed.yaml"
    file.write_text("users:\n- name: ada\n  tokens: laptop\n")
    line = refused("--seed", str(file), "--root", str(tmp_path / "hub"))
    assert line.startswith(f"python -m hub_typed.local: {file}:3: users[0].tokens: this must be a list")
    assert not (tmp_path / "hub").exists()


def test_the_tokens_of_a_seed_file_are_printed_and_stay(tmp_path):
    file = tmp_path / "seed.yaml"
    file.write_text("users:\n- name: ada\n  tokens: [{name: laptop}, {name: ci, role: read}]\n- name: bob\n")
    printed: list[list[str]] = []
    for _ in range(2):
        with command("--seed", str(file), "--root", str(tmp_path / "hub")) as process:
            found = exports(process)
            assert process.stdout is not None
            lines = [process.stdout.readline().strip() for _ in range(3)]
            printed.append(lines)
            tokens = [line.rpartition(" ")[2] for line in lines]
            assert found["HF_TOKEN"] == tokens[0]
            names = [HfApi(endpoint=found["HF_ENDPOINT"], token=token).whoami()["name"] for token in tokens]
            assert names == ["ada", "ada", "bob"]
            ends(process, signal.SIGTERM)
    assert printed[0] == printed[1]
    assert printed[0][1].startswith("# token of ada, 'ci', role read: hf_")


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_a_number_that_is_no_port_is_refused(port):
    with command(f"--port={port}") as process:
        _, errors = process.communicate(timeout=MOST)
    assert process.returncode == 2
    assert errors.splitlines()[-1].startswith("python -m hub_typed.local: error: argument --port: ")
