"""``hub-typed serve``, which shares its code with ``python -m hub_typed.local``."""

from __future__ import annotations

import json
import signal
import socket

import pytest

from hub_typed import HfApi, HubError, Settings


def exports(process, more: int = 0) -> tuple[dict[str, str], list[str]]:
    """Read the variables that are printed, and as many further lines."""
    lines = [process.stdout.readline().strip() for _ in range(6 + more)]
    return {
        name: value for name, _, value in (line.removeprefix("export ").partition("=") for line in lines[:6])
    }, lines[6:]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal(start, number):
    process = start("serve")
    found, _ = exports(process)
    assert HfApi(endpoint=found["HF_ENDPOINT"], token=found["HF_TOKEN"]).whoami().name == "local-user"
    process.send_signal(number)
    assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 0


def test_users_organizations_and_faults(start, tmp_path):
    rules = [{"fault": {"type": "Status", "status": 503}, "operation": "models.list_models"}]
    (tmp_path / "faults.json").write_text(json.dumps(rules))
    process = start(
        "serve", "--user", "ada", "--user", "bob", "--organization", "lab", "--faults", tmp_path / "faults.json"
    )
    found, lines = exports(process, 2)
    assert [line.partition(",")[0] for line in lines] == ["# token of ada", "# token of bob"]
    api = HfApi(endpoint=found["HF_ENDPOINT"], token=lines[0].rpartition(" ")[2], settings=Settings(attempts=1))
    assert [(one.name, one.role_in_org) for one in api.whoami().orgs] == [("lab", "admin")]
    with pytest.raises(HubError, match="503"):
        list(api.list_models())


@pytest.mark.parametrize(
    ("content", "said"),
    [("{}", "must be a list of rules"), ('[{"fault": {"type": "Crash"}}]', "Crash"), ("[", "faults.yaml")],
)
def test_a_wrong_file_of_faults_is_explained(run_alone, tmp_path, content, said):
    (tmp_path / "faults.yaml").write_text(content)
    ended = run_alone("serve", "--faults", tmp_path / "faults.yaml")
    assert ended.code == 1
    assert said in ended.error


def test_a_taken_port_is_named(run_alone):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run_alone("serve", "--port", taken.getsockname()[1])
    assert ended.code == 1
    assert "is in use" in ended.error


def test_a_number_that_is_no_port(run):
    assert run("serve", "--port", "70000").code == 2
