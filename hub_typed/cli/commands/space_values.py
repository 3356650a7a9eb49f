"""``spaces secrets``, ``spaces variables`` and ``spaces volumes``."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from cyclopts import App, Parameter

from hub_typed.cli.assignments import read_assignments
from hub_typed.cli.confirmation import confirm
from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output
from hub_typed.cli.repo_arguments import RepoId
from hub_typed.cli.shared_options import HubOptions, Yes
from hub_typed.cli.space_options import Env, EnvFile, Secrets, SecretsFile
from hub_typed.cli.volumes import Volumes, read_volumes

__all__ = ["secrets", "variables", "volumes"]

secrets: App = App(name="secrets", help="Add, list and delete secrets of a Space.")
variables: App = App(name="variables", help="Add, list and delete public variables of a Space.")
volumes: App = App(name="volumes", help="Mount repositories and buckets into a Space.")

Key: TypeAlias = Annotated[str, Parameter(help="Name of the variable.")]


@secrets.command(name="list", alias="ls")
def list_secrets(repo_id: RepoId, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """List the secrets of a Space; nobody can read their values."""
    with hub.client() as api:
        found = api.get_space_secrets(repo_id)
    output.rows(
        found.values(),
        {
            "key": lambda one: one.key,
            "description": lambda one: one.description,
            "updated": lambda one: one.updated_at,
        },
        id=lambda one: one.key,
    )


@secrets.command(name="add")
def add_secrets(
    repo_id: RepoId,
    /,
    *,
    secrets: Secrets = None,
    secrets_file: SecretsFile = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Add or replace secrets of a Space, which restarts."""
    values = read_assignments(secrets or (), secrets_file, option="--secrets")
    if not values:
        raise CommandError("Say which secrets: --secrets NAME, --secrets NAME=value or --secrets-file PATH.")
    with hub.client() as api:
        for key, value in values.items():
            api.add_space_secret(repo_id, key, value)
    output.done(
        f"Added secrets to {repo_id}: {', '.join(values)}.", id="\n".join(values), repo_id=repo_id, keys=list(values)
    )


@secrets.command(name="delete")
def delete_secret(
    repo_id: RepoId, key: Key, /, *, yes: Yes = False, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """Delete a secret of a Space."""
    confirm(f"delete the secret {key} of the Space {repo_id}", yes=yes)
    with hub.client() as api:
        api.delete_space_secret(repo_id, key)
    output.done(f"Deleted the secret {key} of {repo_id}.", id=key, repo_id=repo_id, key=key)


@variables.command(name="list", alias="ls")
def list_variables(repo_id: RepoId, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """List the public variables of a Space."""
    with hub.client() as api:
        found = api.get_space_variables(repo_id)
    output.rows(
        found.values(),
        {
            "key": lambda one: one.key,
            "value": lambda one: one.value,
            "description": lambda one: one.description,
            "updated": lambda one: one.updated_at,
        },
        id=lambda one: one.key,
    )


@variables.command(name="add")
def add_variables(
    repo_id: RepoId,
    /,
    *,
    env: Env = None,
    env_file: EnvFile = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Add or replace public variables of a Space, which restarts."""
    values = read_assignments(env or (), env_file, option="--env")
    if not values:
        raise CommandError("Say which variables: --env NAME=value or --env-file PATH.")
    with hub.client() as api:
        for key, value in values.items():
            api.add_space_variable(repo_id, key, value)
    output.done(
        f"Added variables to {repo_id}: {', '.join(values)}.", id="\n".join(values), repo_id=repo_id, keys=list(values)
    )


@variables.command(name="delete")
def delete_variable(
    repo_id: RepoId, key: Key, /, *, yes: Yes = False, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """Delete a public variable of a Space."""
    confirm(f"delete the variable {key} of the Space {repo_id}", yes=yes)
    with hub.client() as api:
        api.delete_space_variable(repo_id, key)
    output.done(f"Deleted the variable {key} of {repo_id}.", id=key, repo_id=repo_id, key=key)


@volumes.command(name="list", alias="ls")
def list_volumes(repo_id: RepoId, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """List the volumes that are mounted into a Space."""
    with hub.client() as api:
        found = api.get_space_runtime(repo_id).volumes or []
    output.rows(
        found,
        {
            "mount path": lambda one: one.mount_path,
            "type": lambda one: one.type,
            "source": lambda one: one.source,
            "path": lambda one: one.path,
            "revision": lambda one: one.revision,
            "read only": lambda one: one.read_only,
        },
        id=lambda one: one.mount_path,
    )


@volumes.command(name="set")
def set_volumes(
    repo_id: RepoId,
    /,
    *,
    volume: Volumes = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Replace the volumes of a Space, which restarts."""
    mounted = read_volumes(volume)
    if mounted is None:
        raise CommandError("Say what to mount: --volume hf://datasets/owner/name:/data.")
    with hub.client() as api:
        api.set_space_volumes(repo_id, mounted)
    paths = [one.mount_path for one in mounted]
    output.done(f"Mounted into {repo_id}: {', '.join(paths)}.", id="\n".join(paths), repo_id=repo_id, volumes=mounted)


@volumes.command(name="delete")
def delete_volumes(
    repo_id: RepoId, /, *, yes: Yes = False, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """Unmount all volumes of a Space; what is in them stays."""
    confirm(f"unmount all volumes of the Space {repo_id}", yes=yes)
    with hub.client() as api:
        api.delete_space_volumes(repo_id)
    output.done(f"Unmounted all volumes of {repo_id}.", id=repo_id, repo_id=repo_id)
