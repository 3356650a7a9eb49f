"""Arguments that name jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from hub_typed.cli.failures import CommandError

__all__ = ["JobId", "Namespace", "split_job_id", "split_job_ids"]

JobId: TypeAlias = Annotated[str, Parameter(help="Id of the job, or namespace/id.")]
Namespace: TypeAlias = Annotated[
    str | None, Parameter(help="User or organization that owns the jobs; the account of the token if not given.")
]


def split_job_id(job_id: str, namespace: str | None) -> tuple[str, str | None]:
    """Return the id and the namespace of a job that is given as ``id`` or ``namespace/id``.

    Raises:
        CommandError: It is neither, or names another namespace than the option.
    """
    owner, separator, last = job_id.rpartition("/")
    if not last or "/" in owner or (separator and not owner):
        raise CommandError(f"{job_id!r} is no job: pass its id, or namespace/id.")
    if separator and namespace not in (None, owner):
        raise CommandError(f"{job_id} is a job of {owner}, but --namespace is {namespace}.")
    return last, owner or namespace


def split_job_ids(job_ids: Sequence[str], namespace: str | None) -> tuple[list[str], str | None]:
    """Return the ids of several jobs and their namespace, as `split_job_id`.

    Raises:
        CommandError: They are not of the same namespace.
    """
    found = [split_job_id(one, namespace) for one in job_ids]
    owners = {owner for _, owner in found}
    if len(owners) > 1:
        raise CommandError(f"The jobs are of several namespaces ({', '.join(map(str, owners))}): pass those of one.")
    return [one for one, _ in found], next(iter(owners), namespace)
