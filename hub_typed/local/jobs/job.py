"""A job as a value: what was asked for, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import attrs

from hub_typed_api import models
from hub_typed_api.codec.jobs import structure_job_input, unstructure_job_input

__all__ = ["FINISHED", "Creator", "Job", "Stage"]

Stage: TypeAlias = Literal["SCHEDULING", "RUNNING", "COMPLETED", "CANCELED", "ERROR"]
FINISHED: Final = ("COMPLETED", "CANCELED", "ERROR")
"""Stages that a job does not leave."""


@attrs.frozen(kw_only=True)
class Creator:
    """The user who started a job or created a schedule."""

    id: str
    name: str


@attrs.frozen(kw_only=True)
class Job:
    """A job.

    Attributes:
        namespace: Name of the account that owns it.
        spec: What was asked for; the values of secrets are in no response.
        initiator: Type and id of what started it.
        message: Reason of the failure.
        failures: Number of attempts that failed.
    """

    id: str
    namespace: str
    spec: models.JobInput = attrs.field(repr=False)
    creator: Creator
    initiator: tuple[str, str]
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    stage: Stage = "SCHEDULING"
    message: str | None = None
    failures: int = 0

    @property
    def image(self) -> str:
        """Name of the Docker image, or of the Space in whose image it runs."""
        return self.spec.docker_image or self.spec.space_id or ""

    @property
    def command(self) -> list[str]:
        """The command with its arguments."""
        return [*(self.spec.command or ()), *(self.spec.arguments or ())]

    @property
    def is_finished(self) -> bool:
        """Whether the job does not run any more."""
        return self.stage in FINISHED

    def to_json(self) -> dict[str, Any]:
        """Return the job as JSON."""
        return {
            **attrs.asdict(self, recurse=False),
            "spec": unstructure_job_input(self.spec),
            "creator": attrs.asdict(self.creator),
            **{name: _text(getattr(self, name)) for name in _TIMES},
        }

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Job:
        """Load a job from JSON."""
        kind, initiator = members["initiator"]
        changed: dict[str, Any] = {
            "spec": structure_job_input(members["spec"]),
            "creator": Creator(**members["creator"]),
            "initiator": (kind, initiator),
            **{name: _time(members[name]) for name in _TIMES},
        }
        return cls(**{**members, **changed})


_TIMES: Final = ("created_at", "started_at", "finished_at")


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
