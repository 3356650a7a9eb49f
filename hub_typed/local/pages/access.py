"""Page of the access requests, to accept and reject them."""

from __future__ import annotations

from collections.abc import Iterator

from hub_typed.local.accounts.access_requests import AccessRequest
from hub_typed.local.handlers.access import Access
from hub_typed.local.pages.answers import page, redirect
from hub_typed.local.pages.located import Located
from hub_typed.local.repos.store import REPO_TYPES, known_type
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import is_visible
from hub_typed_api.serve import Answer, Given, required

__all__ = ["decide", "show_access_requests"]


def show_access_requests(call: Call, _given: Given) -> Answer:
    """Show the access requests to the repositories that the caller may change."""
    call.writer()
    return page(call, "access_requests.html", requests=list(_requests(call)))


def decide(call: Call, given: Given) -> Answer:
    """Accept or reject a request."""
    Access().handle_access_request(
        call,
        repo_id=required("repo_id", given.text("repo_id")),
        repo_type=known_type(required("repo_type", given.text("repo_type"))),
        user=None,
        user_id=None,
        request_id=required("id", given.text("id")),
        status=required("status", given.text("status")),
        rejection_reason=None,
        reset_reason=None,
    )
    return redirect("/-/access-requests")


def _requests(call: Call) -> Iterator[tuple[Located, AccessRequest]]:
    for repo in (repo for repo_type in REPO_TYPES for repo in call.store.all(repo_type)):
        if is_visible(call, repo) and call.may_write(repo) and repo.facts.gated is not False:
            located = Located.of(call, repo)
            yield from ((located, request) for request in repo.access_requests.all())
