"""Jobs that are executed: real processes on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub_typed.local import LocalHub
from hub_typed.local.jobs.volumes import with_folders
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller
from tests.local.jobs.asking import job, logged, run, stage

ENDPOINT = "http://127.0.0.1:9"
ENDLESS = "import time, os; print(os.getpid(), flush=True); time.sleep(600)"


@pytest.fixture
def hub(tmp_path):
    made = Hub(tmp_path / "hub", job_endpoint=lambda: ENDPOINT)
    yield made
    made.stop()


def until(condition: Callable[[], Any]) -> Any:
    """Wait until something is true, and return it."""
    end = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def finished(caller: Caller, job_id: str) -> dict[str, Any]:
    until(lambda: stage(caller, job_id) not in ("SCHEDULING", "RUNNING"))
    return job(caller, job_id)


def lives(pid: int) -> bool:
    """Whether a process is there that is no zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it may also go while the file is being read
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_command_is_executed_and_its_output_is_the_log(ada):
    told = run(ada, "python", "-c", "import sys; print('out'); print('err', file=sys.stderr)")
    done = finished(ada, told["id"])
    assert done["status"]["stage"] == "COMPLETED"
    assert sorted(logged(ada, told["id"])) == ["err", "out"]
    assert done["dockerImage"] == "python:3.12"


def test_a_command_is_no_line_of_a_shell(ada):
    told = run(ada, "echo", "$HOME;", arguments=["&&", "ls"])
    finished(ada, told["id"])
    assert logged(ada, told["id"]) == ["$HOME; && ls"]


def test_a_job_has_its_variables_and_secrets_and_none_of_the_hub(ada, monkeypatch):
    monkeypatch.setenv("OF_THE_HUB", "hush")
    code = "import os; [print(f'{name}={value}') for name, value in sorted(os.environ.items())]"
    told = run(ada, "python", "-c", code, environment={"AA": "1"}, secrets={"HF_TOKEN": "hf_token"})
    finished(ada, told["id"])
    seen = dict(line.split("=", 1) for line in logged(ada, told["id"]))
    assert set(seen) - {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"} == {
        *("AA", "HF_ENDPOINT", "HF_TOKEN", "HOME", "JOB_ID", "LANG", "PATH", "TMPDIR"),
    }
    assert (seen["JOB_ID"], seen["HF_ENDPOINT"], seen["HF_TOKEN"]) == (told["id"], ENDPOINT, "hf_token")


def test_a_job_works_in_a_folder_of_its_own_that_is_removed(hub, ada, tmp_path):
    told = run(ada, "python", "-c", "import os; print(os.getcwd()); open('file', 'w')")
    finished(ada, told["id"])
    (folder,) = logged(ada, told["id"])
    assert Path(folder).is_relative_to(tmp_path / "hub" / "jobs" / "running")
    until(lambda: not Path(folder).exists())


def test_a_failure_has_its_exit_status(ada):
    told = finished(ada, run(ada, "python", "-c", "raise SystemExit(3)")["id"])
    assert (told["status"]["stage"], told["status"]["message"]) == ("ERROR", "Job failed with exit code: 3")
    told = finished(ada, run(ada, "python", "-c", "import os; os.kill(os.getpid(), 9)")["id"])
    assert told["status"]["message"] == "Job failed with exit code: 137"


def test_a_job_is_tried_as_often_as_it_may_until_it_succeeds(ada, tmp_path):
    code = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.open('a').write('x'); sys.exit(p.stat().st_size < 3)"
    counter = tmp_path / "counter"
    counter.touch()
    told = finished(ada, run(ada, "python", "-c", code, str(counter), attempts=5)["id"])
    assert (told["status"]["stage"], told["status"]["failureCount"], counter.stat().st_size) == ("COMPLETED", 2, 3)


def test_a_command_that_is_not_there_is_told_with_the_reason(ada):
    told = finished(ada, run(ada, "no-such-command")["id"])
    assert told["status"]["stage"] == "ERROR"
    assert told["status"]["message"].startswith("no-such-command: not found on this machine: jobs of this embedded Hub")
    assert logged(ada, told["id"]) == [told["status"]["message"]]
    told = finished(ada, run(ada, command=None)["id"])
    assert told["status"]["message"].startswith("The job has no command: ")


def test_a_cancelled_job_ends_with_all_its_processes(ada):
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ENDLESS!r}])"
    told = run(ada, "python", "-c", code)
    (pid,) = until(lambda: logged(ada, told["id"]))
    assert ada("POST", f"/api/jobs/ada/{told['id']}/cancel").json()["status"]["stage"] == "CANCELED"
    until(lambda: not lives(int(pid)))
    assert stage(ada, told["id"]) == "CANCELED"


def test_what_a_command_leaves_behind_is_stopped(ada):
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {ENDLESS!r}]); sys.stdin.read()"
    wait = "import time; time.sleep(0.5)"
    told = run(ada, "python", "-c", f"{code}; {wait}")
    assert finished(ada, told["id"])["status"]["stage"] == "COMPLETED"
    for pid in logged(ada, told["id"]):
        assert not lives(int(pid))


def test_a_job_that_ignores_the_signal_to_end_is_killed(ada, monkeypatch):
    monkeypatch.setattr("hub_typed.local.jobs.processes.GRACE", 0.2)
    told = run(ada, "python", "-c", f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {ENDLESS}")
    (pid,) = until(lambda: logged(ada, told["id"]))
    ada("POST", f"/api/jobs/ada/{told['id']}/cancel")
    until(lambda: not lives(int(pid)))


def test_a_job_that_runs_too_long_is_stopped(hub, ada):
    told = run(ada, "python", "-c", ENDLESS, timeoutSeconds=3600)
    (pid,) = until(lambda: logged(ada, told["id"]))
    hub.jobs.advance(3600)
    assert job(ada, told["id"])["status"]["message"] == "Job timed out after 3600 seconds"
    until(lambda: not lives(int(pid)))


def test_a_timeout_counts_real_seconds_too(ada):
    told = run(ada, "python", "-c", ENDLESS, timeoutSeconds=1)
    assert finished(ada, told["id"])["status"]["message"] == "Job timed out after 1 seconds"


def test_more_jobs_than_may_run_wait_for_each_other(hub, ada):
    hub.jobs.runner.max_running = 1
    first, second = (run(ada, "python", "-c", ENDLESS)["id"] for _ in range(2))
    until(lambda: logged(ada, first))
    assert stage(ada, second) == "SCHEDULING"
    ada("POST", f"/api/jobs/ada/{first}/cancel")
    until(lambda: logged(ada, second))
    ada("POST", f"/api/jobs/ada/{second}/cancel")


def test_a_hub_that_stops_stops_its_jobs_and_says_so_when_it_is_opened_again(hub, ada, tmp_path):
    told = run(ada, "python", "-c", ENDLESS)
    (pid,) = until(lambda: logged(ada, told["id"]))
    hub.stop()
    assert not lives(int(pid))
    again = Hub(tmp_path / "hub", job_endpoint=lambda: ENDPOINT)
    ended = job(Caller(again, ada.token), told["id"])
    assert ended["status"]["message"] == "The embedded Hub was stopped while the job ran"
    assert logged(Caller(again, ada.token), told["id"]) == [pid]
    again.stop()


def test_a_repository_is_mounted_as_a_folder(ada):
    ada("POST", "/api/repos/create", {"name": "d", "type": "dataset"})
    ada.put("datasets/ada/d", "sub/a.txt", b"alpha")
    ada.commit("datasets/ada/d", ada.large("big.bin", ada.upload(b"large", "datasets/ada/d")))
    volumes = [
        {"type": "dataset", "source": "ada/d", "mountPath": "/data"},
        {"type": "dataset", "source": "ada/d", "mountPath": "/data/inner", "path": "sub"},
    ]
    told = run(ada, "cat", "/data/sub/a.txt", "/data/big.bin", "/data/inner/a.txt", volumes=volumes)
    assert finished(ada, told["id"])["status"]["stage"] == "COMPLETED"
    assert logged(ada, told["id"]) == ["alphalargealpha"]


def test_a_volume_that_is_gone_fails_the_job(hub, ada):
    ada("POST", "/api/repos/create", {"name": "gone"})
    ada.put("models/ada/gone", "a.txt", b"a")
    volumes = [{"type": "model", "source": "ada/gone", "mountPath": "/data"}]
    body = {"jobSpec": {"dockerImage": "i", "flavor": "cpu-basic", "command": ["ls"], "volumes": volumes}}
    made = ada("POST", "/api/scheduled-jobs/ada", {**body, "schedule": "@yearly"}).json()["id"]
    ada("DELETE", "/api/repos/delete", {"name": "gone"})
    told = ada("POST", f"/api/scheduled-jobs/ada/{made}/run").json()
    assert "There is no model ada/gone" in finished(ada, told["id"])["status"]["message"]


def test_paths_of_volumes_are_found_in_commands():
    folders = {"/data": "/tmp/one", "/data/in": "/tmp/two"}

    def replaced(text: str) -> str:
        return with_folders(text, folders)

    assert replaced("/data") == "/tmp/one"
    assert replaced("--out=/data/x cat '/data/in/y'") == "--out=/tmp/one/x cat '/tmp/two/y'"
    assert replaced("/database /my/data /data-x") == "/database /my/data /data-x"


def test_executed_jobs_are_not_simulated(hub):
    with pytest.raises(RuntimeError, match="run as processes"):
        hub.jobs.simulate(logs=["a"])


def test_a_local_hub_executes_jobs_only_if_it_is_asked_to():
    with pytest.raises(ValueError, match="'recorded' or 'subprocess'"):
        LocalHub(jobs="docker")  # type: ignore[arg-type]  # the error is what is tested
    with LocalHub(jobs="subprocess") as hub:
        caller = Caller(hub.hub, hub.token)
        code = "import os, urllib.request as u; print(u.urlopen(os.environ['HF_ENDPOINT'] + '/api/models').read())"
        told = run(caller, "python", "-c", code, namespace=hub.user)
        until(lambda: "finishedAt" in job(caller, told["id"], hub.user))
        assert job(caller, told["id"], hub.user)["status"] == {
            "stage": "COMPLETED",
            "failureCount": 0,
            "exposeUrls": [],
        }


def test_python_is_the_interpreter_of_the_hub(ada):
    told = run(ada, "python", "-c", "import sys; print(sys.prefix)")
    finished(ada, told["id"])
    assert logged(ada, told["id"]) == [sys.prefix]


HUB_WITH_A_JOB = """
import sys, time
from hub_typed import HfApi
from hub_typed.local import LocalHub

hub = LocalHub(jobs="subprocess")
api = HfApi(hub.endpoint, hub.token)
job = api.run_job(image="python:3.12", command=["python", "-c", sys.argv[1]])
print(next(iter(api.fetch_job_logs(job_id=job.id, follow=True))), flush=True)
time.sleep(600)
"""


def test_a_killed_hub_leaves_no_job_behind(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HUB_WITH_A_JOB, ENDLESS],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as hub:
        assert hub.stdout is not None
        pid = int(hub.stdout.readline())
        assert lives(pid)
        hub.kill()
    until(lambda: not lives(pid))
