"""A request as handlers see it: the caller and their permissions on a repository."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import attrs

from hub_typed.local.accounts.access_requests import access_denied
from hub_typed.local.accounts.accounts import Accounts, Identity
from hub_typed.local.community.collections import Collections
from hub_typed.local.community.discussion_events import Actor
from hub_typed.local.errors import HubResponseError, forbidden, repo_missing, unauthorized
from hub_typed.local.git.http_backend import Backend
from hub_typed.local.git.objects import HEADS, PULLS, TAGS
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed.local.lfs.signed_urls import Signer
from hub_typed.local.lfs.store import LfsStore
from hub_typed.local.repos.store import Repo, Store, known_type
from hub_typed.local.webhooks.events import Event, RepoState, events_between
from hub_typed.local.webhooks.registry import Webhooks
from hub_typed_api import models

__all__ = ["Call"]


@attrs.frozen(kw_only=True)
class Call:
    """Context of a request for handlers.

    Attributes:
        identity: Who sends the request; ``None``, if nobody is logged in.
        now: The Hub's clock.
        page_size: Most items on one page of a list.
    """

    store: Store
    lfs: LfsStore
    accounts: Accounts
    collections: Collections
    signer: Signer
    backend: Backend
    webhooks: Webhooks
    identity: Identity | None
    request: IncomingRequest
    now: Callable[[], datetime]
    page_size: int

    def user(self) -> Identity:
        """User who sends the request.

        Raises:
            HubResponseError: 401, nobody is logged in.
        """
        if self.identity is None:
            raise unauthorized()
        return self.identity

    def writer(self) -> Identity:
        """User who sends the request, with a token that may write.

        Raises:
            HubResponseError: 401, nobody is logged in; 403, the token may only read.
        """
        identity = self.user()
        if not identity.may_write():
            raise forbidden("Forbidden: this token has role read, you need a token with write role.")
        return identity

    def actor(self) -> Actor:
        """User who sends the request, as author of events.

        Raises:
            HubResponseError: 401, nobody is logged in.
        """
        return Actor(self.user().user, self.now())

    def may_read(self, repo: Repo) -> bool:
        """Whether the caller may see a repository."""
        if not repo.facts.private:
            return True
        identity = self.identity
        return (
            identity is not None
            and self.accounts.role_in(repo.namespace, identity) is not None
            and identity.permits("repo.content.read", repo.namespace, repo.repo_id)
        )

    def may_write(self, repo: Repo) -> bool:
        """Whether the caller may change a repository and its settings, and delete it."""
        identity = self.identity
        if identity is None or not identity.permits("repo.write", repo.namespace, repo.repo_id):
            return False
        role = self.accounts.role_in(repo.namespace, identity)
        return role in ("write", "admin") or (role == "contributor" and repo.facts.creator == identity.user.name)

    def may_create_in(self, namespace: str) -> bool:
        """Whether the caller may create a repository in a namespace."""
        identity = self.identity
        if identity is None or not identity.permits("repo.write", namespace):
            return False
        return self.accounts.role_in(namespace, identity) in ("contributor", "write", "admin")

    def access_refusal(self, repo: Repo) -> HubResponseError | None:
        """Why the caller may not read the files of a visible repository; ``None`` if allowed."""
        facts, identity = repo.facts, self.identity
        if facts.gated is False:
            return None
        request = None
        if identity is not None:
            role = self.accounts.role_in(repo.namespace, identity)
            request = repo.access_requests.of(identity.user.name)
            accepted = request is not None and request.status == "accepted"
            if not identity.permits("repo.content.read", repo.namespace, repo.repo_id):
                return forbidden(
                    "Please enable access to public gated repositories in your fine-grained token settings to view "
                    "this repository."
                )
            if accepted or role == "admin" or (role is not None and not facts.org_members_gated):
                return None
        what, page = f"{repo.repo_type} {repo.repo_id}", self.web_url(repo.repo_type, repo.repo_id)
        return access_denied(what, page, request, logged_in=identity is not None)

    def openable(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository whose files the caller may read.

        Raises:
            HubResponseError: Those of `readable`; 401 or 403 GatedRepo, access must be asked for, or was not given.
        """
        repo = self.readable(repo_type, repo_id)
        refusal = self.access_refusal(repo)
        if refusal is not None:
            raise refusal
        return repo

    def readable(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository that the caller may see.

        Raises:
            HubResponseError: 401 or 404, it is not there or private; 307, it has another name now.
        """
        kind = known_type(repo_type)
        repo = self.store.find(kind, repo_id)
        if repo is not None and self.may_read(repo):
            return repo
        moved = None if repo is not None else self.store.moved(kind, repo_id)
        if moved is not None and self.may_read(moved):
            self._redirect(repo_id, moved.repo_id)
        raise repo_missing(logged_in=self.identity is not None)

    def with_discussions(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository whose discussions the caller may read.

        Raises:
            HubResponseError: Those of `readable`; 403, its owner turned discussions off.
        """
        repo = self.readable(repo_type, repo_id)
        if repo.facts.discussions_disabled:
            raise forbidden("Discussions are disabled for this repository")
        return repo

    def discussable(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository that the caller may discuss; seeing it is enough.

        Raises:
            HubResponseError: Those of `with_discussions` and of `writer`; 403, the token is not good for that.
        """
        repo = self.with_discussions(repo_type, repo_id)
        if not self._may_discuss(repo):
            raise forbidden("Forbidden: this token lacks the permission discussion.write")
        return repo

    def interactive(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository that the caller may like or request access to; this needs a token with write permission.

        Raises:
            HubResponseError: Those of `readable` and of `writer`; 403, the token is not good for that.
        """
        self.user()
        repo = self.readable(repo_type, repo_id)
        self.writer()
        if not (self._may_discuss(repo) or self.may_write(repo)):
            raise forbidden("Forbidden: this token lacks the permission discussion.write")
        return repo

    def proposable(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository that the caller may open a pull request for: discuss it and read its files.

        Raises:
            HubResponseError: Those of `discussable` and of `openable`.
        """
        self.discussable(repo_type, repo_id)
        return self.openable(repo_type, repo_id)

    def uploadable(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository that the caller may upload LFS files for, to write or to open a pull request.

        Raises:
            HubResponseError: Those of `openable` and of `writer`; 403, the token is good for neither.
        """
        repo = self.openable(repo_type, repo_id)
        self.writer()
        if not (self.may_write(repo) or self._may_discuss(repo)):
            raise forbidden("Forbidden: this token lacks the permission discussion.write")
        return repo

    def _may_discuss(self, repo: Repo) -> bool:
        return self.writer().permits("discussion.write", repo.namespace, repo.repo_id)

    def writable(self, repo_type: str, repo_id: str, revision: str | None = None) -> Repo:
        """Return a repository that the caller may write to, or whose given revision they may write to.

        Raises:
            HubResponseError: Those of `readable` and of `writer`; 403, it is somebody else's, or a pull request that is closed.
        """
        repo = self.readable(repo_type, repo_id)
        self.writer()
        pull = repo.discussions.find_by_ref(revision) if revision and revision.startswith(PULLS) else None
        if pull is not None and not pull.is_open:
            raise forbidden(f"This pull request is {pull.status}: nothing more can be committed to it")
        if self.may_write(repo) or (revision in self.pushable(repo) and self.access_refusal(repo) is None):
            return repo
        raise forbidden("You have read access but not the required permissions for this operation")

    def pushable(self, repo: Repo) -> list[str]:
        """Return the refs that the caller may push to: full names, and prefixes that end in a slash.

        Raises:
            HubResponseError: Those of `writer`.
        """
        user, owner = self.writer().user, self.may_write(repo)
        unfinished = [one for one in repo.discussions.all() if one.is_open]
        # The user may, but perhaps not by this token.
        author = self._may_discuss(repo)
        pulls = [one.ref for one in unfinished if one.ref and (owner or (author and one.author == user.name))]
        return [HEADS, TAGS, *pulls] if owner else pulls

    @contextmanager
    def writing(self, repo: Repo) -> Generator[GitRepo, None, None]:
        """Lock the git repository for writing; webhooks are notified of the changes at the end."""
        with repo.writing() as git:
            before = RepoState.of(repo) if self.webhooks.has_any() else None
            yield git
            if before is not None:  # told before the next one may write, so that the order is right
                for event in events_between(before, RepoState.of(repo), self.subject(repo), self.account):
                    self.publish(event)

    def change(self, repo: Repo, **changes: Any) -> None:
        """Change the metadata of a repository; webhooks are notified."""
        before, after = repo.facts, repo.change(**changes)
        if after.private != before.private:
            config = {"private": after.private}
            self.publish(Event(action="update", scope="repo.config", repo=self.subject(repo), updated_config=config))

    def publish(self, event: Event) -> None:
        """Notify webhooks of an event. If it ends a repository, resolve the repository before."""
        self.webhooks.publish(event)

    def subject(self, repo: Repo) -> models.WebhookPayloadRepo:
        """Return the repository as events describe it."""
        facts, head = repo.facts, repo.git().branch("main")
        return models.WebhookPayloadRepo(
            type=repo.repo_type,
            name=repo.repo_id,
            id=facts.id,
            private=facts.private,
            url=models.WebhookPayloadUrl(
                web=self.web_url(repo.repo_type, repo.repo_id),
                api=f"{self.request.origin}/api/{repo.repo_type}s/{repo.repo_id}",
            ),
            owner=self.account(repo.namespace),
            head_sha=None if head is None else str(head.id),
        )

    def account(self, name: str) -> models.ObjectId:
        """Return a user or an organization as events describe them."""
        found = self.accounts.user(name) or self.accounts.organization(name)
        # An id there must be, also for a namespace that an admin made things in and nobody owns.
        return models.ObjectId(id=found.id if found else hashlib.sha256(name.encode()).hexdigest()[:24])

    def web_url(self, repo_type: str, repo_id: str) -> str:
        """Return the URL of the page of a repository."""
        prefix = "" if repo_type == "model" else f"{repo_type}s/"
        return f"{self.request.origin}/{prefix}{repo_id}"

    def storage_url(self, method: str, path: str, **claims: object) -> str:
        """Return a signed URL of the LFS storage."""
        return self.request.storage_origin + self.signer.sign(method, path, **claims)

    def _redirect(self, old: str, new: str) -> None:
        target = re.sub(rf"/{re.escape(old)}(?=/|\.git/|$)", f"/{new}", self.request.path, count=1)
        if target == self.request.path:  # the name stands in the body, as that of `delete_repo`
            return
        location = f"{target}?{self.request.query}" if self.request.query else target
        raise HubResponseError(307, f"Temporary Redirect. Redirecting to {location}", headers={"location": location})
