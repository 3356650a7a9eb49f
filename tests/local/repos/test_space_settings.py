"""Settings of Spaces on the embedded Hub: stored values and errors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import get_args, get_type_hints

import pytest

from hub_typed import SpaceHardware, SpaceStage, SpaceStorage
from hub_typed.local.repos.space_settings import HARDWARE, STORAGE
from hub_typed.local.server.app import Hub
from hub_typed_api import models

SPACE = "/api/spaces/ada/app"
VOLUME = {"type": "model", "source": "o/m", "mountPath": "/m"}


@pytest.fixture
def space(ada):
    """The owner of the Space ``ada/app``, which has an app file."""
    assert ada("POST", "/api/repos/create", {"name": "app", "type": "space", "sdk": "gradio"}).status == 200
    ada.put("spaces/ada/app", "app.py", b"1\n")
    return ada


@pytest.mark.parametrize(
    ("method", "what", "body"),
    [
        ("POST", "hardware", {}),
        ("POST", "hardware", {"flavor": None}),
        ("POST", "hardware", {"flavor": ["t4-small"]}),
        ("POST", "hardware", {"flavor": "t4-small", "sleepTimeSeconds": "60"}),
        ("POST", "hardware", {"flavor": "t4-small", "sleepTimeSeconds": 1.5}),
        ("POST", "hardware", {"flavor": "t4-small", "sleepTimeSeconds": True}),
        ("POST", "hardware", {"flavor": "cpu-basic", "sleepTimeSeconds": -2}),
        ("POST", "sleeptime", {}),
        ("POST", "sleeptime", {"seconds": 0}),
        ("POST", "sleeptime", {"seconds": None}),
        ("POST", "replicas", {}),
        ("POST", "replicas", {"replicas": 0}),
        ("POST", "replicas", {"replicas": 2}),
        ("POST", "replicas", {"replicas": "2"}),
        ("POST", "storage", {"tier": 1}),
        ("POST", "storage", {"tier": {}}),
        ("POST", "dev-mode", {"enabled": "yes"}),
        ("POST", "secrets", {"key": "A"}),
        ("POST", "secrets", {"key": 1, "value": "x"}),
        ("POST", "secrets", {"key": "A", "value": 1}),
        ("POST", "variables", {"key": "A", "value": None}),
        ("POST", "variables", {"key": "A", "value": "x", "description": 1}),
        ("PUT", "volumes", {"volumes": {}}),
        ("PUT", "volumes", {"volumes": [{**VOLUME, "mountPath": 1}]}),
        ("PUT", "volumes", {"volumes": [{**VOLUME, "source": None}]}),
        ("PUT", "volumes", {"volumes": [{**VOLUME, "readOnly": 1}]}),
        ("PUT", "volumes", {"volumes": [{"type": "model"}]}),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(space, method, what, body):
    before = space("GET", f"{SPACE}/runtime").json()

    assert space(method, f"{SPACE}/{what}", body).status == 400

    assert space("GET", f"{SPACE}/runtime").json() == before
    assert space("GET", f"{SPACE}/variables").json() == space("GET", f"{SPACE}/secrets").json() == {}


def test_a_running_space_tells_what_the_hub_tells(space):
    sha = space("GET", SPACE).json()["sha"]

    assert space("GET", f"{SPACE}/runtime").json() == {
        "stage": "RUNNING",
        "hardware": {"current": "cpu-basic", "requested": "cpu-basic"},
        "replicas": {"current": 1, "requested": 1},
        "gcTimeout": 172800,
        "devMode": False,
        "sha": sha,
    }


def test_paid_hardware_has_replicas_and_the_free_one_has_one(space):
    space("POST", f"{SPACE}/hardware", {"flavor": "t4-small"})
    assert space("POST", f"{SPACE}/replicas", {"replicas": 3}).status == 200
    assert space("GET", f"{SPACE}/runtime").json()["replicas"] == {"current": 3, "requested": 3}

    space("POST", f"{SPACE}/hardware", {"flavor": "cpu-basic"})
    assert space("GET", f"{SPACE}/runtime").json()["replicas"] == {"current": 1, "requested": 1}


def test_it_is_the_default_branch_that_runs(space):
    first = space("GET", f"{SPACE}/commits/main").json()[-1]["id"]

    info = space("GET", f"{SPACE}/revision/{first}").json()

    assert "app.py" not in [one["rfilename"] for one in info["siblings"]]
    assert info["runtime"] == space("GET", f"{SPACE}/runtime").json()


def test_what_is_set_outlives_the_hub_and_moves_along(hub, space, login, tmp_path):
    space("POST", f"{SPACE}/hardware", {"flavor": "t4-small", "sleepTimeSeconds": 60})
    space("POST", f"{SPACE}/replicas", {"replicas": 2})
    space("POST", f"{SPACE}/storage", {"tier": "small"})
    space("POST", f"{SPACE}/secrets", {"key": "S", "value": "hush-hush"})
    space("POST", f"{SPACE}/variables", {"key": "V", "value": "x", "description": "y"})
    space("PUT", f"{SPACE}/volumes", {"volumes": [VOLUME]})
    space("POST", f"{SPACE}/pause")
    asked = ("runtime", "secrets", "variables")
    before = [space("GET", f"{SPACE}/{what}").json() for what in asked]

    again = login(Hub(tmp_path / "hub"), "root", "admin")
    assert [again("GET", f"{SPACE}/{what}").json() for what in asked] == before
    again("POST", "/api/repos/move", {"fromRepo": "ada/app", "toRepo": "ada/moved", "type": "space"})
    assert [again("GET", f"/api/spaces/ada/moved/{what}").json() for what in asked] == before
    assert again("GET", f"{SPACE}/runtime").status == 307


def test_the_value_of_a_secret_is_not_even_kept(space, tmp_path):
    space("POST", f"{SPACE}/secrets", {"key": "S", "value": "hush-hush"})

    assert not [file for file in tmp_path.rglob("*") if file.is_file() and b"hush-hush" in file.read_bytes()]


def test_no_change_is_lost_where_several_are_made_at_once(space):
    def add(number: int) -> int:
        return space("POST", f"{SPACE}/variables", {"key": f"V{number}", "value": "x"}).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(add, range(32))) == {200}

    assert space("GET", f"{SPACE}/variables").json().keys() == {f"V{number}" for number in range(32)}


def test_a_private_space_is_hidden_from_others(space, bob, anyone):
    space("PUT", f"{SPACE}/settings", {"private": True})

    assert bob("GET", f"{SPACE}/runtime").error == (404, "RepoNotFound")
    assert bob("POST", f"{SPACE}/pause").error == (404, "RepoNotFound")
    assert anyone("GET", f"{SPACE}/runtime").status == 401
    assert space("GET", f"{SPACE}/runtime").json()["stage"] == "RUNNING"


def test_the_names_of_the_library_are_those_of_the_spec():
    stages = get_type_hints(models.SpaceRuntime)["stage"]
    assert set(SpaceStage) == set(get_args(get_args(stages)[0]))
    assert set(SpaceHardware) == set(HARDWARE)
    assert tuple(SpaceStorage) == STORAGE


def test_hardware_has_prices(ada):
    listed = {one["name"]: one for one in ada("GET", "/api/spaces/hardware").json()}
    assert (listed["cpu-basic"]["unitCostUSD"], listed["cpu-basic"]["unitCostMicroUSD"]) == (0, 0)
    assert listed["t4-small"]["unitCostUSD"] == listed["t4-small"]["unitCostMicroUSD"] / 1_000_000 == 0.006667
    assert {one["unitLabel"] for one in listed.values()} == {"minute"}
    assert listed["l4x4"]["accelerator"] == {
        "type": "gpu",
        "model": "L4",
        "quantity": "4",
        "vram": "96 GB",
        "manufacturer": "Nvidia",
    }
