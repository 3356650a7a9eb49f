"""Handlers of access requests to gated repositories."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from hub_typed.local.accounts.access_requests import AccessRequest, AccessStatus, checked_form_fields, not_gated
from hub_typed.local.accounts.identity import User
from hub_typed.local.cards.card import CardError, card_data
from hub_typed.local.errors import HubResponseError, bad_request, invalid_option, not_found
from hub_typed.local.repos.store import Repo
from hub_typed.local.request.call import Call
from hub_typed_api import models
from hub_typed_api.serve import Answer
from hub_typed_api.server.access import AccessHandlers

__all__ = ["Access"]

_STATUSES: Sequence[AccessStatus] = get_args(AccessStatus)
_MAX_BATCH = 100
_MAX_REASON_LENGTH = 200


class Access(AccessHandlers[Call]):
    """Handlers of the operations in the area ``access``."""

    def list_access_requests(
        self,
        call: Call,
        *,
        repo_id: str,
        status: str,
        repo_type: models.RepoType,
        limit: int | None = None,
        after: datetime | None = None,
        before: datetime | None = None,
        search: str | None = None,
    ) -> Sequence[models.AccessRequest]:
        wanted = _checked_status(status)
        found = _gated_repo(call, repo_type, repo_id).access_requests.all()
        shown = [_request(call, one) for one in found if one.status == wanted]
        return [
            one
            for one in shown
            if (after is None or one.timestamp > after)
            and (before is None or one.timestamp < before)
            and (not search or any(text.startswith(search) for text in (one.username, one.email) if text))
        ]

    def handle_access_request(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        user: str | None,
        user_id: str | None,
        request_id: str | None,
        status: str,
        rejection_reason: str | None,
        reset_reason: str | None,
    ) -> dict[str, Any]:
        wanted, reason = _checked_status(status), _checked_reason(rejection_reason, reset_reason)
        repo = _gated_repo(call, repo_type, repo_id)
        with repo.writing():
            if request_id is not None and user is None and user_id is None:
                found = next((one for one in repo.access_requests.all() if one.id == request_id), None)
            else:
                found = repo.access_requests.of(_find_user(call, user, user_id).name)
            if found is None or found.status == wanted:
                raise _no_such_request()
            _decide(call, repo, found, wanted, reason)
        return {}

    def grant_access(
        self, call: Call, *, repo_id: str, repo_type: models.RepoType, user: str | None, user_id: str | None
    ) -> dict[str, Any]:
        repo = _gated_repo(call, repo_type, repo_id)
        name = _find_user(call, user, user_id).name
        with repo.writing():
            found = repo.access_requests.of(name)
            if found is not None and found.status == "accepted":
                raise bad_request("That user already has access to the repo")
            if found is None:
                found = _new_request(call, name, "pending", unasked=True)
            _decide(call, repo, found, "accepted", None)
        return {}

    def batch_handle_access_requests(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        status: str,
        requests: Sequence[models.AccessRequestTarget],
        rejection_reason: str | None,
        reset_reason: str | None,
    ) -> list[models.AccessRequestOutcome]:
        wanted, reason = _checked_status(status), _checked_reason(rejection_reason, reset_reason)
        if not 1 <= len(requests) <= _MAX_BATCH:
            raise bad_request(f"✖ Invalid input: expected 1 to {_MAX_BATCH} requests\n  → at requests")
        repo = _gated_repo(call, repo_type, repo_id)
        with repo.writing():
            return [_outcome(call, repo, one, wanted, reason) for one in requests]

    def cancel_my_access_request(
        self, call: Call, *, repo_id: str, repo_type: models.RepoType
    ) -> models.AccessRequestWithdrawal:
        repo = call.interactive(repo_type, repo_id)
        name = call.user().user.name
        with repo.writing():
            found = repo.access_requests.of(name)
            if found is None or found.status != "pending":
                raise _no_such_request()
            repo.access_requests.remove(name)
        return models.AccessRequestWithdrawal(ok=True)

    def get_user_access_report(
        self, call: Call, *, repo_id: str, repo_type: models.RepoType
    ) -> list[models.AccessReportEntry]:
        found = _gated_repo(call, repo_type, repo_id).access_requests.all()
        return [_report_entry(call, one) for one in found]

    def ask_access(self, call: Call, *, repo_id: str, repo_type: models.RepoType, members: Mapping[str, Any]) -> Answer:
        repo = call.interactive(repo_type, repo_id)
        name = call.user().user.name
        gated = repo.facts.gated
        if gated is False:
            raise not_gated()
        fields = checked_form_fields(_card_data(repo), members)
        with repo.writing():
            found = repo.access_requests.of(name)
            # A rejected user stays rejected; the response does not show it.
            if found is None or found.status == "reset":
                asked = _new_request(call, name, "accepted" if gated == "auto" else "pending", fields=fields)
                repo.access_requests.put(asked)
        page = call.web_url(repo.repo_type, repo.repo_id)
        headers = {"location": page, "content-type": "text/plain; charset=utf-8"}
        return Answer(status=303, headers=headers, body=f"See Other. Redirecting to {page}".encode())


def _gated_repo(call: Call, repo_type: str, repo_id: str) -> Repo:
    repo = call.writable(repo_type, repo_id)
    if repo.facts.gated is False:
        raise not_gated()
    return repo


def _checked_status(text: str) -> AccessStatus:
    for status in _STATUSES:
        if text == status:
            return status
    raise invalid_option("status", _STATUSES)


def _checked_reason(rejection: str | None, reset: str | None) -> str | None:
    for name, text in (("rejectionReason", rejection), ("resetReason", reset)):
        if text is not None and len(text) > _MAX_REASON_LENGTH:
            raise bad_request(f"✖ Too big: expected string to have <={_MAX_REASON_LENGTH} characters\n  → at {name}")
    return rejection or reset


def _find_user(call: Call, name: str | None, user_id: str | None) -> User:
    """Return the user with this name or id.

    Raises:
        HubResponseError: 400, neither or both are given; 404, there is no such user.
    """
    if (name is None) == (user_id is None):
        raise bad_request("✖ Either userId or user must be provided, but not both")
    found = next((one for one in call.accounts.users() if one.name == name or one.id == user_id), None)
    if found is None:
        raise not_found("User not found")
    return found


def _no_such_request() -> HubResponseError:
    return not_found("No access request found matching your criteria")


def _new_request(
    call: Call, user: str, status: AccessStatus, *, fields: dict[str, Any] | None = None, unasked: bool = False
) -> AccessRequest:
    return AccessRequest(
        id=secrets.token_hex(12),
        user=user,
        status=status,
        asked_at=call.now().isoformat(),
        fields=fields,
        unasked=unasked,
    )


def _decide(call: Call, repo: Repo, request: AccessRequest, status: AccessStatus, reason: str | None) -> None:
    now, reviewer = call.now().isoformat(), call.user().user.name
    repo.access_requests.put(request.with_status(status, by=reviewer, at=now, reason=reason))


def _outcome(
    call: Call, repo: Repo, target: models.AccessRequestTarget, status: AccessStatus, reason: str | None
) -> models.AccessRequestOutcome:
    outcome = models.AccessRequestOutcome(user=target.user, user_id=target.user_id, ok=False)
    try:
        name = _find_user(call, target.user, target.user_id).name
    except HubResponseError as fault:
        if fault.status == 400:
            raise
        outcome.error = "user_not_found"
        return outcome
    found = repo.access_requests.of(name)
    if found is None:
        outcome.error = "request_not_found"
        return outcome
    if found.status != status:
        _decide(call, repo, found, status, reason)
    outcome.ok = True
    return outcome


def _card_data(repo: Repo) -> dict[str, Any]:
    git = repo.git()
    try:
        return card_data(git.text(git.commit_at("main"), "README.md")) or {}
    except CardError:
        return {}


def _request(call: Call, one: AccessRequest) -> models.AccessRequest:
    user = call.accounts.user(one.user)
    return models.AccessRequest(
        request_id=one.id,
        status=one.status,
        timestamp=datetime.fromisoformat(one.asked_at),
        user=None if user is None else _requester(user, one),
        fields=None if one.fields is None else dict(one.fields),
        reviewed_at=_time(one.reviewed_at),
        granted_by=_grantor(call, one),
    )


def _requester(user: User, one: AccessRequest) -> models.User:
    return models.User(
        internal_id=user.id,
        username=user.name,
        fullname=user.fullname,
        avatar_url=user.avatar,
        is_pro=False,
        type="user",
        email=_email(user, one),
    )


def _report_entry(call: Call, one: AccessRequest) -> models.AccessReportEntry:
    user = call.accounts.user(one.user)
    return models.AccessReportEntry(
        username=one.user,
        fullname=one.user if user is None else user.fullname,
        email=_email(user, one),
        status=one.status,
        time=datetime.fromisoformat(one.asked_at),
        reviewed_at=_time(one.reviewed_at),
        granted_by=_grantor(call, one),
        fields=None if one.fields is None else dict(one.fields),
    )


def _grantor(call: Call, one: AccessRequest) -> models.AccessGrantor | None:
    reviewer = call.accounts.user(one.reviewer) if one.reviewer and one.status == "accepted" else None
    if reviewer is None:
        return None
    return models.AccessGrantor(
        internal_id=reviewer.id,
        username=reviewer.name,
        fullname=reviewer.fullname,
        avatar_url=reviewer.avatar,
        is_pro=False,
        type="user",
    )


def _email(user: User | None, one: AccessRequest) -> str | None:
    """Return the e-mail address, which a request shares; ``None`` if access was granted without a request."""
    if one.unasked:
        return None
    return (user and user.email) or f"{one.user}@users.noreply.localhost"


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
