"""Handlers of the settings of Spaces, which the embedded Hub keeps; it runs no Space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import attrs

from hub_typed.local.errors import bad_request
from hub_typed.local.repos.space_settings import STATIC, SpaceSettings, StoredVariable
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import summarize_repo
from hub_typed.local.views.space_runtime import runtime_of
from hub_typed_api.models import SpaceRuntime, SpaceSecretInfo, SpaceVariableInfo, Volume
from hub_typed_api.server.space_settings import SpaceSettingsHandlers

__all__ = ["SettingsOfSpaces"]


class SettingsOfSpaces(SpaceSettingsHandlers[Call]):
    """Handlers of the operations in the area ``space_settings``."""

    def get_space_secrets(self, call: Call, *, repo_id: str) -> dict[str, SpaceSecretInfo]:
        settings = call.writable("space", repo_id).space.get()
        return {
            key: SpaceSecretInfo(description=one.description, updated_at=datetime.fromisoformat(one.updated_at))
            for key, one in settings.secrets.items()
        }

    def add_space_secret(
        self, call: Call, *, repo_id: str, key: str, value: str, description: str | None = None
    ) -> None:
        _change_settings(call, repo_id, lambda now: now.with_secret(key, value, description, call.now()))

    def delete_space_secret(self, call: Call, *, repo_id: str, key: str) -> None:
        _change_settings(call, repo_id, lambda now: now.without_secret(key))

    def get_space_variables(self, call: Call, *, repo_id: str) -> dict[str, SpaceVariableInfo]:
        return _variable_infos(call.writable("space", repo_id).space.get())

    def add_space_variable(
        self, call: Call, *, repo_id: str, key: str, value: str, description: str | None = None
    ) -> dict[str, SpaceVariableInfo]:
        return _variable_infos(
            _change_settings(call, repo_id, lambda now: now.with_variable(key, value, description, call.now()))
        )

    def delete_space_variable(self, call: Call, *, repo_id: str, key: str) -> dict[str, SpaceVariableInfo]:
        return _variable_infos(_change_settings(call, repo_id, lambda now: now.without_variable(key)))

    def request_space_hardware(
        self, call: Call, *, repo_id: str, hardware: str, sleep_time: int | None = None
    ) -> SpaceRuntime:
        return _change_runtime(call, repo_id, lambda now: now.with_hardware(hardware, sleep_time))

    def set_space_sleep_time(self, call: Call, *, repo_id: str, sleep_time: int) -> SpaceRuntime:
        return _change_runtime(call, repo_id, lambda now: now.with_sleep_time(sleep_time))

    def set_space_replicas(self, call: Call, *, repo_id: str, replicas: int) -> None:
        _change_runtime(call, repo_id, lambda now: now.with_replicas(replicas))

    def pause_space(self, call: Call, *, repo_id: str) -> SpaceRuntime:
        return _change_runtime(call, repo_id, lambda now: attrs.evolve(now, paused=True))

    def restart_space(self, call: Call, *, repo_id: str, factory_reboot: bool = False) -> SpaceRuntime:
        return _change_runtime(call, repo_id, lambda now: attrs.evolve(now, paused=False))

    def request_space_storage(self, call: Call, *, repo_id: str, storage: str) -> SpaceRuntime:
        return _change_runtime(call, repo_id, lambda now: now.with_storage(storage))

    def delete_space_storage(self, call: Call, *, repo_id: str) -> SpaceRuntime:
        return _change_runtime(call, repo_id, lambda now: now.without_storage())

    def set_space_dev_mode(self, call: Call, *, repo_id: str, enabled: bool) -> SpaceRuntime:
        return _change_runtime(call, repo_id, lambda now: attrs.evolve(now, dev_mode=enabled))

    def set_space_volumes(self, call: Call, *, repo_id: str, volumes: Sequence[Volume]) -> None:
        user = call.writer().user.id
        mounted = [attrs.evolve(volume, configured_by_user_id=user) for volume in volumes]
        _change_runtime(call, repo_id, lambda now: now.with_volumes(mounted))

    def delete_space_volumes(self, call: Call, *, repo_id: str) -> None:
        _change_runtime(call, repo_id, lambda now: now.without_volumes())


def _change_settings(call: Call, repo_id: str, change: Callable[[SpaceSettings], SpaceSettings]) -> SpaceSettings:
    """Change the settings of a Space under its lock; return the new settings."""
    repo = call.writable("space", repo_id)
    with repo.writing():
        settings = change(repo.space.get())
        repo.space.put(settings)
    return settings


def _change_runtime(call: Call, repo_id: str, change: Callable[[SpaceSettings], SpaceSettings]) -> SpaceRuntime:
    """Change the settings of a Space that is not static; return its runtime."""
    one = summarize_repo(call.writable("space", repo_id), "main")
    if one.card.get("sdk") == STATIC:
        raise bad_request("A static Space is always running and uses no hardware")
    _change_settings(call, repo_id, change)
    return runtime_of(one)


def _variable_infos(settings: SpaceSettings) -> dict[str, SpaceVariableInfo]:
    return {key: _variable_info(one) for key, one in settings.variables.items()}


def _variable_info(stored: StoredVariable) -> SpaceVariableInfo:
    updated_at = datetime.fromisoformat(stored.updated_at)
    return SpaceVariableInfo(value=stored.value or "", description=stored.description, updated_at=updated_at)
