"""A bot that answers the access requests of a gated repository by the requester's address."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub_typed import AccessRequest, HfApi, HfHubHTTPError

Decision = Callable[[AccessRequest], bool]


@dataclass
class Report:
    accepted: list[str] = field(default_factory=list[str])
    rejected: list[str] = field(default_factory=list[str])
    failed: dict[str, int] = field(default_factory=dict[str, int])
    oldest: datetime | None = None


def works_at(*domains: str) -> Decision:
    def decide(request: AccessRequest) -> bool:
        return request.email is not None and request.email.rpartition("@")[2] in domains

    return decide


def answer_requests(api: HfApi, repo_id: str, decide: Decision, reason: str) -> Report:
    report = Report()
    for request in api.list_pending_access_requests(repo_id):
        user = request.username
        report.oldest = min(report.oldest or request.timestamp, request.timestamp)
        try:
            if decide(request):
                api.accept_access_request(repo_id, user)
                report.accepted.append(user)
            else:
                api.reject_access_request(repo_id, user, rejection_reason=reason)
                report.rejected.append(user)
        except HfHubHTTPError as error:
            report.failed[user] = error.response.status_code
    return report


def waited(report: Report, now: datetime) -> timedelta:
    return timedelta(0) if report.oldest is None else now - report.oldest


def admit(api: HfApi, repo_id: str, users: Iterable[str]) -> set[str]:
    """Grant access to users who have not asked, and return all who have it."""
    for user in users:
        api.grant_access(repo_id, user)
    return {request.username for request in api.list_accepted_access_requests(repo_id)}
