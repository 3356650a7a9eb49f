"""Settings of a Space (hardware, secrets, variables, storage) and its runtime.

No Space is executed: one whose app file exists is reported as running at once, on the requested hardware.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import attrs

from hub_typed.local.errors import bad_request
from hub_typed.local.json_files import read_json, write_json
from hub_typed_api import models
from hub_typed_api.codec.common import structure_volume, unstructure_volume

__all__ = ["STATIC", "SpaceFile", "SpaceSettings", "StoredVariable", "new_settings", "runtime"]

FREE = "cpu-basic"
FREE_SLEEP = 48 * 3600
"""Fixed sleep time of Spaces on free hardware: seconds of idleness before they sleep."""
NEVER = -1
STATIC = "static"
"""SDK of a Space that consists of files only: it needs no hardware, and always runs."""
HARDWARE: tuple[str, ...] = get_args(get_args(models.SpaceFlavor)[0])
STORAGE = ("small", "medium", "large")
VOLUMES = ("bucket", "model", "dataset", "space")
_KEY = re.compile(r"[a-zA-Z][_a-zA-Z0-9]*")


@attrs.frozen(kw_only=True)
class StoredVariable:
    """A stored variable or secret of a Space.

    Attributes:
        updated_at: Time of the last change, in ISO 8601.
        value: Value of a variable; ``None`` for a secret, whose value is not stored, since no app needs it.
    """

    updated_at: str
    value: str | None = None
    description: str | None = None


@attrs.frozen(kw_only=True)
class SpaceSettings:
    """Settings of a Space.

    Attributes:
        sleep_time: Seconds of idleness before it sleeps; ``None`` for never, and for free hardware, which has a fixed
            sleep time.
    """

    paused: bool = False
    hardware: str = FREE
    sleep_time: int | None = None
    storage: str | None = None
    dev_mode: bool = False
    replicas: int = 1
    secrets: Mapping[str, StoredVariable] = attrs.field(factory=dict[str, StoredVariable])
    variables: Mapping[str, StoredVariable] = attrs.field(factory=dict[str, StoredVariable])
    volumes: Sequence[models.Volume] = ()

    def with_hardware(self, hardware: object, sleep_time: object) -> SpaceSettings:
        """Return the settings with other hardware; free hardware has a fixed sleep time.

        Raises:
            HubResponseError: 400, the hardware is unknown, or the sleep time is invalid.
        """
        if hardware not in HARDWARE:
            raise bad_request(f"Unknown hardware: {hardware!r}")
        seconds = self.sleep_time if sleep_time is None else _seconds(sleep_time)
        if hardware == FREE:
            return attrs.evolve(self, hardware=FREE, sleep_time=None, replicas=1)
        return attrs.evolve(self, hardware=hardware, sleep_time=seconds)

    def with_sleep_time(self, sleep_time: object) -> SpaceSettings:
        """Return the settings with a sleep time in seconds.

        Raises:
            HubResponseError: 400, the sleep time is invalid, or fixed because the hardware is free.
        """
        seconds = _seconds(sleep_time)
        if self.hardware == FREE:
            raise bad_request(f"Cannot change the sleep time for {FREE} Spaces")
        return attrs.evolve(self, sleep_time=seconds)

    def with_replicas(self, replicas: int) -> SpaceSettings:
        """Return the settings with this number of replicas.

        Raises:
            HubResponseError: 400, there must be at least one, and just one on free hardware.
        """
        if replicas < 1:
            raise bad_request("A Space has at least one replica: pause it if it is to stop")
        if replicas > 1 and self.hardware == FREE:
            raise bad_request(f"A Space on {FREE} has one replica: request other hardware first")
        return attrs.evolve(self, replicas=replicas)

    def with_storage(self, storage: object) -> SpaceSettings:
        """Return the settings with storage of this size.

        Raises:
            HubResponseError: 400, the size is unknown, or smaller than the current one.
        """
        if storage not in STORAGE:
            raise bad_request(f"Unknown storage: {storage!r}, it must be one of {', '.join(STORAGE)}")
        if self.storage is not None and STORAGE.index(storage) < STORAGE.index(self.storage):
            raise bad_request(f"Storage cannot shrink from {self.storage} to {storage}: delete it first")
        return attrs.evolve(self, storage=storage)

    def without_storage(self) -> SpaceSettings:
        """Return the settings without storage.

        Raises:
            HubResponseError: 400, the Space has no storage.
        """
        if self.storage is None:
            raise bad_request("This Space has no persistent storage")
        return attrs.evolve(self, storage=None)

    def with_volumes(self, volumes: Sequence[models.Volume]) -> SpaceSettings:
        """Return the settings with these volumes.

        Raises:
            HubResponseError: 400, the list is empty, or a volume is invalid.
        """
        if not volumes:
            raise bad_request("At least one volume is required; to remove all volumes, delete them")
        for one in volumes:
            _check_volume(one)
        if len({one.mount_path for one in volumes}) < len(volumes):
            raise bad_request("Two volumes cannot have the same mount path")
        return attrs.evolve(self, volumes=volumes)

    def without_volumes(self) -> SpaceSettings:
        """Return the settings without volumes.

        Raises:
            HubResponseError: 400, the Space has no volumes.
        """
        if not self.volumes:
            raise bad_request("This Space has no volumes")
        return attrs.evolve(self, volumes=())

    def with_secret(self, key: str, value: object, description: str | None, at: datetime) -> SpaceSettings:
        """Return the settings with a secret added or replaced; its value is not stored.

        Raises:
            HubResponseError: 400, the key, value or description is invalid.
        """
        secret = attrs.evolve(_stored_variable(key, value, description, at), value=None)
        return attrs.evolve(self, secrets={**self.secrets, key: secret})

    def with_variable(self, key: str, value: object, description: str | None, at: datetime) -> SpaceSettings:
        """Return the settings with a variable added or replaced.

        Raises:
            HubResponseError: 400, the key, value or description is invalid.
        """
        return attrs.evolve(self, variables={**self.variables, key: _stored_variable(key, value, description, at)})

    def without_secret(self, key: str) -> SpaceSettings:
        """Return the settings without a secret."""
        return attrs.evolve(self, secrets=_without(self.secrets, key))

    def without_variable(self, key: str) -> SpaceSettings:
        """Return the settings without a variable."""
        return attrs.evolve(self, variables=_without(self.variables, key))


def _seconds(sleep_time: object) -> int | None:
    if type(sleep_time) is not int or (sleep_time != NEVER and sleep_time <= 0):
        raise bad_request(f"Invalid sleep time: {sleep_time!r}, it must be a number of seconds, or {NEVER} for never")
    return None if sleep_time == NEVER else sleep_time


def _stored_variable(key: object, value: object, description: object, at: datetime) -> StoredVariable:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise bad_request(f"Invalid key: {key!r}, it must be a letter, then letters, digits and _")
    if not isinstance(value, str):
        raise bad_request(f"The value of {key} must be a text")
    if not isinstance(description, str | None):
        raise bad_request(f"The description of {key} must be a text")
    return StoredVariable(value=value, description=description, updated_at=at.isoformat())


def _check_volume(volume: models.Volume) -> None:
    members = unstructure_volume(volume)
    read_only = members.pop("readOnly", False)
    if not isinstance(read_only, bool) or not all(isinstance(value, str) for value in members.values()):
        raise bad_request("The members of a volume must be texts, except readOnly, which must be true or false")
    if volume.type not in VOLUMES:
        raise bad_request(f"Invalid type of a volume: {volume.type!r}, it must be one of {', '.join(VOLUMES)}")
    if not volume.mount_path.startswith("/"):
        raise bad_request(f"The mount path {volume.mount_path!r} of a volume must start with a slash")


def _without(variables: Mapping[str, StoredVariable], key: str) -> dict[str, StoredVariable]:
    return {name: variable for name, variable in variables.items() if name != key}


class SpaceFile:
    """File with the settings of one Space. Writers must hold the lock of the repository."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self) -> SpaceSettings:
        """Read the settings; return the defaults if the file does not exist."""
        stored: dict[str, Any] = read_json(self._file, {})
        for name in ("secrets", "variables"):
            stored[name] = {key: StoredVariable(**variable) for key, variable in stored.get(name, {}).items()}
        stored["volumes"] = [structure_volume(volume) for volume in stored.get("volumes", ())]
        return SpaceSettings(**stored)

    def put(self, settings: SpaceSettings) -> None:
        """Write the settings."""
        volumes = [unstructure_volume(volume) for volume in settings.volumes]
        write_json(self._file, {**attrs.asdict(settings), "volumes": volumes})


def new_settings(
    at: datetime,
    *,
    hardware: str | None,
    storage: str | None,
    sleep_time: int | None,
    secrets: Iterable[models.SpaceSecretInput] | None,
    variables: Iterable[models.SpaceVariableInput] | None,
    volumes: Sequence[models.Volume] | None = None,
    like: SpaceSettings | None = None,
) -> SpaceSettings:
    """Return the settings of a new Space.

    Args:
        at: Time of the change, for the secrets and variables.
        like: Settings of the Space to copy; variables and the paused state are taken from them.

    Raises:
        HubResponseError: 400, a setting is invalid.
    """
    settings = SpaceSettings()
    if like is not None:
        settings = SpaceSettings(paused=like.paused, variables=like.variables)
    settings = settings.with_hardware(hardware or FREE, sleep_time)
    if storage is not None:
        settings = settings.with_storage(storage)
    if volumes is not None:
        settings = settings.with_volumes(volumes)
    for secret in secrets or ():
        settings = settings.with_secret(secret.key, secret.value, secret.description, at)
    for variable in variables or ():
        settings = settings.with_variable(variable.key, variable.value, variable.description, at)
    return settings


def runtime(settings: SpaceSettings, card: Mapping[str, Any], files: Collection[str], sha: str) -> models.SpaceRuntime:
    """Return the runtime of a Space.

    Args:
        card: Front matter of its README.
        files: Paths of its files.
        sha: Commit of these files.
    """
    stage = _stage(settings, card, files)
    running = stage == "RUNNING"
    hardware = None if card.get("sdk") == STATIC else settings.hardware
    return models.SpaceRuntime(
        stage=stage,
        hardware_info=models.SpaceHardwareInfo(current=hardware if running else None, requested=hardware),
        replicas=models.SpaceReplicas(current=settings.replicas if running else None, requested=settings.replicas),
        sleep_time={None: None, FREE: FREE_SLEEP}.get(hardware, settings.sleep_time),
        storage=settings.storage,
        volumes=list(settings.volumes) or None,
        dev_mode=settings.dev_mode,
        error_message="Missing configuration in README" if stage == "CONFIG_ERROR" else None,
        sha=sha if running else None,
    )


def _stage(settings: SpaceSettings, card: Mapping[str, Any], files: Collection[str]) -> str:
    if settings.paused:
        return "PAUSED"
    if "sdk" not in card:
        return "CONFIG_ERROR"
    app = "Dockerfile" if card["sdk"] == "docker" else str(card.get("app_file", "app.py"))
    return "RUNNING" if card["sdk"] == STATIC or app in files else "NO_APP_FILE"
