"""Runtime and settings of Spaces, with both clients and both transports."""

from __future__ import annotations

import attrs
import pytest

from hub_typed import (
    BadRequestError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    SpaceHardware,
    SpaceSecret,
    SpaceStage,
    SpaceStorage,
    SpaceVariable,
    Volume,
)

EVERYTHING_THAT_CHANGES = (
    ("pause_space",),
    ("restart_space",),
    ("request_space_hardware", "t4-small"),
    ("set_space_sleep_time", 60),
    ("request_space_storage", "small"),
    ("delete_space_storage",),
    ("enable_space_dev_mode",),
    ("disable_space_dev_mode",),
    ("set_space_volumes", [Volume(type="model", source="o/m", mount_path="/m")]),
    ("delete_space_volumes",),
)
EVERYTHING_ABOUT_KEYS = (
    ("get_space_secrets",),
    ("add_space_secret", "A", "b"),
    ("delete_space_secret", "A"),
    ("get_space_variables",),
    ("add_space_variable", "A", "b"),
    ("delete_space_variable", "A"),
)


async def made(side, name="thing", sdk="gradio", app="app.py", **more):
    """A Space, with its app if it is to have one."""
    repo = f"{side.hub.user}/{name}"
    await side.api.create_repo(repo, repo_type="space", space_sdk=sdk, **more)
    if app:
        await side.api.upload_file(path_or_fileobj=b"1\n", path_in_repo=app, repo_id=repo, repo_type="space")
    return repo


def test_a_space_runs_as_soon_as_its_app_is_there(play):
    async def scenario(side):
        api = side.api
        repo = await made(side, app="")
        runtime = await api.get_space_runtime(repo)
        assert runtime.stage == SpaceStage.NO_APP_FILE
        assert (runtime.hardware, runtime.requested_hardware) == (None, SpaceHardware.CPU_BASIC)
        assert (runtime.sleep_time, runtime.storage, runtime.volumes, runtime.dev_mode) == (172800, None, None, False)
        commit = await api.upload_file(path_or_fileobj=b"1", path_in_repo="app.py", repo_id=repo, repo_type="space")
        runtime = await api.get_space_runtime(repo, token=False)
        assert (runtime.stage, runtime.hardware, runtime.sha) == ("RUNNING", "cpu-basic", commit.oid)
        assert runtime.raw["gcTimeout"] == 172800
        assert (await api.space_info(repo, expand=["runtime"])).runtime == runtime

    play(scenario)


def test_the_card_says_which_file_is_the_app(play):
    async def scenario(side):
        async def stage(repo):
            return (await side.api.get_space_runtime(repo)).stage

        assert await stage(await made(side, "docker", "docker", "Dockerfile")) == "RUNNING"
        assert await stage(await made(side, "other", "docker", "app.py")) == "NO_APP_FILE"
        assert await stage(await made(side, "static", "static", "")) == "RUNNING"
        repo = await made(side, app="main.py")
        assert await stage(repo) == "NO_APP_FILE"
        card = b"---\nsdk: gradio\napp_file: main.py\n---\n"
        await side.api.upload_file(path_or_fileobj=card, path_in_repo="README.md", repo_id=repo, repo_type="space")
        assert await stage(repo) == "RUNNING"
        await side.api.delete_file("README.md", repo, repo_type="space")
        broken = await side.api.get_space_runtime(repo)
        assert (broken.stage, broken.error_message) == (SpaceStage.CONFIG_ERROR, "Missing configuration in README")

    play(scenario)


def test_a_space_is_paused_until_it_is_restarted(play):
    async def scenario(side):
        api, repo = side.api, await made(side)
        paused = await api.pause_space(repo)
        assert (paused.stage, paused.hardware, paused.requested_hardware) == ("PAUSED", None, "cpu-basic")
        assert await api.get_space_runtime(repo) == paused
        assert (await api.restart_space(repo)).stage == SpaceStage.RUNNING
        await api.pause_space(repo)
        assert (await api.restart_space(repo, factory_reboot=True)).stage == "RUNNING"

    play(scenario)


def test_hardware_brings_its_sleep_time(play):
    async def scenario(side):
        api, repo = side.api, await made(side)
        runtime = await api.request_space_hardware(repo, SpaceHardware.T4_MEDIUM)
        assert (runtime.hardware, runtime.requested_hardware, runtime.sleep_time) == ("t4-medium", "t4-medium", None)
        assert (await api.request_space_hardware(repo, "a10g-small", sleep_time=3600)).sleep_time == 3600
        assert (await api.set_space_sleep_time(repo, 60)).sleep_time == 60
        assert (await api.request_space_hardware(repo, "l4x1")).sleep_time == 60, "as nothing else is said"
        assert (await api.set_space_sleep_time(repo, -1)).sleep_time is None
        with pytest.warns(UserWarning, match="48 hours"):
            runtime = await api.request_space_hardware(repo, SpaceHardware.CPU_BASIC, sleep_time=60)
        assert (runtime.hardware, runtime.sleep_time) == ("cpu-basic", 172800)
        with pytest.raises(BadRequestError, match="Cannot change the sleep time for cpu-basic Spaces"):
            await api.set_space_sleep_time(repo, 60)
        with pytest.raises(BadRequestError, match="Unknown hardware: 'abacus'"):
            await api.request_space_hardware(repo, "abacus")
        listed = await api.list_spaces_hardware(token=False)
        assert listed[0].name == SpaceHardware.CPU_BASIC
        assert {one.name for one in listed} <= set(SpaceHardware)

    play(scenario)


def test_storage_grows_until_it_is_deleted(play):
    async def scenario(side):
        api, repo = side.api, await made(side)
        assert (await api.request_space_storage(repo, SpaceStorage.MEDIUM)).storage == SpaceStorage.MEDIUM
        assert (await api.request_space_storage(repo, "large")).storage == "large"
        with pytest.raises(BadRequestError, match="cannot shrink"):
            await api.request_space_storage(repo, "small")
        with pytest.raises(BadRequestError, match="must be one of small, medium, large"):
            await api.request_space_storage(repo, "huge")
        assert (await api.delete_space_storage(repo)).storage is None
        with pytest.raises(BadRequestError, match="no persistent storage"):
            await api.delete_space_storage(repo)
        assert (await api.request_space_storage(repo, "small")).storage == "small"

    play(scenario)


def test_volumes_and_the_development_mode_are_set_as_a_whole(play):
    async def scenario(side):
        api, repo = side.api, await made(side)
        model = Volume(type="model", source="o/m", mount_path="/m", revision="v1")
        bucket = Volume(type="bucket", source="o/b", mount_path="/data", read_only=False)
        assert await api.set_space_volumes(repo, [model, bucket]) is None
        mounted = (await api.get_space_runtime(repo)).volumes
        owners = {volume.configured_by_user_id for volume in mounted}
        assert [attrs.evolve(volume, configured_by_user_id=None) for volume in mounted] == [model, bucket]
        assert len(owners) == 1
        assert None not in owners
        await api.set_space_volumes(repo, [bucket])
        assert [volume.source for volume in (await api.get_space_runtime(repo)).volumes] == ["o/b"]
        await api.delete_space_volumes(repo)
        assert (await api.get_space_runtime(repo)).volumes is None
        with pytest.raises(BadRequestError, match="no volumes"):
            await api.delete_space_volumes(repo)
        for volumes in (
            [],
            [model, model],
            [attrs.evolve(model, mount_path="m")],
            [attrs.evolve(model, type="disk")],
        ):
            with pytest.raises(BadRequestError, match="volume"):
                await api.set_space_volumes(repo, volumes)
        assert (await api.enable_space_dev_mode(repo)).dev_mode is True
        assert (await api.disable_space_dev_mode(repo)).dev_mode is False

    play(scenario)


def test_variables_are_listed_by_key(play):
    async def scenario(side):
        api, repo = side.api, await made(side)
        assert await api.get_space_variables(repo) == {}
        first = await api.add_space_variable(repo, "MODEL_ID", "o/m", description="What it runs")
        assert list(first) == ["MODEL_ID"]
        variable = first["MODEL_ID"]
        assert isinstance(variable, SpaceVariable)
        assert (variable.key, variable.value, variable.description) == ("MODEL_ID", "o/m", "What it runs")
        assert variable.updated_at is not None
        await api.add_space_variable(repo, "x", "")
        both = await api.add_space_variable(repo, "MODEL_ID", "o/n")
        assert [(one.key, one.value, one.description) for one in both.values()] == [
            ("MODEL_ID", "o/n", None),
            ("x", "", None),
        ]
        assert await api.get_space_variables(repo) == both
        assert list(await api.delete_space_variable(repo, "MODEL_ID")) == ["x"]
        assert list(await api.delete_space_variable(repo, "MODEL_ID")) == ["x"], "it need not be there"

    play(scenario)


def test_secrets_are_listed_without_their_values(play):
    async def scenario(side):
        api, repo = side.api, await made(side)
        assert await api.add_space_secret(repo, "API_KEY", "hush", description="For the weather") is None
        await api.add_space_secret(repo, "OTHER", "hush")
        found = await api.get_space_secrets(repo)
        assert list(found) == ["API_KEY", "OTHER"]
        assert isinstance(found["API_KEY"], SpaceSecret)
        assert (found["API_KEY"].key, found["API_KEY"].description) == ("API_KEY", "For the weather")
        assert found["API_KEY"].updated_at is not None
        assert "hush" not in repr(found)
        assert await api.delete_space_secret(repo, "API_KEY") is None
        assert list(await api.get_space_secrets(repo)) == ["OTHER"]
        assert await api.get_space_variables(repo) == {}

    play(scenario)


@pytest.mark.parametrize("key", ["", "1A", "_A", "A-B", "A B", "Ä", "A\n"])
def test_a_key_is_a_name_of_an_environment_variable(play, key):
    async def scenario(side):
        repo = await made(side, app="")
        for add in (side.api.add_space_variable, side.api.add_space_secret):
            with pytest.raises(BadRequestError, match="Invalid key"):
                await add(repo, key, "value")

    play(scenario)


def test_a_space_is_made_with_what_it_is_to_run_on(play):
    async def scenario(side):
        api = side.api
        repo = await made(
            side,
            space_hardware=SpaceHardware.T4_SMALL,
            space_storage=SpaceStorage.SMALL,
            space_sleep_time=600,
            space_secrets=[{"key": "TOKEN", "value": "hush", "description": "of somebody"}],
            space_variables=[{"key": "MODEL", "value": "o/m"}],
        )
        runtime = await api.get_space_runtime(repo)
        assert (runtime.hardware, runtime.storage, runtime.sleep_time) == ("t4-small", "small", 600)
        assert (await api.get_space_secrets(repo))["TOKEN"].description == "of somebody"
        assert (await api.get_space_variables(repo))["MODEL"].value == "o/m"
        with pytest.warns(UserWarning, match="48 hours"):
            free = await made(side, "free", app="", space_hardware="cpu-basic", space_sleep_time=600)
        assert (await api.get_space_runtime(free)).sleep_time == 172800
        for wrong in (
            {"space_hardware": "abacus"},
            {"space_storage": "huge"},
            {"space_sleep_time": 0},
            {"space_secrets": [{"key": "1", "value": ""}]},
            {"space_variables": [{"key": "1", "value": ""}]},
        ):
            with pytest.raises(BadRequestError):
                await made(side, "wrong", **wrong)
        assert not await api.repo_exists(f"{side.hub.user}/wrong", repo_type="space")

    play(scenario)


def test_a_copy_has_the_variables_of_the_original_and_no_secrets(play):
    async def scenario(side):
        api = side.api
        repo = await made(
            side,
            space_hardware="t4-small",
            space_secrets=[{"key": "TOKEN", "value": "hush"}],
            space_variables=[{"key": "MODEL", "value": "o/m"}, {"key": "SIZE", "value": "1"}],
        )
        await api.pause_space(repo)
        url = await api.duplicate_space(
            repo,
            "copy",
            hardware="l4x1",
            storage="small",
            sleep_time=60,
            secrets=[{"key": "MINE", "value": "hush"}],
            variables=[{"key": "SIZE", "value": "2"}],
        )
        copy = await api.get_space_runtime(url.repo_id)
        assert (copy.stage, copy.requested_hardware, copy.storage, copy.sleep_time) == ("PAUSED", "l4x1", "small", 60)
        assert list(await api.get_space_secrets(url.repo_id)) == ["MINE"]
        variables = await api.get_space_variables(url.repo_id)
        assert {key: one.value for key, one in variables.items()} == {"MODEL": "o/m", "SIZE": "2"}
        volume = Volume(type="dataset", source="o/d", mount_path="/d")
        with pytest.warns(UserWarning, match="48 hours"):
            url = await api.duplicate_repo(
                repo,
                "second",
                repo_type="space",
                space_hardware="cpu-basic",
                space_sleep_time=60,
                space_volumes=[volume],
            )
        second = await api.get_space_runtime(url.repo_id)
        assert (second.requested_hardware, second.sleep_time) == ("cpu-basic", 172800)
        assert second.volumes == [volume]

    play(scenario)


def test_a_static_space_always_runs_on_nothing(play):
    async def scenario(side):
        api, repo = side.api, await made(side, sdk="static", app="", space_hardware="t4-small", space_sleep_time=60)
        before = await api.get_space_runtime(repo)
        assert (before.stage, before.hardware, before.requested_hardware) == ("RUNNING", None, None)
        assert before.sleep_time is None
        for method, *arguments in EVERYTHING_THAT_CHANGES:
            with pytest.raises(BadRequestError, match="static Space"):
                await getattr(api, method)(repo, *arguments)
        assert await api.get_space_runtime(repo) == before
        assert list(await api.add_space_variable(repo, "A", "b")) == ["A"]

    play(scenario)


def test_only_who_may_write_changes_a_space_and_sees_its_keys(play):
    async def scenario(side):
        api, repo = side.api, await made(side)
        before = await api.get_space_runtime(repo)
        stranger = side.hub.add_user("stranger")
        await api.create_repo(f"{side.hub.user}/model")
        for method, *arguments in (*EVERYTHING_THAT_CHANGES, *EVERYTHING_ABOUT_KEYS):
            asked = getattr(api, method)
            for token, status in ((stranger, "403"), (side.hub.read_token, "403"), (False, "401")):
                with pytest.raises(HfHubHTTPError, match=status):
                    await asked(repo, *arguments, token=token)
            for missing in (f"{side.hub.user}/nothing", f"{side.hub.user}/model"):
                with pytest.raises(RepositoryNotFoundError):
                    await asked(missing, *arguments)
        with pytest.raises(RepositoryNotFoundError):
            await api.get_space_runtime(f"{side.hub.user}/model")
        assert await api.get_space_runtime(repo, token=stranger) == before
        assert await api.get_space_variables(repo) == {}

    play(scenario)
