"""What requests for jobs and for scheduled jobs have in common: who may make them, and what they ask for."""

from __future__ import annotations

from typing import Literal

from hub_typed.local.accounts.identity import Identity
from hub_typed.local.errors import bad_request, not_found
from hub_typed.local.jobs.checks import check_job
from hub_typed.local.jobs.job import Creator
from hub_typed.local.request.account_access import authorized
from hub_typed.local.request.call import Call
from hub_typed_api import models

__all__ = ["authorized_for_jobs", "check_spec", "creator_of", "has_labels"]


def authorized_for_jobs(call: Call, namespace: str, right: Literal["read", "write"]) -> Identity:
    """Return the caller, whose token may read or run the jobs of an account.

    Raises:
        HubResponseError: 401, the caller is anonymous; 403, the role or the token lacks the permission; 404, there is
            no such account.
    """
    identity = call.user()
    if call.accounts.user(namespace) is None and call.accounts.organization(namespace) is None:
        raise not_found(f"There is no account {namespace}")
    authorized(call, namespace, right, permission=f"job.{right}", what="jobs")
    return identity


def creator_of(identity: Identity) -> Creator:
    """Return the caller as the creator of a job."""
    return Creator(id=identity.user.id, name=identity.user.name)


def has_labels(spec: models.JobInput, wanted: list[str] | tuple[str, ...]) -> bool:
    """Return whether a job has all labels, each given as ``key=value``."""
    labels = [f"{key}={value}" for key, value in (spec.labels or {}).items()]
    return all(one in labels for one in wanted)


def check_spec(call: Call, spec: models.JobInput) -> None:
    """Check what a job is to do, and that the caller may read the repositories it mounts.

    Raises:
        HubResponseError: 400, it is invalid; 403, 404: a volume cannot be read.
    """
    check_job(spec)
    if spec.space_id is not None:
        call.openable("space", spec.space_id)
    for volume in spec.volumes or ():
        if not volume.mount_path.startswith("/"):
            raise bad_request(f"Invalid mountPath {volume.mount_path!r}: it must start with /")
        if not {".", ".."}.isdisjoint(volume.mount_path.split("/")):
            raise bad_request(f"Invalid mountPath {volume.mount_path!r}: it must not contain '.' and '..'")
        if volume.type in ("model", "dataset", "space"):
            call.openable(volume.type, volume.source)
        elif volume.type == "bucket":
            call.readable_bucket(volume.source)
        else:
            raise bad_request(f"Invalid type of a volume: {volume.type!r}")
