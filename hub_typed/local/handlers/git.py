"""Handlers of git over HTTP: clone, fetch and push."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub_typed.local.errors import bad_request, forbidden
from hub_typed.local.git.http_backend import Service
from hub_typed.local.git.objects import PULLS
from hub_typed.local.repos.pull_requests import record_commits
from hub_typed.local.repos.store import PREFIXED_TYPES
from hub_typed.local.request.call import Call
from hub_typed_api.serve import Answer, Given, Route

__all__ = ["GIT_ROUTES", "Git"]


class Git:
    """Handlers of git's HTTP protocol."""

    def info_refs(self, call: Call, *, repo_id: str, repo_type: str, service: str | None) -> Answer:
        """Return the ref advertisement, the first response of a fetch or push."""
        if service == "git-upload-pack":
            return self._fetch(call, repo_id, repo_type, "info/refs")
        if service == "git-receive-pack":
            return self._push(call, repo_id, repo_type, "info/refs")
        raise bad_request("Only git's smart HTTP protocol is supported")

    def upload_pack(self, call: Call, *, repo_id: str, repo_type: str) -> Answer:
        """Return the objects of a fetch."""
        return self._fetch(call, repo_id, repo_type, "git-upload-pack")

    def receive_pack(self, call: Call, *, repo_id: str, repo_type: str) -> Answer:
        """Receive the objects and ref updates of a push."""
        return self._push(call, repo_id, repo_type, "git-receive-pack")

    def _fetch(self, call: Call, repo_id: str, repo_type: str, service: Service) -> Answer:
        return call.backend.fetch(call.request, call.openable(repo_type, repo_id).path, service)

    def _push(self, call: Call, repo_id: str, repo_type: str, service: Service) -> Answer:
        repo = call.openable(repo_type, repo_id)
        refs = call.pushable(repo)
        if not refs:
            raise forbidden("You have read access but not the required permissions for this operation")
        with call.writing(repo) as git:
            before = set(git.refs(PULLS))
            user = call.user().user.name
            uploads = call.lfs.uploads(repo.facts.id, user)
            response = call.backend.push(
                call.request,
                repo.path,
                service,
                user=user,
                refs=refs,
                uploads=uploads,
            )
            record_commits(repo, call.actor(), [ref for ref, _ in set(git.refs(PULLS)) - before])
            return response


def _route(name: str, method: str, path: str, bind: Callable[[Git, Call, Given], Answer]) -> Route[Git, Call]:
    pattern = rf"/(?:(?P<repo_type>{PREFIXED_TYPES})s/)?(?P<repo_id>[^/]+?(?:/[^/]+?)?)(?:\.git)?/{path}"
    return Route(operation=name, method=method, pattern=pattern, body="binary", status=200, media_type="", bind=bind)


def _repository(given: Given) -> dict[str, str]:
    return {"repo_id": given.path["repo_id"], "repo_type": given.path.get("repo_type", "model")}


GIT_ROUTES: tuple[Route[Any, Call], ...] = (
    _route(
        "git.info_refs",
        "GET",
        "info/refs",
        lambda git, call, given: git.info_refs(call, service=given.text("service"), **_repository(given)),
    ),
    _route(
        "git.upload_pack",
        "POST",
        "git-upload-pack",
        lambda git, call, given: git.upload_pack(call, **_repository(given)),
    ),
    _route(
        "git.receive_pack",
        "POST",
        "git-receive-pack",
        lambda git, call, given: git.receive_pack(call, **_repository(given)),
    ),
)
