"""Stages of jobs."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["TERMINAL_JOB_STAGES", "JobStage"]


class JobStage(StrEnum):
    """Stages of a job; responses contain strings, which equal one of these or are newer."""

    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"
    ERROR = "ERROR"
    DELETED = "DELETED"
    SCHEDULING = "SCHEDULING"
    RUNNING = "RUNNING"


TERMINAL_JOB_STAGES: Final = (JobStage.COMPLETED, JobStage.CANCELED, JobStage.ERROR, JobStage.DELETED)
"""Stages that a job does not leave."""
