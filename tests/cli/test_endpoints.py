"""``hub-typed endpoints``."""

from __future__ import annotations

import pytest

REPO = "local-user/m"
MODEL = ("--repo", REPO, "--framework", "pytorch")
HARDWARE = (
    "--vendor", "aws", "--region", "us-east-1", "--accelerator", "cpu", "--instance-type", "intel-icl",
    "--instance-size", "x1",
)  # fmt: skip


@pytest.fixture
def name(run, api) -> str:
    """A new endpoint."""
    api.create_repo(REPO)
    assert run("endpoints", "deploy", "one", *MODEL, *HARDWARE).code == 0
    return "one"


@pytest.fixture
def other(local_hub) -> str:
    return local_hub.add_user("other")


def members(ended) -> dict[str, str]:
    return dict(line.split("\t") for line in ended.lines)


def test_deploy_prints_the_endpoint(run, api):
    api.create_repo(REPO)
    ended = run("endpoints", "deploy", "one", *MODEL, *HARDWARE, "--task", "text-generation", "--type", "public")
    assert (ended.code, ended.err) == (0, "")
    found = members(ended)
    assert (found["namespace"], found["name"], found["status"], found["type"]) == (
        "local-user", "one", "pending", "public",
    )  # fmt: skip
    assert (found["model"], found["task"], found["instance"]) == (REPO, "text-generation", "intel-icl")
    assert (found["min replicas"], found["max replicas"], found["scale to zero after (min)"]) == ("1", "1", "")
    assert run("endpoints", "deploy", "two", *MODEL, *HARDWARE, "-q").out == "two\n"
    said = run("endpoints", "deploy", "three", *MODEL, *HARDWARE, terminal=True)
    assert "endpoints describe three" in said.err


def test_deploy_with_an_image_secrets_and_scaling(run, api, monkeypatch):
    api.create_repo(REPO)
    monkeypatch.setenv("TOP", "s3cret")
    ended = run(
        "endpoints", "deploy", "one", "--repo", REPO, "--framework", "custom", *HARDWARE,
        "--custom-image", "me/image", "--health-route", "/health", "--port", "80", "-s", "TOP",
        "--min-replica", "0", "--max-replica", "2", "--scale-to-zero-timeout", "15", "--json",
    )  # fmt: skip
    assert ended.code == 0
    assert "s3cret" not in ended.out
    found = ended.json()
    assert found["model"]["image"] == {"custom": {"url": "me/image", "healthRoute": "/health", "port": 80}}
    assert found["compute"]["scaling"] == {"minReplica": 0, "maxReplica": 2, "scaleToZeroTimeout": 15}


def test_deploy_with_wrong_options(run, api, local_hub):
    assert run("endpoints", "deploy", "one", *MODEL).code == 2
    ended = run("endpoints", "deploy", "one", *MODEL, *HARDWARE, "--port", "80")
    assert ended.code == 2
    assert "--custom-image" in ended.error
    assert run("endpoints", "deploy", "one", *MODEL, *HARDWARE, "--type", "hidden").code == 2
    assert run("endpoints", "deploy", "one", *MODEL, *HARDWARE).code == 1
    assert api.list_inference_endpoints() == []


def test_deploy_where_it_is_not_allowed(run, name, other):
    assert run("endpoints", "deploy", "two", *MODEL, *HARDWARE, "--namespace", "local-user", "--token", other).code == 4


def test_list(run, name, local_hub):
    ended = run("endpoints", "list")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0] == "name\tmodel\tstatus\ttask\tinstance\tsize\tvendor\tregion"
    assert ended.rows == [["one", REPO, "pending", "", "intel-icl", "x1", "aws", "us-east-1"]]
    assert run("endpoints", "ls", "--namespace", "*", "-q").out == "one\n"
    assert [one["name"] for one in run("endpoints", "list", "--json").json()] == ["one"]


def test_list_of_another_account(run, name, other):
    assert run("endpoints", "list", "--namespace", "local-user", "--token", other).code == 4


def test_describe_says_where_a_running_endpoint_is(run, name, local_hub):
    local_hub.hub.inference.advance(10)
    found = members(run("endpoints", "describe", name))
    assert found["status"] == "running"
    assert found["url"].startswith(local_hub.endpoint)
    assert run("endpoints", "describe", name, "--json").json()["status"]["state"] == "running"
    assert run("endpoints", "describe", name, "-q").out == f"{name}\n"


def test_pause_resume_and_scale_to_zero(run, name, local_hub):
    local_hub.hub.inference.advance(10)
    assert members(run("endpoints", "scale-to-zero", name))["status"] == "scaledToZero"
    assert members(run("endpoints", "pause", name))["status"] == "paused"
    assert run("endpoints", "scale-to-zero", name).code == 1
    assert members(run("endpoints", "resume", name, "--fail-if-already-running"))["status"] == "initializing"
    local_hub.hub.inference.advance(10)
    assert run("endpoints", "resume", name, "-q").out == f"{name}\n"
    assert run("endpoints", "resume", name, "--fail-if-already-running").code == 1


def test_update_keeps_what_is_not_given(run, name, api):
    ended = run("endpoints", "update", name, "--instance-size", "x2", "--max-replica", "3", "--json")
    assert ended.code == 0
    compute = ended.json()["compute"]
    assert (compute["instanceSize"], compute["instanceType"]) == ("x2", "intel-icl")
    assert (compute["scaling"]["minReplica"], compute["scaling"]["maxReplica"]) == (1, 3)
    found = members(run("endpoints", "update", name, "--task", "fill-mask", "--framework", "custom"))
    assert (found["task"], found["framework"], found["size"]) == ("fill-mask", "custom", "x2")


def test_update_with_wrong_options(run, name):
    ended = run("endpoints", "update", name)
    assert ended.code == 2
    assert "--repo" in ended.error
    assert run("endpoints", "update", name, "--port", "80").code == 2
    assert run("endpoints", "update", name, "--accelerator", "abacus").code == 1


def test_delete_asks_first(run, name, api):
    ended = run("endpoints", "delete", name)
    assert ended.code == 2
    assert "--yes" in ended.error
    assert run("endpoints", "delete", name, typed="no\n", terminal=True).code == 1
    assert run("endpoints", "delete", name, "--yes", "--json").json() == {"name": name}
    assert api.list_inference_endpoints() == []


@pytest.mark.parametrize("command", ["describe", "pause", "resume", "scale-to-zero", "update --task x", "delete --yes"])
def test_a_missing_endpoint_or_one_of_another_account(run, name, other, command):
    verb, *options = command.split()
    assert run("endpoints", verb, "missing", *options).code == 3
    assert run("endpoints", verb, name, *options, "--namespace", "local-user", "--token", other).code == 4


def test_hardware(run, local_hub):
    ended = run("endpoints", "hardware", "--vendor", "AWS", "--accelerator", "gpu")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0].split("\t")[:5] == ["vendor", "region", "accelerator", "type", "size"]
    assert [row[3] for row in ended.rows] == ["nvidia-t4", "nvidia-a10g"]
    assert run("endpoints", "hardware", "--region", "us-east4", "-q").out == "gcp-us-east4-nvidia-l4-x1\n"
    found = run("endpoints", "hardware", "--instance-type", "intel-icl", "--namespace", "local-user", "--json").json()
    assert [(one["vendor"], one["instance_size"]) for one in found] == [("aws", "x1"), ("aws", "x2")]
    assert run("endpoints", "hardware", "--vendor", "none", "--json").json() == []


def test_hardware_that_cannot_be_used_is_left_out(run, local_hub, answers):
    one = {"accelerator": "gpu", "instanceType": "t4", "instanceSize": "x1", "pricePerHour": 1, "numAccelerators": 1}
    computes = [
        {**one, "id": "usable", "status": "available", "quota": {"maxAccelerators": 1, "usedAccelerators": 0}},
        {**one, "id": "used", "status": "available", "quota": {"maxAccelerators": 1, "usedAccelerators": 1}},
        {**one, "id": "old", "status": "deprecated"},
    ]
    answers({"vendors": [{"name": "aws", "regions": [{"name": "here", "computes": computes}]}]})
    options = ("--namespace", "local-user", "-q")
    assert run("endpoints", "hardware", *options).lines == ["usable"]
    assert run("endpoints", "hardware", "--all", *options).lines == ["usable", "used", "old"]


def test_without_a_network(run, local_hub, offline):
    assert run("endpoints", "list").code == 5


def test_the_token_of_another_hub_is_not_sent_to_the_public_service(run, local_hub, loopback_only, setenv):
    setenv("HF_INFERENCE_ENDPOINTS_ENDPOINT", "")
    ended = run("endpoints", "list", "--namespace", "local-user")
    assert ended.code == 2
    assert "HF_INFERENCE_ENDPOINTS_ENDPOINT" in ended.error
    assert local_hub.endpoint in ended.error


def test_deploy_sends_all_settings_of_the_container(run, api, monkeypatch, tmp_path):
    api.create_repo(REPO)
    monkeypatch.setenv("PLAIN", "seen")
    variables = tmp_path / "variables"
    variables.write_text("A=1\nB=2\n")
    ended = run(
        "endpoints", "deploy", "one", "--repo", REPO, "--framework", "custom", *HARDWARE,
        "--custom-image", "me/image", "--container-registry-username", "me", "--container-registry-password", "hush",
        "--container-command", "serve --at 'my port'", "--container-args", "--verbose 1", "-e", "PLAIN", "-e", "B=3",
        "--env-file", str(variables), "--scaling-metric", "pendingRequests", "--scaling-threshold", "1.5",
    )  # fmt: skip
    assert ended.code == 0
    (info,) = api.list_inference_endpoints()
    model = info.raw["model"]
    assert model["image"] == {"custom": {"url": "me/image", "credentials": {"username": "me"}}}
    assert (model["command"], model["args"]) == (["serve", "--at", "my port"], ["--verbose", "1"])
    assert model["env"] == {"A": "1", "B": "3", "PLAIN": "seen"}
    assert info.raw["compute"]["scaling"]["measure"] == {"pendingRequests": 1.5}


@pytest.mark.parametrize(
    ("engine", "kind"),
    [("hf-serve", "hfServe"), ("sglang", "sGLang"), ("tei", "tei"), ("tgi-neuron", "tgiNeuron"), ("vllm", "vLLM")],
)
def test_deploy_with_an_engine(run, api, engine, kind):
    api.create_repo(REPO)
    options = ("--custom-image", "me/image", "--engine", engine, "--tensor-parallel-size", "2")
    found = run("endpoints", "deploy", "one", *MODEL, *HARDWARE, *options, "--json").json()
    assert found["model"]["image"] == {kind: {"url": "me/image", "tensorParallelSize": 2}}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("--engine vllm", "--custom-image"),
        ("--tensor-parallel-size 2", "--custom-image"),
        ("--scaling-threshold 2", "--scaling-metric"),
        ("--container-args 'open", "--container-args"),
        ("--container-registry-password hush", "container_registry_username"),
    ],
)
def test_deploy_with_options_that_lack_another_one(run, api, options, named):
    api.create_repo(REPO)
    option, _, value = options.partition(" ")
    ended = run("endpoints", "deploy", "one", *MODEL, *HARDWARE, option, value)
    assert ended.code == 2
    assert named in ended.error
    assert api.list_inference_endpoints() == []


def test_update_changes_the_parallel_sizes_of_the_image(run, api):
    api.create_repo(REPO)
    image = ("--custom-image", "me/image", "--engine", "vllm", "--health-route", "/ok")
    assert run("endpoints", "deploy", "one", *MODEL, *HARDWARE, *image).code == 0
    options = ("--tensor-parallel-size", "2", "--container-command", "serve", "--scaling-metric", "hardwareUsage")
    found = run("endpoints", "update", "one", *options, "--json").json()
    assert found["model"]["image"] == {"vLLM": {"url": "me/image", "healthRoute": "/ok", "tensorParallelSize": 2}}
    assert found["model"]["command"] == ["serve"]
    assert found["compute"]["scaling"]["measure"] == {"hardwareUsage": None}


@pytest.fixture
def model(api) -> str:
    """A model of the catalog."""
    api.create_repo(REPO)
    card = b"---\npipeline_tag: feature-extraction\nlicense: mit\n---\n"
    api.upload_file(path_or_fileobj=card, path_in_repo="README.md", repo_id=REPO)
    return REPO


def test_the_catalog(run, model):
    ended = run("endpoints", "catalog", "list")
    assert (ended.code, ended.lines[0]) == (0, "model\ttask\tlicense\trecipes")
    ((name, task, declared, recipes),) = ended.rows
    assert (name, task, declared) == (REPO, "feature-extraction", "mit")
    assert [one.partition(" ")[2] for one in recipes.split(", ")] == ["(cpu tei)", "(gpu tei)"]
    assert run("endpoints", "catalog", "ls", "--accelerator", "gpu", "--engine", "tei", "-q").out == f"{REPO}\n"
    for options in ("--engine vllm", "--task text-generation", "--license apache-2.0", "--search no", "--limit 0"):
        assert run("endpoints", "catalog", "list", *options.split(), "-q").out == ""


def test_deploy_from_the_catalog(run, model, api):
    ended = run("endpoints", "catalog", "deploy", "--repo", model, "--accelerator", "gpu", "--name", "one")
    assert (ended.code, members(ended)["accelerator"], members(ended)["task"]) == (0, "gpu", "feature-extraction")
    (_, second) = api.list_inference_catalog()[0].recipes
    assert run("endpoints", "catalog", "deploy", "--recipe", second.id).code == 0
    assert [one.raw["compute"]["accelerator"] for one in api.list_inference_endpoints()] == ["gpu", "gpu"]
    assert run("endpoints", "catalog", "deploy").code == 2
    assert run("endpoints", "catalog", "deploy", "--repo", model, "--gguf-file", "q4.gguf").code == 1
    assert run("endpoints", "catalog", "deploy", "--repo", "local-user/none").code == 3
    assert run("endpoints", "catalog", "deploy", "--recipe", "none").code == 3
