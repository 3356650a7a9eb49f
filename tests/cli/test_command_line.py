"""What holds for all commands: start, help, exit codes, signals and pipes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

import hub_typed.cli.commands
from hub_typed.cli.app import create_app
from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError, describe_failure, exit_code
from hub_typed.errors import (
    CertificateError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HubResponse,
    HubTimeoutError,
    LocalEntryNotFoundError,
    ProtocolError,
    RepositoryNotFoundError,
)
from hub_typed.version import version

SECONDS_TO_START = 0.15
RUNS = 30
USUAL = 0.009
"""Seconds that the loop below takes on the machine that the time is for, when nothing else runs there."""
TIMED = """
import sys
from time import process_time
from hub_typed.__main__ import main
sys.argv = ["hub-typed", "--version"]
assert main() == 0
ended = process_time()
for _ in range(300_000):
    pass
print(ended, process_time() - ended)
"""


def commands() -> list[tuple[str, ...]]:
    """The names of all commands."""

    def below(app, path):
        for name, one in app.resolved_commands().items():
            if not name.startswith("-"):
                yield (*path, name)
                yield from below(one, (*path, name))

    return list(below(create_app(), ()))


@pytest.mark.parametrize("command", [(), *commands()], ids=" ".join)
def test_every_command_has_help(run, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    ended = run(*command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0].startswith(" ".join(["Usage: hub-typed", *command]).removesuffix(" ls"))
    assert len(ended.lines) > 3
    assert "``" not in ended.out


def test_the_root_help_says_what_each_command_does(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    lines = [line.strip("│ ").split(None, 1) for line in run("--help").lines if line.startswith("│")]
    assert not [line for line in lines if len(line) < 2]


def test_no_command_is_the_same_as_help(run):
    assert run().out == run("--help").out


def test_version(run):
    assert run("--version").out == f"{version()}\n"
    assert run("version", "-q").out == f"{version()}\n"
    assert run("version", "--json").json() == {"version": version()}


def test_unknown_words_are_usage_errors(run):
    ended = run("auth", "whoamy")
    assert ended.code == 2
    assert 'Did you mean "whoami"?' in ended.error
    assert run("auth", "whoami", "--jsn").code == 2
    assert run("nothing").code == 2


def test_two_formats_contradict_each_other(run):
    ended = run("version", "--json", "--quiet")
    assert ended.code == 2
    assert ended.error == "The output cannot be json and quiet at the same time: choose one."


def http(status: int) -> HfHubHTTPError:
    return HfHubHTTPError("refused", HubResponse(status, {}, b"", "http://hub.test"))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CommandError("x"), ExitCode.USAGE),
        (ValueError("x"), ExitCode.USAGE),
        (ProtocolError("x"), ExitCode.ERROR),
        (RuntimeError("x"), ExitCode.ERROR),
        (RepositoryNotFoundError("x", HubResponse(401, {}, b"", "")), ExitCode.NOT_FOUND),
        (GatedRepoError("x", HubResponse(403, {}, b"", "")), ExitCode.NOT_ALLOWED),
        (EntryNotFoundError("x"), ExitCode.NOT_FOUND),
        (LocalEntryNotFoundError("x"), ExitCode.NOT_FOUND),
        (FileNotFoundError(2, "No such file"), ExitCode.NOT_FOUND),
        (PermissionError(13, "no"), ExitCode.NOT_ALLOWED),
        (HubTimeoutError("x"), ExitCode.NETWORK),
        (CertificateError("x"), ExitCode.NETWORK),
        (http(400), ExitCode.ERROR),
        (http(401), ExitCode.NOT_ALLOWED),
        (http(403), ExitCode.NOT_ALLOWED),
        (http(404), ExitCode.NOT_FOUND),
        (http(429), ExitCode.NETWORK),
        (http(503), ExitCode.NETWORK),
    ],
    ids=lambda one: None if isinstance(one, int) else f"{type(one).__name__}-{getattr(one, 'response', None)}",
)
def test_exit_codes(error, code):
    assert exit_code(error) is code


def test_a_file_that_is_not_cached_because_the_network_is_down_is_a_network_error():
    error = LocalEntryNotFoundError("x")
    error.__cause__ = HubTimeoutError("x")
    assert exit_code(error) is ExitCode.NETWORK


def test_the_lines_of_an_error_of_the_hub_are_statements():
    error = HfHubHTTPError(
        "404: Not found\nRequest: GET http://hub.test\n\nCheck the name.\nOr not", http(404).response
    )
    assert describe_failure(error) == "404: Not found; Request: GET http://hub.test; Check the name. Or not"


def test_an_error_is_one_line_without_control_characters():
    assert describe_failure(ValueError("a\n  b\x1b[0m")) == "a b\\x1b[0m"
    assert "this is a bug" in describe_failure(ZeroDivisionError("x"))


def test_the_library_alone_imports_nothing_of_the_command_line():
    program = "import hub_typed, sys; hub_typed.HfApi(); print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "hub_typed.client" in ended.stdout.split()
    assert not [one for one in ended.stdout.split() if one.startswith(("hub_typed.cli.", "cyclopts", "rich"))]


def test_without_the_extra_it_says_how_to_install_it(tmp_path):
    (tmp_path / "cyclopts.py").write_text("raise ModuleNotFoundError('no', name='cyclopts')\n")
    ended = subprocess.run(
        [sys.executable, "-m", "hub_typed", "--version"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == "hub-typed: the command line is an extra: pip install 'hub-typed[cli]'\n"


def test_the_version_is_printed_at_once(tmp_path):
    """One run within the time is enough, since other processes only slow it down.

    The times are CPU times of the process, divided by how much slower than usual its machine runs a loop.
    """
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    times: list[float] = []
    while len(times) < RUNS:
        ended = subprocess.run(
            [sys.executable, "-c", TIMED], env=environment, stdout=subprocess.PIPE, check=True, text=True
        )
        printed, taken, loop = ended.stdout.split()
        assert printed == version()
        times.append(float(taken) / max(float(loop) / USUAL, 1))
        if times[-1] < SECONDS_TO_START:
            return
    raise AssertionError(f"The best of {RUNS} runs took {min(times):.3f} s: {sorted(times)}")


@pytest.mark.parametrize("command", [["version"], ["call"], ["--help"]], ids=" ".join)
def test_a_closed_pipe_is_silent(start, command):
    reader, writer = os.pipe()
    os.close(reader)
    process = start(*command, stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize("closed", [1, 2])
def test_a_closed_stream_changes_no_exit_code(start, unreachable, closed):
    def close():
        os.close(closed)

    for words, code in ((["version"], 0), (["repos", "delete", "a/b"], 2)):
        process = start(*words, preexec_fn=close)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, "Traceback" in err, "bug" in err) == (code, False, False), err


def test_head_reads_as_much_as_it_wants(start):
    process = start("call")
    assert process.stdout.readline() == "operation\tdescription\n"
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(30) == 0


def test_a_traceback_is_shown_on_request(run, monkeypatch, logged_out):
    monkeypatch.setenv("HF_DEBUG", "1")
    with pytest.raises(CommandError, match="Not logged in"):
        run("auth", "token")


def test_what_cannot_be_encoded_is_printed_all_the_same(run_alone, tmp_path):
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "HF_HOME": str(tmp_path / "caf\u00e9")}
    ended = run_alone("env", env=environment)
    assert (ended.code, ended.err) == (0, "")
    assert "caf\\xe9" in ended.out


def test_ctrl_c_ends_a_command_within_a_second(start, local_hub, until):
    from hub_typed.local.faults import Stall

    local_hub.faults.add(Stall(), operation="users.whoami")
    process = start("auth", "whoami")
    until(lambda: local_hub.faults.rules[0].count)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")
    assert time.monotonic() - begin < 1


def test_commands_are_documented_where_they_are_added():
    assert "add a command" in (hub_typed.cli.__doc__ or "").lower()
