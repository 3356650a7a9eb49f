"""An operator that brings Spaces into a wanted state: hardware, sleep time, variables and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub_typed import HfApi, RepoUrl, SpaceFlavor, SpaceHardware, SpaceRuntime, SpaceSdk


@dataclass(frozen=True)
class Wanted:
    sdk: SpaceSdk = "docker"
    hardware: SpaceFlavor = SpaceHardware.CPU_BASIC
    sleep_time: int | None = None
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass
class Operator:
    api: HfApi

    def ensure(self, repo_id: str, wanted: Wanted) -> SpaceRuntime:
        url: RepoUrl = self.api.create_repo(repo_id, repo_type="space", space_sdk=wanted.sdk, exist_ok=True)
        name = url.repo_id
        self.set_variables(name, wanted.variables)
        for key, value in wanted.secrets.items():
            self.api.add_space_secret(name, key, value)
        runtime = self.api.get_space_runtime(name)
        if wanted.hardware not in (runtime.hardware, runtime.requested_hardware):
            runtime = self.api.request_space_hardware(name, wanted.hardware, sleep_time=wanted.sleep_time)
        return runtime

    def set_variables(self, repo_id: str, wanted: Mapping[str, str]) -> None:
        current = self.api.get_space_variables(repo_id)
        for key in current.keys() - wanted.keys():
            self.api.delete_space_variable(repo_id, key)
        for key, value in wanted.items():
            if key not in current or current[key].value != value:
                self.api.add_space_variable(repo_id, key, value)

    def pause_all(self, owner: str) -> list[str]:
        """Pause the Spaces of an owner that run on paid hardware."""
        paused: list[str] = []
        for space in self.api.list_spaces(author=owner, sort="likes", expand=["runtime", "sdk"]):
            hardware = space.runtime.hardware if space.runtime else None
            if space.sdk != "static" and hardware not in (None, SpaceHardware.CPU_BASIC):
                self.api.pause_space(space.id)
                paused.append(space.id)
        return paused
